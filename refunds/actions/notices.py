"""What gateways tell by webhook: kept once per event, and written by the function that writes every answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from django.db import transaction

from accounts.actors import SYSTEM_ACTOR
from refunds.actions.answers import record_answer
from refunds.actions.charges import record_charge_notice
from refunds.actions.reconcile import refund_uid
from refunds.gateways import RefundAnswer, RefundOutcome
from refunds.gateways.base import GatewayNotice
from refunds.models import GatewayEvent, Refund

DONE, KEPT = "done", "kept"


def hear(gateway: str, notice: GatewayNotice) -> bool:
    """Take in one event of a webhook; whether it is new. The event and what follows from it commit together."""
    with transaction.atomic():
        event, new = GatewayEvent.objects.get_or_create(
            gateway=gateway,
            event_id=notice.event_id[:200],
            defaults={"kind": notice.kind[:60], "body": asdict(notice)},
        )
        if not new:
            return False
        listener = LISTENERS.get(notice.about)
        event.outcome = DONE if listener is not None and listener(gateway, notice) else KEPT
        event.save(update_fields=["outcome"])
    return True


def _of_refund(gateway: str, notice: GatewayNotice) -> bool:
    """A refund of ours is written under the locks; one that is not ours is for the ledgers' comparison."""
    refund = _find(gateway, notice)
    if refund is None or notice.outcome not in RefundOutcome.__members__.values():
        return False
    answer = RefundAnswer(
        RefundOutcome(notice.outcome), gateway_id=notice.gateway_id or None, reason=notice.reason, code=notice.reason
    )
    if notice.currency and notice.currency != refund.currency:
        return False
    moved = notice.amount or None
    record_answer(refund.pk, answer, key=notice.key, source="webhook", amount=moved, actor=SYSTEM_ACTOR)
    return True


def _find(gateway: str, notice: GatewayNotice) -> Refund | None:
    uid = refund_uid(notice.key)
    rows = Refund.objects.filter(gateway=gateway)
    found = rows.filter(uid=uid).first() if uid is not None else None
    if found is None and notice.gateway_id:
        found = rows.filter(gateway_refund_id=notice.gateway_id).first()
    return found


def _of_charge(gateway: str, notice: GatewayNotice) -> bool:
    return record_charge_notice(notice, gateway=gateway)


LISTENERS: dict[str, Callable[[str, GatewayNotice], bool]] = {"refund": _of_refund, "charge": _of_charge}
