"""Units that an open exchange will make good: nobody pays for them beside it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.problems import Conflict
from refunds.models import Exchange
from returns.models import Return, ReturnItem

IN_KIND = ("exchange", "replacement")
OVER = (Exchange.State.CANCELLED, Exchange.State.CONVERTED)


def resolution_of(rma: Return, item: ReturnItem) -> str:
    """How an item is made good: its own wish, else the return's."""
    return item.resolution or rma.resolution


def swapped(rma: Return, items: Iterable[ReturnItem]) -> list[ReturnItem]:
    """The items that are made good with goods."""
    return [item for item in items if resolution_of(rma, item) in IN_KIND]


def open_exchange_of(rma: Return) -> Exchange | None:
    """The exchange of a return that is neither cancelled nor turned into a refund."""
    return Exchange.objects.filter(rma=rma).exclude(state__in=OVER).first()


def bound_items(rma: Return | None, items: Iterable[ReturnItem]) -> set[int]:
    """Items whose units wait for an exchange that took nothing of them yet."""
    mine = swapped(rma, items) if rma is not None else []
    if not mine or rma is None:
        return set()
    exchange = open_exchange_of(rma)
    return {item.pk for item in mine} if exchange is not None and exchange.reimbursement_id is None else set()


def refuse_bound() -> Conflict:
    """The refusal to pay for units that an exchange makes good."""
    return Conflict(_("These units are in an exchange. Turn it into a refund, or cancel it, and then pay."))
