"""What the documents name exists: files, functions, commands, settings, links."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.servers import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PLACE = re.compile(r"`([\w./]+\.(?:py|html|txt|yaml|sql))(?::(\w+))?`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@cache
def names(file: Path) -> frozenset[str]:
    """What a module defines at its top."""
    found: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(found)


def places(text: str) -> list[tuple[str, str]]:
    return [(file, name) for file, name in PLACE.findall(text) if "/" in file]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.name))
def test_every_file_and_name_exists(document: Path) -> None:
    for path, name in places(document.read_text()):
        assert (ROOT / path).is_file(), path
        assert not name or name in names(ROOT / path), f"{path}:{name}"


def test_the_tour_names_what_it_passes() -> None:
    passed = places((ROOT / "docs" / "tour.md").read_text())
    assert len(passed) > 30
    assert {path.partition("/")[0] for path, _name in passed} >= {"config", "returns", "inspections", "refunds"}


def test_a_lost_name_is_seen() -> None:
    assert places("`returns/events.py:no_such_thing`") == [("returns/events.py", "no_such_thing")]
    assert "no_such_thing" not in names(ROOT / "returns/events.py")
    assert "log_all" in names(ROOT / "returns/events.py")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.name))
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text()):
        assert (document.parent / target).exists(), target


def test_every_command_exists() -> None:
    known = get_commands()
    for document in DOCUMENTS:
        for command in re.findall(r"manage\.py (\w+)", document.read_text()):
            assert command in known, f"{document.name}: {command}"


def test_operations_names_real_settings() -> None:
    explained = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    named = set(re.findall(r"`([A-Z][A-Z_]{4,})(?:=\w+)?`", (ROOT / "docs" / "operations.md").read_text()))
    assert len(named) > 5
    assert named - explained == set()


def test_the_glossary_has_every_word_three_times() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs" / "glossary.md").read_text().splitlines()
        if line.startswith("| ") and not line.startswith(("| ---", "| English"))
    ]
    assert len(rows) > 40
    for english, hebrew, polish, _words in rows:
        assert english
        assert re.search(r"[\u05d0-\u05ea]", hebrew), english
        assert re.search(r"[a-z]", polish), english
    terms = [row[0] for row in rows]
    assert len(terms) == len(set(terms))
