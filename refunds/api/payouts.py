"""Payment files for a bank, and another account for a payout."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, OneFormat
from accounts.wire import Nothing, Out, PageQuery, Strict, Text, Uid, page_of, query, read
from customers import money
from refunds.actions.change_payout import change_payout
from refunds.actions.payout_files import MOST, cancel_payout_file, make_payout_file, pay_payout_file
from refunds.api.approvals import find_reimbursement
from refunds.api.operations import READ, WRITE, answer
from refunds.api.shapes import PayoutIn, ReimbursementOut
from refunds.doors import download
from refunds.models import PayoutFile, Refund
from refunds.queries import find_payout_file, shop_of_call, visible_payout_files


class PayoutFileIn(Strict):
    """Which refunds to pay, in which format, on which day; today unless given."""

    shop = Text(max_length=40, required=False)
    format = serializers.ChoiceField(choices=PayoutFile.Format.choices)
    refunds = serializers.ListField(child=Uid(), min_length=1, max_length=MOST)
    pay_on = serializers.DateField(required=False, allow_null=True)


class PayoutPaidIn(Strict):
    """What the bank refused; nothing unless given."""

    not_paid = serializers.ListField(child=Uid(), required=False, max_length=MOST)


class PayoutFileQuery(PageQuery):
    """Which payment files to list."""

    status = serializers.ChoiceField(choices=PayoutFile.State.choices, required=False)


class PayoutFileOut(Out):
    """A payment file without the accounts in it."""

    id = serializers.UUIDField()
    shop = serializers.CharField()
    format = serializers.ChoiceField(choices=PayoutFile.Format.choices)
    status = serializers.ChoiceField(choices=PayoutFile.State.choices)
    currency = serializers.CharField()
    count = serializers.IntegerField()
    total = serializers.CharField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_blank=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class OnePayoutFileOut(PayoutFileOut):
    """A payment file with the refunds in it."""

    refunds = serializers.ListField(child=serializers.UUIDField())


def present_file(file: PayoutFile) -> dict[str, Any]:
    """A payment file in a list."""
    return {
        "id": str(file.uid),
        "shop": file.shop.code,
        "format": file.format,
        "status": file.state,
        "currency": file.currency,
        "count": file.count,
        "total": money.to_text(file.total, file.currency),
        "created_at": file.created_at,
        "created_by": file.created_by_name,
        "closed_at": file.closed_at,
    }


def present_whole(file: PayoutFile) -> dict[str, Any]:
    """A payment file with its refunds."""
    refunds = Refund.objects.filter(payout_file=file).order_by("pk").values_list("uid", flat=True)
    return present_file(file) | {"refunds": [str(uid) for uid in refunds]}


class PayoutFiles(Endpoint):
    """The payment files."""

    scopes: ClassVar = {"GET": READ, "POST": WRITE}

    @extend_schema(parameters=[PayoutFileQuery], responses=page_of(PayoutFileOut))
    def get(self, request: Request) -> Response:
        """List payment files, newest first."""
        wanted = query(PayoutFileQuery, request.query_params)
        rows = visible_payout_files(self.actor).order_by("-id")
        if "status" in wanted:
            rows = rows.filter(state=wanted["status"])
        return self.page(rows, present_file)

    @extend_schema(request=PayoutFileIn, responses={201: OnePayoutFileOut})
    def post(self, request: Request) -> Response:
        """Make a payment file of refunds that wait to be paid by hand; each is in at most one that was not given up."""
        body = read(PayoutFileIn, request.data)
        shop = shop_of_call(body.get("shop"), self.actor)
        file = make_payout_file(
            shop, body["refunds"], format=body["format"], pay_on=body.get("pay_on"), actor=self.actor
        )
        return Response(present_whole(file), status=201)


class OnePayoutFile(Endpoint):
    """A payment file."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=OnePayoutFileOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Read a payment file; what is in it for the bank is at /content."""
        return Response(present_whole(find_payout_file(uid, self.actor)))


class PayoutContent(Endpoint):
    """What goes to the bank."""

    scopes: ClassVar = {"GET": WRITE}
    content_negotiation_class = OneFormat

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, uid: uuid.UUID) -> HttpResponse:
        """Download the file for the bank; once it was paid or given up, the accounts in it are gone."""
        return download(find_payout_file(uid, self.actor))


class PayPayoutFile(Endpoint):
    """The bank has paid."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=PayoutPaidIn, responses=OnePayoutFileOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Mark every refund of the file as paid, but those that the bank refused."""
        body = read(PayoutPaidIn, request.data)
        file = pay_payout_file(find_payout_file(uid, self.actor), actor=self.actor, not_paid=body.get("not_paid", ()))
        return Response(present_whole(file))


class CancelPayoutFile(Endpoint):
    """The bank never got it."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=Nothing, responses=OnePayoutFileOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Give the file up; its refunds can go into another one."""
        read(Nothing, request.data)
        return Response(present_whole(cancel_payout_file(find_payout_file(uid, self.actor), actor=self.actor)))


class ChangePayout(Endpoint):
    """Another account."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=PayoutIn, responses=ReimbursementOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Give the customer's account, or another one, which then needs a second person before anything is paid."""
        body = read(PayoutIn, request.data)
        row = change_payout(find_reimbursement(uid, self.actor), body, actor=self.actor)
        return Response(answer(row))
