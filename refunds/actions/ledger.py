"""The ledger of store credit: every line is written here, under the credit's lock, with the balance after it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import WrongState
from customers import money
from refunds.calculator import validity
from refunds.models import StoreCredit, StoreCreditEntry
from returns import events

GIVEN = ("issued", "bonus", "imported", "refunded")
"""Kinds of lines that make the face value."""


def lock_credit(credit: StoreCredit) -> StoreCredit:
    """The credit as it is now, locked until the transaction ends; last but one in the order of locks."""
    rows = StoreCredit.objects.select_for_update(of=("self",)).select_related("shop", "customer")
    return rows.get(pk=credit.pk)


def post(
    credit: StoreCredit,
    kind: str,
    amount: int,
    *,
    actor: Actor,
    reference: str = "",
    reverses: StoreCreditEntry | None = None,
) -> StoreCreditEntry:
    """Write one line of a locked credit and carry the balance; `amount` is signed minor units."""
    last = credit.entries.order_by("-seq").values_list("seq", flat=True).first() or 0
    credit.balance += amount
    entry = StoreCreditEntry.objects.create(
        credit=credit,
        seq=last + 1,
        kind=kind,
        amount=amount,
        balance_after=credit.balance,
        reverses=reverses,
        reference=reference,
        actor=actor.name[:120],
    )
    credit.save(update_fields=["balance"])
    return entry


def tell(credit: StoreCredit, kind: str, /, *, actor: Actor, **data: Any) -> None:
    """Log what happened in the credit's own stream; amounts go in as minor units and out as text."""
    texts = {
        name: money.to_text(value, credit.currency) if name in ("amount", "balance") else value
        for name, value in data.items()
    }
    happened: list[events.Happening] = [(kind, {"credit": credit.pk, "currency": credit.currency, **texts})]
    events.append(f"credit:{credit.pk}", happened, actor=actor)


def face_value(credit: StoreCredit) -> int:
    """What was put on it in all, minor units; what a reversal gave back is not new."""
    return sum(credit.entries.filter(kind__in=GIVEN).values_list("amount", flat=True))


def is_over(credit: StoreCredit) -> bool:
    """Whether its last day has ended everywhere, or its rest was taken off the books."""
    return credit.expired_at is not None or validity.is_over(credit.expires_on, timezone.now())


def is_dead(credit: StoreCredit) -> bool:
    """Whether nothing can be put on it or taken from it any more."""
    return credit.voided_at is not None or is_over(credit)


def refuse_unusable(credit: StoreCredit) -> None:
    """Raise WrongState, with what to do, for a credit that is voided, expired, or waits for a second person."""
    if credit.voided_at is not None:
        raise WrongState(_("Store credit %(code)s was voided. Issue a new one.") % {"code": credit.code})
    if is_over(credit):
        raise WrongState(
            _("Store credit %(code)s expired on %(day)s. Issue a new one if the customer should have it all the same.")
            % {"code": credit.code, "day": credit.expires_on}
        )
    if credit.pending:
        raise WrongState(
            _("Store credit %(code)s waits for a second person. Approve it first.") % {"code": credit.code}
        )
