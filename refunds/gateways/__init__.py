"""The gateways this installation knows: those with settings of their own, and the kinds that accounts are of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from refunds.gateways.base import AsksForMoney, Gateway, RefundAnswer, RefundCall, RefundOutcome
from refunds.gateways.fake import configured as configured_fake
from refunds.gateways.manual import ManualGateway

__all__ = ["BUILDERS", "KNOWN", "Account", "AsksForMoney", "Gateway", "RefundAnswer", "RefundCall", "RefundOutcome"]
__all__ += ["build", "get"]


@dataclass(frozen=True, slots=True)
class Account:
    """A gateway described by data, out of its row; `secret` is still sealed."""

    code: str
    kind: str
    definition: dict[str, Any] = field(default_factory=dict)
    secret: str = ""


# code -> the gateway as the settings have it, None where they do not say how to reach it
KNOWN: dict[str, Callable[[], Gateway | None]] = {
    "manual": ManualGateway,
    "fake": configured_fake,
}
# kind of account -> what makes a gateway of one
BUILDERS: dict[str, Callable[[Account], Gateway]] = {}


def get(code: str, account: Account | None = None) -> Gateway:
    """The gateway with this code, or of this account; money that we cannot move by a call is paid back by hand.

    Actions ask `refunds.actions.gates.gateway_for`, which finds the account.
    """
    gateway = build(account) if account is not None else KNOWN[code]() if code in KNOWN else None
    return gateway or ManualGateway()


def build(account: Account) -> Gateway | None:
    """The gateway of an account; None when nobody here knows its kind."""
    builder = BUILDERS.get(account.kind)
    return builder(account) if builder else None
