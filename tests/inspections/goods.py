"""Returns on their way to the dock, made by the same actions as real ones."""

from __future__ import annotations

import io
import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone
from PIL import Image

from accounts.actors import STAFF, SYSTEM_ACTOR, Actor, customer_actor
from accounts.scopes import expand
from customers.actions import upsert_order
from customers.models import Order
from inspections.actions import Arrived, Finding, inspect_items, receive_parcel
from inspections.models import Inspection, Receipt
from returns import actions
from returns.actions.wish import Wanted
from returns.models import Event, Return, ReturnItem
from returns.policy.document import HOUSE_POLICY
from tests.customers import orders

AGENT = Actor(STAFF, "7", "Dana Levi", expand(["admin"]))
DOCK = Actor(STAFF, "9", "Kinga Nowak", expand(["warehouse:write", "returns:read"]))
NUMBERS = itertools.count(5001)


def publish(**defaults: Any) -> None:
    """Put the house's policy in force with other defaults."""
    document = HOUSE_POLICY | {"defaults": HOUSE_POLICY["defaults"] | defaults}
    actions.publish_policy(actions.draft_policy(document, actor=AGENT), actor=AGENT)


def an_order(*lines: dict[str, Any], **changes: Any) -> Order:
    """A delivered order; three tees unless told."""
    rows = list(lines) or [orders.line("A", sku="TEE", title="Tee", quantity=3, category="apparel")]
    document = orders.order(*rows, number=f"W-{next(NUMBERS)}", **changes)
    now = timezone.now()
    document["placed_at"] = (now - timedelta(days=9)).isoformat()
    units = {row["id"]: row["quantity"] for row in rows}
    shipped, arrived = ((now - timedelta(days=days)).isoformat() for days in (7, 5))
    document["deliveries"] = [{"id": "D1", "lines": units, "shipped_at": shipped, "delivered_at": arrived}]
    return upsert_order(document, actor=SYSTEM_ACTOR).order


def a_return(units: int = 2, *, order: Order | None = None, **lines: int) -> Return:
    """An authorized return of so many tees, or of the named lines; reimbursed by hand."""
    publish(auto_reimburse=False)
    wishes = [actions.Wish(id, n, "too_small") for id, n in (lines or {"A": units}).items()]
    wanted = Wanted(items=wishes, method="label")
    return actions.request_return(order or an_order(), wanted, actor=customer_actor())


def undecided(units: int = 2) -> Return:
    """A return that waits for somebody to decide."""
    publish(decision="review", auto_reimburse=False)
    wanted = Wanted(items=[actions.Wish("A", units, "too_small")], method="label")
    return actions.request_return(an_order(), wanted, actor=customer_actor())


def item_of(rma: Return, line: str = "A") -> ReturnItem:
    """The item of a line as it is now."""
    return rma.items.select_related("line").get(line__external_id=line)


def arrived(rma: Return, quantity: int, damaged: int = 0, line: str = "A") -> Arrived:
    """Units of a line in a parcel."""
    return Arrived(str(item_of(rma, line).uid), quantity, damaged)


def received(rma: Return, quantity: int | None = None, **more: Any) -> Receipt:
    """A parcel at the dock, with all or so many units of line A."""
    items = None if quantity is None else [arrived(rma, quantity)]
    return receive_parcel(rma, actor=DOCK, items=items, **more)


def finding(rma: Return, quantity: int = 1, grade: str = "A", line: str = "A", **more: Any) -> Finding:
    """What was found; accepted and back on the shelf unless told."""
    base = {"outcome": "accepted", "disposition": "restock"}
    return Finding(item=str(item_of(rma, line).uid), quantity=quantity, grade=grade, **{**base, **more})


def inspected(rma: Return, *found: Finding) -> list[Inspection]:
    """Findings recorded at the bench."""
    return inspect_items(rma, list(found), actor=DOCK)


def fresh(rma: Return) -> Return:
    """The return as it is now."""
    return Return.objects.get(pk=rma.pk)


def kinds(rma: Return) -> list[str]:
    """The kinds of a return's events, oldest first."""
    return list(Event.objects.filter(rma=rma).order_by("seq").values_list("kind", flat=True))


def picture(colour: str = "red") -> bytes:
    """A small JPEG."""
    target = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(target, "JPEG")
    return target.getvalue()
