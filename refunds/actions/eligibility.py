"""What would become of a request: decided and quoted as if it were made, on an order known or not, nothing written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Forbidden, Invalid, NotFound
from customers import money
from customers.actions.order_rows import rows_for
from customers.actions.orders import ReadOrder, new_order, read_order
from customers.actions.pool import Claim, check_claims
from customers.models import Channel, Customer, Order, OrderLine, OrderPayment, OrderShipping, OrderVersion, Shop
from refunds.actions.inputs import request_for
from refunds.actions.rows import Rows
from refunds.calculator import Quote, calculate
from returns.models import PolicyDecision, Return, ReturnItem, ReturnPolicy
from returns.models.rma import Status
from returns.policy.decision import DECLINED, Decision
from returns.policy.document import Policy, load
from returns.policy.eligibility import decide
from returns.policy.facts import Request
from returns.policy.law import ACCEPT, LawFacts
from returns.policy.quote import expected_gross
from returns.queries import declared, law_facts, line_facts, order_facts, policy_at, policy_of, published_policy


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


@dataclass(slots=True)
class _Sold:
    """An order with everything about it, stored or only in memory."""

    order: Order
    document: Mapping[str, Any]
    lines: list[OrderLine]
    shipping: list[OrderShipping]
    payments: list[OrderPayment]


def judge_request(question: Question, *, actor: Actor) -> Answer:
    """Answer a question about eligibility without writing anything.

    Raises NotFound for an order that is not there, Invalid for a line or a document that cannot be, Mismatch,
    Forbidden and OverQuantity (`max`).
    """
    sold = _sold(question.order, actor)
    claims = _claims(sold.lines, question.items)
    row = None if question.policy is not None else published_policy(sold.order.shop_id)
    policy = load(question.policy) if row is None else policy_of(row)
    now = question.as_of or timezone.now()
    laws = [_law(sold, asked, question.facts) for asked in question.items]
    earlier = _earlier(policy, row, sold)
    verdicts = [
        Verdict(asked, _decide(policy, earlier, sold, claim.line, asked, question, law, now), _gross(claim, sold.lines))
        for asked, claim, law in zip(question.items, claims, laws, strict=True)
    ]
    quote = _quote(sold, claims, verdicts, policy, question, laws, now)
    return Answer(sold.order.currency, row, verdicts, quote)


def _earlier(policy: Policy, row: ReturnPolicy | None, sold: _Sold) -> Policy | None:
    if row is None or not policy.honour_terms_at_purchase:
        return None
    return policy_at(row.shop_id, sold.order.placed_at)


def _sold(wanted: Mapping[str, Any], actor: Actor) -> _Sold:
    if "lines" in wanted:
        return _imagined(read_order(wanted), actor)
    rows = Order.objects.visible_to(actor)
    if "id" in wanted:
        rows = rows.filter(uid=wanted["id"])
    else:
        rows = rows.filter(channel__code=wanted["channel"], number=wanted["number"])
    current = OrderVersion.objects.filter(order=OuterRef("pk"), number=OuterRef("version"))
    shaped = rows.select_related("shop", "channel").annotate(document=Subquery(current.values("document")[:1]))
    order = shaped.first()
    if order is None:
        raise NotFound(_("There is no such order, or it is not yours to see."))
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    shipping = list(OrderShipping.objects.filter(order=order).order_by("pk"))
    payments = list(OrderPayment.objects.filter(order=order).order_by("pk"))
    return _Sold(order, order.document, lines, shipping, payments)  # type: ignore[attr-defined]


def _imagined(read: ReadOrder, actor: Actor) -> _Sold:
    """The rows that a document would make; they get numbers so that components find their kits."""
    order = new_order(read, _channel(read, actor), Customer())
    rows = rows_for(order, read.doc, read.priced)
    for number, line in enumerate(rows.lines, start=1):
        line.pk = number
    for line in rows.lines:
        line.parent = line.parent  # takes the kit's number over
    return _Sold(order, read.canonical, rows.lines, rows.shipping, rows.payments)


def _channel(read: ReadOrder, actor: Actor) -> Channel:
    known = Channel.objects.select_related("shop").filter(code=read.doc.channel).first()
    shop = known.shop if known else Shop.objects.filter(code=read.doc.shop).first()
    if shop is None:
        detail = _("There is no shop %(code)s.") % {"code": read.doc.shop}
        raise Invalid(detail, errors=[FieldError("/order/shop", "unknown", detail)])
    if (actor.shops and shop.code not in actor.shops) or (actor.channels and read.doc.channel not in actor.channels):
        raise Forbidden(_("This key is not for this shop and channel."))
    return known or Channel(code=read.doc.channel, shop=shop)


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


def _law(sold: _Sold, asked: Asked, facts: Mapping[str, Any]) -> LawFacts:
    told = {name: value for name, value in facts.items() if value is not None and name != "value_loss"}
    if "proven_processing_fee" in told:
        told["proven_processing_fee"] = _minor(told["proven_processing_fee"], sold, "/facts/proven_processing_fee")
    said = declared(asked.answers) | {name: value for name, value in asked.declared.items() if value is not None}
    return law_facts(sold.document, asked.line, shipping=sold.shipping, quantity=asked.quantity, told={**told, **said})


def _minor(text: str, sold: _Sold, pointer: str) -> int:
    try:
        return money.parse(text, sold.order.currency)
    except money.BadAmount as error:
        detail = _("The amount has too many decimals for the currency.")
        raise Invalid(detail, errors=[FieldError(pointer, "invalid", detail)]) from error


def _decide(
    policy: Policy,
    earlier: Policy | None,
    sold: _Sold,
    line: OrderLine,
    asked: Asked,
    question: Question,
    law: LawFacts,
    now: datetime,
) -> Decision:
    request = Request(
        reason=asked.reason,
        resolution=asked.resolution or question.resolution or "refund",
        method=question.method,
        basis_claimed=question.basis_claimed,
        requested_at=law.submitted_at or now,
    )
    facts = order_facts(sold.order, sold.document)
    return decide(policy, facts, line_facts(line, sold.document), request, now, at_purchase=earlier, law=law)


def _gross(claim: Claim, lines: list[OrderLine]) -> int:
    """The exact share of what was paid; a kit is worth what its components are."""
    return expected_gross(claim.line, lines, claim.quantity)


def _quote(
    sold: _Sold,
    claims: list[Claim],
    verdicts: list[Verdict],
    policy: Policy,
    question: Question,
    laws: list[LawFacts],
    now: datetime,
) -> Quote:
    """What would be paid for what is not declined: rows of a return in memory, through the one calculator."""
    rma = Return(order=sold.order, currency=sold.order.currency, status=Status.AUTHORIZED, decided_at=now)
    rows = Rows(rma, sold.order, [], sold.lines, sold.shipping, sold.payments, {}, [])
    units: list[tuple[ReturnItem, int]] = []
    for number, (claim, verdict) in enumerate(zip(claims, verdicts, strict=True), start=1):
        if verdict.decision.outcome == DECLINED:
            continue
        asked = {"requested": claim.quantity, "authorized": claim.quantity, "waived": claim.quantity}
        item = ReturnItem(pk=number, rma=rma, line=claim.line, reason=verdict.asked.reason, **asked)
        rows.items.append(item)
        rows.decisions[number] = PolicyDecision(item=item, detail=verdict.decision.as_dict())
        rma.label_fee = max(rma.label_fee, verdict.decision.terms.label_fee_for(question.method))
        units.append((item, claim.quantity))
    if not units:
        return Quote(currency=sold.order.currency, tender="original", lines=(), split=(), credit=0, payout=0)
    tender = "store_credit" if question.resolution == "store_credit" else "original"
    lost = _lost(sold, units, verdicts, question)
    request = request_for(rows, units, policy, tender=tender, shipping=None, deductions=lost)
    return calculate(replace(request, split=False))


def _lost(
    sold: _Sold, units: list[tuple[ReturnItem, int]], verdicts: list[Verdict], question: Question
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


def _most_lost(verdict: Verdict, sold: _Sold) -> int:
    law = verdict.decision.terms.law
    if law is None or law.right != ACCEPT or law.value_loss is None:
        return verdict.gross
    return min(verdict.gross, law.value_loss)
