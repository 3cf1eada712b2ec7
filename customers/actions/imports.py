"""Importing many orders: from NDJSON as a job, from documents as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.files.storage import default_storage
from django.db import DataError

from accounts.actions import report
from accounts.actors import INTEGRATION, Actor
from accounts.models import Job
from accounts.problems import Invalid, Refused
from customers.actions.bulk import take_in_many
from customers.actions.orders import ReadOrder, read_order, take_in
from customers.sources.ndjson import read_ndjson
from customers.sources.results import RefusedRow, SourceOrder

MOST_DOCUMENTS = 250
MOST_LINES = 5000


@dataclass(slots=True)
class Tally:
    """What became of some documents: outcomes by name, and the rows that were refused."""

    done: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    refused: list[RefusedRow] = field(default_factory=list)

    def count(self, outcome: str) -> None:
        """Note one document."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


Sourced = SourceOrder | RefusedRow


def import_documents(rows: Iterable[Sourced], *, actor: Actor) -> Iterator[Tally]:
    """Store order documents as they come, some hundred to a transaction; yields a tally per batch.

    A document that cannot be used is refused with its rows and the rest goes on. Memory stays flat: a batch ends
    at 250 documents or 5000 lines.
    """
    for batch in _batches(rows):
        yield _store(batch, actor)


def _batches(rows: Iterable[Sourced]) -> Iterator[list[Sourced]]:
    batch: list[Sourced] = []
    lines = 0
    for row in rows:
        batch.append(row)
        lines += 1 if isinstance(row, RefusedRow) else _weight(row)
        if len(batch) >= MOST_DOCUMENTS or lines >= MOST_LINES:
            yield batch
            batch, lines = [], 0
    if batch:
        yield batch


def _weight(sourced: SourceOrder) -> int:
    lines = sourced.document.get("lines")
    return len(lines) if isinstance(lines, list) else 1


def _store(batch: list[Sourced], actor: Actor) -> Tally:
    tally = Tally(done=len(batch))
    read: list[tuple[SourceOrder, ReadOrder]] = []
    for sourced in batch:
        if isinstance(sourced, RefusedRow):
            tally.refused.append(sourced)
            continue
        try:
            read.append((sourced, read_order(sourced.document)))
        except Refused as refused:
            tally.refused += refused_rows(sourced, refused)
    outcomes = take_in_many([each for _sourced, each in read], actor=actor)
    for (sourced, each), outcome in zip(read, outcomes, strict=True):
        if outcome is not None:
            tally.count(outcome)
            continue
        try:
            tally.count(_alone(each, actor))
        except Refused as refused:
            tally.refused += refused_rows(sourced, refused)
    return tally


def _alone(read: ReadOrder, actor: Actor) -> str:
    try:
        return take_in(read, actor=actor).outcome
    except DataError as error:
        raise Invalid(f"{type(error).__name__}: {error}".strip()) from error


def refused_rows(sourced: SourceOrder, refused: Refused) -> list[RefusedRow]:
    """A refused document as refused rows, each row it was made from; the first field error says where."""
    first = refused.errors[0] if refused.errors else None
    detail = f"{first.pointer}: {first.detail}" if first else refused.detail
    number = str(sourced.document.get("number", ""))
    return [RefusedRow(row, refused.code, detail, number) for row in sourced.rows]


def import_ndjson(job: Job) -> None:
    """Work on an import job; the file goes when the job is done. A job whose worker died begins anew."""
    actor = Actor(
        INTEGRATION,
        job.created_by.partition(":")[2],
        "import",
        shops=frozenset(job.payload.get("shops", [])),
        channels=frozenset(job.payload.get("channels", [])),
    )
    done = 0
    job.result, job.errors = {}, []
    with default_storage.open(job.payload["path"], "rb") as stream:
        for tally in import_documents(read_ndjson(stream), actor=actor):
            done += tally.done
            for outcome, count in tally.outcomes.items():
                job.result[outcome] = job.result.get(outcome, 0) + count
            report(job, done=done, errors=[row.as_dict() for row in tally.refused])
    report(job, done=done, total=done)
    default_storage.delete(job.payload["path"])
