"""Running jobs: work that outlives a request, with progress, in one go or in parts, each claimed by one worker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.doorbell import nudge
from accounts.models import Job

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
MAX_ERRORS = 1000
MAX_ATTEMPTS = 5
RUN_JOBS = "accounts.tasks.run_jobs"
UNFINISHED = (Job.Status.QUEUED, Job.Status.RUNNING)


@dataclass(frozen=True, slots=True)
class InParts:
    """Where the three functions of a divided job are; a worker that dies loses no more than a part.

    `plan(job)` gives the payloads of the parts, `part(job)` works on one and leaves its `result`, and
    `join(job, results)` makes the job's own result of theirs, in the order of the plan.
    """

    plan: str
    part: str
    join: str


class JobFailed(Exception):
    """A job cannot be finished; the text says why."""


def start_job(
    kind: str, payload: dict[str, Any], *, created_by: str, total: int | None = None, subject: str = ""
) -> Job:
    """Queue a job; a worker takes it in seconds. `subject` is what it is about, to find it by."""
    job = Job.objects.create(kind=kind, payload=payload, created_by=created_by, total=total, subject=subject)
    nudge(RUN_JOBS)
    return job


def report(job: Job, *, done: int, errors: Iterable[dict[str, Any]] = (), total: int | None = None) -> None:
    """Write progress down and hold the lease; only the first thousand errors are kept, all are counted."""
    step, job.done = done - job.done, done
    new = list(errors)
    job.errors = (job.errors + new)[:MAX_ERRORS]
    job.result["refused"] = job.result.get("refused", 0) + len(new)
    job.total = total if total is not None else job.total
    job.lease_until = timezone.now() + LEASE
    with transaction.atomic():
        job.save(update_fields=["done", "errors", "result", "total", "lease_until"])
        if job.parent_id is not None and step:
            Job.objects.filter(pk=job.parent_id).update(done=F("done") + step)


def run_jobs(most: int | None = None) -> int:
    """Run queued jobs and parts, and those whose worker died, until there are none or `most` ran; returns how many."""
    count = 0
    while (most is None or count < most) and (job := _claim()):
        _run(job)
        count += 1
    return count


def _claim() -> Job | None:
    """The next job, and a ring for the next worker: every free one comes, each takes one."""
    now = timezone.now()
    with transaction.atomic():
        rows = Job.objects.filter(Q(status=Job.Status.QUEUED) | Q(status=Job.Status.RUNNING, lease_until__lt=now))
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        job = rows.order_by("id").first()
        if job is not None:
            job.status, job.lease_until, job.attempts = Job.Status.RUNNING, now + LEASE, job.attempts + 1
            job.save(update_fields=["status", "lease_until", "attempts"])
            nudge(RUN_JOBS)
    return job


def _run(job: Job) -> None:
    try:
        if job.attempts > MAX_ATTEMPTS:
            raise JobFailed(f"Its worker stopped {MAX_ATTEMPTS} times before it was done.")
        finished = _work(job)
    except Exception as error:
        logger.exception("job %s failed", job.uid)
        detail = str(error) if isinstance(error, JobFailed) else f"{type(error).__name__}: {error}"
        job.errors = [*job.errors, {"row": None, "code": "failed", "detail": detail}]
        _end(job, Job.Status.FAILED)
    else:
        if finished:
            _end(job, Job.Status.DONE)


def _work(job: Job) -> bool:
    """Do what is next for a job; False while its parts are still to be done."""
    how: str | InParts = import_string(settings.JOBS)[job.kind]
    if isinstance(how, str):
        import_string(how)(job)
        return True
    if job.parent_id is not None:
        import_string(how.part)(job)
        return True
    if not job.parts.exists():
        plan: Callable[[Job], Iterable[dict[str, Any]]] = import_string(how.plan)
        if _divide(job, list(plan(job))):
            return False
    import_string(how.join)(job, _results(job))
    return True


def _divide(job: Job, payloads: list[dict[str, Any]]) -> bool:
    """Queue the parts; the job itself waits, running without a lease, until the last of them wakes it."""
    parts = [
        Job(kind=job.kind, payload=payload, subject=job.subject, created_by=job.created_by, parent=job)
        for payload in payloads
    ]
    if parts:
        with transaction.atomic():
            Job.objects.bulk_create(parts)
            job.lease_until, job.attempts = None, 0
            job.save(update_fields=["lease_until", "attempts"])
            nudge(RUN_JOBS)
    return bool(parts)


def _results(job: Job) -> list[dict[str, Any]]:
    """What the parts left, in order. Raises JobFailed when one of them failed."""
    parts = list(job.parts.order_by("pk"))
    for part in parts:
        if part.status == Job.Status.FAILED:
            raise JobFailed(part.errors[-1]["detail"])
    return [part.result for part in parts]


def _end(job: Job, status: Job.Status) -> None:
    """Close a job with its parts; a part wakes its job when it was the last, or when it failed."""
    job.status, job.finished_at, job.lease_until = status, timezone.now(), None
    with transaction.atomic():
        job.save(update_fields=["status", "errors", "result", "finished_at", "lease_until"])
        if job.parent_id is None:
            job.parts.all().delete()
            return
        parent = Job.objects.select_for_update().get(pk=job.parent_id)
        if status == Job.Status.FAILED:
            parent.parts.filter(status=Job.Status.QUEUED).delete()
        waits = parent.status == Job.Status.RUNNING and parent.lease_until is None
        if waits and not parent.parts.filter(status__in=UNFINISHED).exists():
            parent.status = Job.Status.QUEUED
            parent.save(update_fields=["status"])
            nudge(RUN_JOBS)
