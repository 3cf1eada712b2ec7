"""A policy as a customer reads it: whole sentences for what holds for everything and for each rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from returns.policy.document import Policy, Rule, plain
from returns.policy.reasons import METHODS, RESOLUTIONS, SHOP_CARRIED
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


def _label_fee(value: Any) -> str:
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


def _outbound(value: bool) -> str:
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
    "label_fee": _label_fee,
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
    "refund_outbound_shipping": lambda value: _("What your delivery cost: %(text)s") % {"text": _outbound(value)},
    "promotion_on_return": _promotion,
    "deduction_by_grade": _grades,
}


def way_back(defaults: Mapping[str, Any]) -> str:
    """Who pays for the way back, told by what the label costs and by who else may carry it."""
    terms = plain(dict(defaults))
    if terms["return_shipping_payer"] == "shop":
        return _("We pay for the way back.")
    ours = not SHOP_CARRIED.isdisjoint(terms["methods"])
    label = _label_fee(terms.get("label_fee")) if ours else ""
    own = _("Sent in another way, you pay the postage.") if ours else _("You pay for the way back.")
    return f"{label} {own} {_('Where something is wrong with it, we pay.')}".strip()


def terms_told(policy: Policy) -> list[dict[str, str]]:
    """What holds for everything, as titles and sentences, in the order in which people ask."""
    return [{"title": title, "text": text} for title, text in _sections(policy) if text]


def _sections(policy: Policy) -> Iterator[tuple[str, str]]:
    values = plain(policy.defaults)
    standing = policy.standing

    def of(*keys: str) -> str:
        return " ".join(text for key in keys if key in values and (text := effect_told(key, values[key])))

    if values["decision"] != "authorize":
        yield _("Who decides"), of("decision")
    yield _("A date that counts at least"), of("return_until")
    yield _("From us to you"), own_words(values.get("message"))
    yield _("Sending it back"), " ".join(filter(None, [way_back(policy.defaults), of("return_postage_cap")]))
    yield _("What your delivery cost"), _outbound(values["refund_outbound_shipping"])
    yield _("Restocking fee"), of("fee", "fee_waived_for") if values.get("fee") else ""
    yield _("What we ask for"), of(*(key for key in ("required_photos", "questions") if values.get(key)))
    yield _("Store credit"), " ".join(filter(None, [of("bonus_credit_percent"), _credit(standing, values)]))
    yield _("Exchange"), of("exchange_bonus_percent")
    yield _("Discounts"), of("promotion_on_return") if values["promotion_on_return"] != "keep" else ""
    yield _("How it comes back"), of("deduction_by_grade")
    yield _("How soon to send it"), _expiry(standing.expire_after_days)
    if policy.honour_terms_at_purchase:
        yield _("When these terms change"), _("Where the terms on the day of your order were better, they count.")


def _credit(standing: Any, values: Mapping[str, Any]) -> str:
    if "store_credit" not in values["resolutions"]:
        return ""
    if standing.store_credit_valid_days is None:
        return _("It never expires.")
    days = say("store_credit_valid_days", standing.store_credit_valid_days)
    return _("It is valid for %(days)s, longer where the law says so.") % {"days": days}


def _expiry(days: int) -> str:
    text = _("Hand it over within %(days)s of our yes; after that, ask again.")
    return text % {"days": say("expire_after_days", days)}
