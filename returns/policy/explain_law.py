"""What the law does to a decision, in words: unknown facts, rights, dates and lifted terms, each with its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns.policy.reasons import Label

CODE_LABELS: dict[str, Label] = {
    "information_unknown": gettext_lazy("Not known whether the right was explained"),
    "delivery_unknown": gettext_lazy("Delivery unknown"),
    "seal_unknown": gettext_lazy("Seal unknown"),
    "region_unknown": gettext_lazy("Region unknown"),
    "country_unknown": gettext_lazy("Country unknown"),
    "time_zone_unknown": gettext_lazy("Time zone unknown"),
    "display_unknown": gettext_lazy("Not known whether the policy was shown"),
    "fee_currency": gettext_lazy("Fee limit in another currency"),
    "legal_group_unknown": gettext_lazy("Kind of goods unknown"),
    "had_conversation_unknown": gettext_lazy("Not known whether they spoke with us"),
    "unsolicited_visit_unknown": gettext_lazy("Not known whether the visit was asked for"),
    "over_50_ils_unknown": gettext_lazy("Price in another currency"),
    "over_150_ils_unknown": gettext_lazy("Price in another currency"),
    "over_25_usd_unknown": gettext_lazy("Price in another currency"),
    "jewellery_up_to_3000_unknown": gettext_lazy("Price in another currency"),
    "cooling_off_price_unknown": gettext_lazy("Price or place of the sale unknown"),
    "not_shipped_unknown": gettext_lazy("Promised time to ship unknown"),
    "defect_day_unknown": gettext_lazy("Day of the defect unknown"),
    "customer_kind_unknown": gettext_lazy("Kind of customer unknown"),
    "sale_channel_unknown": gettext_lazy("Way of selling unknown"),
}

_MISSING: dict[str, Label] = {
    "information_unknown": gettext_lazy(
        "The order does not say when the customer was told about the right to withdraw. Not told, the right lasts"
        " longer. Check the order confirmation."
    ),
    "delivery_unknown": gettext_lazy("Nobody knows the day it arrived, so nobody knows that the right ended."),
    "seal_unknown": gettext_lazy("Only a broken seal would end the right. Look at the goods first."),
    "region_unknown": gettext_lazy("A regional holiday may move the last day. Check the region of the address."),
    "country_unknown": gettext_lazy("The order has no country, so no law could be chosen. Check the address."),
    "time_zone_unknown": gettext_lazy("The address has no time zone, and the last day ends just now."),
    "display_unknown": gettext_lazy("A policy that was not shown at the sale does not hold. Check whether it was."),
    "fee_currency": gettext_lazy("The law limits the fee in another currency, so no fee is kept."),
    "legal_group_unknown": gettext_lazy("The order does not say which kind of goods this is by law."),
    "had_conversation_unknown": gettext_lazy(
        "A protected customer who spoke with us has four months. Check whether there was a call or a chat."
    ),
    "unsolicited_visit_unknown": gettext_lazy("After a visit nobody asked for, the right lasts thirty days."),
    "cooling_off_price_unknown": gettext_lazy(
        "Sold at the customer's home the right starts at 25 dollars, elsewhere at 130. Check where it was sold."
    ),
    "not_shipped_unknown": gettext_lazy(
        "Whoever ships later than promised owes the money back. Check which time to ship was promised."
    ),
    "defect_day_unknown": gettext_lazy(
        "A defect that appeared inside two years may be claimed a little later. Ask when it appeared."
    ),
    "customer_kind_unknown": gettext_lazy("Only a consumer has this right. Check who bought."),
    "sale_channel_unknown": gettext_lazy("Bought in a shop there is no such right. Check how it was sold."),
}
_PRICE = gettext_lazy("The law names a price in its own currency. Check what this comes to.")

Sentence = Callable[[Mapping[str, Any]], str]


def _missing(code: str) -> Sentence:
    return lambda params: str(_MISSING.get(code, _PRICE))


AGENT: dict[str, Sentence] = {code: _missing(code) for code in CODE_LABELS}
CUSTOMER: dict[str, Sentence] = {
    code: lambda params: _("We check one thing about your order first. Somebody here is looking at it.")
    for code in CODE_LABELS
}

EXCLUSIONS: dict[str, Label] = {
    "X_CUSTOM": gettext_lazy("made to the customer's own specification"),
    "X_PERISH": gettext_lazy("likely to spoil quickly"),
    "X_HYGIENE": gettext_lazy("a sealed hygiene article that was opened"),
    "X_MIXED": gettext_lazy("mixed inseparably with other things"),
    "X_ALCOHOL_FUTURES": gettext_lazy("drinks bought long ahead at a price that moves"),
    "X_MARKET_PRICE": gettext_lazy("a price that follows the market"),
    "X_SEALED_MEDIA": gettext_lazy("a sealed recording or program that was opened"),
    "X_PRESS": gettext_lazy("a newspaper or magazine"),
    "X_AUCTION": gettext_lazy("bought at a public auction"),
    "X_LEISURE_DATE": gettext_lazy("leisure on a fixed date"),
    "X_DIGITAL": gettext_lazy("digital content that was begun with consent"),
    "X_SERVICE_DONE": gettext_lazy("a service already done"),
    "X_URGENT_REPAIR": gettext_lazy("an urgent repair"),
    "IL_X_PERISH": gettext_lazy("likely to spoil quickly"),
    "IL_X_INFO": gettext_lazy("information"),
    "IL_X_CUSTOM": gettext_lazy("made specially for the customer"),
    "IL_X_COPYABLE": gettext_lazy("something copyable that was opened"),
    "IL_X_LEISURE": gettext_lazy("lodging, travel or leisure on a fixed date"),
}


def law_lines(law: Mapping[str, Any] | None, day: Callable[[str | None], str]) -> list[str]:
    """What an agent reads about the law of a stored decision, with the source of each rule."""
    if not law or not law.get("profile"):
        return [_("No law known here gives a right for this reason.")] if law else []
    words = {"profile": law["profile"], "source": law.get("source", ""), "version": law.get("version", "")}
    lines = [_("Law: %(profile)s, version %(version)s. Source: %(source)s.") % words]
    return [*lines, *_right(law, day), *_money(law, day)]


def _right(law: Mapping[str, Any], day: Callable[[str | None], str]) -> list[str]:
    if law.get("exclusion"):
        why = EXCLUSIONS.get(law["exclusion"], law["exclusion"])
        text = _("The law gives no right here: %(why)s (%(article)s).")
        return [text % {"why": why, "article": law.get("article")}]
    if law["right"] == "none":
        return [_("The law gives no right here; the policy decides alone.")]
    if law["last_day"] is None:
        return [_("The right by law has no last day yet.")]
    text = _("The right by law lasts until %(date)s.") if law["right"] == "accept" else _("It ended on %(date)s.")
    return [text % {"date": day(law["last_day"])}]


def _money(law: Mapping[str, Any], day: Callable[[str | None], str]) -> list[str]:
    if law["right"] != "accept":
        return []
    found = []
    if law.get("refund_latest"):
        found.append(_("The money is due on %(date)s at the latest.") % {"date": day(law["refund_latest"])})
    if law.get("withhold") == "allowed":
        found.append(_("It may wait until the goods are back or the customer shows that they were sent."))
    if law.get("max_fee") is not None:
        none = not Decimal(law["max_fee"])
        text = _("No fee may be kept.") if none else _("At most %(amount)s may be kept as a fee.")
        found.append(text % {"amount": law["max_fee"]})
    if law.get("answer_due"):
        text = _("Unanswered by %(date)s, the complaint counts as accepted.")
        found.append(text % {"date": day(law["answer_due"])})
    if law.get("repair_due"):
        found.append(_("A repair has to be done by %(date)s.") % {"date": day(law["repair_due"])})
    if law.get("presumption_until"):
        text = _("Until %(date)s a defect counts as there from the start.")
        found.append(text % {"date": day(law["presumption_until"])})
    return found
