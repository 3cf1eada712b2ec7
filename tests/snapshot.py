"""Every table at once: a fingerprint that a refused call must not change, and cleaning up after real commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection

OURS = ("accounts", "customers", "returns", "inspections", "refunds", "notifications")
# a key notes when it was last used, and an answer is kept under its idempotency key: both are meant
EXEMPT = {"accounts_apikey", "accounts_idempotencykey"}


def tables() -> list[str]:
    """Our tables, those between tables included."""
    models = (
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS and model._meta.managed
    )
    return sorted({model._meta.db_table for model in models} - EXEMPT)


def snapshot() -> dict[str, str]:
    """Table name to a hash over all of its rows, in one statement."""
    parts = (
        f"SELECT '{name}', count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') "
        f'FROM "{name}" t'
        for name in tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


@contextmanager
def unchanged() -> Iterator[None]:
    """Everything in here must change nothing: no quantity, no event, no mail, no label, no money."""
    before = snapshot()
    yield
    after = snapshot()
    changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    assert not changed, changed


def nothing_changes(act: Callable[[], Any]) -> Any:
    """The answer of `act`, which must change nothing."""
    with unchanged():
        return act()


def highest_ids() -> dict[str, int]:
    """Table name to its highest id, for all of our tables."""
    names = sorted({*tables(), *EXEMPT})
    parts = (f"SELECT '{name}', coalesce(max(id), 0) FROM \"{name}\"" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def remove_rows_after(before: dict[str, int]) -> None:
    """Remove every row above these ids, past keys and triggers, and put the first policy in force again."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for name, highest in before.items():
            cursor.execute(f'DELETE FROM "{name}" WHERE id > %s', [highest])
        cursor.execute("UPDATE returns_returnpolicy SET state = 'published' WHERE version = 1")
        cursor.execute("SET session_replication_role = DEFAULT")
