"""Store credit over the API: issue, read, spend, give back, void."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.problems import Forbidden
from accounts.wire import Nothing, PageQuery, page_of, query, read
from refunds.actions import credit as credits
from refunds.actions import redeem
from refunds.api import credits_shapes as shapes
from refunds.api.credits_present import minor, present_credit, present_entry, present_redemption
from refunds.models import StoreCredit, StoreCreditEntry
from refunds.queries import find_credit, shop_of_call

READ, WRITE = "refunds:read", "refunds:write"


class StoreCredits(Endpoint):
    """Store credit."""

    scopes: ClassVar = {"GET": READ, "POST": WRITE}

    @extend_schema(parameters=[shapes.CreditQuery], responses=page_of(shapes.StoreCreditOut))
    def get(self, request: Request) -> Response:
        """List store credit, newest first; of one person with `email`."""
        wanted = query(shapes.CreditQuery, request.query_params)
        rows = StoreCredit.objects.visible_to(self.actor).select_related("shop", "customer").order_by("-id")
        return self.page(rows.of_person(wanted["email"]) if "email" in wanted else rows, present_credit)

    @extend_schema(request=shapes.StoreCreditIn, responses={201: shapes.StoreCreditOut})
    def post(self, request: Request) -> Response:
        """Issue store credit by hand; above the policy's limit it waits for a second person."""
        body = read(shapes.StoreCreditIn, request.data)
        if self.actor.channels:
            raise Forbidden(_("A key for some channels cannot issue store credit by hand: it belongs to no channel."))
        made = credits.grant_store_credit(
            shop_of_call(body.get("shop"), self.actor),
            minor(body["amount"], body["currency"]),
            body["currency"],
            actor=self.actor,
            reason=body["reason"],
            email=body.get("email") or "",
            expires_on=body.get("expires_on"),
        )
        return Response(present_credit(find_credit(made.code, self.actor)), status=201)


class OneStoreCredit(Endpoint):
    """A balance under a code."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=shapes.StoreCreditOut)
    def get(self, request: Request, code: str) -> Response:
        """Read a store credit."""
        return Response(present_credit(find_credit(code, self.actor)))


class CreditEntries(Endpoint):
    """The ledger of a store credit."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(parameters=[PageQuery], responses=page_of(shapes.CreditEntryOut))
    def get(self, request: Request, code: str) -> Response:
        """List every line, oldest first; the amounts add up to the balance."""
        query(PageQuery, request.query_params)
        credit = find_credit(code, self.actor)
        rows = StoreCreditEntry.objects.filter(credit=credit).select_related("credit")
        return self.page(rows.order_by("id"), present_entry)


class Redemptions(Endpoint):
    """What was spent of a store credit."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.RedemptionIn, responses={200: shapes.RedemptionOut, 201: shapes.RedemptionOut})
    def post(self, request: Request, code: str) -> Response:
        """Spend some of it under your own reference: 201 new, 200 the same one again."""
        body = read(shapes.RedemptionIn, request.data)
        credit = find_credit(code, self.actor)
        entry, new = redeem.redeem_store_credit(
            credit,
            minor(body["amount"], credit.currency),
            reference=body["reference"],
            currency=body.get("currency"),
            actor=self.actor,
        )
        return Response(present_redemption(entry), status=201 if new else 200)


class ReverseRedemption(Endpoint):
    """A redemption taken back."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=Nothing, responses=shapes.RedemptionOut)
    def post(self, request: Request, code: str, reference: str) -> Response:
        """Put a whole redemption back; asking twice changes nothing."""
        read(Nothing, request.data)
        entry = redeem.reverse_redemption(find_credit(code, self.actor), reference, actor=self.actor)
        return Response(present_redemption(entry))


class VoidCredit(Endpoint):
    """A store credit taken out of use."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.VoidCreditIn, responses=shapes.StoreCreditOut)
    def post(self, request: Request, code: str) -> Response:
        """Take it out of use with what is left on it, for a reason."""
        body = read(shapes.VoidCreditIn, request.data)
        credit = credits.void_store_credit(find_credit(code, self.actor), actor=self.actor, reason=body["reason"])
        return Response(present_credit(credit))


class ApproveCredit(Endpoint):
    """Store credit that waits for a second person."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=Nothing, responses=shapes.StoreCreditOut)
    def post(self, request: Request, code: str) -> Response:
        """Say yes as the second person: somebody who may, and who did not ask for it."""
        read(Nothing, request.data)
        credit = credits.approve_store_credit(find_credit(code, self.actor), actor=self.actor)
        return Response(present_credit(credit))


class CashOut(Endpoint):
    """The small change of a store credit."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.CashOutIn, responses=shapes.StoreCreditOut)
    def post(self, request: Request, code: str) -> Response:
        """Say that the small rest was paid in cash, where the law wants that."""
        body = read(shapes.CashOutIn, request.data)
        credit = find_credit(code, self.actor)
        paid = redeem.pay_small_change(credit, actor=self.actor, reference=body.get("reference") or "")
        return Response(present_credit(paid))
