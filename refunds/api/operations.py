"""Preview, reimburse, mark paid, and what is left."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.problems import NotFound
from accounts.wire import Nothing, read
from customers import money
from customers.models import Order
from refunds import actions
from refunds.actions import Wish
from refunds.actions.by_exchange import preview_by_exchange, reimburse_by_exchange
from refunds.actions.exchange_money import TENDER as EXCHANGE
from refunds.api import shapes
from refunds.documents import (
    draft_row,
    refund_document,
    refund_row,
    reimbursement_document,
    reimbursement_fields,
)
from refunds.models import Refund, Reimbursement
from returns.documents import JSONList
from returns.queries import find_return

READ, WRITE = "refunds:read", "refunds:write"


def wish_of(body: dict[str, Any]) -> Wish:
    """The wish of a body; null and left out are the same."""
    return Wish(**{name: value for name, value in body.items() if value is not None})


def answer(row: Reimbursement) -> dict[str, Any]:
    """A stored reimbursement as the API shows it, in one statement."""
    fields = {name: value for name, value in reimbursement_fields().items() if isinstance(value, JSONList)}
    found = Reimbursement.objects.filter(pk=row.pk).annotate(**{f"doc_{n}": v for n, v in fields.items()}).get()
    document = {name: getattr(found, f"doc_{name}" if name in fields else name) for name in reimbursement_fields()}
    return reimbursement_document(document)


class Preview(Endpoint):
    """What a reimbursement would be."""

    scopes: ClassVar = {"POST": "refunds:read"}

    @extend_schema(request=shapes.ReimbursementIn, responses=shapes.ReimbursementOut)
    def post(self, request: Request, rma: str) -> Response:
        """Preview a reimbursement by the calculator that performs it; nothing is written."""
        body = read(shapes.ReimbursementIn, request.data)
        wish = wish_of(body)
        work = preview_by_exchange if wish.tender == EXCHANGE else actions.preview
        row = work(find_return(rma, self.actor), wish)
        return Response(reimbursement_document(draft_row(row)))


class Reimbursements(Endpoint):
    """The reimbursements of a return."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(
        request=shapes.ReimbursementIn, responses={200: shapes.ReimbursementOut, 201: shapes.ReimbursementOut}
    )
    def post(self, request: Request, rma: str) -> Response:
        """Decide and pay: 201 new, 200 the existing one when the same is asked again."""
        body = read(shapes.ReimbursementIn, request.data)
        wish = wish_of(body)
        work = reimburse_by_exchange if wish.tender == EXCHANGE else actions.reimburse_return
        row, new = work(find_return(rma, self.actor), wish, actor=self.actor)
        return Response(answer(row), status=201 if new else 200)


class OneReimbursement(Endpoint):
    """A reimbursement."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=shapes.ReimbursementOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Read a reimbursement."""
        orders = Order.objects.visible_to(self.actor)
        row = Reimbursement.objects.filter(uid=uid, order__in=orders).first()
        if row is None:
            raise NotFound(_("There is no such reimbursement, or it is not yours to see."))
        return Response(answer(row))


def find_refund(uid: uuid.UUID, actor: Any) -> Refund:
    """The refund, if the actor may see its order. Raises NotFound."""
    rows = Refund.objects.select_related("payment", "reimbursement")
    found = rows.filter(uid=uid, reimbursement__order__in=Order.objects.visible_to(actor)).first()
    if found is None:
        raise NotFound(_("There is no such refund, or it is not yours to see."))
    return found


class OneRefund(Endpoint):
    """A refund."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=shapes.RefundOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Read a refund."""
        return Response(refund_document(refund_row(find_refund(uid, self.actor))))


class MarkPaid(Endpoint):
    """Paid by hand."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.PaidIn, responses=shapes.RefundOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Say that a refund was paid by hand; saying it twice changes nothing."""
        body = read(shapes.PaidIn, request.data)
        found = find_refund(uid, self.actor)
        paid = actions.mark_paid(found, actor=self.actor, reference=body.get("reference", ""))
        return Response(refund_document(refund_row(paid)))


class Retry(Endpoint):
    """A failed refund, again."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=Nothing, responses=shapes.RefundOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Try a failed refund again, as a new attempt of the same row."""
        read(Nothing, request.data)
        return Response(
            refund_document(refund_row(actions.retry_refund(find_refund(uid, self.actor), actor=self.actor)))
        )


class Refundable(Endpoint):
    """What is left of an order."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=shapes.RefundableOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Say what is left to give back: whole, by line, by delivery charge, by payment."""
        order = Order.objects.visible_to(self.actor).filter(uid=uid).first()
        if order is None:
            raise NotFound(_("There is no such order, or it is not yours to see."))
        left = actions.refundable(order)

        def text(amount: int) -> str:
            return money.to_text(amount, order.currency)

        return Response(
            {
                "currency": order.currency,
                "order": text(left["order"]),
                "lines": [{"line": line, "quantity": n, "amount": text(amount)} for line, n, amount in left["lines"]],
                "shipping": [{"id": name, "amount": text(amount)} for name, amount in left["shipping"]],
                "payments": [{"id": name, "amount": text(amount)} for name, amount in left["payments"]],
            }
        )
