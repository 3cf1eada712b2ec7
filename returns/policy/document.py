"""The policy document: its vocabulary, strict reading into frozen form, and the house's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.problems import Invalid
from returns.policy.amounts import NOTHING, Amount
from returns.policy.checks import (
    Check,
    Report,
    amount,
    below,
    country,
    day,
    days,
    list_of,
    members,
    one_of,
    or_null,
    percent,
    question,
    set_of,
    text,
    whole,
    yes_no,
)
from returns.policy.days import DayRange, YearlyDay, plain_day
from returns.policy.reasons import (
    CUSTOMER_KINDS,
    GRADES,
    METHODS,
    PAYMENT_KINDS,
    REASONS,
    RESOLUTIONS,
    RISK_LEVELS,
    SALE_CHANNELS,
)

HOUSE_POLICY: Final[dict[str, Any]] = {
    "name": "House policy",
    "window": {"days": 30, "from": "delivered"},
    "defaults": {
        "decision": "authorize",
        "resolutions": ["refund", "exchange", "store_credit"],
        "methods": ["label", "qr", "drop_off", "pickup", "in_store"],
        "return_shipping_payer": "customer",
        "refund_outbound_shipping": False,
        "promotion_on_return": "keep",
        "label_fee": {"gross": "0"},
        "label_valid_days": 14,
        "expire_after_days": 30,
        "store_credit_valid_days": 730,
        "bonus_credit_percent": 0,
        "auto_reimburse": True,
        "refund_order": "last_first",
        "goodwill_second_person_above": "100.00",
    },
    "rules": [],
}

MAX_DAYS = 3650
MAX_RULES = 500
NOT_A_RULE = ("defaults", "law")


@dataclass(frozen=True)
class Fee:
    """A restocking fee: `fixed` once per item, `percent` of the goods and, unless kept out, of shipping."""

    fixed: Amount
    percent: Decimal
    keep_shipping: bool

    def plain(self) -> dict[str, Any]:
        """The fee as it stands in the document."""
        figures = {"fixed": self.fixed.plain(), "percent": plain(self.percent)}
        return figures | {"keep_shipping": self.keep_shipping}


@dataclass(frozen=True)
class Rule:
    """What a rule asks for (`when`) and what it sets (`then`), in typed values by key."""

    name: str
    when: Mapping[str, Any]
    then: Mapping[str, Any]

    @cached_property
    def told(self) -> Mapping[str, Any]:
        """What it sets, for JSON: worked out once, as a policy decides often."""
        return {key: plain(value) for key, value in self.then.items()}

    def plain(self) -> dict[str, Any]:
        """The rule as it stands in the document."""
        return {"name": self.name, "when": plain(self.when), "then": plain(self.then)}


@dataclass(frozen=True)
class Standing:
    """What a policy fixes once for every return, whatever the rules say."""

    label_valid_days: int
    expire_after_days: int
    store_credit_valid_days: int | None
    refund_order: str | tuple[str, ...]
    goodwill_second_person_above: Amount


@dataclass(frozen=True)
class Policy:
    """A policy as read: `defaults` holds the effects, window included, that stand where no rule sets them."""

    name: str
    shop: str
    honour_terms_at_purchase: bool
    defaults: Mapping[str, Any]
    standing: Standing
    rules: tuple[Rule, ...]

    @cached_property
    def told(self) -> Mapping[str, Any]:
        """The effects of `defaults`, for JSON."""
        return {key: plain(value) for key, value in self.defaults.items()}


_FEE = members({"fixed": amount, "percent": percent, "keep_shipping": yes_no}, may_be_empty=False)
_LABEL_FEE = members({"gross": amount}, required=["gross"])
_MESSAGES = members(dict.fromkeys(("en", "he", "pl"), text(500)), may_be_empty=False)


def _fee(value: Any, at: str, report: Report) -> Fee | None:
    given = _FEE(value, at, report)
    return Fee(given.get("fixed", NOTHING), given.get("percent", Decimal(0)), given.get("keep_shipping", True))


def _message(value: Any, at: str, report: Report) -> Any:
    return (_MESSAGES if isinstance(value, Mapping) else text(500))(value, at, report)


def _refund_order(value: Any, at: str, report: Report) -> Any:
    if isinstance(value, list | tuple):
        return list_of(one_of(PAYMENT_KINDS))(value, at, report)
    return one_of(("last_first", "first_first"))(value, at, report)


_WINDOW: dict[str, Check] = {
    "days": or_null(whole(0, MAX_DAYS)),
    "from": one_of(("delivered", "shipped", "ordered")),
}

CONDITIONS: Final[dict[str, Check]] = {
    "shops": set_of(text()),
    "channels": set_of(text()),
    "customer_kinds": set_of(one_of(CUSTOMER_KINDS)),
    "customer_tiers": set_of(text()),
    "payment_kinds": set_of(one_of(PAYMENT_KINDS)),
    "suppliers": set_of(text()),
    "min_order_total": amount,
    "categories": set_of(text()),
    "skus": set_of(text()),
    "tags_any": set_of(text()),
    "tags_none": set_of(text()),
    "countries": set_of(country),
    "sale_channels": set_of(one_of(SALE_CHANNELS)),
    "customer_tags_any": set_of(text()),
    "reasons": set_of(one_of(REASONS)),
    "reasons_not": set_of(one_of(REASONS)),
    "resolutions": set_of(one_of(RESOLUTIONS)),
    "min_price": amount,
    "max_price": amount,
    "ordered_between": days,
    "requested_between": days,
    "days_since_delivery_over": whole(0, MAX_DAYS),
    "risk_at_least": one_of(RISK_LEVELS),
}

EFFECTS: Final[dict[str, Check]] = {
    "decision": one_of(("authorize", "review", "decline")),
    "message": or_null(_message),
    "window_days": _WINDOW["days"],
    "window_from": _WINDOW["from"],
    "return_until": or_null(day),
    "fee": or_null(_fee),
    "label_fee": or_null(_LABEL_FEE),
    "fee_waived_for": set_of(one_of([*REASONS, *RESOLUTIONS])),
    "required_photos": whole(0, 20),
    "questions": list_of(question, may_be_empty=True),
    "resolutions": list_of(one_of(RESOLUTIONS)),
    "methods": list_of(one_of(METHODS)),
    "bonus_credit_percent": percent,
    "return_shipping_payer": one_of(("customer", "shop")),
    "return_postage_cap": or_null(amount),
    "return_to": or_null(text()),
    "exchange_bonus_percent": percent,
    "refund_outbound_shipping": yes_no,
    "promotion_on_return": one_of(("keep", "claw_back")),
    "auto_reimburse": yes_no,
    "deduction_by_grade": members(dict.fromkeys(GRADES, percent), may_be_empty=False),
}

STANDING: Final[dict[str, Check]] = {
    "label_valid_days": whole(1, MAX_DAYS),
    "expire_after_days": whole(1, MAX_DAYS),
    "store_credit_valid_days": or_null(whole(1, MAX_DAYS)),
    "refund_order": _refund_order,
    "goodwill_second_person_above": amount,
}

_ALWAYS: Mapping[str, Any] = MappingProxyType({})
_DEFAULTS = {key: check for key, check in EFFECTS.items() if not key.startswith("window_")} | STANDING
_RULE: dict[str, Check] = {
    "name": text(),
    "when": or_null(members(CONDITIONS)),
    "then": members(EFFECTS, may_be_empty=False),
}


def _rules(value: Any, at: str, report: Report) -> tuple[Rule, ...]:
    if not isinstance(value, list | tuple):
        report.wrong(at, "type", _("Write a list of rules here."))
        return ()
    if len(value) > MAX_RULES:
        report.wrong(at, "too_long", _("Keep this to %(limit)s entries.") % {"limit": MAX_RULES})
        return ()
    seen: set[str] = set()
    return tuple(_rule(each, below(at, n), report, n + 1, seen) for n, each in enumerate(value))


def _rule(value: Any, at: str, report: Report, number: int, seen: set[str]) -> Rule:
    read = members(_RULE, required=["then"])(value, at, report)
    name = read.get("name") or f"Rule {number}"
    if name in seen or name in NOT_A_RULE:
        detail = _("Give every rule a name of its own: a decision names its rule.")
        report.wrong(below(at, "name"), "duplicate", detail)
    seen.add(name)
    return Rule(name, read.get("when") or _ALWAYS, read.get("then") or {})


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


_POLICY: dict[str, Check] = {
    "name": text(),
    "shop": text(),
    "honour_terms_at_purchase": yes_no,
    "window": members(_WINDOW),
    "defaults": members(_DEFAULTS),
    "rules": _rules,
}


def load(document: Any) -> Policy:
    """Read a document; what it leaves out is as in `HOUSE_POLICY`.

    Raises `Invalid` with every mistake at its JSON pointer.
    """
    report = Report()
    read = members(_POLICY)(_complete(document), "", report)
    if report.errors:
        raise Invalid(_("This policy cannot be used yet. Mend what is marked."), errors=report.errors)
    given = read["defaults"]
    effects = {"window_days": read["window"]["days"], "window_from": read["window"]["from"]}
    effects |= {key: value for key, value in given.items() if key in EFFECTS}
    return Policy(
        name=read["name"],
        shop=read["shop"],
        honour_terms_at_purchase=read["honour_terms_at_purchase"],
        defaults=MappingProxyType({key: effects[key] for key in EFFECTS if key in effects}),
        standing=Standing(**{key: given[key] for key in STANDING}),
        rules=read["rules"],
    )


def _complete(document: Any) -> Any:
    """The document over the house's defaults, so that a stored version never changes with the program."""
    if not _is_object(document):
        return document
    whole_document = {"shop": "main", "honour_terms_at_purchase": False} | HOUSE_POLICY | dict(document)
    for block in ("window", "defaults"):
        given = {} if document.get(block) is None and block == "defaults" else document.get(block, {})
        whole_document[block] = HOUSE_POLICY[block] | dict(given) if _is_object(given) else given
    if whole_document["rules"] is None:
        whole_document["rules"] = []
    return whole_document


def canonical(document: Any) -> dict[str, Any]:
    """The same policy in full and in one order, JSON-able: two documents that mean the same are equal.

    Raises `Invalid` as `load` does.
    """
    policy = load(document)
    effects = dict(policy.defaults)
    window = {"days": effects.pop("window_days"), "from": effects.pop("window_from")}
    standing = {key: getattr(policy.standing, key) for key in STANDING}
    return {
        "name": policy.name,
        "shop": policy.shop,
        "honour_terms_at_purchase": policy.honour_terms_at_purchase,
        "window": window,
        "defaults": plain(effects | standing),
        "rules": [rule.plain() for rule in policy.rules],
    }


def plain(value: Any) -> Any:
    """A typed value of a policy as it would stand in JSON."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value.normalize())
    if isinstance(value, Amount | Fee | DayRange):
        return value.plain()
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return plain_day(value) if isinstance(value, YearlyDay) or hasattr(value, "isoformat") else value
