"""The acknowledgement of a statement: written with it, and how far it got."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_decimal
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM_ACTOR, Actor
from accounts.problems import Invalid
from customers import money
from returns import events
from returns.actions.withdrawals.settle import Outcome
from returns.actions.withdrawals.statement import Item, mask, unseal, words_of
from returns.labels.data import Address
from returns.models import Withdrawal
from returns.policy.withdrawal import fingerprint
from returns.policy.withdrawal.acknowledgement import AckFacts, Next, compose

SEND_BACK_DAYS = 14


def write_acknowledgement(row: Withdrawal, outcome: Outcome | None) -> None:
    """Put the acknowledgement into words, once; the caller saves the row."""
    row.ack = compose(words_of(row), _facts(row, outcome))
    row.ack_sha256 = fingerprint(row.ack)


def _facts(row: Withdrawal, outcome: Outcome | None) -> AckFacts:
    return AckFacts(
        ref=row.ref,
        received_at=row.received_at,
        zone=row.zone,
        statement=row.statement,
        name=row.name,
        contract=row.contract,
        means=row.means,
        channel=row.channel,
        sha256=row.content_sha256,
        answer_by=row.answer_by or row.received_at.date(),
        matched=outcome.order.number if outcome and outcome.order.number != row.contract else "",
        items=[item_words(item, outcome.titles if outcome else {}) for item in row.scope],
        id_number=mask(unseal(row.id_number)),
        left_out=outcome.left_out if outcome else (),
        covered_by=outcome.covered_by if outcome else "",
        follows=_next(row, outcome),
    )


def item_words(item: Item, titles: Mapping[str, str]) -> str:
    """An item as people read it: `2 × Merino jumper` for a line of the order, or the words that were typed.

    `titles` are those of the order's lines by id; a line that is not known there keeps its id.
    """
    if isinstance(item, str):
        return item
    title = titles.get(str(item["line"])) or str(item["line"])
    return f"{item['quantity']} × {title}" if item.get("quantity") else title


def _next(row: Withdrawal, outcome: Outcome | None) -> Next | None:
    """What follows by law; None where the right is not certain or no return came of it."""
    if outcome is None or not outcome.accepted or outcome.rma is None:
        return None
    first = outcome.verdicts[0]
    _operational, latest = outcome.dates()
    sent = row.received_at.astimezone(ZoneInfo(row.zone)).date()
    return Next(
        send_back_by=first.send_back_by or sent + timedelta(days=SEND_BACK_DAYS),
        address=", ".join(_address(row)),
        payer=first.return_shipping_payer,
        refund_due=latest or sent + timedelta(days=SEND_BACK_DAYS),
        may_withhold=first.withhold == "allowed",
        fee=_fee(row, outcome),
    )


def _address(row: Withdrawal) -> list[str]:
    shop = row.shop
    return [shop.legal_name or shop.name, *Address.of(shop.address, words_of(row).base).lines]


def _fee(row: Withdrawal, outcome: Outcome) -> str | None:
    """What the shop keeps, never above the law's cap, as the reader writes it; None for nothing."""
    caps = [each.max_fee for each in outcome.verdicts if each.max_fee is not None]
    kept = min(outcome.fee, sum(caps)) if caps else outcome.fee
    if not kept:
        return None
    amount = Decimal(money.to_text(kept, outcome.order.currency))
    return str(format_decimal(amount, format="#,##0.00", locale=Locale.parse(words_of(row).base)))


def lock_withdrawal(pk: int) -> Withdrawal:
    """The statement, locked; whoever locks its order does so before."""
    return Withdrawal.objects.select_for_update(of=("self",)).select_related("shop", "order").get(pk=pk)


def resend_acknowledgement(row: Withdrawal, *, actor: Actor, to: str = "") -> Withdrawal:
    """Mail the same acknowledgement again, to another address when `to` is given. Raises Invalid without any."""
    with transaction.atomic():
        row = lock_withdrawal(row.pk)
        target = to.strip() or row.ack_to
        if "@" not in target:
            raise Invalid(_("Give an e-mail address, or print the acknowledgement and post it."))
        row.ack_to, row.ack_state, row.ack_error, row.held_until = target, Withdrawal.Ack.QUEUED, "", None
        row.save(update_fields=["ack_to", "ack_state", "ack_error", "held_until"])
        data = {"ref": row.ref, "other_address": target != row.means, "acknowledgement_sha256": row.ack_sha256}
        events.append(row.stream, [("withdrawal.resent", data)], actor=actor)
    return row


def acknowledged(row: Withdrawal, *, message_id: str, sha256: str, at: datetime | None = None) -> None:
    """A mail server has taken the acknowledgement; `sha256` is over the mail's plain text."""
    at = at or timezone.now()
    with transaction.atomic():
        row = lock_withdrawal(row.pk)
        row.ack_state, row.ack_sent_at, row.ack_error = Withdrawal.Ack.SENT, row.ack_sent_at or at, ""
        row.save(update_fields=["ack_state", "ack_sent_at", "ack_error"])
        _log(row, "sent", {"message_id": message_id, "text_sha256": sha256}, at)


def posted(row: Withdrawal, *, actor: Actor) -> Withdrawal:
    """Somebody printed the acknowledgement and handed it over or posted it."""
    with transaction.atomic():
        row = lock_withdrawal(row.pk)
        row.ack_state, row.ack_sent_at = Withdrawal.Ack.SENT, row.ack_sent_at or timezone.now()
        row.save(update_fields=["ack_state", "ack_sent_at"])
        data = {"how": "posted", "acknowledgement_sha256": row.ack_sha256}
        events.append(row.stream, [("withdrawal.acknowledged", data)], actor=actor)
    return row


def _log(row: Withdrawal, how: str, data: dict[str, Any], at: datetime) -> None:
    told = {"how": how, "acknowledgement_sha256": row.ack_sha256, **data}
    events.append(row.stream, [("withdrawal.acknowledged", told)], actor=SYSTEM_ACTOR, at=at)


def undelivered(row: Withdrawal, *, message_id: str, error: str) -> None:
    """The acknowledgement came back or was given up on: the statement stays valid, and staff see it."""
    with transaction.atomic():
        row = lock_withdrawal(row.pk)
        row.ack_state, row.ack_error = Withdrawal.Ack.FAILED, error[:2000]
        row.save(update_fields=["ack_state", "ack_error"])
        events.append(row.stream, [("withdrawal.undelivered", {"message_id": message_id})], actor=SYSTEM_ACTOR)
