"""Where it is measured: a database of its own, and the server with two workers."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

from tests import servers

DATABASE = "comeback_benchmark"
ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 4


def prepare() -> None:
    """Find PostgreSQL and Redis as the tests do, make an empty database, and point the settings at it."""
    servers.ensure()
    parts = urlsplit(os.environ["DATABASE_URL"])
    os.environ["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{DATABASE}"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    with contextlib.closing(psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {DATABASE}")


def pgbench_binary() -> str:
    """The pgbench in PATH or of the newest PostgreSQL. Raises SystemExit when there is none."""
    found = shutil.which("pgbench") or next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin/pgbench"))[::-1]), None)
    if found is None:
        raise SystemExit("pgbench is missing; it comes with PostgreSQL.")
    return found


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    pid: int

    def megabytes(self) -> int:
        """Resident memory of the largest worker."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        sizes = [re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{child}/status").read_text()) for child in children]
        return max(int(size[1]) for size in sizes if size) // 1024


@contextlib.contextmanager
def server(rows: Path) -> Iterator[Server]:
    """gunicorn with two workers on a free port; `rows` holds what the bare views write."""
    port = servers.free_port()
    command = [
        sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS),
        "--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "120", "--log-level", "error",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"BENCH_ROWS": str(rows)})
    try:
        _wait(f"http://127.0.0.1:{port}/live")
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait(address: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def sweep() -> None:
    """Take away the queues that the doorbell rang in."""
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    for name in client.scan_iter(match="comeback-benchmark:*"):
        client.delete(name)
