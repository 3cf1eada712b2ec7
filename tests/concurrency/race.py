"""How a race is staged: everybody has looked before anybody writes; and the controls that take a guard away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any, Protocol

import pytest
from django.db.models import QuerySet

PATIENCE = 0.5


class Race(Protocol):
    """Runs acts at the same moment; gives their answers, or the errors they raised."""

    def __call__(self, *acts: Callable[[], Any]) -> list[Any]: ...


def meet(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, parties: int = 2) -> None:
    """Make callers of a function wait until all have come that far.

    Behind a working lock the others cannot come, and whoever waits goes on alone after a while.
    """
    barrier = Barrier(parties)
    original = getattr(module, name)

    def waits(*args: Any, **kwargs: Any) -> Any:
        with suppress(BrokenBarrierError):
            barrier.wait(PATIENCE)
        return original(*args, **kwargs)

    monkeypatch.setattr(module, name, waits)


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: rows are read and not locked."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self.all())


def statuses(answers: list[Any]) -> list[int]:
    """The HTTP statuses of answers, in order of size; an error that got out counts as 500."""
    return sorted(getattr(answer, "status", 500) for answer in answers)
