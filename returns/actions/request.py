"""Asking for a return: the units are claimed, the policy decides, everything is written at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import NotFound
from customers.actions import Claim, claim_units
from customers.models import Order, OrderLine, OrderShipping, OrderVersion
from returns import events
from returns.actions.complaints import start_answer
from returns.actions.deadlines import start_clock
from returns.actions.judge import Made, decision_on, method_of, status_for, worth_of
from returns.actions.replacements import check_replacements
from returns.actions.risk import risk_of, with_signals
from returns.actions.wish import Wanted, claims_of
from returns.codes import new_code
from returns.models import PolicyDecision, Return, ReturnItem, ReturnPolicy
from returns.models.rma import Status
from returns.policy.decision import AUTHORIZED, DECLINED, inputs_hash
from returns.policy.law import LawFacts, book
from returns.policy.risk import Risk
from returns.queries import (
    declared,
    law_facts,
    line_facts,
    lines_of,
    order_facts,
    policy_for,
    repairs_told,
    search_text,
)


def request_return(
    order: Order | QuerySet[Order], wanted: Wanted, *, actor: Actor, now: datetime | None = None
) -> Return:
    """Ask for a return: claim the units, decide by policy, log it.

    `order` may be a queryset that finds one order, so that finding and locking are one statement.
    A request that the policy refuses is kept as `declined`. Raises Invalid (foreign line), OverQuantity
    (`max`, `open_return`), NotEligible (not delivered yet) and OutOfStock (`max`); then nothing is changed.
    """
    now = now or timezone.now()
    with transaction.atomic():
        order = _lock_order(order)
        lines = lines_of(order.pk)
        claims = claims_of(order, lines, wanted)
        check_replacements(order, wanted)
        version = with_signals(OrderVersion.objects.all(), now).get(order=order, number=order.version)
        risk = risk_of(version)
        wanted = replace(wanted, risk=risk.level)
        policy, trial = policy_for(order.shop_id, order.customer)
        facts = order_facts(order, version.document)
        laws = _laws(order, version, claims, wanted)
        decisions = [
            decision_on(policy, facts, line_facts(claim.line, version.document), wish, wanted, now, law)
            for claim, wish, law in zip(claims, wanted.items, laws, strict=True)
        ]
        rma = _build(order, version, wanted, decisions, actor, now)
        rma.risk = risk.level
        start_clock(rma, facts, [(made[0], law) for made, law in zip(decisions, laws, strict=True)], now)
        start_answer(rma, [made[0] for made in decisions])
        rma.search_text = search_text(rma, [claim.line for claim in claims])
        worth = _worth(claims, wanted, decisions, lines)
        rma.expected = max(
            0, sum(v for v, made in zip(worth, decisions, strict=True) if made[0].outcome != DECLINED) - rma.label_fee
        )
        insert_with_code(rma)
        items = _items(rma, claims, wanted, decisions, worth)
        _record(rma, items, decisions, policy)
        claim_units(lines, [claim for claim, item in zip(claims, items, strict=True) if item.holding])
        _log(rma, items, decisions, actor, now, _arm(policy, trial) | _signals(risk))
    return rma


def _worth(claims: list[Claim], wanted: Wanted, decisions: list[Made], lines: list[OrderLine]) -> list[int]:
    """What each wish promises; how much a price comes down is decided by a person, so nothing is promised before."""
    return [
        0 if (wish.resolution or wanted.resolution) == "price_reduction" else worth_of(claim, made[0], lines)
        for claim, wish, made in zip(claims, wanted.items, decisions, strict=True)
    ]


def _lock_order(order: Order | QuerySet[Order]) -> Order:
    rows = Order.objects.filter(pk=order.pk) if isinstance(order, Order) else order
    found = rows.select_for_update(of=("self",)).select_related("shop", "channel", "customer").first()
    if found is None:
        raise NotFound(_("There is no such order, or it is not yours to see."))
    return found


def _laws(order: Order, version: OrderVersion, claims: list[Claim], wanted: Wanted) -> list[LawFacts]:
    """What the law looks at for each wish, with what the customer says of the goods."""
    shipping = list(OrderShipping.objects.filter(order=order))
    return [
        law_facts(
            version.document,
            claim.line.external_id,
            shipping=shipping,
            quantity=wish.quantity,
            told={**repairs_told(claim.line), **wanted.told, **declared(wish.answers)},
        )
        for claim, wish in zip(claims, wanted.items, strict=True)
    ]


def _build(
    order: Order,
    version: OrderVersion,
    wanted: Wanted,
    decisions: list[Made],
    actor: Actor,
    now: datetime,
) -> Return:
    terms = [decision.terms for decision, _inputs in decisions]
    outcomes = [decision.outcome for decision, _inputs in decisions]
    method = method_of(wanted, terms, actor)
    rma = Return(
        shop=order.shop,
        channel=order.channel,
        order=order,
        order_version=version,
        customer=order.customer,
        status=status_for(outcomes),
        resolution=wanted.resolution,
        method=method,
        basis_claimed=wanted.basis_claimed or "",
        requested_by=wanted.requested_by,
        exchange_for=list(wanted.exchange_for),
        locale=wanted.locale or order.locale or order.customer.locale or "en",
        currency=order.currency,
        label_fee=_label_fee(decisions, method),
        auto_reimburse=all(term.auto_reimburse for term in terms),
        created_at=now,
        updated_at=now,
    )
    if rma.status != Status.REQUESTED:
        rma.decided_at = now
    if rma.status == Status.AUTHORIZED:
        rma.expires_at = now + timedelta(days=terms[0].standing.expire_after_days)
    return rma


def _label_fee(decisions: list[Made], method: str) -> int:
    """What the label costs, minor units: the dearest of what may travel; what is declined does not, unless all is."""
    travels = [made.terms for made, _inputs in decisions if made.outcome != DECLINED]
    return max(terms.label_fee_for(method) for terms in travels or [made.terms for made, _inputs in decisions])


def insert_with_code(rma: Return) -> None:
    """Store a new return under a code that nobody has yet."""
    for _try in range(5):
        rma.code = new_code(rma.shop.document_series or "RMA")
        rma.search_text = f"{rma.code} {rma.code.replace('-', '')} ".lower() + rma.search_text
        try:
            with transaction.atomic():
                rma.save(force_insert=True)
        except IntegrityError:
            continue
        return
    raise RuntimeError("no free RMA code in five tries")


def _items(
    rma: Return, claims: list[Claim], wanted: Wanted, decisions: list[Made], worth: list[int]
) -> list[ReturnItem]:
    granted = rma.status == Status.AUTHORIZED
    kept = granted and rma.method == "keep"
    return ReturnItem.objects.bulk_create(
        [
            ReturnItem(
                rma=rma,
                line=claim.line,
                position=position,
                reason=wish.reason,
                comment=wish.comment,
                answers=dict(wish.answers),
                resolution=wish.resolution or "",
                exchange_for=list(wish.exchange_for),
                expected=worth[position],
                requested=wish.quantity,
                authorized=wish.quantity if granted and decision.outcome == AUTHORIZED else 0,
                waived=wish.quantity if kept and decision.outcome == AUTHORIZED else 0,
            )
            for position, (claim, wish, (decision, _inputs)) in enumerate(
                zip(claims, wanted.items, decisions, strict=True)
            )
        ]
    )


def _record(rma: Return, items: list[ReturnItem], decisions: list[Made], policy: ReturnPolicy) -> None:
    PolicyDecision.objects.bulk_create(
        [
            PolicyDecision(
                rma=rma,
                item=item,
                policy=policy,
                outcome=decision.outcome,
                basis=decision.basis,
                codes=[note.code for note in decision.notes],
                detail=decision.as_dict(),
                inputs=looked_at,
                law_profile=(decision.terms.law and decision.terms.law.profile) or "",
                law_version=book().version,
                inputs_hash=inputs_hash(
                    looked_at, policy_version=f"{policy.uid}:{policy.version}", law_version=book().version
                ),
            )
            for item, (decision, looked_at) in zip(items, decisions, strict=True)
        ]
    )


def _arm(policy: ReturnPolicy, trial: ReturnPolicy | None) -> dict[str, str]:
    """While a trial is on, which of the two versions this customer was assigned to."""
    return {} if trial is None else {"trial": str(trial.uid), "arm": "trial" if policy.pk == trial.pk else "live"}


def _signals(risk: Risk) -> dict[str, Any]:
    """What made a request unusual, for the agent."""
    return {"signals": [reason.as_dict() for reason in risk.reasons]} if risk.reasons else {}


def _log(
    rma: Return, items: list[ReturnItem], decisions: list[Made], actor: Actor, now: datetime, more: dict[str, Any]
) -> None:
    rows = [{"item": str(item.uid), "line": item.line.external_id, "quantity": item.requested} for item in items]
    happened: list[events.Happening] = [("return.requested", {"to": str(Status.REQUESTED), "items": rows, **more})]
    if rma.status == Status.AUTHORIZED:
        granted = [{"item": str(item.uid), "quantity": item.authorized} for item in items if item.authorized]
        happened.append(
            ("return.authorized", {"from": "requested", "to": "authorized", "by": "policy", "items": granted})
        )
    if rma.status == Status.DECLINED:
        codes = sorted({note.code for decision, _inputs in decisions for note in decision.notes})
        happened.append(("return.declined", {"from": "requested", "to": "declined", "by": "policy", "codes": codes}))
    if rma.status == Status.AUTHORIZED and rma.method == "keep":
        happened.append(("items.kept", {"items": happened[-1][1]["items"]}))
    events.log_all(rma, happened, actor=actor, at=now, is_new=True)
