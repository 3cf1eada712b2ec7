"""`rotate_api_key PREFIX`: a successor with the same scopes; the old key works on for a while."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.keys import rotate_key
from accounts.models import ApiKey


class Command(BaseCommand):
    """Replace an API key without an outage."""

    help = "Create the successor of a key and print it; the old one expires after the overlap."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """PREFIX (the second part of the key) and the overlap."""
        parser.add_argument("prefix", help="the part of the key between its two underscores")
        parser.add_argument("--overlap-hours", type=int, default=24)

    def handle(self, *args: Any, **options: Any) -> None:
        """Create and print."""
        key = ApiKey.objects.filter(prefix=options["prefix"]).first()
        if key is None or not key.is_usable(timezone.now()):
            raise CommandError(f"No usable key has the prefix {options['prefix']}.")
        _successor, text = rotate_key(key, overlap=timedelta(hours=options["overlap_hours"]))
        self.stdout.write(text)
