"""`import_orders`: everything usable comes in once, whatever else is in the file, and quickly."""

from __future__ import annotations

import csv
import gzip
import io
import os
import resource
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actors import SYSTEM_ACTOR, Actor
from customers.actions import bulk, upsert_order
from customers.actions.imports import Tally, import_documents
from customers.management.importing import Progress
from customers.models import Channel, Customer, Order, OrderLine, OrderVersion
from customers.sources.results import SourceOrder
from tests.builders import line, order_document
from tests.customers.orders import priced_documents

ROOT = Path(__file__).resolve().parents[2]
MAPPING = ROOT / "docs" / "mappings" / "online_retail.yaml"
HEAD = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
WHEN = "12/1/10 8:26"


def row(number: str, sku: str, quantity: int = 1, price: str = "2.50", **cells: str) -> list[str]:
    """One row of the file."""
    values = dict(
        zip(HEAD, [number, sku, f"Article {sku}", str(quantity), WHEN, price, "17850", "United Kingdom"], strict=True)
    )
    return list({**values, **cells}.values())


def written(file: Path, *rows: list[str]) -> Path:
    """The rows as a CSV, gzip by its name."""
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, *rows])
    data = text.getvalue().encode()
    file.write_bytes(gzip.compress(data) if file.suffix == ".gz" else data)
    return file


def run(file: Path, **options: Any) -> str:
    """What the command says."""
    said = io.StringIO()
    options.setdefault("report", file.parent / "refused.csv")
    call_command("import_orders", file, stdout=said, **{"mapping": MAPPING, **options})
    return said.getvalue()


def take(documents: Iterable[Any]) -> Tally:
    """The documents through the import, as rows 1, 2, 3."""
    whole = Tally()
    sourced = (SourceOrder(document, (number,)) for number, document in enumerate(documents, start=1))
    for tally in import_documents(sourced, actor=SYSTEM_ACTOR):
        whole.done += tally.done
        whole.refused += tally.refused
        for outcome, count in tally.outcomes.items():
            whole.outcomes[outcome] = whole.outcomes.get(outcome, 0) + count
    return whole


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["month.csv", "month.csv.gz"])
def test_a_file_comes_in_once_however_often_it_is_read(tmp_path: Path, name: str) -> None:
    file = written(
        tmp_path / name,
        row("536365", "A", 6), row("536366", "E"), row("536365", "C", 2, "1.05"), row("536365", "POST", 1, "4.00"),
    )  # fmt: skip
    assert run(file).startswith("Orders: 2 new, in ")
    assert run(file).startswith("Orders: 2 unchanged, in ")
    order = Order.objects.get(number="536365")
    assert (order.total, order.version, order.email) == (2110, 1, "customer-17850@example.com")
    assert [(each.sku, each.quantity, each.gross) for each in order.lines.order_by("position")] == [
        ("A", 6, 1500), ("C", 2, 210),
    ]  # fmt: skip
    assert (order.shipping.get().gross, order.payments.get().captured) == (400, 2110)
    assert order.deliveries.get().quantities == {"A": 6, "C": 2}
    assert Customer.objects.count() == 1


@pytest.mark.django_db
def test_what_cannot_be_used_is_reported_with_its_line_and_the_rest_comes_in(tmp_path: Path) -> None:
    file = written(
        tmp_path / "month.csv",
        row("536365", "A"), row("C536379", "A", -1), row("536367", "E", 1, "=2+5"), row("536368", "E", 1, "0"),
        row("536369", "E", InvoiceDate="31/31/10 8:26"), row("536370", "C"),
    )  # fmt: skip
    said = run(file)
    assert "Orders: 2 new" in said
    assert "Rows refused: 4" in said
    assert "cancellation                         1" in said
    with (tmp_path / "refused.csv").open() as text:
        rows = [(each["row"], each["order"], each["code"]) for each in csv.DictReader(text)]
    assert ("3", "C536379", "cancellation") in rows
    assert ("4", "536367", "bad_number") in rows
    assert ("5", "536368", "price_not_positive") in rows
    assert ("6", "536369", "bad_date") in rows


@pytest.mark.django_db
def test_the_report_runs_nothing_in_a_spreadsheet(tmp_path: Path) -> None:
    run(written(tmp_path / "month.csv", row('=HYPERLINK("x")', "A", 0), row("536365", "A")))
    with (tmp_path / "refused.csv").open() as text:
        assert {each["order"] for each in csv.DictReader(text)} == {'\'=HYPERLINK("x")'}


@pytest.mark.django_db
def test_refused_rows_go_below_var_unless_told(tmp_path: Path, settings: Any) -> None:
    settings.VAR = tmp_path / "state"
    run(written(tmp_path / "month.csv.gz", row("C1", "A", -1)), report=None)
    assert (tmp_path / "state" / "refused-month.csv").exists()
    run(written(tmp_path / "month.csv.gz", row("536365", "A")), report=None)
    assert not (tmp_path / "state" / "refused-month.csv").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "options", "message"),
    [
        ("none.csv", {}, "none.csv: No such file"),
        ("good.csv", {"mapping": Path("none.yaml")}, "none.yaml: No such file"),
        ("good.csv", {"mapping": ROOT / "README.md"}, "The mapping"),
        ("other.csv", {}, "The file has no column InvoiceNo"),
        ("cut.csv.gz", {}, "breaks off or is damaged"),
    ],
)
def test_a_file_that_cannot_be_used_at_all_ends_the_command(
    tmp_path: Path, file: str, options: dict[str, Any], message: str
) -> None:
    written(tmp_path / "good.csv", row("536365", "A"))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    whole = written(tmp_path / "whole.csv.gz", *(row(f"{n}", "A") for n in range(500))).read_bytes()
    (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError, match=message):
        run(tmp_path / file, **options)
    assert not Order.objects.exists()
    assert not (tmp_path / "refused.csv").exists()


@pytest.mark.django_db
def test_a_changed_file_makes_new_versions_unless_units_are_claimed(tmp_path: Path) -> None:
    file = written(tmp_path / "month.csv", row("1", "A", 3), row("2", "A", 3))
    run(file)
    OrderLine.objects.filter(order__number="2").update(claimed=3)
    said = run(written(file, row("1", "A", 2), row("2", "A", 2), row("3", "A")))
    assert "1 new" in said
    assert "1 changed" in said
    assert "conflict" in said
    assert [(o.number, o.version, o.lines.get().quantity) for o in Order.objects.order_by("number")] == [
        ("1", 2, 2), ("2", 1, 3), ("3", 1, 1),
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_refused_document_costs_only_itself() -> None:
    good, bad, foreign = order_document(), order_document(), order_document(shop="nowhere", channel="new")
    bad["total"] = "1.00"
    whole = take([good, bad, foreign, {"channel": "web"}, order_document()])
    assert whole.outcomes == {"new": 2}
    assert [(each.row, each.code) for each in sorted(whole.refused, key=lambda each: each.row)] == [
        (2, "mismatch"), (3, "invalid"), (4, "invalid"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_every_row_of_a_refused_order_is_reported() -> None:
    document = order_document() | {"total": "1.00"}
    [tally] = import_documents([SourceOrder(document, (4, 9))], actor=SYSTEM_ACTOR)
    assert [each.row for each in tally.refused] == [4, 9]


@pytest.mark.django_db
def test_one_order_twice_in_a_batch_ends_as_one_by_one() -> None:
    first, second = order_document(number="7"), order_document(line(quantity=2), number="7")
    assert take([first, second, second, first]).outcomes == {"new": 1, "changed": 2, "unchanged": 1}
    assert Order.objects.get().version == 3
    assert Order.objects.get().lines.get().quantity == 3


@pytest.mark.django_db
def test_a_key_bound_to_a_channel_imports_nothing_else() -> None:
    actor = Actor("integration", "k", channels=frozenset({"web"}))
    rows = [SourceOrder(order_document(channel=name), (1,)) for name in ("web", "shop2")]
    [tally] = import_documents(rows, actor=actor)
    assert (tally.outcomes, [each.code for each in tally.refused]) == ({"new": 1}, ["forbidden"])
    assert not Channel.objects.filter(code="shop2").exists()


def buyer(email: str | None, **facts: Any) -> dict[str, Any]:
    return {"email": email, "name": "", **facts}


@pytest.mark.django_db
def test_a_customer_is_one_person_with_the_latest_facts() -> None:
    upsert_order(order_document(customer=buyer("Old@example.com", name="Old")), actor=SYSTEM_ACTOR)
    take(
        [
            order_document(customer=buyer("old@example.com", name="New", tags=["vip"])),
            order_document(customer=buyer("A@example.com", name="Ann")),
            order_document(customer=buyer("a@Example.com", company="Ltd")),
            order_document(customer=buyer(None, phone="+48600100200", name="Masked")),
            order_document(customer=buyer(None, phone="+48600100200", name="Still masked")),
        ]
    )
    rows = Customer.objects.order_by("email").values_list("email", "phone", "name", "company", "tags")
    assert list(rows) == [
        ("", "+48600100200", "Still masked", "", []),
        ("a@example.com", "", "Ann", "Ltd", []),
        ("old@example.com", "", "New", "", ["vip"]),
    ]


STORED: dict[Any, tuple[str, ...]] = {
    Order: ("uid", "id", "customer", "created_at", "updated_at", "channel"),
    OrderLine: ("id", "order", "parent"),
    OrderVersion: ("id", "order", "created_at"),
}


def stored() -> list[Any]:
    """Everything that the import wrote, without the keys that differ anyway."""
    found: list[Any] = []
    for model, left_out in STORED.items():
        names = [f.name for f in model._meta.concrete_fields if f.name not in left_out]
        extra = ["parent__external_id"] if model is OrderLine else []
        found.append(sorted(map(repr, model.objects.values_list(*names, *extra))))
    for name in ("shipping", "payments", "deliveries"):
        rows: list[Any] = []
        for order in Order.objects.all():
            rows += [{**each, "id": 0, "order_id": order.number} for each in getattr(order, name).values()]
        found.append(sorted(map(repr, rows)))
    return found


@pytest.mark.django_db
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(priced_documents(), min_size=1, max_size=4))
def test_a_batch_stores_what_one_by_one_would(found: Any) -> None:
    documents = [document | {"number": f"N{n}"} for n, (document, _priced) in enumerate(found)]
    for document in documents:
        upsert_order(document, actor=SYSTEM_ACTOR)
    alone = stored()
    forget_orders()
    assert take(documents).outcomes == {"new": len(documents)}
    assert stored() == alone
    forget_orders()


def forget_orders() -> None:
    """Empty the tables, the rows that point to others first."""
    for order in Order.objects.all():
        order.lines.filter(parent__isnull=False).delete()
        for name in ("lines", "shipping", "payments", "deliveries", "versions"):
            getattr(order, name).all().delete()
        order.delete()


@pytest.mark.django_db
def test_a_batch_costs_the_same_statements_whatever_is_in_it() -> None:
    take([order_document()])
    with CaptureQueriesContext(connection) as few:
        take([order_document() for _n in range(2)])
    with CaptureQueriesContext(connection) as many:
        take([order_document(*(line(f"L{n}") for n in range(9))) for _n in range(40)])
    assert len(many) <= len(few)


@pytest.mark.django_db
def test_a_batch_that_the_database_refuses_is_tried_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise DatabaseError("deadlock detected")

    monkeypatch.setattr(bulk, "_insert", broken)
    assert take([order_document(), order_document()]).outcomes == {"new": 2}


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_orders_at_once_make_each_once() -> None:
    documents = [order_document(customer=buyer(f"c{n % 7}@example.com")) for n in range(60)]
    start, failures = threading.Barrier(2), []

    def work(rows: list[Any]) -> None:
        try:
            start.wait()
            assert sum(take(rows).outcomes.values()) == len(rows)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[rows]) for rows in (documents, documents[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (Order.objects.count(), Customer.objects.count()) == (60, 7)
    assert OrderLine.objects.count() == 60
    assert set(Order.objects.values_list("version", flat=True)) == {1}


class Terminal(io.StringIO):
    """Somebody watches."""

    def isatty(self) -> bool:
        return True


def test_a_bar_shows_how_far_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(moments)))
    screen = Terminal()
    file = Progress(io.BytesIO(b"x" * 100), 100, screen)
    file.read(50)
    file.waiting = lambda: 0.5
    file.read(50)
    assert screen.getvalue().endswith(f"\r[{'#' * 15:30}]  50%")
    file.clear()
    assert screen.getvalue().rpartition("\r")[2] == ""


def test_nothing_is_drawn_where_nobody_watches() -> None:
    screen = io.StringIO()
    file = Progress(io.BytesIO(b"x" * 100), 100, screen)
    file.read()
    file.clear()
    assert screen.getvalue() == ""


@pytest.mark.scale
@pytest.mark.django_db
def test_forty_thousand_rows_in_a_minute_and_in_flat_memory(tmp_path: Path) -> None:
    orders = 1600 if os.environ.get("FULL") else 400

    def rows(first: int) -> Iterable[list[str]]:
        for number in range(first, first + orders):
            yield from (row(f"{number}", f"S{n}", CustomerID=f"{number % 900}") for n in range(25))

    run(written(tmp_path / "warm.csv.gz", *rows(100_000)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    said = run(written(tmp_path / "month.csv.gz", *rows(200_000), *rows(300_000)))
    assert f"Orders: {2 * orders:,} new" in said
    assert time.monotonic() - started < 60 * (2 * orders / 1600)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 60_000 * (1 if sys.platform == "linux" else 1024)
