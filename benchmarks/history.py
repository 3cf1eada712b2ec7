"""A long history, read and decided again: what `benchmarks.past` measures."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

from django.core.management import call_command
from django.db import connection

from accounts.actions import run_jobs
from accounts.actors import SYSTEM_ACTOR
from config.memory import settle
from insights.actions import start_backtest
from insights.queries import BATCH, past_returns
from returns.actions import draft_policy
from returns.models import PolicyDecision, ReturnItem

DRAFT = {
    "name": "Shorter",
    "window": {"days": 3, "from": "delivered"},
    "rules": [
        {"name": "Fee", "when": {"reasons": ["change_of_mind", "too_small"]}, "then": {"fee": {"percent": 10}}},
        {"name": "Caps", "when": {"skus": ["CAP-9"]}, "then": {"decision": "review"}},
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
    """The job itself, as the workers run it: as many processes as there are cores take its parts."""
    row = draft_policy(DRAFT, actor=SYSTEM_ACTOR)
    start, end = _bounds()
    job = start_backtest(row, start=start.date(), end=end.date(), actor=SYSTEM_ACTOR)
    run_jobs(most=1)
    connection.close()
    workers = [get_context("fork").Process(target=_work) for _core in range(os.cpu_count() or 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    run_jobs()
    job.refresh_from_db()
    found = job.result
    decisions, money = found["decisions"], found["money"]["EUR"]["fees"]
    return (
        f"{len(workers)} workers: {found['returns']:,} returns, {found['items']:,} items, "
        f"{decisions['changed']:,} decided otherwise, fees {money['would']} instead of {money['was']} EUR, "
        f"{found['floor']['items']:,} items above the law's floor only because it was lifted"
    )


def _work() -> None:
    settle()
    run_jobs()
