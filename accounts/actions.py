"""Running jobs: work that outlives a request, with progress, claimed by one worker at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.doorbell import nudge
from accounts.models import Job

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
MAX_ERRORS = 1000
RUN_JOBS = "accounts.tasks.run_jobs"

Worker = Callable[[Job], None]


def start_job(
    kind: str, payload: dict[str, Any], *, created_by: str, total: int | None = None, subject: str = ""
) -> Job:
    """Queue a job; a worker takes it in seconds. `subject` is what it is about, to find it by."""
    job = Job.objects.create(kind=kind, payload=payload, created_by=created_by, total=total, subject=subject)
    nudge(RUN_JOBS)
    return job


def report(job: Job, *, done: int, errors: Iterable[dict[str, Any]] = (), total: int | None = None) -> None:
    """Write progress down and hold the lease; only the first thousand errors are kept, all are counted."""
    job.done = done
    new = list(errors)
    job.errors = (job.errors + new)[:MAX_ERRORS]
    job.result["refused"] = job.result.get("refused", 0) + len(new)
    job.total = total if total is not None else job.total
    job.lease_until = timezone.now() + LEASE
    job.save(update_fields=["done", "errors", "result", "total", "lease_until"])


def run_jobs() -> int:
    """Run queued jobs, and those whose worker died, until there are none; returns how many."""
    count = 0
    while job := _claim():
        _run(job)
        count += 1
    return count


def _claim() -> Job | None:
    now = timezone.now()
    with transaction.atomic():
        rows = Job.objects.filter(Q(status=Job.Status.QUEUED) | Q(status=Job.Status.RUNNING, lease_until__lt=now))
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        job = rows.order_by("id").first()
        if job is not None:
            job.status, job.lease_until = Job.Status.RUNNING, now + LEASE
            job.save(update_fields=["status", "lease_until"])
    return job


def _run(job: Job) -> None:
    workers: dict[str, str] = import_string(settings.JOBS)
    try:
        worker: Worker = import_string(workers[job.kind])
        worker(job)
        job.status = Job.Status.DONE
    except Exception as error:
        logger.exception("job %s failed", job.uid)
        job.status = Job.Status.FAILED
        job.errors = [
            *job.errors,
            {"row": None, "code": "failed", "detail": f"{type(error).__name__}: {error}"},
        ]
    job.finished_at, job.lease_until = timezone.now(), None
    job.save(update_fields=["status", "errors", "finished_at", "lease_until"])
