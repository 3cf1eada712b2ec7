"""How unusual a request is for this customer, from what happened before: a level, and why, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LOW, MEDIUM, HIGH = "low", "medium", "high"
MANY_REASONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What is known of a customer: counts of the last 365 days, of `recent` ones the last 30.

    `asked` is what they asked back in 90 days and `bought` what they bought in a year, minor units of one currency.
    `accounts` counts the customers whose parcels go to the same address.
    """

    orders: int = 0
    returns: int = 0
    recent: int = 0
    rejected: int = 0
    missing: int = 0
    accounts: int = 1
    asked: int = 0
    bought: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """One signal that speaks, with its weight and figures."""

    code: str
    level: str
    params: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The reason for the log."""
        return {"code": self.code, "level": self.level, "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class Risk:
    """How unusual a request is; no reason is low."""

    level: str
    reasons: tuple[Reason, ...] = ()


def weigh(signals: Signals) -> Risk:
    """The level: high with one high reason or three of any, medium with one.

    A person's own history only; it is never a reason to refuse what a law gives.
    """
    reasons = tuple(_reasons(signals))
    if any(reason.level == HIGH for reason in reasons) or len(reasons) >= MANY_REASONS:
        return Risk(HIGH, reasons)
    return Risk(MEDIUM if reasons else LOW, reasons)


def _reasons(signals: Signals) -> Iterator[Reason]:
    rate = 100 * signals.returns // max(1, signals.orders)
    if signals.returns >= 4 and rate >= 60:
        level = HIGH if signals.returns >= 6 and rate >= 85 else MEDIUM
        yield Reason("rate", level, {"returns": signals.returns, "orders": signals.orders})
    yield from _count("velocity", signals.recent, 4, 8)
    yield from _count("rejected", signals.rejected, 2, 4)
    yield from _count("mismatch", signals.missing, 1, 3)
    yield from _count("accounts", signals.accounts, 3, 6)
    if signals.returns >= 2 and signals.bought and signals.asked * 10 >= signals.bought * 7:
        yield Reason("value", MEDIUM, {"percent": 100 * signals.asked // signals.bought})


def _count(code: str, found: int, medium: int, high: int) -> Iterator[Reason]:
    if found >= medium:
        yield Reason(code, HIGH if found >= high else MEDIUM, {"count": found})


def reason_words(reason: Mapping[str, Any]) -> str:
    """A logged reason as an agent reads it."""
    params: Mapping[str, int] = reason["params"]
    if reason["code"] == "rate":
        return _("%(returns)d returns on %(orders)d orders within a year.") % params
    if reason["code"] == "value":
        return _("Lately asked back %(percent)d%% of what was bought within a year.") % params
    count = params["count"]
    texts = {
        "velocity": ngettext("%(n)d return within 30 days.", "%(n)d returns within 30 days.", count),
        "rejected": ngettext(
            "%(n)d item was rejected at inspection before.", "%(n)d items were rejected at inspection before.", count
        ),
        "mismatch": ngettext(
            "%(n)d item was announced and never came.", "%(n)d items were announced and never came.", count
        ),
        "accounts": ngettext(
            "%(n)d customer gets parcels at this address.", "%(n)d customers get parcels at this address.", count
        ),
    }  # fmt: skip
    return texts[reason["code"]] % {"n": count}
