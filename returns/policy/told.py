"""A policy as a customer reads it: whole sentences for what holds for everything and for each rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from returns.policy.document import Rule, plain
from returns.policy.reasons import METHODS, RESOLUTIONS
from returns.policy.values import amount, fee, is_nothing, listed, percent, question, say
from returns.policy.values import day as day_words

Sentence = Callable[[Any], str]
# what a rule may set without a customer being any the wiser
INSIDE = ("auto_reimburse", "return_to")


def tells_customers(rule: Rule) -> bool:
    """Whether a rule changes anything that a customer sees: a second look by the shop does not."""
    return any(key not in INSIDE and (key, value) != ("decision", "review") for key, value in rule.then.items())


def own_words(message: Any) -> str:
    """The shop's own sentence in the reader's language, else in the first it wrote."""
    if isinstance(message, Mapping):
        language = (get_language() or "en").partition("-")[0]
        return str(message.get(language) or next(iter(message.values()), ""))
    return str(message or "")


def rule_told(rule: Rule) -> dict[str, Any]:
    """A rule for the customer: its name, when it holds, and what then, the shop's own words first."""
    then = plain(rule.then)
    said = own_words(then.get("message"))
    told = [text for key, value in then.items() if (text := effect_told(key, value))]
    if said and then.get("decision") == "decline":
        told = [text for text in told if text != effect_told("decision", "decline")]
    return {"name": rule.name, "when": when_told(plain(rule.when)), "then": [*([said] if said else []), *told]}


def when_told(when: Mapping[str, Any]) -> str:
    """When a rule holds, in one sentence; empty where it always does."""
    parts = [text for key, value in when.items() if (text := _condition(key, value))]
    return _("This holds %(conditions)s.") % {"conditions": ", ".join(parts)} if parts else ""


def _condition(key: str, value: Any) -> str:
    texts = {
        "customer_kinds": _("for customers who are: %(value)s"),
        "payment_kinds": _("when paid by: %(value)s"),
        "min_order_total": _("for orders of at least %(value)s"),
        "categories": _("for goods of: %(value)s"),
        "skus": _("for these articles: %(value)s"),
        "tags_any": _("for goods marked: %(value)s"),
        "tags_none": _("for goods not marked: %(value)s"),
        "countries": _("when sent to: %(value)s"),
        "sale_channels": _("when bought %(value)s"),
        "reasons": _("for the reasons: %(value)s"),
        "reasons_not": _("for any reason but: %(value)s"),
        "resolutions": _("when you choose: %(value)s"),
        "min_price": _("for things from %(value)s"),
        "max_price": _("for things up to %(value)s"),
        "ordered_between": _("for orders placed %(value)s"),
        "requested_between": _("for returns asked for %(value)s"),
        "days_since_delivery_over": _("later than %(value)s after delivery"),
        "channels": _("where you bought it: %(value)s"),
        "suppliers": _("for goods of some suppliers"),
        "customer_tiers": _("for some customers"),
        "customer_tags_any": _("for some customers"),
        "risk_at_least": _("when a request is unusual"),
    }
    return texts[key] % {"value": say(key, value)} if key in texts else ""


def effect_told(key: str, value: Any) -> str:
    """What one effect means to a customer; empty for what only the shop sees."""
    if key in INSIDE or key not in _TOLD:
        return ""
    return _TOLD[key](value)


def _decision(value: str) -> str:
    return {"decline": _("We do not take it back."), "review": _("A person looks at it first.")}.get(
        value, _("We take it back.")
    )


def window(days: int | None) -> str:
    """How long one has."""
    if days is None:
        return _("There is no time limit.")
    return ngettext("You have %(days)d day.", "You have %(days)d days.", days) % {"days": days}


def start(event: str) -> str:
    """When the days begin."""
    starts = {
        "shipped": _("They start when the parcel leaves us."),
        "ordered": _("They start on the day of the order."),
    }
    return starts.get(event, _("They start when the last parcel of the order reaches you."))


def _fee(value: Any) -> str:
    words = fee(value)
    if words == fee(None):
        return _("We keep no restocking fee.")
    return _("We keep a restocking fee: %(fee)s.") % {"fee": words}


def label_fee_told(value: Any) -> str:
    """What our label costs."""
    if not value or is_nothing(value["gross"]):
        return _("Our return label costs you nothing.")
    return _("Our return label costs %(amount)s; it is taken off the refund.") % {"amount": amount(value["gross"])}


def _photos(count: int) -> str:
    if not count:
        return _("No photo is needed.")
    return ngettext("We ask for %(count)d photo.", "We ask for %(count)d photos.", count) % {"count": count}


def _questions(codes: list[str]) -> str:
    if not codes:
        return _("We ask nothing more.")
    return _("We ask: %(questions)s") % {"questions": " ".join(question(code) for code in codes)}


def _methods(codes: list[str]) -> str:
    if codes == ["keep"]:
        return _("You keep it; nothing is sent back.")
    return _("You can send it so: %(methods)s.") % {"methods": listed([str(METHODS[code]) for code in codes])}


def _resolutions(codes: list[str]) -> str:
    return _("You can choose: %(options)s.") % {"options": listed([str(RESOLUTIONS[code]) for code in codes])}


def _bonus(words: Callable[[], str]) -> Sentence:
    return lambda value: words() % {"percent": percent(value)} if float(value) else ""


def _cap(value: Any) -> str:
    if value is None:
        return ""
    return _("Postage you pay where we owe it is paid back up to %(amount)s.") % {"amount": amount(value)}


def outbound_told(value: bool) -> str:
    """What becomes of the delivery charge."""
    return _("We pay it back when everything comes back.") if value else _("We pay it back where the law says so.")


def _promotion(value: str) -> str:
    if value == "keep":
        return _("A discount on the order stays yours.")
    return _("A discount that needed the whole order is worked out again, and the difference is taken off the refund.")


def _grades(value: Mapping[str, Any]) -> str:
    marks = {"A": _("like new"), "B": _("light marks"), "C": _("worn"), "D": _("unsellable")}
    parts = [f"{marks[grade]} {percent(rate)}" for grade, rate in value.items() if float(rate)]
    if not parts:
        return ""
    text = _("What was used more than to try it may be worth less; we then take off up to: %(grades)s.")
    return text % {"grades": ", ".join(parts)}


_TOLD: dict[str, Sentence] = {
    "decision": _decision,
    "window_days": window,
    "window_from": start,
    "return_until": lambda value: (
        _("You can send it back until %(day)s at least.") % {"day": day_words(value)} if value else ""
    ),
    "fee": _fee,
    "label_fee": label_fee_told,
    "fee_waived_for": lambda value: _("No fee for: %(reasons)s.") % {"reasons": say("fee_waived_for", value)},
    "required_photos": _photos,
    "questions": _questions,
    "resolutions": _resolutions,
    "methods": _methods,
    "bonus_credit_percent": _bonus(lambda: _("Choose store credit and we add %(percent)s.")),
    "exchange_bonus_percent": _bonus(lambda: _("Choose an exchange and we add %(percent)s.")),
    "return_shipping_payer": lambda value: (
        _("We pay for the way back.") if value == "shop" else _("You pay for the way back.")
    ),
    "return_postage_cap": _cap,
    "refund_outbound_shipping": lambda value: _("What your delivery cost: %(text)s") % {"text": outbound_told(value)},
    "promotion_on_return": _promotion,
    "deduction_by_grade": _grades,
}
