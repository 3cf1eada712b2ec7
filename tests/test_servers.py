"""Servers that a test run started are gone when the run is, however it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
import redis

from tests.servers import ROOT, wait_for

RUN = """
import os, time
from tests import servers
print(servers.started("REDIS_URL"), flush=True)
time.sleep(60)
"""


def gone(url: str) -> None:
    try:
        redis.Redis.from_url(url, socket_connect_timeout=1).ping()
    except redis.ConnectionError:
        return
    raise redis.RedisError("still there")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_started_server_ends_with_the_run(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", RUN], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        assert redis.Redis.from_url(url).ping()
        run.send_signal(number)
    wait_for(lambda: gone(url))


def test_a_server_of_the_environment_is_left_alone() -> None:
    named = {"DATABASE_URL": "postgres://nowhere/x", "REDIS_URL": "redis://nowhere:1/0"}
    script = "import os; from tests import servers; servers.ensure(); print(os.environ['REDIS_URL'])"
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | named,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "redis://nowhere:1/0"
    assert time.monotonic() - start < 10
