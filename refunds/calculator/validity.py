"""How long store credit is good for by law, and when its small change is paid in cash; pure, versioned data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

# a day ends everywhere on earth 12 hours after it ended in UTC: nobody loses the evening of the last day
LAST_ZONE: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class CreditLaw:
    """What one country's law says of credit vouchers: the least validity, and when a rest is paid in cash.

    `cash_percent` of the face value, and at most `cash_cap` minor units by currency.
    """

    id: str
    version: str
    country: str
    years: int
    gift_card_years: int
    cash_percent: int
    cash_cap: Mapping[str, int] = field(default_factory=dict)
    source: str = ""


# Israel, Consumer Protection Law 5741-1981 s. 4C as amended in 2012: a credit voucher is good for two years from issue
# at what was paid, and a rest of at most 5% of its face value or 100 ILS, whichever is less, is paid in cash on
# request. A gift card issued since mid-2014 is good for five years.
ISRAEL: Final = CreditLaw(
    id="IL_CREDIT_VOUCHER",
    version="2012",
    country="IL",
    years=2,
    gift_card_years=5,
    cash_percent=5,
    cash_cap={"ILS": 100_00},
    source="Consumer Protection Law 5741-1981, s. 4C (credit-voucher amendment of 2012)",
)
LAWS: Final[Mapping[str, CreditLaw]] = {law.country: law for law in (ISRAEL,)}
BY_ID: Final[Mapping[str, CreditLaw]] = {law.id: law for law in LAWS.values()}


def law_for(country: str) -> CreditLaw | None:
    """The law on credit vouchers of an ISO 3166 country, None where none sets a minimum."""
    return LAWS.get(country.upper())


def years_later(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 1 March, to the holder's advantage."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def earliest_end(issued_on: date, law: CreditLaw | None, *, gift_card: bool = False) -> date | None:
    """The first day that may be the last of its validity, None where no law says."""
    if law is None:
        return None
    return years_later(issued_on, law.gift_card_years if gift_card else law.years)


def last_day(issued_on: date, valid_days: int | None, law: CreditLaw | None) -> date | None:
    """The last day by policy, raised to the law's; None without a limit."""
    if valid_days is None:
        return None
    chosen, least = issued_on + timedelta(days=valid_days), earliest_end(issued_on, law)
    return chosen if least is None else max(chosen, least)


def is_over(expires_on: date | None, now: datetime) -> bool:
    """Whether the last day has ended in every time zone. `now` is aware and in UTC."""
    return expires_on is not None and expires_on < (now - LAST_ZONE).date()


def due_reminder(expires_on: date | None, reminded_on: date | None, today: date, marks: Iterable[int]) -> int | None:
    """The days before the end that a reminder is due for today, None when none is.

    `marks` are the shop's days before the end. One is due once per mark; whoever comes late to two marks is reminded
    once, and never on or after the last day.
    """
    if expires_on is None or today >= expires_on:
        return None
    reached = [days for days in marks if expires_on - timedelta(days=days) <= today]
    if not reached:
        return None
    mark = min(reached)
    return None if reminded_on is not None and reminded_on >= expires_on - timedelta(days=mark) else mark


def paid_in_cash(balance: int, face: int, currency: str, law: CreditLaw | None) -> bool:
    """Whether the holder may have what is left in cash: minor units, compared without rounding."""
    if law is None or balance <= 0 or balance * 100 > face * law.cash_percent:
        return False
    cap = law.cash_cap.get(currency)
    return cap is None or balance <= cap
