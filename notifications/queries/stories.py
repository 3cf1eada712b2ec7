"""What each kind of mail tells; None where this event is nothing to write about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone

from accounts.actors import CUSTOMER
from inspections.models import Inspection, Outcome
from notifications.catalogue import ANSWER, CATALOGUE, LABEL, expected_on
from notifications.queries.gifts import gift
from notifications.queries.money import deductions_of, money_lines
from notifications.queries.swaps import SWAPS
from refunds.links import credit_url
from refunds.models import Coupon, Refund, Reimbursement, StoreCredit
from returns import carriers
from returns.models import Event, Note, PolicyDecision, Return, Shipment
from returns.models.rma import Status
from returns.policy.explain import for_customer
from returns.policy.window import local_day

Facts = dict[str, Any]
Story = Callable[[Event, Return], Facts | None]


@dataclass(frozen=True, slots=True)
class Item:
    """Units of one product in a return, as its customer reads them."""

    title: str
    requested: int
    authorized: int
    reason: str
    why_declined: str = ""

    @property
    def declined(self) -> int:
        """Units that the shop does not take back."""
        return self.requested - self.authorized


@dataclass(frozen=True, slots=True)
class Payment:
    """One movement of money: minor units, the kind of payment it goes to, and when it should have arrived."""

    amount: int
    to: str
    account: str
    expected: date
    reference: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on units of one item; amounts in minor units, gross."""

    title: str
    quantity: int
    grade: str
    rejected: bool
    comes_back: bool
    note: str
    taken_off: int = 0
    share: Any = None
    reason: str = ""

    @property
    def is_clean(self) -> bool:
        """As it should be: accepted, nothing off, nothing to say."""
        return not (self.rejected or self.taken_off or self.note)


def requested(event: Event, rma: Return) -> Facts | None:
    """Only while a person still has to decide.

    A request that the policy decides at once logs its decision in the same transaction: by now the status
    says so, and that mail tells everything this one would. Two in one second would tell less than one.
    """
    return {"items": items_of(rma)} if rma.status == Status.REQUESTED else None


def authorized(event: Event, rma: Return) -> Facts:
    """What may come back, how and until when, and what may not."""
    items = items_of(rma)
    return {
        "items": [item for item in items if item.authorized],
        "declined": [item for item in items if item.declined],
        "message": rma.decline_message,
        "complained_on": _complained_on(rma),
        "send_by": _local_day(rma.expires_at),
        "arrived": rma.status in (Status.PARTIALLY_RECEIVED, Status.RECEIVED),
        "by_label": rma.method in ("label", "qr", "drop_off", "pickup"),
    }


def declined(event: Event, rma: Return) -> Facts:
    """What cannot come back, and why."""
    return {"declined": items_of(rma), "message": rma.decline_message, "complained_on": _complained_on(rma)}


def _complained_on(rma: Return) -> date | None:
    """When a complaint came that a law wants answered by a day; None for every other request."""
    return None if rma.answer_latest_on is None else local_day(rma.created_at, rma.law_facts.get("time_zone"))


def cancelled(event: Event, rma: Return) -> Facts:
    """That nothing more happens, and by whose wish."""
    return {"items": items_of(rma), "by_customer": CUSTOMER in (event.actor_kind, event.data.get("by"))}


def closing(event: Event, rma: Return) -> Facts:
    """The day by which something has, or had, to arrive."""
    return {"items": items_of(rma), "send_by": _local_day(rma.expires_at)}


def label(event: Event, rma: Return) -> Facts | None:
    """The parcel's papers; None once the label was voided, as a void label must not be used."""
    shipment = shipment_of(event, rma)
    if shipment is None or shipment.state in (Shipment.State.VOID_PENDING, Shipment.State.VOIDED):
        return None
    labels = list(shipment.labels.order_by("parcel"))
    days = [one.valid_until for one in labels if one.valid_until]
    return _travel(shipment) | {
        "labels": labels,
        "send_by": min(days) if days else _local_day(rma.expires_at),
        "by_qr": rma.method == "qr",
        "by_pickup": rma.method == "pickup",
    }


def in_transit(event: Event, rma: Return) -> Facts:
    """Who has the parcel, under which number."""
    shipment = shipment_of(event, rma)
    return (_travel(shipment) if shipment else {}) | {"told": bool(shipment and shipment.by_customer)}


def received(event: Event, rma: Return) -> Facts:
    """How much of what was announced is here."""
    items = list(rma.items.select_related("line").order_by("pk"))
    awaited = [
        (max(item.authorized or item.requested, item.received) - item.cancelled - item.waived, item) for item in items
    ]
    came = sum(item.received for item in items)
    return {
        "rows": [(item.line.title, item.received, max(count, item.received)) for count, item in awaited if count > 0],
        "came": came,
        "awaited": max(sum(count for count, _item in awaited), came),
        "partial": rma.status == Status.PARTIALLY_RECEIVED,
        "undecided": not any(item.authorized for item in items),
    }


def inspected(event: Event, rma: Return) -> Facts | None:
    """What was found, and what was taken off for it where the money is already decided; repairs have their own mail."""
    findings = findings_of(rma)
    if not findings:
        return None
    return {
        "findings": [finding for finding in findings if not finding.is_clean],
        "clean": [finding for finding in findings if finding.is_clean],
        "accepted": any(not finding.rejected for finding in findings),
    }


def refund(event: Event, rma: Return) -> Facts | None:
    """The movements of money that an event speaks of, and the decision behind them, line by line."""
    rows = _refunds_of(event, rma)
    if not rows:
        return None
    reimbursement = rows[0].reimbursement
    if event.kind == "refund.started" and reimbursement.kind != Reimbursement.Kind.RETURN:
        return None  # the mail about goodwill says it, with its reason
    payments = [_payment(row, rma) for row in rows]
    amount = sum(row.amount for row in rows)
    return {
        "payments": payments,
        "only": payments[0] if len(payments) == 1 else None,
        "amount": amount,
        "expected": max(payment.expected for payment in payments),
        "lines": money_lines(reimbursement),
        "total": reimbursement.total,
        "is_part": amount != reimbursement.total,
    }


def _payment(row: Refund, rma: Return) -> Payment:
    kind = row.payment.kind if row.payment else "bank_transfer"
    today = timezone.localdate()
    expected = expected_on(kind, _local_day(row.succeeded_at) or today)
    if row.state == Refund.State.MANUAL_PENDING and rma.refund_due_on:
        # somebody has to pay it first, so only the day that the law names is a safe promise
        expected = max(expected, rma.refund_due_on)
    return Payment(
        row.amount,
        kind,
        "" if row.payment else row.reimbursement.payout_masked,
        expected,
        row.gateway_refund_id or str(row.uid),
    )


def store_credit(event: Event, rma: Return | None) -> Facts | None:
    """The code, what it is worth and until when."""
    credit = StoreCredit.objects.select_related("reimbursement").filter(pk=event.data.get("credit")).first()
    if credit is None:
        return None
    reimbursement = credit.reimbursement
    issued = credit.entries.filter(kind__in=("issued", "bonus"))
    return {
        "url": credit_url(credit),
        "credit": credit,
        "amount": sum(entry.amount for entry in issued) or credit.balance,
        "valid_until": credit.expires_on,
        "lines": money_lines(reimbursement) if reimbursement else [],
        "total": reimbursement.total if reimbursement else 0,
    }


def credit_ends(event: Event, rma: Return | None) -> Facts | None:
    """What is left on a store credit and until when; None once nothing is left or the day has passed."""
    credit = StoreCredit.objects.filter(pk=event.data.get("credit")).first()
    if credit is None or not credit.balance or credit.voided_at or credit.expired_at:
        return None
    return {"url": credit_url(credit), "credit": credit, "amount": credit.balance, "valid_until": credit.expires_on}


def coupon(event: Event, rma: Return) -> Facts | None:
    """The code, what it gives and until when."""
    found = Coupon.objects.select_related("pool").filter(pk=event.data.get("coupon"), rma=rma).first()
    return {"coupon": found, "valid_until": found.pool.valid_until} if found else None


def kept(event: Event, rma: Return) -> Facts | None:
    """What the customer keeps after it was to come back; at the request's own moment its mail says it already."""
    if event.data.get("by") != "staff":
        return None
    ids = [row["item"] for row in event.data.get("items", [])]
    counts = {row["item"]: row["quantity"] for row in event.data.get("items", [])}
    items = rma.items.select_related("line").filter(uid__in=ids).order_by("pk")
    return {
        "items": [Item(item.line.title, item.requested, counts[str(item.uid)], item.reason) for item in items],
        "rest": any(item.announced for item in rma.items.all()),
    }


def comment(event: Event, rma: Return) -> Facts | None:
    """What staff wrote for the customer to read; the customer's own words are not mailed back."""
    if event.actor_kind == CUSTOMER:
        return None
    notes = Note.objects.filter(rma=rma, visible_to_customer=True)
    note = notes.filter(pk=event.data["note"]).first() if "note" in event.data else notes.order_by("pk").last()
    return {"note": note} if note and note.author_kind != CUSTOMER else None


STORIES: Final[dict[str, Story]] = {
    "return.requested": requested,
    "return.authorized": authorized,
    "return.declined": declined,
    "return.cancelled": cancelled,
    "return.expiring": closing,
    "return.expired": closing,
    "label.issued": label,
    "parcel.in_transit": in_transit,
    "parcel.received": received,
    "inspection.completed": inspected,
    "refund.started": refund,
    "refund.succeeded": refund,
    "store_credit.issued": store_credit,
    "store_credit.expiring": credit_ends,
    "coupon.issued": coupon,
    "items.kept": kept,
    "goodwill.given": gift,
    "price.reduced": gift,
    "comment.added": comment,
    **SWAPS,
}


# events of a store credit's own stream, where there may be no return
CREDIT_STORIES: Final[dict[str, Callable[[Event, Return | None], Facts | None]]] = {
    "store_credit.issued": store_credit,
    "store_credit.expiring": credit_ends,
}


def items_of(rma: Return) -> list[Item]:
    """The items of a return; what was declined says why."""
    why: dict[int, str] = {}
    for decision in PolicyDecision.objects.filter(rma=rma).order_by("pk"):
        why[decision.item_id] = _why(decision)
    return [
        Item(item.line.title, item.requested, item.authorized, item.reason, why.get(item.pk, ""))
        for item in rma.items.select_related("line").order_by("pk")
    ]


def _why(decision: PolicyDecision) -> str:
    if decision.outcome != "declined" or not decision.detail.get("notes"):
        return ""
    return for_customer(decision.detail)


def findings_of(rma: Return) -> list[Finding]:
    """What the bench found on every inspected unit, with what the money decision made of it."""
    off = deductions_of(
        Reimbursement.objects.filter(rma=rma, reverses=None, reversal__isnull=True)
        .exclude(state=Reimbursement.State.REJECTED)
        .prefetch_related("lines")
    )
    findings = []
    for row in Inspection.objects.filter(rma=rma).select_related("item__line").order_by("pk"):
        taken = None if row.outcome == Outcome.REJECTED or row.grade == "A" else off.pop(row.item_id, None)
        findings.append(_finding(row, taken))
    return findings


def _finding(row: Inspection, taken: Any) -> Finding:
    return Finding(
        row.item.line.title,
        row.quantity,
        row.grade,
        row.outcome == Outcome.REJECTED,
        row.disposition == "return_to_customer",
        row.note,
        -taken.amount if taken else 0,
        taken.share if taken else None,
        taken.reason if taken else "",
    )


def shipment_of(event: Event, rma: Return) -> Shipment | None:
    """The parcel an event speaks of, else the return's newest."""
    rows = Shipment.objects.filter(returns=rma)
    if uid := event.data.get("shipment"):
        return rows.filter(uid=uid).first()
    return rows.order_by("pk").last()


def attachments_of(event: Event, rma: Return) -> list[dict[str, str]]:
    """What goes with a mail, by kind, where it is and under which name."""
    kinds = CATALOGUE[event.kind].attachments
    if ANSWER in kinds and rma.answer_latest_on is not None:
        return [{"kind": ANSWER, "filename": f"{rma.code}-answer.pdf"}]
    return _labels(event, rma) if LABEL in kinds else []


def _labels(event: Event, rma: Return) -> list[dict[str, str]]:
    """The labels of the parcel an event speaks of, a page each."""
    shipment = shipment_of(event, rma)
    if shipment is None:
        return []
    return [{"kind": LABEL, "shipment": str(shipment.uid), "filename": f"label-{rma.code}.pdf"}]


def _travel(shipment: Shipment) -> Facts:
    known = carriers.KNOWN.get(shipment.carrier)
    # a carrier that is the shop itself has no name that a customer would know
    name = "" if known and known.local else str(known.name) if known else shipment.carrier
    return {
        "shipment": shipment,
        "carrier": name,
        "tracking": shipment.tracking_number,
        "track_url": (known.track_url(shipment.tracking_number) if known else None) or "",
    }


def _refunds_of(event: Event, rma: Return) -> list[Refund]:
    uids = event.data.get("refunds") or [event.data.get("refund")]
    rows = Refund.objects.filter(reimbursement__rma=rma, uid__in=[uid for uid in uids if uid])
    return list(rows.select_related("reimbursement", "payment").order_by("pk"))


def _local_day(moment: datetime | None) -> date | None:
    return timezone.localtime(moment).date() if moment else None
