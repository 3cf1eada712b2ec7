"""A customer who disagrees with an automatic no: once, a person looks again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import WrongState
from returns import events
from returns.actions.decide import reopen_return
from returns.actions.remarks import add_note
from returns.actions.request import request_return
from returns.actions.wish import Wanted, Wish
from returns.lifecycle import lock_return
from returns.models import PolicyDecision, Return, ReturnItem
from returns.models.rma import Status
from returns.policy.decision import DECLINED

MOST_WORDS = 4000
# where some items were granted, or nothing is looked at any more
PARTLY = (
    Status.AUTHORIZED, Status.IN_TRANSIT, Status.PARTIALLY_RECEIVED, Status.RECEIVED, Status.INSPECTED, Status.RESOLVED,
)  # fmt: skip


def may_contest(rma: Return) -> bool:
    """Whether the no was a machine's, of all or of some items, and nobody was asked to look again (GDPR art. 22(3))."""
    if rma.contested_at is not None:
        return False
    if rma.status in PARTLY:
        return refused_items(rma).exists()
    return rma.status == Status.DECLINED and not rma.decline_reason


def refused_items(rma: Return) -> QuerySet[ReturnItem]:
    """The items that the policy refused by itself and nobody granted since."""
    alone = PolicyDecision.objects.filter(rma=rma, outcome=DECLINED, overridden_by="").values("item")
    return ReturnItem.objects.filter(rma=rma, authorized=0, pk__in=alone).select_related("line").order_by("position")


def contest_decision(rma: Return, text: str = "", *, actor: Actor) -> Return:
    """Bring an automatic refusal before a person, with the customer's words; the return that the person looks at.

    Where only some items were refused, these become a return of their own and the others go their way. Raises
    WrongState and OverQuantity.
    """
    if rma.status in PARTLY:
        return _contest_items(rma, text, actor)
    with transaction.atomic():
        rma = reopen_return(_declined(rma), actor=actor)
        rma.contested_at = timezone.now()
        rma.save(update_fields=["contested_at"])
        if text.strip():
            add_note(rma, text.strip()[:MOST_WORDS], actor=actor)
        events.log(rma, "return.contested", actor=actor)
    return rma


def _contest_items(rma: Return, text: str, actor: Actor) -> Return:
    """Ask for the refused items again, and have a person look where the answer is no again."""
    with transaction.atomic():
        locked = _declined(rma)
        items = list(refused_items(locked))
        wishes = [
            Wish(item.line.external_id, item.requested, item.reason, item.comment, item.answers) for item in items
        ]
        wanted = Wanted(wishes, resolution=locked.resolution, requested_by="customer", locale=locked.locale)
        again = request_return(locked.order, wanted, actor=actor)
        locked.contested_at = timezone.now()
        locked.save(update_fields=["contested_at"])
        events.log(locked, "return.contested", actor=actor, again=again.code)
        if again.status == Status.DECLINED:
            return contest_decision(again, text, actor=actor)
        if text.strip():
            add_note(again, text.strip()[:MOST_WORDS], actor=actor)
    return again


def _declined(rma: Return) -> Return:
    """The order is locked before its return, as everywhere."""
    type(rma.order).objects.select_for_update(of=("self",)).only("pk").get(pk=rma.order_id)
    locked = lock_return(rma)
    if not may_contest(locked):
        raise WrongState(_("A person has looked at this already. Write to us if something is new."))
    return locked
