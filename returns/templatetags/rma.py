"""Template filters that turn the codes of a return into words, tones and icons."""

from __future__ import annotations

from typing import NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from returns.policy.choices import QUESTIONS
from returns.policy.reasons import METHODS, REASONS, RESOLUTIONS

register = template.Library()

Words = str | Promise


class Look(NamedTuple):
    """How a state is drawn: its word for staff, its word for the customer, its tone and its icon."""

    staff: Words
    customer: Words
    tone: str
    icon: str


STATES = {
    "requested": Look(_("To decide"), _("We are looking at it"), "you", "flag"),
    "authorized": Look(_("Authorized"), _("Approved"), "go", "check"),
    "in_transit": Look(_("On its way"), _("On its way"), "go", "truck"),
    "partially_received": Look(_("Partly received"), _("Partly arrived"), "go", "package-open"),
    "received": Look(_("To inspect"), _("Arrived"), "go", "package-check"),
    "inspected": Look(_("To reimburse"), _("Checked"), "you", "hand-coins"),
    "resolved": Look(_("Resolved"), _("Done"), "good", "check"),
    "declined": Look(_("Declined"), _("Declined"), "bad", "ban"),
    "cancelled": Look(_("Cancelled"), _("Cancelled"), "", "x"),
    "expired": Look(_("Expired"), _("Closed, nothing arrived"), "", "clock"),
}

# what stands under a way to send, and its icon
METHOD_HELP: dict[str, tuple[Words, str]] = {
    "label": (_("Print it, stick it on the parcel, drop it off"), "printer"),
    "qr": (_("Show it on your phone, they print the label"), "qr-code"),
    "drop_off": (_("Hand the parcel over at a point near you"), "map-pin"),
    "pickup": (_("A courier comes to your door"), "truck"),
    "in_store": (_("No parcel needed"), "store"),
    "own_carrier": (_("With any carrier; keep the proof of posting"), "package"),
    "keep": (_("Nothing to send back"), "check"),
}

GRADES: dict[str, Words] = {
    "A": _("like new"),
    "B": _("light marks"),
    "C": _("worn"),
    "D": _("unsellable"),
}

DISPOSITIONS: dict[str, Words] = {
    "restock": _("Restock"),
    "refurbish": _("Refurbish"),
    "liquidate": _("Second choice"),
    "donate": _("Donate"),
    "recycle": _("Recycle"),
    "scrap": _("Scrap"),
    "quarantine": _("Quarantine"),
    "return_to_vendor": _("Back to the supplier"),
    "return_to_customer": _("Back to the customer"),
}

OUTCOMES: dict[str, tuple[Words, str, str]] = {
    "authorized": (_("Accepted"), "good", "check"),
    "review": (_("A person decides"), "you", "flag"),
    "declined": (_("Declined"), "bad", "ban"),
    "accepted": (_("Accepted"), "good", "check"),
    "rejected": (_("Not accepted"), "bad", "x"),
}

REFUND_STATES: dict[str, tuple[Words, str, str]] = {
    "created": (_("Prepared"), "go", "clock"),
    "processing": (_("Being sent"), "go", "send"),
    "manual_pending": (_("To be paid by hand"), "you", "hand-coins"),
    "succeeded": (_("Sent"), "good", "check"),
    "failed": (_("Refused by the bank"), "bad", "circle-alert"),
    "external": (_("Made elsewhere"), "", "link"),
}

MESSAGE_STATES: dict[str, tuple[Words, str, str]] = {
    "queued": (_("Waiting to be sent"), "go", "clock"),
    "sending": (_("Being sent"), "go", "send"),
    "sent": (pgettext_lazy("message", "Sent"), "good", "check"),
    "parked": (_("Not delivered"), "bad", "circle-alert"),
}

LINE_KINDS: dict[str, Words] = {
    "item": _("Item"),
    "tax": _("Tax"),
    "discount": _("Discount"),
    "shipping": _("Delivery"),
    "restocking_fee": _("Restocking fee"),
    "label_fee": _("Return label"),
    "deduction": _("Deduction"),
    "goodwill": _("Goodwill"),
    "bonus": _("Bonus"),
    "return_postage": _("Your return postage"),
    "price_reduction": _("Price reduction"),
}

# kind of event: words for staff, words for the customer (None: not shown), mark, icon
EVENTS: dict[str, tuple[Words, Words | None, str, str]] = {
    "return.requested": (_("Requested"), _("Requested"), "", "check"),
    "return.authorized": (_("Authorized"), _("Approved"), "", "check"),
    "return.declined": (_("Declined"), _("Declined"), "is-bad", "x"),
    "return.cancelled": (_("Cancelled"), _("Cancelled"), "is-bad", "x"),
    "refund.falls_due": (_("Warned: the refund falls due"), None, "", "clock"),
    "complaint.falls_due": (_("Warned: the complaint has to be answered"), None, "", "clock"),
    "complaint.unanswered": (_("Not answered in time: accepted by law"), None, "is-bad", "scale"),
    "return.expiring": (_("Reminded that time runs out"), None, "", "clock"),
    "return.expired": (_("Expired"), _("Closed, nothing arrived"), "is-bad", "clock"),
    "return.contested": (_("The customer asked a person to look again"), _("You asked us to look again"), "", "flag"),
    "return.reopened": (_("Opened again"), _("Opened again"), "", "rotate-ccw"),
    "return.resolved": (_("Resolved"), _("Done"), "is-good", "check"),
    "return.closed": (_("Closed"), None, "", "lock"),
    "return.imported": (_("Moved in from another system"), None, "", "package"),
    "items.cancelled": (_("Some units cancelled"), _("Some items cancelled"), "", "minus"),
    "items.closed_short": (_("The rest never came"), _("Closed without the rest"), "is-you", "minus"),
    "items.lost": (_("Lost on the way"), _("Lost on the way"), "is-you", "circle-help"),
    "items.kept": (_("The customer keeps it"), _("You keep it"), "", "gift"),
    "return.label_chosen": (_("The customer chose our label"), None, "", "printer"),
    "label.requested": (_("Label asked for"), None, "", "printer"),
    "label.issued": (_("Label issued"), _("Label ready"), "", "printer"),
    "label.failed": (_("No label from the carrier"), None, "is-bad", "circle-alert"),
    "label.voided": (_("Label voided"), None, "", "ban"),
    "shipment.announced": (_("Customer announced a parcel"), _("Parcel announced"), "", "package"),
    "parcel.in_transit": (_("On its way"), _("On its way"), "", "truck"),
    "parcel.scanned": (_("Scanned by the carrier"), None, "", "scan-barcode"),
    "parcel.received": (_("Received"), _("Arrived"), "", "warehouse"),
    "parcel.counted": (_("Counted"), None, "", "package-check"),
    "parcel.parked": (_("Parked without a return"), None, "is-you", "package-search"),
    "receipt.matched": (_("Parcel matched"), _("Parcel found"), "", "package-check"),
    "inspection.recorded": (_("Partly inspected"), None, "", "search"),
    "inspection.completed": (_("Inspected"), _("Checked"), "", "search"),
    "disposition.corrected": (_("Disposition corrected"), None, "", "pencil"),
    "reimbursement.opened": (_("Reimbursement prepared"), None, "", "hand-coins"),
    "reimbursement.approved": (_("Reimbursement approved"), None, "", "check"),
    "reimbursement.rejected": (_("Reimbursement rejected"), None, "is-bad", "x"),
    "reimbursement.reversed": (_("Store credit taken back"), None, "is-bad", "rotate-ccw"),
    "reimbursement.payout_changed": (_("Another account was given"), None, "", "pencil"),
    "goodwill.given": (_("Goodwill given"), _("A gesture from us"), "is-good", "gift"),
    "price.reduced": (_("Price reduced"), _("You keep it for less"), "is-good", "tag"),
    "refund.started": (_("Refund started"), _("Your money is on its way"), "is-good", "send"),
    "refund.succeeded": (_("Refund sent"), _("Money sent"), "is-good", "check"),
    "refund.failed": (_("Refund refused"), _("Your bank turned the refund down"), "is-bad", "circle-alert"),
    "store_credit.requested": (_("Store credit asked for"), None, "is-you", "gift"),
    "store_credit.redeemed": (_("Store credit spent"), None, "", "gift"),
    "store_credit.reversed": (_("Put back on store credit"), None, "", "rotate-ccw"),
    "store_credit.refunded": (_("Paid back to store credit"), None, "is-good", "gift"),
    "store_credit.cashed": (_("Rest of store credit paid in cash"), None, "", "hand-coins"),
    "store_credit.expiring": (_("Reminded that store credit ends"), None, "", "clock"),
    "store_credit.expired": (_("Store credit expired"), None, "is-bad", "clock"),
    "store_credit.voided": (_("Store credit voided"), None, "is-bad", "ban"),
    "coupon.issued": (_("Coupon given"), _("A coupon for you"), "is-good", "tag"),
    "store_credit.issued": (_("Store credit issued"), _("Store credit issued"), "is-good", "gift"),
    "exchange.opened": (_("Exchange opened, stock reserved"), _("Your exchange is noted"), "", "refresh-cw"),
    "exchange.held": (_("The exchange waits for a person"), None, "is-you", "flag"),
    "exchange.advanced": (_("The replacement leaves first"), _("We send the replacement first"), "", "refresh-cw"),
    "exchange.payment_asked": (_("Payment asked for"), _("A payment for your replacement"), "is-you", "hand-coins"),
    "exchange.payment_failed": (_("The payment failed"), None, "is-bad", "circle-alert"),
    "exchange.paid": (_("Paid by the customer"), _("Paid, thank you"), "is-good", "check"),
    "exchange.ready": (_("The replacement can leave"), None, "", "package"),
    "exchange.shipped": (_("Replacement shipped"), _("Your replacement is on its way"), "is-good", "truck"),
    "exchange.cancelled": (_("Exchange cancelled"), _("Exchange cancelled"), "is-bad", "x"),
    "exchange.converted": (_("Exchange turned into a refund"), _("A refund instead"), "", "rotate-ccw"),
    "exchange.given_back": (_("Payment given back"), _("Your payment was given back"), "is-good", "check"),
    "exchange.deposit_released": (_("Deposit let go"), _("Your deposit is free again"), "is-good", "check"),
    "exchange.deposit_due": (_("Warned that the deposit is taken"), None, "", "clock"),
    "exchange.deposit_kept": (_("Deposit taken"), _("We took the deposit"), "is-bad", "hand-coins"),
    "exchange.sold": (_("The goods did not come back"), None, "is-you", "clock"),
    "repair.opened": (_("Repair planned"), _("Your repair is planned"), "", "settings"),
    "repair.started": (_("Repair started"), _("We repair it now"), "", "settings"),
    "repair.done": (_("Repaired"), _("Repaired"), "is-good", "check"),
    "repair.failed": (_("Cannot be repaired"), _("It cannot be repaired"), "is-bad", "x"),
    "repair.shipped": (_("Repaired goods shipped"), _("Repaired, and on its way back"), "is-good", "truck"),
    "withdrawal.received": (_("Statement received"), None, "", "inbox"),
    "withdrawal.matched": (_("Order found"), None, "", "link"),
    "withdrawal.judged": (_("Looked at by the law"), None, "", "scale"),
    "withdrawal.acknowledged": (_("Acknowledged"), None, "is-good", "check"),
    "withdrawal.undelivered": (_("Acknowledgement not delivered"), None, "is-bad", "circle-alert"),
    "withdrawal.resent": (_("Acknowledgement sent again"), None, "", "send"),
    "withdrawal.decided": (_("Answered"), None, "", "mail"),
    "withdrawal.contested": (_("Contested"), None, "is-you", "flag"),
    "withdrawal.function_checked": (_("Withdrawal function looked at"), None, "", "eye"),
    "withdrawal.seen": (_("Opened by staff"), None, "", "eye"),
    "photo.added": (_("Photo added"), None, "", "camera"),
    "note.added": (_("Note"), None, "", "message-square"),
    "comment.added": (_("Message to the customer"), _("We wrote to you"), "", "message-square"),
}

_UNKNOWN_EVENT: tuple[Words, Words | None, str, str] = ("", None, "", "info")


@register.filter
def state_word(status: str) -> Words:
    """A status as staff say it."""
    return STATES[status].staff if status in STATES else status


@register.filter
def state_for_customer(status: str) -> Words:
    """A status as the customer reads it."""
    return STATES[status].customer if status in STATES else status


@register.filter
def state_tone(status: str) -> str:
    """go, good, you, bad or nothing: the tint of a status."""
    return STATES[status].tone if status in STATES else ""


@register.filter
def state_icon(status: str) -> str:
    """The icon of a status."""
    return STATES[status].icon if status in STATES else "info"


@register.filter
def reason_word(code: str) -> Words:
    """A reason in words; a merchant's own code as it is."""
    return REASONS.get(code, code)


@register.filter
def resolution_word(code: str) -> Words:
    """Refund, exchange, store credit ... in words."""
    return RESOLUTIONS.get(code, code)


@register.filter
def method_word(code: str) -> Words:
    """How the goods travel, in words."""
    return METHODS.get(code, code)


@register.filter
def method_help(code: str) -> Words:
    """One line about how the goods travel."""
    return METHOD_HELP[code][0] if code in METHOD_HELP else ""


@register.filter
def method_icon(code: str) -> str:
    """The icon of a way to send."""
    return METHOD_HELP[code][1] if code in METHOD_HELP else "package"


def question_word(code: str) -> dict[str, Words]:
    """What the customer is asked, and `kind`: yes_no or text."""
    words, yes_no = QUESTIONS.get(code, (code.replace("_", " ").capitalize(), False))
    return {"label": words, "kind": "yes_no" if yes_no else "text"}


@register.filter
def grade_word(grade: str) -> Words:
    """What a grade means."""
    return GRADES.get(grade, "")


@register.filter
def disposition_word(code: str) -> Words:
    """Where a unit goes next, in words."""
    return DISPOSITIONS.get(code, code)


@register.filter
def line_word(kind: str) -> Words:
    """The kind of a line of money, in words."""
    return LINE_KINDS.get(kind, kind)


@register.filter
def outcome_look(code: str) -> tuple[Words, str, str]:
    """Word, tone and icon of a decision or an inspection's outcome."""
    return OUTCOMES.get(code, (code, "", "info"))


@register.filter
def refund_look(code: str) -> tuple[Words, str, str]:
    """Word, tone and icon of a refund's state."""
    return REFUND_STATES.get(code, (code, "", "info"))


@register.filter
def message_look(code: str) -> tuple[Words, str, str]:
    """Word, tone and icon of a message's state."""
    return MESSAGE_STATES.get(code, (code, "", "info"))


@register.filter
def event_word(kind: str) -> Words:
    """An event of the log as staff say it; an unknown kind as it is."""
    return EVENTS.get(kind, _UNKNOWN_EVENT)[0] or kind


@register.filter
def event_for_customer(kind: str) -> Words:
    """An event as the customer reads it; empty when it is none of theirs."""
    return EVENTS.get(kind, _UNKNOWN_EVENT)[1] or ""


@register.filter
def event_mark(kind: str) -> str:
    """The class of an event's knot in a thread."""
    return EVENTS.get(kind, _UNKNOWN_EVENT)[2]


@register.filter
def event_icon(kind: str) -> str:
    """The icon in an event's knot."""
    return EVENTS.get(kind, _UNKNOWN_EVENT)[3]
