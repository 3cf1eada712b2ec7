"""What every mail of a return has: who writes to whom, in which colours, about what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from customers.models import Shop
from returns.labels.data import Address
from returns.links import portal_url
from returns.models import Return
from returns.policy.withdrawal import EU, IL, words

# the names of the tokens that a shop may set, and what they are where it sets none
_COLOURS = {"brand": "#0e5a6b", "on_brand": "#ffffff", "cap": "#0c3d49", "on_cap": "#ffffff"}
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def recipient_of(rma: Return) -> str:
    """The customer's address, as given with the order; empty where a marketplace masks it."""
    return rma.order.email or rma.customer.email


def sender_of(shop: Shop) -> str:
    """`Name <address>` of the shop, else the installation's address under the shop's name."""
    name = " ".join((shop.sender_name or shop.name).split())
    # the column and mail servers alike have no room for a speech
    return formataddr((name[:80], shop.sender_email or address_in(settings.DEFAULT_FROM_EMAIL)), charset="utf-8")


def address_in(sender: str) -> str:
    """The bare address in `Name <address>`."""
    return parseaddr(sender)[1]


def domain_of(sender: str) -> str:
    """The domain in `Name <address>`."""
    return address_in(sender).rpartition("@")[2] or "localhost"


def frame_of(rma: Return) -> dict[str, Any]:
    """What the base template needs, whatever the mail says."""
    return {
        "rma": rma,
        "code": rma.code,
        "currency": rma.currency,
        "number": rma.order.number,
        "name": greeting_name(rma.order.name or rma.customer.name),
        "url": portal_url(rma),
        "shop": rma.shop,
        "imprint": imprint(rma.shop, rma.locale),
        "colours": colours(rma.shop.brand),
        "withdrawal": withdrawal_link(rma.order.country, rma.locale, portal_url(rma)),
    }


def withdrawal_link(country: str, locale: str, before: str = "", *, contract: str = "") -> dict[str, str]:
    """The withdrawal function in a mail's footer (Directive 2011/83/EU art. 11a(1), CPL s. 14ט).

    It is prefilled where `before` is the address of a return, and knows the number where `contract` gives one.
    """
    law = IL if country == "IL" else EU
    found = words(law, "he" if law == IL else locale)
    path = "withdraw" if law == EU else "cancel-transaction"
    number = f"?{urlencode({'contract': contract})}" if contract else ""
    return {
        "label": found.function,
        "lang": found.language,
        "dir": found.dir,
        "url": f"{before or settings.BASE_URL}/{path}{number}",
    }


def greeting_name(name: str) -> str:
    """A first name where the name has two words, else all of it: nobody is greeted as “Dr”."""
    words = name.split()
    return words[0] if len(words) == 2 and len(words[0]) > 2 else " ".join(words)


def imprint(shop: Shop, locale: str) -> str:
    """Legal name and address on one line."""
    lines = Address.of(shop.address, locale).lines if isinstance(shop.address, Mapping) else ()
    return ", ".join([shop.legal_name or shop.name, *lines])


def colours(brand: object) -> dict[str, str]:
    """The shop's own colours; a brand colour without a cap colour serves for both."""
    given = brand if isinstance(brand, Mapping) else {}
    named = {"brand": "color", "on_brand": "on_color", "cap": "cap", "on_cap": "on_cap"}
    own = {key: str(given[name]) for key, name in named.items() if _HEX.fullmatch(str(given.get(name, "")))}
    if "brand" in own and "cap" not in own:
        own |= {"cap": own["brand"], "on_cap": own.get("on_brand", _COLOURS["on_brand"])}
    return _COLOURS | own
