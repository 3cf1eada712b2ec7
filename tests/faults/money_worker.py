"""A worker for money in a process of its own, on the test's database, that kills itself where it is told to."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

from refunds.actions import answers, execute, waiting  # noqa: E402
from refunds.gateways.fake import FakeGateway  # noqa: E402
from refunds.models import Refund  # noqa: E402
from refunds.tasks import execute_refunds  # noqa: E402

STEPS = ("in_claim", "after_claim", "after_move", "in_record", "after_record")
"""Before the claim commits, before the call, before the answer, before the record commits, and after it."""
PATIENCE = 40.0


def die(*_args: Any) -> None:
    """As if the power went."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(module: Any, name: str) -> None:
    """Die where this function would begin."""
    setattr(module, name, die)


def after(module: Any, name: str) -> None:
    """Die where this function has come to its end."""
    work: Callable[..., Any] = getattr(module, name)

    def ends(*args: Any, **kwargs: Any) -> Any:
        work(*args, **kwargs)
        die()

    setattr(module, name, ends)


def set_trap(step: str) -> None:
    """Arm one step."""
    {
        "in_claim": lambda: after(execute, "_claim"),
        "after_claim": lambda: before(execute, "execute_refund"),
        "after_move": lambda: after(FakeGateway, "refund"),
        "in_record": lambda: after(answers, "mark_succeeded"),
        "after_record": lambda: after(execute, "record_answer"),
    }[step]()


def hurry() -> None:
    """Waits that a test can wait for."""
    execute.LEASE, execute.SETTLING = timedelta(seconds=0.5), timedelta(seconds=0.3)
    waiting.WAITS = (0.3,)  # type: ignore[assignment]


def until_done() -> None:
    """Work until every refund is final."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and Refund.objects.filter(state__in=["created", "processing"]).exists():
        execute_refunds()
        time.sleep(0.1)


if __name__ == "__main__":
    hurry()
    if len(sys.argv) > 1 and sys.argv[1] in STEPS:
        set_trap(sys.argv[1])
        # the task has its own name for what it calls
        import refunds.tasks

        refunds.tasks.execute_refund = execute.execute_refund
    until_done()
