"""The proof bundle of a statement: what was said, what we wrote, and the chained log, checkable by a stranger."""

from __future__ import annotations

import hashlib
from typing import Any

from returns.actions.withdrawals.available import availability
from returns.actions.withdrawals.seen import SEEN
from returns.actions.withdrawals.statement import content_of, hash_of_content, instant, mask, unseal
from returns.documents import document_of
from returns.events import preimage_of
from returns.models import Event, Return, Withdrawal
from returns.policy.withdrawal import canonical, fingerprint

FORMAT = "comeback.withdrawal-proof/1"
PAID = ("refund.succeeded", "store_credit.issued")
HOW = (
    "content_sha256 is the SHA-256 of `content` written as JSON with sorted keys, no spaces, UTF-8. "
    "Each event's hash is the SHA-256 of its `preimage` in UTF-8; the last member of that list is the hash of the "
    "event before it, and the first event holds content_sha256 and acknowledgement_sha256. See docs/withdrawals.md."
)


def proof_of(row: Withdrawal) -> dict[str, Any]:
    """Everything that shows what was said and what we did, as one JSON document."""
    chain = list(Event.objects.filter(stream=row.stream).order_by("seq"))
    return {
        "format": FORMAT,
        "ref": row.ref,
        "content": content_of(row),
        "content_canonical": canonical(content_of(row)),
        "content_sha256": row.content_sha256,
        "received_at": {"utc": instant(row.received_at), "local": row.received_local, "zone": row.zone},
        "recorded_by": row.recorded_by or None,
        "id_number": mask(unseal(row.id_number)) or None,
        "matched_order": _order(row),
        "return": row.rma.code if row.rma else None,
        "evaluation": row.evaluation or None,
        "left_out": row.left_out,
        "acknowledgement": _acknowledgement(row, chain),
        "decision": _decision(row),
        "refund_chain": _refund_chain(row),
        "availability": availability(row.received_at),
        "seen_by": [_sight(each) for each in chain if each.kind == SEEN],
        "events": [_event(each) for each in chain],
        "return_events": [_event(each) for each in _events_of(row.rma)],
        "whole": is_whole(row, chain),
        "how_to_check": HOW,
    }


def _order(row: Withdrawal) -> dict[str, Any] | None:
    if row.order is None:
        return None
    return {"id": str(row.order.uid), "channel": row.order.channel.code, "number": row.order.number}


def _acknowledgement(row: Withdrawal, chain: list[Event]) -> dict[str, Any]:
    fates = ("withdrawal.acknowledged", "withdrawal.undelivered", "withdrawal.resent")
    return {
        "document": row.ack,
        "canonical": canonical(row.ack),
        "sha256": row.ack_sha256,
        "to": row.ack_to,
        "status": row.ack_state,
        "queued_at": instant(row.created_at),
        "sent_at": instant(row.ack_sent_at),
        "error": row.ack_error or None,
        "held_until": instant(row.held_until),
        "pdf_fetched_at": instant(row.pdf_fetched_at),
        "history": [{"kind": each.kind, "at": instant(each.at), **each.data} for each in chain if each.kind in fates],
    }


def _decision(row: Withdrawal) -> dict[str, Any] | None:
    return {"decided_at": instant(row.decided_at), **row.decision} if row.decision else None


def _events_of(rma: Return | None) -> list[Event]:
    return [] if rma is None else list(Event.objects.filter(rma=rma).order_by("pk"))


def _sight(event: Event) -> dict[str, Any]:
    return {"what": event.data["what"], "at": instant(event.at), "actor": f"{event.actor_kind}:{event.actor_ref}"}


def _refund_chain(row: Withdrawal) -> dict[str, Any] | None:
    """How the money went, with every deduction and the photos behind it, as the return's own document says it."""
    rma = row.rma
    if rma is None:
        return None
    told, made = rma.law_facts, document_of(rma)["reimbursements"]
    return {
        "notice_date": instant(row.received_at),
        "proof_of_sending_at": told.get("proof_of_sending_at"),
        "goods_received_at": told.get("goods_received_at"),
        "withhold_basis": rma.withhold,
        "due": rma.refund_due_on.isoformat() if rma.refund_due_on else None,
        "latest": rma.refund_latest_on.isoformat() if rma.refund_latest_on else None,
        "refunded_minor_units": rma.refunded,
        "currency": rma.currency,
        "paid_at": [instant(each.at) for each in _events_of(rma) if each.kind in PAID],
        "reimbursements": made,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "kind": event.kind,
        "at": instant(event.at),
        "data": event.data,
        "actor": {"kind": event.actor_kind, "ref": event.actor_ref},
        "preimage": preimage_of(event),
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }


def is_whole(row: Withdrawal, chain: list[Event]) -> bool:
    """Whether content, acknowledgement and log still fit together; an erased statement keeps only its log."""
    previous = ""
    for event in chain:
        digest = hashlib.sha256(preimage_of(event).encode()).hexdigest()
        if event.previous_hash != previous or event.hash != digest:
            return False
        previous = event.hash
    if row.erased_at is not None or not chain:
        return bool(chain)
    first = chain[0].data
    same_content = first["content_sha256"] == row.content_sha256 == hash_of_content(row)
    same_words = first["acknowledgement_sha256"] == row.ack_sha256 == fingerprint(row.ack)
    return bool(same_content and same_words)
