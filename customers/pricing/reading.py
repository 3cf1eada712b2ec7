"""From JSON to an OrderDocument and back: the tables of every field of API section Orders."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.problems import Invalid
from customers.pricing import document as doc
from customers.pricing import fields as f
from customers.pricing.crosschecks import cross_check
from customers.pricing.document import OrderDocument
from customers.pricing.fields import Bad, Scalar, choice, integer, matching, text, texts
from customers.pricing.schema import Field, Report, Schema

CUSTOMER_KINDS: Final = ("consumer", "business", "sole_trader_non_professional")
SALE_CHANNELS: Final = ("distance", "store", "off_premises")
SOURCES: Final = (
    "api", "csv", "shopify", "woocommerce", "medusa", "saleor", "allegro", "pos", "receipt",
)  # fmt: skip
PAYMENT_KINDS: Final = (
    "card", "gift_card", "store_credit", "bank_transfer", "cash", "cod", "blik", "bit", "wallet",
    "pay_later", "instalments", "other",
)  # fmt: skip
# One word for each ground on which a profile of the law takes goods out of the right to withdraw.
EXCLUSIONS: Final = (
    "custom_made", "perishable", "sealed_hygiene", "sealed_media", "digital", "press", "mixed",
    "alcohol_futures", "market_price", "auction", "leisure_date", "service_done", "urgent_repair",
    "information", "copyable",
)  # fmt: skip
NOTHING: Final = Decimal(0)


def _identifier(name: str, longest: int, **more: Any) -> Field:
    return Field(name, text(longest, blank=False), **more)


def _text(name: str, longest: int = 200) -> Field:
    return Field(name, text(longest))


def _delivered(value: Any, currency: str) -> dict[str, int]:
    if type(value) is not dict:
        raise Bad("wrong_type", expected="object")
    quantity = integer(1, f.MOST_UNITS)
    return {f.check_text(line, 64): quantity.read(count, currency) for line, count in value.items()}


DELIVERED = Scalar(
    _delivered,
    lambda value, _currency: dict(sorted(value.items())),
    {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1, "maximum": f.MOST_UNITS}},
)
PROTECTED_PERSON = Schema(
    doc.ProtectedPerson,
    (
        Field("type", choice("disability", "senior", "new_immigrant"), required=True),
        Field("verified_on", f.DAY),
    ),
)
CUSTOMER = Schema(
    doc.Customer,
    (
        Field("email", f.EMAIL),
        Field("name", text(200), default=""),
        Field("phone", f.PHONE),
        _text("company"),
        _text("tax_id", 40),
        Field("kind", choice(*CUSTOMER_KINDS), default="consumer"),
        Field("tags", texts(text(64, blank=False), 100), default=()),
        Field("protected_person", schema=PROTECTED_PERSON),
    ),
)
ADDRESS = Schema(
    doc.Address,
    (
        _text("name"),
        _text("company"),
        Field("phone", f.PHONE),
        _text("line1"),
        _text("line2"),
        _text("city"),
        _text("postal_code", 32),
        _text("region"),
        Field("country", f.COUNTRY),
        Field("time_zone", f.TIME_ZONE),
        _text("pickup_point"),
    ),
)
LINE = Schema(
    doc.Line,
    (
        _identifier("id", 64, required=True),
        _identifier("sku", 100, required=True),
        Field("title", text(300), default=""),
        Field("quantity", integer(1, f.MOST_UNITS), required=True),
        Field("unit_price", f.AMOUNT),
        Field("discount", f.AMOUNT, default=0),
        Field("total", f.AMOUNT),
        Field("tax_rate", f.RATE),
        _text("category", 100),
        Field("tags", texts(text(64, blank=False), 100), default=()),
        Field("image_url", f.URL),
        Field("weight_g", integer(0, 10**8)),
        Field("exclusions", texts(choice(*EXCLUSIONS), len(EXCLUSIONS)), default=()),
        Field("legal_group", matching("bad_legal_group", r"[a-z]{2}_[a-z0-9_]+", 64)),
        Field("serials", texts(text(128, blank=False), 10_000), default=()),
        _text("batch", 128),
        _text("supplier"),
        Field("parent", text(64)),
        Field("pieces", integer(1, f.MOST_UNITS)),
        Field("share", f.AMOUNT),
    ),
    most=5000,
)
SHIPPING = Schema(
    doc.Shipping,
    (
        _identifier("id", 64, required=True),
        _text("method", 100),
        Field("amount", f.AMOUNT, required=True),
        Field("discount", f.AMOUNT, default=0),
        Field("tax_rate", f.RATE, default=NOTHING),
        Field("cheapest_standard", f.AMOUNT),
    ),
)
INSTALMENTS = Schema(
    doc.Instalments,
    (Field("count", integer(1, 1000), required=True), Field("first", f.AMOUNT), Field("each", f.AMOUNT)),
)
PAYMENT = Schema(
    doc.Payment,
    (
        _identifier("id", 64, required=True),
        _identifier("gateway", 40, default="manual"),
        _text("reference", 200),
        Field("kind", choice(*PAYMENT_KINDS), default="other"),
        Field("captured", f.AMOUNT, default=0),
        Field("authorized", f.AMOUNT),
        Field("refundability", choice("full", "partial", "none"), default="full"),
        Field("instalments", schema=INSTALMENTS),
    ),
)
REFUND = Schema(
    doc.ElsewhereRefund,
    (
        _identifier("payment", 64, required=True),
        Field("amount", f.AMOUNT, required=True),
        Field("at", f.INSTANT),
        _text("reference", 255),
    ),
)
DELIVERY = Schema(
    doc.Delivery,
    (
        _identifier("id", 64, required=True),
        Field("lines", DELIVERED, required=True),
        Field("shipped_at", f.INSTANT),
        Field("delivered_at", f.INSTANT),
    ),
)
CONTRACT = Schema(
    doc.Contract,
    (
        Field("withdrawal_information_given_at", f.INSTANT),
        Field("regular_delivery", f.BOOLEAN),
        Field("had_conversation", f.BOOLEAN),
        Field("collection_offered", f.BOOLEAN),
        Field("unsolicited_visit", f.BOOLEAN),
        Field("policy_displayed", f.BOOLEAN),
        Field("proven_processing_fee", f.AMOUNT),
    ),
)
PAPER = Schema(
    doc.Paper,
    (
        Field("kind", choice("invoice", "receipt"), required=True),
        _identifier("number", 128, required=True),
        Field("issued_on", f.DAY),
        _text("ksef_number", 64),
        _text("allocation_number", 64),
        _text("buyer_tax_id", 64),
    ),
)
ORDER = Schema(
    OrderDocument,
    (
        _identifier("channel", 60, required=True),
        _identifier("number", 100, required=True),
        _identifier("shop", 40, default="main"),
        Field("source", choice(*SOURCES), default="api"),
        Field("currency", f.CURRENCY, required=True),
        Field("prices_include_tax", f.BOOLEAN, required=True),
        Field("sale_channel", choice(*SALE_CHANNELS), default="distance"),
        Field("placed_at", f.INSTANT, required=True),
        Field("locale", f.LOCALE),
        Field("total", f.AMOUNT),
        Field("customer", schema=CUSTOMER, required=True),
        Field("ship_to", schema=ADDRESS),
        Field("lines", schema=LINE, many=True, required=True),
        Field("discount", f.AMOUNT, default=0),
        Field("shipping", schema=SHIPPING, many=True, default=()),
        Field("payments", schema=PAYMENT, many=True, default=()),
        Field("refunds", schema=REFUND, many=True, default=()),
        Field("deliveries", schema=DELIVERY, many=True),
        Field("contract", schema=CONTRACT, default=doc.Contract()),
        Field("documents", schema=PAPER, many=True, default=()),
    ),
)


def _currency_of(document: Any) -> str:
    """The currency that amounts are read in; CLDR's most precise one when it is wrong itself."""
    found = document.get("currency") if type(document) is dict else None
    return found if type(found) is str and found in f.currencies() else "UYW"


def validate(document: Any, *, known_channels: Collection[str] | None = None) -> OrderDocument:
    """Read an order document strictly. Raises Invalid with every error, each at its JSON pointer."""
    report = Report(currency=_currency_of(document))
    order = ORDER.read(document, "", report)
    if order is None and report.clean("lines") and type(document) is dict:
        order = _partly(document, report)
    if order is not None:
        cross_check(order, report)
        if known_channels is not None and report.clean("channel") and order.channel not in known_channels:
            report.add("/channel", Bad("unknown_channel"))
    if report.errors:
        raise Invalid(_("The order document has errors."), errors=report.errors)
    assert isinstance(order, OrderDocument)
    return order


def _partly(document: dict[str, Any], report: Report) -> OrderDocument:
    """What could be read of a wrong document, so that the rest of it is checked in the same answer."""
    quiet = Report(currency=report.currency)
    found = {
        each.name: each.default
        if each.name in report.failed or document.get(each.name) is None
        else each.read(document[each.name], "", quiet)
        for each in ORDER.fields
    }
    return OrderDocument(**{**found, "currency": report.currency})


def canonical(order: OrderDocument) -> dict[str, Any]:
    """The document in its one normal form, every field written out; validating it gives an equal order."""
    return ORDER.write(order, order.currency)
