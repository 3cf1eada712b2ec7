"""What a label says, before anybody draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale

from accounts.problems import Invalid

TOWN_BEFORE_POSTCODE = frozenset({"AU", "CA", "GB", "IE", "IL", "IN", "NZ", "US"})


class Unprintable(Invalid):
    """The data cannot be put on a label that scanners read; the message says which part."""


@dataclass(frozen=True)
class Address:
    """One end of the way: a name and the lines below it, in postal order."""

    name: str
    lines: tuple[str, ...]

    @classmethod
    def of(cls, parts: Mapping[str, Any], locale: str) -> Address:
        """An address with the members of an order's `ship_to`, in its country's postal order."""
        country = str(parts.get("country") or "").upper()
        lines = (
            parts.get("company"),
            parts.get("line1"),
            parts.get("line2"),
            _town(parts, country),
            Locale.parse(locale.replace("-", "_")).territories.get(country, country),
        )
        return cls(str(parts.get("name") or ""), tuple(str(line) for line in lines if line))


@dataclass(frozen=True)
class LabelData:
    """Everything on one label; `qr_text` is what the QR says, `locale` the language of the printed words.

    `sender` is where the parcel starts (the customer), `recipient` where it goes (the warehouse).
    """

    rma: str
    shop: str
    sender: Address
    recipient: Address
    carrier: str
    service: str
    tracking_number: str
    qr_text: str
    issued_on: date
    locale: str = "en"
    parcel: int = 1
    parcels: int = 1
    contents: str = ""
    ref: str = ""


def _town(parts: Mapping[str, Any], country: str) -> str:
    postcode, city, region = (str(parts.get(key) or "") for key in ("postal_code", "city", "region"))
    if country in TOWN_BEFORE_POSTCODE:
        return " ".join(filter(None, (", ".join(filter(None, (city, region))), postcode)))
    return ", ".join(filter(None, (" ".join(filter(None, (postcode, city))), region)))
