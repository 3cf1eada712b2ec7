"""Order documents from NDJSON, one a line, streamed; an unusable line is reported and the next is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any, Never

from django.utils.translation import gettext as _

from customers.sources.results import RefusedRow, SourceOrder

LONGEST_LINE = 1_048_576
DEEPEST = 20
BOM = b"\xef\xbb\xbf"


class _Unusable(ValueError):
    """A JSON text that the API does not take."""


def read_ndjson(binary: IO[bytes]) -> Iterator[SourceOrder | RefusedRow]:
    """Every document with the number of its line, the first being 1; never holds more than 1 MiB."""
    number = 0
    while line := binary.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            _skip_line(binary)
            detail = _("The line is longer than %(limit)d bytes.") % {"limit": LONGEST_LINE}
            yield RefusedRow(number, "line_too_long", detail)
        elif line.removeprefix(BOM).strip():
            yield _read(line.removeprefix(BOM), number)


def _skip_line(binary: IO[bytes]) -> None:
    while piece := binary.readline(LONGEST_LINE):
        if piece.endswith(b"\n"):
            return


def _read(line: bytes, number: int) -> SourceOrder | RefusedRow:
    try:
        document = parse_document(line)
    except UnicodeDecodeError:
        return RefusedRow(number, "malformed", _("The line is not UTF-8 text."))
    except _Unusable as error:
        return RefusedRow(number, "malformed", str(error))
    except (ValueError, RecursionError):
        return RefusedRow(number, "malformed", _("The line is not a JSON document."))
    return SourceOrder(document, (number,))


def parse_document(line: bytes) -> dict[str, Any]:
    """One JSON object, without NaN, names given twice, NUL or broken text. Raises ValueError."""
    document = json.loads(line.decode(), parse_constant=_no_constant, object_pairs_hook=_unique)
    if not isinstance(document, dict):
        raise _Unusable(_("The line is not a JSON object."))
    _check_depth(document, DEEPEST)
    if b"\\u" in line:
        _check_texts(document)
    return document


def _no_constant(name: str) -> Never:
    raise _Unusable(_("%(name)s is not a number that JSON knows.") % {"name": name})


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise _Unusable(_("A name stands twice in one object."))
    return document


def _check_depth(value: Any, left: int) -> None:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if children and not left:
        raise _Unusable(_("The document is nested too deeply."))
    for child in children:
        if isinstance(child, dict | list):
            _check_depth(child, left - 1)


def _check_texts(value: Any) -> None:
    """Refuse what no database column of text holds: NUL, and halves of a surrogate pair."""
    if isinstance(value, str) and any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
        raise _Unusable(_("The document has a character that is not text."))
    children = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        _check_texts(child)
