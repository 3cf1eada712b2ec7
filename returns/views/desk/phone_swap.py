"""An exchange on the phone: what can leave instead of each item, and the difference, said before it is filed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import Invalid
from customers import money
from returns.forms.portal import Draft, DraftItem
from returns.views.portal.ask import slip
from returns.views.portal.swap import choices
from returns.views.portal.terms import EXCHANGE, Visit, deal_of

Rows = Mapping[str, Mapping[str, str]]


@dataclass
class Exchange:
    """What the page shows of an exchange; `seen` is the signed difference that the agent has read out, as text."""

    swaps: list[dict[str, Any]] = field(default_factory=list)
    slip: dict[str, Any] | None = None
    seen: str = ""
    problem: str = ""


def exchange_on_offer(visit: Visit, rows: Rows, method: str) -> Exchange:
    """The choices for the lines that have units, by the same rules and sums as in the portal."""
    items = {
        line: DraftItem(int(row["quantity"]), row["reason"], instead=row["instead"])
        for line, row in rows.items()
        if row["quantity"].isascii() and row["quantity"].isdigit() and 0 < int(row["quantity"]) < 10**6
    }
    if not items:
        return Exchange(problem=_("Say how many units of which item come back, then choose what leaves instead."))
    draft = Draft(str(visit.order.uid), items=items, resolution=EXCHANGE, method=method)
    deal = deal_of(visit, draft)
    if deal.resolution != EXCHANGE or not deal.paid:
        return Exchange(
            problem=_("No exchange is on offer: the policy has none for these items, or nothing is left on the shelf.")
        )
    searched = {line: rows[line].get("find", "") for line in items}
    found = Exchange(swaps=choices(visit.order, deal, draft, searched))
    if not deal.swap.complete:
        found.problem = _("Choose what leaves instead of each item.")
        for row in found.swaps:
            row["error"] = "" if row["key"] in deal.swap.chosen else found.problem
        return found
    found.slip, found.seen = slip(deal), _signed(deal.difference, deal.currency)
    return found


def _signed(amount: int, currency: str) -> str:
    return ("-" if amount < 0 else "") + money.to_text(abs(amount), currency)


def check_seen(exchange: Exchange, seen: str) -> None:
    """Let an exchange through as it was shown. Raises Invalid while it lacks something, or costs otherwise."""
    if exchange.problem:
        raise Invalid(exchange.problem)
    if seen != exchange.seen:
        raise Invalid(_("Tell the customer the difference below, then make the return."))
