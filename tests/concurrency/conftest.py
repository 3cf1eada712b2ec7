"""Real threads with connections of their own, on rows that are really committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections

from tests.concurrency.race import Race
from tests.snapshot import highest_ids, remove_rows_after


@pytest.fixture
def _django_db_helper(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's: every write is really committed, and all new rows are removed afterwards.

    Flushing every table between tests, as a transactional test does, takes seconds; this takes milliseconds.
    """
    with django_db_blocker.unblock():
        assert connection.settings_dict["NAME"].startswith("test_")
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has one writer at a time and nothing to race for")
        before = highest_ids()
        yield
        connection.close()
        remove_rows_after(before)
        connection.close()


@pytest.fixture
def race() -> Race:
    """Runs the same thing at once, see tests/concurrency/race.py."""

    def run(*acts: Callable[[], Any]) -> list[Any]:
        start = Barrier(len(acts))
        answers: list[Any] = [None] * len(acts)

        def go(index: int, act: Callable[[], Any]) -> None:
            try:
                start.wait(10)
                answers[index] = act()
            except Exception as error:
                answers[index] = error
            finally:
                connections.close_all()

        threads = [Thread(target=go, args=(index, act)) for index, act in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return answers

    return run
