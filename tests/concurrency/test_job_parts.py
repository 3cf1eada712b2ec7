"""Several workers on the parts of one job: each part once, joined once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from accounts import actions
from accounts.actions import InParts, run_jobs, start_job
from accounts.models import Job
from tests.concurrency.race import Race

pytestmark = pytest.mark.django_db
HERE = "tests.concurrency.test_job_parts"
JOBS = {"slow": InParts(plan=f"{HERE}.plan", part=f"{HERE}.part", join=f"{HERE}.join")}
PARTS, WORKERS = 24, 6
worked: list[int] = []
joined: list[int] = []


def plan(job: Job) -> Iterator[dict[str, Any]]:
    """Many small parts."""
    yield from ({"number": number} for number in range(PARTS))


def part(job: Job) -> None:
    """Take a moment, so that the others have theirs."""
    worked.append(job.payload["number"])
    time.sleep(0.01)
    job.result = {"number": job.payload["number"]}


def join(job: Job, results: Iterable[dict[str, Any]]) -> None:
    """Note who joined."""
    joined.append(job.pk)
    time.sleep(0.05)
    job.result = {"numbers": [each["number"] for each in results]}


@pytest.fixture(autouse=True)
def _jobs(settings: Any) -> None:
    settings.JOBS = f"{HERE}.JOBS"
    worked.clear()
    joined.clear()


def work() -> int:
    """A worker that comes again while there may be more, as its bell rings."""
    count = 0
    for _ring in range(PARTS):
        ran = run_jobs(most=1)
        count += ran
        time.sleep(0 if ran else 0.02)
    return count


def test_six_workers_do_each_part_once_and_one_of_them_joins(race: Race) -> None:
    job = start_job("slow", {}, created_by="t")
    ran = race(*[work] * WORKERS)
    assert sum(ran) == PARTS + 2
    assert sum(count > 0 for count in ran) > 1
    job.refresh_from_db()
    assert (job.status, job.result) == (Job.Status.DONE, {"numbers": list(range(PARTS))})
    assert (sorted(worked), joined) == (list(range(PARTS)), [job.pk])


def test_without_the_claim_parts_are_done_twice(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: whoever looks without locking finds the same part as the others."""

    def look_only() -> Job | None:
        job = Job.objects.filter(status=Job.Status.QUEUED).order_by("id").first()
        time.sleep(0.05)
        return job

    start_job("slow", {}, created_by="t")
    run_jobs(most=1)
    monkeypatch.setattr(actions, "_claim", look_only)
    race(*[lambda: run_jobs(most=1)] * WORKERS)
    assert len(worked) > len(set(worked))
