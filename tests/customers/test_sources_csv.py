"""Any CSV to order documents: what comes out, what is refused on which line, and that memory stays flat."""

from __future__ import annotations

import functools
import gzip
import io
import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.pricing import price, validate
from customers.sources.csv_orders import CsvOrders
from customers.sources.mapping import OrderMapping, load_mapping, read_mapping
from customers.sources.results import RefusedRow, SourceOrder, SourceUnreadable

ROOT = Path(__file__).resolve().parents[2]

MAPPING = """
version: 1
columns: [No, Item, Pieces, Price, When, Mail, Country]
formats: {dates: ["%%Y-%%m-%%d %%H:%%M"], time_zone: Europe/Warsaw}
group_by: [No]
rows_of_an_order: %(rows)s
bad_row: %(bad_row)s
max_rows: 50
rows:
  - {refuse: cancelled, detail: Cancelled., when: {No: {prefix: C}}}
  - {kind: skip, when: {Item: PAYMENT}}
  - {kind: shipping, when: {Item: {in: [POST, DHL]}}}
  - {kind: discount, when: {Item: {regex: "^CODE-"}}}
  - {refuse: nothing, when: [{Pieces: {at_most: 0}}, {Price: {less_than: 0}}]}
  - {kind: line, when: {Item: {empty: false}}}
equal_lines: %(equal)s
tables: {countries: {Polska: PL}}
order:
  channel: web
  number: {column: No}
  currency: EUR
  prices_include_tax: true
  placed_at: {column: When}
  total: {computed: total}
  customer: {email: {first_of: [{column: Mail}, {template: "guest-{No}@example.com"}]}}
  ship_to: {country: {column: Country, table: countries}}
lines:
  sku: {column: Item}
  title: {template: "Article {Item}"}
  quantity: {column: Pieces}
  unit_price: {column: Price}
  tax_rate: "0.23"
shipping: {id: {column: Item}, method: {column: Item}, amount: {product: [Pieces, Price]}, tax_rate: "0.23"}
discounts: {amount: {product: [Pieces, Price], absolute: true}}
payments: [{id: P1, gateway: manual, reference: {column: No}, captured: {computed: total}}]
deliveries: [{id: D1, shipped_at: {column: When}, delivered_at: {column: When, plus: {days: 2}}}]
"""
HEAD = "No,Item,Pieces,Price,When,Mail,Country\n"


@functools.cache
def mapping(rows: str = "anywhere", bad_row: str = "refuse_order", equal: str = "number") -> OrderMapping:
    return read_mapping(MAPPING % {"rows": rows, "bad_row": bad_row, "equal": equal})


def row(number: str, item: str = "A", pieces: object = 1, price_: str = "10.00", **more: str) -> str:
    when, mail, country = (more.get(name, "") for name in ("when", "mail", "country"))
    return f"{number},{item},{pieces},{price_},{when or '2026-03-01 10:00'},{mail},{country}\n"


def read(
    body: str | bytes, used: OrderMapping | None = None
) -> tuple[list[dict[str, Any]], list[tuple[int, str]], list[RefusedRow]]:
    """Documents, refusals as (line, code), and the refusals themselves."""
    data = body if isinstance(body, bytes) else (HEAD + body).encode()
    results = list(CsvOrders(io.BytesIO(data), used or mapping()))
    refused = [result for result in results if isinstance(result, RefusedRow)]
    orders = [result.document for result in results if isinstance(result, SourceOrder)]
    return orders, [(one.row, one.code) for one in refused], refused


def test_rows_become_one_order_that_adds_up() -> None:
    body = row("1", "A", 3, "10.00") + row("1", "B", 1, "0.99") + row("1", "POST", 2, "4.50")
    orders, refused, _ = read(body + row("1", "CODE-5", 1, "-5.00") + row("1", "PAYMENT", mail="a@x.test"))
    assert refused == []
    [order] = orders
    assert order["total"] == "34.99"
    assert order["discount"] == "5"
    assert order["customer"] == {"email": "a@x.test"}
    assert order["payments"][0]["captured"] == "34.99"
    assert order["deliveries"] == [
        {
            "id": "D1",
            "shipped_at": "2026-03-01T09:00:00Z",
            "delivered_at": "2026-03-03T09:00:00Z",
            "lines": {"A": 3, "B": 1},
        }
    ]
    assert price(validate(order)).total == 3499


def test_a_customer_who_is_not_named_is_a_guest() -> None:
    assert read(row("7"))[0][0]["customer"] == {"email": "guest-7@example.com"}


def test_equal_articles_are_numbered_or_merged() -> None:
    body = row("1", "A", 1, "10.00") + row("1", "A", 2, "10.00") + row("1", "A", 1, "9.00")
    numbered = read(body)[0][0]["lines"]
    assert [(line["id"], line["quantity"]) for line in numbered] == [("A", 1), ("A-2", 2), ("A-3", 1)]
    merged = read(body, mapping(equal="{merge_on: [sku, unit_price]}"))[0][0]["lines"]
    assert [(line["id"], line["quantity"]) for line in merged] == [("A", 3), ("A-2", 1)]


def test_a_number_never_takes_the_name_of_another_article() -> None:
    body = row("1", "A") + row("1", "A-2") + row("1", "A")
    assert [line["id"] for line in read(body)[0][0]["lines"]] == ["A", "A-2", "A-3"]


def test_rules_refuse_rows_by_their_reason() -> None:
    orders, refused, rows = read(row("C1") + row("2", "A", 0) + row("2", "B", 1, "-1") + row("2", "C") + row("3", ""))
    assert refused == [(2, "cancelled"), (3, "nothing"), (4, "nothing"), (6, "no_rule")]
    assert rows[0].detail == "Cancelled."
    assert rows[0].reference == "C1"
    assert [line["id"] for line in orders[0]["lines"]] == ["C"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (row("1", "B", "many"), "bad_number"),
        (row("1", "B", "1.5"), "bad_number"),
        (row("1", "B", ""), "missing_value"),
        (row("1", "B", 1, ""), "missing_value"),
        (row("1", "B", 1, "1e5"), "bad_number"),
    ],
)
def test_a_bad_row_takes_its_order_along_unless_the_mapping_says_otherwise(bad: str, code: str) -> None:
    body = row("1", "A") + bad + row("2")
    orders, refused, _ = read(body)
    assert [order["number"] for order in orders] == ["2"]
    assert refused == [(3, code), (2, "order_incomplete")]
    orders, refused, _ = read(body, mapping(bad_row="refuse_row"))
    assert [order["number"] for order in orders] == ["1", "2"]
    assert refused == [(3, code)]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (row("1", when="yesterday"), "bad_date"),
        (row("1", when="9999-12-31 23:59"), "bad_date"),
        (row("1", country="Atlantis"), "unknown_value"),
        (row("1", "POST"), "no_lines"),
        (row("", "A"), "no_order_number"),
        ("1,A,1\n", "short_row"),
        (row("1").strip() + ",more\n", "long_row"),
        ('1,"A"B,1,10.00,2026-03-01 10:00,,\n', "malformed_row"),
        ("1,A\0,1,10.00,2026-03-01 10:00,,\n", "bad_characters"),
        (f"1,{'A' * 140_000},1,10.00,2026-03-01 10:00,,\n", "row_too_long"),
        (f"1,{'A,' * 140_000},1,10.00,2026-03-01 10:00,,\n", "row_too_long"),
        (f'1,"{"A" * 140_000}",1,10.00,2026-03-01 10:00,,\n', "row_too_long"),
    ],
)
def test_a_row_that_cannot_be_used_is_reported_and_reading_goes_on(bad: str, code: str) -> None:
    orders, refused, _ = read(row("0") + bad + row("9"))
    assert [order["number"] for order in orders] == ["0", "9"]
    assert refused == [(3, code)]


def test_an_open_quote_costs_one_row_and_not_the_file() -> None:
    body = row("0") + '1,"A,1,10.00,2026-03-01 10:00,,\n' + "".join(row(str(number)) for number in range(2, 3000))
    orders, refused, _ = read(body)
    assert refused[0][0] == 3
    assert len(refused) == 1
    assert len(orders) == 2999


def test_an_open_quote_at_the_end_is_reported() -> None:
    orders, refused, _ = read(row("0") + '1,"A,1,10.00,2026-03-01 10:00,,\n' + row("2"))
    assert [order["number"] for order in orders] == ["0", "2"]
    assert refused == [(3, "malformed_row")]


def test_a_quoted_line_break_belongs_to_its_cell_and_lines_are_counted() -> None:
    body = '1,"A\nB",1,10.00,2026-03-01 10:00,,\n' + row("C2")
    orders, refused, _ = read(body)
    assert orders[0]["lines"][0]["sku"] == "A\nB"
    assert refused == [(4, "cancelled")]


def test_bytes_that_are_no_text_cost_one_row() -> None:
    good = (HEAD + row("1")).encode()
    bad = row("2", "caf\xe9").encode("latin-1")
    orders, refused, _ = read(good + bad + row("3").encode())
    assert [order["number"] for order in orders] == ["1", "3"]
    assert refused == [(3, "bad_encoding")]


def test_other_encodings_and_marks_are_read_as_the_mapping_says() -> None:
    text = MAPPING % {"rows": "anywhere", "bad_row": "refuse_row", "equal": "number"}
    body = (HEAD + row("1", "żółw", 1, '"10,5"')).replace(",", ";").replace('"10;5"', "10,5")
    cp1250 = read_mapping(
        text.replace("formats: {", 'file: {encoding: cp1250, delimiter: ";"}\nformats: {decimal: ",", ')
    )
    assert read(body.encode("cp1250"), cp1250)[0][0]["lines"][0] == {
        "id": "żółw",
        "sku": "żółw",
        "title": "Article żółw",
        "quantity": 1,
        "unit_price": "10.5",
        "tax_rate": "0.23",
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: data.replace(b"\n", b"\n\n"),
        lambda data: data.rstrip(b"\n"),
        gzip.compress,
    ],
    ids=["mark", "crlf", "cr", "blank lines", "no last newline", "gzip"],
)
def test_the_shape_of_the_file_does_not_matter(change: Callable[[bytes], bytes]) -> None:
    data = (HEAD + row("1") + row("1", "B") + row("2")).encode()
    assert read(change(data))[0] == read(data)[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"No,Item\n1,A\n",
        HEAD.replace("Mail", "No").encode(),
        gzip.compress((HEAD + row("1")).encode(), mtime=0)[:-9],
        b"\x1f\x8bnot gzip at all",
        (HEAD + row("1")).encode("utf-16"),
        (b"No,No,Item,Pieces,Price,When,Mail,Country\n"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_refused_whole(data: bytes) -> None:
    with pytest.raises(SourceUnreadable):
        read(data)


def test_an_order_is_whole_wherever_its_rows_are() -> None:
    body = row("1", "A") + row("2", "A") + row("1", "B")
    orders, refused, _ = read(body)
    assert refused == []
    assert [(order["number"], len(order["lines"])) for order in orders] == [("1", 2), ("2", 1)]


def test_with_the_promise_of_adjacent_rows_a_broken_promise_is_reported() -> None:
    orders, refused, _ = read(row("1", "A") + row("2", "A") + row("1", "B"), mapping(rows="adjacent"))
    assert [order["number"] for order in orders] == ["1", "2"]
    assert refused == [(4, "order_split")]


@pytest.mark.parametrize("rows", ["anywhere", "adjacent"])
def test_an_order_of_endless_rows_is_refused(rows: str) -> None:
    body = "".join(row("1", f"A{number}") for number in range(130)) + row("2")
    orders, refused, _ = read(body, mapping(rows=rows))
    assert [order["number"] for order in orders] == ["2"]
    assert refused == [(line, "too_many_rows") for line in range(2, 132)]


def test_the_longest_order_allowed_is_read() -> None:
    body = "".join(row("1", f"A{number}") for number in range(50)) + row("2")
    assert [len(order["lines"]) for order in read(body)[0]] == [50, 1]


rows_strategy = st.lists(
    st.tuples(st.sampled_from("1234C"), st.sampled_from(["A", "B", "POST", "CODE-1", ""]), st.integers(-1, 3)),
    max_size=25,
)


class Dribble(io.RawIOBase):
    """A stream that gives its bytes in pieces of any size."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self.data = data
        self.sizes = sizes

    def read(self, size: int = -1, /) -> bytes:
        most = self.sizes.pop() if self.sizes else len(self.data)
        piece = self.data[: min(most, size)]
        self.data = self.data[len(piece) :]
        return piece


@settings(deadline=None)
@given(rows=rows_strategy, sizes=st.lists(st.integers(1, 40), max_size=60))
def test_however_the_bytes_arrive_the_orders_are_the_same(rows: list[tuple[str, str, int]], sizes: list[int]) -> None:
    data = (HEAD + "".join(row(*one) for one in rows)).encode()
    assert list(CsvOrders(Dribble(data, sizes), mapping())) == list(CsvOrders(io.BytesIO(data), mapping()))


@settings(deadline=None)
@given(rows=rows_strategy, seed=st.integers())
def test_however_orders_are_interleaved_each_is_the_same(rows: list[tuple[str, str, int]], seed: int) -> None:
    """Rows keep their order inside an order; how the orders alternate does not matter."""
    queues: dict[str, list[tuple[str, str, int]]] = {}
    for one in rows:
        queues.setdefault(one[0], []).append(one)
    mixed: list[tuple[str, str, int]] = []
    choice = random.Random(seed)
    while queues:
        name = choice.choice(sorted(queues))
        mixed.append(queues[name].pop(0))
        queues = {name: queue for name, queue in queues.items() if queue}

    def by_number(used: list[tuple[str, str, int]]) -> dict[str, Any]:
        return {order["number"]: order for order in read("".join(row(*one) for one in used))[0]}

    assert by_number(mixed) == by_number(rows)


@settings(deadline=None)
@given(rows=rows_strategy)
def test_every_row_is_accounted_for_once(rows: list[tuple[str, str, int]]) -> None:
    orders = CsvOrders(io.BytesIO((HEAD + "".join(row(*one) for one in rows)).encode()), mapping())
    lines: list[int] = []
    for result in orders:
        lines += [result.row] if isinstance(result, RefusedRow) else result.rows
    assert sorted(lines) == list(range(2, len(rows) + 2))
    assert orders.read == orders.done == len(rows)


class Endless(io.RawIOBase):
    """A generated file that is never in memory as a whole."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.lines = lines
        self.rest = b""

    def read(self, size: int = -1, /) -> bytes:
        while len(self.rest) < size and (line := next(self.lines, b"")):
            self.rest += line
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece


def generated(orders: int) -> Iterator[bytes]:
    yield HEAD.encode()
    for number in range(orders):
        for item in range(10):
            yield row(f"N{number}", f"ARTICLE-{item}", 2, "3.50").encode()


def peak(orders: int, rows: str) -> tuple[int, float]:
    """The most memory held at once in bytes, and rows a second of processor time."""
    tracemalloc.start()
    count = sum(1 for _ in CsvOrders(Endless(generated(orders)), mapping(rows=rows)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == orders
    started = time.process_time()
    sum(1 for _ in CsvOrders(Endless(generated(orders // 10)), mapping(rows=rows)))
    return most, orders / (time.process_time() - started)


@pytest.mark.parametrize("rows", ["anywhere", "adjacent"])
@pytest.mark.parametrize("orders", [1_000, pytest.param(20_000, marks=[pytest.mark.scale, pytest.mark.timeout(1200)])])
def test_memory_stays_flat(rows: str, orders: int) -> None:
    small, _ = peak(200, rows)
    large, speed = peak(orders, rows)
    report = f"{small / 1e6:.1f} MB at 2,000 rows, {large / 1e6:.1f} MB at {orders * 10:,}; {speed:,.0f} rows/s"
    sys.stdout.write(f"{rows}: {report}\n")
    assert large < small + 1_000_000


def test_the_real_month_s_mapping_reads_and_prices_its_kinds_of_rows() -> None:
    used = load_mapping(ROOT / "docs" / "mappings" / "online_retail.yaml")
    body = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536370,22728,ALARM CLOCK,24,12/1/10 8:45,3.75,12583,France
536370,22728,ALARM CLOCK,2,12/1/10 8:45,3.75,12583,France
536370,POST,POSTAGE,3,12/1/10 8:45,18.0,12583,France
C536379,D,Discount,-1,12/1/10 9:41,27.5,14527,United Kingdom
536414,22139,,56,12/1/10 11:52,0.0,,United Kingdom
536589,21777,,-10,12/1/10 16:50,0.0,,United Kingdom
536544,21773,DECORATIVE ROSE,1,12/1/10 14:32,2.51,,United Kingdom
536779,BANK CHARGES,Bank Charges,1,12/2/10 15:08,15.0,15823,United Kingdom
538002,22690,DOORMAT,2,12/9/10 11:48,7.95,14932,Channel Islands
"""
    orders, refused, _ = read(body.encode(), used)
    assert refused == [
        *((5, "cancellation"), (6, "price_not_positive"), (7, "quantity_not_positive"), (9, "bank_charges"))
    ]
    assert [(order["number"], order["total"]) for order in orders] == [
        *(("536370", "151.5"), ("536544", "2.51"), ("538002", "15.9"))
    ]
    assert [price(validate(order)).tax for order in orders] == [2256, 37, 0]
    assert orders[1]["customer"]["email"] == "guest-536544@example.com"
    assert orders[0]["lines"][0]["quantity"] == 26
