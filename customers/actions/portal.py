"""Letting a guest in: one order for a number and a contact that fit together, hopeless to guess."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.problems import NotFound, Refused
from customers.models import LookupAttempt, Order, PortalToken, Shop
from customers.queries import token_hash

GUESSES_PER_HOUR = 20
GUESSES_PER_ADDRESS = 100
VISIT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many acknowledgements of statements leave at once in an hour, and how far apart those after them are."""

    an_hour: int
    apart: timedelta


# who proves an order is counted by that order alone, so nothing that others send makes them wait
PACES: Final = {
    "proved": Pace(5, timedelta(minutes=10)),
    "means": Pace(5, timedelta(minutes=10)),
    "sender": Pace(60, timedelta(minutes=10)),
    "all": Pace(600, timedelta(seconds=6)),
}
LONGEST_WAIT = timedelta(hours=24)


class NoSuchOrder(NotFound):
    """No order has this number and this contact; whichever of them is wrong, the answer is the same."""


class TooManyGuesses(Refused):
    """Somebody tries numbers or addresses one after the other."""

    code = "rate_limited"
    status = 429


def count_guess(number: str, contact: str, address: str, *, now: datetime | None = None) -> None:
    """Count one guess against the number, the contact and the address it came from.

    Raises TooManyGuesses after 20 an hour for a number or a contact, or 100 from an address.
    """
    window = (now or timezone.now()).replace(minute=0, second=0, microsecond=0)
    limits = {
        _subject("number", number): GUESSES_PER_HOUR,
        _subject("contact", contact): GUESSES_PER_HOUR,
        _subject("address", address): GUESSES_PER_ADDRESS,
    }
    with transaction.atomic():
        rows = [LookupAttempt(subject=subject, window=window) for subject in sorted(limits)]
        LookupAttempt.objects.bulk_create(rows, ignore_conflicts=True)
        LookupAttempt.objects.filter(subject__in=limits, window=window).update(count=F("count") + 1)
        counts = LookupAttempt.objects.filter(subject__in=limits, window=window).values_list("subject", "count")
        over = any(count > limits[subject] for subject, count in counts)
    if over:
        raise TooManyGuesses(_("That was tried too often. Wait an hour, or write to the shop."))


def count_statement(means: str, address: str, *, proved: Order | None = None, now: datetime | None = None) -> timedelta:
    """How long the acknowledgement of a statement of withdrawal has to wait; zero but in a flood.

    A statement is never refused (Directive 2011/83/EU art. 11a(1)); only its mail is spread out, so that nobody is
    buried in mails by a stranger and the shop's mail server sends no flood. `proved` is the order that the statement
    found by number and contact; without one it counts against where the mail goes, where it came from, and all others.
    """
    window = (now or timezone.now()).replace(minute=0, second=0, microsecond=0)
    named = {"proved": str(proved.pk)} if proved else {"means": means, "sender": address, "all": "statements"}
    paces = {_subject(kind, value): PACES[kind] for kind, value in named.items()}
    with transaction.atomic():
        rows = [LookupAttempt(subject=subject, window=window) for subject in sorted(paces)]
        LookupAttempt.objects.bulk_create(rows, ignore_conflicts=True)
        LookupAttempt.objects.filter(subject__in=paces, window=window).update(count=F("count") + 1)
        counts = dict(LookupAttempt.objects.filter(subject__in=paces, window=window).values_list("subject", "count"))
    waits = [max(0, counts[subject] - pace.an_hour) * pace.apart for subject, pace in paces.items()]
    return min(max(waits), LONGEST_WAIT)


def _subject(kind: str, value: str) -> str:
    """What is counted, as a hash: the table must not become a list of addresses."""
    return hashlib.sha256(f"{kind}:{value.strip().lower()}".encode()).hexdigest()


def look_up_order(number: str, contact: str, *, address: str, shop: Shop | None = None) -> Order:
    """The newest order with this number that the e-mail or phone proves to hold; counted as a guess.

    Raises NoSuchOrder and TooManyGuesses.
    """
    count_guess(number, contact, address)
    rows = Order.objects.held_by(contact).filter(number__iexact=number.strip())
    rows = rows.filter(shop=shop) if shop is not None else rows
    found = rows.select_related("shop", "channel", "customer").order_by("-placed_at").first()
    if found is None:
        raise NoSuchOrder(_("We can’t find that order with that e-mail. Check both, or write to the shop."))
    return found


def open_visit(order: Order, *, now: datetime | None = None) -> str:
    """A fresh token that opens one order for two days; only its hash is stored."""
    token = secrets.token_urlsafe(24)
    PortalToken.objects.create(order=order, token_hash=token_hash(token), expires_at=(now or timezone.now()) + VISIT)
    return token
