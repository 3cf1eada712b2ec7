"""At the bench: inspect, correct, and what went into stock."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.wire import page_of, query, read
from inspections import actions
from inspections.actions import Finding
from inspections.api import shapes
from inspections.documents import inspection_document, inspection_row
from inspections.models import StockMovement
from inspections.queries import find_inspection
from returns.documents import instant
from returns.models import Return
from returns.queries import find_return

READ, WRITE = "warehouse:read", "warehouse:write"


class Inspections(Endpoint):
    """The findings on a return."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.InspectionsIn, responses={201: shapes.InspectionsOut})
    def post(self, request: Request, rma: str) -> Response:
        """Record what was found; when nothing is left to look at, the return is inspected."""
        body = read(shapes.InspectionsIn, request.data)
        found = find_return(rma, self.actor)
        findings = [Finding(**{**row, "note": row.get("note") or ""}) for row in body["items"]]
        made = actions.inspect_items(found, findings, actor=self.actor)
        rows = [
            inspection_document(inspection_row(inspection, list(finding.photos)))
            for inspection, finding in zip(made, findings, strict=True)
        ]
        answer = {"rma": found.code, "status": str(made[0].rma.status), "inspections": rows}
        return Response(answer, status=201)


class Correct(Endpoint):
    """A disposition put right."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.CorrectionIn, responses=shapes.InspectionOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Correct a disposition, by an opposite stock movement."""
        body = read(shapes.CorrectionIn, request.data)
        corrected = actions.correct_disposition(find_inspection(uid, self.actor), actor=self.actor, **body)
        photos = list(corrected.photos.values_list("uid", flat=True))
        return Response(inspection_document(inspection_row(corrected, photos)))


def present_movement(movement: StockMovement) -> dict[str, Any]:
    """A stock movement as the API shows it."""
    return {
        "id": str(movement.uid),
        "sku": movement.sku,
        "quantity": movement.quantity,
        "disposition": movement.disposition,
        "inspection": str(movement.inspection.uid),
        "at": instant(movement.at),
    }


class Movements(Endpoint):
    """What went into stock and out of it."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(parameters=[shapes.MovementQuery], responses=page_of(shapes.MovementOut))
    def get(self, request: Request) -> Response:
        """List stock movements, newest first."""
        wanted = query(shapes.MovementQuery, request.query_params)
        rows = StockMovement.objects.select_related("inspection").filter(
            inspection__rma__in=Return.objects.visible_to(self.actor)
        )
        if "sku" in wanted:
            rows = rows.filter(sku=wanted["sku"])
        return self.page(rows.order_by("-id"), present_movement)
