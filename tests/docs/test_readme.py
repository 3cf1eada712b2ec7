"""README's commands run as they stand against `make run`, and end where README says."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.demo import environment, launch, read_until
from tests.servers import ROOT, free_port

pytestmark = pytest.mark.scale
README = ROOT / "README.md"


def commands(port: int) -> str:
    """Every block marked `sh`, in order, one script."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    script = "set -euo pipefail\n" + "\n".join(blocks)
    return script.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace(".venv/bin/python", sys.executable)


def promised() -> list[str]:
    """What README says the commands print, from their comments."""
    return re.findall(r"# (authorized|in_transit|inspected|succeeded|resolved|Only 1 .*)$", README.read_text(), re.M)


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shop(folder: Path, port: int) -> Iterator[str]:
    with launch(folder, port, seed=True) as running:
        try:
            yield read_until(running, "Ctrl-C")
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(20)


def run(folder: Path, port: int) -> list[str]:
    done = subprocess.run(
        ["bash", "-c", commands(port)],
        cwd=ROOT,
        env=environment(folder, port),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_a_return_lives_its_whole_life(shop: str, folder: Path, port: int) -> None:
    said = run(folder, port)
    assert [line for line in said if line in promised()] == promised()
    assert len(promised()) == 6
    assert "169.79" in said
    assert any(line.startswith(f"http://127.0.0.1:{port}/r/") for line in said)
    assert (ROOT / "var" / "label.pdf").read_bytes().startswith(b"%PDF")


def test_the_demo_says_what_to_open(shop: str) -> None:
    for words in ("/desk/", "/warehouse/", "/r/", "TW-48250", "agent@demo.test", "password:"):
        assert words in shop
