"""A case under a law from a row of the tables: local times at the delivery address, and what differs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from customers.money import parse
from returns.policy.facts import Case, LineFacts, OrderFacts, Parcel, Request
from returns.policy.law import LawFacts, judge_by_law

PLACES = {
    "PL": ("Europe/Warsaw", "PLN"), "DE": ("Europe/Berlin", "EUR"), "GB": ("Europe/London", "GBP"),
    "IL": ("Asia/Jerusalem", "ILS"), "US": ("America/New_York", "USD"), "FR": ("Europe/Paris", "EUR"),
    "PT": ("Europe/Lisbon", "EUR"), "GR": ("Europe/Athens", "EUR"), "IE": ("Europe/Dublin", "EUR"),
    "FI": ("Europe/Helsinki", "EUR"), "RO": ("Europe/Bucharest", "RON"), "ES": ("Europe/Madrid", "EUR"),
}  # fmt: skip
AMOUNTS = ("cheapest_standard", "shipping_paid", "proven_processing_fee")
TIMES = (
    "information_given_at", "submitted_at", "dispatched_at", "informed_at", "agreed_at", "goods_received_at",
    "proof_of_sending_at", "complaint_received_at", "repair_chosen_at", "repair_ended_at",
)  # fmt: skip
KEYS = {
    "name", "why", "in", "zone", "currency", "placed", "got", "parcels", "told", "sent", "reason", "claim", "channel",
    "kind", "price", "total", "facts", "expect", "wanted", "method",
}  # fmt: skip


def at(text: str, zone: str | None) -> datetime:
    """A local time, noon if only a day is given; one with an offset is taken as it stands."""
    moment = datetime.fromisoformat(text if "T" in text else f"{text}T12:00:00")
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone or "UTC"))


def case_of(row: Mapping[str, Any]) -> tuple[Case, LawFacts]:
    """The case and the facts of a row."""
    assert set(row) <= KEYS, set(row) - KEYS
    country = row.get("in", "PL")
    usual_zone, usual_currency = PLACES.get(country, ("Europe/Brussels", "EUR"))
    zone, currency = row.get("zone", usual_zone), row.get("currency", usual_currency)
    got = row.get("got", "2026-10-05")
    placed = at(row["placed"], zone) if "placed" in row else (at(got, zone) - timedelta(days=5))
    sent = at(row["sent"], zone) if "sent" in row else at(got, zone) + timedelta(days=1)
    parcels: tuple[Parcel, ...] | None = (Parcel(frozenset("A"), placed, at(got, zone)),)
    if "parcels" in row:
        parcels = None if row["parcels"] is None else tuple(_parcel(each, zone) for each in row["parcels"])
    order = OrderFacts(
        currency=currency, placed_at=placed, total=parse(row.get("total", "10000"), currency), country=country,
        sale_channel=row.get("channel", "distance"), customer_kind=row.get("kind", "consumer"), time_zone=zone,
        parcels=parcels,
    )  # fmt: skip
    line = LineFacts(id="A", sku="TEE-M", unit_price=parse(row.get("price", "200"), currency))
    request = Request(
        reason=row.get("reason", "too_small"), basis_claimed=row.get("claim"),
        resolution=row.get("wanted", "refund"), method=row.get("method"),
    )  # fmt: skip
    told = row.get("told", "in time")
    facts: dict[str, Any] = {
        "information_given_at": placed if told == "in time" else told,
        "regular_delivery": False, "had_conversation": False, "collection_offered": False,
    } | row.get("facts", {})  # fmt: skip
    for name in TIMES:
        if isinstance(facts.get(name), str):
            facts[name] = at(facts[name], zone)
    for name in AMOUNTS:
        if isinstance(facts.get(name), str):
            facts[name] = parse(facts[name], currency)
    if "exclusions" in facts:
        facts["exclusions"] = frozenset(facts["exclusions"])
    return Case(order, line, request, sent.astimezone(UTC)), LawFacts(**facts)


def _parcel(times: list[str | None], zone: str | None) -> Parcel:
    shipped, delivered = (None if text is None else at(text, zone) for text in times)
    return Parcel(frozenset("A"), shipped, delivered)


def verdict_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the law says of a row, as the API shows it."""
    return judge_by_law(*case_of(row)).as_dict()
