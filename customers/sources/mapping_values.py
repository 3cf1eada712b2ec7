"""Reads the values and conditions of a mapping, and collects everything wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import FieldError
from customers.sources import cells
from customers.sources.cells import Formats, Kind
from customers.sources.conditions import NUMERIC, OPERATORS, Comparison, Condition
from customers.sources.expressions import (
    MISSING,
    Column,
    Computed,
    Constant,
    Expression,
    FirstOf,
    Product,
    Template,
    columns_of,
    parse_template,
)

FORMS = ("column", "template", "product", "first_of", "computed", "constant")
MODIFIERS = ("table", "default", "plus", "absolute")
PLUS_UNITS = ("days", "hours", "minutes")


@dataclass
class Reading:
    """What is known while a mapping is read: columns, tables, formats, and the problems found so far."""

    columns: frozenset[str] = frozenset()
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    formats: Formats = field(default_factory=Formats)
    errors: list[FieldError] = field(default_factory=list)

    def wrong(self, pointer: str, code: str, detail: str) -> None:
        """Note a problem; reading goes on so that all of them are told at once."""
        self.errors.append(FieldError(pointer, code, detail))

    def keys(self, given: Any, known: Any, pointer: str) -> dict[str, Any]:
        """The given object with only known keys; the others are noted."""
        if not isinstance(given, dict):
            self.wrong(pointer, "invalid", _("This must be a set of names and values."))
            return {}
        for name in given:
            if name not in known:
                detail = _("“%(name)s” is not known here. Known: %(known)s.")
                self.wrong(f"{pointer}/{name}", "unknown", detail % {"name": name, "known": ", ".join(known)})
        return {name: value for name, value in given.items() if name in known}

    def known_column(self, name: Any, pointer: str) -> str:
        """A column the mapping declares."""
        if name not in self.columns:
            self.wrong(
                pointer,
                "unknown_column",
                _("The column “%(name)s” is not among the mapping's columns.") % {"name": name},
            )
        return str(name)


def read_expression(given: Any, kind: Kind, pointer: str, reading: Reading) -> Expression:
    """One value's source. A plain value is a constant."""
    if not isinstance(given, dict):
        return Expression(Constant(read_constant(given, kind, pointer, reading)))
    given = reading.keys(given, (*FORMS, *MODIFIERS), pointer)
    named = [name for name in FORMS if name in given]
    if len(named) != 1:
        reading.wrong(pointer, "invalid", _("Name exactly one of: %(forms)s.") % {"forms": ", ".join(FORMS)})
        return Expression(Constant(None))
    form = _read_form(named[0], given[named[0]], kind, f"{pointer}/{named[0]}", reading)
    expression = Expression(form, **_read_modifiers(given, kind, pointer, reading))
    for name in sorted(columns_of(expression)):
        reading.known_column(name, pointer)
    return expression


def _read_form(name: str, given: Any, kind: Kind, pointer: str, reading: Reading) -> Any:
    if name == "constant":
        return Constant(read_constant(given, kind, pointer, reading))
    if name == "first_of" and isinstance(given, list) and given:
        return FirstOf(tuple(read_expression(one, kind, f"{pointer}/{at}", reading) for at, one in enumerate(given)))
    if name == "product" and isinstance(given, list) and given and kind is Kind.AMOUNT:
        return Product(tuple(str(column) for column in given))
    if name == "computed" and given == "total" and kind is Kind.AMOUNT:
        return Computed("total")
    if name == "column" and isinstance(given, str):
        return Column(given)
    if name == "template" and isinstance(given, str):
        return _read_template(given, pointer, reading)
    reading.wrong(pointer, "invalid", _("“%(form)s” cannot be used like this here.") % {"form": name})
    return Constant(None)


def _read_template(given: str, pointer: str, reading: Reading) -> Template:
    try:
        return Template(parse_template(given))
    except ValueError:
        reading.wrong(pointer, "invalid", _("A brace stands alone; write {{ or }} for the character itself."))
        return Template(())


def _read_modifiers(given: dict[str, Any], kind: Kind, pointer: str, reading: Reading) -> dict[str, Any]:
    default = given.get("default", MISSING)
    if default is not MISSING:
        default = read_constant(default, kind, f"{pointer}/default", reading)
    return {
        "default": default,
        "table": _read_table(given.get("table"), kind, f"{pointer}/table", reading),
        "plus": _read_plus(given.get("plus"), kind, f"{pointer}/plus", reading),
        "absolute": read_flag(given.get("absolute", False), f"{pointer}/absolute", reading),
    }


def _read_table(name: Any, kind: Kind, pointer: str, reading: Reading) -> Mapping[str, Any] | None:
    if name is None:
        return None
    if name not in reading.tables:
        reading.wrong(pointer, "unknown_table", _("The mapping has no table “%(name)s”.") % {"name": name})
        return None
    entries = reading.tables[name]
    return {key: read_constant(value, kind, f"/tables/{name}/{key}", reading) for key, value in entries.items()}


def _read_plus(given: Any, kind: Kind, pointer: str, reading: Reading) -> timedelta:
    if given is None:
        return timedelta(0)
    if kind is not Kind.INSTANT:
        reading.wrong(pointer, "invalid", _("Only an instant can be moved."))
        return timedelta(0)
    parts = reading.keys(given, PLUS_UNITS, pointer)
    if not all(isinstance(number, int) and abs(number) <= 36600 for number in parts.values()):
        reading.wrong(pointer, "invalid", _("Days, hours and minutes are whole numbers."))
        return timedelta(0)
    return timedelta(**parts)


def read_flag(given: Any, pointer: str, reading: Reading) -> bool:
    """true or false."""
    if not isinstance(given, bool):
        reading.wrong(pointer, "invalid", _("This is true or false."))
    return given is True


def read_text(given: Any, pointer: str, reading: Reading, default: str = "") -> str:
    """A text; a bare number or word that YAML takes for something else is refused."""
    if given is None:
        return default
    if not isinstance(given, str):
        reading.wrong(pointer, "invalid", _("This must be text; put it in quotes."))
        return default
    return given


def read_texts(given: Any, pointer: str, reading: Reading) -> tuple[str, ...]:
    """A list of texts, none of them twice."""
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        reading.wrong(pointer, "invalid", _("This must be a list of texts; put each in quotes."))
        return ()
    if len(set(given)) < len(given):
        reading.wrong(pointer, "invalid", _("Something is in this list twice."))
    return tuple(given)


def read_constant(given: Any, kind: Kind, pointer: str, reading: Reading) -> Any:
    """A value written in the mapping itself, in the form the API takes; null stays null."""
    if given is None:
        return None
    try:
        return CONSTANTS[kind](given)
    except (TypeError, ValueError, InvalidOperation, OverflowError):
        detail = _("“%(value)s” is not written as %(kind)s; put texts and amounts in quotes.")
        reading.wrong(pointer, "invalid", detail % {"value": given, "kind": kind.value})
        return None


def _constant_text(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError
    return given


def _constant_amount(given: Any) -> str:
    if isinstance(given, bool | float) or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", str(given)):
        raise TypeError
    return cells.amount_text(Decimal(str(given)))


def _constant_integer(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise TypeError
    return given


def _constant_boolean(given: Any) -> bool:
    if not isinstance(given, bool):
        raise TypeError
    return given


def _constant_instant(given: Any) -> str:
    moment = datetime.fromisoformat(_constant_text(given))
    if moment.tzinfo is None:
        raise ValueError
    return cells.instant_text(moment)


def _constant_texts(given: Any) -> list[str]:
    if not isinstance(given, list):
        raise TypeError
    return [_constant_text(text) for text in given]


CONSTANTS = {
    Kind.TEXT: _constant_text,
    Kind.AMOUNT: _constant_amount,
    Kind.INTEGER: _constant_integer,
    Kind.BOOLEAN: _constant_boolean,
    Kind.INSTANT: _constant_instant,
    Kind.TEXTS: _constant_texts,
}


def read_condition(given: Any, pointer: str, reading: Reading) -> Condition:
    """`{Column: value}` or `{Column: {prefix: C}}`, all must hold; a list of such sets: any of them."""
    if given is None:
        return Condition()
    choices = given if isinstance(given, list) else [given]
    return Condition(tuple(_read_tests(choice, pointer, reading) for choice in choices))


def _read_tests(given: Any, pointer: str, reading: Reading) -> tuple[Comparison, ...]:
    if not isinstance(given, dict) or not given:
        reading.wrong(pointer, "invalid", _("A condition names at least one column."))
        return ()
    tests: list[Comparison] = []
    for column, wanted in given.items():
        place = f"{pointer}/{column}"
        reading.known_column(column, place)
        operators = reading.keys(wanted, sorted(OPERATORS), place) if isinstance(wanted, dict) else {"equals": wanted}
        tests += [_read_test(str(column), how, value, f"{place}/{how}", reading) for how, value in operators.items()]
    return tuple(tests)


def _read_test(column: str, how: str, given: Any, pointer: str, reading: Reading) -> Comparison:
    if how == "empty":
        return Comparison(column, how, read_flag(given, pointer, reading))
    if how in NUMERIC:
        return Comparison(column, how, _read_number(given, pointer, reading))
    if how in ("in", "not_in"):
        return Comparison(column, how, frozenset(read_texts(given, pointer, reading)))
    text = read_text(given, pointer, reading)
    return Comparison(column, how, _read_regex(text, pointer, reading) if how == "regex" else text)


def _read_number(given: Any, pointer: str, reading: Reading) -> Decimal:
    number = read_constant(given, Kind.AMOUNT, pointer, reading)
    return Decimal(number or 0)


def _read_regex(text: str, pointer: str, reading: Reading) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        reading.wrong(pointer, "invalid", _("The expression cannot be read: %(error)s.") % {"error": error})
        return re.compile("")
