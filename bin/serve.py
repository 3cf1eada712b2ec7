"""Run the Procfile's processes: all on one host, or the named one in place of this one (containers)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
# who gives up within this time of the first start has a wrong setting, and another start would not help
SETTLED = 5.0
GRACE = 25.0


@dataclass
class Process:
    """One line of the Procfile and what runs for it."""

    name: str
    command: str
    started: float = 0.0
    starts: int = 0
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a group of its own, so that Ctrl-C reaches it only through us."""
        self.started = time.monotonic()
        self.starts += 1
        self.running = subprocess.Popen(["/bin/sh", "-c", f"exec {self.command}"], start_new_session=True)

    def ended(self) -> bool:
        """Whether it is not running any more."""
        return self.running is not None and self.running.poll() is not None

    def hopeless(self) -> bool:
        """Whether its first start failed by its own doing; what somebody killed is started again."""
        gave_up = self.running is not None and (self.running.returncode or 0) >= 0
        return gave_up and self.starts == 1 and time.monotonic() - self.started < SETTLED

    def send(self, number: int) -> None:
        """Signal the process, and with SIGKILL all its children."""
        if self.running is None or self.ended():
            return
        if number == signal.SIGKILL:
            os.killpg(self.running.pid, number)
        else:
            self.running.send_signal(number)


def processes(procfile: Path) -> list[Process]:
    """The named commands of a Procfile."""
    lines = procfile.read_text().splitlines()
    pairs = (line.split(":", 1) for line in lines if line.strip() and not line.startswith("#"))
    return [Process(name.strip(), command.strip()) for name, command in pairs]


def settle() -> None:
    """Settings from .env where the environment has none, and this Python's commands first in the path."""
    os.chdir(ROOT)
    environ.Env.read_env(ROOT / ".env", overwrite=False)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def prepare() -> None:
    """Check the settings, then bring tables and static files up to date. Raises CalledProcessError."""
    (ROOT / "var").mkdir(exist_ok=True)
    for command in (
        ["check", "--fail-level", "ERROR"],
        ["migrate", "--no-input"],
        ["collectstatic", "--no-input"],
    ):
        subprocess.run([sys.executable, "manage.py", *command, "--verbosity", "0"], check=True)


def watch(running: list[Process]) -> int:
    """Keep all running until a signal comes (0) or one of them cannot be started (1)."""
    for process in running:
        process.start()
    while True:
        time.sleep(0.5)
        for process in filter(Process.ended, running):
            print(f"{process.name} ended", file=sys.stderr, flush=True)
            if process.hopeless():
                return 1
            process.start()


def stop(running: list[Process]) -> None:
    """Ask all to end, wait for their work in hand, then insist."""
    for process in running:
        process.send(signal.SIGTERM)
    end = time.monotonic() + GRACE
    while time.monotonic() < end and not all(process.running is None or process.ended() for process in running):
        time.sleep(0.1)
    for process in running:
        process.send(signal.SIGKILL)


def interrupt(*_: object) -> None:
    """Treat SIGTERM as Ctrl-C, once: make and the terminal may both send it, and the clean-up must end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def become(name: str, running: list[Process]) -> int:
    """Run one process in place of this one, so that its signals and its exit are the container's."""
    for process in running:
        if process.name == name:
            os.execv("/bin/sh", ["/bin/sh", "-c", f"exec {process.command}"])
    print(f"The Procfile has no process {name}.", file=sys.stderr)
    return 2


def main() -> int:
    """Prepare, serve, stop."""
    settle()
    running = processes(ROOT / "Procfile")
    if len(sys.argv) > 1:
        return become(sys.argv[1], running)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        prepare()
        return watch(running)
    except KeyboardInterrupt:
        return 0
    except subprocess.CalledProcessError as error:
        return error.returncode
    finally:
        stop(running)


if __name__ == "__main__":
    sys.exit(main())
