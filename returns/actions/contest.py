"""A customer who disagrees with an automatic no: once, a person looks again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import WrongState
from returns import events
from returns.actions.decide import reopen_return
from returns.actions.remarks import add_note
from returns.lifecycle import lock_return
from returns.models import Return
from returns.models.rma import Status

MOST_WORDS = 4000


def may_contest(rma: Return) -> bool:
    """Whether the no was a machine's, and nobody was asked to look again yet (GDPR art. 22(3))."""
    return rma.status == Status.DECLINED and not rma.decline_reason and rma.contested_at is None


def contest_decision(rma: Return, text: str = "", *, actor: Actor) -> Return:
    """Bring an automatic refusal before a person, with the customer's words. Raises WrongState and OverQuantity."""
    with transaction.atomic():
        rma = reopen_return(_declined(rma), actor=actor)
        rma.contested_at = timezone.now()
        rma.save(update_fields=["contested_at"])
        if text.strip():
            add_note(rma, text.strip()[:MOST_WORDS], actor=actor)
        events.log(rma, "return.contested", actor=actor)
    return rma


def _declined(rma: Return) -> Return:
    """The order is locked before its return, as everywhere."""
    type(rma.order).objects.select_for_update(of=("self",)).only("pk").get(pk=rma.order_id)
    locked = lock_return(rma)
    if not may_contest(locked):
        raise WrongState(_("A person has looked at this already. Write to us if something is new."))
    return locked
