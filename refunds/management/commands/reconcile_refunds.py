"""`reconcile_refunds`: compare the gateways' ledgers with ours now, and say what was found."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from refunds.actions.reconcile import Compared, reconcile_all
from refunds.models import Break


class Command(BaseCommand):
    """What the task does every five minutes, in words."""

    help = "Compare every gateway's ledger of refunds with ours; differences go to the desk's page of breaks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--days."""
        parser.add_argument("--days", type=int, default=3, help="how far back to look (3)")

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        """One line per gateway, then what is open."""
        for run in reconcile_all(timezone.now() - timedelta(days=days)):
            self.stdout.write(line(run))
        self.stdout.write(f"{Break.objects.filter(closed_at=None).count()} open breaks")


def line(run: Compared) -> str:
    """What one gateway's run found."""
    if not run.readable:
        return f"{run.gateway}: no ledger to read. {run.error}".rstrip()
    return f"{run.gateway}: {run.theirs} there, {run.adopted} adopted, {run.opened} opened, {run.healed} healed"
