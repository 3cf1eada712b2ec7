"""Ringing for a worker after commit: the row is the truth, Celery is the doorbell."""

from __future__ import annotations

import logging
import time
from functools import partial

from celery import current_app
from django.db import connection, transaction

logger = logging.getLogger(__name__)

SILENCE_AFTER_FAILURE = 5.0
_silent_until = 0.0


def nudge(task: str) -> None:
    """Ring once per transaction, after it is committed. A dead broker delays work and never fails a request."""
    if any(getattr(row[1], "nudges", None) == task for row in connection.run_on_commit):
        return
    ring = partial(_ring, task)
    ring.nudges = task  # type: ignore[attr-defined]
    transaction.on_commit(ring, robust=True)


def _ring(task: str) -> None:
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        current_app.send_task(task, ignore_result=True, retry=False)
    except Exception as error:  # whatever a broker may throw, the sweeper comes by in seconds
        _silent_until = time.monotonic() + SILENCE_AFTER_FAILURE
        logger.warning("no broker to ring for %s: %s", task, error)
