"""An amount written in a policy: at face value in the order's currency, or one for each currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from types import MappingProxyType

from customers.money import exponent


@dataclass(frozen=True)
class Amount:
    """What the shop wrote: `written` is a decimal text, or texts by ISO 4217 currency."""

    written: str | Mapping[str, str]

    def value(self, currency: str) -> Decimal | None:
        """The amount in major units, None where the map does not name the currency."""
        text = self.written if isinstance(self.written, str) else self.written.get(currency)
        return None if text is None else Decimal(text)

    def minor(self, currency: str) -> int | None:
        """The amount in minor units, rounded down: a face value may have more decimals than the currency."""
        value = self.value(currency)
        return None if value is None else int(value.scaleb(exponent(currency)).to_integral_value(ROUND_FLOOR))

    def compare(self, minor: int, currency: str) -> int | None:
        """-1, 0 or 1 as `minor` units lie below, at or above it; None where the currency is missing."""
        value = self.value(currency)
        if value is None:
            return None
        given = Decimal(minor).scaleb(-exponent(currency))
        return (given > value) - (given < value)

    def plain(self) -> str | dict[str, str]:
        """The amount as it stands in the document."""
        return self.written if isinstance(self.written, str) else dict(self.written)


def by_currency(amounts: Mapping[str, str]) -> Amount:
    """An amount with its own figure for every currency, which nobody can change later."""
    return Amount(MappingProxyType(dict(sorted(amounts.items()))))


NOTHING = Amount("0")
