"""The gateways this installation knows: those with settings of their own, and the kinds that accounts are of."""

from __future__ import annotations

from collections.abc import Callable

from refunds.gateways.accounts import KINDS, Account
from refunds.gateways.base import AsksForMoney, Gateway, RefundAnswer, RefundCall, RefundOutcome
from refunds.gateways.cash import CashGateway
from refunds.gateways.fake import configured as configured_fake
from refunds.gateways.manual import ManualGateway
from refunds.gateways.stripe import configured as configured_stripe

__all__ = ["BUILDERS", "KNOWN", "Account", "AsksForMoney", "Gateway", "RefundAnswer", "RefundCall", "RefundOutcome"]
__all__ += ["build", "get"]

# code -> the gateway as the settings have it, None where they do not say how to reach it
KNOWN: dict[str, Callable[[], Gateway | None]] = {
    "manual": ManualGateway,
    "cash": CashGateway,
    "stripe": configured_stripe,
    "fake": configured_fake,
}
# kind of account -> what makes a gateway of one
BUILDERS: dict[str, Callable[[Account], Gateway]] = {name: kind.build for name, kind in KINDS.items()}


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
