"""What would become of a request: decided and quoted as if it were made, on an order known or not, nothing written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid
from customers import money
from customers.actions.pool import Claim, check_claims
from customers.models import OrderLine
from refunds.actions.inputs import request_for
from refunds.actions.rows import Rows
from refunds.actions.sold import Sold, sold_order, under
from refunds.calculator import Quote, calculate
from returns.actions.wish import undelivered
from returns.models import PolicyDecision, Return, ReturnItem, ReturnPolicy
from returns.models.rma import Status
from returns.policy.decision import DECLINED, Decision, Note
from returns.policy.document import Policy, load
from returns.policy.eligibility import decide
from returns.policy.facts import Request
from returns.policy.law import ACCEPT, LawFacts
from returns.policy.quote import expected_gross
from returns.queries import (
    declared,
    law_facts,
    line_facts,
    order_facts,
    policy_at,
    policy_for,
    policy_of,
    policy_on,
    published_policy,
    repairs_told,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One item that somebody thinks of sending back."""

    line: str
    quantity: int
    reason: str
    declared: Mapping[str, bool | None] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    resolution: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """The whole request; `facts` as the API names them, amounts as decimal strings; `policy` a document or None."""

    order: Mapping[str, Any]
    items: Sequence[Asked]
    resolution: str | None = None
    basis_claimed: str | None = None
    method: str | None = None
    as_of: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    policy: Any = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of one item; `gross` is what its units were paid with, minor units."""

    asked: Asked
    decision: Decision
    gross: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer; `policy` is the version that decided, None for a document sent along."""

    currency: str
    policy: ReturnPolicy | None
    verdicts: list[Verdict]
    quote: Quote


def judge_request(question: Question, *, actor: Actor) -> Answer:
    """Answer a question about eligibility without writing anything; a stored order takes four statements.

    `as_of` is decided by the policy in force then; without it a customer on trial is decided by the trial, as their
    request would be. Raises NotFound for an order that is not there, Invalid for a line or a document that
    cannot be, Mismatch, Forbidden and OverQuantity (`max`).
    """
    moment = question.as_of or timezone.now()
    sold = sold_order(question.order, actor=actor, now=moment)
    claims = _claims(sold.lines, question.items)
    row = None if question.policy is not None else _version(question, sold)
    with under("/policy"):
        policy = load(question.policy) if row is None else policy_of(row)
    laws = [_law(sold, claim.line, asked, question.facts) for asked, claim in zip(question.items, claims, strict=True)]
    decisions = _decide(policy, _earlier(policy, row, sold), sold, claims, question, laws, moment)
    verdicts = [
        Verdict(asked, decision, expected_gross(claim.line, sold.lines, claim.quantity))
        for asked, decision, claim in zip(question.items, decisions, claims, strict=True)
    ]
    return Answer(sold.order.currency, row, verdicts, _quote(sold, claims, verdicts, policy, question, moment))


def _version(question: Question, sold: Sold) -> ReturnPolicy:
    """The version that decides: that of the day asked for, else what a request of today would meet."""
    if question.as_of is not None:
        return policy_on(sold.order.shop_id, question.as_of)
    if sold.risk is None:
        return published_policy(sold.order.shop_id)
    return policy_for(sold.order.shop_id, sold.order.customer)[0]


def _earlier(policy: Policy, row: ReturnPolicy | None, sold: Sold) -> Policy | None:
    if row is None or not policy.honour_terms_at_purchase:
        return None
    return policy_at(row.shop_id, sold.order.placed_at)


def _claims(lines: list[OrderLine], items: Sequence[Asked]) -> list[Claim]:
    by_id = {line.external_id: line for line in lines}
    errors = []
    for index, asked in enumerate(items):
        if asked.line not in by_id:
            detail = _("The order has no line %(line)s.") % {"line": asked.line}
            errors.append(FieldError(f"/items/{index}/line", "unknown", detail))
    if errors:
        raise Invalid(errors[0].detail, errors=errors)
    claims = [Claim(by_id[asked.line], asked.quantity, f"/items/{index}/quantity") for index, asked in enumerate(items)]
    check_claims(lines, claims)
    return claims


def _law(sold: Sold, line: OrderLine, asked: Asked, facts: Mapping[str, Any]) -> LawFacts:
    told: dict[str, Any] = {name: value for name, value in facts.items() if value is not None and name != "value_loss"}
    if "proven_processing_fee" in told:
        told["proven_processing_fee"] = _minor(told["proven_processing_fee"], sold, "/facts/proven_processing_fee")
    said = declared(asked.answers) | {name: value for name, value in asked.declared.items() if value is not None}
    told = {**repairs_told(line), **told, **said}
    return law_facts(sold.document, asked.line, shipping=sold.shipping, quantity=asked.quantity, told=told)


def _minor(text: str, sold: Sold, pointer: str) -> int:
    try:
        return money.parse(text, sold.order.currency)
    except money.BadAmount as error:
        raise Invalid(error.message, errors=[FieldError(pointer, error.code, error.message)]) from error


def _decide(
    policy: Policy,
    earlier: Policy | None,
    sold: Sold,
    claims: list[Claim],
    question: Question,
    laws: list[LawFacts],
    now: datetime,
) -> list[Decision]:
    """The verdict on each item; units that have not left yet are declined where a request for them is refused."""
    facts = order_facts(sold.order, sold.document)
    pending = undelivered(zip(claims, (each.reason for each in question.items), strict=True), question.basis_claimed)
    found = []
    for asked, claim, law in zip(question.items, claims, laws, strict=True):
        request = Request(
            reason=asked.reason,
            resolution=asked.resolution or question.resolution or "refund",
            method=question.method,
            basis_claimed=question.basis_claimed,
            requested_at=law.submitted_at or now,
            risk=sold.risk,
        )
        line = line_facts(claim.line, sold.document)
        decision = decide(policy, facts, line, request, now, at_purchase=earlier, law=law)
        found.append(_not_delivered(decision) if claim in pending else decision)
    return found


def _not_delivered(decision: Decision) -> Decision:
    """The same decision, declined first of all because not all of the units are with the customer."""
    if "not_delivered" in decision.codes:
        return decision
    return replace(decision, outcome=DECLINED, basis="none", notes=(Note("not_delivered", {}), *decision.notes))


def _quote(
    sold: Sold,
    claims: list[Claim],
    verdicts: list[Verdict],
    policy: Policy,
    question: Question,
    now: datetime,
) -> Quote:
    """What would be paid for what is not declined: rows of a return in memory, through the one calculator.

    How much a price comes down is decided by a person, so nothing is quoted for it.
    """
    rma = Return(order=sold.order, currency=sold.order.currency, status=Status.AUTHORIZED, decided_at=now)
    rows = Rows(rma, sold.order, [], sold.lines, sold.shipping, [], {}, [])
    # what is only to cost less stays with the customer, so there is no label to pay for
    method = question.method or ("keep" if question.resolution == "price_reduction" else None)
    units: list[tuple[ReturnItem, int]] = []
    for number, (claim, verdict) in enumerate(zip(claims, verdicts, strict=True), start=1):
        if verdict.decision.outcome == DECLINED:
            continue
        rma.label_fee = max(rma.label_fee, verdict.decision.terms.label_fee_for(method))
        if (verdict.asked.resolution or question.resolution) == "price_reduction":
            continue
        asked = {"requested": claim.quantity, "authorized": claim.quantity, "waived": claim.quantity}
        item = ReturnItem(pk=number, rma=rma, line=claim.line, reason=verdict.asked.reason, **asked)
        rows.items.append(item)
        rows.decisions[number] = PolicyDecision(item=item, detail=verdict.decision.as_dict())
        units.append((item, claim.quantity))
    if not units:
        return Quote(currency=sold.order.currency, tender="original", lines=(), split=(), credit=0, payout=0)
    tender = "store_credit" if question.resolution == "store_credit" else "original"
    lost = _lost(sold, units, verdicts, question)
    request = request_for(rows, units, policy, tender=tender, shipping=None, deductions=lost)
    return calculate(replace(request, split=False, ceiling=sold.ceiling))


def _lost(
    sold: Sold, units: list[tuple[ReturnItem, int]], verdicts: list[Verdict], question: Question
) -> list[tuple[str, int, str]]:
    """The lost value as deductions, item by item: no more than its goods, nor than the law lets the trader keep."""
    stated = question.facts.get("value_loss")
    left = _minor(stated, sold, "/facts/value_loss") if stated else 0
    found = []
    for item, _quantity in units:
        verdict = verdicts[item.pk - 1]
        taken = min(left, _most_lost(verdict, sold))
        left -= taken
        if taken:
            found.append((str(item.uid), taken, "value_loss"))
    return found


def _most_lost(verdict: Verdict, sold: Sold) -> int:
    law = verdict.decision.terms.law
    if law is None or law.right != ACCEPT or law.value_loss is None:
        return verdict.gross
    return min(verdict.gross, law.value_loss)
