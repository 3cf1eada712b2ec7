"""The law's verdict on each line of a statement, from the order as it was stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from customers.models import Order, OrderLine, OrderShipping
from returns.models import Withdrawal
from returns.policy.facts import Case, Request
from returns.policy.law import Verdict, judge_by_law
from returns.queries import law_facts, line_facts, order_facts


def verdicts_on(
    row: Withdrawal, order: Order, document: Mapping[str, Any], units: Mapping[OrderLine, int]
) -> list[Verdict]:
    """One verdict per line, at the instant the statement was sent or, where that is not known, reached us."""
    facts, told = order_facts(order, document), told_by(row)
    shipping = list(OrderShipping.objects.filter(order=order))
    request = Request(reason="change_of_mind", basis_claimed="withdrawal", requested_at=row.received_at)
    return [
        judge_by_law(
            Case(facts, line_facts(line, document), request, row.received_at),
            law_facts(document, line.external_id, shipping=shipping, quantity=quantity, told=told),
        )
        for line, quantity in units.items()
    ]


def told_by(row: Withdrawal) -> dict[str, datetime]:
    """The instants that the law looks at in a statement: made and known when it reached us, a letter when posted."""
    at = {"submitted_at": row.received_at, "informed_at": row.received_at, "dispatched_at": row.dispatched_at}
    return {name: instant for name, instant in at.items() if instant is not None}
