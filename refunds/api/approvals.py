"""The second person over the API: what waits, yes, and no."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.endpoints import Endpoint
from accounts.problems import NotFound
from accounts.wire import Nothing, read
from customers.models import Order
from refunds import actions
from refunds.api import shapes
from refunds.api.goodwill_shapes import RejectIn
from refunds.api.operations import WRITE, answer
from refunds.models import Reimbursement


def find_reimbursement(uid: uuid.UUID, actor: Actor) -> Reimbursement:
    """The reimbursement, if the actor may see its order. Raises NotFound."""
    rows = Reimbursement.objects.select_related("rma", "order")
    found = rows.filter(uid=uid, order__in=Order.objects.visible_to(actor)).first()
    if found is None:
        raise NotFound(_("There is no such reimbursement, or it is not yours to see."))
    return found


class Approve(Endpoint):
    """Yes by a second person."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=Nothing, responses=shapes.ReimbursementOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Approve and send the money: 403 for whoever prepared it, by whatever door or key."""
        read(Nothing, request.data)
        row = actions.approve_reimbursement(find_reimbursement(uid, self.actor), actor=self.actor)
        return Response(answer(row))


class Reject(Endpoint):
    """No by a second person."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=RejectIn, responses=shapes.ReimbursementOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Reject with a reason and give back all that was reserved: 403 for whoever prepared it."""
        body = read(RejectIn, request.data)
        found = find_reimbursement(uid, self.actor)
        return Response(answer(actions.reject_reimbursement(found, reason=body["reason"], actor=self.actor)))
