"""A policy document as a form and as YAML: read from either, written into both, nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from returns.forms.policy_fields import (
    AMOUNTS,
    DAYS,
    ONE_OF,
    PERCENTS,
    YES_NO,
    amount_text,
    amounts_of,
    posted_text,
)
from returns.policy.document import CONDITIONS, EFFECTS, STANDING
from returns.policy.wording import condition_label, standing_label

LONGEST = 200_000
MOST = 200

WHOLE = (*DAYS, "required_photos")
WORDS = (*ONE_OF, "return_to")
OBJECTS = ("fee", "deduction_by_grade")
NO_LIMIT = ("", "-")
_PLAIN_LIST = re.compile(r"[^\[\]{}\"',]*")
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
        window = {"days": None if self.days in NO_LIMIT else _whole(self.days, "/window/days"),
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
            detail = _("“%(label)s” is here twice. Keep one of them.") % {"label": _label(row.key)}
            raise Invalid(detail, errors=[FieldError(f"{at}/{row.key}", "duplicate", detail)])
        found[row.key] = from_text(row.key, row.text, f"{at}/{row.key}")
    return found


def _label(key: str) -> str:
    return condition_label(key) if key in CONDITIONS else standing_label(key)


def to_text(value: Any) -> str:
    """A value of the document as a person types it: lists with commas, the rest as YAML writes it on one line."""
    if isinstance(value, Mapping) and value and all(len(key) == len("EUR") for key in value):
        return amount_text(value)
    if isinstance(value, Mapping) and set(value) == {"gross"}:
        return to_text(value["gross"])
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(each, str) and _PLAIN_LIST.fullmatch(each) for each in value):
        return ", ".join(value)
    if isinstance(value, list | Mapping):
        dumped = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
        return str(dumped).strip()
    return str(value)


def from_text(key: str, text: str, at: str) -> Any:
    """The value that was typed for a key; what it means is checked by the document. Raises Invalid."""
    if text.startswith(("{", "[")):
        return read_yaml(text, at)
    if key in WHOLE:
        return None if text in NO_LIMIT else _whole(text, at)
    if key in YES_NO:
        return {"yes": True, "no": False, "true": True, "false": False}.get(text.lower(), text)
    if key in AMOUNTS:
        return _amount(key, text)
    if key in (*WORDS, *PERCENTS, *OBJECTS, "message", "return_until"):
        return text or None
    if key.endswith("_between"):
        return text if ".." in text else [part.strip() for part in text.split(",")]
    if key == "refund_order" and "," not in text:
        return text
    return [part.strip() for part in text.split(",") if part.strip()]


def _amount(key: str, text: str) -> Any:
    value = amounts_of(text) if text else None
    return {"gross": value} if key == "label_fee" and value is not None else value


def _whole(text: str, at: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text


def read_yaml(text: str, at: str = "") -> Any:
    """YAML without anchors, which could grow without end. Raises Invalid with the line that is wrong."""
    if len(text) > LONGEST:
        raise _unreadable(_("This is longer than a policy may be."), at)
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                line = token.start_mark.line + 1
                raise _unreadable(_("Line %(line)d: write it out, anchors (&, *) are not read.") % {"line": line}, at)
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        detail = _("Line %(line)d is not YAML: %(problem)s.") % {"line": line, "problem": error.problem or ""}
        raise _unreadable(detail, at) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unreadable(_("This is not YAML."), at) from error


def _unreadable(detail: str, at: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(at, "invalid", detail)])


def read_document(text: str, shop: str) -> dict[str, Any]:
    """A whole document from YAML, kept to its shop. Raises Invalid."""
    found = read_yaml(text)
    if not isinstance(found, dict):
        raise _unreadable(_("Write keys and values, such as name: House policy."), "")
    return {"shop": shop, **found}


def write_yaml(document: Mapping[str, Any]) -> str:
    """The document as YAML, in its own order."""
    return str(yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False, width=100))


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
    return [(key, _label(key)) for key in keys if key not in used]


def line_of(text: str, pointer: str) -> int | None:
    """The line of a YAML text, from 1, on which the member at a JSON pointer stands; the nearest that is there."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    line = None if node is None else node.start_mark.line + 1
    for part in pointer.split("/")[1:]:
        found = _member(node, part.replace("~1", "/").replace("~0", "~"))
        if found is None:
            break
        named, node = found
        line = named.start_mark.line + 1
    return line


def _member(node: Any, part: str) -> tuple[Any, Any] | None:
    """What names a member, and the member; a list's members name themselves."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        return node.value[int(part)], node.value[int(part)]
    return None
