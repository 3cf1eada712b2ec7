"""Numbers of documents that accounting issued for reimbursements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, FieldError, Invalid, WrongState
from customers.models import Order
from refunds.models import Document, Reimbursement

UNDECIDED = (Reimbursement.State.AWAITING_APPROVAL, Reimbursement.State.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What accounting tells of a document."""

    kind: str
    number: str
    issued_on: date
    ksef_number: str = ""
    allocation_number: str = ""


def record_document(row: Reimbursement, paper: Paper, *, actor: Actor) -> tuple[Document, bool]:
    """Keep a document's number; returns it and whether it is new. The same again changes nothing.

    Raises Invalid for a date to come, WrongState before the decision, and Conflict when the number is known with
    other particulars.
    """
    if paper.issued_on > timezone.localdate():
        detail = _("A document cannot be dated in the future.")
        raise Invalid(detail, errors=[FieldError("/issued_on", "invalid", detail)])
    with transaction.atomic():
        Order.objects.select_for_update(of=("self",)).only("pk").get(pk=row.order_id)
        locked = Reimbursement.objects.only("pk", "state", "documented").get(pk=row.pk)
        if locked.state in UNDECIDED:
            raise WrongState(_("Nothing was decided yet that a document could be about. Approve it first."))
        known = Document.objects.filter(reimbursement=locked, kind=paper.kind, number=paper.number).first()
        if known is not None:
            return _same(known, paper), False
        made = keep_document(locked, paper, actor=actor)
        return made, True


def keep_document(row: Reimbursement, paper: Paper, *, actor: Actor) -> Document:
    """Write a new document, under the order's lock."""
    made = Document.objects.create(
        reimbursement=row,
        kind=paper.kind,
        number=paper.number,
        issued_on=paper.issued_on,
        ksef_number=paper.ksef_number,
        allocation_number=paper.allocation_number,
        recorded_by=actor.name or actor.identity,
    )
    Reimbursement.objects.filter(pk=row.pk, documented=False).update(documented=True)
    return made


def _same(known: Document, paper: Paper) -> Document:
    told = (paper.issued_on, paper.ksef_number, paper.allocation_number)
    if (known.issued_on, known.ksef_number, known.allocation_number) != told:
        raise Conflict(_("Document %(number)s is recorded already, with other particulars.") % {"number": known.number})
    return known


def without_document(actor: Actor) -> QuerySet[Reimbursement]:
    """Settled reimbursements that moved something and that accounting has issued nothing for."""
    rows = Reimbursement.objects.filter(state=Reimbursement.State.SETTLED, documented=False).exclude(total=0)
    if actor.shops or actor.channels:
        rows = rows.filter(order__in=Order.objects.visible_to(actor))
    return rows
