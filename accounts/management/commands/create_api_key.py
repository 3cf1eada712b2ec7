"""`create_api_key NAME --scopes a,b`: prints only the key on stdout, once."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.keys import create_key
from accounts.models import User
from accounts.problems import Refused
from accounts.scopes import SCOPES


class Command(BaseCommand):
    """Create an API key for a named integration."""

    help = "Create an API key and print it; only its hash is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """NAME, scopes, bounds and expiry."""
        parser.add_argument("name")
        parser.add_argument("--scopes", required=True, help="comma separated, or `all`")
        parser.add_argument("--shops", default="", help="bind the key to these shop codes")
        parser.add_argument("--channels", default="", help="bind the key to these channels")
        parser.add_argument("--by", default="", help="e-mail of who asks for it; they cannot approve what it prepares")
        parser.add_argument("--days", type=int, help="expires after so many days")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create and print."""
        scopes = list(SCOPES) if options["scopes"].strip() == "all" else _split(options["scopes"])
        expires_at = timezone.now() + timedelta(days=options["days"]) if options["days"] else None
        try:
            _key, text = create_key(
                options["name"],
                scopes,
                expires_at=expires_at,
                shops=_split(options["shops"]),
                channels=_split(options["channels"]),
                created_by=_person(options["by"]),
            )
        except Refused as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(text)


def _person(email: str) -> User | None:
    if not email:
        return None
    found = User.objects.filter(email=email.strip().lower()).first()
    if found is None:
        raise CommandError(f"There is no member of staff with the e-mail {email}.")
    return found


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
