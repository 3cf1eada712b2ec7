"""The outer shell of a mapping: its YAML, and how the CSV file itself is written."""

from __future__ import annotations

import codecs
import re
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from django.utils.translation import gettext as _

from accounts.problems import Invalid
from customers.sources.cells import Formats
from customers.sources.mapping_values import Reading, read_flag, read_text, read_texts

FORMAT_NAMES = ("decimal", "thousands", "dates", "time_zone", "true", "false", "list_separator")


class MappingInvalid(Invalid):
    """The mapping file cannot be used; `errors` names every place."""


@dataclass(frozen=True)
class FileFormat:
    """How the file itself is written. `header` false: the mapping's columns are the file's, in order."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    quote: str = '"'
    header: bool = True


class _Loader(yaml.SafeLoader):
    """YAML without its silent traps: words taken for yes and no, names given twice, aliases that multiply."""

    # YAML 1.2's own few words; Norway is NO, and 12:30 is no number.
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a name that stands twice."""
        names = [self.construct_object(key, deep=True) for key, _value in node.value]
        twice = {str(name) for name in names if names.count(name) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"{', '.join(sorted(twice))} ×2", node.start_mark)
        return super().construct_mapping(node, deep=deep)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse aliases: a mapping has no use for them."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "*alias", None)
        return super().compose_node(parent, index)


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", "true|false", "tf"),
    ("tag:yaml.org,2002:null", "~|null|", ["~", "n", ""]),
    ("tag:yaml.org,2002:int", "[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"[-+]?[0-9]+\.[0-9]*", "-+0123456789"),
):
    _Loader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), list(_first))


def parse_yaml(text: str) -> Any:
    """The mapping as YAML gives it. Raises MappingInvalid."""
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise MappingInvalid(_("The mapping is not YAML that can be used: %(error)s.") % {"error": error}) from None


def read_file_format(given: Any, reading: Reading) -> tuple[FileFormat, frozenset[str]]:
    """How the file is written, and which cells count as empty."""
    given = reading.keys(given, ("encoding", "delimiter", "quote", "header", "empty"), "/file")
    encoding = _read_encoding(given.get("encoding", "utf-8"), reading)
    delimiter = read_text(given.get("delimiter"), "/file/delimiter", reading, ",")
    quote = read_text(given.get("quote"), "/file/quote", reading, '"')
    for name, mark in (("delimiter", delimiter), ("quote", quote)):
        if len(mark) != 1 or mark in "\r\n" or delimiter == quote:
            reading.wrong(f"/file/{name}", "invalid", _("This is one character, and delimiter and quote differ."))
    header = read_flag(given.get("header", True), "/file/header", reading)
    empty = read_texts(given.get("empty", [""]), "/file/empty", reading)
    return FileFormat(encoding, delimiter, quote, header), frozenset({"", *empty})


def _read_encoding(given: Any, reading: Reading) -> str:
    name = read_text(given, "/file/encoding", reading, "utf-8")
    try:
        found = codecs.lookup(name).name
        "a".encode(found)
    except (LookupError, ValueError, TypeError):
        reading.wrong("/file/encoding", "invalid", _("The encoding “%(name)s” is not known.") % {"name": name})
        return "utf-8-sig"
    # utf-8-sig also reads files without the mark
    return "utf-8-sig" if found == "utf-8" else found


def read_formats(given: Any, empty: frozenset[str], reading: Reading) -> Formats:
    """How numbers, dates and yes and no are written."""
    formats = Formats(empty=empty)
    for name, value in reading.keys(given, FORMAT_NAMES, "/formats").items():
        pointer = f"/formats/{name}"
        if name == "dates":
            formats = replace(formats, dates=read_texts(value, pointer, reading))
        elif name in ("true", "false"):
            words = frozenset(word.casefold() for word in read_texts(value, pointer, reading))
            formats = replace(formats, true=words) if name == "true" else replace(formats, false=words)
        else:
            formats = _with_text(formats, name, read_text(value, pointer, reading, getattr(formats, name)))
    _check_formats(formats, reading)
    return formats


def _with_text(formats: Formats, name: str, text: str) -> Formats:
    changes: dict[str, Any] = {name: text}
    return replace(formats, **changes)


def _check_formats(formats: Formats, reading: Reading) -> None:
    if formats.decimal not in (".", ",") or formats.thousands == formats.decimal or len(formats.thousands) > 1:
        reading.wrong(
            "/formats/decimal",
            "invalid",
            _("The decimal mark is . or , and the thousands mark is another one."),
        )
    if formats.thousands.isdigit() or formats.list_separator == "":
        reading.wrong("/formats", "invalid", _("A mark is not a digit and not empty."))
    try:
        ZoneInfo(formats.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reading.wrong(
            "/formats/time_zone", "invalid", _("“%(name)s” is not a time zone.") % {"name": formats.time_zone}
        )
