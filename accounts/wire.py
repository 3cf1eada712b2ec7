"""What goes over the wire: a strict JSON parser, strict fields, and serializers that refuse what they do not know."""

from __future__ import annotations

import codecs
import json
import math
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO, Any, ClassVar, cast

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

    default_error_messages = {
        "invalid": gettext_lazy("Write a text here."),
        "nul": gettext_lazy("Control character NUL is not allowed."),
    }

    def to_internal_value(self, data: Any) -> str:
        """Accept a string without NUL."""
        if not isinstance(data, str):
            self.fail("invalid")
        if "\x00" in data:
            self.fail("nul")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A JSON integer; not a string, not a boolean, not 2.0."""

    default_error_messages = {"invalid": gettext_lazy("Write a whole number here.")}

    def to_internal_value(self, data: Any) -> int:
        """Accept an int that fits the database."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """A JSON boolean and nothing that looks like one."""

    default_error_messages = {"invalid": gettext_lazy("Write true or false here.")}

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
    """A serializer that refuses members it does not know, and says so beside everything else that is wrong."""

    def to_internal_value(self, data: Any) -> Any:
        """Validate what is known, and report what is not."""
        if not isinstance(data, Mapping):
            raise _wrong("non_field_errors", _("Write an object here: members in braces."), "type")
        errors: dict[str, Any] = {}
        for name in data:
            if name not in self.fields:
                names = {"key": str(name)[:60], "known": ", ".join(self.fields)}
                detail = _("%(key)s is not known here. Known are: %(known)s.") % names
                errors[str(name)] = [serializers.ErrorDetail(detail, code="unknown")]
        try:
            found = super().to_internal_value(data)
        except serializers.ValidationError as error:
            errors |= dict(cast(Mapping[str, Any], error.detail))
        if errors:
            raise serializers.ValidationError(errors)
        return found


def _wrong(name: str, detail: str, code: str) -> serializers.ValidationError:
    return serializers.ValidationError({name: [serializers.ErrorDetail(detail, code=code)]})


def read(serializer: type[Strict], data: Any) -> dict[str, Any]:
    """Validate a body. Raises Invalid with a pointer for each thing that is wrong."""
    bound = serializer(data=data)
    if not bound.is_valid():
        errors = list(pointed(bound.errors, field=bound))
        raise Invalid(_("Some of the input cannot be used; see errors."), errors=errors)
    return dict(bound.validated_data)


def pointed(errors: Any, pointer: str = "", field: Any = None) -> list[FieldError]:
    """DRF's nested errors as a flat list with JSON pointers; `field` is what was read there, for better words."""
    if isinstance(errors, Mapping):
        found: list[FieldError] = []
        for name, inner in errors.items():
            step = "" if name == "non_field_errors" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            found += pointed(inner, pointer + step, _below(field, name) if step else field)
        return found
    if isinstance(errors, list | tuple):
        found = []
        for index, inner in enumerate(errors):
            nested = isinstance(inner, Mapping | list)
            where = (f"{pointer}/{index}", _below(field, index)) if nested else (pointer, field)
            found += pointed(inner, *where)
        return found
    code = getattr(errors, "code", "invalid")
    return [FieldError(pointer, code, _words(code, field) or str(errors))]


def _below(field: Any, name: Any) -> Any:
    """The field that reads a member or an entry of what `field` reads."""
    members = getattr(field, "fields", None)
    return members.get(name) if members is not None else getattr(field, "child", None)


def _words(code: str, field: Any) -> str | None:
    """What to do about it, in our own words and languages; None where the field said it itself."""
    least, most = getattr(field, "min_value", None), getattr(field, "max_value", None)
    if code in ("min_value", "max_value") and least is not None and most is not None:
        return _("Write a whole number from %(low)s to %(high)s.") % {"low": least, "high": most}
    if code == "min_value" and least is not None:
        return _("Write a whole number of at least %(low)s.") % {"low": least}
    if code == "invalid_choice" and hasattr(field, "choices"):
        return _("Use one of: %(choices)s.") % {"choices": ", ".join(str(choice) for choice in field.choices)}
    if code in ("max_length", "min_length"):
        return _length(code, field)
    return str(_PLAIN[code]) if code in _PLAIN else None


_PLAIN = {
    "required": gettext_lazy("This field is needed."),
    "null": gettext_lazy("This must not be null. Leave it out, or give it a value."),
    "blank": gettext_lazy("This must not be empty."),
    "not_a_list": gettext_lazy("Write a list here: entries in brackets."),
    "not_a_dict": gettext_lazy("Write an object here: members in braces."),
}


def _length(code: str, field: Any) -> str | None:
    limit = getattr(field, code, None)
    if limit is None:
        return None
    if hasattr(field, "child"):
        text = _("Keep this to %(limit)s entries.") if code == "max_length" else _("Give at least %(limit)s entries.")
    else:
        text = _("Keep this to %(limit)s characters.") if code == "max_length" else _("Write %(limit)s characters.")
    return text % {"limit": limit}


class Instant(Text):
    """An RFC 3339 instant with its offset, in the years in which days can still be counted from it."""

    shape: ClassVar = {"type": "string", "format": "date-time"}
    default_error_messages = {
        "instant": gettext_lazy("Write the instant as RFC 3339 with its offset, such as 2026-10-01T09:00:00Z."),
        "range": gettext_lazy("Write an instant of the years 1900 to 2199."),
    }

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        """Parse into an aware datetime in UTC."""
        text = super().to_internal_value(data)
        if not _INSTANT.fullmatch(text):
            self.fail("instant")
        if text[:2] not in ("19", "20", "21"):
            self.fail("range")
        try:
            return datetime.fromisoformat(text.upper().replace("Z", "+00:00")).astimezone(UTC)
        except ValueError:
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

    shape: ClassVar[dict[str, Any]] = {}
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
