"""Taking back store credit of a return: what is unspent is voided, what was spent stays a claim for a person."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid, WrongState
from customers import money
from refunds.actions.book import book
from refunds.actions.breaks import Kind, open_break
from refunds.actions.ledger import face_value, is_over, lock_credit, post, tell
from refunds.actions.load import load_order
from refunds.actions.rows import Rows
from refunds.models import Reimbursement, ReimbursementLine, StoreCredit
from returns import events
from returns.lifecycle import move
from returns.models import Return
from returns.models.rma import Status

RState = Reimbursement.State
CREDIT = "store_credit"


def can_take_back(row: Reimbursement) -> bool:
    """Whether a reimbursement went into store credit for goods, and nobody took it back; ended credit stays ended."""
    credit: StoreCredit | None = getattr(row, "store_credit", None)
    if row.rma_id is None or row.kind != Reimbursement.Kind.RETURN or row.state != RState.SETTLED or credit is None:
        return False
    return credit.voided_at is None and not is_over(credit) and not hasattr(row, "reversal") and not row.refunds.all()


def take_back_credit(row: Reimbursement, *, reason: str, actor: Actor) -> Reimbursement:
    """Reverse a reimbursement that went into store credit; returns the reversal, the same one when asked again.

    The units can be paid in another way or written off, every counter gets back what was taken out of it, and the
    books get an entry of their own with every line negated. What was spent of the credit still counts against the
    order, so that nobody pays it twice, and a person sees it as a claim. Raises Invalid without a reason, WrongState
    where there is no such credit any more.
    """
    if not reason.strip():
        detail = _("Say why the store credit is taken back. It stays in the log.")
        raise Invalid(detail, errors=[FieldError("/reason", "required", detail)])
    with transaction.atomic():
        rows = load_order(row.order_id, row.rma, locked=True)
        row = Reimbursement.objects.select_for_update(of=("self",)).get(pk=row.pk)
        row.rma, row.order = rows.back, rows.order
        known = Reimbursement.objects.filter(reverses=row).first()
        if known is not None:
            return known
        if not can_take_back(row):
            words = _("Only store credit of a return that nobody voided and that has not ended can be taken back.")
            raise WrongState(words)
        return _reverse(rows, row, lock_credit(row.store_credit), reason.strip()[:300], actor)


def _reverse(rows: Rows, row: Reimbursement, credit: StoreCredit, reason: str, actor: Actor) -> Reimbursement:
    if credit.voided_at is not None or is_over(credit):
        raise WrongState(_("This store credit was voided or has ended meanwhile, so there is nothing to take back."))
    left, spent = credit.balance, face_value(credit) - credit.balance
    made = _write(row, rows.rma, spent, reason, actor)
    credit.voided_at = timezone.now()
    credit.save(update_fields=["voided_at"])
    if left:
        post(credit, "voided", -left, actor=actor, reference=rows.rma.code)
    tell(credit, "store_credit.voided", actor=actor, amount=left, reason=reason[:200])
    # what was spent of it is still with the customer and counts against the order
    held = min(spent, row.taken["order"])
    book(rows, {**row.taken, "order": row.taken["order"] - held}, (), -1)
    if spent:
        open_break(
            Kind.CREDIT_SPENT, credit.code, gateway=CREDIT, reimbursement=made, ours=spent, currency=row.currency
        )
    _open_again(rows.rma, row.total - spent, made, spent, actor)
    return made


def _write(row: Reimbursement, rma: Return, spent: int, reason: str, actor: Actor) -> Reimbursement:
    """The books' own entry: every line of the reimbursement negated, settled at once."""
    made = Reimbursement.objects.create(
        rma=rma, order=row.order, kind=Reimbursement.Kind.REVERSAL, reverses=row, state=RState.SETTLED,
        currency=row.currency, net=-row.net, tax=-row.tax, total=-row.total, fee=-row.fee,
        tax_by_rate={rate: -amount for rate, amount in row.tax_by_rate.items()},
        tender=CREDIT, request={"reverses": str(row.uid)}, taken={"claim": spent}, reason=reason,
        created_by=actor.identity, created_by_name=actor.name[:120], settled_at=timezone.now(),
    )  # fmt: skip
    same = ("kind", "item_id", "line_id", "shipping_id", "quantity", "tax_rate", "position")
    ReimbursementLine.objects.bulk_create(
        ReimbursementLine(
            reimbursement=made, net=-line.net, tax=-line.tax, gross=-line.gross, reason=reason,
            **{name: getattr(line, name) for name in same},
        )
        for line in row.lines.order_by("position", "pk")
    )  # fmt: skip
    return made


def _open_again(rma: Return, given_back: int, made: Reimbursement, spent: int, actor: Actor) -> None:
    """The return stands at the bench's result again: its units wait to be paid otherwise, or written off."""
    rma.refunded -= given_back
    rma.updated_at, rma.resolved_at = timezone.now(), None
    rma.save(update_fields=["refunded", "updated_at", "resolved_at"])
    said: dict[str, Any] = {
        "reimbursement": str(made.uid),
        "spent": money.to_text(spent, made.currency),
        "reason": made.reason[:200],
    }
    events.log(rma, "reimbursement.reversed", actor=actor, **said)
    if rma.status == Status.RESOLVED:
        move(rma, Status.INSPECTED, "return.reopened", actor=actor)
