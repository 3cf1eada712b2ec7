"""At the dock: look up, receive, park, match."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.problems import Conflict
from accounts.wire import Nothing, PageQuery, page_of, query, read
from inspections import actions
from inspections.actions import Arrived, Unexpected
from inspections.api import shapes
from inspections.documents import receipt_document, receipt_row
from inspections.models import Location, Receipt
from inspections.queries import find_receipt, lookup
from returns.api.shapes import PhotoOut
from returns.media import form_fields, photo_document, uploaded_picture
from returns.queries import find_return

READ, WRITE = "warehouse:read", "warehouse:write"


def arrived(body: dict[str, Any]) -> list[Arrived] | None:
    """The counted items of a body; None when all is as announced."""
    rows = body.get("items")
    return None if rows is None else [Arrived(row["item"], row["quantity"], row.get("damaged", 0)) for row in rows]


def unexpected(body: dict[str, Any]) -> list[Unexpected]:
    """What nobody announced."""
    return [
        Unexpected(row.get("sku", ""), row["quantity"], row.get("note") or "") for row in body.get("unexpected", [])
    ]


class Lookup(Endpoint):
    """What a scan means."""

    scopes: ClassVar = {"POST": READ}

    @extend_schema(request=shapes.LookupIn, responses=shapes.LookupOut)
    def post(self, request: Request) -> Response:
        """Find what a scan may mean: RMA code, tracking number, order number, SKU or EAN; best first."""
        body = read(shapes.LookupIn, request.data)
        return Response({"results": [candidate.as_dict() for candidate in lookup(body["scan"], self.actor)]})


class Receipts(Endpoint):
    """The parcels of a return."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.ReceiptIn, responses={201: shapes.ReceiptOut})
    def post(self, request: Request, rma: str) -> Response:
        """Receive a parcel; more or less than announced is accepted and stays visible."""
        body = read(shapes.ReceiptIn, request.data)
        receipt = actions.receive_parcel(
            find_return(rma, self.actor),
            actor=self.actor,
            location=body.get("location", "MAIN"),
            parcel=body.get("parcel"),
            items=arrived(body),
            unexpected=unexpected(body),
            note=body.get("note") or "",
        )
        return Response(receipt_document(receipt_row(receipt)), status=201)


class ParkedReceipts(Endpoint):
    """Parcels without a return."""

    scopes: ClassVar = {"GET": READ, "POST": WRITE}

    @extend_schema(parameters=[PageQuery], responses=page_of(shapes.ReceiptOut))
    def get(self, request: Request) -> Response:
        """List parcels that nobody has matched yet."""
        query(PageQuery, request.query_params)
        rows = Receipt.objects.visible_to(self.actor).parked().select_related("location").prefetch_related("lines")
        return self.page(rows.order_by("-id"), lambda row: receipt_document(receipt_row(row)))

    @extend_schema(request=shapes.ParkedIn, responses={201: shapes.ReceiptOut})
    def post(self, request: Request) -> Response:
        """Park a parcel that nobody can tell where it belongs."""
        body = read(shapes.ParkedIn, request.data)
        receipt = actions.park_parcel(
            actor=self.actor,
            location=body.get("location", "MAIN"),
            parcel=body.get("parcel"),
            unexpected=unexpected(body),
            note=body.get("note") or "",
        )
        return Response(receipt_document(receipt_row(receipt)), status=201)


class Match(Endpoint):
    """Saying where a parcel belongs."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.MatchIn, responses=shapes.ReceiptOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Match a parked parcel to a return; its photos go with it."""
        body = read(shapes.MatchIn, request.data)
        receipt = find_receipt(uid, self.actor)
        matched = actions.match_receipt(
            receipt, find_return(body["rma"], self.actor), actor=self.actor, items=arrived(body)
        )
        matched.fresh_lines = list(matched.lines.select_related("item"))  # type: ignore[attr-defined]
        return Response(receipt_document(receipt_row(matched)))


class ReceiptPhotos(Endpoint):
    """Photos of a parked parcel."""

    scopes: ClassVar = {"POST": WRITE}
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={
            "multipart/form-data": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        },
        responses={201: PhotoOut},
    )
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Upload a photo of a parcel; it goes along when the parcel is matched."""
        read(Nothing, form_fields(request.POST))
        receipt = find_receipt(uid, self.actor)
        photo = actions.photograph_parcel(receipt, uploaded_picture(request.FILES), actor=self.actor)
        return Response(photo_document(photo), status=201)


class Locations(Endpoint):
    """Places where parcels arrive."""

    scopes: ClassVar = {"GET": READ, "POST": WRITE}

    @extend_schema(parameters=[PageQuery], responses=page_of(shapes.LocationOut))
    def get(self, request: Request) -> Response:
        """List the locations."""
        query(PageQuery, request.query_params)
        return self.page(Location.objects.order_by("id"), present_location)

    @extend_schema(request=shapes.LocationIn, responses={201: shapes.LocationOut})
    def post(self, request: Request) -> Response:
        """Add a location."""
        body = read(shapes.LocationIn, request.data)
        location, new = Location.objects.get_or_create(code=body["code"], defaults=body)
        if not new:
            raise Conflict(_("Location %(code)s exists already.") % {"code": location.code})
        return Response(present_location(location), status=201)


def present_location(location: Location) -> dict[str, Any]:
    """A location as the API shows it."""
    names = ("code", "name", "kind", "address", "country", "opening_days", "customs")
    return {name: getattr(location, name) for name in names}
