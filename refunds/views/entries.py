"""Lines of a store credit's ledger in words, for staff and for who holds it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise
ENTRIES: dict[str, tuple[Words, str]] = {
    "issued": (pgettext_lazy("store credit", "Issued"), "gift"),
    "bonus": (_("Bonus"), "plus"),
    "imported": (_("Moved in"), "package"),
    "refunded": (_("Paid back to it"), "rotate-ccw"),
    "redeemed": (_("Spent"), "tag"),
    "reversed": (_("Put back"), "rotate-ccw"),
    "cashed": (_("Paid in cash"), "hand-coins"),
    "expired": (pgettext_lazy("store credit", "Expired"), "clock"),
    "voided": (_("Voided"), "ban"),
}
STATES: dict[str, tuple[Words, str, str]] = {
    "active": (_("Can be used"), "good", "check"),
    "spent": (_("All spent"), "", "minus"),
    "waiting": (_("Waits for a second person"), "you", "hourglass"),
    "expired": (pgettext_lazy("store credit", "Expired"), "bad", "clock"),
    "voided": (_("Voided"), "bad", "ban"),
}


def entry_word(kind: str) -> Words:
    """What a line is."""
    return ENTRIES[kind][0] if kind in ENTRIES else kind


def entry_icon(kind: str) -> str:
    """The icon of a line."""
    return ENTRIES[kind][1] if kind in ENTRIES else "info"
