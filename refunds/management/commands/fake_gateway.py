"""`fake_gateway`: the strict fake gateway as a process of its own, for the demo and for rehearsals."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from argparse import ArgumentParser
from threading import Thread
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from refunds.fakes.book import Book
from refunds.fakes.modes import Manners
from refunds.fakes.server import Gateway

CHANCES = ("decline", "pending", "error_before", "error_after", "timeout_after", "webhooks_twice", "partial_captures")
TIMES = ("delay", "hang", "settle_after", "webhook_delay")


class Command(BaseCommand):
    """Serve until it is told to stop."""

    help = "A gateway that moves no money and tries every fault; by the payment's reference or for the whole run."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where it listens, what it keeps, and its manners."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=9090)
        parser.add_argument("--db", default=str(settings.VAR / "fake-gateway.sqlite3"), help="the file of its book")
        parser.add_argument("--forget-keys-after", type=float, metavar="SECONDS", help="by default never")
        parser.add_argument("--seed", type=int, default=1, help="the same seed misbehaves in the same way")
        parser.add_argument("--webhooks", default="", metavar="URL", help="where to tell what happened")
        parser.add_argument("--secret", default=settings.FAKE_GATEWAY_SECRET, help="signs webhooks")
        parser.add_argument("--webhooks-shuffled", action="store_true", help="out of order")
        parser.add_argument("--attached", action="store_true", help="end when standard input does")
        for name in CHANCES:
            parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=0.0, metavar="CHANCE")
        for name in TIMES:
            default = getattr(Manners, name)
            parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=default, metavar="SECONDS")

    def handle(self, *args: Any, host: str, port: int, db: str, **options: Any) -> None:
        """Open the book and serve. Raises CommandError when the port is taken."""
        names = ("seed", "webhooks", "secret", "webhooks_shuffled", *CHANCES, *TIMES)
        manners = Manners(**{name: options[name] for name in names})
        os.makedirs(os.path.dirname(os.path.abspath(db)), exist_ok=True)
        try:
            gateway = Gateway((host, port), Book(db, forget_after=options["forget_keys_after"]), manners)
        except OSError as error:
            raise CommandError(f"Port {port} is not to be had ({error.strerror}).") from error
        signal.signal(signal.SIGTERM, interrupt)
        if options["attached"]:
            Thread(target=end_with_input, daemon=True).start()
        self.stdout.write(f"The fake gateway listens on {gateway.url}")
        self.stdout.flush()
        with gateway, contextlib.suppress(KeyboardInterrupt):
            gateway.serve_forever()


def end_with_input() -> None:
    """Whoever started it holds the other end; when that closes, whatever the reason, there is nothing to serve."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def interrupt(*_: object) -> None:
    """Treat SIGTERM as Ctrl-C."""
    raise KeyboardInterrupt
