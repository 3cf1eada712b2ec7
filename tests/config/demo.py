"""`make run` as a process of its own, over a folder of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.servers import ROOT

SERVERS = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "PYTEST_VERSION")


def environment(folder: Path, port: int) -> dict[str, str]:
    """What the process and the commands beside it see: no servers, and all state in the folder."""
    mine = {name: value for name, value in os.environ.items() if name not in SERVERS}
    settings = {"FIRST_LOOK": str(folder), "DJANGO_SETTINGS_MODULE": "tests.config.first_look"}
    return mine | settings | {"BASE_URL": f"http://127.0.0.1:{port}"}


def launch(folder: Path, port: int, *, seed: bool = False) -> subprocess.Popen[str]:
    """Start it; the caller stops it."""
    command = [sys.executable, "manage.py", "run_demo", "--port", str(port)]
    return subprocess.Popen(
        command if seed else [*command, "--no-seed"],
        cwd=ROOT,
        env=environment(folder, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(running: subprocess.Popen[str], text: str) -> str:
    """Everything it said up to the line that holds the text."""
    assert running.stdout is not None
    seen = ""
    for line in running.stdout:
        seen += line
        if text in line:
            return seen
    raise AssertionError(seen)
