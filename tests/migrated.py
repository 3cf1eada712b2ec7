"""A database that has every migration, made once and copied for each run and worker instead of migrated again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import django
import psycopg2
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
NAME = f"test_comeback{os.environ.get('TEST_DB_SUFFIX', '')}_migrated"
# a migration may call what a models module holds, and those of other packages come with their pinned versions
SOURCES = ("*/migrations/*.py", "*/models.py", "*/models/**/*.py", "requirements/dev.txt")


def template() -> str:
    """The name of the migrated database, made anew when a migration is not the one it was made with."""
    wanted = fingerprint()
    with _alone() as server:
        if _made_with(server) != wanted:
            _make()
            server.execute(f'COMMENT ON DATABASE "{NAME}" IS %s', [wanted])
    return NAME


def fingerprint() -> str:
    """A hash over all that decides what a migrated database holds."""
    digest = hashlib.sha256(django.__version__.encode())
    for file in sorted(file for pattern in SOURCES for file in ROOT.glob(pattern)):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


@contextmanager
def _alone() -> Iterator[Any]:
    """A cursor on the server's own database; the other workers of the run wait outside."""
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    parameters.pop("cursor_factory", None)
    with closing(psycopg2.connect(**parameters)) as server:
        server.autocommit = True
        cursor = server.cursor()
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [NAME])
        yield cursor


def _made_with(server: Any) -> str | None:
    """The comment that is written last, so a database whose making broke off counts as none."""
    server.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [NAME])
    found = server.fetchone()
    return found[0] if found else None


def _make() -> None:
    usual, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    own = test["NAME"]
    test["NAME"] = NAME
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.creation.destroy_test_db(usual, verbosity=0, keepdb=True)
        test["NAME"] = own
