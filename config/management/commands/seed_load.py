"""`seed_load`: as many orders and returns as a measurement wants."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from config.load.copies import copy, gather
from config.load.lives import SHARES, lived, plain_order


class Command(BaseCommand):
    """Live one return for each place in the life, then copy them; PostgreSQL only, for measuring only."""

    help = "Fill a PostgreSQL database with orders and returns for measurements. Not for an installation in use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--orders, --returns."""
        parser.add_argument("--orders", type=int, default=1000, help="orders, those of the returns included")
        parser.add_argument("--returns", type=int, default=1000, help="returns, each with an order of its own")

    def handle(self, *args: Any, orders: int, returns: int, **options: Any) -> None:
        """Seed. Raises CommandError elsewhere than on PostgreSQL."""
        if connection.vendor != "postgresql":
            raise CommandError("seed_load needs PostgreSQL.")
        with transaction.atomic():
            for order, times in [*shares(returns), (plain_order(), max(0, orders - returns))]:
                if times:
                    copy(gather(order), times)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        self.stdout.write(f"{max(orders, returns)} orders and {returns} returns added.")


def shares(returns: int) -> list[tuple[Any, int]]:
    """An original for each place in the life and how often it is copied; together exactly `returns`."""
    if not returns:
        return []
    counts = {status: returns * share // 100 for status, share in SHARES.items()}
    first = next(iter(counts))
    counts[first] += returns - sum(counts.values())
    return [(order, counts[status]) for status, order in lived().items()]
