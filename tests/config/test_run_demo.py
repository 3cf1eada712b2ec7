"""`make run`: one process serves, works and stops."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.config.demo import launch, read_until
from tests.servers import ROOT, free_port


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def first_look(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    with launch(tmp_path, port) as running:
        try:
            yield running
        finally:
            running.kill()


def ring(folder: Path) -> list[Path]:
    """Put a task on the queue, as a request would, and say which files it made there."""
    before = set((folder / "queue").iterdir())
    environment = os.environ | {
        "FIRST_LOOK": str(folder),
        "DJANGO_SETTINGS_MODULE": "tests.config.first_look",
    }
    script = "from config.celery import app; app.send_task('returns.tasks.dispatch_outbox')"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True)
    return sorted(set((folder / "queue").iterdir()) - before)


def test_it_serves_works_and_stops(first_look: subprocess.Popen[str], port: int, tmp_path: Path) -> None:
    said = read_until(first_look, "Ctrl-C")
    for path in ("/", "/desk/", "/warehouse/", "/api/docs/"):
        assert f"http://127.0.0.1:{port}{path}\n" in said
    password = (tmp_path / "demo-password").read_text()
    assert f"password: {password}" in said
    assert stat.S_IMODE((tmp_path / "demo-password").stat().st_mode) == 0o600
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/live", timeout=10).status == 200
    messages = ring(tmp_path)
    wait_until(lambda: not any(message.exists() for message in messages))
    # twice, as make and the terminal may both send it
    first_look.send_signal(signal.SIGINT)
    first_look.send_signal(signal.SIGTERM)
    read_until(first_look, "Stopped.")
    assert first_look.wait(15) == 0
    # nobody is left to take it
    assert [message.suffix for message in ring(tmp_path)] == [".msg"]


def test_a_taken_port_is_said_at_once(port: int, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with launch(tmp_path, port) as second:
            assert f"PORT={port + 1} make run" in read_until(second, "is not to be had")
            assert second.wait(15) == 1
    assert not (tmp_path / "comeback.sqlite3").exists()
