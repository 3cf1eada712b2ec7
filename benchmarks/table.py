"""The figures as a table and as JSON, with the machine they were taken on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.place import pgbench_binary

Json = dict[str, Any]
VERSIONS = {"postgresql": "PostgreSQL", "python": "Python", "django": "Django", "gunicorn": "gunicorn"}
MARKS = ("<!-- bench -->", "<!-- /bench -->")


def machine() -> Json:
    """Cores, memory and versions, and how busy the machine was."""
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory[1]) / 1024**2, 1) if memory else None,
        "load_before": [round(each, 1) for each in os.getloadavg()],
        "python": platform.python_version(),
        "django": version("django"),
        "gunicorn": version("gunicorn"),
        "postgresql": subprocess.run(
            [pgbench_binary(), "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[2],
    }


def figure(value: float | None) -> str:
    """Three figures are as many as such a measurement has."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def ratio(ours: float, of: float | None) -> str:
    """How much of the floor is reached."""
    return "-" if of is None else f"{ours / of:.2f}"


def markdown(rows: list[Json]) -> str:
    """The table."""
    head = ("Operation", "Unit", "Comeback", "Bare view", "of it", "pgbench", "of it")
    lines = [head, ("---", "---", "---:", "---:", "---:", "---:", "---:")]
    for row in rows:
        ours, view, sql = row["ours"], row["bare"], row["pgbench"]
        cells = (figure(ours), figure(view), ratio(ours, view), figure(sql), ratio(ours, sql))
        lines.append((row["name"], row["unit"], *cells))
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def section(result: Json) -> str:
    """The table with what one must know to read it."""
    where = result["machine"]
    day = datetime.now(UTC).date().isoformat()
    load = ", ".join(map(str, where["load_before"]))
    versions = ", ".join(f"{label} {where[name]}" for name, label in VERSIONS.items())
    return (
        f"Taken on {day} by `{result['command']}`: {where['cores']} cores, {where['memory_gb']} GB, {versions}; "
        f"{result['workers']} gunicorn workers of {result['threads']} threads, DEBUG off, "
        f"{result['clients']} clients on loopback, {result['orders']} orders and {result['returns']} returns. "
        f"Medians of {result['rounds']} interleaved rounds of {result['seconds']} s. "
        f"Load average before the run: {load}. "
        f"The largest worker held {result['worker_megabytes']} MB at the end.\n\n{markdown(result['operations'])}"
    )


def write_into(file: Path, text: str) -> None:
    """Put the section between its marks."""
    before, rest = file.read_text().split(MARKS[0])
    _old, after = rest.split(MARKS[1])
    file.write_text(f"{before}{MARKS[0]}\n{text}{MARKS[1]}{after}")
