"""Statements of withdrawal: taking one in, reading what became of it, and its proof."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.endpoints import Endpoint, OneFormat
from accounts.problems import NotFound
from accounts.wire import read
from customers.models import Order, Shop
from returns.actions.withdrawals import Statement, find_candidate, note_seen, proof_of, receive_withdrawal
from returns.actions.withdrawals.statement import clean_ref
from returns.api.withdrawals_shapes import ProofOut, WithdrawalIn, WithdrawalOut
from returns.documents import instant
from returns.models import Withdrawal
from returns.printing import proof_pdf

READ, WRITE = "returns:read", "returns:write"


def find_withdrawal(ref: str, actor: Actor) -> Withdrawal:
    """The statement with this reference that the actor may see. Raises NotFound, alike for none and another's."""
    rows = Withdrawal.objects.visible_to(actor).select_related("shop", "order__channel", "rma")
    found = rows.filter(ref=clean_ref(ref)).first()
    if found is None:
        raise NotFound(_("There is no such statement, or it is not yours to see."))
    return found


def shop_of(actor: Actor, order: Order | None) -> Shop:
    """Whom a statement was made to: the order's shop, else the one the actor is bound to, else the main one."""
    if order is not None:
        return order.shop
    rows = Shop.objects.order_by("pk")
    bound = rows.filter(code__in=actor.shops) if actor.shops else rows.filter(channels__code__in=actor.channels)
    return bound.first() or rows.filter(code="main").first() or rows[0]


def withdrawal_document(row: Withdrawal) -> dict[str, Any]:
    """A statement as the API shows it; the identity number is never among it."""
    order, base = row.order, f"{settings.BASE_URL}/api/v1/withdrawals/{row.ref}"
    ack = row.ack
    known = {"id": str(order.uid), "channel": order.channel.code, "number": order.number} if order else None
    return {
        "ref": row.ref,
        "received_at": instant(row.received_at),
        "law": row.law,
        "channel": row.channel,
        "name": row.name,
        "contract": row.contract,
        "acknowledge_to": row.means,
        "items": row.scope or None,
        "locale": row.locale,
        "statement": row.statement,
        "dispatched_at": instant(row.dispatched_at),
        "acknowledgement": {
            "status": row.ack_state,
            "to": row.ack_to,
            "subject": ack["subject"],
            "text": "\n".join([ack["intro"], *ack["lines"], *ack["after"], ack["fingerprint"]]),
            "sha256": row.ack_sha256,
            "sent_at": instant(row.ack_sent_at),
        },
        "matched_order": known,
        "return": row.rma.code if row.rma else None,
        "verdict": row.verdict or None,
        "evaluation": row.evaluation or None,
        "left_out": row.left_out,
        "decision": row.decision or None,
        "proof": f"{base}/proof",
    }


class Withdrawals(Endpoint):
    """Statements of withdrawal."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=WithdrawalIn, responses={201: WithdrawalOut})
    def post(self, request: Request) -> Response:
        """Take a statement in. It is valid whether or not the order is known; it is acknowledged in any case."""
        body = read(WithdrawalIn, request.data)
        said = Statement(
            name=body["name"],
            contract=body["contract"],
            means=body["acknowledge_to"],
            items=tuple(body.get("items") or ()),
            law=body.get("law") or "",
            locale=body.get("locale") or "en",
            channel=body.get("channel", Withdrawal.Channel.API),
            id_number=body.get("id_number") or "",
            dispatched_at=body.get("dispatched_at"),
        )
        order = find_candidate(said, rows=Order.objects.visible_to(self.actor), by_name=True)
        row = receive_withdrawal(said, shop=shop_of(self.actor, order), actor=self.actor, order=order)
        return Response(withdrawal_document(row), status=201)


class OneWithdrawal(Endpoint):
    """A statement of withdrawal."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=WithdrawalOut)
    def get(self, request: Request, ref: str) -> Response:
        """Read a statement and what became of it."""
        return Response(withdrawal_document(find_withdrawal(ref, self.actor)))


class WithdrawalProof(Endpoint):
    """The proof of a statement."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=ProofOut)
    def get(self, request: Request, ref: str) -> Response:
        """Read the proof bundle: what was said, what we wrote, and the chained log, for a stranger to check."""
        row = find_withdrawal(ref, self.actor)
        note_seen(row, "proof", actor=self.actor)
        return Response(proof_of(row))


class WithdrawalProofPdf(Endpoint):
    """The proof of a statement on paper."""

    scopes: ClassVar = {"GET": READ}
    content_negotiation_class = OneFormat

    @extend_schema(operation_id="withdrawals_proof_pdf", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, ref: str) -> HttpResponse:
        """The proof bundle as PDF."""
        row = find_withdrawal(ref, self.actor)
        note_seen(row, "proof", actor=self.actor)
        answer = HttpResponse(proof_pdf(row, proof_of(row)), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{row.ref}-proof.pdf"'
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
