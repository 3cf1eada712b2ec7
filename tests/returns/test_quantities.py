"""What an item ties up in the pool, from its quantities alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from returns.models import Return, ReturnItem

CASES = [
    # decided, quantities, units tied up
    (False, {"requested": 3}, 3),
    (True, {"requested": 3, "authorized": 2}, 2),
    (True, {"requested": 3, "authorized": 3, "cancelled": 1}, 2),
    (True, {"requested": 3, "authorized": 3, "missing": 1, "received": 2}, 2),
    (True, {"requested": 3, "authorized": 3, "received": 3, "rejected": 1, "sent_back": 1}, 2),
    (True, {"requested": 1, "authorized": 1, "received": 3, "rejected": 2, "sent_back": 2}, 1),
    (True, {"requested": 1, "authorized": 1, "received": 3, "rejected": 3, "sent_back": 3}, 0),
]


@pytest.mark.parametrize(("decided", "quantities", "tied"), CASES)
def test_units_tied_up(decided: bool, quantities: dict[str, Any], tied: int) -> None:
    rma = Return(status="received", decided_at=timezone.now() if decided else None)
    assert ReturnItem(rma=rma, **quantities).holding == tied


@pytest.mark.parametrize("status", ["declined", "cancelled", "expired"])
def test_nothing_is_tied_up_once_it_came_to_nothing(status: str) -> None:
    assert ReturnItem(rma=Return(status=status), requested=3).holding == 0
