"""What a change of mind comes to in each country whose law is known: the policy, lifted where the law gives more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from customers.money import parse, to_text
from returns.policy.decision import DECLINED, Terms
from returns.policy.document import Policy
from returns.policy.eligibility import decide
from returns.policy.facts import LineFacts, OrderFacts, Parcel, Request
from returns.policy.law import LawFacts, book
from returns.policy.told import window
from returns.policy.values import amount, country

# the currency that people of a country pay in, where it is not the euro
CURRENCIES: Final = {
    "BG": "EUR", "CZ": "CZK", "DK": "DKK", "GB": "GBP", "HU": "HUF", "IL": "ILS", "PL": "PLN", "RO": "RON",
    "SE": "SEK", "US": "USD",
}  # fmt: skip
ZONES: Final = {"GB": "Europe/London", "IL": "Asia/Jerusalem", "PL": "Europe/Warsaw", "US": "America/New_York"}
PRICE = "100"
RECENT, ARRIVED = timedelta(days=3), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Local:
    """What holds in some countries; `days` is None where there is no limit, amounts are for goods of a hundred.

    `fee` and `label_fee` are (decimal text, currency), None where nothing is kept. `by_law` says that the law gives
    more here than the policy does.
    """

    taken_back: bool
    days: int | None
    by_shop: bool
    fee: tuple[str, str] | None
    label_fee: tuple[str, str] | None
    by_law: bool = False
    countries: tuple[str, ...] = ()


def by_country(policy: Policy, now: datetime) -> list[Local]:
    """The countries in groups with the same terms for an article bought online, as the law stands at `now`.

    Rules for some goods are left out: they are told by themselves.
    """
    alone = replace(policy, rules=())
    groups: dict[Local, list[str]] = {}
    for code in sorted({code for profile in book().profiles.values() for code in profile.countries}):
        groups.setdefault(_lifted(alone, code, now), []).append(code)
    found = [replace(local, countries=tuple(codes)) for local, codes in groups.items()]
    return sorted(found, key=lambda local: (local.by_law, -len(local.countries)))


def _lifted(policy: Policy, code: str, now: datetime) -> Local:
    told = LawFacts(information_given_at=now - RECENT, collection_offered=False, policy_displayed=True)
    found, house = _local(policy, code, now, told), _local(policy, code, now, None)
    return replace(found, by_law=found != house)


def _local(policy: Policy, code: str, now: datetime, law: LawFacts | None) -> Local:
    currency = CURRENCIES.get(code, "EUR")
    order = OrderFacts(
        currency=currency,
        placed_at=now - RECENT,
        total=parse(PRICE, currency),
        customer_kind="consumer",
        country=code,
        time_zone=ZONES.get(code, "Europe/Brussels"),
        parcels=(Parcel(frozenset("A"), now - RECENT, now - ARRIVED),),
    )
    line = LineFacts(id="A", sku="", unit_price=parse(PRICE, currency))
    decision = decide(policy, order, line, Request(reason="change_of_mind"), now, law=law)
    terms = decision.terms
    return Local(
        taken_back=decision.outcome != DECLINED,
        days=_days(policy, terms),
        by_shop=terms.return_shipping_payer == "shop",
        fee=_money(terms.fee.on(line.unit_price), currency),
        label_fee=_money(terms.label_fee_for(None), currency),
    )


def _days(policy: Policy, terms: Terms) -> int | None:
    """The longer of the policy's days and the law's own, before a last day rolls over a holiday."""
    given: int | None = policy.defaults["window_days"]
    law = None if terms.law is None else terms.law.as_dict()
    profile = book().profiles.get(str(law["profile"])) if law and law["right"] == "accept" else None
    if given is None or profile is None or profile.window is None:
        return given
    span = profile.window.span
    return given if span.months or span.unit != "calendar" else max(given, span.days)


def _money(minor: int, currency: str) -> tuple[str, str] | None:
    return (to_text(minor, currency), currency) if minor else None


def countries_told(found: Iterable[Local]) -> list[dict[str, str]]:
    """Where the law gives more than the policy: the countries, and what holds there, in sentences."""
    rows: dict[str, list[str]] = {}
    for local in found:
        if local.by_law:
            rows.setdefault(_told(local), []).extend(local.countries)
    return [{"places": ", ".join(sorted(map(country, codes))), "text": text} for text, codes in rows.items()]


def _told(local: Local) -> str:
    if not local.taken_back:
        return _("We do not take it back.")
    fee = _("No restocking fee.")
    if local.fee:
        paid = {"fee": amount(dict([local.fee[::-1]])), "price": amount({local.fee[1]: PRICE})}
        fee = _("A restocking fee of %(fee)s on goods of %(price)s.") % paid
    return f"{window(local.days)} {fee} {_('We pay for the way back.') if local.by_shop else ''}".strip()
