"""Backtests: a draft policy over the shop's own history, as a job with progress."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext as _

from accounts.actions import report, start_job
from accounts.actors import Actor
from accounts.models import Job
from accounts.problems import FieldError, Invalid
from insights.calculator import Backtest
from insights.queries import decided_again, past_returns
from returns.models import ReturnPolicy
from returns.policy.document import load

KIND = "policies.backtest"
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
    return Job.objects.filter(kind=KIND, subject=str(row.uid)).order_by("-pk").first()


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(pointer, "invalid", detail)])


def _bounds(start: date, end: date) -> tuple[datetime, datetime]:
    return (
        datetime.combine(start, time.min, UTC),
        datetime.combine(end + timedelta(days=1), time.min, UTC),
    )


def run_backtest(job: Job) -> None:
    """Work on a backtest job; nothing but the job is written, and running it again gives the same result."""
    row = ReturnPolicy.objects.select_related("shop").get(uid=job.payload["policy"])
    bounds = _bounds(date.fromisoformat(job.payload["from"]), date.fromisoformat(job.payload["to"]))
    found, policy = Backtest(), load(row.document)
    for batch, skipped in decided_again(past_returns(row.shop_id, *bounds), policy):
        for past in batch:
            found.add(past)
        found.skipped += skipped
        report(job, done=found.returns)
    job.done = found.returns
    job.result = {
        "policy": {"id": str(row.uid), "version": row.version, "name": row.name, "shop": row.shop.code},
        "from": job.payload["from"],
        "to": job.payload["to"],
        **found.as_dict(),
    }
    job.save(update_fields=["done", "result"])
