"""Examples of questions and policies in the OpenAPI document, around the one order of `config.schema.examples`."""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]

POLICY_ID = "85e2ef7c-23f4-422c-8b30-27e07cae15d5"
JOB_ID = "3f0c2a53-6a2e-4a52-9a86-0d6a1c9f7b11"
POLICY: Shape = {
    "name": "Thirty days",
    "window": {"days": 30, "from": "delivered"},
    "defaults": {"return_shipping_payer": "customer", "label_fee": {"gross": {"EUR": "4.99", "PLN": "19.99"}}},
    "rules": [
        {
            "name": "Final sale",
            "when": {"tags_any": ["final-sale"], "reasons_not": ["defective", "wrong_item"]},
            "then": {"decision": "decline", "message": {"en": "Final-sale items cannot be returned."}},
        },
        {"name": "Christmas", "when": {"ordered_between": "11-01..12-24"}, "then": {"return_until": "01-31"}},
    ],
}
QUESTION: Shape = {
    "order": {"channel": "web", "number": "1001"},
    "items": [{"line": "A", "quantity": 1, "reason": "too_small", "declared": {"seal_broken": False, "used": False}}],
    "resolution": "refund",
    "as_of": "2026-10-19T10:00:00Z",
    "facts": {"informed_at": "2026-10-19T10:00:00Z"},
    "policy": {"defaults": {"fee": {"percent": 15}}},
}
ASKED: dict[str, Shape] = {
    "eligibility": QUESTION,
    "policies_create": POLICY,
    "policies_check": POLICY,
    "policies_trial": {"share": 20},
    "policies_backtest": {"from": "2026-01-01", "to": "2026-06-30"},
    "withdrawals_create": {
        "name": "A. Nowak",
        "contract": "1001",
        "acknowledge_to": "a@example.com",
        "items": [{"line": "A", "quantity": 1}],
        "locale": "pl",
        "channel": "letter",
        "dispatched_at": "2026-10-18T12:00:00Z",
    },
}
ANSWERED: dict[str, Shape] = {
    "policies_changes": {
        "since": {"id": POLICY_ID, "version": 3},
        "changes": [{"kind": "changed", "rule": "", "what": "Days to return", "old": "14 days", "new": "30 days"}],
    },
}
