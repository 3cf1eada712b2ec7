"""The conditions under which a profile of the law applies, and which of them nobody knows about a case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from customers.money import parse
from returns.policy.facts import Case
from returns.policy.law.calendars import region_code
from returns.policy.law.facts import LawFacts
from returns.policy.law.profiles import Profile
from returns.policy.window import local_day

# 16 CFR 435.2(a)(1): where the seller names no time, thirty days
MITOR_DAYS = 30
# distance, store, off_premises
CHANNELS = 3


def _over(case: Case, least: str, currency: str) -> bool | None:
    if case.order.currency != currency:
        return None
    return case.line.unit_price > parse(least, currency)


def _yes(value: bool | None) -> bool:
    return bool(value)


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _unless(value: bool | None) -> bool:
    """A condition that only a known fact to the contrary breaks."""
    return value is not True


def _not_shipped(case: Case, facts: LawFacts) -> bool | None:
    """Whether the seller surely missed the time to ship: nothing left in thirty days; a shorter promise is unknown."""
    parcels = [parcel for parcel in case.order.parcels or () if case.line.id in parcel.lines]
    if case.order.parcels is None or any(parcel.shipped_at or parcel.delivered_at for parcel in parcels):
        return None
    ordered, asked = (local_day(at, case.order.time_zone) for at in (case.order.placed_at, case.asked_at))
    return True if asked > ordered + timedelta(days=MITOR_DAYS) else None


def _cooling_off_price(case: Case, facts: LawFacts) -> bool | None:
    """25 dollars at the buyer's home, 130 at a place hired for the day (16 CFR 429.0(a)); of the whole sale."""
    order = case.order
    if order.currency != "USD":
        return None
    if order.total < parse("25", "USD"):
        return False
    return True if order.total >= parse("130", "USD") or facts.unsolicited_visit else None


NEEDS: dict[str, Callable[[Case, LawFacts], bool | None]] = {
    # a trader may ask for a certificate, so nobody is taken for protected unasked (CPL s. 14ג1)
    "protected_person": lambda case, facts: _yes(facts.protected_person),
    "had_conversation": lambda case, facts: facts.had_conversation,
    "unsolicited_visit": lambda case, facts: facts.unsolicited_visit,
    "unused": lambda case, facts: _unless(facts.used),
    "undamaged": lambda case, facts: _unless(facts.damaged),
    "tag_on": lambda case, facts: facts.tag_on is not False,
    "unopened_group": lambda case, facts: facts.legal_group != "il_unopened" or _unless(facts.seal_broken),
    "jewellery_up_to_3000": lambda case, facts: facts.legal_group != "il_jewellery" or _not(_over(case, "3000", "ILS")),
    "over_50_ils": lambda case, facts: _over(case, "50", "ILS"),
    "over_150_ils": lambda case, facts: _over(case, "150", "ILS"),
    "not_shipped": _not_shipped,
    "cooling_off_price": _cooling_off_price,
    "over_25_usd": lambda case, facts: _over(case, "24.99", "USD"),
}


def doubts_of(profile: Profile, case: Case, facts: LawFacts) -> list[str] | None:
    """The unknown facts among a profile's conditions; None when one of them is known not to hold."""
    doubts = [code for code, unknown in _unknown_place(profile, case, facts).items() if unknown]
    if profile.groups and facts.legal_group not in profile.groups:
        if facts.legal_group is not None:
            return None
        doubts.append("legal_group_unknown")
    for need in profile.needs:
        holds = NEEDS[need](case, facts)
        if holds is False:
            return None
        if holds is None:
            doubts.append(f"{need}_unknown")
    return doubts


def _unknown_place(profile: Profile, case: Case, facts: LawFacts) -> dict[str, bool]:
    """What is unknown of where, how and to whom the goods were sold: taken as a consumer who bought from afar."""
    order = case.order
    everybody = {"consumer", "business"} <= profile.consumers
    return {
        "region_unknown": bool(profile.regions) and region_code(order.country or "", facts.region) is None,
        "sale_channel_unknown": order.sale_channel is None and len(profile.channels) < CHANNELS,
        "customer_kind_unknown": order.customer_kind is None and not everybody,
    }
