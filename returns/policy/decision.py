"""What a decision consists of: the terms for a line, the verdict on the request, and both as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from customers.money import to_text
from returns.policy.document import Standing, plain
from returns.policy.facts import Case, LineFacts, OrderFacts, Request
from returns.policy.law import LawFacts, Verdict
from returns.policy.reasons import SHOP_CARRIED
from returns.policy.rules import TraceEntry
from returns.policy.window import Window

AUTHORIZED, REVIEW, DECLINED = "authorized", "review", "declined"
OUTCOMES = (AUTHORIZED, REVIEW, DECLINED)


@dataclass(frozen=True)
class FeeTerms:
    """The restocking fee: `fixed` minor units per return item and `percent` of the goods, `most` by law."""

    fixed: int = 0
    percent: Decimal = Decimal(0)
    keep_shipping: bool = True
    waived_for: str | None = None
    most: int | None = None

    def on(self, gross: int) -> int:
        """The fee on goods of `gross` minor units, rounded down, never above them nor above what a law allows."""
        fee = min(gross, self.fixed + int(gross * self.percent / 100))
        return fee if self.most is None else min(fee, self.most)

    def as_dict(self, currency: str) -> dict[str, Any]:
        """The fee for JSON."""
        return {
            "fixed": to_text(self.fixed, currency),
            "percent": plain(self.percent),
            "keep_shipping": self.keep_shipping,
            "waived_for": self.waived_for,
            "most": None if self.most is None else to_text(self.most, currency),
        }


@dataclass(frozen=True)
class Clip:
    """A value of the policy that the law replaced by its own."""

    effect: str
    policy: Any
    law: Any

    def as_dict(self) -> dict[str, Any]:
        """The member of `clipped` in an answer."""
        return {"effect": self.effect, "policy": self.policy, "law": self.law}


@dataclass(frozen=True)
class Terms:
    """What holds for one line, dimension by dimension; a floor of law lifts it with `dataclasses.replace`.

    `doubts` are codes of unknown facts that alone keep the law on the customer's side: a person looks.
    """

    currency: str
    decision: str
    decided_by: str
    message: Any
    window: Window
    fee: FeeTerms
    label_fee: int
    resolutions: tuple[str, ...]
    methods: tuple[str, ...]
    required_photos: int
    questions: tuple[str, ...]
    return_shipping_payer: str
    return_postage_cap: int | None
    return_to: str | None
    bonus_credit_percent: Decimal
    exchange_bonus_percent: Decimal
    refund_outbound_shipping: bool
    promotion_on_return: str
    auto_reimburse: bool
    deduction_by_grade: Mapping[str, Decimal]
    standing: Standing
    trace: tuple[TraceEntry, ...]
    clipped: tuple[Clip, ...] = ()
    law: Verdict | None = None
    doubts: tuple[str, ...] = ()

    def label_fee_for(self, method: str | None) -> int:
        """The label fee in minor units by `method`; None stands for the dearest that is offered."""
        by_shop = not SHOP_CARRIED.isdisjoint(self.methods) if method is None else method in SHOP_CARRIED
        return self.label_fee if by_shop else 0

    def as_dict(self) -> dict[str, Any]:
        """The terms for JSON, amounts as decimal strings."""
        cap = self.return_postage_cap
        return {
            "currency": self.currency,
            "message": plain(self.message),
            "window": self.window.as_dict(),
            "fee": self.fee.as_dict(self.currency),
            "label_fee": to_text(self.label_fee, self.currency),
            "resolutions": list(self.resolutions),
            "methods": list(self.methods),
            "required_photos": self.required_photos,
            "questions": list(self.questions),
            "return_shipping_payer": self.return_shipping_payer,
            "return_postage_cap": None if cap is None else to_text(cap, self.currency),
            "return_to": self.return_to,
            "bonus_credit_percent": plain(self.bonus_credit_percent),
            "exchange_bonus_percent": plain(self.exchange_bonus_percent),
            "refund_outbound_shipping": self.refund_outbound_shipping,
            "promotion_on_return": self.promotion_on_return,
            "auto_reimburse": self.auto_reimburse,
            "deduction_by_grade": plain(self.deduction_by_grade),
            **self._standing(),
            "trace": [entry.as_dict() for entry in self.trace],
            "clipped": [clip.as_dict() for clip in self.clipped],
            "law": None if self.law is None else self.law.as_dict(),
        }

    def _standing(self) -> dict[str, Any]:
        return {
            "label_valid_days": self.standing.label_valid_days,
            "expire_after_days": self.standing.expire_after_days,
            "store_credit_valid_days": self.standing.store_credit_valid_days,
            "refund_order": plain(self.standing.refund_order),
            "goodwill_second_person_above": plain(self.standing.goodwill_second_person_above),
        }


@dataclass(frozen=True)
class Note:
    """One reason of a verdict: a code for programs and what the sentence about it needs."""

    code: str
    params: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The note for JSON."""
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True)
class Decision:
    """The verdict on one line of a request: what decided comes first in `notes`."""

    outcome: str
    basis: str
    notes: tuple[Note, ...]
    terms: Terms
    terms_at_purchase: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the notes, the deciding one first."""
        return tuple(note.code for note in self.notes)

    def as_dict(self) -> dict[str, Any]:
        """The decision for JSON: enough to store it and to explain it again in any language."""
        return {
            "outcome": self.outcome,
            "basis": self.basis,
            "codes": list(self.codes),
            "notes": [note.as_dict() for note in self.notes],
            "terms_at_purchase": self.terms_at_purchase,
            **self.terms.as_dict(),
        }


def inputs(
    order: OrderFacts,
    line: LineFacts,
    request: Request,
    now: datetime,
    law: LawFacts | None = None,
    settled: str | None = None,
) -> dict[str, Any]:
    """Everything a decision looked at, for JSON: what `replay` needs besides the policy; `settled` as in `decide`."""
    case = Case(order, line, request, now)
    asked = replace(request, requested_at=case.asked_at)
    found = {"order": order.as_dict(), "line": line.as_dict(), "request": asked.as_dict()}
    found |= {} if law is None else {"law": law.as_dict()}
    return found | ({"settled": settled} if settled else {})


def inputs_hash(looked_at: Mapping[str, Any], *, policy_version: str, law_version: str = "") -> str:
    """SHA-256 over canonical JSON of `inputs(...)` and both versions: same hash, same decision."""
    whole = {"inputs": looked_at, "policy": policy_version, "law": law_version}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
