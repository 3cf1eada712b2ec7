"""What the demo's manager is thinking about: a draft, and what it would have done to the past weeks."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

from accounts.actions import run_jobs
from config.demo.shop import FAULTS, POLICIES
from config.demo.stage import Stage, Story
from insights.actions import start_backtest
from returns.actions import draft_policy

WEEKS = 4


def dearer_labels(stage: Stage) -> Story:
    """Labels at the customer's cost, fewer days, and fewer second looks: drafted yesterday, run over the past today."""
    manager = stage.staff["manager"]
    yield stage.day(1, "16:20")
    row = draft_policy(document(), actor=manager)
    yield stage.day(0.01)
    start_backtest(row, start=(stage.now - timedelta(weeks=WEEKS)).date(), end=stage.now.date(), actor=manager)
    run_jobs()


def document() -> dict[str, Any]:
    """The policy in force with the changes."""
    found = deepcopy(POLICIES[0])
    found["name"] = "Tidewell returns, from January"
    found["window"]["days"] = 21
    found["defaults"] |= {
        "return_shipping_payer": "customer",
        "label_fee": {"gross": {"EUR": "3.90", "PLN": "14.90", "ILS": "15.90"}},
        "fee_waived_for": FAULTS,
    }
    for rule in found["rules"]:
        if rule["name"] == "A second look above 300 euros":
            rule["name"] = "A second look above 400 euros"
            rule["when"] = {"min_price": {"EUR": "400.00", "PLN": "1700.00", "ILS": "1600.00"}}
    return found
