"""Taking a statement in: stored, acknowledged and logged in one transaction, whatever else goes wrong."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import CUSTOMER, STAFF, Actor
from customers.actions.portal import count_statement
from customers.models import Order, OrderVersion, Shop
from returns import events
from returns.actions.withdrawals.acknowledge import write_acknowledgement
from returns.actions.withdrawals.settle import Outcome, apply_outcome, happenings, settle
from returns.actions.withdrawals.statement import (
    ANSWER_DAYS,
    Statement,
    hash_of_content,
    law_of,
    new_ref,
    seal,
    words_of,
    zone_of,
)
from returns.models import Withdrawal
from returns.policy.withdrawal import version_of, words

logger = logging.getLogger(__name__)


def receive_withdrawal(
    said: Statement,
    *,
    shop: Shop,
    actor: Actor,
    order: Order | None = None,
    address: str = "",
    fits: Order | None = None,
    now: datetime | None = None,
) -> Withdrawal:
    """Store a statement and its acknowledgement; the same form sent twice is one statement.

    Nothing about the order can refuse it (Directive 2011/83/EU art. 11a, CPL s. 14ט): where it cannot be judged or
    no return can be opened, a person does so later. `order` is the one that the door found, or None; `fits` is the
    one that number and contact name although too many were tried for the door to believe it.
    """
    now, key = now or timezone.now(), said.key()
    known = Withdrawal.objects.filter(submit_key=key).first()
    if known is not None:
        return known
    held_until = _held_until(said, order or fits, address, now) if said.by_mail and actor.kind == CUSTOMER else None
    trouble = _doubtful(fits) if order is None and fits is not None else ""
    try:
        return _take_in(said, key, shop, order, actor, now, held_until, trouble)
    except IntegrityError:
        # the button was pressed twice and the other press was first
        known = Withdrawal.objects.filter(submit_key=key).first()
        if known is None:
            raise
        return known
    except Exception as error:
        if order is None:
            raise
        # a statement is never lost to what we make of its order
        logger.exception("a statement could not be worked out with its order, and is taken in without")
        return _take_in(said, key, shop, None, actor, now, held_until, _failed(error))


@transaction.atomic
def _take_in(
    said: Statement,
    key: str,
    shop: Shop,
    order: Order | None,
    actor: Actor,
    now: datetime,
    held_until: datetime | None,
    trouble: str,
) -> Withdrawal:
    row = _row(said, key, shop, order, actor, now)
    row.held_until, row.trouble = held_until, trouble
    row.save(force_insert=True)
    outcome = _try_to_settle(row, order, actor)
    if outcome is not None:
        apply_outcome(row, outcome, actor, now)
    write_acknowledgement(row, outcome)
    if outcome is not None and outcome.covered_by:
        row.decided_at = now
        row.decision = {"accepted": True, "reasons": " ".join(row.ack["after"]), "covered_by": outcome.covered_by}
    row.save()
    told = [("withdrawal.received", _facts(row)), *(happenings(row, outcome) if outcome else [])]
    events.append(row.stream, told, actor=actor, at=now, is_new=True)
    return row


def _row(said: Statement, key: str, shop: Shop, order: Order | None, actor: Actor, now: datetime) -> Withdrawal:
    document: dict[str, Any] = {}
    if order is not None:
        document = OrderVersion.objects.get(order=order, number=order.version).document
    law = law_of(said, order)
    zone, at = zone_of(said, law, shop, order, document), said.received_at or now
    row = Withdrawal(
        ref=new_ref(),
        shop=shop,
        law=law,
        channel=said.channel,
        received_at=at,
        received_local=at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"),
        zone=zone,
        name=said.name,
        contract=said.contract,
        means=said.means,
        statement=said.text or words(law, said.locale)["statement"],
        scope=list(said.items),
        locale=said.locale[:8],
        id_number=seal(said.id_number if law == "il" else ""),
        nonce=secrets.token_hex(16),
        submit_key=key,
        dispatched_at=said.dispatched_at,
        recorded_by=actor.name if actor.kind == STAFF else "",
        answer_by=(now + timedelta(days=ANSWER_DAYS)).astimezone(ZoneInfo(zone)).date(),
        ack_to=said.means,
        ack_state=Withdrawal.Ack.QUEUED if said.by_mail else Withdrawal.Ack.TO_POST,
    )
    row.ui = _evidence(row, said)
    row.content_sha256 = hash_of_content(row)
    return row


def _evidence(row: Withdrawal, said: Statement) -> dict[str, Any]:
    spoken, (version, digest) = words_of(row), version_of()
    return {
        "label_function": spoken.function,
        "label_confirm": spoken.confirm,
        "template_version": version,
        "template_sha256": digest,
        "merchant_id": row.shop.code,
        **said.ui,
    }


def _try_to_settle(row: Withdrawal, order: Order | None, actor: Actor) -> Outcome | None:
    if order is None:
        return None
    try:
        with transaction.atomic():
            held = Order.objects.select_for_update(of=("self",)).select_related("shop", "channel", "customer")
            return settle(row, held.get(pk=order.pk), actor=actor)
    except Exception as error:
        # a statement is never lost to what we make of it
        logger.exception("withdrawal %s was received and could not be settled", row.ref)
        row.trouble = _failed(error)
        return None


def _failed(error: Exception) -> str:
    return _("It could not be worked out by itself: %(why)s") % {"why": type(error).__name__}


def _doubtful(order: Order) -> str:
    said = _("Number and e-mail fit order %(number)s, but too many were tried in that hour. Ask, then match by hand.")
    return said % {"number": order.number}


def _held_until(said: Statement, order: Order | None, address: str, now: datetime) -> datetime | None:
    """When the mail may go, None for at once; counted on its own, so that statements do not wait for each other."""
    try:
        wait = count_statement(said.means, address, proved=order, now=now)
    except DatabaseError:
        # a limit that cannot be counted limits nobody
        logger.exception("a statement of withdrawal could not be counted")
        return None
    return now + wait if wait else None


def _facts(row: Withdrawal) -> dict[str, Any]:
    """What the log says: no name and no address, so that erasure need not touch it."""
    return {
        "ref": row.ref,
        "law": row.law,
        "channel": row.channel,
        "received_at": row.received_at.isoformat(),
        "zone": row.zone,
        "locale": row.locale,
        "content_sha256": row.content_sha256,
        "acknowledgement_sha256": row.ack_sha256,
        "template_version": row.ui["template_version"],
        "template_sha256": row.ui["template_sha256"],
    }
