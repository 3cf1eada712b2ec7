"""`verify_log`: recompute the hash chain of every stream and name the first event that does not fit."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from returns.actions.audit import verify_log


class Command(BaseCommand):
    """Check the log; the exit code says whether it is whole."""

    help = "Recompute every stream's hash chain. Ends with an error and the first broken event when one does not fit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One stream only."""
        parser.add_argument("--stream", help="one stream, such as return:42")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check. Raises CommandError at the first event that does not fit."""
        result = verify_log(options["stream"])
        if result.broken:
            raise CommandError(f"Broken after {result.events:,} good events: {result.broken}.")
        self.stdout.write(f"{result.events:,} events in {result.streams:,} streams: every hash fits.")
