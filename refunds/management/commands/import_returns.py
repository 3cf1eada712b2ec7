"""`import_returns FILE`: returns of another system, open and closed; nobody is told and no money moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from accounts.actors import SYSTEM_ACTOR
from customers.actions.imports import Tally
from customers.management.importing import ImportCommand, Progress
from refunds.actions.arrivals import import_returns
from refunds.sources import read_returns


class Command(ImportCommand):
    """Move returns in."""

    help = "Move in returns of another system from NDJSON or CSV, gzip or not; docs/moving-in.md has the format."
    things: ClassVar[str] = "Returns"

    def tallies(self, file: Progress, options: dict[str, Any]) -> Iterator[Tally]:
        """Return by return. Raises SourceUnreadable."""
        return import_returns(read_returns(file), actor=SYSTEM_ACTOR)  # type: ignore[arg-type]
