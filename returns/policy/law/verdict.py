"""What the law says of one line of a request: the right, its dates, and the most a trader may keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from customers.money import BadAmount, parse, share_down, to_text
from returns.policy.facts import Case
from returns.policy.law.clocks import Clocks, RefundClock, Right
from returns.policy.law.facts import LawFacts
from returns.policy.law.profiles import FeeCap, LawBook, LawWindow, Profile, book
from returns.policy.reasons import law_class
from returns.policy.window import end_of

ACCEPT, REJECT, NONE = "accept", "reject", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The floor for one line. Amounts are minor units; None in `max_fee` is no limit by law.

    `doubts` are codes of unknown facts that were taken for the consumer: a person looks. `value_loss` is the most
    that handling beyond trying may cost the consumer.
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
    presumption_until: date | None = None
    send_back_days: int | None = None
    credit_needs_consent: bool = False
    doubts: tuple[str, ...] = ()
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The verdict for JSON: dates ISO, the instant in UTC, amounts as decimal strings."""
        return {field.name: self._member(field.name) for field in fields(self) if field.name != "currency"}

    def _member(self, name: str) -> Any:
        value = getattr(self, name)
        if name in ("max_fee", "outbound_refundable", "value_loss"):
            return None if value is None else to_text(value, self.currency)
        if isinstance(value, datetime):
            return value.isoformat().replace("+00:00", "Z")
        if isinstance(value, date):
            return value.isoformat()
        return list(value) if isinstance(value, tuple) else value


def judge_by_law(case: Case, facts: LawFacts, *, law: LawBook | None = None, quantity: int = 1) -> Verdict:
    """What the law of the delivery country gives this consumer for this reason, at the instant of the case.

    The first profile whose conditions hold governs; one whose time is over gives way to a later tier of the same
    law. Unknown facts take the consumer's side and are named in `doubts`.
    """
    law = law or book()
    if case.order.country is None:
        return Verdict(currency=case.order.currency, version=law.version, doubts=("country_unknown",))
    last: Verdict | None = None
    for profile in _candidates(law, case, facts):
        verdict = _under(law, profile, case, facts, quantity)
        if verdict is None:
            continue
        if verdict.right != REJECT or verdict.exclusion:
            return verdict
        last = last or verdict
        if not profile.falls_to:
            break
    return last or Verdict(currency=case.order.currency, version=law.version)


def _candidates(law: LawBook, case: Case, facts: LawFacts) -> list[Profile]:
    order = case.order
    return list(
        law.candidates(
            country=order.country or "",
            region=_region(facts.region),
            channel=order.sale_channel or "distance",
            reason=reason_in_law(case),
            kind=order.customer_kind or "consumer",
            on=order.placed_at.date(),
        )
    )


def _region(region: str | None) -> str | None:
    return None if region is None else region.rpartition("-")[2].upper()


def reason_in_law(case: Case) -> str:
    """The class of the reason; what the consumer claims as basis comes first."""
    claimed, found = case.request.basis_claimed, law_class(case.request.reason)
    if claimed == "withdrawal":
        return "change_of_mind"
    if claimed == "warranty":
        return "commercial_warranty"
    return "defect_nonconformity" if claimed == "defect" and found == "change_of_mind" else found


def _over(case: Case, least: str, currency: str) -> bool | None:
    if case.order.currency != currency:
        return None
    return case.line.unit_price > parse(least, currency)


def _yes(value: bool | None) -> bool:
    return bool(value)


def _unless(value: bool | None) -> bool:
    """A condition that only a known fact to the contrary breaks."""
    return value is not True


NEEDS: dict[str, Callable[[Case, LawFacts], bool | None]] = {
    # a trader may ask for a certificate, so nobody is taken for protected unasked (CPL s. 14ג1)
    "protected_person": lambda case, facts: _yes(facts.protected_person),
    "had_conversation": lambda case, facts: facts.had_conversation,
    "unsolicited_visit": lambda case, facts: facts.unsolicited_visit,
    "unused": lambda case, facts: _unless(facts.used),
    "undamaged": lambda case, facts: _unless(facts.damaged),
    "tag_on": lambda case, facts: facts.tag_on is not False,
    "over_50_ils": lambda case, facts: _over(case, "50", "ILS"),
    "over_150_ils": lambda case, facts: _over(case, "150", "ILS"),
    "over_25_usd": lambda case, facts: _over(case, "24.99", "USD"),
}


def _doubts_of(profile: Profile, case: Case, facts: LawFacts) -> list[str] | None:
    """The unknown facts among a profile's conditions; None when one of them is known not to hold."""
    doubts: list[str] = []
    if profile.groups and facts.legal_group not in profile.groups:
        if facts.legal_group is not None:
            return None
        doubts.append("legal_group_unknown")
    for need in profile.needs:
        holds = NEEDS[need](case, facts)
        if holds is False:
            return None
        if holds is None:
            doubts.append(f"{need}_unknown")
    return doubts


def _under(law: LawBook, profile: Profile, case: Case, facts: LawFacts, quantity: int) -> Verdict | None:
    doubts = _doubts_of(profile, case, facts)
    if doubts is None:
        return None
    base: dict[str, Any] = {
        "currency": case.order.currency, "version": law.version, "profile": profile.id, "source": profile.source,
    }  # fmt: skip
    clocks = Clocks(law, profile, case, facts)
    if profile.right == NONE:
        return _undisplayed(profile, clocks, base, facts)
    excluded = _excluded(law, profile, facts, doubts)
    if excluded is not None:
        return Verdict(**base, right=REJECT, exclusion=excluded[0], article=excluded[1], doubts=tuple(doubts))
    return _in_time(profile, clocks, base, doubts, quantity)


def _undisplayed(profile: Profile, clocks: Clocks, base: dict[str, Any], facts: LawFacts) -> Verdict:
    """Where only a policy that was shown counts: one that was not shown gives way to the law's own days."""
    window = profile.if_not_displayed
    if window is None or facts.policy_displayed is True:
        return Verdict(**base)
    right = clocks.right(window)
    if not clocks.still_open(right.last_day):
        return Verdict(**base)
    doubts = () if facts.policy_displayed is False else ("display_unknown",)
    return Verdict(**base, right=ACCEPT, **_dates(clocks, right.start, right.last_day), doubts=doubts)


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


def _in_time(profile: Profile, clocks: Clocks, base: dict[str, Any], doubts: list[str], quantity: int) -> Verdict:
    right = clocks.right(profile.window) if profile.window else Right(None, None, "known")
    last_day, holds = _last_day(clocks, right, doubts)
    base |= _dates(clocks, right.start, last_day)
    if not holds:
        return Verdict(**base, right=REJECT, doubts=tuple(doubts))
    due = clocks.refund(profile.refund) if profile.refund else RefundClock(None, None, "not_applicable")
    fee = _max_fee(profile.fee, clocks, doubts, quantity)
    return Verdict(
        **base,
        right=ACCEPT,
        refund_due=due.operational,
        refund_latest=due.latest,
        withhold=due.withhold,
        max_fee=fee,
        return_shipping_payer=_payer(profile, clocks.facts),
        outbound_refundable=_outbound(profile, clocks.facts),
        value_loss=_value_loss(profile, clocks, quantity),
        answer_due=_answer_due(profile, clocks),
        presumption_until=_presumption(profile, clocks, right),
        send_back_days=profile.send_back_days,
        credit_needs_consent=profile.credit_needs_consent,
        doubts=tuple(dict.fromkeys(doubts)),
    )


def _last_day(clocks: Clocks, right: Right, doubts: list[str]) -> tuple[date | None, bool]:
    """The last day and whether the statement was in time; a doubt is named only where it decides."""
    if clocks.still_open(right.last_day):
        if right.last_day is None and right.doubt:
            doubts.append(right.doubt)
        return right.last_day, True
    if right.doubt and clocks.still_open(right.doubtful_until):
        doubts.append(right.doubt)
        return right.doubtful_until, True
    return right.doubtful_until or right.last_day, False


def _dates(clocks: Clocks, start: date | None, last_day: date | None) -> dict[str, Any]:
    closes_at = None if last_day is None else end_of(last_day, clocks.order.time_zone)
    return {"start": start, "last_day": last_day, "closes_at": closes_at}


def _max_fee(cap: FeeCap | None, clocks: Clocks, doubts: list[str], quantity: int) -> int | None:
    """The most that may be kept of this line, rounded down; a cap in a currency we cannot compare allows nothing."""
    if cap is None:
        return None
    if cap.nothing or cap.percent is None:
        return 0
    currency, gross = clocks.order.currency, clocks.case.line.unit_price * quantity
    fee = share_down(gross, Decimal(cap.percent))
    if currency != cap.currency:
        doubts.append("fee_currency")
        return 0
    try:
        fee = min(fee, parse(cap.most, currency))
    except BadAmount:
        return 0
    proven = clocks.facts.proven_processing_fee if cap.proven_clearing else None
    return fee + (proven or 0)


def _payer(profile: Profile, facts: LawFacts) -> str:
    if profile.payer_if_uninformed and facts.information_given_at is None:
        return profile.payer_if_uninformed
    return profile.payer


def _outbound(profile: Profile, facts: LawFacts) -> int:
    if profile.outbound == "none":
        return 0
    if profile.outbound == "cheapest_standard" and facts.cheapest_standard is not None:
        return min(facts.shipping_paid, facts.cheapest_standard)
    return facts.shipping_paid


def _value_loss(profile: Profile, clocks: Clocks, quantity: int) -> int:
    """What handling beyond trying may cost: nothing to a consumer who was not told of the right (CRD art. 14(2))."""
    if profile.value_loss != "if_informed" or clocks.facts.information_given_at is None:
        return 0
    return clocks.case.line.unit_price * quantity


def _answer_due(profile: Profile, clocks: Clocks) -> date | None:
    if profile.complaint_days is None:
        return None
    came = clocks.facts.complaint_received_at or clocks.informed_at
    return clocks.day(came) + timedelta(days=profile.complaint_days)


def _presumption(profile: Profile, clocks: Clocks, right: Right) -> date | None:
    if profile.presumption is None or right.start is None:
        return None
    window = LawWindow(profile.presumption, "possession", "")
    return clocks.right(window).last_day
