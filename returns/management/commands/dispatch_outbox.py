"""`dispatch_outbox`: let every ready event reach its reactions now, as the worker does by itself."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from returns.actions.audit import backlog
from returns.outbox import dispatch_all


class Command(BaseCommand):
    """Dispatch what is ready and say what is left."""

    help = "Dispatch every event that is ready. Safe beside workers and other dispatchers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--check."""
        parser.add_argument(
            "--check", action="store_true", help="dispatch nothing; fail when events are parked or wait too long"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Dispatch until nothing is ready, or only look. Raises CommandError when --check finds a backlog."""
        done = 0 if check else dispatch_all()
        left = backlog()
        words = f"{left.waiting:,} wait, {left.late:,} of them too long, {left.parked:,} are parked."
        if check and (left.late or left.parked):
            raise CommandError(words)
        self.stdout.write(words if check else f"Dispatched {done:,} events; {words}")
