"""The mapping file: what is understood, and that everything else is refused with its place."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from customers.sources.cells import Formats, to_boolean, to_decimal, to_instant, to_integer
from customers.sources.expressions import parse_template
from customers.sources.mapping import MappingInvalid, load_mapping, read_mapping
from customers.sources.results import RowProblem

ROOT = Path(__file__).resolve().parents[2]

SMALL: dict[str, Any] = {
    "version": 1,
    "columns": ["No", "Item", "Pieces", "Price", "When", "Mail"],
    "group_by": ["No"],
    "rows": [{"kind": "line"}],
    "order": {
        "channel": "web",
        "number": {"column": "No"},
        "currency": "EUR",
        "prices_include_tax": True,
        "placed_at": {"column": "When"},
        "total": {"computed": "total"},
        "customer": {"email": {"template": "{Mail}@example.com"}},
    },
    "lines": {
        "sku": {"column": "Item"},
        "title": {"column": "Item"},
        "quantity": {"column": "Pieces"},
        "unit_price": {"column": "Price"},
    },
}


def small(**changes: Any) -> str:
    """The small mapping with some of its top members replaced."""
    return yaml.safe_dump(copy.deepcopy(SMALL) | changes, sort_keys=False)


def problems(text: str) -> dict[str, str]:
    with pytest.raises(MappingInvalid) as caught:
        read_mapping(text)
    return {error.pointer: error.code for error in caught.value.errors}


def changed(section: str, **values: Any) -> str:
    return small(**{section: copy.deepcopy(SMALL[section]) | values})


def test_a_small_mapping_is_read() -> None:
    mapping = read_mapping(small())
    assert mapping.columns == tuple(SMALL["columns"])
    assert mapping.refuse_order
    assert not mapping.adjacent


def test_the_mapping_of_the_real_month_is_read() -> None:
    mapping = load_mapping(ROOT / "docs" / "mappings" / "online_retail.yaml")
    assert mapping.merge_on == ("sku", "unit_price")


@pytest.mark.parametrize(
    ("text", "pointer", "code"),
    [
        (small(colour="red"), "/colour", "unknown"),
        (small(version=2), "/version", "invalid"),
        (changed("order", shade={"column": "No"}), "/order/shade", "unknown"),
        (changed("order", customer={"mail": "x"}), "/order/customer/mail", "unknown"),
        (changed("order", number={"column": "Nothing"}), "/order/number", "unknown_column"),
        (
            changed("order", customer={"email": {"template": "c-{Id}@x.test"}}),
            "/order/customer/email",
            "unknown_column",
        ),
        (
            changed("order", customer={"email": {"template": "c-{Id"}}),
            "/order/customer/email/template",
            "invalid",
        ),
        (changed("order", number={"column": "No", "template": "{No}"}), "/order/number", "invalid"),
        (changed("order", number={"colum": "No"}), "/order/number/colum", "unknown"),
        (
            changed("order", currency={"column": "No", "table": "money"}),
            "/order/currency/table",
            "unknown_table",
        ),
        (changed("order", prices_include_tax="yes"), "/order/prices_include_tax", "invalid"),
        (changed("order", prices_include_tax=False), "/order/total", "invalid"),
        (changed("order", total=10.5), "/order/total", "invalid"),
        (changed("order", number={"column": "No", "plus": {"days": 1}}), "/order/number/plus", "invalid"),
        (
            changed("order", placed_at={"column": "When", "plus": {"weeks": 1}}),
            "/order/placed_at/plus/weeks",
            "unknown",
        ),
        (changed("lines", quantity={"product": ["Pieces"]}), "/lines/quantity/product", "invalid"),
        (changed("lines", tax_rate=0.2), "/lines/tax_rate", "invalid"),
        (small(group_by=["Nr"]), "/group_by", "unknown_column"),
        (small(group_by=[]), "/group_by", "required"),
        (small(columns=["No", "No"]), "/columns", "invalid"),
        (small(rows=[]), "/rows", "required"),
        (small(rows=[{"kind": "gift"}]), "/rows/0", "invalid"),
        (small(rows=[{"kind": "line", "refuse": "x"}]), "/rows/0", "invalid"),
        (small(rows=[{"kind": "shipping"}]), "/shipping", "required"),
        (small(rows=[{"kind": "line", "when": {"Nr": "1"}}]), "/rows/0/when/Nr", "unknown_column"),
        (small(rows=[{"kind": "line", "when": {"No": {"like": "1"}}}]), "/rows/0/when/No/like", "unknown"),
        (small(rows=[{"kind": "line", "when": {"No": {"regex": "("}}}]), "/rows/0/when/No/regex", "invalid"),
        (
            small(rows=[{"kind": "line", "when": {"No": {"at_most": "much"}}}]),
            "/rows/0/when/No/at_most",
            "invalid",
        ),
        (small(rows=[{"kind": "line", "when": {"No": True}}]), "/rows/0/when/No/equals", "invalid"),
        (small(file={"encoding": "klingon"}), "/file/encoding", "invalid"),
        (small(file={"encoding": "rot13"}), "/file/encoding", "invalid"),
        (small(file={"delimiter": ";;"}), "/file/delimiter", "invalid"),
        (small(formats={"decimal": ",", "thousands": ","}), "/formats/decimal", "invalid"),
        (small(formats={"time_zone": "Mars/Olympus"}), "/formats/time_zone", "invalid"),
        (small(formats={"time_zone": "../../etc/passwd"}), "/formats/time_zone", "invalid"),
        (small(bad_row="ignore"), "/bad_row", "invalid"),
        (small(max_rows=0), "/max_rows", "invalid"),
        (small(payments=[{"id": "P1"}]), "/payments/0/captured", "required"),
        (small(deliveries=[{"id": "D1", "lines": {}}]), "/deliveries/0/lines", "unknown"),
        (small(equal_lines={"merge_on": ["colour"]}), "/equal_lines/merge_on", "unknown"),
        (small(lines={}), "/lines/sku", "required"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, pointer: str, code: str) -> None:
    assert problems(text).get(pointer) == code


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(small(colour="red", group_by=["Nr"], max_rows=-1))) == 3


def test_norway_is_a_country_and_no_a_column() -> None:
    text = small().replace("currency: EUR", "currency: {column: No, table: countries}").replace("'No'", "No")
    mapping = read_mapping(text + "tables: {countries: {Norway: NO}}\n")
    [currency] = [field for field in mapping.sections["order"] if field.path == "currency"]
    assert currency.expression.table == {"Norway": "NO"}


def test_a_table_s_bare_number_is_refused_where_text_is_meant() -> None:
    text = small().replace("currency: EUR", "currency: {column: No, table: countries}")
    assert "/tables/countries/Norway" in problems(text + "tables: {countries: {Norway: 47}}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "a: 1\na: 2",
        "version: 1\ncolumns: &c [a]\ngroup_by: *c",
        "a: !!python/object:os.system {}",
        "\0",
    ],
)
def test_what_is_no_mapping_at_all_is_refused(text: str) -> None:
    with pytest.raises(MappingInvalid):
        read_mapping(text)


def test_a_template_keeps_doubled_braces() -> None:
    assert [part if isinstance(part, str) else part.name for part in parse_template("a{{b}}{C d}")] == [
        *("a", "{", "b", "}", "C d")
    ]


@pytest.mark.parametrize(
    ("text", "formats", "number"),
    [
        ("12.50", Formats(), "12.50"),
        ("-3", Formats(), "-3"),
        ("1,234.5", Formats(thousands=","), "1234.5"),
        ("1.234.567,89", Formats(decimal=",", thousands="."), "1234567.89"),
        ("1 234,5", Formats(decimal=",", thousands=" "), "1234.5"),
    ],
)
def test_numbers_are_read_as_written(text: str, formats: Formats, number: str) -> None:
    assert to_decimal(text, formats) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,5",
        "1e3",
        "NaN",
        "inf",
        "--1",
        "1 0",
        "٣",
        "１２",
        "0x1",
        "1_000",
        "9" * 41,
        "1.",
        ".5",
        "12,34.5",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(RowProblem) as caught:
        to_decimal(text, Formats(thousands=",") if "," in text and "." in text else Formats())
    assert caught.value.code == "bad_number"


def test_whole_numbers_may_carry_idle_zeros_only() -> None:
    assert to_integer("6.0", Formats()) == 6
    with pytest.raises(RowProblem):
        to_integer("6.5", Formats())


def test_local_times_are_taken_in_the_mapping_s_zone() -> None:
    formats = Formats(dates=("%d.%m.%Y %H:%M", "iso"), time_zone="Europe/Warsaw")
    assert to_instant("01.07.2026 12:00", formats).isoformat() == "2026-07-01T12:00:00+02:00"
    assert to_instant("2026-07-01T12:00:00Z", formats).isoformat() == "2026-07-01T12:00:00+00:00"
    with pytest.raises(RowProblem):
        to_instant("31.02.2026 12:00", formats)


def test_yes_and_no_by_the_mapping_s_words() -> None:
    formats = Formats(true=frozenset({"tak"}), false=frozenset({"nie"}))
    assert to_boolean("TAK", formats)
    assert not to_boolean("nie", formats)
    with pytest.raises(RowProblem):
        to_boolean("yes", formats)
