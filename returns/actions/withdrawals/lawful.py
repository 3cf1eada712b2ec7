"""The law's verdict on each line of a statement, from the order as it was stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from customers.models import Order, OrderLine
from returns.models import Withdrawal
from returns.policy.facts import Case, Request
from returns.policy.law import LawFacts, Verdict, judge_by_law
from returns.queries import line_facts, order_facts


def verdicts_on(
    row: Withdrawal, order: Order, document: Mapping[str, Any], units: Mapping[OrderLine, int]
) -> list[Verdict]:
    """One verdict per line, at the instant the statement was sent or, where that is not known, reached us."""
    facts = order_facts(order, document)
    request = Request(reason="change_of_mind", basis_claimed="withdrawal", requested_at=row.received_at)
    return [
        judge_by_law(
            Case(facts, line_facts(line, document), request, row.received_at),
            law_facts_of(row, document, line),
            quantity=quantity,
        )
        for line, quantity in units.items()
    ]


def law_facts_of(row: Withdrawal, document: Mapping[str, Any], line: OrderLine) -> LawFacts:
    """What the law looks at beside order and line; what is not known stays None."""
    contract, ship_to = document.get("contract") or {}, document.get("ship_to") or {}
    sold: Mapping[str, Any] = next((each for each in document["lines"] if each["id"] == line.external_id), {})
    protected = (document.get("customer") or {}).get("protected_person")
    return LawFacts(
        region=ship_to.get("region"),
        legal_group=sold.get("legal_group"),
        exclusions=frozenset(sold.get("exclusions") or ()),
        protected_person=None if protected is None else True,
        had_conversation=contract.get("had_conversation"),
        regular_delivery=contract.get("regular_delivery"),
        collection_offered=contract.get("collection_offered"),
        information_given_at=_instant(contract.get("withdrawal_information_given_at")),
        submitted_at=row.received_at,
        informed_at=row.received_at,
        dispatched_at=row.dispatched_at,
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
