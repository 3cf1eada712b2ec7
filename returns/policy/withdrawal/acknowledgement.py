"""The acknowledgement of receipt, word for word: what was said, when it came, and what follows or does not yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from returns.policy.withdrawal.texts import Words


@dataclass(frozen=True, kw_only=True)
class Next:
    """What the law says follows, only where the right holds; `fee` as the consumer reads it, None for none."""

    send_back_by: date
    address: str
    payer: str
    refund_due: date
    may_withhold: bool
    fee: str | None = None


@dataclass(frozen=True, kw_only=True)
class AckFacts:
    """The statement as typed, and what is known of it at the moment of the acknowledgement.

    `covered_by` is the reference of an earlier statement that withdrew from the same units.
    """

    ref: str
    received_at: datetime
    zone: str
    statement: str
    name: str
    contract: str
    means: str
    channel: str
    sha256: str
    answer_by: date
    matched: str = ""
    items: Sequence[str] = ()
    id_number: str = ""
    left_out: Sequence[str] = field(default=())
    covered_by: str = ""
    follows: Next | None = None


def compose(words: Words, facts: AckFacts) -> dict[str, Any]:
    """The acknowledgement for JSON: subject, the lines about the statement, and the separate block after them."""
    return {
        "law": words.law,
        "language": words.base,
        "dir": words.dir,
        "subject": words["ack_subject"].format(ref=facts.ref),
        "intro": words["ack_intro"],
        "lines": _lines(words, facts),
        "after": _after(words, facts),
        "receipt_only": facts.follows is None and not facts.covered_by,
        "fingerprint": words["ack_hash"].format(sha256=facts.sha256),
        "own_fingerprint": words["ack_own_hash"],
    }


def _lines(words: Words, facts: AckFacts) -> list[str]:
    contract = f"{facts.contract} ({facts.matched})" if facts.matched else facts.contract
    items = ", ".join(facts.items) or words["scope_whole"]
    own = [words["ack_id_number"].format(id_number=facts.id_number)] if facts.id_number else []
    return [
        words["ack_submitted"].format(**words.clock(facts.received_at, facts.zone)),
        words["ack_content"].format(statement=facts.statement),
        words["ack_name"].format(name=facts.name),
        *own,
        words["ack_contract"].format(contract=contract),
        words["ack_items"].format(items=items),
        words["ack_means"].format(means=facts.means),
        words["ack_channel"].format(channel=words["channels"][facts.channel]),
        words["ack_ref"].format(ref=facts.ref),
    ]


def _after(words: Words, facts: AckFacts) -> list[str]:
    found = facts.follows
    left_out = ", ".join(facts.left_out)
    if facts.covered_by:
        return [words["ack_covered"].format(ref=facts.covered_by, items=left_out)]
    elsewhere = [words["ack_left_out"].format(items=left_out)] if left_out else []
    if found is None:
        return [words["ack_receipt_only"].format(answer_by=words.day(facts.answer_by)), *elsewhere]
    waits = "ack_refund" if found.may_withhold else "ack_refund_now"
    lines = [
        words["ack_send_back"].format(send_back_by=words.day(found.send_back_by), address=found.address),
        words["ack_cost_shop" if found.payer == "trader" else "ack_cost_consumer"],
        words[waits].format(refund_due=words.day(found.refund_due)),
    ]
    if words.get("ack_fee"):
        lines.insert(0, words["ack_fee"].format(amount=found.fee) if found.fee else words["ack_no_fee"])
    return [*lines, *elsewhere]
