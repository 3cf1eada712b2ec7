"""The law as the project's own versioned data: read once, completed by inheritance, chosen by order and reason.

A version is a file in `versions/`, named by its day. Once a decision was stored under it, it is never changed: what
changes is a new file, and what was decided is judged again by the version it was decided under.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ANY_KIND = frozenset({"consumer", "business", "sole_trader_non_professional"})

MOST_KNOWN = 10_000

VERSIONS = Path(__file__).parent / "versions"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: calendar days, months or years, or days that leave rest days or closed days out.

    `national` counts by the holidays of the whole country alone, whatever its parts keep.
    """

    days: int = 0
    months: int = 0
    unit: str = "calendar"
    national: bool = False


@dataclass(frozen=True, slots=True)
class LawWindow:
    """How long a right lasts and from when; `cure_days` is what late information leaves; `open` ends never.

    `claim_months` is for how much longer a defect may be claimed that appeared in time. `by_region` are other lengths
    in parts of the country.
    """

    span: Span
    event: str
    calendar: str
    extension: Span | None = None
    cure_days: int = 0
    open_until_informed: bool = False
    pause_days: int | None = None
    claim_months: int = 0
    by_region: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clock:
    """When money has to be back: `event` starts it, `withhold` says what the trader may wait for."""

    span: Span
    event: str
    withhold: str
    informed_if_collecting: bool = False


@dataclass(frozen=True, slots=True)
class FeeCap:
    """The most a trader may keep: nothing, or the smaller of a percentage and an amount (a decimal text)."""

    nothing: bool = False
    percent: Decimal | None = None
    most: str = ""
    currency: str = ""
    proven_clearing: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """One rule set of one country for some reasons and ways of selling."""

    id: str
    in_force_from: date
    source: str
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    consumers: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    right: str = "none"
    tier: str = "first"
    falls_to: str = ""
    window: LawWindow | None = None
    if_not_displayed: LawWindow | None = None
    send_back_days: int | None = None
    refund: Clock | None = None
    reduction: Clock | None = None
    fee: FeeCap | None = None
    value_loss: str = "none"
    payer: str = "consumer"
    payer_if_uninformed: str = ""
    payer_if_not_postable: str = ""
    outbound: str = "none"
    credit_needs_consent: bool = False
    exclusions: str = ""
    complaint_days: int | None = None
    presumption: Span | None = None
    presumption_not_for: frozenset[str] = frozenset()
    repair_bonus: Span | None = None
    repair_bonus_from: date | None = None
    repair_days: Mapping[str, Span] = field(default_factory=dict)
    remedies: tuple[str, ...] = ("refund",)
    later_remedies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One exclusion of the trade in the words of each law; `opened` counts only once the seal is broken."""

    codes: Mapping[str, tuple[str, str]]
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which last days roll on; `regional` holidays differ inside the country."""

    rolls: frozenset[str]
    regional: bool
    source: str


@dataclass(frozen=True, slots=True)
class LawBook:
    """Everything under one version."""

    version: str
    profiles: Mapping[str, Profile]
    exclusions: Mapping[str, Exclusion]
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    known: dict[tuple[Any, ...], tuple[Profile, ...]] = field(default_factory=dict, repr=False, compare=False)
    """Candidates found before: a backtest asks for the same few again and again."""

    def candidates(
        self, *, country: str, region: str | None, channel: str, reason: str, kind: str, on: date
    ) -> Iterator[Profile]:
        """The profiles that may govern, the most special first; `on` is the day the order was placed.

        Where the region is unknown those of every region may.
        """
        key = (country, region, channel, reason, kind, on)
        if key not in self.known:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            self.known[key] = tuple(self._governing(*key))
        yield from self.known[key]

    def _governing(
        self, country: str, region: str | None, channel: str, reason: str, kind: str, on: date
    ) -> Iterator[Profile]:
        found = [
            each
            for each in self.in_force(on).values()
            if country in each.countries
            and channel in each.channels
            and reason in each.reasons
            and kind in each.consumers
            and (not each.regions or region is None or region in each.regions)
        ]
        yield from sorted(found, key=lambda each: (each.tier != "first", -len(each.needs) - 9 * bool(each.groups)))

    def in_force(self, on: date) -> dict[str, Profile]:
        """One version of each profile: the last that was in force on a day; the first one held rules older days too."""
        chosen: dict[str, Profile] = {}
        for each in sorted(self.profiles.values(), key=lambda each: each.in_force_from):
            if each.id not in chosen or each.in_force_from <= on:
                chosen[each.id] = each
        return chosen

    def calendar(self, name: str, country: str) -> Calendar:
        """The calendar of that name, else the one of the country, else that of the European Union."""
        return self.calendars.get(name) or self.calendars.get(country) or self.calendars["EU"]


@lru_cache(maxsize=32)
def book(version: str | None = None) -> LawBook:
    """The law as a version has it, the newest one for None. Raises ValueError for a version that is not held."""
    held = {path.stem: path for path in VERSIONS.glob("*.yaml")}
    chosen = max(held) if version is None else version
    if chosen not in held:
        raise ValueError(f"There is no version {chosen} of the law; there are {', '.join(sorted(held))}.")
    return read(held[chosen].read_text(encoding="utf-8"))


def read(text: str) -> LawBook:
    """A law book from its YAML. Raises ValueError for a key that means nothing here."""
    data = yaml.safe_load(text)
    rows: dict[str, dict[str, Any]] = data["profiles"]
    whole = {name: _complete(name, rows) for name in rows}
    return LawBook(
        version=data["version"],
        profiles={name: _profile(name, row) for name, row in whole.items()},
        exclusions={name: _exclusion(row) for name, row in data["exclusions"].items()},
        calendars={
            name: Calendar(frozenset(row["rolls"]), bool(row.get("regional")), row["source"])
            for name, row in data["calendars"].items()
        },
    )


def _complete(name: str, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    row = dict(rows[name])
    parent = row.pop("extends", None)
    return _complete(parent, rows) | row if parent else row


def _exclusion(row: Mapping[str, Any]) -> Exclusion:
    codes = {name: (pair[0], pair[1]) for name, pair in row.items() if name != "opened"}
    return Exclusion(codes, bool(row.get("opened")))


_SETS = ("countries", "regions", "channels", "reasons", "consumers", "groups")
_PLAIN = ("right", "tier", "falls_to", "value_loss", "outbound", "credit_needs_consent", "exclusions",
          "send_back_days", "source", "in_force_from")  # fmt: skip
_NESTED = ("window", "if_not_displayed", "refund", "reduction", "fee", "payer", "complaint", "presumption",
           "repair_bonus", "repair_days", "needs", "remedies", "later_remedies")  # fmt: skip


def _profile(name: str, row: Mapping[str, Any]) -> Profile:
    unknown = set(row) - {*_SETS, *_PLAIN, *_NESTED}
    if unknown:
        raise ValueError(f"{name} has keys that mean nothing: {', '.join(sorted(unknown))}")
    more: dict[str, Any] = {key: frozenset(row[key]) for key in _SETS if key in row}
    more |= {key: row[key] for key in _PLAIN if key in row}
    payer, bonus = row.get("payer", {}), row.get("repair_bonus")
    return Profile(
        id=name.partition("@")[0],
        needs=tuple(row.get("needs", ())),
        remedies=tuple(row.get("remedies", ("refund",))),
        later_remedies=tuple(row.get("later_remedies", ())),
        window=_window(row["window"]) if "window" in row else None,
        if_not_displayed=_window(row["if_not_displayed"]) if "if_not_displayed" in row else None,
        refund=_clock(row["refund"]) if "refund" in row else None,
        reduction=_clock(row["reduction"]) if "reduction" in row else None,
        fee=_fee(row["fee"]) if "fee" in row else None,
        payer=payer.get("side", "consumer"),
        payer_if_uninformed=payer.get("if_uninformed", ""),
        payer_if_not_postable=payer.get("if_not_postable", ""),
        complaint_days=row.get("complaint", {}).get("answer_days"),
        presumption=_span(row["presumption"]) if "presumption" in row else None,
        presumption_not_for=frozenset(row.get("presumption", {}).get("not_for", ())),
        repair_bonus=_span(bonus) if bonus else None,
        repair_bonus_from=bonus["orders_from"] if bonus else None,
        repair_days=_repair_days(row["repair_days"]) if "repair_days" in row else {},
        **more,
    )


def _span(row: Mapping[str, Any]) -> Span:
    months = row.get("months", 0) + 12 * row.get("years", 0)
    return Span(row.get("days", 0), months, row.get("unit", "calendar"), row.get("holidays") == "national")


def _repair_days(row: Mapping[str, Any]) -> dict[str, Span]:
    """By where the repair is done: `home`, `station` or `shop`; one length for all of them in older versions."""
    places = row if "home" in row else dict.fromkeys(("home", "station", "shop"), row["days"])
    return {place: Span(places[place], 0, row["unit"]) for place in ("home", "station", "shop")}


def _window(row: Mapping[str, Any]) -> LawWindow:
    late, pause = row.get("uninformed", {}), row.get("pauses_for_repair")
    return LawWindow(
        span=_span(row),
        event=row["from"],
        calendar=row.get("calendar", ""),
        extension=_span(late) if "months" in late else None,
        cure_days=late.get("cure_days", 0),
        open_until_informed=bool(late.get("open")),
        pause_days=pause["at_least_days"] if pause else None,
        claim_months=row.get("claim_months", 0),
        by_region={region: _span(other) for region, other in row.get("by_region", {}).items()},
    )


def _clock(row: Mapping[str, Any]) -> Clock:
    return Clock(_span(row), row["from"], row["withhold"], bool(row.get("informed_if_collecting")))


def _fee(row: Mapping[str, Any]) -> FeeCap:
    percent = row.get("percent")
    return FeeCap(
        nothing=bool(row.get("nothing")),
        percent=None if percent is None else Decimal(percent),
        most=row.get("most", ""),
        currency=row.get("currency", ""),
        proven_clearing=bool(row.get("proven_clearing")),
    )
