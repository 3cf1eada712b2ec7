"""The operations: each by the product, by a bare Django view, and by pgbench with the same SQL."""

from __future__ import annotations

import itertools
import json
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from benchmarks import bare, floor
from benchmarks.life import live
from benchmarks.load import Connection, per_second
from benchmarks.record import Recording
from benchmarks.world import API, Door, World, recorded_order, request_body, script_for
from config.load.lives import order_document
from customers.actions.imports import import_documents
from customers.sources.results import SourceOrder
from returns import outbox
from returns.models import Event, Shipment
from returns.printing import label_pdf

Measure = Callable[[float], float]
IMPORTED, LINES = 100, 3
DISPATCHED = 4000
CLAIM_AND_MARK = """\
WITH ready AS (
  SELECT id FROM returns_event WHERE dispatched_at IS NULL ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
)
UPDATE returns_event e SET dispatched_at = now() FROM ready WHERE e.id = ready.id;
"""


@dataclass(frozen=True)
class Operation:
    """What is measured, in what unit, by the product and by its floors where they exist."""

    name: str
    unit: str
    ours: Measure
    view: Measure | None = None
    sql: Measure | None = None


class Workbench:
    """Records each operation once, then builds what measures it over and over."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.door = Door(world.key)
        self.turns = itertools.count()
        self.seeds = itertools.count(1)
        self.dice = random.Random(20261122)
        self.connections: list[Connection] = []
        self.ranges = itertools.count(7)

    def connect(self, port: int, count: int = floor.CLIENTS) -> None:
        """Open the connections to the server, and warm it up."""
        self.connections = [Connection(port, self.world.key) for _n in range(count)]
        for connection in self.connections * 4:
            connection.send("GET", f"{API}/returns?limit=1")

    def record(self) -> None:
        """Write down what every operation does."""
        life = Recording(next(self.ranges) * 10**9)
        order = recorded_order("RECORDED-LIFE")
        live(lambda name, path, body: life.call(name, lambda: self._send(path, body)), order.number)
        self._keep(life, script_for(self.world, order), {"life": list(life.calls), "create": ["create"]})
        reads = Recording(next(self.ranges) * 10**9)
        reads.call("read", lambda: self.door.get(f"/returns/{self.world.codes[0]}"))
        reads.call("list", lambda: self.door.get("/returns"))
        for name in ("read", "list"):
            script = script_for(self.world, None)
            # one row and one page, the same every time: the statement is what counts
            script.texts[self.world.codes[0]] = f"'{self.world.codes[0]}'"
            script.add(reads.calls[name])
            (self.folder / f"{name}.sql").write_text(script.text())
        self._record_import()

    def _send(self, path: str, body: Any) -> Any:
        return self.door.get(path) if body is None else self.door.post(path, body)

    def _keep(self, recording: Recording, script: Any, groups: dict[str, list[str]]) -> None:
        for name, rows in recording.rows.items():
            (self.folder / f"{name}.json").write_text(rows)
        for group, calls in groups.items():
            one = type(script)(dict(script.ids), dict(script.texts), list(script.head))
            for name in calls:
                one.add(recording.calls[name])
            (self.folder / f"{group}.sql").write_text(one.text())

    def _record_import(self) -> None:
        recording = Recording(next(self.ranges) * 10**9)
        documents = fresh_documents("RECORDED")
        recording.call("import", lambda: import_all(documents))
        texts = {}
        for place, row in enumerate(documents):
            texts[row["number"]] = f"('I'||:bq_r||'-{place}')"
            texts[row["customer"]["email"]] = f"('i'||:bq_r||'-{place}@example.com')"
        script = script_for(self.world, None)
        script.head.append("\\set bq_r random(1, 281474976710655)")
        script.texts.update(texts)
        script.add(recording.calls["import"])
        (self.folder / "import.sql").write_text(script.text())
        (self.folder / "import.json").write_text(recording.rows["import"])

    def operations(self) -> list[Operation]:
        """All of them."""
        return [
            Operation("create a return of 3 lines", "1/s", self.create, self.bare_create, self.pgbench("create")),
            Operation("read a return", "1/s", self.read, self.bare_read, self.pgbench("read")),
            Operation("list 50 of the returns", "1/s", self.list, self.bare_list, self.pgbench("list")),
            Operation("a whole life by API", "lives/s", self.life, self.bare_life, self.pgbench("life")),
            Operation("import orders", "rows/s", import_rows, self.bare_import, self.pgbench_import),
            Operation("dispatch events", "events/s", self.dispatch, self.bare_dispatch, self.pgbench_dispatch),
            Operation("draw a label as PDF", "labels/s per core", self.labels),
        ]

    def pgbench(self, name: str) -> Measure:
        """The recorded SQL of an operation."""
        return lambda seconds: floor.per_second(self.folder / f"{name}.sql", seconds, seed=next(self.seeds))

    def _all(self, work: Callable[[Connection, int], None], seconds: float) -> float:
        return per_second(self.connections, work, seconds, self.turns)

    def number(self, turn: int) -> str:
        """The number of an order without a return."""
        return f"L{self.world.order(turn)}"

    def create(self, seconds: float) -> float:
        """POST /returns."""

        def work(connection: Connection, turn: int) -> None:
            connection.send("POST", f"{API}/returns", request_body(self.number(turn)), status=201)

        return self._all(work, seconds)

    def bare_create(self, seconds: float) -> float:
        """The same rows."""

        def work(connection: Connection, turn: int) -> None:
            connection.send("POST", "/bare/write/create", {"order": self.world.order(turn), "known": {}})

        return self._all(work, seconds)

    def read(self, seconds: float) -> float:
        """GET /returns/{rma}."""
        codes = self.dice.choices(self.world.codes, k=997)
        return self._all(lambda c, turn: _get(c, f"{API}/returns/{codes[turn % 997]}"), seconds)

    def bare_read(self, seconds: float) -> float:
        """A return with its items."""
        codes = self.dice.choices(self.world.codes, k=997)
        return self._all(lambda c, turn: _get(c, f"/bare/read/{codes[turn % 997]}"), seconds)

    def list(self, seconds: float) -> float:
        """GET /returns."""
        return self._all(lambda c, turn: _get(c, f"{API}/returns"), seconds)

    def bare_list(self, seconds: float) -> float:
        """Fifty returns with their items."""
        return self._all(lambda c, turn: _get(c, "/bare/list"), seconds)

    def life(self, seconds: float) -> float:
        """Seven calls from nothing to resolved."""

        def work(connection: Connection, turn: int) -> None:
            def send(name: str, path: str, body: Any) -> Any:
                method = "GET" if body is None else "POST"
                made = name in ("create", "label", "receive", "inspect", "reimburse")
                return json.loads(connection.send(method, API + path, body, status=201 if made else 200))

            status = live(send, self.number(turn))
            assert status == "resolved", status

        return self._all(work, seconds)

    def bare_life(self, seconds: float) -> float:
        """Six calls that write the same rows, and one that reads a return."""
        names = ("create", "label", "receive", "inspect", "reimburse", "paid")

        def work(connection: Connection, turn: int) -> None:
            known: dict[str, int] = {}
            for name in names:
                body = {"order": self.world.order(turn), "known": known}
                known = json.loads(connection.send("POST", f"/bare/write/{name}", body))["known"]
            _get(connection, f"/bare/read/{self.world.codes[turn % 997]}")

        return self._all(work, seconds)

    def bare_import(self, seconds: float) -> float:
        """The same rows by bulk_create."""
        tables = rows_of(self.folder / "import.json")
        return per_batch(lambda turn: bare.write_rows(tables, {}), seconds)

    def pgbench_import(self, seconds: float) -> float:
        """The recorded SQL of a hundred orders, on one connection as the importer."""
        batches = floor.per_second(self.folder / "import.sql", seconds, seed=next(self.seeds), clients=1)
        return batches * IMPORTED * LINES

    def dispatch(self, seconds: float) -> float:
        """Two processes, no reactions."""
        return dispatch_by(dispatch_ours)

    def bare_dispatch(self, seconds: float) -> float:
        """Two processes that claim a hundred events and mark them."""
        return dispatch_by(dispatch_bare)

    def pgbench_dispatch(self, seconds: float) -> float:
        """Two connections that claim a hundred events and mark them, in one statement."""
        script = self.folder / "dispatch.sql"
        script.write_text(CLAIM_AND_MARK)
        waiting()
        batches = DISPATCHED // outbox.BATCH // 2
        return floor.per_second(script, batches, seed=1, clients=2, count=True) * outbox.BATCH

    def labels(self, seconds: float) -> float:
        """One process."""
        shipment = Shipment.objects.filter(labels__isnull=False).order_by("pk")[0]
        return per_turn(lambda _turn: label_pdf(shipment), seconds)


def _get(connection: Connection, path: str) -> None:
    connection.send("GET", path)


def rows_of(file: Path) -> list[list[Any]]:
    """Recorded rows, a list per table."""
    os.environ["BENCH_ROWS"] = str(file.parent)
    return bare.recorded(file.stem)


_NUMBERS = itertools.count(1)


def fresh_documents(series: str) -> list[dict[str, Any]]:
    """A hundred order documents that nobody has seen, three lines each."""
    now = timezone.now()
    return [order_document(f"{series}-{next(_NUMBERS):07d}", now) for _n in range(IMPORTED)]


def import_all(documents: list[dict[str, Any]]) -> None:
    """Store documents as the import job does."""
    rows = [SourceOrder(row, (place,)) for place, row in enumerate(documents, 1)]
    for tally in import_documents(rows, actor=SYSTEM_ACTOR):
        assert not tally.refused, tally.refused[:2]


def import_rows(seconds: float) -> float:
    """NDJSON documents through the importer, in rows of a CSV: a line each."""
    return per_batch(lambda turn: import_all(fresh_documents("IMPORT")), seconds)


def per_batch(work: Callable[[int], Any], seconds: float) -> float:
    """Rows per second when `work` does a hundred orders."""
    return per_turn(work, seconds) * IMPORTED * LINES


def per_turn(work: Callable[[int], Any], seconds: float) -> float:
    """How often one process does it in a second."""
    start, turn = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        work(turn)
        turn += 1
    return turn / (time.perf_counter() - start)


def dispatch_by(work: Callable[[int], int]) -> float:
    """Events per second by two processes together."""
    waiting()
    connections.close_all()
    with ProcessPoolExecutor(2, initializer=alone) as pool:
        list(pool.map(ready, range(2)))
        start = time.perf_counter()
        done = sum(pool.map(work, range(2)))
        return done / (time.perf_counter() - start)


def waiting() -> None:
    """Exactly so many events wait."""
    Event.objects.filter(dispatched_at__isnull=True).update(dispatched_at=timezone.now())
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True)[:DISPATCHED]
    Event.objects.filter(pk__in=list(newest)).update(dispatched_at=None)


def alone() -> None:
    """In a fresh process: nothing follows from an event."""
    settings.REACTIONS = "benchmarks.settings.NO_REACTIONS"
    outbox.reactions.cache_clear()


def ready(_number: int) -> None:
    """Connect, and be long about it, so that the other process gets the other task."""
    Event.objects.exists()
    time.sleep(0.2)


def dispatch_ours(_number: int) -> int:
    """The dispatcher."""
    return outbox.dispatch_all()


def dispatch_bare(_number: int) -> int:
    """The least that a dispatcher does: claim, mark, commit."""
    done = 0
    while True:
        with transaction.atomic():
            waits = Event.objects.filter(dispatched_at__isnull=True).order_by("id")
            claimed = list(waits.select_for_update(skip_locked=True)[: outbox.BATCH])
            Event.objects.filter(pk__in=[event.pk for event in claimed]).update(dispatched_at=timezone.now())
        if not claimed:
            return done
        done += len(claimed)
