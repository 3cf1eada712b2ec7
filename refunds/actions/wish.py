"""What somebody wants to be paid for a return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Wish:
    """What to pay: None means left out, so that policy and facts decide."""

    items: Sequence[Mapping[str, Any]] | None = None
    shipping: str | None = None
    tender: str | None = None
    deductions: Sequence[Mapping[str, Any]] | None = None
    payout: Mapping[str, Any] | None = None
    expected_total: str | None = None
