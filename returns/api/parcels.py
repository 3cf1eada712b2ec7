"""Labels out, scans in, photos up."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, OneFormat
from accounts.problems import FieldError, Invalid, NotFound, WrongState
from accounts.wire import Nothing, read
from customers import money
from returns import actions
from returns.api import shapes
from returns.documents import SHIPMENT_FIELDS, shipment_document
from returns.media import form_fields, photo_document, uploaded_picture
from returns.models import Photo, Return, ReturnItem, Shipment
from returns.printing import label_pdf, label_png, label_zpl
from returns.queries import find_return

READ, WRITE = "returns:read", "returns:write"


def find_shipment(uid: uuid.UUID, actor: Any) -> Shipment:
    """The shipment, if the actor may see a return in it. Raises NotFound."""
    mine = Return.objects.visible_to(actor).filter(shipments__uid=uid)
    found = Shipment.objects.filter(uid=uid, returns__in=mine).first()
    if found is None:
        raise NotFound(_("There is no such shipment, or it is not yours to see."))
    return found


def shipment_answer(shipment: Shipment) -> dict[str, Any]:
    """A stored shipment as the API shows it."""
    return shipment_document({name: getattr(shipment, field) for name, field in SHIPMENT_FIELDS.items()})


class Shipments(Endpoint):
    """The labels of a return."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.ShipmentIn, responses={201: shapes.ShipmentOut})
    def post(self, request: Request, rma: str) -> Response:
        """Ask for labels; they may still be pending in the answer."""
        body = read(shapes.ShipmentIn, request.data)
        shipment = actions.create_shipment(
            find_return(rma, self.actor),
            actor=self.actor,
            carrier=body.get("carrier", "manual"),
            service=body.get("service"),
            parcels=body.get("parcels", 1),
        )
        return Response(shipment_answer(shipment), status=201)


class OwnShipment(Endpoint):
    """A parcel that the customer posts."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.OwnShipmentIn, responses={201: shapes.ShipmentOut})
    def post(self, request: Request, rma: str) -> Response:
        """Announce a parcel that the customer posted; this is the proof of sending."""
        body = read(shapes.OwnShipmentIn, request.data)
        found = find_return(rma, self.actor)
        shipment = actions.announce_own_shipment(
            found,
            actor=self.actor,
            carrier=body["carrier"],
            tracking_number=body.get("tracking_number") or "",
            cost=_cost(body.get("cost"), found.currency),
            proof=_proof(body.get("proof_photo"), found),
        )
        return Response(shipment_answer(shipment), status=201)


def _cost(text: str | None, currency: str) -> int | None:
    try:
        return None if text is None else money.parse(text, currency)
    except money.BadAmount as error:
        raise Invalid(str(error), errors=[FieldError("/cost", "invalid", str(error))]) from error


def _proof(uid: str | None, rma: Return) -> Photo | None:
    if uid is None:
        return None
    found = Photo.objects.filter(rma=rma, uid=uid).first()
    if found is None:
        detail = _("This return has no such photo. Upload it first.")
        raise Invalid(detail, errors=[FieldError("/proof_photo", "unknown", detail)])
    return found


class OneShipment(Endpoint):
    """A shipment."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=shapes.ShipmentOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Read a shipment."""
        return Response(shipment_answer(find_shipment(uid, self.actor)))


class VoidShipment(Endpoint):
    """Taking a label back."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=Nothing, responses=shapes.ShipmentOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Void a label that nobody has scanned."""
        read(Nothing, request.data)
        return Response(shipment_answer(actions.void_shipment(find_shipment(uid, self.actor), actor=self.actor)))


class Tracking(Endpoint):
    """What carriers say."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.TrackingIn, responses=shapes.ShipmentOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Store scans, in whatever order they come; a known one changes nothing."""
        body = read(shapes.TrackingIn, request.data)
        found = find_shipment(uid, self.actor)
        return Response(shipment_answer(actions.record_tracking(found, body["events"], actor=self.actor)))


def label(kind: str, content_type: str, render: Callable[[Shipment], bytes]) -> type[Endpoint]:
    """An endpoint that gives a label in one format."""

    class LabelFile(Endpoint):
        scopes: ClassVar = {"GET": READ}
        content_negotiation_class = OneFormat

        @extend_schema(operation_id=f"shipments_label_{kind}", responses={(200, content_type): OpenApiTypes.BINARY})
        def get(self, request: Request, uid: uuid.UUID) -> HttpResponse:
            shipment = find_shipment(uid, self.actor)
            if not shipment.labels.exists():
                raise WrongState(_("The label is not issued yet. Ask again shortly."))
            answer = HttpResponse(render(shipment), content_type=content_type)
            answer["Content-Disposition"] = f'inline; filename="{shipment.tracking_number or shipment.uid}.{kind}"'
            answer["X-Content-Type-Options"] = "nosniff"
            return answer

    LabelFile.get.__doc__ = LabelFile.__doc__ = f"The label as {kind.upper()}."
    LabelFile.__name__ = f"Label{kind.title()}"
    return LabelFile


LabelPdf = label("pdf", "application/pdf", label_pdf)
LabelZpl = label("zpl", "text/plain", label_zpl)
LabelPng = label("png", "image/png", label_png)


class Photos(Endpoint):
    """The photos of a return."""

    scopes: ClassVar = {"POST": "warehouse:write"}
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={
            "multipart/form-data": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "item": {"type": "string", "format": "uuid"},
                    "kind": {"type": "string", "enum": list(shapes.PHOTO_KINDS)},
                    "caption": {"type": "string", "maxLength": 300},
                },
            }
        },
        responses={201: shapes.PhotoOut},
    )
    def post(self, request: Request, rma: str) -> Response:
        """Upload a JPEG, PNG or WEBP up to 15 MB; it is written anew without its metadata."""
        found = find_return(rma, self.actor)
        body = read(shapes.PhotoIn, form_fields(request.POST))
        photo = actions.add_photo(
            found,
            uploaded_picture(request.FILES),
            kind=body.get("kind", "inspection"),
            item=_item(found, body.get("item")),
            actor=self.actor,
            caption=body.get("caption", ""),
        )
        return Response(photo_document(photo), status=201)


def _item(rma: Return, uid: str | None) -> ReturnItem | None:
    if uid is None:
        return None
    found = ReturnItem.objects.filter(rma=rma, uid=uid).first()
    if found is None:
        detail = _("This return has no item %(item)s.") % {"item": uid}
        raise Invalid(detail, errors=[FieldError("/item", "unknown", detail)])
    return found
