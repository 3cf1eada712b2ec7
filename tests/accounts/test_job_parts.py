"""Jobs in parts: divided once, worked on by many, joined by one; a dead worker loses its part and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions import MAX_ATTEMPTS, InParts, report, run_jobs, start_job
from accounts.models import Job

pytestmark = pytest.mark.django_db
HERE = "tests.accounts.test_job_parts"
JOBS = {"sum": InParts(plan=f"{HERE}.plan", part=f"{HERE}.part", join=f"{HERE}.join")}


class Killed(BaseException):
    """What a kill is to Python: nothing catches it."""


def plan(job: Job) -> Iterator[dict[str, Any]]:
    """A part for each number."""
    for number in job.payload["numbers"]:
        yield {"number": number, "dies": job.payload.get("dies", [])}


def part(job: Job) -> None:
    """Square the number, in two steps."""
    number = job.payload["number"]
    report(job, done=5)
    if number < 0:
        raise ValueError(f"{number} is below zero")
    if [number, job.attempts] in job.payload["dies"]:
        raise Killed
    report(job, done=10)
    job.result = {"square": number * number}


def join(job: Job, results: Iterable[dict[str, Any]]) -> None:
    """Add up, and keep the order."""
    squares = [each["square"] for each in results]
    job.result = {"sum": sum(squares), "squares": squares}


@pytest.fixture(autouse=True)
def _jobs(settings: Any) -> None:
    settings.JOBS = f"{HERE}.JOBS"


def start(*numbers: int, **more: Any) -> Job:
    """A job that squares and adds."""
    return start_job("sum", {"numbers": numbers, **more}, created_by="t", total=10 * len(numbers))


def test_the_parts_are_joined_in_the_order_of_the_plan_and_go_away() -> None:
    job = start(3, 1, 2)
    assert run_jobs() == 5  # the plan, three parts, the join
    job.refresh_from_db()
    assert (job.status, job.result) == (Job.Status.DONE, {"sum": 14, "squares": [9, 1, 4]})
    assert (job.done, job.total) == (30, 30)
    assert not job.parts.exists()
    assert run_jobs() == 0


def test_without_parts_it_is_joined_at_once() -> None:
    job = start()
    assert run_jobs() == 1
    job.refresh_from_db()
    assert (job.status, job.result) == (Job.Status.DONE, {"sum": 0, "squares": []})


def test_it_waits_for_its_parts_and_says_how_far_they_are() -> None:
    job = start(1, 2)
    assert run_jobs(most=2) == 2
    job.refresh_from_db()
    assert (job.status, job.lease_until, job.done) == (Job.Status.RUNNING, None, 10)


def test_a_dead_workers_part_is_done_again_by_another_and_counted_once() -> None:
    job = start(1, 2, 3, dies=[[2, 1]])
    with pytest.raises(Killed):
        run_jobs()
    job.refresh_from_db()
    assert job.done == 15
    assert run_jobs() == 1  # the third; the second is still held by the dead one's lease
    assert run_jobs() == 0
    Job.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert run_jobs() == 2
    job.refresh_from_db()
    assert (job.status, job.result["squares"], job.done) == (Job.Status.DONE, [1, 4, 9], 30)


def test_a_part_that_fails_fails_the_job_in_its_own_words_and_the_rest_is_not_begun() -> None:
    job = start(1, -2, 3, 4)
    assert run_jobs() == 4  # the plan, two parts, the end
    job.refresh_from_db()
    assert job.status == Job.Status.FAILED
    assert [each["detail"] for each in job.errors] == ["ValueError: -2 is below zero"]
    assert job.result == {}
    assert not Job.objects.filter(parent=job).exists()


def test_what_kills_every_worker_is_given_up_with_a_reason() -> None:
    job = start(7, dies=[[7, attempt] for attempt in range(1, MAX_ATTEMPTS + 1)])
    for _attempt in range(MAX_ATTEMPTS):
        with pytest.raises(Killed):
            run_jobs()
        Job.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))
    run_jobs()
    job.refresh_from_db()
    assert job.status == Job.Status.FAILED
    assert job.errors[0]["detail"] == f"Its worker stopped {MAX_ATTEMPTS} times before it was done."
