"""A small table-driven reader of JSON objects: every error with its JSON pointer, unknown fields refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from accounts.problems import FieldError
from customers.pricing.fields import Bad, Scalar

MOST_ERRORS: Final = 1000
LONGEST_POINTER: Final = 300
ABSENT: Final = object()


def step(key: str) -> str:
    """One step of a JSON pointer (RFC 6901), safe to print whatever the key was."""
    clean = key[:100].encode("utf-8", "replace").decode()
    return "/" + clean.replace("~", "~0").replace("/", "~1")


@dataclass(slots=True)
class Report:
    """What is wrong with a document so far, and its currency as context of its amounts."""

    currency: str = "XXX"
    errors: list[FieldError] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)

    def add(self, pointer: str, bad: Bad) -> None:
        """Keep one error; past a thousand only its place is kept."""
        self.failed.add(pointer.split("/", 2)[1] if pointer else "")
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(FieldError(pointer[:LONGEST_POINTER], bad.code, bad.text()))

    def clean(self, *members: str) -> bool:
        """Whether these members of the document are free of errors."""
        return self.failed.isdisjoint((*members, ""))


class Field(NamedTuple):
    """A member of an object: a scalar, an object of `schema` or, if `many`, a list of such objects."""

    name: str
    scalar: Scalar | None = None
    required: bool = False
    default: Any = None
    schema: Schema | None = None
    many: bool = False

    def read(self, raw: Any, at: str, report: Report) -> Any:
        """The value of this member of the object at `at`; None after an error was reported."""
        if self.scalar is not None:
            try:
                return self.scalar.read(raw, report.currency)
            except Bad as bad:
                report.add(f"{at}/{self.name}", bad)
                return None
        assert self.schema is not None
        read = self.schema.read_many if self.many else self.schema.read
        return read(raw, f"{at}/{self.name}", report)

    def write(self, value: Any, currency: str) -> Any:
        """The JSON of a value of this member."""
        if value is None:
            return None
        if self.scalar is not None:
            return self.scalar.write(value, currency)
        assert self.schema is not None
        if self.many:
            return [self.schema.write(each, currency) for each in value]
        return self.schema.write(value, currency)

    def shape(self, *, written: bool) -> dict[str, Any]:
        """JSON Schema of this member as it is sent, or as it is `written` back with its default in place."""
        found: dict[str, Any]
        if self.scalar is not None:
            found = dict(self.scalar.shape)
        else:
            assert self.schema is not None
            found = self.schema.shape(written=written)
            if self.many:
                found = {"type": "array", "items": found, "maxItems": self.schema.most}
        if self.required or (written and self.default is not None):
            return found
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
        return {**found, "type": [found["type"], "null"]}


@dataclass(frozen=True, slots=True)
class Schema:
    """The members of a JSON object in the order of the dataclass that `make` builds."""

    make: Callable[..., Any]
    fields: tuple[Field, ...]
    most: int = 1000

    def read(self, value: Any, at: str, report: Report) -> Any:
        """The dataclass, or None after an error was reported at the pointer `at`."""
        if type(value) is not dict:
            report.add(at, Bad("wrong_type", expected="object"))
            return None
        before = len(report.errors)
        found: list[Any] = []
        known = 0
        for member in self.fields:
            raw = value.get(member.name, ABSENT)
            if raw is not ABSENT:
                known += 1
            if raw is ABSENT or raw is None:
                if member.required:
                    report.add(f"{at}/{member.name}", Bad("required"))
                found.append(member.default)
            else:
                found.append(member.read(raw, at, report))
        if known != len(value):
            self._unknown(value, at, report)
        return self.make(*found) if len(report.errors) == before else None

    def read_many(self, value: Any, at: str, report: Report) -> tuple[Any, ...]:
        """The dataclasses of a list of objects."""
        if type(value) is not list:
            report.add(at, Bad("wrong_type", expected="array"))
            return ()
        if len(value) > self.most:
            report.add(at, Bad("too_long", max=self.most))
            return ()
        return tuple([self.read(each, f"{at}/{index}", report) for index, each in enumerate(value)])

    def _unknown(self, value: dict[Any, Any], at: str, report: Report) -> None:
        names = {each.name for each in self.fields}
        for key in value:
            if key not in names:
                report.add(at + step(str(key)), Bad("unknown_field"))

    def write(self, value: Any, currency: str) -> dict[str, Any]:
        """The JSON object of a dataclass; reading it again gives an equal one."""
        return {each.name: each.write(getattr(value, each.name), currency) for each in self.fields}

    def shape(self, *, written: bool = False) -> dict[str, Any]:
        """JSON Schema of the object as it is sent, or as it is `written` back: then every member is there."""
        needed = [each.name for each in self.fields if written or each.required]
        found: dict[str, Any] = {
            "type": "object",
            "properties": {each.name: each.shape(written=written) for each in self.fields},
        }
        if needed:
            found["required"] = needed
        return found if written else {**found, "additionalProperties": False}
