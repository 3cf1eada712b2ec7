"""Which kinds of events write to the customer, with what, and how patiently a mail is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

LABEL: Final = "label"
"""The attachment kind of a return label's PDF."""

ANSWER: Final = "answer"
"""The attachment kind of the letter that answers a complaint."""

ACKNOWLEDGEMENT: Final = "acknowledgement"
"""The attachment kind of the PDF that acknowledges a statement of withdrawal."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One kind of mail to the customer.

    `by_law`: it answers a statement or hands something over that the law wants on a durable medium, so no
    calendar holds it back and no shop switches it off.
    """

    by_law: bool = False
    attachments: tuple[str, ...] = ()


CATALOGUE: Final[dict[str, Mail]] = {
    # a request may be a withdrawal: Directive 2011/83/EU art. 11(3), acknowledgement on a durable medium
    "return.requested": Mail(by_law=True),
    "return.authorized": Mail(by_law=True, attachments=(ANSWER,)),
    "return.declined": Mail(by_law=True, attachments=(ANSWER,)),
    "return.cancelled": Mail(),
    "return.expiring": Mail(),
    "return.expired": Mail(),
    "label.issued": Mail(attachments=(LABEL,)),
    "parcel.in_transit": Mail(),
    "parcel.received": Mail(),
    "inspection.completed": Mail(),
    "refund.started": Mail(),
    "refund.succeeded": Mail(),
    "store_credit.issued": Mail(by_law=True),
    "store_credit.expiring": Mail(),
    "coupon.issued": Mail(),
    "items.kept": Mail(),
    "goodwill.given": Mail(),
    "price.reduced": Mail(),
    "comment.added": Mail(),
    "exchange.payment_asked": Mail(),
    "exchange.shipped": Mail(),
    "exchange.cancelled": Mail(),
    "exchange.deposit_due": Mail(),
    "exchange.deposit_kept": Mail(),
    "repair.failed": Mail(),
    "repair.shipped": Mail(),
}

WITHDRAWALS: Final[dict[str, Mail]] = {
    # Directive 2011/83/EU art. 11a(4): without undue delay, with content, date and time, on a durable medium
    "withdrawal.received": Mail(by_law=True, attachments=(ACKNOWLEDGEMENT,)),
    "withdrawal.resent": Mail(by_law=True, attachments=(ACKNOWLEDGEMENT,)),
    "withdrawal.decided": Mail(by_law=True),
}
"""Mails about a statement of withdrawal: to the address it named, in its own words, with or without an order."""

SHOP_MAILS: Final = frozenset({"refund.falls_due", "complaint.falls_due", "complaint.unanswered"})
"""Mails to the shop itself, at its support address: plain text for people at work."""

MAX_ATTEMPTS: Final = 12
_MINUTES: Final = (1, 2, 5, 15, 60)
_JITTER: Final = 0.2


def retry_after(attempts: int, chance: float) -> timedelta:
    """The wait after that many attempts: 1, 2, 5, 15, then 60 minutes, ±20% by `chance` (0 to 1)."""
    minutes = _MINUTES[min(attempts, len(_MINUTES)) - 1]
    return timedelta(minutes=minutes * (1 + _JITTER * (2 * chance - 1)))


# working days until money that was sent can be seen, as banks and wallets say of themselves
_WORKING_DAYS: Final = {
    "bank_transfer": 2,
    "blik": 1,
    "bit": 1,
    "wallet": 2,
    "gift_card": 0,
    "store_credit": 0,
    "cash": 0,
}
_ELSE: Final = 5


def expected_on(payment_kind: str, sent_on: date) -> date:
    """The day by which money sent on `sent_on` should have arrived; Saturdays and Sundays do not count."""
    day, left = sent_on, _WORKING_DAYS.get(payment_kind, _ELSE)
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day
