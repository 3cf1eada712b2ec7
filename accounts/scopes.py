"""What a key or a role may do, and which implies which."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

SCOPES = {
    "orders:read": _("Read orders, products and jobs"),
    "orders:write": _("Write orders, products and jobs"),
    "returns:read": _("Read everything from orders to events"),
    "returns:write": _("Ask for returns, decide them, ship them"),
    "warehouse:read": _("Read receipts, inspections and stock movements"),
    "warehouse:write": _("Receive, photograph and inspect"),
    "refunds:read": _("Read reimbursements and refunds"),
    "refunds:write": _("Reimburse, mark paid, retry"),
    "policy:read": _("Read policies"),
    "policy:write": _("Draft and publish policies"),
    "webhooks:read": _("Read webhooks"),
    "webhooks:write": _("Manage webhooks"),
    "insights:read": _("Read reports"),
    "admin": _("Everything"),
}

# staff only: never given to a key by name
DESK_PERMISSIONS = {
    "override_policy": _("Decide otherwise than the policy, with a reason"),
    "approve_reimbursement": _("Approve what another person prepared"),
    "give_goodwill": _("Give money without goods, with a reason"),
    "retry_parked": _("Retry parked events and messages"),
}

ROLES: dict[str, tuple[str, ...]] = {
    "agent": ("returns:write", "warehouse:read", "refunds:write", "policy:read", "override_policy", "give_goodwill"),
    "warehouse": ("returns:read", "warehouse:write"),
    "manager": (
        "orders:write",
        "returns:write",
        "warehouse:write",
        "refunds:write",
        "policy:write",
        "insights:read",
        "override_policy",
        "approve_reimbursement",
        "give_goodwill",
        "retry_parked",
    ),
    "admin": ("admin",),
    "integrator": ("orders:write", "returns:write", "webhooks:write"),
}


def codename(scope: str) -> str:
    """The permission codename of a scope: `returns:write` is `returns_write`."""
    return scope.replace(":", "_")


def permissions() -> list[tuple[str, str]]:
    """Every scope and desk permission as Django wants them in `Meta.permissions`."""
    return [(codename(name), str(label)) for name, label in (SCOPES | DESK_PERMISSIONS).items()]


def expand(granted: Iterable[str]) -> frozenset[str]:
    """Everything that the granted names allow: `X:write` implies `X:read`; `returns:read` reads orders too.

    `returns:read` is every GET from orders to withdrawals and events, so it implies the other reads up to money.
    """
    names = set(granted)
    if "admin" in names:
        return frozenset(SCOPES) | frozenset(DESK_PERMISSIONS)
    names |= {name.replace(":write", ":read") for name in names if name.endswith(":write")}
    if "returns:read" in names:
        names |= {"orders:read", "warehouse:read", "refunds:read"}
    return frozenset(names)
