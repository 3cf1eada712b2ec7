"""Whole files of another system's returns and store credits: row by row, refused ones with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TypeVar

from django.db import DataError, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid, Refused
from customers import money
from customers.actions.imports import Tally
from customers.models import Customer, Shop
from customers.pricing.fields import EMAIL, Bad, check_text, currencies
from customers.sources.csv_rows import Row
from customers.sources.results import RefusedRow, SourceOrder
from refunds.actions.credit import import_store_credit
from refunds.actions.moving_in import move_in_return
from refunds.models import StoreCredit
from refunds.sources import Sourced, reference_of

NEW, KNOWN = "new", "known"
BATCH = 50
LONGEST_CODE, LONGEST_REFERENCE = 24, 200
Thing = TypeVar("Thing", SourceOrder, Row)
# the lines of the file, and how the other system calls the thing
Place = tuple[tuple[int, ...], str]


def import_returns(rows: Iterable[Sourced], *, actor: Actor) -> Iterator[Tally]:
    """Store the returns of another system, each in a transaction of its own; yields a tally per fifty."""

    def store(sourced: SourceOrder) -> str:
        return NEW if move_in_return(sourced.document, actor=actor).is_new else KNOWN

    return _each(rows, store, lambda sourced: (sourced.rows, reference_of(sourced)))


def import_credits(rows: Iterable[Row | RefusedRow], *, actor: Actor) -> Iterator[Tally]:
    """Store balances under the codes that customers hold; yields a tally per fifty. A known code changes nothing."""
    return _each(rows, lambda row: _credit(row, actor), lambda row: ((row.line,), row.cells["code"] or ""))


def _each(
    rows: Iterable[Thing | RefusedRow], store: Callable[[Thing], str], place: Callable[[Thing], Place]
) -> Iterator[Tally]:
    tally = Tally()
    for row in rows:
        tally.done += 1
        if isinstance(row, RefusedRow):
            tally.refused.append(row)
        else:
            _one(row, store, place, tally)
        if tally.done >= BATCH:
            yield tally
            tally = Tally()
    yield tally


def _one(row: Thing, store: Callable[[Thing], str], place: Callable[[Thing], Place], tally: Tally) -> None:
    try:
        with transaction.atomic():
            tally.count(store(row))
    except (Refused, DataError) as error:
        lines, reference = place(row)
        code = error.code if isinstance(error, Refused) else "invalid"
        detail = reason(error) if isinstance(error, Refused) else str(error).strip()
        tally.refused += [RefusedRow(line, code, detail, reference) for line in lines]


def reason(refused: Refused) -> str:
    """Why, with the first place that is wrong."""
    first = refused.errors[0] if refused.errors else None
    return f"{first.pointer}: {first.detail}" if first else refused.detail


def _credit(row: Row, actor: Actor) -> str:
    cells = row.cells
    shop = Shop.objects.filter(code=cells.get("shop") or "main").first()
    if shop is None or (actor.shops and shop.code not in actor.shops):
        raise _wrong("shop", _("There is no such shop."))
    code = _text(cells["code"], "code", LONGEST_CODE)
    currency = cells["currency"] or ""
    if currency not in currencies():
        raise _wrong("currency", _("This is not an ISO 4217 currency code such as EUR."))
    amount, expires_on = _amount(cells["amount"], currency), _day(cells["expires_on"])
    if _is_known(code, shop, amount, currency):
        return KNOWN
    import_store_credit(
        shop=shop,
        code=code,
        amount=amount,
        currency=currency,
        actor=actor,
        customer=_customer(cells["email"], shop),
        expires_on=expires_on,
        reference=_text(cells["reference"] or "-", "reference", LONGEST_REFERENCE) if cells["reference"] else "",
    )
    return NEW


def _is_known(code: str, shop: Shop, amount: int, currency: str) -> bool:
    """Whether this very balance moved in before, whatever was spent of it since."""
    known = StoreCredit.objects.filter(code=code, shop=shop, currency=currency)
    return known.filter(entries__seq=1, entries__kind="imported", entries__amount=amount).exists()


def _wrong(column: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(f"/{column}", "invalid", detail)])


def _text(value: str | None, column: str, longest: int) -> str:
    if not value:
        raise _wrong(column, _("This field is needed."))
    try:
        return check_text(value, longest)
    except Bad as bad:
        raise _wrong(column, bad.text()) from bad


def _amount(value: str | None, currency: str) -> int:
    try:
        amount = money.parse(value or "", currency)
    except money.BadAmount as bad:
        raise _wrong("amount", bad.message) from bad
    if not amount:
        raise _wrong("amount", _("A store credit holds more than nothing."))
    return amount


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise _wrong("expires_on", _("Write the date as YYYY-MM-DD.")) from error


def _customer(email: str | None, shop: Shop) -> Customer | None:
    if not email:
        return None
    try:
        address = EMAIL.read(email, "").lower()
    except Bad as bad:
        raise _wrong("email", bad.text()) from bad
    customer, _new = Customer.objects.get_or_create(shop=shop, email=address)
    return customer
