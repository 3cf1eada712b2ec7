"""The customers of orders: one person per shop and e-mail, with the latest that any order said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from customers import pricing
from customers.models import Channel, Customer, Shop

LONGEST_LOCALE = 8
NAMES = ("name", "company", "tax_id", "kind", "locale", "tags", "phone")


def short_locale(tag: str | None) -> str:
    """As much of a language tag as its column holds: zh-Hant-TW is kept as zh-Hant."""
    parts = (tag or "").replace("_", "-").split("-")
    while len("-".join(parts)) > LONGEST_LOCALE:
        parts.pop()
    return "-".join(parts)


def customer_facts(doc: pricing.OrderDocument) -> dict[str, Any]:
    """What a document says of its customer, e-mail apart."""
    return {
        "name": doc.customer.name or "",
        "company": doc.customer.company or "",
        "tax_id": doc.customer.tax_id or "",
        "kind": doc.customer.kind,
        "locale": short_locale(doc.locale),
        "tags": list(doc.customer.tags),
        "phone": doc.customer.phone or "",
    }


def refresh(customer: Customer, facts: Mapping[str, Any]) -> bool:
    """Take over what the facts say; nothing said leaves what is known. Returns whether anything changed."""
    news = {name: value for name, value in facts.items() if value and getattr(customer, name) != value}
    for name, value in news.items():
        setattr(customer, name, value)
    return bool(news)


def buyer_of(doc: pricing.OrderDocument, shop: Shop) -> Customer:
    """The customer of one document, stored with what the document says."""
    email, phone = (doc.customer.email or "").lower(), doc.customer.phone or ""
    key = {"email": email} if email else {"email": "", "phone": phone}
    facts = customer_facts(doc)
    customer, new = Customer.objects.get_or_create(shop=shop, **key, defaults=facts)
    if not new and refresh(customer, facts):
        customer.save()
    return customer


CustomerKey = tuple[int, str, str]


def _key(shop: int, email: str, phone: str) -> CustomerKey:
    return (shop, email, "" if email else phone)


@dataclass(slots=True)
class Buyers:
    """The customers of a batch: one per shop and e-mail, or per phone where a marketplace masks the e-mail."""

    fresh: Sequence[tuple[pricing.OrderDocument, Channel]]
    known: dict[CustomerKey, Customer] = field(init=False)
    changed: set[CustomerKey] = field(default_factory=set)

    def __post_init__(self) -> None:
        docs = [doc for doc, _channel in self.fresh]
        emails = {(doc.customer.email or "").lower() for doc in docs} - {""}
        phones = {doc.customer.phone or "" for doc in docs if not doc.customer.email}
        rows = Customer.objects.filter(
            Q(email__in=emails) | Q(email="", phone__in=phones),
            shop__in={channel.shop_id for _doc, channel in self.fresh},
        )
        self.known = {_key(row.shop_id, row.email, row.phone): row for row in rows.order_by("-pk")}

    def of(self, doc: pricing.OrderDocument, channel: Channel) -> Customer:
        """The customer of a document, with what the document says taken over."""
        facts: dict[str, Any] = customer_facts(doc)
        email = (doc.customer.email or "").lower()
        key = _key(channel.shop_id, email, facts["phone"])
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = Customer(shop=channel.shop, email=email, **facts)
        elif refresh(found, facts) and not found._state.adding:
            self.changed.add(key)
        return found

    def store(self) -> None:
        """Write them in one order for everybody, so that two imports wait for each other and go on."""
        inserts = [self.known[key] for key in sorted(self.known) if self.known[key]._state.adding]
        updates = [self.known[key] for key in sorted(self.changed)]
        if inserts:
            Customer.objects.bulk_create(inserts)
        if updates:
            Customer.objects.bulk_update(updates, [*NAMES])
