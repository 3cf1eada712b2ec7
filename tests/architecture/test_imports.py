"""Imports go one way, stand at the top of their file, and never in a circle."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.architecture.source import APPS, CONFIG, ROOT, Source, ours


def test_contracts_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_contracts_fail_on_an_import_to_the_right(tmp_path: Path) -> None:
    for app in APPS:
        (tmp_path / app).mkdir()
        (tmp_path / app / "__init__.py").write_text("")
    (tmp_path / "customers" / "__init__.py").write_text("import refunds\n")
    (tmp_path / "returns" / "helpers.py").write_text("")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "customers is not allowed to import refunds" in done.stdout
    assert "returns.helpers" in done.stdout


def test_contributors_are_told_every_layer() -> None:
    layers = " ".join(CONFIG["tool"]["importlinter"]["contracts"][1]["layers"])
    told = (ROOT / "CONTRIBUTING.md").read_text()
    assert [name for name in re.findall(r"\w+", layers) if f"`{name}`" not in told] == []


def packages(root: Path) -> set[str]:
    return {file.parent.name for file in root.glob("*/__init__.py")} - {"tests", "benchmarks"}


def test_the_root_packages_are_the_layers() -> None:
    linter = CONFIG["tool"]["importlinter"]
    assert packages(ROOT) == set(APPS) == set(linter["root_packages"])
    assert set(linter["contracts"][1]["containers"]) == set(APPS) - {"config"}


def test_a_stray_root_package_is_seen(tmp_path: Path) -> None:
    (tmp_path / "utils").mkdir()
    (tmp_path / "utils" / "__init__.py").touch()
    assert packages(tmp_path) == {"utils"}


def hidden_imports(source: Source) -> list[str]:
    found = []
    for function in source.functions():
        for node in ast.walk(function):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.partition(".")[0] in APPS for name in names):
                found.append(source.at(node))  # type: ignore[arg-type]
    return found


def test_no_first_party_import_inside_a_function() -> None:
    assert [place for source in ours() for place in hidden_imports(source)] == []


def test_a_hidden_import_is_seen() -> None:
    source = Source("x.py", "import returns\ndef late():\n    from returns.models import Return\n    import json\n")
    assert hidden_imports(source) == ["x.py:3"]


def cycle(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_import_goes_in_a_circle() -> None:
    graph = grimp.build_graph(*APPS, exclude_type_checking_imports=True, cache_dir=None)
    assert cycle({name: graph.find_modules_directly_imported_by(name) for name in graph.modules}) == []


def test_a_circle_is_seen() -> None:
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) != []
    assert cycle({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_settings_are_the_only_way_up() -> None:
    """A dotted path to the right is a hidden import, but for the paths that settings name on purpose."""
    found = []
    for source in ours():
        app = source.path.partition("/")[0]
        right = APPS[APPS.index(app) + 1 :]
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and "import_" in ast.unparse(node.func):
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                found += [source.at(node) for text in texts if str(text).partition(".")[0] in right]
    assert found == []


@pytest.mark.parametrize("name", ["core", "common", "utils", "helpers"])
def test_there_is_no_drawer_for_everything(name: str) -> None:
    assert [source.path for source in ours() if name in Path(source.path).with_suffix("").parts] == []
