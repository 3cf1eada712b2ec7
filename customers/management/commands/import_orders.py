"""`import_orders FILE --mapping FILE`: the orders of any CSV, as often as you like without a duplicate."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from accounts.actors import SYSTEM_ACTOR
from customers.actions.imports import Tally, import_documents
from customers.management.importing import ImportCommand, Progress
from customers.sources.csv_orders import CsvOrders
from customers.sources.mapping import load_mapping


class Command(ImportCommand):
    """Import orders from a CSV through a mapping."""

    help = "Import orders from a CSV, gzip or not; docs/mappings shows how a mapping is written."
    things: ClassVar[str] = "Orders"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE, its mapping, and where refused rows go."""
        super().add_arguments(parser)
        parser.add_argument("--mapping", metavar="FILE", type=Path, required=True, help="a YAML file")

    def tallies(self, file: Progress, options: dict[str, Any]) -> Iterator[Tally]:
        """Order by order. Raises MappingInvalid and SourceUnreadable."""
        orders = CsvOrders(file, load_mapping(options["mapping"]))  # type: ignore[arg-type]
        file.waiting = lambda: orders.done / max(1, orders.read)
        yield from import_documents(orders, actor=SYSTEM_ACTOR)
