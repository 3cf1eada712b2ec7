"""Orders: taken in one by one or as a stream, read back as they were."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.core.files.storage import default_storage
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import start_job
from accounts.endpoints import Endpoint
from accounts.problems import FieldError, Invalid, NotFound
from accounts.wire import page_of, query
from customers.actions import upsert_order
from customers.actions.orders import NEW
from customers.api import shapes
from customers.api.jobs import present_job
from customers.models import Order, OrderVersion

READ, WRITE = "orders:read", "orders:write"


def with_document(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Annotate the document of the current version."""
    current = OrderVersion.objects.filter(order=OuterRef("pk"), number=OuterRef("version"))
    return rows.select_related("channel", "shop").annotate(document=Subquery(current.values("document")[:1]))


def present_order(order: Order) -> dict[str, Any]:
    """An order as the API shows it: its document, its id and its version."""
    document = cast(Mapping[str, Any], order.document)  # type: ignore[attr-defined]
    return {"id": str(order.uid), "version": order.version, **document}


class Orders(Endpoint):
    """The orders."""

    scopes: ClassVar = {"GET": READ, "POST": WRITE}

    @extend_schema(parameters=[shapes.OrderQuery], responses=page_of(shapes.OrderOut))
    def get(self, request: Request) -> Response:
        """Find orders by channel, number or e-mail (or phone), newest first."""
        wanted = query(shapes.OrderQuery, request.query_params)
        rows = Order.objects.visible_to(self.actor)
        if "channel" in wanted:
            rows = rows.filter(channel__code=wanted["channel"])
        if "number" in wanted:
            rows = rows.filter(number=wanted["number"])
        if "email" in wanted:
            rows = rows.held_by(wanted["email"])
        return self.page(with_document(rows).order_by("-id"), present_order)

    @extend_schema(request=shapes.OrderIn, responses={200: shapes.OrderOut, 201: shapes.OrderOut})
    def post(self, request: Request) -> Response:
        """Store an order by channel and number: 201 new, 200 unchanged or a new version of it."""
        if not isinstance(request.data, dict):
            detail = _("An order is a JSON object.")
            raise Invalid(detail, errors=[FieldError("", "invalid", detail)])
        taken = upsert_order(request.data, actor=self.actor)
        found = with_document(Order.objects.filter(pk=taken.order.pk)).get()
        return Response(present_order(found), status=201 if taken.outcome == NEW else 200)


class OneOrder(Endpoint):
    """An order."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=shapes.OrderOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Read an order as it was last stored."""
        found = with_document(Order.objects.visible_to(self.actor)).filter(uid=uid).first()
        if found is None:
            raise NotFound(_("There is no such order, or it is not yours to see."))
        return Response(present_order(found))


class NDJSON(BaseParser):
    """Lines of JSON, left unread: the body goes to storage as it comes."""

    media_type = "application/x-ndjson"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Hand the stream on."""
        return stream


class PlainNDJSON(NDJSON):
    """The same, by another name."""

    media_type = "application/ndjson"


class AnyBytes(NDJSON):
    """Curl's default and anything else."""

    media_type = "*/*"


class ImportOrders(Endpoint):
    """Many orders at once."""

    scopes: ClassVar = {"POST": WRITE}
    streams: ClassVar = True
    parser_classes = [NDJSON, PlainNDJSON, AnyBytes]

    @extend_schema(
        request={"application/x-ndjson": {"type": "string"}},
        responses={202: shapes.JobOut},
    )
    def post(self, request: Request) -> Response:
        """Take a stream of order documents, one per line; the job says what became of each."""
        name = default_storage.save(f"imports/{uuid.uuid4().hex}.ndjson", cast(Any, self.spooled()))
        payload = {
            "path": name,
            "shops": sorted(self.actor.shops),
            "channels": sorted(self.actor.channels),
        }
        job = start_job("orders.import", payload, created_by=self.actor.identity)
        return Response(present_job(job), status=202)
