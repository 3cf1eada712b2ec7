"""What follows from a statement about a known order: the law's verdict, and a return for what nobody holds yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.actors import Actor
from customers.actions.pool import parts_of, returnable
from customers.models import Order, OrderLine, OrderVersion
from returns import events
from returns.actions.request import request_return
from returns.actions.wish import Wanted, Wish
from returns.actions.withdrawals.lawful import told_by, verdicts_on
from returns.actions.withdrawals.statement import Item, instant
from returns.models import Return, ReturnItem, Withdrawal
from returns.models.rma import FREE
from returns.policy.decision import AUTHORIZED, REVIEW
from returns.policy.law import ACCEPT, REJECT, Verdict
from returns.policy.quote import expected_gross

# goods travel by the consumer's own choice until they ask for a label
OWN = "own_carrier"


@dataclass(slots=True)
class Outcome:
    """What became of a statement; `left_out` are titles with units that another return holds.

    `judged` names the line of each verdict; `looked_at` is the evidence: the order's version, when the consumer was
    told of the right, and the deliveries. `covered_by` is the earlier statement, accepted by the law, that
    withdrew from every unit of this one already.
    """

    order: Order
    verdicts: list[Verdict] = field(default_factory=list)
    verdict: str = ""
    rma: Return | None = None
    left_out: list[str] = field(default_factory=list)
    fee: int = 0
    trouble: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    covered_by: str = ""
    judged: list[dict[str, Any]] = field(default_factory=list)
    looked_at: dict[str, Any] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """Whether the law gives the right for everything that was named."""
        return self.verdict == ACCEPT

    def dates(self) -> tuple[date | None, date | None]:
        """The earliest day by which money is due: without any roll, and with it."""
        first = [each.refund_due for each in self.verdicts if each.refund_due]
        last = [each.refund_latest for each in self.verdicts if each.refund_latest]
        return min(first, default=None), min(last, default=None)


def settle(row: Withdrawal, order: Order, *, actor: Actor, chosen: Mapping[str, int] | None = None) -> Outcome:
    """Judge the statement line by line and open a return for the units that are free.

    `chosen` are units by line that a person read out of the statement; without it the statement itself says so,
    and where it does not, nothing is opened. The order is locked by the caller or by opening the return.
    """
    document = OrderVersion.objects.get(order=order, number=order.version).document
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    units = dict(chosen) if chosen else units_of(row.scope, lines)
    outcome = Outcome(order, titles={line.external_id: line.title or line.sku for line in lines})
    if units is None:
        outcome.trouble = _("The items are named in words. Choose the lines.")
        units = {}
    named = {line: units[line.external_id] for line in lines if units.get(line.external_id)}
    looked = named or {line: line.quantity for line in _whole(lines)}
    outcome.verdicts = verdicts_on(row, order, document, looked)
    outcome.judged = [{"line": line.external_id, "title": line.title, "quantity": n} for line, n in looked.items()]
    outcome.looked_at = _evidence(order, document)
    outcome.verdict = _together(outcome.verdicts)
    if named:
        _open_return(row, outcome, lines, named, actor)
    return outcome


def _evidence(order: Order, document: Mapping[str, Any]) -> dict[str, Any]:
    """What the law was told: without it a verdict cannot be checked (CRD art. 11(4))."""
    known = ("id", "lines", "shipped_at", "delivered_at")
    return {
        "order_version": order.version,
        "placed_at": document.get("placed_at"),
        "information_given_at": (document.get("contract") or {}).get("withdrawal_information_given_at"),
        "deliveries": None
        if document.get("deliveries") is None
        else [{name: each.get(name) for name in known} for each in document["deliveries"]],
    }


def _whole(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """What was bought: kits and single goods, not the parts of a kit."""
    return [line for line in lines if line.parent_id is None]


def units_of(scope: Sequence[Item], lines: Sequence[OrderLine]) -> dict[str, int] | None:
    """Units by line as the statement names them, the whole contract when it names none; None when unclear."""
    if not scope:
        return {line.external_id: line.quantity for line in _whole(lines)}
    found: dict[str, int] = {}
    for item in scope:
        line = _named(item, lines)
        if line is None:
            return None
        asked = item.get("quantity") if isinstance(item, Mapping) else None
        found[line.external_id] = min(line.quantity, found.get(line.external_id, 0) + (asked or line.quantity))
    return found


def _named(item: Item, lines: Sequence[OrderLine]) -> OrderLine | None:
    text = str(item["line"] if isinstance(item, Mapping) else item).strip().casefold()
    fits = [line for line in lines if text in (line.external_id.casefold(), line.sku.casefold(), line.title.casefold())]
    return fits[0] if len(fits) == 1 else None


def _together(verdicts: Sequence[Verdict]) -> str:
    rights = {each.right for each in verdicts}
    if rights == {ACCEPT}:
        return ACCEPT
    return REJECT if rights == {REJECT} else "partly" if ACCEPT in rights else "none"


def _open_return(
    row: Withdrawal, outcome: Outcome, lines: list[OrderLine], named: Mapping[OrderLine, int], actor: Actor
) -> None:
    parts = parts_of(lines)
    free = {line: min(asked, returnable(line, parts)) for line, asked in named.items()}
    outcome.left_out = [line.title for line, asked in named.items() if free[line] < asked]
    wishes = [Wish(line.external_id, units, "change_of_mind") for line, units in free.items() if units]
    if not wishes:
        outcome.covered_by = _covered_by(outcome, named)
        outcome.trouble = "" if outcome.covered_by else _("Every unit is already coming back in another return.")
        return
    wanted = Wanted(
        wishes,
        method=OWN,
        basis_claimed="withdrawal",
        requested_by="customer",
        locale=_spoken(row.locale, outcome.order.locale),
        settled=AUTHORIZED if outcome.accepted else REVIEW,
        told=told_by(row),
    )
    outcome.rma = request_return(outcome.order, wanted, actor=actor)
    worth = sum(expected_gross(line, lines, units) for line, units in free.items() if units)
    outcome.fee = max(0, worth - outcome.rma.expected - outcome.rma.label_fee)
    _set_clock(row, outcome, outcome.rma)


def _covered_by(outcome: Outcome, named: Mapping[OrderLine, int]) -> str:
    """The latest earlier statement, where those that the law accepted hold every unit of this one; else empty."""
    earlier = Withdrawal.objects.filter(order=outcome.order, verdict=ACCEPT).exclude(rma__status__in=FREE)
    held = dict(ReturnItem.objects.filter(rma__withdrawal__in=earlier).values_list("line").annotate(Sum("requested")))
    if any(held.get(line.pk, 0) < asked for line, asked in named.items()):
        return ""
    return str(earlier.exclude(rma=None).order_by("-pk").values_list("ref", flat=True)[0])


def _spoken(*locales: str) -> str:
    """The first of these that the pages of a return speak: they know fewer languages than the function."""
    known = dict(settings.LANGUAGES)
    return next((locale for locale in locales if locale in known), str(settings.LANGUAGE_CODE))


def _set_clock(row: Withdrawal, outcome: Outcome, rma: Return) -> None:
    """The money is due from the instant of the statement, not from when somebody matched it (CRD art. 13(1))."""
    operational, latest = outcome.dates()
    if operational and latest:
        rma.refund_due_on, rma.refund_latest_on = operational, latest
        rma.withhold = outcome.verdicts[0].withhold
    known = {"submitted_at": row.received_at, "informed_at": row.received_at, "dispatched_at": row.dispatched_at}
    rma.law_facts = {**rma.law_facts, **{name: instant(at) for name, at in known.items() if at is not None}}
    rma.save(update_fields=["refund_due_on", "refund_latest_on", "withhold", "law_facts"])


def apply_outcome(row: Withdrawal, outcome: Outcome, actor: Actor, now: datetime) -> None:
    """Note on the statement what became of it; the caller saves it."""
    row.order, row.rma, row.verdict = outcome.order, outcome.rma, outcome.verdict
    row.matched_at, row.matched_by = now, actor.name or actor.kind
    row.left_out, row.trouble = outcome.left_out, outcome.trouble
    row.evaluation = {
        "verdict": outcome.verdict,
        "evaluated_at": instant(now),
        "items": [{**judged, **each.as_dict()} for judged, each in zip(outcome.judged, outcome.verdicts, strict=True)],
        "looked_at": outcome.looked_at,
        "worst": _worst(outcome.verdicts),
    }


def _worst(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    found = next((each for each in verdicts if each.right != ACCEPT), verdicts[0] if verdicts else None)
    if found is None:
        return {}
    return {
        "profile_id": found.profile,
        "profile_version": found.version,
        "right": found.right,
        "last_day": found.last_day.isoformat() if found.last_day else None,
        "closes_at_utc": instant(found.closes_at),
        "exclusion_code": found.exclusion,
    }


def happenings(row: Withdrawal, outcome: Outcome) -> list[events.Happening]:
    """The two events of a statement that found its order."""
    rma = outcome.rma.code if outcome.rma else None
    matched = {"order": str(outcome.order.uid), "return": rma, "left_out": len(outcome.left_out)}
    if outcome.covered_by:
        matched["covered_by"] = outcome.covered_by
    judged = {"verdict": outcome.verdict, **row.evaluation["worst"]}
    return [("withdrawal.matched", matched), ("withdrawal.judged", judged)]
