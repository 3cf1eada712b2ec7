"""What every command that moves data in does: read a file, show progress, report the refused rows."""

from __future__ import annotations

import io
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, ClassVar, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from accounts.problems import Refused
from customers.actions.imports import Tally
from customers.sources.report import RefusedRows

WIDTH = 30
PAUSE = 0.1


class Progress(io.RawIOBase):
    """The file while it is read; a bar on a terminal says how far, and elsewhere nothing is written.

    `waiting` is the part of what was read that is also done, for readers that run ahead.
    """

    def __init__(self, file: IO[bytes], size: int, screen: TextIO | OutputWrapper) -> None:
        self._file, self._size, self._screen = file, max(1, size), screen
        self._live, self._next, self._taken = screen.isatty(), 0.0, 0
        self.waiting: Callable[[], float] = lambda: 1.0

    def readable(self) -> bool:
        """Always: it exists to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as one read goes."""
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._taken += len(data)
        self.show()
        return len(data)

    def show(self) -> None:
        """Draw the bar, at most ten times a second."""
        if not self._live or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PAUSE
        share = min(1.0, self._taken / self._size * self.waiting())
        self._write(f"\r[{'#' * int(share * WIDTH):{WIDTH}}] {share:4.0%}")

    def clear(self) -> None:
        """Take the bar away."""
        if self._live:
            self._write("\r" + " " * (WIDTH + 8) + "\r")

    def _write(self, text: str) -> None:
        if isinstance(self._screen, OutputWrapper):
            self._screen.write(text, style_func=str, ending="")
        else:
            self._screen.write(text)
        self._screen.flush()


class ImportCommand(BaseCommand):
    """Reads a file whose rows are stored one by one or refused with a reason, and tells what became of them."""

    things: ClassVar[str]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE and where the refused rows go."""
        parser.add_argument("file", metavar="FILE", type=Path, help="the file, gzip or not")
        parser.add_argument("--report", type=Path, help="where refused rows are listed; default var/refused-FILE.csv")

    def tallies(self, file: Progress, options: dict[str, Any]) -> Iterator[Tally]:
        """What became of the file, batch by batch; every import has its own."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, then tell. Raises CommandError when the file as a whole cannot be used."""
        source: Path = options["file"]
        report: Path = options["report"] or settings.VAR / f"refused-{source.name.split('.')[0]}.csv"
        started = time.monotonic()
        try:
            with source.open("rb") as binary:
                progress = Progress(binary, source.stat().st_size, self.stderr)
                outcomes, refused = self._run(progress, report, options)
        except OSError as error:
            raise CommandError(f"{error.filename or source}: {error.strerror or error}") from error
        self.stdout.write(f"{self.things}: {counted(outcomes)}, in {time.monotonic() - started:.1f} s.")
        if refused:
            self.stdout.write(f"Rows refused: {sum(refused.values()):,}, listed in {report}")
        for code, count in sorted(refused.items(), key=lambda pair: (-pair[1], pair[0])):
            self.stdout.write(f"  {code:<28} {count:>9,}")

    def _run(self, file: Progress, report: Path, options: dict[str, Any]) -> tuple[Counter[str], dict[str, int]]:
        outcomes: Counter[str] = Counter()
        report.parent.mkdir(parents=True, exist_ok=True)
        with report.open("w", newline="", encoding="utf-8") as text:
            refused = RefusedRows(text)
            try:
                for tally in self.tallies(file, options):
                    outcomes.update(tally.outcomes)
                    for row in tally.refused:
                        refused.add(row)
                    file.show()
            except Refused as problem:
                raise CommandError(told(problem, outcomes)) from problem
            finally:
                file.clear()
                if not refused.count:
                    report.unlink()
        return outcomes, refused.count


def told(problem: Refused, outcomes: Counter[str]) -> str:
    """Why a file as a whole cannot be used, with every place, and what was stored before that showed."""
    lines = [problem.detail, *(f"{error.pointer}: {error.detail}" for error in problem.errors)]
    if outcomes:
        lines.append(f"Stored before that: {counted(outcomes)}. Run it again when the file is right.")
    return "\n  ".join(lines)


def counted(outcomes: Counter[str]) -> str:
    """Outcomes in words: 1,550 new, 3 unchanged."""
    return ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.most_common()) or "none"
