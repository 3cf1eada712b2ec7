"""The withdrawal function where people look for it: its official label in the footer of every page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import translation

from customers.models import Shop
from returns.policy.withdrawal import EU, IL, words

register = template.Library()


def laws_for(shop: Shop | None) -> tuple[str, ...]:
    """The laws whose link a shop shows: Israel's where it sells in Hebrew or from there, or where nothing is known."""
    languages = shop.languages if shop is not None else []
    from_israel = shop is not None and str(shop.address.get("country", "")).upper() == "IL"
    return (EU, IL) if from_israel or not languages or "he" in languages else (EU,)


@register.simple_tag
def withdrawal_links(shop: Any = None, token: str = "", language: str = "") -> list[dict[str, str]]:
    """The links of the footer: path, label, its language and direction; needs no database and no shop.

    `token` is that of a return: the function then knows name, order and address. `language` is the reader's where
    the page knows better than the translation does.
    """
    reader = language or (translation.get_language() or "en")[:2]
    known = shop if isinstance(shop, Shop) else None
    before = f"/r/{token}" if token else ""
    return [_link(law, "he" if law == IL else reader, before) for law in laws_for(known)]


def _link(law: str, language: str, before: str) -> dict[str, str]:
    found = words(law, language)
    path = before + ("/withdraw" if law == EU else "/cancel-transaction")
    return {"path": path, "label": found.function, "lang": found.language, "dir": found.dir}
