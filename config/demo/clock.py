"""Another time for everything that asks Django for the time, so that the past is made by the same actions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

TICK = timedelta(milliseconds=5)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the clock stand at `moment`; every look at it is a little later, so that things keep their order.

    Only for a process that does nothing else meanwhile: the whole process lives at that moment.
    """
    real, looks = timezone.now, count()
    timezone.now = lambda: moment + next(looks) * TICK
    try:
        yield
    finally:
        timezone.now = real
