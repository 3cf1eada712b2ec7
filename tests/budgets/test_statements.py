"""How many SQL statements an operation may take; the same for one line or twenty, three rows or fifty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import (
    Answer,
    Api,
    Json,
    ask,
    finding,
    line,
    place,
    publish,
    receive,
    request_body,
    units,
)

pytestmark = pytest.mark.django_db
CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
LINES = [1, 20]


def statements(act: Callable[[], Answer]) -> list[str]:
    """The statements of a call that must succeed, transaction control left out."""
    with CaptureQueriesContext(connection) as captured:
        answer = act()
    assert answer.status in (200, 201), answer.body
    return [row["sql"] for row in captured if not row["sql"].startswith(CONTROL)]


def within(budget: int, found: list[str]) -> None:
    """Not above the budget; a failure lists every statement."""
    assert len(found) <= budget, "\n".join(f"{n}. {sql[:300]}" for n, sql in enumerate(found, start=1))


def wide(api: Api, lines: int) -> tuple[Json, list[tuple[str, int]]]:
    """An order of so many lines, and a wish for one unit of each."""
    publish(api, auto_reimburse=False)
    rows = [line(f"L{n}", sku=f"SKU-{n}", quantity=2) for n in range(lines)]
    return place(api, *rows), [(row["id"], 1) for row in rows]


@pytest.fixture
def warm(api: Api) -> Api:
    """A client whose key was used just now, so that noting its use is not counted."""
    api.get("/returns").ok()
    return api


@pytest.mark.parametrize("lines", LINES)
def test_create(warm: Api, lines: int) -> None:
    order, rows = wide(warm, lines)
    warm.post("/returns", request_body(order, rows[0])).made()
    within(12, statements(lambda: warm.post("/returns", request_body(order, *rows))))


@pytest.mark.parametrize("lines", LINES)
def test_read(warm: Api, lines: int) -> None:
    order, rows = wide(warm, lines)
    rma = ask(warm, order, *rows)
    within(4, statements(lambda: warm.get(f"/returns/{rma['rma']}")))


@pytest.mark.parametrize("rows", [3, 50])
def test_list(warm: Api, rows: int) -> None:
    order = place(warm, line(quantity=rows))
    for _n in range(rows):
        ask(warm, order)
    within(4, statements(lambda: warm.get("/returns?limit=200")))


@pytest.mark.parametrize("lines", LINES)
def test_receive(warm: Api, lines: int) -> None:
    order, rows = wide(warm, lines)
    rma = ask(warm, order, *rows)
    body = {"parcel": "P1", "items": units(rma, *rows)}
    within(13, statements(lambda: warm.post(f"/returns/{rma['rma']}/receipts", body)))


@pytest.mark.parametrize(
    "lines",
    [1, 20],
)
def test_inspect(warm: Api, lines: int) -> None:
    order, rows = wide(warm, lines)
    rma = ask(warm, order, *rows)
    receive(warm, rma)
    body = {"items": [finding(rma, name) for name, _quantity in rows]}
    within(14, statements(lambda: warm.post(f"/returns/{rma['rma']}/inspections", body)))


PAYING = {"reimburse": "/returns/{rma}/reimbursements", "preview": "/returns/{rma}/reimbursements/preview"}


@pytest.mark.parametrize("what", PAYING)
def test_money_is_constant_in_lines(warm: Api, what: str) -> None:
    counts: list[Any] = []
    for lines in LINES:
        order, rows = wide(warm, lines)
        rma = ask(warm, order, *rows)
        receive(warm, rma)
        found = [finding(rma, name) for name, _quantity in rows]
        warm.post(f"/returns/{rma['rma']}/inspections", {"items": found}).made()
        path = PAYING[what].format(rma=rma["rma"])
        counts.append(len(statements(lambda path=path: warm.post(path))))
    assert counts[0] == counts[1]
