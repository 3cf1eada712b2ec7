"""`add_gateway FILE`: a gateway described by data, with its secret from the environment or the standard input."""

from __future__ import annotations

import os
import sys
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import SYSTEM_ACTOR
from accounts.problems import Invalid
from refunds.actions.gateway_accounts import store_gateway


class Command(BaseCommand):
    """Store a gateway, or another description of one."""

    help = "Add or change a gateway described in a YAML or JSON FILE; see docs/gateways.md."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and where its secret is."""
        parser.add_argument("file")
        parser.add_argument("--secret-stdin", action="store_true", help="read the secret from the standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and store; the secret is never printed."""
        document = _document(options["file"])
        secret = sys.stdin.readline().rstrip("\n") if options["secret_stdin"] else _from_environment(document)
        try:
            row, new = store_gateway(document, secret=secret, actor=SYSTEM_ACTOR)
        except Invalid as refusal:
            lines = [f"{error.pointer}: {error.detail}" for error in refusal.errors]
            raise CommandError("\n".join([refusal.detail, *lines])) from refusal
        kept = "" if row.secret else " It has no secret."
        self.stdout.write(f"{'Added' if new else 'Changed'} {row.code} ({row.kind}).{kept}")


def _document(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            found = yaml.safe_load(file)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise CommandError(f"{path} does not describe a gateway.")
    return found


def _from_environment(document: dict[str, Any]) -> str:
    name = str(document.get("secret_from") or "")
    if name and name not in os.environ:
        raise CommandError(f"Set {name} in the environment, or give the secret with --secret-stdin.")
    return os.environ.get(name, "")
