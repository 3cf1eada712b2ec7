"""The mapping file: how the rows of somebody's CSV become order documents, read once and checked whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from customers.sources import targets
from customers.sources.cells import Formats, Kind
from customers.sources.conditions import Condition
from customers.sources.expressions import Constant, Expression, computes
from customers.sources.mapping_file import (
    FileFormat,
    MappingInvalid,
    parse_yaml,
    read_file_format,
    read_formats,
)
from customers.sources.mapping_values import (
    Reading,
    read_condition,
    read_expression,
    read_text,
    read_texts,
)

LARGEST_FILE = 1_000_000
KINDS = ("line", "shipping", "discount", "skip")
TOP = (
    *("version", "name", "file", "columns", "formats", "tables"),
    *("group_by", "rows_of_an_order", "bad_row", "max_rows", "rows", "equal_lines"),
    *("order", "lines", "shipping", "discounts", "payments", "deliveries", "documents"),
)
LISTS = ("payments", "deliveries", "documents")


@dataclass(frozen=True)
class Rule:
    """What rows that meet a condition are: a kind, or refused under a code. The first that fits counts."""

    when: Condition
    kind: str = ""
    refuse: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Field:
    """One leaf of the document, by its dotted path, and where its value comes from."""

    path: str
    kind: Kind
    expression: Expression


@dataclass(frozen=True)
class OrderMapping:
    """A checked mapping; made by `read_mapping`."""

    name: str
    file: FileFormat
    formats: Formats
    columns: tuple[str, ...]
    group_by: tuple[str, ...]
    adjacent: bool
    refuse_order: bool
    max_rows: int
    rules: tuple[Rule, ...]
    sections: Mapping[str, tuple[Field, ...]]
    lists: Mapping[str, tuple[tuple[Field, ...], ...]]
    merge_on: tuple[str, ...]


def read_mapping(text: str) -> OrderMapping:
    """Read and check a mapping (YAML). Raises MappingInvalid with every problem found."""
    given = parse_yaml(text)
    reading = Reading()
    given = reading.keys(given, TOP, "")
    if given.get("version") != 1:
        reading.wrong("/version", "invalid", _("The version of the mapping format must be 1."))
    mapping = _read(given, reading)
    if reading.errors:
        places = "; ".join(f"{error.pointer or '/'}: {error.detail}" for error in reading.errors[:5])
        raise MappingInvalid(_("The mapping cannot be used. %(places)s") % {"places": places}, errors=reading.errors)
    return mapping


def load_mapping(path: Path) -> OrderMapping:
    """Read a mapping file. Raises MappingInvalid."""
    if path.stat().st_size > LARGEST_FILE:
        raise MappingInvalid(_("The mapping file is larger than a mapping can be."))
    try:
        return read_mapping(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise MappingInvalid(_("The mapping file is not UTF-8 text.")) from None


def _read(given: dict[str, Any], reading: Reading) -> OrderMapping:
    columns = read_texts(given.get("columns"), "/columns", reading)
    reading.columns = frozenset(columns)
    reading.tables = _read_tables(given.get("tables", {}), reading)
    file, empty = read_file_format(given.get("file", {}), reading)
    reading.formats = read_formats(given.get("formats", {}), empty, reading)
    sections = _read_sections(given, reading)
    lists = {name: _read_list(given.get(name, []), name, reading) for name in LISTS}
    rules = _read_rules(given.get("rows"), sections, reading)
    _check_total(sections["order"], reading)
    return OrderMapping(
        name=read_text(given.get("name"), "/name", reading),
        file=file,
        formats=reading.formats,
        columns=columns,
        group_by=_read_group(given.get("group_by"), reading),
        adjacent=_read_choice(given, "rows_of_an_order", ("anywhere", "adjacent"), reading) == "adjacent",
        refuse_order=_read_choice(given, "bad_row", ("refuse_order", "refuse_row"), reading) == "refuse_order",
        max_rows=_read_max_rows(given.get("max_rows", 10_000), reading),
        rules=rules,
        sections=sections,
        lists=lists,
        merge_on=_read_merge(given.get("equal_lines"), sections["lines"], reading),
    )


def _read_tables(given: Any, reading: Reading) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for name, entries in reading.keys(given, given, "/tables").items():
        tables[name] = reading.keys(entries, entries, f"/tables/{name}")
        keys: list[Any] = list(tables[name])
        for key in keys:
            if not isinstance(key, str):
                reading.wrong(f"/tables/{name}/{key}", "invalid", _("Put the entry's name in quotes."))
    return tables


def _read_sections(given: dict[str, Any], reading: Reading) -> dict[str, tuple[Field, ...]]:
    sections: dict[str, tuple[Field, ...]] = {}
    for name in ("order", "lines", "shipping", "discounts"):
        required = name in ("order", "lines") or name in given
        sections[name] = _read_section(given.get(name, {}), name, f"/{name}", reading, required=required)
    return sections


def _read_section(given: Any, name: str, pointer: str, reading: Reading, *, required: bool = True) -> tuple[Field, ...]:
    fields = _read_tree(given, targets.SECTIONS[name], "", pointer, reading)
    mapped = {field.path for field in fields}
    for path in targets.REQUIRED[name] if required else ():
        if path not in mapped:
            reading.wrong(f"{pointer}/{path}", "required", _("The mapping must say where this comes from."))
    return fields


def _read_tree(given: Any, tree: targets.Tree, prefix: str, pointer: str, reading: Reading) -> tuple[Field, ...]:
    fields: list[Field] = []
    for name, value in reading.keys(given, tree, pointer).items():
        child = tree[name]
        place = f"{pointer}/{name}"
        if isinstance(child, Kind):
            fields.append(Field(prefix + name, child, read_expression(value, child, place, reading)))
        else:
            fields += _read_tree(value, child, f"{prefix}{name}.", place, reading)
    return tuple(fields)


def _read_list(given: Any, name: str, reading: Reading) -> tuple[tuple[Field, ...], ...]:
    if not isinstance(given, list):
        reading.wrong(f"/{name}", "invalid", _("This must be a list."))
        return ()
    return tuple(_read_section(entry, name, f"/{name}/{at}", reading) for at, entry in enumerate(given))


def _read_rules(given: Any, sections: Mapping[str, tuple[Field, ...]], reading: Reading) -> tuple[Rule, ...]:
    if not isinstance(given, list) or not given:
        reading.wrong("/rows", "required", _("List what the rows are; the first rule that fits counts."))
        return ()
    return tuple(_read_rule(rule, f"/rows/{at}", sections, reading) for at, rule in enumerate(given))


def _read_rule(given: Any, pointer: str, sections: Mapping[str, tuple[Field, ...]], reading: Reading) -> Rule:
    given = reading.keys(given, ("when", "kind", "refuse", "detail"), pointer)
    kind = read_text(given.get("kind"), f"{pointer}/kind", reading)
    refuse = read_text(given.get("refuse"), f"{pointer}/refuse", reading)
    if bool(kind) is bool(refuse) or (kind and kind not in KINDS):
        reading.wrong(
            pointer,
            "invalid",
            _("A rule has a kind (%(kinds)s) or a code under which it refuses.") % {"kinds": ", ".join(KINDS)},
        )
    section = {"line": "lines", "shipping": "shipping", "discount": "discounts"}.get(kind)
    if section and not sections[section]:
        reading.wrong(f"/{section}", "required", _("Rows of this kind need this section."))
    detail = read_text(given.get("detail"), f"{pointer}/detail", reading)
    return Rule(read_condition(given.get("when"), f"{pointer}/when", reading), kind, refuse, detail)


def _read_group(given: Any, reading: Reading) -> tuple[str, ...]:
    names = read_texts(given, "/group_by", reading)
    if not names:
        reading.wrong("/group_by", "required", _("Name the column that is equal in all rows of one order."))
    return tuple(reading.known_column(name, "/group_by") for name in names)


def _read_choice(given: dict[str, Any], name: str, choices: tuple[str, ...], reading: Reading) -> str:
    choice = given.get(name, choices[0])
    if choice not in choices:
        reading.wrong(f"/{name}", "invalid", _("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)})
    return str(choice)


def _read_max_rows(given: Any, reading: Reading) -> int:
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= 100_000:
        return given
    reading.wrong("/max_rows", "invalid", _("This is a whole number from 1 to 100000."))
    return 1


def _read_merge(given: Any, lines: tuple[Field, ...], reading: Reading) -> tuple[str, ...]:
    if given is None or given == "number":
        return ()
    paths = read_texts(
        reading.keys(given, ("merge_on",), "/equal_lines").get("merge_on"), "/equal_lines/merge_on", reading
    )
    for path in paths:
        if path not in {field.path for field in lines}:
            reading.wrong(
                "/equal_lines/merge_on",
                "unknown",
                _("“%(name)s” is not a field of the lines.") % {"name": path},
            )
    return paths


def _check_total(order: tuple[Field, ...], reading: Reading) -> None:
    """A sum needs no rounding rule only while prices include tax; other totals must come from the file."""
    by_path = {field.path: field.expression for field in order}
    total, inside = by_path.get("total"), by_path.get("prices_include_tax")
    if total is None or inside is None or not computes(total):
        return
    if inside.form != Constant(True):
        reading.wrong(
            "/order/total",
            "invalid",
            _("A total can be computed only when prices_include_tax is the constant true."),
        )
