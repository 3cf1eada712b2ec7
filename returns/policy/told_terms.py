"""What a policy fixes for everything, as a customer reads it: titles and sentences in the order in which people ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from returns.policy.document import Policy, plain
from returns.policy.reasons import SHOP_CARRIED
from returns.policy.told import effect_told, label_fee_told, outbound_told, own_words
from returns.policy.values import say


def way_back(defaults: Mapping[str, Any]) -> str:
    """Who pays for the way back, told by what the label costs and by who else may carry it."""
    terms = plain(dict(defaults))
    if terms["return_shipping_payer"] == "shop":
        return _("We pay for the way back.")
    ours = not SHOP_CARRIED.isdisjoint(terms["methods"])
    label = label_fee_told(terms.get("label_fee")) if ours else ""
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
    yield _("What your delivery cost"), outbound_told(values["refund_outbound_shipping"])
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
