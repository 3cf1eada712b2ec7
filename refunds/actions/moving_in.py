"""Moving in: a return of another system, open or closed, with its dates, decisions and money; nobody is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, FieldError, Invalid, NotFound
from customers.actions import Claim, claim_units
from customers.models import Order, OrderLine, OrderVersion
from inspections.actions.bench import check_fit
from refunds.actions.history import order_key, read_history
from refunds.actions.past import History, OrderKey
from refunds.actions.past_goods import arrive, inspect, travel
from refunds.actions.past_life import Chain, ended, life_of
from refunds.actions.past_money import record_refund
from refunds.actions.past_units import check_standing, units_of, was_decided
from refunds.actions.plan import PAYABLE_IN, load
from returns import events
from returns.actions.deadlines import refund_due
from returns.actions.request import insert_with_code
from returns.lifecycle import expectation, standing
from returns.models import Note, PolicyDecision, Return, ReturnItem
from returns.models.rma import Status
from returns.policy.quote import expected_gross
from returns.queries import policy_of, published_policy, search_text


@dataclass(frozen=True, slots=True)
class MovedIn:
    """A return that moved in, or that had moved in before."""

    rma: Return
    is_new: bool


def move_in_return(document: Mapping[str, Any], *, actor: Actor, now: datetime | None = None) -> MovedIn:
    """Store a return of another system with its past; the same reference again changes nothing.

    No mail, no label, no stock and no money moves; what was refunded counts against every ceiling. Raises Invalid,
    NotFound (no such order), OverQuantity, OverAmount, Mismatch and Conflict; then nothing is changed.
    """
    now = now or timezone.now()
    try:
        with transaction.atomic():
            order = _lock_order(order_key(document), actor)
            history = read_history(document, currency=order.currency, now=now)
            known = Return.objects.filter(shop=order.shop, imported_from=history.reference).first()
            return MovedIn(known, False) if known else MovedIn(_store(order, history, actor, now), True)
    except IntegrityError as error:
        detail = _("Another refund, or another return, has this reference already.")
        raise Conflict(detail) from error


def _lock_order(key: OrderKey, actor: Actor) -> Order:
    rows = Order.objects.visible_to(actor).filter(channel__code=key.channel, number=key.number)
    found = rows.select_for_update(of=("self",)).select_related("shop", "channel", "customer").first()
    if found is None:
        detail = _("There is no order %(number)s in channel %(channel)s. Import the orders first.")
        raise NotFound(detail % {"number": key.number[:100], "channel": key.channel[:60]})
    return found


def _store(order: Order, history: History, actor: Actor, now: datetime) -> Return:
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    rma = _build(order, history, now)
    items = _build_items(rma, history, lines)
    _check(rma, items, history)
    rma.expected = expectation(rma, items)
    reach = [f"{history.shipment.tracking_number}" if history.shipment else "", history.reference]
    rma.search_text = search_text(rma, [item.line for item in items], " ".join(reach).strip())
    insert_with_code(rma)
    for item in items:
        # `_pay` counts them, refund by refund
        item.rma, item.refunded = rma, 0
    ReturnItem.objects.bulk_create(items)
    held = [Claim(item.line, item.holding, f"/items/{n}/quantity") for n, item in enumerate(items) if item.holding]
    claim_units(lines, held)
    _decide(rma, items, history)
    chain = life_of(rma, items, history, actor)
    travel(rma, history)
    arrive(rma, items, history)
    inspect(rma, items, history)
    _pay(rma, history, chain, actor)
    _note(rma, history)
    chain.write(rma)
    events.log_all(rma, [("return.imported", {"reference": history.reference})], actor=actor, at=now, quiet=True)
    return Return.objects.get(pk=rma.pk)


def _build(order: Order, history: History, now: datetime) -> Return:
    rma = Return(
        shop=order.shop,
        channel=order.channel,
        order=order,
        order_version=OrderVersion.objects.get(order=order, number=order.version),
        customer=order.customer,
        status=history.status,
        resolution=history.resolution,
        method=history.method,
        requested_by=history.requested_by,
        locale=(history.locale or order.locale or "en")[:8],
        currency=order.currency,
        # money of the past was decided elsewhere; here a person decides about the rest
        auto_reimburse=False,
        imported_from=history.reference,
        decline_reason=(history.decline_reason or "other") if history.status == Status.DECLINED else "",
        decline_message=history.decline_message,
        created_at=history.requested_at,
        updated_at=ended(history),
    )
    if history.status != Status.REQUESTED and (was_decided(history) or history.status == Status.DECLINED):
        rma.decided_at = history.decided_at or history.requested_at
    if history.status == Status.RESOLVED:
        rma.resolved_at = ended(history)
    if order.sale_channel != "store":
        rma.refund_due_on = rma.refund_latest_on = refund_due(history.requested_at)
    if history.status == Status.AUTHORIZED:
        days = policy_of(published_policy(order.shop_id)).standing.expire_after_days
        rma.expires_at = now + timedelta(days=days)
    return rma


def _build_items(rma: Return, history: History, lines: list[OrderLine]) -> list[ReturnItem]:
    by_id = {line.external_id: line for line in lines}
    refunded: dict[str, int] = {}
    for past in history.refunds:
        for paid in past.items:
            refunded[paid.line] = refunded.get(paid.line, 0) + paid.quantity
    found: list[ReturnItem] = []
    for index, item in enumerate(history.items):
        line = by_id.get(item.line)
        if line is None:
            detail = _("Order %(o)s has no line %(l)s.") % {"o": rma.order.number, "l": item.line}
            raise Invalid(detail, errors=[FieldError(f"/items/{index}/line", "unknown_line", detail)])
        units = units_of(history, index, refunded.get(item.line, 0))
        row = ReturnItem(
            rma=rma, line=line, position=index, reason=item.reason, comment=item.comment, requested=item.quantity
        )
        for name in units.__slots__:
            setattr(row, name, getattr(units, name))
        row.refunded = refunded.get(item.line, 0)
        row.expected = expected_gross(line, lines, min(item.quantity, line.quantity))
        found.append(row)
    return found


def _check(rma: Return, items: list[ReturnItem], history: History) -> None:
    if history.refunds and rma.status not in PAYABLE_IN:
        detail = _("A return that came to nothing has no refunds.")
        raise Invalid(detail, errors=[FieldError("/refunds", "wrong_state", detail)])
    for index, item in enumerate(history.items):
        for place, row in enumerate(item.inspections):
            check_fit(row.outcome, row.disposition, f"/items/{index}/inspections/{place}/disposition")
    check_standing(rma, items, standing(rma, items))


def _decide(rma: Return, items: list[ReturnItem], history: History) -> None:
    if rma.decided_at is None:
        return
    rows = []
    for item in items:
        outcome = "authorized" if item.authorized else "declined"
        detail = {"outcome": outcome, "basis": "none", "codes": [], "notes": [], "trace": [], "imported": True}
        rows.append(PolicyDecision(rma=rma, item=item, outcome=outcome, basis="none", detail=detail))
    PolicyDecision.objects.bulk_create(rows)
    PolicyDecision.objects.filter(rma=rma).update(created_at=rma.decided_at)


def _pay(rma: Return, history: History, chain: Chain, actor: Actor) -> None:
    if not history.refunds:
        return
    rows = load(rma, locked=True)
    for index, past in enumerate(history.refunds):
        for kind, data in record_refund(rows, past, index, history.reference, actor=actor):
            chain.add(past.at, kind, actor, data)


def _note(rma: Return, history: History) -> None:
    for past in history.notes:
        note = Note.objects.create(
            rma=rma,
            text=past.text,
            visible_to_customer=past.visible_to_customer,
            author=past.author,
            author_kind="staff",
        )
        Note.objects.filter(pk=note.pk).update(created_at=past.at)
