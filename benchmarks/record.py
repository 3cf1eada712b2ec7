"""One call of the product written down: its statements as a pgbench script, its new rows as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg2
from django.apps import apps
from django.core import serializers
from django.db import connection
from django.db.models import Model

APPS = ("accounts", "customers", "returns", "inspections", "refunds", "notifications")
STEP = 10**6
STRING = re.compile(r"(E?)'((?:[^'\\]|''|\\.)*)'")
NUMBER = re.compile(r"\b\d{10,11}\b")
UID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
CODE = r"RMA-[2-9A-Z]{4}-[2-9A-Z]{4}"
MOVING = r"|".join((UID, CODE, NUMBER.pattern))
RANDOM_UID = "('00000000-0000-4000-8000-'||lpad(to_hex(:{name}::bigint),12,'0'))"
RANDOM_CODE = "('B'||:{name})"


def models() -> list[type[Model]]:
    """Every table that a call may write to."""
    return [each for name in APPS for each in apps.get_app_config(name).get_models(include_auto_created=True)]


@dataclass(frozen=True)
class Statement:
    """What was sent, and each table's last id before and after it."""

    sql: str
    before: dict[str, int]
    after: dict[str, int]


@dataclass
class Recording:
    """Everything that calls did, in a range of ids that appears nowhere else."""

    base: int
    calls: dict[str, list[Statement]] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place, model in enumerate(models()):
            _restart(model, self.base + place * STEP)

    def call(self, name: str, act: Callable[[], Any]) -> Any:
        """Do it and write it down."""
        start = _last_ids()
        seen: list[tuple[int, dict[str, int]]] = []

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            seen.append((len(connection.queries_log), _last_ids()))
            return execute(sql, params, many, context)

        connection.force_debug_cursor = True
        connection.queries_log.clear()
        try:
            with connection.execute_wrapper(watch):
                answer = act()
        finally:
            connection.force_debug_cursor = False
        log = [entry["sql"] for entry in connection.queries_log]
        self.calls[name] = [_statement(sql, index, seen, start) for index, sql in enumerate(log)]
        self.rows[name] = _new_rows(start)
        return answer


def _statement(sql: str, index: int, seen: list[tuple[int, dict[str, int]]], start: dict[str, int]) -> Statement:
    before = next((ids for at, ids in reversed(seen) if at <= index), start)
    after = next((ids for at, ids in seen if at > index), _last_ids())
    return Statement(sql.rstrip(";"), before, after)


def _restart(model: type[Model], value: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [model._meta.db_table, model._meta.pk.column, value]
        )


def _last_ids() -> dict[str, int]:
    # over a connection of its own: sequences do not wait for a commit, and this must not be recorded
    with _side().cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
        return {name.removesuffix("_id_seq"): value for name, value in cursor.fetchall()}


_SIDE: list[Any] = []


def _side() -> Any:
    if not _SIDE:
        _SIDE.append(psycopg2.connect(**connection.get_connection_params()))
        _SIDE[0].autocommit = True
    return _SIDE[0]


def _new_rows(start: dict[str, int]) -> str:
    found: list[Model] = []
    for model in models():
        last = start.get(model._meta.db_table)
        if last is not None:
            found += model._base_manager.filter(pk__gt=last).order_by("pk")
    return str(serializers.serialize("json", found))


@dataclass
class Script:
    """Turns statements into a pgbench script: this one order becomes any order, new ids become variables.

    `ids` and `texts` say what stands for the ids and the words of the order.
    """

    ids: dict[int, str]
    texts: dict[str, str]
    head: list[str]
    body: list[str] = field(default_factory=list)

    def add(self, statements: list[Statement]) -> None:
        """Append statements in their order."""
        for statement in statements:
            sql = self._rewritten(statement.sql)
            self.body.append(self._keeping_ids(sql, statement))

    def text(self) -> str:
        """The script."""
        return "\n".join([*self.head, *self.body, ""])

    def _rewritten(self, sql: str) -> str:
        moving = re.compile("|".join([*map(re.escape, self.texts), MOVING]))
        parts, at = [], 0
        for found in STRING.finditer(sql):
            parts += [self._numbers(sql[at : found.start()]), self._string(moving, found[1], found[2])]
            at = found.end()
        return "".join([*parts, self._numbers(sql[at:])])

    def _numbers(self, text: str) -> str:
        return NUMBER.sub(lambda found: self.ids.get(int(found[0]), found[0]), text)

    def _string(self, moving: re.Pattern[str], prefix: str, text: str) -> str:
        """A string with what is new in every run put together from variables."""
        parts, at = [], 0
        for found in moving.finditer(text):
            fresh = self._fresh(found[0])
            if fresh is not None:
                parts += [f"{prefix}'{text[at : found.start()]}'", fresh]
                at = found.end()
        last = f"{prefix}'{text[at:]}'"
        return f"({'||'.join([*parts, last])})" if parts else last

    def _fresh(self, word: str) -> str | None:
        if word in self.texts:
            return self.texts[word]
        if NUMBER.fullmatch(word):
            return self.ids.get(int(word))
        name, most = f"bq_r{len(self.texts)}", 281474976710655
        self.head.append(f"\\set {name} random(1, {most})")
        self.texts[word] = (RANDOM_UID if re.fullmatch(UID, word) else RANDOM_CODE).format(name=name)
        return self.texts[word]

    def _keeping_ids(self, sql: str, statement: Statement) -> str:
        table = re.match(r'INSERT INTO "(\w+)"', sql)
        if table is None or "RETURNING" not in sql:
            return f"{sql};"
        first = statement.before.get(table[1], 0) + 1
        new = range(first, statement.after.get(table[1], 0) + 1)
        names = {pk: f"bq_{table[1]}_{len(self.ids) + place}" for place, pk in enumerate(new)}
        self.ids |= {pk: f":{name}" for pk, name in names.items()}
        picked = ", ".join(f"(array_agg(id))[{place}] AS {name}" for place, name in enumerate(names.values(), 1))
        return f"WITH bq AS ({sql}) SELECT {picked} FROM bq \\gset"
