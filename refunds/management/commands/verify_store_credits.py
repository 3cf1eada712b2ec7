"""`verify_store_credits`: every balance against its ledger, every line against the one before."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from refunds.queries import broken_lines, unbalanced_credits


class Command(BaseCommand):
    """Check the ledgers of store credit."""

    help = "Check that every store credit is the sum of its ledger. Reads only; ends with 1 when something is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        """Name what is wrong. Raises CommandError when anything is."""
        wrong = 0
        for code, balance, booked in unbalanced_credits():
            self.stderr.write(f"{code}: the balance is {balance}, its ledger makes {booked} (minor units)")
            wrong += 1
        for code, seq in broken_lines():
            self.stderr.write(f"{code}: line {seq} does not follow from the one before")
            wrong += 1
        if wrong:
            raise CommandError(f"{wrong} wrong")
        self.stdout.write("Every store credit is the sum of its ledger.")
