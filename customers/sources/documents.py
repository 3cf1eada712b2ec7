"""The rows of one order to the order document of the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from customers.sources.cells import Formats, Kind, amount_text
from customers.sources.csv_rows import Row
from customers.sources.expressions import Constant, Expression, FirstOf, computes, value_of
from customers.sources.grouping import Group, KindRow, refuse_all
from customers.sources.mapping import Field, OrderMapping
from customers.sources.results import RefusedRow, RowProblem, SourceOrder
from customers.sources.targets import REQUIRED

SECTION_OF = {"line": "lines", "shipping": "shipping", "discount": "discounts"}
SUMMED = ("discount", "total")

Entries = dict[str, list[dict[str, Any]]]


def built(group: Group, mapping: OrderMapping) -> Iterator[SourceOrder | RefusedRow]:
    """The order of a group of rows, and the rows that could not be part of it."""
    entries, bad = _entries(group.rows, mapping)
    lines_of_bad = {refused.row for refused in bad}
    good = tuple(row for row in group.rows if row.row.line not in lines_of_bad)
    yield from bad
    if bad and mapping.refuse_order:
        detail = _("Row %(row)d of the same order cannot be used.") % {"row": bad[0].row}
        yield from refuse_all(good, "order_incomplete", detail)
    elif not entries["lines"]:
        yield from refuse_all(good, "no_lines", _("Nothing of this order is goods."))
    else:
        yield from _built(good, entries, mapping)


def _built(rows: tuple[KindRow, ...], entries: Entries, mapping: OrderMapping) -> Iterator[SourceOrder | RefusedRow]:
    try:
        document = _document(rows, entries, mapping)
    except RowProblem as problem:
        yield from refuse_all(rows, problem.code, problem.detail)
    else:
        yield SourceOrder(document, tuple(row.row.line for row in rows))


def _entries(rows: Iterable[KindRow], mapping: OrderMapping) -> tuple[Entries, list[RefusedRow]]:
    entries: Entries = {"lines": [], "shipping": [], "discounts": []}
    bad: list[RefusedRow] = []
    for row in rows:
        section = SECTION_OF.get(row.kind)
        if section is None:
            continue
        try:
            entries[section].append(_entry(mapping.sections[section], section, row.row, mapping.formats))
        except RowProblem as problem:
            bad.append(RefusedRow(row.row.line, problem.code, problem.detail, row.reference))
    return entries, bad


def _entry(fields: Sequence[Field], section: str, row: Row, formats: Formats) -> dict[str, Any]:
    values = {field.path: value_of(field.expression, row.cells, field.kind, formats) for field in fields}
    entry = {path: value for path, value in values.items() if value is not None}
    _require(entry, REQUIRED[section])
    if section == "lines" and "unit_price" not in entry and "total" not in entry:
        raise RowProblem("missing_value", _("The row gives neither a unit price nor a total."))
    return entry


def _require(entry: dict[str, Any], paths: Iterable[str]) -> None:
    for path in paths:
        if path not in entry:
            raise RowProblem("missing_value", _("The row gives no %(field)s.") % {"field": path})


def _document(rows: tuple[KindRow, ...], entries: Entries, mapping: OrderMapping) -> dict[str, Any]:
    lines = _numbered(_merged(entries["lines"], mapping.merge_on))
    shipping = _numbered(entries["shipping"])
    order = _values(mapping.sections["order"], rows, mapping.formats, total=None)
    discount = _sum(entry["amount"] for entry in entries["discounts"]) + Decimal(order.get("discount", 0))
    if any(field.path == "total" and computes(field.expression) for field in mapping.sections["order"]):
        order.setdefault("total", amount_text(_total(lines, shipping, discount)))
    _require(order, REQUIRED["order"])
    document = _nested(order)
    document["lines"] = lines
    if discount:
        document["discount"] = amount_text(discount)
    if shipping:
        document["shipping"] = shipping
    return document | _lists(rows, lines, order["total"], mapping)


def _values(fields: Sequence[Field], rows: Sequence[KindRow], formats: Formats, *, total: str | None) -> dict[str, Any]:
    """Each field from the first row that gives it: many exports fill an order's fields only once."""
    values: dict[str, Any] = {}
    for field in fields:
        value = _first(field.expression, field.kind, rows, formats)
        if value is None and computes(field.expression):
            value = total
        if value is not None:
            values[field.path] = value
    return values


def _first(expression: Expression, kind: Kind, rows: Sequence[KindRow], formats: Formats) -> Any:
    if isinstance(expression.form, Constant):
        return expression.form.value
    if isinstance(expression.form, FirstOf):
        options = (_first(option, kind, rows, formats) for option in expression.form.options)
        return next((value for value in options if value is not None), expression.fallback)
    values = (value_of(expression, row.row.cells, kind, formats) for row in rows)
    return next((value for value in values if value is not None), None)


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for path, value in values.items():
        *parents, name = path.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value
    return document


def _lists(
    rows: Sequence[KindRow], lines: Sequence[dict[str, Any]], total: str, mapping: OrderMapping
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for name, entries in mapping.lists.items():
        made = [_values(fields, rows, mapping.formats, total=total) for fields in entries]
        for entry in made:
            _require(entry, REQUIRED[name])
            if name == "deliveries":
                entry["lines"] = {line["id"]: line["quantity"] for line in lines}
        if made:
            found[name] = made
    return found


def _merged(lines: Iterable[dict[str, Any]], merge_on: Sequence[str]) -> list[dict[str, Any]]:
    """Lines equal in the named fields become one, at the place of the first."""
    if not merge_on:
        return list(lines)
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for line in lines:
        key = tuple(repr(line.get(path)) for path in merge_on)
        if key in merged:
            _add(merged[key], line)
        else:
            merged[key] = line
    return list(merged.values())


def _add(line: dict[str, Any], other: dict[str, Any]) -> None:
    line["quantity"] += other["quantity"]
    for name in SUMMED:
        if name in line or name in other:
            line[name] = amount_text(Decimal(line.get(name, 0)) + Decimal(other.get(name, 0)))


def _numbered(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ids that are unique in the order and the same whenever the same file is read again: A, A-2, A-3."""
    used: set[str] = set()
    for entry in entries:
        wanted = str(entry.get("id") or entry.get("sku"))
        number, name = 1, wanted
        while name in used:
            number += 1
            name = f"{wanted}-{number}"
        used.add(name)
        entry["id"] = name
    return entries


def _sum(amounts: Iterable[str]) -> Decimal:
    return sum((Decimal(amount) for amount in amounts), Decimal(0))


def _total(lines: Iterable[dict[str, Any]], shipping: Iterable[dict[str, Any]], discount: Decimal) -> Decimal:
    paid = _sum(entry["amount"] for entry in shipping) - _sum(entry.get("discount", "0") for entry in shipping)
    return sum((_line_total(line) for line in lines), paid) - discount


def _line_total(line: dict[str, Any]) -> Decimal:
    if "total" in line:
        return Decimal(line["total"])
    quantity: int = line["quantity"]
    return Decimal(line["unit_price"]) * quantity - Decimal(line.get("discount", 0))
