"""`python -m benchmarks.past`: a draft policy over a long history, beside reading the same rows without deciding."""

from __future__ import annotations

import logging
import os
import resource
import time
from argparse import ArgumentParser
from collections.abc import Callable

import django

from benchmarks import place, table


def main() -> None:
    """Seed, read, decide; print seconds, the ratio and the memory."""
    parser = ArgumentParser(prog="python -m benchmarks.past", description=__doc__)
    parser.add_argument("--returns", type=int, default=100_000)
    returns = parser.parse_args().returns
    place.prepare()
    django.setup()
    # needs Django to be set up
    from benchmarks import history

    logging.disable(logging.WARNING)
    print(table.machine())
    seeded = time.perf_counter()
    history.seed(returns)
    print(f"seeded {returns:,} returns in {time.perf_counter() - seeded:.0f} s")
    read = timed(history.read)
    spent = cpu()
    took = timed(history.decide)
    print(f"reading the rows alone {read:.1f} s; the backtest {took:.1f} s, {took / read:.1f} times that")
    print(f"of Python's own time {cpu() - spent:.1f} s on {os.cpu_count()} cores")
    print(f"the largest worker held {megabytes(resource.RUSAGE_CHILDREN)} MB, this process {megabytes()} MB")


def timed(work: Callable[[], str]) -> float:
    """Seconds that some work took; what it says is printed."""
    start = time.perf_counter()
    print(work())
    return time.perf_counter() - start


def cpu() -> float:
    """Seconds that this process and its finished children computed."""
    whole = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in whole)


def megabytes(who: int = resource.RUSAGE_SELF) -> int:
    """The most memory that this process, or one of its finished children, held."""
    return resource.getrusage(who).ru_maxrss // 1024


if __name__ == "__main__":
    main()
