"""Celery's doors to the returns app."""

from urllib.request import Request, urlopen

from celery import shared_task
from django.conf import settings

from returns import actions, outbox
from returns.actions import complaints, deadlines
from returns.actions.fetch import issue_pending_labels
from returns.actions.withdrawals import check_function


@shared_task(name="returns.tasks.dispatch_outbox")
def dispatch_outbox() -> None:
    """Let every ready event reach its reactions."""
    outbox.dispatch_all()


@shared_task(name="returns.tasks.issue_labels")
def issue_labels() -> None:
    """Fetch the labels that carriers owe us."""
    issue_pending_labels()


@shared_task(name="returns.tasks.expire_returns")
def expire_returns() -> None:
    """Expire what nobody sent, and warn before."""
    actions.warn_of_expiry()
    actions.expire_returns()


@shared_task(name="returns.tasks.start_policies")
def start_policies() -> None:
    """Put in force what was given a time to start."""
    actions.start_due_policies()


@shared_task(name="returns.tasks.warn_of_refunds")
def warn_of_refunds() -> None:
    """Warn the shop of money and answers that fall due, and accept the complaints that nobody answered."""
    deadlines.warn_of_refunds()
    complaints.warn_of_answers()
    complaints.accept_unanswered()


@shared_task(name="returns.tasks.check_withdrawal_function")
def check_withdrawal_function() -> None:
    """Look at the withdrawal function from outside, as evidence that it was there."""
    check_function(_page)


def _page(path: str) -> str:
    """A page of our own public address. Raises OSError when it does not answer with success within 20 seconds."""
    request = Request(f"{settings.BASE_URL}{path}", headers={"User-Agent": "Comeback/withdrawal-check"})
    with urlopen(request, timeout=20) as answer:
        return str(answer.read(1_000_000).decode())
