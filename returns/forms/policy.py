"""A policy document as a form: read from what was sent, written from a document, nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from returns.forms.policy_fields import posted_text
from returns.forms.policy_text import NO_LIMIT, from_text, label_of, to_text, whole
from returns.policy.document import CONDITIONS, EFFECTS, STANDING

MOST = 200

_POINTED = re.compile(r"r(\d{1,3})([wt])(\d{1,3})|d(\d{1,3})")


@dataclass(slots=True)
class Row:
    """One condition or effect as typed."""

    key: str = ""
    text: str = ""
    fresh: bool = False


@dataclass(slots=True)
class RuleRows:
    """One rule as typed."""

    name: str = ""
    when: list[Row] = field(default_factory=list)
    then: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Sheet:
    """A whole policy as typed: what holds for everything, and the rules in their order."""

    name: str = ""
    shop: str = "main"
    days: str = ""
    counted_from: str = "delivered"
    honour: bool = False
    defaults: list[Row] = field(default_factory=list)
    rules: list[RuleRows] = field(default_factory=list)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Sheet:
        """The form of a complete document."""
        window = document["window"]
        return cls(
            name=document["name"],
            shop=document.get("shop", "main"),
            days="" if window["days"] is None else str(window["days"]),
            counted_from=window["from"],
            honour=bool(document.get("honour_terms_at_purchase")),
            defaults=[Row(key, to_text(value)) for key, value in document["defaults"].items()],
            rules=[
                RuleRows(rule["name"], _rows(rule.get("when") or {}), _rows(rule["then"]))
                for rule in document.get("rules") or ()
            ],
        )

    @classmethod
    def posted(cls, data: QueryDict, shop: str) -> Sheet:
        """The form as it was sent; `do` may add, remove or move a part of it first."""
        sheet = cls(
            name=data.get("name", ""),
            shop=shop,
            days=data.get("days", "").strip(),
            counted_from=data.get("from", "delivered"),
            honour=data.get("honour") == "on",
            defaults=list(_posted_rows(data, "d")),
            rules=[
                RuleRows(
                    data.get(f"r{n}-name", ""),
                    list(_posted_rows(data, f"r{n}w")),
                    list(_posted_rows(data, f"r{n}t")),
                )
                for n in range(min(MOST, _count(data, "rules")))
            ],
        )  # fmt: skip
        sheet.change(data.get("do", ""))
        return sheet

    def change(self, do: str) -> None:
        """Do one thing to the form: `add`, `remove-2`, `up-2`, `down-2` a rule; `drop-r2w0` or `drop-d3` a row."""
        verb, _dash, place = do.partition("-")
        if verb == "add":
            self.rules.append(RuleRows())
        elif verb == "drop":
            self._drop(place)
        elif place.isdigit() and int(place) < len(self.rules):
            self._move(verb, int(place))

    def _move(self, verb: str, place: int) -> None:
        if verb == "remove":
            del self.rules[place]
        elif verb in ("up", "down"):
            other = max(0, min(len(self.rules) - 1, place + (-1 if verb == "up" else 1)))
            self.rules.insert(other, self.rules.pop(place))

    def _drop(self, name: str) -> None:
        found = _POINTED.fullmatch(name)
        if found is None or (found[1] and int(found[1]) >= len(self.rules)):
            return
        rule = self.rules[int(found[1])] if found[1] else None
        rows = self.defaults if rule is None else rule.when if found[2] == "w" else rule.then
        place = int(found[3] or found[4])
        if place < len(rows):
            del rows[place]

    def document(self) -> dict[str, Any]:
        """The document that the form describes. Raises Invalid for a value that cannot be read at all."""
        window = {"days": None if self.days in NO_LIMIT else whole(self.days),
                  "from": self.counted_from}  # fmt: skip
        return {
            "name": self.name,
            "shop": self.shop,
            "honour_terms_at_purchase": self.honour,
            "window": window,
            "defaults": _read_rows(self.defaults, "/defaults"),
            "rules": [self._rule(n, rule) for n, rule in enumerate(self.rules)],
        }

    def _rule(self, n: int, rule: RuleRows) -> dict[str, Any]:
        when, then = _read_rows(rule.when, f"/rules/{n}/when"), _read_rows(rule.then, f"/rules/{n}/then")
        return {"name": rule.name, **({"when": when} if when else {}), "then": then}


def _rows(part: Mapping[str, Any]) -> list[Row]:
    return [Row(key, to_text(value)) for key, value in part.items()]


def _count(data: QueryDict, name: str) -> int:
    text = data.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _posted_rows(data: QueryDict, prefix: str) -> Iterator[Row]:
    for n in range(min(MOST, _count(data, prefix))):
        key = data.get(f"{prefix}{n}-key", "")
        row = Row(key, posted_text(data, f"{prefix}{n}", key))
        if row.key or row.text:
            yield row
    if new := data.get(f"new-{prefix}", ""):
        yield Row(new, fresh=True)


def _read_rows(rows: list[Row], at: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows:
        if not row.key:
            detail = _("Choose what “%(text)s” is about, or clear it.") % {"text": row.text[:60]}
            raise Invalid(detail, errors=[FieldError(at, "required", detail)])
        if row.key in found:
            detail = _("“%(label)s” is here twice. Keep one of them.") % {"label": label_of(row.key)}
            raise Invalid(detail, errors=[FieldError(f"{at}/{row.key}", "duplicate", detail)])
        found[row.key] = from_text(row.key, row.text, f"{at}/{row.key}")
    return found


def condition_choices(rows: list[Row]) -> list[tuple[str, str]]:
    """What a rule may look at and does not yet, for a list to choose from."""
    return _choices(CONDITIONS, rows)


def effect_choices(rows: list[Row]) -> list[tuple[str, str]]:
    """What a rule may set and does not yet."""
    return _choices(EFFECTS, rows)


def default_choices(rows: list[Row]) -> list[tuple[str, str]]:
    """What may hold for everything and is not said yet."""
    return _choices([*(key for key in EFFECTS if not key.startswith("window_")), *STANDING], rows)


def _choices(keys: Iterable[str], rows: list[Row]) -> list[tuple[str, str]]:
    used = {row.key for row in rows}
    return [(key, label_of(key)) for key in keys if key not in used]
