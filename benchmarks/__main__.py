"""`python -m benchmarks`: measure, print a table, keep JSON in var/; --write puts the table into docs/figures.md."""

from __future__ import annotations

import json
import logging
import statistics
import tempfile
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import django

from benchmarks import place, table

SEEDED = {"orders": 1500, "returns": 1000}


def main() -> None:
    """Measure."""
    options = arguments()
    place.pgbench_binary()
    place.prepare()
    django.setup()
    logging.disable(logging.WARNING)
    result = measure(options)
    file = place.ROOT / "var" / "bench.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(result, indent=1))
    print(table.section(result))
    if options.write:
        table.write_into(place.ROOT / "docs" / "figures.md", table.section(result))


def arguments() -> Namespace:
    """--quick, --only, --write."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round: does it run, and about how fast")
    parser.add_argument("--only", default="", help="operations whose name holds this")
    parser.add_argument("--write", action="store_true", help="put the table into docs/figures.md")
    return parser.parse_args()


def measure(options: Namespace) -> dict[str, Any]:
    """Seed, record, start the server, and go round."""
    # these need Django to be set up
    from benchmarks.operations import Workbench
    from benchmarks.world import seed

    rounds, seconds = (1, 2.0) if options.quick else (5, 4.0)
    found: dict[str, Any] = {
        "command": "python -m benchmarks" + (" --quick" if options.quick else ""),
        "machine": table.machine(),
        "rounds": rounds,
        "seconds": seconds,
        "workers": place.WORKERS,
        "threads": place.THREADS,
        **SEEDED,
    }
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(seed(**SEEDED), Path(folder))
        bench.record()
        with place.server(Path(folder)) as server:
            bench.connect(server.port)
            found["clients"] = len(bench.connections)
            wanted = [each for each in bench.operations() if options.only in each.name]
            found["operations"] = go_round(wanted, rounds, seconds)
            found["worker_megabytes"] = server.megabytes()
    place.sweep()
    found["took_seconds"] = round(time.monotonic() - started)
    return found


def go_round(operations: list[Any], rounds: int, seconds: float) -> list[dict[str, Any]]:
    """Every operation by product, view and SQL in turn, again and again; medians."""
    taken: dict[tuple[str, str], list[float]] = {}
    for number in range(1, rounds + 1):
        for operation in operations:
            for by in ("ours", "view", "sql"):
                if work := getattr(operation, by):
                    value = work(seconds)
                    taken.setdefault((operation.name, by), []).append(value)
                    print(
                        f"{number}/{rounds} {operation.name} {by}: {table.figure(value)} {operation.unit}", flush=True
                    )
    return [
        {
            "name": operation.name,
            "unit": operation.unit,
            "ours": statistics.median(taken[operation.name, "ours"]),
            "bare": _median(taken, operation.name, "view"),
            "pgbench": _median(taken, operation.name, "sql"),
            "runs": {by: taken.get((operation.name, by), []) for by in ("ours", "view", "sql")},
        }
        for operation in operations
    ]


def _median(taken: dict[tuple[str, str], list[float]], name: str, by: str) -> float | None:
    values = taken.get((name, by))
    return statistics.median(values) if values else None


if __name__ == "__main__":
    main()
