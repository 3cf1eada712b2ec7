"""Words that only mails need: where money goes, and codes that keep their direction."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_percent
from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext_lazy

from customers.templatetags.comeback import reader

register = template.Library()

# as they stand after “to”: “€169.79 to your card”
_PLACES: dict[str, Promise] = {
    "card": pgettext_lazy("where money goes", "your card"),
    "gift_card": pgettext_lazy("where money goes", "your gift card"),
    "store_credit": pgettext_lazy("where money goes", "your store credit"),
    "bank_transfer": pgettext_lazy("where money goes", "your bank account"),
    "cash": pgettext_lazy("where money goes", "you in cash"),
    "cod": pgettext_lazy("where money goes", "your bank account"),
    "blik": pgettext_lazy("where money goes", "your BLIK account"),
    "bit": pgettext_lazy("where money goes", "your Bit account"),
    "wallet": pgettext_lazy("where money goes", "your wallet"),
    "pay_later": pgettext_lazy("where money goes", "your pay-later account"),
    "instalments": pgettext_lazy("where money goes", "your instalment plan"),
}
_ANYWHERE = pgettext_lazy("where money goes", "the way you paid")


@register.filter
def place_of(kind: str) -> str:
    """Where money of a payment kind goes, as it stands after “to”."""
    return str(_PLACES.get(kind, _ANYWHERE))


@register.filter
def share_words(share: Decimal) -> str:
    """A share as a percentage with at most one decimal: Decimal("0.150") is 15%."""
    return str(format_percent(share, format="#,##0.#%", locale=reader()))


@register.filter
def bdi(text: str) -> SafeString:
    """A name, code or address that keeps its own direction."""
    return format_html("<bdi>{}</bdi>", text)


@register.filter
def code(text: str) -> SafeString:
    """A code, which reads from left to right in every language."""
    return format_html('<bdi dir="ltr">{}</bdi>', text)
