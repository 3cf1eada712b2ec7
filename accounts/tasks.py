"""Celery's doors to the accounts app."""

from celery import shared_task

from accounts import actions
from accounts.idempotency import forget_old_keys


@shared_task(name="accounts.tasks.run_jobs")
def run_jobs() -> None:
    """Run one queued job or part of one; each that is taken rings for the next."""
    actions.run_jobs(most=1)


@shared_task(name="accounts.tasks.forget_old_keys")
def forget_keys() -> None:
    """Delete idempotency answers past their time."""
    forget_old_keys()
