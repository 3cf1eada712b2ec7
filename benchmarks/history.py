"""A long history, read and decided again: what `benchmarks.past` measures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.core.management import call_command
from django.db import connection

from accounts.actors import SYSTEM_ACTOR
from insights.actions import run_backtest, start_backtest
from insights.queries import BATCH, past_returns
from returns.actions import draft_policy
from returns.models import PolicyDecision, ReturnItem

DRAFT = {
    "name": "Shorter",
    "window": {"days": 20, "from": "delivered"},
    "rules": [
        {"name": "Fee", "when": {"reasons": ["change_of_mind", "too_small"]}, "then": {"fee": {"percent": 10}}},
        {"name": "Second look", "when": {"risk_at_least": "medium"}, "then": {"decision": "review"}},
    ],
}


def seed(returns: int) -> None:
    """A migrated database with so many returns."""
    call_command("migrate", verbosity=0)
    call_command("seed_load", orders=1000, returns=returns)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _bounds() -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now - timedelta(days=3650), now + timedelta(days=1)


def read() -> str:
    """The baseline: every row that a backtest needs, read in the same batches and dropped."""
    rows, last, count = past_returns(1, *_bounds()), 0, 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        count += len(list(ReturnItem.objects.filter(rma__in=batch).select_related("line")))
        count += len(list(PolicyDecision.objects.filter(rma__in=batch)))
    return f"{count:,} rows read"


def decide() -> str:
    """The job itself, as a worker runs it."""
    row = draft_policy(DRAFT, actor=SYSTEM_ACTOR)
    start, end = _bounds()
    job = start_backtest(row, start=start.date(), end=end.date(), actor=SYSTEM_ACTOR)
    run_backtest(job)
    found = job.result
    return f"{found['returns']:,} returns, {found['decisions']['changed']:,} decisions changed"
