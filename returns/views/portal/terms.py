"""What a guest may send back of one order, on what terms, and for how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.actions import returnable
from customers.actions.pool import parts_of
from customers.models import Order, OrderLine, OrderShipping, OrderVersion
from customers.money import round_half_up
from returns.actions.judge import decision_on
from returns.actions.risk import risk_of, with_signals
from returns.actions.wish import Wanted, Wish
from returns.forms.portal import Draft
from returns.models import ReturnItem, ReturnPolicy
from returns.models.rma import FREE
from returns.policy import explain
from returns.policy.decision import DECLINED, REVIEW, Decision
from returns.policy.facts import OrderFacts
from returns.policy.quote import expected_gross
from returns.queries import law_facts, line_facts, lines_of, order_facts, policy_for, repairs_told
from returns.views.portal.swap import Swap, bonus_of, on_offer, swap_of

WISHES = ("too_small", "too_large", "style", "change_of_mind", "arrived_late")
FAULTS = ("not_as_described", "wrong_item", "defective", "damaged_in_transit", "missing_parts")
REASONS = (*WISHES, *FAULTS, "other")
NEVER_CAME = ("late_or_no_delivery",)
EXCHANGE = "exchange"
OFFERED = ("refund", EXCHANGE, "store_credit")
KEEP = "keep"


@dataclass(frozen=True)
class Visit:
    """One order as a guest finds it at one instant, with the policy in force."""

    order: Order
    document: Mapping[str, Any]
    lines: list[OrderLine]
    policy: ReturnPolicy
    facts: OrderFacts
    shipping: list[OrderShipping]
    risk: str
    held: Mapping[int, str]
    now: datetime

    @property
    def zone(self) -> str | None:
        """The time zone of the delivery address."""
        return self.facts.time_zone

    def decide(self, line: OrderLine, reason: str, resolution: str = "refund", method: str | None = None) -> Decision:
        """What policy and law say to this line for this reason: what the request itself would be told."""
        law = law_facts(self.document, line.external_id, shipping=self.shipping, told=repairs_told(line))
        wanted = Wanted(items=[], resolution=resolution, method=method, risk=self.risk)
        wish = Wish(line.external_id, 1, reason)
        return decision_on(self.policy, self.facts, line_facts(line, self.document), wish, wanted, self.now, law)[0]

    def free(self, line: OrderLine) -> int:
        """Units that nobody has claimed yet."""
        return returnable(line, parts_of(self.lines))

    def arrived(self, line: OrderLine) -> int:
        """Of these, how many are known to have been delivered."""
        return min(self.free(line), max(0, line.delivered - line.claimed))

    def reasons(self, line: OrderLine) -> tuple[str, ...]:
        """The reasons that can lead anywhere: none of change of mind once its window is over."""
        if not self.arrived(line):
            return NEVER_CAME
        return FAULTS if self.decide(line, "change_of_mind").outcome == DECLINED else REASONS

    def sold(self) -> list[OrderLine]:
        """The lines as they were bought: a kit, not its components."""
        return [line for line in self.lines if line.parent_id is None]

    def possible(self) -> dict[str, int]:
        """How many units of each line can be asked for now, late ones for a fault included."""
        return {line.external_id: self.arrived(line) or self.free(line) for line in self.sold() if self.free(line)}


def visit_of(order: Order, *, now: datetime | None = None) -> Visit:
    """Read everything that the pages need about an order."""
    now = now or timezone.now()
    version = with_signals(OrderVersion.objects.all(), now).get(order=order, number=order.version)
    rows = ReturnItem.objects.filter(line__order=order).exclude(rma__status__in=FREE).order_by("pk")
    return Visit(
        order=order,
        document=version.document,
        lines=lines_of(order.pk),
        policy=policy_for(order.shop_id, order.customer)[0],
        facts=order_facts(order, version.document),
        shipping=list(OrderShipping.objects.filter(order=order)),
        risk=risk_of(version).level,
        held=dict(rows.values_list("line_id", "rma__code")),
        now=now,
    )


@dataclass(frozen=True)
class Row:
    """One line on the page of items; `why` is set when it cannot be chosen, `also` when a fault still can."""

    line: str
    title: str
    image: str
    price: int
    quantity: int
    bought: int
    return_by: date | None = None
    chosen: int = 0
    sub: str = ""
    why: str = ""
    code: str = ""
    also: bool = False
    never_came: bool = False


def shelf(visit: Visit, draft: Draft, also: set[str]) -> tuple[list[Row], list[Row]]:
    """What can be chosen and what cannot, each with its reason; `also` are late lines opened for a fault."""
    rows = [_row(visit, line, draft, also) for line in visit.sold()]
    return [row for row in rows if not row.why], [row for row in rows if row.why]


def _row(visit: Visit, line: OrderLine, draft: Draft, also: set[str]) -> Row:
    free, arrived = visit.free(line), visit.arrived(line)
    chosen = draft.items.get(line.external_id)
    known: dict[str, Any] = {
        "line": line.external_id,
        "title": line.title or line.sku,
        "image": line.image_url,
        "price": expected_gross(line, visit.lines, 1) if free else line.gross // line.quantity,
        "bought": line.quantity,
        "sub": line.sku,
    }
    if not free:
        code = visit.held.get(line.pk, "")
        return Row(**known, quantity=0, why=_("Already coming back as") if code else _("Already back."), code=code)
    decision = visit.decide(line, "change_of_mind")
    opened = line.external_id in also or chosen is not None
    if opened or (arrived and decision.outcome != DECLINED):
        last_day = decision.terms.window.last_day if decision.outcome != DECLINED else None
        ticked = chosen.quantity if chosen else int(line.external_id in also)
        return Row(**known, quantity=arrived or free, return_by=last_day, chosen=ticked)
    if not arrived:
        return Row(**known, quantity=0, why=_("Not delivered yet."), also=True, never_came=True)
    faulty = visit.decide(line, "defective").outcome != DECLINED
    return Row(**known, quantity=0, why=explain.for_customer(decision.as_dict()), also=faulty)


@dataclass
class Part:
    """One chosen line with what the policy says to it and what it is worth."""

    line: OrderLine
    quantity: int
    reason: str
    gross: int
    decision: Decision

    @property
    def fee(self) -> int:
        """The restocking fee on it."""
        return self.decision.terms.fee.on(self.gross)


@dataclass
class Deal:
    """All chosen lines together: what can be had for them, how they may travel, and the sum."""

    currency: str
    resolution: str
    method: str
    resolutions: tuple[str, ...]
    methods: tuple[str, ...]
    parts: list[Part] = field(default_factory=list)
    swap: Swap = field(default_factory=Swap)

    @property
    def paid(self) -> list[Part]:
        """What is not declined."""
        return [part for part in self.parts if part.decision.outcome != DECLINED]

    @property
    def waits(self) -> bool:
        """Whether a person decides first."""
        return any(part.decision.outcome == REVIEW for part in self.parts)

    def label_fee(self, method: str) -> int:
        """What the label costs with this way of sending."""
        return max((part.decision.terms.label_fee_for(method) for part in self.paid), default=0)

    @property
    def total(self) -> int:
        """What the customer may expect, before a bonus."""
        return max(0, sum(part.gross - part.fee for part in self.paid) - self.label_fee(self.method))

    @property
    def bonus(self) -> int:
        """What store credit adds, as the calculator works it out."""
        if not self.paid:
            return 0
        return round_half_up(Fraction(self.paid[0].decision.terms.bonus_credit_percent) * self.total / 100)

    @property
    def difference(self) -> int:
        """What the customer adds for what was chosen instead; negative is what comes back."""
        return self.swap.price - self.total - bonus_of(self) if self.swap.chosen else 0

    @property
    def sum(self) -> int:
        """The number on the page: with the bonus when credit is chosen, the difference of an exchange."""
        if self.resolution == EXCHANGE:
            return abs(self.difference)
        return self.total + (self.bonus if self.resolution == "store_credit" else 0)


def deal_of(visit: Visit, draft: Draft) -> Deal:
    """Put the draft's chosen lines, reasons, resolution and method before the policy."""
    by_id = {line.external_id: line for line in visit.lines}
    chosen = [(by_id[line], item) for line, item in draft.items.items() if line in by_id]
    resolution = draft.resolution if draft.resolution in OFFERED else OFFERED[0]
    parts = [
        Part(
            line,
            item.quantity,
            item.reason,
            expected_gross(line, visit.lines, item.quantity),
            visit.decide(line, item.reason or visit.reasons(line)[0], resolution),
        )
        for line, item in chosen
    ]
    resolutions = _common([part.decision.terms.resolutions for part in parts], OFFERED)
    methods = _common([part.decision.terms.methods for part in parts], ())
    method = draft.method if draft.method in methods else next(iter(methods), "label")
    if EXCHANGE in resolutions and not on_offer(visit.order):
        resolutions = tuple(each for each in resolutions if each != EXCHANGE)
    resolutions = resolutions or OFFERED[:1]
    resolution = resolution if resolution in resolutions else resolutions[0]
    deal = Deal(visit.order.currency, resolution, method, resolutions, methods, parts)
    if EXCHANGE in resolutions:
        deal.swap = swap_of(visit.order, draft, [(part.line, part.quantity) for part in deal.paid])
    return deal


def _common(offers: list[tuple[str, ...]], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """What every item offers; where nothing fits all, everything that travels for one of them."""
    if not offers:
        return ()
    shared = [each for each in offers[0] if all(each in offer for offer in offers)]
    shared = shared or list(dict.fromkeys(each for offer in offers for each in offer if each != KEEP))
    return tuple(each for each in shared if not wanted or each in wanted)
