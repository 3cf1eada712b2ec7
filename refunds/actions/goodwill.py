"""Money without goods: goodwill on an order, a line, one unit, or a delivery charge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid
from customers import money
from customers.models import Order
from refunds import payout
from refunds.actions.inputs import leaves_of, payments_of, shipping_rows_of
from refunds.actions.load import load_order
from refunds.actions.plan import TENDERS, Mismatch, Plan
from refunds.actions.reimburse import perform, unsaved
from refunds.actions.rows import Rows
from refunds.actions.second import check_may_give, must_be_approved
from refunds.calculator import Allowance, Leaf, Payment, Quote, Request, calculate, share_of
from refunds.calculator.tenders import bears
from refunds.models import Reimbursement
from returns.models import Return
from returns.queries import policy_of, published_policy

ABOVE_LIMIT = "goodwill_above_limit"
MAX_REASON = 300
Target = str | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gift:
    """Goodwill as somebody wants to give it; `target`: "order", or a line, a unit of it, or a delivery charge."""

    target: Target = "order"
    amount: str = "rest"
    reason: str = ""
    tender: str | None = None
    payment: str | None = None
    payout: Mapping[str, Any] | None = None
    expected_total: str | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """The lines and delivery charges that a target stands for, and the most that one unit allows."""

    leaves: tuple[str, ...] = ()
    shipping: tuple[str, ...] = ()
    limit: int | None = None


def preview_goodwill(order: Order, gift: Gift, *, actor: Actor, rma: Return | None = None) -> Reimbursement:
    """What `give_goodwill` would write now, not stored; the same refusals."""
    check_may_give(actor)
    return unsaved(plan_goodwill(load_order(order.pk, rma, locked=False), gift))


def give_goodwill(order: Order, gift: Gift, *, actor: Actor, rma: Return | None = None) -> Reimbursement:
    """Give money without goods on an order; above the policy's limit it waits for a second person.

    Raises Forbidden without the permission, Invalid without a reason, for an unknown target or payment, and
    OverAmount (`max`) above what is left; then nothing is changed.
    """
    check_may_give(actor)
    with transaction.atomic():
        return perform(plan_goodwill(load_order(order.pk, rma, locked=True), gift), actor)


def plan_goodwill(rows: Rows, gift: Gift) -> Plan:
    """Goodwill worked out over loaded rows."""
    reason = gift.reason.strip()[:MAX_REASON]
    if not reason:
        raise wrong("/reason", _("Say why. Money without goods is never given without a reason."))
    tender = gift.tender or "original"
    if tender not in TENDERS:
        raise wrong("/tender", _("Pay as one of: %(known)s.") % {"known": ", ".join(TENDERS)})
    aim = aim_of(rows, gift.target)
    payments = chosen_payments(rows, gift.payment, tender)
    amount = amount_of(rows, gift.amount)
    most = bearable(rows, payments, tender)
    limit = most if aim.limit is None else min(aim.limit, most)
    allowance = Allowance(
        kind="goodwill", amount=amount, leaves=aim.leaves, shipping=aim.shipping, limit=limit, reason=reason
    )
    quote = quote_for(rows, (allowance,), payments, tender)
    check_total(quote, gift.expected_total)
    if quote.total <= 0:
        raise wrong("/amount", _("Nothing is left here that could be given."))
    account = payout.check(gift.payout) if gift.payout else {}
    asked = {"target": gift.target, "amount": gift.amount, "tender": tender, "payment": gift.payment}
    held = must_be_approved(rows.order, quote.total, policy_of(published_policy(rows.order.shop_id)))
    return Plan(
        rows, [], asked, quote, account,
        kind=Reimbursement.Kind.GOODWILL, reason=reason, held_for=ABOVE_LIMIT if held else "",
    )  # fmt: skip


def quote_for(rows: Rows, allowances: tuple[Allowance, ...], payments: tuple[Payment, ...], tender: str) -> Quote:
    """Allowances through the one calculator, over everything that is left of the order."""
    policy = policy_of(published_policy(rows.order.shop_id))
    return calculate(
        Request(
            currency=rows.currency,
            leaves=leaves_of(rows),
            shipping_rows=shipping_rows_of(rows),
            allowances=allowances,
            payments=payments,
            ceiling=rows.ceiling,
            refund_order=policy.standing.refund_order,  # type: ignore[arg-type]
            tender=tender,  # type: ignore[arg-type]
        )
    )


def bearable(rows: Rows, payments: tuple[Payment, ...], tender: str) -> int:
    """The most that can go back at all: what is left of the order, and what the payments take back; minor units."""
    most = max(0, rows.ceiling)
    return most if tender == "store_credit" else min(most, sum(bears(payment, tender) for payment in payments))


def chosen_payments(rows: Rows, wanted: str | None, tender: str) -> tuple[Payment, ...]:
    """All payments of the order, or the one that was named. Raises Invalid."""
    payments = payments_of(rows)
    if wanted is None:
        return payments
    if tender == "store_credit":
        raise wrong("/payment", _("Store credit goes to no payment. Leave the payment out, or choose another way."))
    found = tuple(payment for payment in payments if payment.id == wanted)
    if not found:
        known = ", ".join(payment.id for payment in payments) or "-"
        raise wrong("/payment", _("The order has no such payment. Its payments: %(known)s.") % {"known": known})
    return found


def amount_of(rows: Rows, text: str) -> int | Literal["rest"]:
    """The amount in minor units, or "rest". Raises Invalid."""
    if text == "rest":
        return "rest"
    try:
        amount = money.parse(text, rows.currency)
    except money.BadAmount as error:
        raise wrong("/amount", error.message) from error
    if not amount:
        raise wrong("/amount", _("Give an amount above zero, or “rest” for all that is left."))
    return amount


def aim_of(rows: Rows, target: Target) -> Aim:
    """What a target stands for. Raises Invalid for one that the order does not have."""
    leaves = {leaf.id: leaf for leaf in leaves_of(rows)}
    if target == "order":
        return Aim(tuple(leaves), tuple(charge.external_id for charge in rows.shipping))
    given = dict(target) if isinstance(target, Mapping) else {}
    if set(given) == {"shipping"}:
        return _aim_at_shipping(rows, str(given["shipping"]))
    if set(given) in ({"line"}, {"line", "unit"}):
        return _aim_at_line(rows, leaves, str(given["line"]), given.get("unit"))
    raise wrong("/target", _('The target is the word "order", or names a line, a line and a unit, or shipping.'))


def _aim_at_shipping(rows: Rows, wanted: str) -> Aim:
    known = [charge.external_id for charge in rows.shipping]
    if wanted not in known:
        words = {"known": ", ".join(known) or "-"}
        raise wrong("/target/shipping", _("The order has no such delivery charge. It has: %(known)s.") % words)
    return Aim(shipping=(wanted,))


def _aim_at_line(rows: Rows, leaves: Mapping[str, Leaf], wanted: str, unit: int | None) -> Aim:
    line = next((line for line in rows.lines if line.external_id == wanted), None)
    if line is None:
        known = ", ".join(line.external_id for line in rows.lines)
        raise wrong("/target/line", _("The order has no such line. It has: %(known)s.") % {"known": known})
    parts = rows.parts(line)
    names = tuple(leaf for leaf, _pieces in parts)
    if unit is None:
        return Aim(names)
    if not 1 <= unit <= line.quantity:
        raise wrong("/target/unit", _("The line has units 1 to %(max)d.") % {"max": line.quantity})
    return Aim(names, limit=sum(share_of(leaves[leaf], pieces, (unit - 1) * pieces) for leaf, pieces in parts))


def check_total(quote: Quote, expected: str | None) -> None:
    """Raise Mismatch when the total is not the one that the person has seen."""
    total = money.to_text(quote.total, quote.currency)
    if expected is None or expected == total:
        return
    words = {"total": total, "expected": expected}
    detail = _("The total is %(total)s and not %(expected)s. Look at it again.") % words
    raise Mismatch(detail, errors=[FieldError("/expected_total", "mismatch", detail)], computed=total)


def wrong(pointer: str, detail: str) -> Invalid:
    """A refusal of one member of the input."""
    return Invalid(detail, errors=[FieldError(pointer, "invalid", detail)])
