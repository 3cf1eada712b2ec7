"""What the law says of one line of a request: the right, its dates, and the most a trader may keep."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from customers.money import parse, share_down, to_text
from returns.policy.facts import Case
from returns.policy.law.calendars import after, region_code
from returns.policy.law.clocks import Clocks, RefundClock, Right
from returns.policy.law.conditions import doubts_of
from returns.policy.law.facts import LawFacts
from returns.policy.law.profiles import FeeCap, LawBook, Profile, book
from returns.policy.reasons import WITHDRAWAL_REASONS, law_class
from returns.policy.window import end_of, local_day

ACCEPT, REJECT, NONE = "accept", "reject", "none"

# the group of goods that no post carries: at the door the trader fetches them (CRD art. 14(1))
NOT_POSTABLE = "eu_not_postable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The floor for one line. Amounts are minor units; None in `max_fee` is no limit by law.

    `doubts` are codes of unknown facts that were taken for the consumer: a person looks. `value_loss` is the most
    that handling beyond trying may cost the consumer. `repair_due` is the last day of a repair under a warranty.
    """

    currency: str
    version: str
    profile: str | None = None
    right: str = NONE
    start: date | None = None
    last_day: date | None = None
    closes_at: datetime | None = None
    refund_due: date | None = None
    refund_latest: date | None = None
    withhold: str = "not_applicable"
    max_fee: int | None = None
    return_shipping_payer: str = "consumer"
    outbound_refundable: int = 0
    value_loss: int | None = None
    exclusion: str | None = None
    article: str | None = None
    answer_due: date | None = None
    answer_operational: date | None = None
    presumption_until: date | None = None
    send_back_by: date | None = None
    repair_due: date | None = None
    remedies: tuple[str, ...] = ()
    credit_needs_consent: bool = False
    doubts: tuple[str, ...] = ()
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The verdict for JSON: dates ISO, the instant in UTC, amounts as decimal strings."""
        return {name: self._member(name) for name in _MEMBERS}

    def _member(self, name: str) -> Any:
        value = getattr(self, name)
        if name in ("max_fee", "outbound_refundable", "value_loss"):
            return None if value is None else to_text(value, self.currency)
        if isinstance(value, datetime):
            return value.isoformat().replace("+00:00", "Z")
        if isinstance(value, date):
            return value.isoformat()
        return list(value) if isinstance(value, tuple) else value


_MEMBERS = tuple(field.name for field in fields(Verdict) if field.name != "currency")


def judge_by_law(case: Case, facts: LawFacts, *, law: LawBook | None = None, quantity: int | None = None) -> Verdict:
    """What the law of the delivery country gives this consumer for this reason, at the instant of the case.

    The most special profile whose conditions hold governs; one whose time is over gives way to a later tier of the
    same law. One that only unknown facts make possible counts where nothing surer helps, with its doubts named.
    """
    law = law or book(facts.law_version)
    facts = facts if quantity is None else replace(facts, quantity=quantity)
    nothing = Verdict(currency=case.order.currency, version=law.version)
    if case.order.country is None:
        return replace(nothing, doubts=("country_unknown",))
    found = [_for_reason(law, case, facts, reason) for reason in reasons_in_law(case)]
    accepted = next((each for each in found if each and each.right == ACCEPT), None)
    return accepted or next(filter(None, found), nothing)


def _for_reason(law: LawBook, case: Case, facts: LawFacts, reason: str) -> Verdict | None:
    governing: Verdict | None = None
    hopeful: Verdict | None = None
    next_tier = ""
    for profile in _candidates(law, case, facts, reason):
        doubts = doubts_of(profile, case, facts)
        if doubts is None:
            continue
        verdict = _under(law, profile, case, facts, doubts)
        if doubts:
            hopeful = hopeful or (verdict if verdict.right == ACCEPT else None)
        elif governing is None or (_over_in_time(governing) and profile.id == next_tier):
            governing, next_tier = verdict, profile.falls_to
    if governing is not None and governing.right == ACCEPT and not governing.doubts:
        return governing
    return hopeful or governing


def _over_in_time(verdict: Verdict) -> bool:
    return verdict.right == REJECT and verdict.exclusion is None


def _candidates(law: LawBook, case: Case, facts: LawFacts, reason: str) -> list[Profile]:
    order = case.order
    return list(
        law.candidates(
            country=order.country or "",
            region=region_code(order.country or "", facts.region),
            channel=order.sale_channel or "distance",
            reason=reason,
            kind=order.customer_kind or "consumer",
            on=local_day(order.placed_at, order.time_zone),
        )
    )


def reasons_in_law(case: Case) -> tuple[str, ...]:
    """The classes of the reason, in the order they are tried; what the consumer claims as basis comes first."""
    claimed, found = case.request.basis_claimed, law_class(case.request.reason)
    if claimed == "withdrawal":
        return ("change_of_mind",)
    faulty = "defect_nonconformity" if found in WITHDRAWAL_REASONS else found
    if claimed == "warranty":
        return ("commercial_warranty", faulty)
    return (faulty,) if claimed == "defect" else (found,)


def _under(law: LawBook, profile: Profile, case: Case, facts: LawFacts, conditions: list[str]) -> Verdict:
    """The verdict of one profile, `conditions` being what is unknown of its own conditions."""
    doubts = list(conditions)
    base: dict[str, Any] = {
        "currency": case.order.currency, "version": law.version, "profile": profile.id, "source": profile.source,
    }  # fmt: skip
    clocks = Clocks(law, profile, case, facts)
    excluded = _excluded(law, profile, facts, doubts)
    if profile.right == NONE:
        return Verdict(**base) if excluded else _undisplayed(profile, clocks, base, conditions)
    if excluded is not None:
        return Verdict(**base, right=REJECT, exclusion=excluded[0], article=excluded[1], doubts=tuple(doubts))
    return _in_time(profile, clocks, base, doubts)


def _undisplayed(profile: Profile, clocks: Clocks, base: dict[str, Any], conditions: list[str]) -> Verdict:
    """Where only a policy that was shown counts: one that was not shown gives way to the law's own days."""
    window, facts = profile.if_not_displayed, clocks.facts
    if window is None or facts.policy_displayed or facts.used or facts.damaged:
        return Verdict(**base)
    right = clocks.right(window)
    last_day = None if right.raw is None else clocks.roll(right.raw)
    if not clocks.still_open(last_day):
        return Verdict(**base)
    doubts = [*conditions, *([] if facts.policy_displayed is False else ["display_unknown"])]
    more: dict[str, Any] = {"max_fee": _max_fee(profile.fee, clocks, doubts), "remedies": profile.remedies}
    more["doubts"] = tuple(doubts)
    return Verdict(**base, right=ACCEPT, **_dates(clocks, right.start, last_day), **more)


def _excluded(law: LawBook, profile: Profile, facts: LawFacts, doubts: list[str]) -> tuple[str, str] | None:
    """The exclusion that takes the right away, in the law's own code with its article."""
    for name in sorted(facts.exclusions):
        known = law.exclusions.get(name)
        code = known.codes.get(profile.exclusions) if known else None
        if known is None or code is None:
            continue
        if not known.opened or facts.seal_broken:
            return code
        if facts.seal_broken is None:
            doubts.append("seal_unknown")
    return None


def _in_time(profile: Profile, clocks: Clocks, base: dict[str, Any], doubts: list[str]) -> Verdict:
    right = clocks.right(profile.window) if profile.window else Right(None, None)
    last_day, holds = _last_day(clocks, right, doubts)
    base |= _dates(clocks, right.start, last_day)
    if not holds:
        return Verdict(**base, right=REJECT, doubts=tuple(doubts), **_answer(profile, clocks))
    clock = clocks.clock()
    due = clocks.refund(clock) if clock else RefundClock(None, None, "not_applicable")
    fee = _max_fee(profile.fee, clocks, doubts)
    return Verdict(
        **base,
        right=ACCEPT,
        refund_due=due.operational,
        refund_latest=due.latest,
        withhold=due.withhold,
        max_fee=fee,
        return_shipping_payer=_payer(profile, clocks),
        outbound_refundable=_outbound(profile, clocks.facts),
        value_loss=_value_loss(profile, clocks),
        presumption_until=_presumption(profile, clocks, right),
        send_back_by=_send_back_by(profile, clocks),
        repair_due=_repair_due(profile, clocks),
        remedies=_remedies(profile, clocks),
        credit_needs_consent=profile.credit_needs_consent,
        doubts=tuple(dict.fromkeys(doubts)),
        **_answer(profile, clocks),
    )


def _last_day(clocks: Clocks, right: Right, doubts: list[str]) -> tuple[date | None, bool]:
    """The last day and whether the statement was in time; a doubt is named only where it decides."""
    last_day = None if right.raw is None else clocks.roll(right.raw)
    if clocks.still_open(last_day):
        hangs = right.raw is None or (right.sure is not None and not clocks.still_open(right.sure))
        doubt = right.doubt if hangs else clocks.unknown_place(right.raw)
        doubts.extend(filter(None, [doubt]))
        return last_day, True
    hoped = None if right.doubtful is None else clocks.roll(right.doubtful)
    if right.doubt and clocks.still_open(hoped):
        doubts.append(right.doubt)
        return hoped, True
    return hoped or last_day, False


def _dates(clocks: Clocks, start: date | None, last_day: date | None) -> dict[str, Any]:
    closes_at = None if last_day is None else end_of(last_day, clocks.order.time_zone)
    return {"start": start, "last_day": last_day, "closes_at": closes_at}


def _max_fee(cap: FeeCap | None, clocks: Clocks, doubts: list[str]) -> int | None:
    """The most that may be kept of this line, rounded down; a cap in a currency we cannot compare allows nothing."""
    if cap is None:
        return None
    if cap.nothing or cap.percent is None:
        return 0
    currency, gross = clocks.order.currency, clocks.case.line.unit_price * clocks.facts.quantity
    if currency != cap.currency:
        doubts.append("fee_currency")
        return 0
    fee = min(share_down(gross, Decimal(cap.percent)), parse(cap.most, currency))
    proven = clocks.facts.proven_processing_fee if cap.proven_clearing else None
    return fee + (proven or 0)


def _payer(profile: Profile, clocks: Clocks) -> str:
    facts = clocks.facts
    if profile.payer_if_uninformed and facts.information_given_at is None:
        return profile.payer_if_uninformed
    at_the_door = clocks.order.sale_channel == "off_premises" and facts.legal_group == NOT_POSTABLE
    if profile.payer_if_not_postable and at_the_door:
        return profile.payer_if_not_postable
    return profile.payer


def _remedies(profile: Profile, clocks: Clocks) -> tuple[str, ...]:
    """What the consumer may choose; a fault that is back after a repair opens the rest (Dir. (EU) 2019/771 art. 13(4),
    CRA 2015 s. 24(5))."""
    ended = clocks.facts.repair_ended_at
    if ended is None or clocks.sent_at < ended:
        return profile.remedies
    return (*profile.remedies, *profile.later_remedies)


# how a repair travels by the way the goods come back; an unknown way counts as the quickest
_REPAIRED = {"pickup": "home", "in_store": "shop", "label": "station", "qr": "station", "drop_off": "station",
             "own_carrier": "station"}  # fmt: skip


def _repair_due(profile: Profile, clocks: Clocks) -> date | None:
    """The last day of a repair: counted from the request, at a workshop from the goods once they are in."""
    place = _REPAIRED.get(clocks.case.request.method or "", "home")
    span = profile.repair_days.get(place)
    if span is None:
        return None
    here = None if place == "home" else clocks.facts.goods_received_at
    return after(clocks.day(here or clocks.informed_at), span, clocks.country)


def _outbound(profile: Profile, facts: LawFacts) -> int:
    if profile.outbound == "none":
        return 0
    if profile.outbound == "cheapest_standard" and facts.cheapest_standard is not None:
        return min(facts.shipping_paid, facts.cheapest_standard)
    return facts.shipping_paid


def _value_loss(profile: Profile, clocks: Clocks) -> int:
    """What handling beyond trying may cost: nothing to a consumer who was not told of the right (CRD art. 14(2))."""
    if profile.value_loss != "if_informed" or clocks.facts.information_given_at is None:
        return 0
    return clocks.case.line.unit_price * clocks.facts.quantity


def _answer(profile: Profile, clocks: Clocks) -> dict[str, Any]:
    """Until when a complaint has to be answered: the day to work by, and the law's own after its roll."""
    if profile.complaint_days is None:
        return {}
    day = clocks.day(clocks.facts.complaint_received_at or clocks.informed_at) + timedelta(days=profile.complaint_days)
    return {"answer_operational": day, "answer_due": clocks.roll_surely(day)}


def _send_back_by(profile: Profile, clocks: Clocks) -> date | None:
    """The last day to hand the goods to a carrier (CRD art. 14(1))."""
    if profile.send_back_days is None:
        return None
    return clocks.roll(clocks.day(clocks.sent_at) + timedelta(days=profile.send_back_days))


def _presumption(profile: Profile, clocks: Clocks, right: Right) -> date | None:
    """Until when a defect counts as there from the start: no period to act within, so it never rolls."""
    if profile.presumption is None or right.start is None:
        return None
    if clocks.case.request.resolution in profile.presumption_not_for:
        return None
    return after(right.start, profile.presumption, clocks.country)
