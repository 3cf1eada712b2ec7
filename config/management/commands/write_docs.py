"""`write_docs`: the documents that are made from the code, or with --check a failure when they are stale."""

from __future__ import annotations

import inspect
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.module_loading import import_string

from config.reactions import REACTIONS
from returns.lifecycle import TRANSITIONS, Move
from returns.models.rma import Status

GENERATED = "<!-- Made by `make docs`; edit {source} instead. -->\n"
MAKERS = {
    "command": "a person asks for it",
    "fact": "it follows from what happened",
    "clock": "time passed",
}


class Command(BaseCommand):
    """Write docs/lifecycle.md, docs/events.md and docs/openapi.yaml."""

    help = "Write the generated documents, or say which are stale."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--check."""
        parser.add_argument("--check", action="store_true", help="change nothing, fail when one is stale")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Write or compare. Raises CommandError when --check finds a stale document."""
        folder = settings.ROOT / "docs"
        stale = [name for name, make in DOCUMENTS.items() if differs(folder / name, make(), write=not check)]
        if stale and check:
            raise CommandError(f"Stale: {', '.join(stale)}. Run `make docs`.")
        self.stdout.write(f"Written: {', '.join(stale)}." if stale else "Generated docs are up to date.")


def differs(file: Path, text: str, *, write: bool) -> bool:
    """Whether the file says something else; with `write` it then says this."""
    if file.exists() and file.read_text() == text:
        return False
    if write:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return True


def lifecycle() -> str:
    """The states of a return as a diagram and every move as a row."""
    with translation.override("en"):
        arrows = "".join(f"    {move.origin} --> {move.to}\n" for move in TRANSITIONS)
        rows = table(("From", "To", "Because", "When"), map(row, TRANSITIONS))
        labels = table(("State", "Shown as"), ((f"`{value}`", str(label)) for value, label in Status.choices))
    return (
        GENERATED.format(source="returns/lifecycle.py")
        + "# The life of a return\n\n"
        + "One function moves a return, and it knows only these moves.\n\n"
        + f"```mermaid\nstateDiagram-v2\n    [*] --> {Status.REQUESTED}\n{arrows}```\n\n"
        + f"{rows}\n## States\n\n{labels}"
    )


def row(move: Move) -> tuple[str, ...]:
    """One move as cells."""
    return (f"`{move.origin}`", f"`{move.to}`", MAKERS[move.by], str(move.when))


def events() -> str:
    """Every kind of event and what happens after it, in the words of the reactions themselves."""
    told = sorted({path for paths in REACTIONS.values() for path in paths})
    kinds = ((f"`{kind}`", "<br>".join(f"`{path}`" for path in paths) or "-") for kind, paths in REACTIONS.items())
    return (
        GENERATED.format(source="config/reactions.py")
        + "# Events\n\n"
        + "Everything that happens to a return is an event in one log. This is what follows.\n\n"
        + table(("Event", "Then"), kinds)
        + "\n## What the reactions do\n\n"
        + table(("Reaction", "Does"), ((f"`{path}`", sentence(path)) for path in told))
    )


def sentence(path: str) -> str:
    """The first sentence of a function's docstring."""
    return (inspect.getdoc(import_string(path)) or "").partition("\n\n")[0].replace("\n", " ")


def openapi() -> str:
    """The OpenAPI document as it is served."""
    with tempfile.TemporaryDirectory() as folder, translation.override("en"):
        file = Path(folder) / "openapi.yaml"
        call_command("spectacular", file=str(file), validate=True)
        return file.read_text()


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


DOCUMENTS: dict[str, Callable[[], str]] = {
    "lifecycle.md": lifecycle,
    "events.md": events,
    "openapi.yaml": openapi,
}
