"""`python -m benchmarks.past`: a draft policy over a long history, beside reading the same rows without deciding."""

from __future__ import annotations

import logging
import resource
import time
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta

import django

from benchmarks import place, table

DRAFT = {
    "name": "Shorter",
    "window": {"days": 20, "from": "delivered"},
    "rules": [
        {"name": "Fee", "when": {"reasons": ["change_of_mind", "too_small"]}, "then": {"fee": {"percent": 10}}},
        {"name": "Second look", "when": {"risk_at_least": "medium"}, "then": {"decision": "review"}},
    ],
}


def main() -> None:
    """Seed, read, decide; print seconds, the ratio and the memory."""
    parser = ArgumentParser(prog="python -m benchmarks.past", description=__doc__)
    parser.add_argument("--returns", type=int, default=100_000)
    returns = parser.parse_args().returns
    place.prepare()
    django.setup()
    logging.disable(logging.WARNING)
    print(table.machine())
    seeded = time.perf_counter()
    _seed(returns)
    print(f"seeded {returns:,} returns in {time.perf_counter() - seeded:.0f} s")
    read = _timed(_read)
    before = _megabytes()
    took = _timed(_decide)
    print(f"reading the rows alone {read:.1f} s; the backtest {took:.1f} s, {took / read:.1f} times that")
    print(f"memory before {before} MB, after {_megabytes()} MB")


def _seed(returns: int) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("seed_load", orders=1000, returns=returns)
    with django.db.connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _timed(work: object) -> float:
    start = time.perf_counter()
    print(work())  # type: ignore[operator]
    return time.perf_counter() - start


def _bounds() -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now - timedelta(days=3650), now + timedelta(days=1)


def _read() -> str:
    """The baseline: every row that a backtest needs, read in the same batches and dropped."""
    from insights.queries import BATCH, past_returns
    from returns.models import PolicyDecision, ReturnItem

    rows, last, count = past_returns(1, *_bounds()), 0, 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        count += len(list(ReturnItem.objects.filter(rma__in=batch).select_related("line")))
        count += len(list(PolicyDecision.objects.filter(rma__in=batch)))
    return f"{count:,} rows read"


def _decide() -> str:
    """The job itself, as a worker runs it."""
    from accounts.actors import SYSTEM_ACTOR
    from insights.actions import run_backtest, start_backtest
    from returns.actions import draft_policy

    row = draft_policy(DRAFT, actor=SYSTEM_ACTOR)
    start, end = _bounds()
    job = start_backtest(row, start=start.date(), end=end.date(), actor=SYSTEM_ACTOR)
    run_backtest(job)
    found = job.result
    return f"{found['returns']:,} returns, {found['decisions']['changed']:,} decisions changed"


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
