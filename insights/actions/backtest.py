"""Backtests: a draft policy over the shop's own history, as a job with progress."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.actions import report, start_job
from accounts.actors import Actor
from accounts.models import Job
from accounts.problems import FieldError, Invalid
from insights.calculator import Backtest
from insights.queries import decided_again, past_returns, slices
from returns.models import ReturnPolicy
from returns.policy.document import load

KIND = "policies.backtest"
PART = 5_000
FIRST, LAST = date(1970, 1, 1), date(2999, 12, 31)


def start_backtest(row: ReturnPolicy, *, start: date, end: date, actor: Actor) -> Job:
    """Queue the comparison of a version with the requests of `start` to `end`, both days included (UTC).

    Raises Invalid when the days are the wrong way round or the period holds no return.
    """
    if not FIRST <= start <= end <= LAST:
        raise _wrong("/to", _("The last day must not lie before the first."))
    total = past_returns(row.shop_id, *_bounds(start, end)).count()
    if total == 0:
        raise _wrong("/from", _("No return was asked for in this time. Choose a longer one."))
    payload = {"policy": str(row.uid), "from": start.isoformat(), "to": end.isoformat()}
    return start_job(KIND, payload, created_by=actor.identity, total=total, subject=str(row.uid))


def latest_backtest(row: ReturnPolicy) -> Job | None:
    """The newest backtest of a version, done or not."""
    return Job.objects.filter(kind=KIND, subject=str(row.uid), parent__isnull=True).order_by("-pk").first()


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(pointer, "invalid", detail)])


def _bounds(start: date, end: date) -> tuple[datetime, datetime]:
    return (
        datetime.combine(start, time.min, UTC),
        datetime.combine(end + timedelta(days=1), time.min, UTC),
    )


def plan_backtest(job: Job) -> Iterator[dict[str, Any]]:
    """The parts of a backtest job: the same version and days, and which returns by their numbers in the table."""
    rows = past_returns(_version(job).shop_id, *_days(job))
    for after, last in slices(rows, PART):
        yield job.payload | {"after": after, "last": last}


def run_part(job: Job) -> None:
    """Compare the returns of one part; nothing but the job is written, and running it again gives the same result."""
    row = _version(job)
    rows = past_returns(row.shop_id, *_days(job)).filter(pk__gt=job.payload["after"], pk__lte=job.payload["last"])
    found, policy = Backtest(), load(row.document)
    for batch, skipped in decided_again(rows, policy):
        for past in batch:
            found.add(past)
        found.skipped += skipped
        report(job, done=found.returns)
    job.result = found.state()


def join_parts(job: Job, results: Iterable[dict[str, Any]]) -> None:
    """Add the parts up to what the API and the page show."""
    row, found = _version(job), Backtest()
    for part in results:
        found.merge(part)
    job.done = found.returns
    job.result = {
        "policy": {"id": str(row.uid), "version": row.version, "name": row.name, "shop": row.shop.code},
        "from": job.payload["from"],
        "to": job.payload["to"],
        **found.as_dict(date.fromisoformat(job.payload["from"]), date.fromisoformat(job.payload["to"])),
    }
    job.save(update_fields=["done", "result"])


def _version(job: Job) -> ReturnPolicy:
    return ReturnPolicy.objects.select_related("shop").get(uid=job.payload["policy"])


def _days(job: Job) -> tuple[datetime, datetime]:
    return _bounds(date.fromisoformat(job.payload["from"]), date.fromisoformat(job.payload["to"]))
