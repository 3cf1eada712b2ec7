"""The decision itself: what the policy grants for a line, and whether this request may have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from returns.policy.amounts import NOTHING, Amount
from returns.policy.decision import AUTHORIZED, DECLINED, OUTCOMES, REVIEW, Decision, FeeTerms, Note, Terms
from returns.policy.document import Fee, Policy
from returns.policy.facts import Case, LineFacts, OrderFacts, Request
from returns.policy.floor import basis_of, lift
from returns.policy.law import REJECT, LawFacts
from returns.policy.reasons import BEFORE_DELIVERY, outlives_window
from returns.policy.rules import Resolved, TraceEntry, resolve
from returns.policy.window import (
    ESTIMATED,
    PENDING,
    UNKNOWN,
    could_be_open_elsewhere,
    line_arrival,
    window_of,
)

Finding = tuple[str, str, Mapping[str, Any]]

_VERDICT = {"authorize": AUTHORIZED, "review": REVIEW, "decline": DECLINED}


def decide(
    policy: Policy,
    order: OrderFacts,
    line: LineFacts,
    request: Request,
    now: datetime,
    *,
    at_purchase: Policy | None = None,
    law: LawFacts | None = None,
    settled: str | None = None,
) -> Decision:
    """Decide one line of a request at `now`; `law` holds the facts by which the law lifts the terms.

    `at_purchase` is the version in force when the order was placed: it holds where the policy honours it and
    it is the better one for the customer. `settled` is an outcome that no policy changes: the law judged a statement
    of withdrawal before.
    """
    decision = _better(policy, at_purchase, Case(order, line, request, now), law)
    if settled is None or decision.outcome == settled:
        return decision
    return replace(decision, outcome=settled, basis="statutory")


def _better(policy: Policy, at_purchase: Policy | None, case: Case, law: LawFacts | None) -> Decision:
    """By the version in force or, where it is promised and better, by that of the purchase."""
    current = _decide(policy, case, law)
    if at_purchase is None or not policy.honour_terms_at_purchase:
        return current
    earlier = _decide(at_purchase, case, law)
    if generosity(earlier, case.line.unit_price) <= generosity(current, case.line.unit_price):
        return current
    kept = TraceEntry(at_purchase.name, "honour_terms_at_purchase", True)
    terms = replace(earlier.terms, trace=(*earlier.terms.trace, kept))
    return replace(earlier, terms=terms, terms_at_purchase=True)


def replay(policy: Policy, looked_at: Mapping[str, Any], **more: Any) -> Decision:
    """Decide again from what `decision.inputs` wrote."""
    request = Request.from_dict(looked_at["request"])
    if request.requested_at is None:
        raise ValueError("Stored inputs name the instant of the request.")
    order, line = OrderFacts.from_dict(looked_at["order"]), LineFacts.from_dict(looked_at["line"])
    if looked_at.get("law"):
        more.setdefault("law", LawFacts.from_dict(looked_at["law"]))
    settled = looked_at.get("settled")
    return decide(policy, order, line, request, request.requested_at, settled=settled, **more)


def _decide(policy: Policy, case: Case, law: LawFacts | None) -> Decision:
    alone = judge(grant(policy, case), case)
    if law is None:
        return alone
    decision = lift(alone.terms, case, law, lambda terms: judge(terms, case))
    return replace(decision, basis=basis_of(decision.terms, decision.outcome, alone.basis))


def grant(policy: Policy, case: Case) -> Terms:
    """The terms that the policy alone gives this line and request."""
    resolved = resolve(policy, case)
    effects = resolved.values
    cap: Amount | None = effects.get("return_postage_cap")
    fee, waived = _fee(resolved, case)
    return Terms(
        currency=case.order.currency,
        decision=effects["decision"],
        decided_by=resolved.set_by["decision"],
        message=_message(policy, resolved),
        window=window_of(
            case.order,
            event=effects["window_from"],
            days=effects["window_days"],
            return_until=effects.get("return_until"),
        ),
        fee=fee,
        label_fee=0 if waived else _label_fee(effects, case),
        resolutions=effects["resolutions"],
        methods=effects["methods"],
        required_photos=effects.get("required_photos", 0),
        questions=effects.get("questions", ()),
        return_shipping_payer=effects["return_shipping_payer"],
        return_postage_cap=None if cap is None else cap.minor(case.order.currency),
        return_to=effects.get("return_to"),
        bonus_credit_percent=effects["bonus_credit_percent"],
        exchange_bonus_percent=effects.get("exchange_bonus_percent", Decimal(0)),
        refund_outbound_shipping=effects["refund_outbound_shipping"],
        promotion_on_return=effects["promotion_on_return"],
        auto_reimburse=effects["auto_reimburse"],
        deduction_by_grade=effects.get("deduction_by_grade", {}),
        standing=policy.standing,
        trace=resolved.trace() + waived,
    )


def _fee(resolved: Resolved, case: Case) -> tuple[FeeTerms, tuple[TraceEntry, ...]]:
    """The fee, or none with the reason or resolution it is waived for."""
    waivers = resolved.values.get("fee_waived_for", frozenset())
    for asked in (case.request.reason, case.request.resolution):
        if asked in waivers:
            why = TraceEntry(resolved.set_by["fee_waived_for"], "fee_waived", asked)
            return FeeTerms(waived_for=asked), (why,)
    fee: Fee | None = resolved.values.get("fee")
    if fee is None:
        return FeeTerms(), ()
    return FeeTerms(fee.fixed.minor(case.order.currency) or 0, fee.percent, fee.keep_shipping), ()


def _label_fee(effects: Mapping[str, Any], case: Case) -> int:
    """Nobody pays for a label that the shop said it pays for."""
    if effects["return_shipping_payer"] == "shop":
        return 0
    gross: Amount = (effects.get("label_fee") or {"gross": NOTHING})["gross"]
    return gross.minor(case.order.currency) or 0


def _message(policy: Policy, resolved: Resolved) -> Any:
    """The shop's own words, unless they speak for a decision that another rule overruled."""
    author = resolved.set_by.get("message")
    if author is None:
        return None
    decided = {rule.name for rule in policy.rules if "decision" in rule.then}
    overruled = author in decided and author != resolved.set_by["decision"]
    return None if overruled else resolved.values["message"]


def judge(terms: Terms, case: Case) -> Decision:
    """The verdict on a request under given terms: the strictest finding decides and is named first."""
    findings = [*_doubts(terms), *_arrival(case), *_time(terms, case), *_rule(terms), *_wishes(terms, case)]
    findings.sort(key=lambda finding: -OUTCOMES.index(finding[0]))
    outcome = findings[0][0]
    held = outcome != DECLINED and not terms.window.is_over(case.asked_at)
    notes = tuple(Note(code, params) for _severity, code, params in findings)
    return Decision(outcome, "policy" if held else "none", notes, terms)


def _doubts(terms: Terms) -> list[Finding]:
    return [(REVIEW, doubt, {}) for doubt in terms.doubts]


def _early(case: Case) -> bool:
    return case.request.reason in BEFORE_DELIVERY or case.request.basis_claimed == "withdrawal"


def _arrival(case: Case) -> list[Finding]:
    arrival = line_arrival(case)
    if _early(case) or arrival not in (PENDING, UNKNOWN):
        return []
    return [(DECLINED, "not_delivered", {})] if arrival == PENDING else [(REVIEW, "unknown_delivery", {})]


def _time(terms: Terms, case: Case) -> list[Finding]:
    window = terms.window
    params = _window_params(terms)
    if window.is_over(case.asked_at):
        return _late(terms, case, params)
    if terms.doubts:
        return [(AUTHORIZED, "in_window", params)]
    if could_be_open_elsewhere(window, case.asked_at, case.order.time_zone):
        return [(REVIEW, "unknown_time_zone", params)]
    if window.is_unlimited():
        return [(AUTHORIZED, "in_window", params), (AUTHORIZED, "no_limit", {})]
    if window.certainty == PENDING:
        return [(AUTHORIZED, "in_window", params), (AUTHORIZED, "window_not_started", {})]
    return [(AUTHORIZED, "in_window", params)]


def _late(terms: Terms, case: Case, params: Mapping[str, Any]) -> list[Finding]:
    """After the last day a person looks where a right or an unknown fact may speak for the customer."""
    outlives = outlives_window(case.request.reason) or case.request.basis_claimed in ("defect", "warranty")
    if outlives and not _over_by_law(terms):
        return [(REVIEW, "right_outlives_window", params), (REVIEW, "window_over", params)]
    if terms.window.certainty == ESTIMATED:
        return [(REVIEW, "delivery_estimated", params), (REVIEW, "window_over", params)]
    return [(DECLINED, "window_over", params)]


def _over_by_law(terms: Terms) -> bool:
    """A right that the law ended outlives nothing."""
    return terms.law is not None and terms.law.right == REJECT


def _window_params(terms: Terms) -> dict[str, Any]:
    window = terms.window
    return {
        "days": None if window.extended else window.days,
        "last_day": None if window.last_day is None else window.last_day.isoformat(),
    }


def _rule(terms: Terms) -> list[Finding]:
    if terms.decision == "authorize":
        return []
    code = "rule_declined" if terms.decision == "decline" else "rule_review"
    return [(_VERDICT[terms.decision], code, {"rule": terms.decided_by})]


def _wishes(terms: Terms, case: Case) -> list[Finding]:
    """A wish outside the offer: a remedy for a fault is never refused by a list alone."""
    found: list[Finding] = []
    wanted, method = case.request.resolution, case.request.method
    if wanted is not None and wanted not in terms.resolutions:
        severity = REVIEW if outlives_window(case.request.reason) else DECLINED
        offer = {"asked": wanted, "offered": list(terms.resolutions)}
        found.append((severity, "resolution_not_offered", offer))
    if method is not None and method not in terms.methods:
        found.append((AUTHORIZED, "method_not_offered", {"asked": method, "offered": list(terms.methods)}))
    return found


def generosity(decision: Decision, unit_price: int) -> tuple[Any, ...]:
    """How good a decision is for the customer: outcome, time, money on a unit of `unit_price` minor units."""
    terms = decision.terms
    closes_at = terms.window.closes_at
    return (
        -OUTCOMES.index(decision.outcome),
        closes_at is None,
        closes_at.timestamp() if closes_at else 0.0,
        -terms.fee.on(unit_price) - terms.label_fee_for(None),
        terms.return_shipping_payer == "shop",
        terms.refund_outbound_shipping,
        terms.bonus_credit_percent,
        len(terms.resolutions),
        len(terms.methods),
    )
