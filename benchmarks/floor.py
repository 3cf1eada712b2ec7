"""pgbench with the SQL of an operation and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from benchmarks.place import pgbench_binary

TPS = re.compile(r"tps = ([0-9.]+) \(without")
FAILED = re.compile(r"number of failed transactions: [1-9]|aborted")
CLIENTS = 8


def per_second(script: Path, size: float, *, seed: int, clients: int = CLIENTS, count: bool = False) -> float:
    """How often the script ran in a second, within `size` seconds or, by `count`, that often per client.

    Raises RuntimeError when a statement failed.
    """
    command = [
        pgbench_binary(), "--no-vacuum", "--file", str(script), "--client", str(clients), "--jobs", "2",
        "--transactions" if count else "--time", str(max(1, round(size))), "--random-seed", str(seed),
        os.environ["DATABASE_URL"],
    ]  # fmt: skip
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    tps = TPS.search(found.stdout)
    if found.returncode or tps is None or FAILED.search(found.stdout + found.stderr):
        raise RuntimeError(f"{script.name}: {found.stderr[-1500:]}{found.stdout[-500:]}")
    return float(tps[1])
