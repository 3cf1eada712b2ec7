"""Paying in another way what a gateway refused."""

from __future__ import annotations

import uuid
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.wire import Strict, read
from refunds.actions.money import OTHERWISE, pay_otherwise
from refunds.api.operations import WRITE, find_refund
from refunds.api.shapes import PayoutIn, RefundOut
from refunds.documents import refund_document, refund_row


class OtherwiseIn(Strict):
    """The other way, and the account where it needs one."""

    tender = serializers.ChoiceField(choices=list(OTHERWISE))
    payout = PayoutIn(required=False, allow_null=True)


class PayOtherwise(Endpoint):
    """A failed refund, in another way."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=OtherwiseIn, responses={201: RefundOut})
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Pay what a gateway refused by bank transfer, in cash or as store credit; answers the refund in its place."""
        found = find_refund(uid, self.actor)
        body = read(OtherwiseIn, request.data)
        other = pay_otherwise(found, tender=body["tender"], payout=body.get("payout"), actor=self.actor)
        return Response(refund_document(refund_row(other)), status=201)
