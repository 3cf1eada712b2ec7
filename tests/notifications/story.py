"""The mockups' return, as far as a test wants it to get."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.actors import STAFF, SYSTEM_ACTOR, Actor, customer_actor
from accounts.scopes import expand
from customers.actions import upsert_order
from customers.models import Channel, Order
from inspections.actions import Arrived, Finding, inspect_items, receive_parcel
from notifications.models import Message
from notifications.tasks import send_messages
from refunds.actions import Wish, mark_paid, reimburse_return
from refunds.models import Reimbursement
from returns import actions, outbox
from returns.actions.wish import Wanted
from returns.models import Event, Return
from returns.policy.document import HOUSE_POLICY
from tests.customers.orders import story

AGENT = Actor(STAFF, "7", "Dana Levi", expand(["admin"]))
CUSTOMER = customer_actor()
NAMES = {"en": "Aoife Byrne", "he": "נועה כהן", "pl": "Żaneta Wójcik"}
TITLES = {
    "en": ("Harbour waxed jacket", "Trail bottle 750 ml"),
    "he": ("מעיל שעווה Harbour", "בקבוק Trail 750 מ״ל"),
    "pl": ("Kurtka woskowana Harbour", "Butelka Trail 750 ml"),
}


def an_order(locale: str = "en", **changes: Any) -> Order:
    """The mockups' order, in a customer's language."""
    document = story() | {"locale": locale, "number": f"TW-{locale}-{Order.objects.count()}"} | changes
    for line, title in zip(document["lines"], TITLES[locale], strict=True):
        line["title"] = title
    days_ago = [(timezone.now() - timedelta(days=days)).isoformat() for days in (9, 7, 5)]
    document["placed_at"], shipped, delivered = days_ago
    document["deliveries"] = [{"id": "D1", "lines": {"J": 1, "B": 1}, "shipped_at": shipped, "delivered_at": delivered}]
    if "customer" not in changes:
        document["customer"] = {"email": f"{locale}@example.com", "name": NAMES[locale]}
    return upsert_order(document, actor=SYSTEM_ACTOR).order


def a_request(locale: str = "en", *, method: str = "label", wishes: Any = None, **changes: Any) -> Return:
    """A return of both items, as the customer asks for it."""
    order = an_order(locale, **changes)
    wishes = wishes or [
        actions.Wish("J", 1, "change_of_mind"),
        actions.Wish("B", 1, "defective"),
    ]
    return actions.request_return(order, Wanted(items=wishes, method=method), actor=CUSTOMER)


def publish(**defaults: Any) -> None:
    """Put the house's policy in force with other defaults."""
    defaults = HOUSE_POLICY["defaults"] | {"auto_reimburse": False} | defaults
    document = HOUSE_POLICY | {"defaults": defaults}
    actions.publish_policy(actions.draft_policy(document, actor=AGENT), actor=AGENT)


def scanned(rma: Return) -> Return:
    """The carrier has the parcel."""
    shipment = rma.shipments.get()
    scan = {"code": "in_transit", "at": timezone.now(), "location": "Dublin"}
    actions.record_tracking(shipment, [scan], actor=AGENT)
    return fresh(rma)


def received(rma: Return, *titles: str) -> Return:
    """All of it is at the dock, or only one unit of the named lines."""
    items = [Arrived(str(item.uid), 1) for item in rma.items.all() if item.line.external_id in titles]
    receive_parcel(rma, actor=AGENT, items=items or None)
    return fresh(rma)


def inspected(rma: Return, *, jacket: tuple[str, str, str] = ("B", "accepted", "liquidate")) -> Return:
    """The bottle is fine, the jacket has a stain."""
    grade, outcome, disposition = jacket
    jack, bottle = rma.items.order_by("pk")
    findings = [
        Finding(str(jack.uid), 1, grade, outcome, disposition, note="Left cuff, 3 cm oil stain"),
        Finding(str(bottle.uid), 1, "A", "accepted", "restock"),
    ]
    inspect_items(rma, findings, actor=AGENT)
    return fresh(rma)


def decided(rma: Return, tender: str = "original") -> Reimbursement:
    """What the customer gets: everything less 15% of the jacket."""
    jacket = rma.items.order_by("pk")[0]
    stain = {"item": str(jacket.uid), "amount": "25.51", "reason": "Stain on left cuff"}
    made, _new = reimburse_return(rma, Wish(tender=tender, deductions=[stain]), actor=AGENT)
    return made


def refunded(rma: Return, kind: str = "refund.succeeded") -> Return:
    """Money to the card, at the stage that the event names."""
    made = decided(rma)
    if kind == "refund.succeeded":
        mark_paid(made.refunds.get(), actor=AGENT, reference="2026-11-19-7741")
    return fresh(rma)


def credited(rma: Return) -> Return:
    """A code instead of money."""
    decided(rma, "store_credit")
    return fresh(rma)


def fresh(rma: Return) -> Return:
    """The return as it is now."""
    return Return.objects.get(pk=rma.pk)


def dispatch() -> None:
    """Let every event reach its reactions; none may fail."""
    outbox.dispatch_all()
    stuck = Event.objects.filter(dispatched_at__isnull=True).values_list("kind", "last_error")
    assert not list(stuck)


def send() -> int:
    """One run of the sender over everything there is, whenever it would be due."""
    Message.objects.filter(state__in=["queued"]).update(next_attempt_at=timezone.now())
    return int(send_messages())


def kinds() -> list[str]:
    """The kinds of all messages, oldest first."""
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def sandbox(rma: Return) -> None:
    """Make the return's channel one for training."""
    Channel.objects.filter(pk=rma.channel_id).update(is_sandbox=True)
