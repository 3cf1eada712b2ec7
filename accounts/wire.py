"""What goes over the wire: a strict JSON parser, strict fields, and serializers that refuse what they do not know."""

from __future__ import annotations

import codecs
import json
import math
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO, Any, ClassVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from accounts.problems import FieldError, Invalid

MAX_DEPTH = 40
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def depth_of(text: str) -> int:
    """How deep brackets nest, counted without parsing (a JSON bomb is refused before it is built)."""
    depth = deepest = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


class StrictJSONParser(JSONParser):
    """JSON as RFC 8259 has it: UTF-8, no NaN, no lone surrogates, not nested beyond reason."""

    def parse(self, stream: IO[Any], media_type: Any = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Parse the body. Raises ParseError, which is a 400, and RequestDataTooBig, which is a 413."""
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig
        try:
            text = codecs.decode(body, "utf-8")
            if (text.count("[") + text.count("{")) > MAX_DEPTH and depth_of(text) > MAX_DEPTH:
                raise ValueError("nested too deeply")
            data = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
            if "\\u" in text or "\\U" in text:
                json.dumps(data, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not valid JSON: %(why)s.") % {"why": error}) from error
        return data


class Text(serializers.CharField):
    """A JSON string; numbers and booleans are not quietly turned into one."""

    default_error_messages = {"nul": gettext_lazy("Control character NUL is not allowed.")}

    def to_internal_value(self, data: Any) -> str:
        """Accept a string without NUL."""
        if not isinstance(data, str):
            self.fail("invalid")
        if "\x00" in data:
            self.fail("nul")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A JSON integer; not a string, not a boolean, not 2.0."""

    def to_internal_value(self, data: Any) -> int:
        """Accept an int that fits the database."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """A JSON boolean and nothing that looks like one."""

    def to_internal_value(self, data: Any) -> bool:
        """Accept true and false."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Amount(Text):
    """A decimal string; the currency's own number of decimals is checked where the currency is known."""

    shape: ClassVar = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$", "examples": ["12.50"]}
    default_error_messages = {"amount": gettext_lazy('Write the amount as a decimal string such as "12.50".')}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Accept digits with an optional fraction; no sign, exponent or spaces."""
        text = super().to_internal_value(data)
        whole, _dot, fraction = text.partition(".")
        if not (whole.isascii() and whole.isdigit() and (not _dot or (fraction.isascii() and fraction.isdigit()))):
            self.fail("amount")
        return text


class Strict(serializers.Serializer[Any]):
    """A serializer that refuses members it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        """Check for unknown members, then validate."""
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {str(name): serializers.ErrorDetail(_("Unknown field."), code="unknown") for name in unknown}
                )
        return super().to_internal_value(data)


def read(serializer: type[Strict], data: Any) -> dict[str, Any]:
    """Validate a body. Raises Invalid with a pointer for each thing that is wrong."""
    bound = serializer(data=data)
    if not bound.is_valid():
        errors = list(pointed(bound.errors))
        raise Invalid(_("Some of the input cannot be used; see errors."), errors=errors)
    return dict(bound.validated_data)


def pointed(errors: Any, pointer: str = "") -> list[FieldError]:
    """DRF's nested errors as a flat list with JSON pointers."""
    if isinstance(errors, Mapping):
        found: list[FieldError] = []
        for name, inner in errors.items():
            step = "" if name == "non_field_errors" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            found += pointed(inner, pointer + step)
        return found
    if isinstance(errors, list | tuple):
        found = []
        for index, inner in enumerate(errors):
            nested = isinstance(inner, Mapping | list)
            found += pointed(inner, f"{pointer}/{index}" if nested else pointer)
        return found
    return [FieldError(pointer, getattr(errors, "code", "invalid"), str(errors))]


class Instant(Text):
    """An RFC 3339 instant with its offset."""

    shape: ClassVar = {"type": "string", "format": "date-time"}
    default_error_messages = {
        "instant": gettext_lazy("Write the instant as RFC 3339 with its offset, such as 2026-10-01T09:00:00Z.")
    }

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        """Parse into an aware datetime in UTC."""
        text = super().to_internal_value(data)
        if not _INSTANT.fullmatch(text):
            self.fail("instant")
        try:
            return datetime.fromisoformat(text.upper().replace("Z", "+00:00")).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("instant")


class Uid(Text):
    """A UUID, kept as text in its one spelling."""

    shape: ClassVar = {"type": "string", "format": "uuid"}
    default_error_messages = {"uid": gettext_lazy("This is not an id.")}

    def to_internal_value(self, data: Any) -> str:
        """Accept 8-4-4-4-12 hexadecimal digits."""
        text = super().to_internal_value(data)
        try:
            found = str(uuid.UUID(text))
        except ValueError:
            self.fail("uid")
        if found != text.lower():
            self.fail("uid")
        return found


class Free(serializers.JSONField):
    """Any JSON that the database can keep: no NUL in texts and names."""

    default_error_messages = {"nul": gettext_lazy("Control character NUL is not allowed.")}

    def to_internal_value(self, data: Any) -> Any:
        """Accept what has no NUL anywhere."""
        if "\\u0000" in json.dumps(data):
            self.fail("nul")
        return data


class FreeObject(serializers.DictField):
    """A JSON object with any members."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Free(allow_null=True), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Accept names without NUL."""
        if isinstance(data, Mapping) and any("\x00" in str(name) for name in data):
            raise serializers.ValidationError(_("Control character NUL is not allowed."), code="nul")
        return super().to_internal_value(data)


class PageSize(Text):
    """How many rows a page has: a positive whole number; more than 200 gives 200."""

    shape: ClassVar = {"type": "integer", "minimum": 1, "default": 50}
    default_error_messages = {"size": gettext_lazy("Write a whole number from 1 to 200.")}

    def to_internal_value(self, data: Any) -> str:
        """Accept ASCII digits that are not all zero."""
        text = super().to_internal_value(data)
        if not (text.isascii() and text.isdigit() and text.strip("0")):
            self.fail("size")
        return text


class PageQuery(Strict):
    """Which page of a list: `next` and `previous` of an answer hold the cursors."""

    cursor = Text(required=False, max_length=500)
    limit = PageSize(required=False, max_length=100)


class Nothing(Strict):
    """An empty object, or no body at all."""


class Out(serializers.Serializer[Any]):
    """A part of an answer; it describes and does not serialise."""


def page_of(shape: type[Out]) -> type[Out]:
    """The page serializer of a list of these."""
    members = {
        "results": serializers.ListField(child=shape()),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "__doc__": "A page of a list, with the addresses of the pages beside it.",
    }
    return type(shape.__name__.removesuffix("Out") + "PageOut", (Out,), members)


def query(serializer: type[Strict], params: Mapping[str, Any]) -> dict[str, Any]:
    """Validate query parameters, empty ones left out. Raises Invalid."""
    given = {name: value for name, value in params.items() if value != ""}
    return read(serializer, given)
