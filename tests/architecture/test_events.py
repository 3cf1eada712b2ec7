"""Every kind of event has its entry, its docs row and its templates; what is named by a path exists."""

from __future__ import annotations

import ast
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.module_loading import import_string

from config.celery import app
from config.reactions import HOLDER, NOTIFY, REACTIONS
from tests.architecture.source import ROOT, Source, ours

WORDS = ROOT / "templates" / "emails"
WRITERS = {NOTIFY, HOLDER}
KIND = re.compile(r"^[a-z_]+\.[a-z_]+$")
# where a kind stands in a call that logs one event: move(rma, to, kind), log(rma, kind)
PLACE = {"move": 2, "log": 1}


def literal(node: ast.AST) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and KIND.match(node.value)
    return str(node.value) if is_text else None  # type: ignore[attr-defined]


def logged_kinds(source: Source) -> set[str]:
    """The kinds that this file logs by name, alone or as a pair of kind and data."""
    found: set[str | None] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            place = PLACE.get(ast.unparse(node.func).rpartition(".")[2], 99)
            found |= {literal(argument) for argument in node.args[place : place + 1]}
            found |= {literal(keyword.value) for keyword in node.keywords if keyword.arg == "kind"}
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and is_data(node.elts[1]):
            found.add(literal(node.elts[0]))
    return {kind for kind in found if kind}


def is_data(node: ast.expr) -> bool:
    return isinstance(node, ast.Dict) or (isinstance(node, ast.Call) and ast.unparse(node.func) == "dict")


def written_texts() -> set[str]:
    return {
        text
        for source in ours()
        if source.path != "config/reactions.py"
        for node in ast.walk(source.tree)
        if (text := literal(node))
    }


def test_every_logged_kind_has_its_entry() -> None:
    missing = {kind: source.path for source in ours() for kind in logged_kinds(source) if kind not in REACTIONS}
    assert missing == {}


def test_a_kind_without_entry_is_seen() -> None:
    text = "move(rma, 'x', 'return.eaten')\nevents.log(rma, 'note.sung')\nlog_all(r, [('a.b', {'n': 1})])\n"
    assert logged_kinds(Source("x.py", text)) == {"return.eaten", "note.sung", "a.b"}


def test_every_entry_is_a_kind_that_happens() -> None:
    assert sorted(set(REACTIONS) - written_texts()) == []


def test_kinds_are_things_and_participles() -> None:
    assert [kind for kind in REACTIONS if not KIND.match(kind)] == []


@pytest.mark.parametrize("path", sorted({path for paths in REACTIONS.values() for path in paths}))
def test_every_reaction_imports_and_says_what_it_does(path: str) -> None:
    reaction = import_string(path)
    assert callable(reaction)
    assert (reaction.__doc__ or "").strip()


def test_no_reaction_runs_twice_for_one_event() -> None:
    assert [kind for kind, paths in REACTIONS.items() if len(paths) != len(set(paths))] == []


def test_what_is_told_has_its_words() -> None:
    told = [kind for kind, paths in REACTIONS.items() if WRITERS.intersection(paths)]
    files = [f"{kind}/{part}" for kind in told for part in ("subject.txt", "body.txt", "body.html")]
    assert [name for name in files if not (WORDS / name).is_file()] == []


def test_no_words_without_an_event() -> None:
    folders = {folder.name for folder in WORDS.iterdir() if folder.is_dir()}
    assert sorted(name for name in folders if KIND.match(name) and not WRITERS & set(REACTIONS.get(name, []))) == []


def test_every_kind_has_its_docs_row() -> None:
    text = (ROOT / "docs" / "events.md").read_text()
    assert [kind for kind in REACTIONS if f"| `{kind}` |" not in text] == []


@pytest.mark.django_db
def test_generated_documents_are_fresh() -> None:
    call_command("write_docs", check=True)


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    names = {str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert sorted(names - set(app.tasks)) == []


def test_the_worker_listens_to_every_queue() -> None:
    line = next(line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("worker:"))
    named = set(re.findall(r"--queues (\S+)", line)[0].split(","))
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert routed | {settings.CELERY_TASK_DEFAULT_QUEUE} <= named
