"""`import_store_credits FILE`: the balances that customers hold elsewhere, under the codes they know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from accounts.actors import SYSTEM_ACTOR
from customers.actions.imports import Tally
from customers.management.importing import ImportCommand, Progress
from refunds.actions.arrivals import import_credits
from refunds.sources import read_credits


class Command(ImportCommand):
    """Move store credits in."""

    help = "Move in store credits from a CSV: code, amount, currency, email, expires_on, reference, shop."
    things: ClassVar[str] = "Store credits"

    def tallies(self, file: Progress, options: dict[str, Any]) -> Iterator[Tally]:
        """Balance by balance. Raises SourceUnreadable."""
        return import_credits(read_credits(file), actor=SYSTEM_ACTOR)  # type: ignore[arg-type]
