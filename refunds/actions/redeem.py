"""Spending store credit: a redemption per reference, its reversal, and the small change in cash."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, FieldError, Invalid, NotFound, Refused, WrongState
from refunds.actions.ledger import face_value, lock_credit, post, refuse_unusable, tell
from refunds.calculator import OverAmount, validity
from refunds.models import StoreCredit, StoreCreditEntry
from refunds.queries import NUL


class OtherCurrency(Refused):
    """The amount is in another currency than the credit."""

    code = "mismatch"


def redeem_store_credit(
    credit: StoreCredit, amount: int, *, reference: str, actor: Actor, currency: str | None = None
) -> tuple[StoreCreditEntry, bool]:
    """Spend some of it under the shop's own reference; returns the entry and whether it is new.

    The same reference and amount again answer with what was booked. Raises OverAmount (`max`), Conflict for another
    amount or a reversed reference, WrongState for a credit that cannot be used, OtherCurrency. Minor units.
    """
    if currency is not None and currency != credit.currency:
        detail = _("This store credit is in %(own)s and not in %(other)s. Redeem an amount in %(own)s.") % {
            "own": credit.currency,
            "other": currency,
        }
        raise OtherCurrency(detail, errors=[FieldError("/currency", "mismatch", detail)])
    with transaction.atomic():
        credit = lock_credit(credit)
        known = _known(credit, reference)
        if known is not None:
            return _same(known, amount), False
        refuse_unusable(credit)
        _check_amount(credit, amount)
        entry = post(credit, "redeemed", -amount, actor=actor, reference=reference)
        tell(credit, "store_credit.redeemed", actor=actor, amount=amount, balance=credit.balance, reference=reference)
    return entry, True


def _known(credit: StoreCredit, reference: str) -> StoreCreditEntry | None:
    if NUL in reference:
        return None
    rows = StoreCreditEntry.objects.select_related("reversal")
    return rows.filter(credit=credit, kind="redeemed", reference=reference).first()


def _same(entry: StoreCreditEntry, amount: int) -> StoreCreditEntry:
    if hasattr(entry, "reversal"):
        raise Conflict(_("What was redeemed under this reference was given back. Use a new reference."))
    if entry.amount != -amount:
        raise Conflict(_("Another amount was redeemed under this reference already. Use a new reference."))
    return entry


def _check_amount(credit: StoreCredit, amount: int) -> None:
    if amount <= 0:
        detail = _("Give an amount above zero.")
        raise Invalid(detail, errors=[FieldError("/amount", "invalid", detail)])
    if amount > credit.balance:
        words = _("%(max)s is left on this store credit. Redeem that at most.")
        nothing = _("Nothing is left on this store credit.")
        raise OverAmount(credit.balance, credit.currency, pointer="/amount", detail=words, nothing=nothing)


def reverse_redemption(credit: StoreCredit, reference: str, *, actor: Actor) -> StoreCreditEntry:
    """Put a whole redemption back, once however often it is asked. Raises NotFound and WrongState."""
    with transaction.atomic():
        credit = lock_credit(credit)
        entry = _known(credit, reference)
        if entry is None:
            raise NotFound(_("Nothing was redeemed under this reference."))
        if hasattr(entry, "reversal"):
            return entry
        refuse_unusable(credit)
        amount = -entry.amount
        post(credit, "reversed", amount, actor=actor, reference=reference, reverses=entry)
        tell(credit, "store_credit.reversed", actor=actor, amount=amount, balance=credit.balance, reference=reference)
        entry.refresh_from_db()
    return entry


def may_have_cash(credit: StoreCredit) -> bool:
    """Whether what is left is so little that the law has it paid in cash on request."""
    law = validity.BY_ID.get(credit.law)
    return validity.paid_in_cash(credit.balance, face_value(credit), credit.currency, law)


def pay_small_change(credit: StoreCredit, *, actor: Actor, reference: str = "") -> StoreCredit:
    """A person handed out the rest in cash, where the law wants that. Raises WrongState."""
    with transaction.atomic():
        credit = lock_credit(credit)
        refuse_unusable(credit)
        if not may_have_cash(credit):
            raise WrongState(_("Cash is only for a small rest that the law names. The customer can spend it instead."))
        amount = credit.balance
        post(credit, "cashed", -amount, actor=actor, reference=reference[:200])
        tell(credit, "store_credit.cashed", actor=actor, amount=amount)
    return credit
