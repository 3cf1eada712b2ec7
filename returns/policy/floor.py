"""The law as a floor: terms of a policy lifted, dimension by dimension, to what the law gives, each lift on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from customers.money import to_text
from returns.policy.decision import DECLINED, Clip, Decision, FeeTerms, Terms
from returns.policy.document import plain
from returns.policy.facts import Case
from returns.policy.law import ACCEPT, LawFacts, Verdict, judge_by_law
from returns.policy.law.verdict import reasons_in_law
from returns.policy.reasons import SHOP_CARRIED, WITHDRAWAL_REASONS
from returns.policy.rules import TraceEntry
from returns.policy.window import KNOWN, Window

BY_LAW = "law"

Judge = Callable[[Terms], Decision]


@dataclass(frozen=True)
class Lift:
    """One dimension in which the law wins: `changes` of the terms, and both values for people and programs."""

    changes: dict[str, Any]
    effect: str
    policy: Any
    law: Any


def lift(terms: Terms, case: Case, facts: LawFacts, judge: Judge) -> Decision:
    """The decision under the better of policy and law for the consumer, per dimension; `judge` decides by terms."""
    verdict = judge_by_law(case, facts)
    lifts = [find(terms, verdict, case, facts) for find in _DIMENSIONS] if verdict.right == ACCEPT else []
    terms = _apply(terms, *filter(None, lifts), law=verdict)
    alone = judge(terms)
    if verdict.right != ACCEPT and not verdict.doubts:
        return alone
    lifted = _decision(terms, verdict, case, alone)
    return alone if lifted is terms else judge(lifted)


def _apply(terms: Terms, *lifts: Lift, **more: Any) -> Terms:
    """The terms with every lift, each on record; the lifts are of different dimensions."""
    if not lifts and not more:
        return terms
    for each in lifts:
        more |= each.changes
    clips = tuple(Clip(each.effect, each.policy, each.law) for each in lifts)
    entries = tuple(TraceEntry(BY_LAW, each.effect, each.law) for each in lifts)
    return replace(terms, **more, clipped=terms.clipped + clips, trace=terms.trace + entries)


def _decision(terms: Terms, verdict: Verdict, case: Case, alone: Decision) -> Terms:
    """The time and the decision: what the policy refuses the law may grant, and a doubt is for a person."""
    if "not_delivered" in alone.codes:
        return terms
    over = terms.window.is_over(case.asked_at)
    doubtful = bool(verdict.doubts) and (alone.outcome == DECLINED or over)
    if over or _is_longer(verdict.closes_at, verdict.right, terms.window):
        terms = _apply(terms, _window(terms, verdict))
    if doubtful:
        terms = replace(terms, doubts=verdict.doubts)
    if terms.decision == "decline" or (terms.decision == "review" and case.request.basis_claimed == "withdrawal"):
        wanted = "review" if doubtful else "authorize"
        if wanted != terms.decision:
            lifted = {"decision": wanted, "decided_by": BY_LAW, "message": None}
            terms = _apply(terms, Lift(lifted, "decision", terms.decision, wanted))
    return terms


def _is_longer(closes_at: datetime | None, right: str, window: Window) -> bool:
    if right != ACCEPT or window.closes_at is None:
        return False
    return closes_at is None or closes_at > window.closes_at


def _window(terms: Terms, verdict: Verdict) -> Lift:
    """The law's own last day; the policy's is named beside it."""
    days = None if verdict.last_day is None or verdict.start is None else (verdict.last_day - verdict.start).days
    window = Window(terms.window.event, days, verdict.start, verdict.last_day, verdict.closes_at, KNOWN, extended=True)
    return Lift({"window": window}, "return_until", _text(terms.window.last_day), _text(verdict.last_day))


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _fee(terms: Terms, verdict: Verdict, case: Case, facts: LawFacts) -> Lift | None:
    most = verdict.max_fee
    if most is None or not (terms.fee.fixed or terms.fee.percent):
        return None
    wanted = terms.fee.on(case.line.unit_price * facts.quantity)
    if most and wanted <= most:
        return None
    fee = replace(terms.fee, most=most) if most else FeeTerms(keep_shipping=terms.fee.keep_shipping)
    return Lift({"fee": fee}, "fee", to_text(wanted, terms.currency), to_text(most, terms.currency))


def _payer(terms: Terms, verdict: Verdict, case: Case, facts: LawFacts) -> Lift | None:
    if verdict.return_shipping_payer != "trader" or terms.return_shipping_payer == "shop":
        return None
    return Lift({"return_shipping_payer": "shop"}, "return_shipping_payer", terms.return_shipping_payer, "shop")


def _label_fee(terms: Terms, verdict: Verdict, case: Case, facts: LawFacts) -> Lift | None:
    if verdict.return_shipping_payer != "trader" or not terms.label_fee:
        return None
    return Lift({"label_fee": 0}, "label_fee", to_text(terms.label_fee, terms.currency), to_text(0, terms.currency))


def _outbound(terms: Terms, verdict: Verdict, case: Case, facts: LawFacts) -> Lift | None:
    """The law's share of the delivery is kept beside the policy's yes or no: it is paid when nothing stays."""
    if terms.refund_outbound_shipping or not verdict.outbound_refundable:
        return None
    most = to_text(verdict.outbound_refundable, terms.currency)
    return Lift({}, "refund_outbound_shipping", False, most)


def _resolutions(terms: Terms, verdict: Verdict, case: Case, facts: LawFacts) -> Lift | None:
    missing = tuple(each for each in verdict.remedies if each not in terms.resolutions)
    if not missing:
        return None
    both = (*terms.resolutions, *missing)
    return Lift({"resolutions": both}, "resolutions", list(terms.resolutions), list(both))


def _is_withdrawal(case: Case) -> bool:
    return not WITHDRAWAL_REASONS.isdisjoint(reasons_in_law(case))


def _photos(terms: Terms, verdict: Verdict, case: Case, facts: LawFacts) -> Lift | None:
    """No photo may be a condition of a withdrawal (CRD art. 11(1), GDPR art. 5(1)(c))."""
    if not terms.required_photos or not _is_withdrawal(case):
        return None
    return Lift({"required_photos": 0}, "required_photos", terms.required_photos, 0)


def _questions(terms: Terms, verdict: Verdict, case: Case, facts: LawFacts) -> Lift | None:
    """Nor an answer: no reason need be given (CRD art. 9(1))."""
    if not terms.questions or not _is_withdrawal(case):
        return None
    return Lift({"questions": ()}, "questions", list(terms.questions), [])


def _postage_cap(terms: Terms, verdict: Verdict, case: Case, facts: LawFacts) -> Lift | None:
    """Who sends goods back at the trader's cost gets all of it (Dir. (EU) 2019/771 art. 14(1), CRD art. 14(1))."""
    if verdict.return_shipping_payer != "trader" or terms.return_postage_cap is None:
        return None
    given = to_text(terms.return_postage_cap, terms.currency)
    return Lift({"return_postage_cap": None}, "return_postage_cap", given, None)


def _methods(terms: Terms, verdict: Verdict, case: Case, facts: LawFacts) -> Lift | None:
    """Goods that came by carrier may go back by one: nobody has to travel to the shop (CRD art. 14(1))."""
    free = {*SHOP_CARRIED, "own_carrier", "keep"}
    sent = verdict.send_back_by is not None or verdict.return_shipping_payer == "trader"
    if case.order.sale_channel == "store" or not sent or not free.isdisjoint(terms.methods):
        return None
    both = (*terms.methods, "own_carrier")
    return Lift({"methods": both}, "methods", list(terms.methods), list(both))


def _deductions(terms: Terms, verdict: Verdict, case: Case, facts: LawFacts) -> Lift | None:
    """Nothing is kept for condition where the law leaves nothing: said here, held where the money is decided."""
    wanted = {grade: percent for grade, percent in terms.deduction_by_grade.items() if percent}
    if verdict.value_loss != 0 or not wanted:
        return None
    return Lift({}, "deduction_by_grade", plain(wanted), {})


_DIMENSIONS = (
    _fee,
    _payer,
    _label_fee,
    _outbound,
    _resolutions,
    _methods,
    _photos,
    _questions,
    _postage_cap,
    _deductions,
)


def basis_of(terms: Terms, outcome: str, alone: str) -> str:
    """What a decision rests on: the law where it surely gives the right or where the policy alone refuses."""
    law = terms.law
    if outcome == DECLINED or law is None or law.right != ACCEPT:
        return alone
    return "statutory" if not law.doubts or terms.doubts or alone != "policy" else alone
