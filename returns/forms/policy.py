"""A policy document as a form and as YAML: read from either, written into both, nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from returns.policy.document import CONDITIONS, EFFECTS, STANDING
from returns.policy.wording import CONDITION_LABELS, standing_label

LONGEST = 200_000
MOST = 200

SWITCHES = ("refund_outbound_shipping", "auto_reimburse")
WHOLE = ("window_days", "required_photos", "days_since_delivery_over", "label_valid_days", "expire_after_days",
         "store_credit_valid_days")  # fmt: skip
WORDS = ("decision", "window_from", "return_shipping_payer", "promotion_on_return", "risk_at_least", "return_to")
AMOUNTS = ("min_order_total", "min_price", "max_price", "return_postage_cap", "goodwill_second_person_above")
PERCENTS = ("bonus_credit_percent", "exchange_bonus_percent")
OBJECTS = ("fee", "label_fee", "deduction_by_grade")
NO_LIMIT = ("", "-")
_PLAIN_LIST = re.compile(r"[^\[\]{}\"']*")


@dataclass(slots=True)
class Row:
    """One condition or effect as typed."""

    key: str = ""
    text: str = ""


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
        """Do one thing to the form: `add`, `remove-2`, `up-2`, `down-2`, `when-2`, `then-2` (a row more), `default`."""
        verb, _dash, place = do.partition("-")
        if verb == "add":
            self.rules.append(RuleRows(when=[Row()], then=[Row()]))
        elif verb == "default":
            self.defaults.append(Row())
        elif place.isdigit() and int(place) < len(self.rules):
            self._change_rule(verb, int(place))

    def _change_rule(self, verb: str, place: int) -> None:
        if verb == "remove":
            del self.rules[place]
        elif verb in ("up", "down"):
            other = max(0, min(len(self.rules) - 1, place + (-1 if verb == "up" else 1)))
            self.rules.insert(other, self.rules.pop(place))
        elif verb in ("when", "then"):
            getattr(self.rules[place], verb).append(Row())

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
        row = Row(data.get(f"{prefix}{n}-key", ""), data.get(f"{prefix}{n}-text", "").strip())
        if row.key or row.text:
            yield row


def _read_rows(rows: list[Row], at: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows:
        if not row.key:
            detail = _("Choose what “%(text)s” is about, or clear it.") % {"text": row.text[:60]}
            raise Invalid(detail, errors=[FieldError(at, "required", detail)])
        found[row.key] = from_text(row.key, row.text, f"{at}/{row.key}")
    return found


def to_text(value: Any) -> str:
    """A value of the document as a person types it: lists with commas, the rest as YAML writes it on one line."""
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
    if key in SWITCHES:
        return {"yes": True, "no": False, "true": True, "false": False}.get(text.lower(), text)
    if key in (*WORDS, *AMOUNTS, *PERCENTS, *OBJECTS, "message", "return_until"):
        return text or None
    if key.endswith("_between"):
        return text if ".." in text else [part.strip() for part in text.split(",")]
    if key == "refund_order" and "," not in text:
        return text
    return [part.strip() for part in text.split(",") if part.strip()]


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


def condition_choices() -> list[tuple[str, str]]:
    """What a rule may look at, for a list to choose from."""
    return [("", ""), *((key, str(CONDITION_LABELS.get(key, key))) for key in CONDITIONS)]


def effect_choices() -> list[tuple[str, str]]:
    """What a rule may set."""
    return [("", ""), *((key, standing_label(key)) for key in EFFECTS)]


def default_choices() -> list[tuple[str, str]]:
    """What may hold for everything."""
    names = [key for key in EFFECTS if not key.startswith("window_")]
    return [("", ""), *((key, standing_label(key)) for key in (*names, *STANDING))]
