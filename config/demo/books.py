"""Accounting of the demo: credit notes for what went back, all but the newest."""

from __future__ import annotations

from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from config.demo.stage import Stage, Story
from refunds.actions.documents_in import Paper, record_document, without_document


def credit_notes(stage: Stage) -> Story:
    """Accounting catches up with the week, one behind."""
    yield stage.day(0.03)
    waiting = list(without_document(SYSTEM_ACTOR).order_by("settled_at", "pk"))
    for number, row in enumerate(waiting[:-1], start=101):
        assert row.settled_at is not None
        day = timezone.localtime(row.settled_at).date()
        paper = Paper(kind="credit_note", number=f"CN-{day.year}-{number:04d}", issued_on=day)
        record_document(row, paper, actor=stage.staff["manager"])
