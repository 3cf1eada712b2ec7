"""Finding parcels and findings, and what waits at the dock and at the bench."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import NotFound
from inspections.models import Inspection, Location, Receipt
from returns.models import Return, ReturnItem


def find_receipt(uid: uuid.UUID, actor: Any) -> Receipt:
    """The receipt, if the actor may see it. Raises NotFound."""
    rows = Receipt.objects.visible_to(actor).select_related("rma__shop", "rma__channel", "location")
    found = rows.filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such receipt, or it is not yours to see."))
    return found


def find_inspection(uid: uuid.UUID, actor: Any) -> Inspection:
    """The inspection, if the actor may see it. Raises NotFound."""
    mine = Return.objects.visible_to(actor)
    found = Inspection.objects.select_related("rma", "item__line").filter(uid=uid, rma__in=mine).first()
    if found is None:
        raise NotFound(_("There is no such inspection, or it is not yours to see."))
    return found


def locations_of(actor: Any) -> list[Location]:
    """Places where the actor may receive, MAIN first."""
    rows = Location.objects.order_by("pk")
    return list(rows.filter(Q(shop__isnull=True) | Q(shop__code__in=actor.shops)) if actor.shops else rows)


def to_inspect(actor: Any) -> QuerySet[Return]:
    """Decided returns with units here that nobody has looked at, longest here first; `since` is the first receipt."""
    items = ReturnItem.objects.filter(rma=OuterRef("pk"))
    here = Exists(items.filter(received__gt=F("accepted") + F("rejected")))
    first = Receipt.objects.filter(rma=OuterRef("pk")).order_by("received_at").values("received_at")[:1]
    rows = Return.objects.visible_to(actor).to_inspect()
    rows = rows.filter(here, decided_at__isnull=False)
    return rows.annotate(since=Subquery(first)).order_by("since", "pk")


def to_receive(actor: Any) -> QuerySet[Return]:
    """Returns with units still to come, oldest first."""
    return Return.objects.visible_to(actor).awaiting_receipt().annotate(since=F("created_at")).order_by("since", "pk")


def parked(actor: Any) -> QuerySet[Receipt]:
    """Parcels without a return, oldest first."""
    return Receipt.objects.visible_to(actor).parked().annotate(since=F("received_at")).order_by("since", "pk")


@dataclass(frozen=True, slots=True)
class Head:
    """How long a queue is and how old its oldest."""

    count: int
    oldest: datetime | None


def head(rows: QuerySet[Any]) -> Head:
    """Length and age of a queue, in one statement."""
    found = rows.order_by().aggregate(count=Count("pk"), oldest=Min("since"))
    return Head(found["count"], found["oldest"])


def recent_receipts(actor: Actor, most: int = 5) -> list[Receipt]:
    """The parcels that this person took in last."""
    mine = Receipt.objects.visible_to(actor).filter(received_by=actor.name).select_related("rma")
    return list(mine.order_by("-pk")[:most])


def inspected_since(actor: Actor, start: datetime) -> int:
    """Units that this person looked at since then."""
    mine = Inspection.objects.filter(inspector_ref=actor.identity, inspected_at__gte=start)
    return mine.aggregate(units=Sum("quantity"))["units"] or 0
