"""`make serve`: what falls over is started again, what cannot start ends everything, one signal stops all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.servers import ROOT

RUN = """
import sys
sys.path.insert(0, "bin")
import serve
from pathlib import Path
serve.ROOT = Path(sys.argv[1])
serve.prepare = lambda: None
sys.argv[1:] = sys.argv[2:]
sys.exit(serve.main())
"""


def launch(folder: Path, procfile: str, *names: str) -> subprocess.Popen[bytes]:
    (folder / "Procfile").write_text(procfile)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "bin")}
    return subprocess.Popen([sys.executable, "-c", RUN, str(folder), *names], cwd=ROOT, env=environment)


def eventually(holds: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def pids(folder: Path, name: str) -> list[int]:
    file = folder / name
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_process_is_started_again_and_all_stop_together(tmp_path: Path) -> None:
    with launch(
        tmp_path, "a: sh -c 'echo $$ >> a; exec sleep 60'\nb: sh -c 'echo $$ >> b; exec sleep 60'\n"
    ) as running:
        eventually(lambda: pids(tmp_path, "a") and pids(tmp_path, "b"))
        os.kill(pids(tmp_path, "a")[0], signal.SIGKILL)
        eventually(lambda: len(pids(tmp_path, "a")) == 2)
        running.send_signal(signal.SIGTERM)
        running.send_signal(signal.SIGTERM)
        assert running.wait(15) == 0
    assert not any(alive(pid) for name in "ab" for pid in pids(tmp_path, name))


def test_a_process_that_cannot_start_ends_everything(tmp_path: Path) -> None:
    with launch(tmp_path, "a: sh -c 'echo $$ >> a; exec sleep 60'\nb: false\n") as running:
        assert running.wait(15) == 1
    assert not any(alive(pid) for pid in pids(tmp_path, "a"))


def test_one_process_takes_the_place_of_the_launcher(tmp_path: Path) -> None:
    with launch(tmp_path, "a: sh -c 'echo $$ > a; exit 7'\n", "a") as running:
        assert running.wait(15) == 7
        assert pids(tmp_path, "a") == [running.pid]
