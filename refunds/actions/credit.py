"""Store credit: issued over an append-only ledger, the balance kept under the row's lock."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict
from customers.models import Customer, Shop
from refunds.calculator import Quote
from refunds.models import Reimbursement, StoreCredit, StoreCreditEntry
from returns.codes import new_code
from returns.models import Return
from returns.policy.document import Policy


def issue_store_credit(rma: Return, row: Reimbursement, quote: Quote, *, actor: Actor, policy: Policy) -> StoreCredit:
    """Turn a reimbursement into a balance under a code; a bonus is a line of its own in the ledger."""
    bonus = sum(line.gross for line in quote.lines if line.kind == "bonus")
    valid = policy.standing.store_credit_valid_days
    credit = StoreCredit.objects.create(
        code=new_code("SC"),
        shop=rma.shop,
        customer=rma.customer,
        reimbursement=row,
        currency=quote.currency,
        balance=quote.credit,
        expires_on=None if valid is None else timezone.now().date() + timedelta(days=valid),
    )
    parts = [("issued", quote.credit - bonus), ("bonus", bonus)]
    StoreCreditEntry.objects.bulk_create(
        [
            StoreCreditEntry(credit=credit, seq=seq, kind=kind, amount=amount, reference=rma.code, actor=actor.name)
            for seq, (kind, amount) in enumerate([part for part in parts if part[1]], start=1)
        ]
    )
    return credit


def import_store_credit(
    *,
    shop: Shop,
    code: str,
    amount: int,
    currency: str,
    actor: Actor,
    customer: Customer | None = None,
    expires_on: date | None = None,
    reference: str = "",
) -> StoreCredit:
    """Move a balance in from another system, under the code the customer holds. Raises Conflict when it exists."""
    try:
        with transaction.atomic():
            credit = StoreCredit.objects.create(
                code=code,
                shop=shop,
                customer=customer,
                currency=currency,
                balance=amount,
                expires_on=expires_on,
            )
            StoreCreditEntry.objects.create(
                credit=credit, seq=1, kind="imported", amount=amount, reference=reference, actor=actor.name
            )
    except IntegrityError as error:
        raise Conflict(_("Store credit %(code)s exists already.") % {"code": code}) from error
    return credit
