"""Which order a statement means: found by what proves it, else by a person."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid, WrongState
from customers.actions.portal import TooManyGuesses, count_guess
from customers.models import Order, Shop
from returns import events
from returns.actions.withdrawals.acknowledge import lock_withdrawal
from returns.actions.withdrawals.settle import apply_outcome, happenings, settle
from returns.actions.withdrawals.statement import Statement
from returns.models import Withdrawal

MOST_WORDS = 20
_WORD = re.compile(r"[^\s,;:()\"'„”“]+")


def numbers_in(text: str) -> list[str]:
    """What may be an order number in what was typed: all of it, and each word."""
    words = [word.strip("#.!?") for word in _WORD.findall(text)][:MOST_WORDS]
    return list(dict.fromkeys(word for word in [text.strip()[:100], *words] if word and len(word) <= 100))


def find_candidate(
    said: Statement, *, rows: QuerySet[Order], shop: Shop | None = None, by_name: bool = False
) -> Order | None:
    """The one order with that number that the given contact holds; None when there is none or more than one.

    For the public the contact is the e-mail that proves the order elsewhere too, see `guessed_too_often`.
    `by_name` also takes the name, for callers with a key.
    """
    numbers = numbers_in(said.contract)
    rows = rows.filter(number__in=[*numbers, *(n.upper() for n in numbers), *(n.lower() for n in numbers)])
    rows = rows.filter(shop=shop) if shop is not None else rows
    holds = Q(pk__in=rows.held_by(said.means))  # type: ignore[attr-defined]
    if by_name:
        holds |= Q(name__iexact=said.name.strip())
    found = list(rows.filter(holds).select_related("shop", "channel", "customer")[:2])
    return found[0] if len(found) == 1 else None


def guessed_too_often(said: Statement, address: str) -> bool:
    """Count a statement as a guess at an order; true past the limit, where only a person may match.

    Number and e-mail open an order in the portal, so a stranger must not be able to try one after the other.
    """
    try:
        count_guess(said.contract[:100], said.means, address)
    except TooManyGuesses:
        return True
    return False


def suggestions(row: Withdrawal, rows: QuerySet[Order], limit: int = 10) -> list[Order]:
    """Orders that a statement may mean, best first: by number, by contact, by name."""
    numbers = numbers_in(row.contract)
    named = Q(number__in=[*numbers, *(n.upper() for n in numbers)])
    contact = Q(email=row.means.strip().lower()) | Q(name__iexact=row.name.strip())
    found = list(rows.filter(named | contact).select_related("shop", "channel", "customer").order_by("-pk")[:50])
    found.sort(key=lambda order: -_likeness(row, order, numbers))
    return found[:limit]


def _likeness(row: Withdrawal, order: Order, numbers: list[str]) -> int:
    return (
        4 * (order.number.upper() in {number.upper() for number in numbers})
        + 2 * (order.email == row.means.strip().lower())
        + (order.name.casefold() == row.name.strip().casefold())
    )


def match_withdrawal(
    row: Withdrawal, order: Order, *, actor: Actor, units: Mapping[str, int] | None = None
) -> Withdrawal:
    """Say which order a statement means; judges it and opens a return for what is free.

    `units` by line are what a person reads out of the statement. The law looks at the instant of the statement.
    Raises WrongState once a return or an answer has come of it, and Invalid for a line that the order has not.
    """
    with transaction.atomic():
        order = (
            Order.objects.select_for_update(of=("self",)).select_related("shop", "channel", "customer").get(pk=order.pk)
        )
        row = lock_withdrawal(row.pk)
        if row.rma_id is not None or row.decided_at is not None:
            raise WrongState(_("A return or an answer has come of this statement already."))
        _check_lines(order, units)
        outcome = settle(row, order, actor=actor, chosen=units)
        now = timezone.now()
        apply_outcome(row, outcome, actor, now)
        row.save()
        events.append(row.stream, happenings(row, outcome), actor=actor, at=now)
    return row


def _check_lines(order: Order, units: Mapping[str, int] | None) -> None:
    known = set(order.lines.values_list("external_id", flat=True)) if units else set()
    wrong = [line for line in units or {} if line not in known]
    if wrong:
        detail = _("Order %(o)s has no line %(l)s.") % {"o": order.number, "l": wrong[0]}
        raise Invalid(detail, errors=[FieldError("/units", "unknown", detail)])
