"""Reading the project's own source: which files there are, and what stands in them."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())
LAYERS: list[str] = CONFIG["tool"]["importlinter"]["contracts"][0]["layers"]
# from the app that everybody may import to the one that nobody may
APPS = tuple(reversed(LAYERS))

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file; `path` is relative to the repository."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        """How long the file is."""
        return self.text.count("\n")

    def functions(self) -> Iterator[Function]:
        """Every function and method, also those inside others."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def at(self, node: ast.stmt | ast.expr) -> str:
        """Where the node is, for a message that an editor can follow."""
        return f"{self.path}:{node.lineno}"


@cache
def ours() -> tuple[Source, ...]:
    """The product's own Python files: no tests, no migrations."""
    files = (file for app in APPS for file in sorted((ROOT / app).rglob("*.py")))
    return tuple(
        Source(str(file.relative_to(ROOT)), file.read_text()) for file in files if "migrations" not in file.parts
    )


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository that git keeps or would keep, without the vendored ones."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    files = (ROOT / name for name in names if name and "vendor" not in Path(name).parts)
    return tuple(file for file in files if file.is_file())
