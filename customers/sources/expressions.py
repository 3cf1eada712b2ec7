"""Where one value of a document comes from: a constant, a column, a template, a product."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from customers.sources import cells
from customers.sources.cells import Formats, Kind
from customers.sources.results import RowProblem, shown

TOKEN = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")
MISSING: Any = object()

Cells = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every order."""

    value: Any


@dataclass(frozen=True, slots=True)
class Column:
    """The text of one column."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """Text around columns; nothing at all when one of them is empty."""

    parts: tuple[str | Column, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Columns multiplied, such as quantity and price."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first of several that gives a value."""

    options: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Computed:
    """The order's total as its lines, discount and shipping add up to."""

    name: str


@dataclass(frozen=True, slots=True)
class Expression:
    """A source of a value with what is done to it on the way."""

    form: Constant | Column | Template | Product | FirstOf | Computed
    table: Mapping[str, Any] | None = None
    default: Any = MISSING
    plus: timedelta = timedelta(0)
    absolute: bool = False

    @property
    def fallback(self) -> Any:
        """What an empty cell gives."""
        return None if self.default is MISSING else self.default


def parse_template(text: str) -> tuple[str | Column, ...]:
    """Split `customer-{CustomerID}@example.com`; doubled braces are braces. Raises ValueError."""
    parts: list[str | Column] = []
    for token in TOKEN.findall(text):
        if token in ("{", "}", "{}"):
            raise ValueError(token)
        if token in ("{{", "}}"):
            parts.append(token[0])
        elif token.startswith("{"):
            parts.append(Column(token[1:-1]))
        else:
            parts.append(token)
    return tuple(parts)


def columns_of(expression: Expression) -> set[str]:
    """Every column an expression reads."""
    match expression.form:
        case Column(name):
            return {name}
        case Template(parts):
            return {part.name for part in parts if isinstance(part, Column)}
        case Product(columns):
            return set(columns)
        case FirstOf(options):
            return set().union(*(columns_of(option) for option in options))
    return set()


def computes(expression: Expression) -> bool:
    """Whether the order's computed total may end up here."""
    form = expression.form
    return isinstance(form, Computed) or (isinstance(form, FirstOf) and any(computes(one) for one in form.options))


def value_of(expression: Expression, row: Cells, kind: Kind, formats: Formats) -> Any:
    """The value for one row, ready for JSON, or None when the row does not say. Raises RowProblem."""
    form = expression.form
    if isinstance(form, Constant):
        return form.value
    if isinstance(form, FirstOf):
        found = (value_of(option, row, kind, formats) for option in form.options)
        return next((value for value in found if value is not None), expression.fallback)
    raw = _raw(expression, row, kind, formats)
    return expression.fallback if raw is None else _finished(raw, expression)


def _raw(expression: Expression, row: Cells, kind: Kind, formats: Formats) -> Any:
    if isinstance(expression.form, Product):
        return _product(expression.form, row, formats)
    text = _text(expression.form, row)
    if text is None:
        return None
    if expression.table is not None:
        return _looked_up(text, expression)
    return CONVERTERS[kind](text, formats)


def _text(form: object, row: Cells) -> str | None:
    if isinstance(form, Column):
        return row[form.name]
    if not isinstance(form, Template):
        return None
    parts = [row[part.name] if isinstance(part, Column) else part for part in form.parts]
    return None if None in parts else "".join(part for part in parts if part is not None)


def _product(form: Product, row: Cells, formats: Formats) -> Decimal | None:
    product = Decimal(1)
    for name in form.columns:
        text = row[name]
        if text is None:
            return None
        product *= cells.to_decimal(text, formats)
    return product


def _looked_up(text: str, expression: Expression) -> Any:
    table = expression.table or {}
    if text in table:
        return table[text]
    if expression.default is MISSING:
        raise RowProblem(
            "unknown_value", _("The mapping's table has no entry for “%(value)s”.") % {"value": shown(text)}
        )
    return None


def _finished(raw: Any, expression: Expression) -> Any:
    if isinstance(raw, Decimal):
        return cells.amount_text(abs(raw) if expression.absolute else raw)
    if isinstance(raw, datetime):
        return cells.instant_text(_shifted(raw, expression.plus))
    if isinstance(raw, int) and not isinstance(raw, bool) and expression.absolute:
        return abs(raw)
    return raw


def _shifted(moment: datetime, plus: timedelta) -> datetime:
    try:
        return moment + plus
    except OverflowError:
        raise RowProblem("bad_date", _("The date is out of range.")) from None


def _same(text: str, formats: Formats) -> str:
    return text


CONVERTERS: Mapping[Kind, Callable[[str, Formats], Any]] = {
    Kind.TEXT: _same,
    Kind.AMOUNT: cells.to_decimal,
    Kind.INTEGER: cells.to_integer,
    Kind.INSTANT: cells.to_instant,
    Kind.BOOLEAN: cells.to_boolean,
    Kind.TEXTS: cells.to_texts,
}
