"""The first look: web server, Celery worker and beat in one process, over SQLite and a folder."""

from __future__ import annotations

import contextlib
import logging
import secrets
import signal
import socket
import warnings
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning
from celery.worker import state
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.celery import app
from config.demo.gateway import fake_gateway, refund_by_hand

HOST = "127.0.0.1"
STAFF = ("agent@demo.test", "warehouse@demo.test", "manager@demo.test", "admin@demo.test")
DOORS = (("Portal", "/"), ("Desk", "/desk/"), ("Warehouse", "/warehouse/"), ("API docs", "/api/docs/"))


class Command(BaseCommand):
    """Prepare the demo shop, then serve it until Ctrl-C."""

    help = "Serve a demo shop on 127.0.0.1 with worker and beat in the same process; no server needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--port, --no-seed."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-seed", dest="seed", action="store_false", help="start with what var/ holds")

    def handle(self, *args: Any, port: int, seed: bool, **options: Any) -> None:
        """Take the port, bring the database up to date, start the threads, serve. Raises CommandError."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, interrupt)
        quieten()
        with contextlib.suppress(KeyboardInterrupt), listening(port) as listener:
            password = demo_password(settings.VAR / "demo-password")
            with fake_gateway(port):
                self.prepare(password if seed else None)
                with worker(), ticker():
                    serve(listener, lambda: self.announce(port, password))
        self.stdout.write("Stopped.")

    def prepare(self, password: str | None) -> None:
        """Folders, tables and, where a password is given, the demo shop."""
        options: dict[str, Any] = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        queues = [folder for folder in options.values() if isinstance(folder, str)]
        for folder in (str(settings.STATIC_ROOT), *queues):
            Path(folder).mkdir(parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        if password is not None:
            call_command("seed_demo", password=password)
            refund_by_hand()

    def announce(self, port: int, password: str) -> None:
        """Say where everything is and how to log in."""
        lines = [f"  {name:<10} http://{HOST}:{port}{path}" for name, path in DOORS]
        lines += ["", *(f"  {email}" for email in STAFF), f"  password: {password}"]
        self.stdout.write("\n".join(["", "Comeback is ready.", "", *lines, "", "Ctrl-C stops it.", ""]))
        self.stdout.flush()


def interrupt(*_: Any) -> None:
    """Treat SIGTERM as Ctrl-C, once: make and the terminal may both send it, and the clean-up must end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def quieten() -> None:
    """Leave out what is true in production and only noise in a first look."""
    for logger in ("celery.beat", "kombu.connection", "uvicorn.error"):
        logging.getLogger(logger).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message=".*superuser privileges", category=SecurityWarning)
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")


@contextlib.contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """The port, taken before anything slow happens. Raises CommandError when somebody else has it."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is not to be had ({error.strerror}); try: PORT={port + 1} make run"
            ) from error
        yield listener


def demo_password(file: Path) -> str:
    """The demo staff's password: made up once per var/, readable by its owner only."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(9))
    return file.read_text().strip()


@contextlib.contextmanager
def worker() -> Iterator[None]:
    """A solo Celery worker in a thread, over every queue there is."""
    app.conf.update(worker_redirect_stdouts=False, worker_hijack_root_logger=False, worker_enable_remote_control=False)
    queues = {app.conf.task_default_queue, *(route["queue"] for route in app.conf.task_routes.values())}
    # app.Worker and not app.WorkController, with which retries are lost without a word
    running = app.Worker(
        pool="solo",
        queues=sorted(queues),
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
        quiet=True,
    )
    thread = Thread(target=running.start, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        state.should_stop = 0  # type: ignore[assignment]
        thread.join(10)


@contextlib.contextmanager
def ticker() -> Iterator[None]:
    """Celery's beat in a thread; what it last ran is forgotten at exit, as every sweep reads due rows."""
    beat: Any = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
    beat.start()
    try:
        yield
    finally:
        beat.stop()


class Server(uvicorn.Server):
    """Uvicorn that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then tell."""
        await super().startup(sockets)
        if self.started:
            self.ready()


def serve(listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve every page and stream until a signal; open streams get two seconds to end."""
    config = uvicorn.Config(
        "config.asgi:application",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    Server(config, ready).run(sockets=[listener])
