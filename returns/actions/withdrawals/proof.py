"""The proof bundle of a statement: what was said, what we wrote, and the chained log, checkable by a stranger."""

from __future__ import annotations

import hashlib
from typing import Any

from returns.actions.withdrawals.statement import content_of, hash_of_content, instant, mask, unseal
from returns.events import preimage_of
from returns.models import Event, Withdrawal
from returns.policy.withdrawal import canonical, fingerprint

FORMAT = "comeback.withdrawal-proof/1"
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
        "acknowledgement": _acknowledgement(row),
        "decision": _decision(row),
        "refund_chain": _refund_chain(row),
        "events": [_event(each) for each in chain],
        "whole": is_whole(row, chain),
        "how_to_check": HOW,
    }


def _order(row: Withdrawal) -> dict[str, Any] | None:
    if row.order is None:
        return None
    return {"id": str(row.order.uid), "channel": row.order.channel.code, "number": row.order.number}


def _acknowledgement(row: Withdrawal) -> dict[str, Any]:
    return {
        "document": row.ack,
        "canonical": canonical(row.ack),
        "sha256": row.ack_sha256,
        "to": row.ack_to,
        "status": row.ack_state,
        "sent_at": instant(row.ack_sent_at),
        "error": row.ack_error or None,
        "held_until": instant(row.held_until),
        "pdf_fetched_at": instant(row.pdf_fetched_at),
    }


def _decision(row: Withdrawal) -> dict[str, Any] | None:
    if row.decided_at is None:
        return None
    return {**row.decision, "decided_at": instant(row.decided_at)}


def _refund_chain(row: Withdrawal) -> dict[str, Any] | None:
    rma = row.rma
    if rma is None:
        return None
    return {
        "notice_date": instant(row.received_at),
        "proof_of_sending_at": instant(rma.proof_of_sending_at),
        "withhold_basis": rma.withhold,
        "due": rma.refund_due_on.isoformat() if rma.refund_due_on else None,
        "latest": rma.refund_latest_on.isoformat() if rma.refund_latest_on else None,
        "refunded_minor_units": rma.refunded,
        "currency": rma.currency,
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
