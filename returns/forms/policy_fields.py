"""The fields of the policy's form: how each condition and effect is asked for, and what was typed into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.problems import FieldError
from returns.policy.choices import CHOICES, QUESTIONS
from returns.policy.reasons import GRADES
from returns.policy.wording import condition_label, standing_label

LANGUAGES = ("en", "he", "pl")
YES_NO = ("refund_outbound_shipping", "auto_reimburse")
ONE_OF = ("decision", "window_from", "return_shipping_payer", "promotion_on_return", "risk_at_least")
SOME_OF = ("fee_waived_for", "resolutions", "methods", "customer_kinds", "payment_kinds", "sale_channels", "reasons",
           "reasons_not")  # fmt: skip
DAYS = ("window_days", "days_since_delivery_over", "label_valid_days", "expire_after_days", "store_credit_valid_days")
PERCENTS = ("bonus_credit_percent", "exchange_bonus_percent")
AMOUNTS = ("min_order_total", "min_price", "max_price", "return_postage_cap", "goodwill_second_person_above",
           "label_fee")  # fmt: skip
BETWEEN = ("ordered_between", "requested_between")
# what is asked for in several boxes, by the endings of their names
PARTS: dict[str, tuple[str, ...]] = {
    "fee": ("fixed", "percent", "keep_shipping"),
    "message": LANGUAGES,
    "deduction_by_grade": GRADES,
    **dict.fromkeys(BETWEEN, ("first", "last")),
}


@dataclass(frozen=True)
class Option:
    """One choice of a list."""

    code: str
    label: str
    chosen: bool


@dataclass
class Field:
    """One condition or effect to fill in: `kind` names the control, `parts` are the boxes of a control with several."""

    name: str
    key: str
    label: str
    kind: str
    text: str = ""
    hint: str = ""
    options: list[Option] = field(default_factory=list)
    parts: list[tuple[str, str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    fresh: bool = False


def field_of(name: str, key: str, text: str, errors: Iterable[FieldError] = (), *, condition: bool = False) -> Field:
    """The field for what was typed under a key; text that its control cannot show is shown as it is."""
    label = condition_label(key) if condition else standing_label(key)
    made = Field(name, key, label, kind_of(key), text, hint_of(key), errors=[error.detail for error in errors])
    if made.kind in ("one", "some"):
        made.options = _options(key, text)
        if {each.strip() for each in text.split(",") if each.strip()} - {option.code for option in made.options}:
            made.kind, made.options = "text", []
    if key in PARTS:
        parts = parts_of(key, text)
        made.kind = "text" if parts is None else made.kind
        made.parts = [(part, _part_label(key, part), value) for part, value in (parts or {}).items()]
    return made


def kind_of(key: str) -> str:
    """The control that asks for a key."""
    kinds = {"one": (*ONE_OF, *YES_NO), "some": SOME_OF, "percent": PERCENTS, "days": (*DAYS, "required_photos")}
    if key in PARTS:
        return {"fee": "fee", "message": "message"}.get(key, "parts")
    return next((kind for kind, keys in kinds.items() if key in keys), "text")


def hint_of(key: str) -> str:
    """What may be typed, with an example."""
    if key in AMOUNTS or key == "fee":
        return _("12.50 in the currency of the order, or one for each: EUR 10.00, PLN 45.00")
    if key in BETWEEN:
        return _("2026-11-01, or 11-01 for every year")
    special = {
        "window_days": _("Empty: no time limit."),
        "store_credit_valid_days": _("Empty: it never expires."),
        "return_until": _("2027-01-31, or 01-31 for every year. It makes the time longer, never shorter."),
        "questions": _("Codes with commas between: %(codes)s, or your own") % {"codes": ", ".join(QUESTIONS)},
        "countries": _("Codes with commas between: PL, DE, IL"),
        "return_to": _("The code of a location, such as MAIN"),
        "refund_order": _("last_first, first_first, or kinds of payment with commas between"),
        "deduction_by_grade": _(
            "Percent of the price, a suggestion to the bench; empty: nothing is said of that grade."
        ),
        "message": _("Your own words to the customer; a language left empty is told in the first you wrote."),
    }
    if key in special:
        return special[key]
    listed = ("shops", "channels", "customer_tiers", "suppliers", "categories", "skus", "tags_any", "tags_none",
              "customer_tags_any")  # fmt: skip
    return _("Several with commas between") if key in listed else ""


def _options(key: str, text: str) -> list[Option]:
    """The closed list of a key, what is chosen first and in its order: the first way to send is the one we propose."""
    if key in YES_NO:
        said = {"true": "yes", "false": "no"}.get(text.lower(), text.lower())
        return [Option("yes", _("yes"), said == "yes"), Option("no", _("no"), said == "no")]
    chosen = [each.strip() for each in text.split(",") if each.strip()]
    known = {code: str(label) for code, label in CHOICES[key].items()}
    order = [*(code for code in chosen if code in known), *(code for code in known if code not in chosen)]
    codes = order if key in SOME_OF else list(known)
    return [Option(code, known[code], code in chosen) for code in codes]


def _part_label(key: str, part: str) -> str:
    labels = {
        "fixed": _("fixed, an item"),
        "percent": _("percent of the price"),
        "keep_shipping": _("not on shipping"),
        "first": _("from"),
        "last": _("to"),
        "en": "English",
        "he": "עברית",
        "pl": "Polski",
    }
    return labels.get(part, part)


def parts_of(key: str, text: str) -> dict[str, str] | None:
    """The boxes of a control from its text; None where they cannot show it."""
    if key in BETWEEN and not text.startswith("["):
        ends = text.split("..") if ".." in text else text.split(",")
        both = [end.strip() for end in ends] if text else ["", ""]
        return dict(zip(PARTS[key], both, strict=True)) if len(both) == len(PARTS[key]) else None
    found: Any = {}
    if text:
        try:
            found = yaml.safe_load(text) if text.startswith(("{", "[")) else None
        except yaml.YAMLError:
            return None
    if isinstance(found, list) and key in BETWEEN:
        found = dict(zip(PARTS[key], found, strict=False))
    if not isinstance(found, dict) or not set(found) <= set(PARTS[key]):
        return None
    return {part: amount_text(found.get(part, _unsaid(key, part))) for part in PARTS[key]}


def _unsaid(key: str, part: str) -> Any:
    return True if (key, part) == ("fee", "keep_shipping") else ""


def amount_text(value: Any) -> str:
    """An amount, or one for each currency (`EUR 10.00, PLN 45.00`), or any plain value as people type it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{code} {each}" for code, each in value.items())
    return "" if value is None else str(value)


def posted_text(data: QueryDict, name: str, key: str) -> str:
    """What was sent for a field, in the one line that `policy.from_text` reads."""
    parts = PARTS.get(key, ())
    if not any(f"{name}-{part}" in data for part in parts):
        return ", ".join(each.strip() for each in data.getlist(f"{name}-text")).strip()
    typed = {part: data.get(f"{name}-{part}", "").strip() for part in parts}
    if key in BETWEEN:
        yearly = not any(len(each) > len("11-01") for each in typed.values())
        return (".." if yearly else ", ").join(typed.values()) if any(typed.values()) else ""
    if key == "fee":
        return _flow(_fee(typed)) if typed["fixed"] or typed["percent"] else ""
    found = {part: each for part, each in typed.items() if each}
    return _flow(found) if found else ""


def _fee(typed: Mapping[str, str]) -> dict[str, Any]:
    amounts = {part: amounts_of(typed[part]) for part in ("fixed", "percent") if typed[part]}
    return {**amounts, "keep_shipping": typed["keep_shipping"] in ("on", "yes")}


def amounts_of(text: str) -> Any:
    """`EUR 10.00, PLN 45.00` as amounts by currency; anything else as it is."""
    parts = [part.split() for part in text.split(",")]
    if all(len(part) == 2 and len(part[0]) == 3 and part[0].isalpha() for part in parts):
        return {code.upper(): value for code, value in parts}
    return text


def _flow(value: Mapping[str, Any]) -> str:
    dumped = yaml.safe_dump(dict(value), default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return str(dumped).strip()
