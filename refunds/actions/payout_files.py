"""Files of payments for a bank: made out of refunds to pay by hand, then paid or given up as a whole."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, FieldError, Forbidden, WrongState
from customers.models import Order, OrderPayment, Shop
from refunds import payout
from refunds.actions.money import mark_paid
from refunds.actions.payout_formats import KINDS, Kind, payer_of, wrong
from refunds.banking import BadAccount, Batch, Payer, Transfer
from refunds.models import PayoutFile, Refund
from returns.models import Return

MOST = 500
PAID, MADE = PayoutFile.State.PAID, PayoutFile.State.MADE


def refunds_to_file(shop: Shop, format: str) -> QuerySet[Refund]:
    """Refunds of a shop that a file of this format may hold, oldest first: by hand, with an account, in no file."""
    rows = Refund.objects.filter(state=Refund.State.MANUAL_PENDING, payout_file=None, currency=KINDS[format].currency)
    rows = rows.filter(reimbursement__order__shop=shop).exclude(reimbursement__payout="")
    return rows.select_related("reimbursement__order", "reimbursement__rma").order_by("pk")


def make_payout_file(
    shop: Shop, uids: Sequence[uuid.UUID | str], *, format: str, actor: Actor, pay_on: date | None = None
) -> PayoutFile:
    """Put refunds into one file for the bank; each is in at most one that was not given up.

    `pay_on` is the day on which the bank is to pay, today unless given. Raises Invalid for what does not fit the
    format or is missing in the shop's settings, Conflict for a refund in another file, WrongState, Forbidden.
    """
    if actor.channels:
        raise Forbidden(_("A payment file is for a whole shop, and this key is bound to channels."))
    payer = payer_of(shop, format)
    now = timezone.now()
    day = pay_on or timezone.localdate(now)
    if day < timezone.localdate(now):
        raise wrong("/pay_on", _("The day of payment is over. Choose today or later."))
    with transaction.atomic():
        refunds = _chosen(shop, uids, KINDS[format])
        return _make(shop, refunds, format, payer, day, now, actor)


def _chosen(shop: Shop, uids: Sequence[uuid.UUID | str], kind: Kind) -> list[Refund]:
    wanted = list(dict.fromkeys(str(uid) for uid in uids))
    if not 0 < len(wanted) <= MOST:
        raise wrong("/refunds", _("Choose from 1 to %(most)d refunds.") % {"most": MOST})
    mine = Refund.objects.filter(uid__in=wanted, reimbursement__order__shop=shop).order_by("pk")
    # no join to the file: whoever waited for the lock would see the refund of now beside the file of before
    rows = mine.select_for_update(of=("self",)).select_related("reimbursement__order")
    found = {str(row.uid): row for row in rows}
    for index, uid in enumerate(wanted):
        if uid not in found:
            raise wrong(f"/refunds/{index}", _("This shop has no such refund."), "unknown")
        _check(found[uid], f"/refunds/{index}", kind)
    return list(found.values())


def _check(refund: Refund, pointer: str, kind: Kind) -> None:
    if refund.payout_file_id is not None and refund.state == Refund.State.MANUAL_PENDING:
        file = str(PayoutFile.objects.values_list("uid", flat=True).get(pk=refund.payout_file_id))
        raise Conflict(
            _("This refund is in a payment file already. Give that file up, or mark it as paid."),
            errors=[FieldError(pointer, "conflict", _("In a payment file already."))],
            payout_file=file,
        )
    if refund.state != Refund.State.MANUAL_PENDING:
        raise WrongState(_("Only refunds that wait to be paid by hand can go into a payment file."))
    if refund.currency != kind.currency:
        raise wrong(pointer, _("A file of this format pays in %(currency)s only.") % {"currency": kind.currency})
    if not refund.reimbursement.payout:
        raise wrong(pointer, _("The customer's account is not known. Ask for it, or pay in another way."))
    try:
        kind.check(payout.unseal(refund.reimbursement.payout))
    except BadAccount as error:
        raise wrong(pointer, _("A file of this format cannot pay to the customer's account.")) from error


def _make(
    shop: Shop, refunds: list[Refund], format: str, payer: Payer, day: date, now: datetime, actor: Actor
) -> PayoutFile:
    kind = KINDS[format]
    file = PayoutFile(shop=shop, format=format, currency=kind.currency, count=len(refunds), created_by=actor.identity)
    batch = Batch(file.uid.hex, payer, tuple(_transfer(refund) for refund in refunds), now, day)
    file.total, file.content = batch.total, seal(kind.write(batch))
    file.created_by_name = actor.name
    file.save(force_insert=True)
    Refund.objects.filter(pk__in=[refund.pk for refund in refunds]).update(payout_file=file, updated_at=now)
    return file


def _transfer(refund: Refund) -> Transfer:
    order: Order = refund.reimbursement.order
    with translation.override(order.locale or None):
        title = _("Refund for order %(number)s") % {"number": order.number}
    account: dict[str, Any] = payout.unseal(refund.reimbursement.payout)
    return Transfer(reference=refund.uid.hex, amount=refund.amount, title=title, **account)


def seal(content: bytes) -> str:
    """A file's bytes encrypted for the database."""
    return payout.box("refunds.payout_file").encrypt(content).decode()


def content_of(file: PayoutFile) -> bytes:
    """The bytes to give to the bank. Raises WrongState once the file was paid or given up, which erases them."""
    if not file.content:
        raise WrongState(_("This file was paid or given up, and the customers' accounts in it were erased."))
    return payout.box("refunds.payout_file").decrypt(file.content.encode())


def file_name(file: PayoutFile) -> str:
    """What the file is called when it is downloaded."""
    return f"{file.format}-{file.created_at:%Y%m%d}-{file.uid.hex[:8]}.{KINDS[file.format].ending}"


def pay_payout_file(file: PayoutFile, *, actor: Actor, not_paid: Sequence[uuid.UUID | str] = ()) -> PayoutFile:
    """The bank has paid: every refund of the file is marked as paid, but those it refused, which are free again.

    Doing it twice changes nothing the second time. Raises Invalid for a refund that is not in the file, WrongState.
    """
    with transaction.atomic():
        refunds, file = _locked(file)
        if file.state == PAID:
            return file
        _check_made(file)
        refused = _refused(refunds, not_paid)
        for refund in refunds:
            if refund.uid in refused:
                _free([refund])
            else:
                mark_paid(refund, actor=actor, reference=refund.uid.hex, file=file)
        return _close(file, PAID, actor)


def _refused(refunds: Sequence[Refund], not_paid: Sequence[uuid.UUID | str]) -> set[uuid.UUID]:
    known, refused = {str(refund.uid): refund.uid for refund in refunds}, set()
    for index, uid in enumerate(not_paid):
        if str(uid) not in known:
            raise wrong(f"/not_paid/{index}", _("This refund is not in the file."), "unknown")
        refused.add(known[str(uid)])
    if refused == set(known.values()):
        raise wrong("/not_paid", _("If the bank paid none of them, give the file up instead."))
    return refused


def cancel_payout_file(file: PayoutFile, *, actor: Actor) -> PayoutFile:
    """Give up a file that the bank did not get: its refunds are free again. Twice changes nothing.

    Raises WrongState.
    """
    with transaction.atomic():
        refunds, file = _locked(file)
        if file.state == PayoutFile.State.CANCELLED:
            return file
        _check_made(file)
        _free(refunds)
        return _close(file, PayoutFile.State.CANCELLED, actor)


def _check_made(file: PayoutFile) -> None:
    if file.state != MADE:
        raise WrongState(_("This file was paid or given up already."))


def _free(refunds: Sequence[Refund]) -> None:
    rows = Refund.objects.filter(pk__in=[refund.pk for refund in refunds], state=Refund.State.MANUAL_PENDING)
    rows.update(payout_file=None, updated_at=timezone.now())


def _close(file: PayoutFile, state: str, actor: Actor) -> PayoutFile:
    file.state, file.content = state, ""
    file.closed_at, file.closed_by, file.closed_by_name = timezone.now(), actor.identity, actor.name
    file.save(update_fields=["state", "content", "closed_at", "closed_by", "closed_by_name"])
    return file


def _locked(file: PayoutFile) -> tuple[list[Refund], PayoutFile]:
    """Every order, payment, return and refund of the file, then the file: all of one kind before the next.

    Refund by refund would take a second order's lock after the first one's refund, against the order of locks.
    """
    found = Refund.objects.filter(payout_file=file)
    orders = sorted(set(found.values_list("reimbursement__order_id", flat=True)))
    payments = found.exclude(payment=None).values_list("payment_id", flat=True)
    returns = found.exclude(reimbursement__rma=None).values_list("reimbursement__rma_id", flat=True)
    _lock(Order, orders)
    _lock(OrderPayment, sorted(set(payments)))
    _lock(Return, sorted(set(returns)))
    refunds = list(found.select_for_update(of=("self",)).select_related("reimbursement").order_by("pk"))
    return refunds, PayoutFile.objects.select_for_update(of=("self",)).get(pk=file.pk)


def _lock(model: Any, ids: list[int]) -> None:
    list(model.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
