"""Money without goods over the API: preview and give."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.endpoints import Endpoint
from accounts.problems import FieldError, Invalid, NotFound
from accounts.wire import read
from customers.models import Order
from refunds import actions
from refunds.actions.goodwill import Gift
from refunds.actions.reduce import Reduction
from refunds.api import shapes
from refunds.api.goodwill_shapes import GoodwillIn, PriceReductionIn
from refunds.api.operations import answer
from refunds.documents import draft_row, reimbursement_document
from returns.models import Return
from returns.queries import find_return


def find_order(uid: uuid.UUID, actor: Actor) -> Order:
    """The order, if the actor may see it. Raises NotFound."""
    found = Order.objects.visible_to(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such order, or it is not yours to see."))
    return found


def asked(order: Order, data: Any, actor: Actor) -> tuple[Gift, Return | None]:
    """The body as the actions take it, with the return that it names. Raises Invalid."""
    body = {name: value for name, value in read(GoodwillIn, data).items() if value is not None}
    code = body.pop("rma", None)
    rma = find_return(code, actor) if code else None
    if rma is not None and rma.order_id != order.pk:
        detail = _("This return is of another order. Leave it out, or name a return of this one.")
        raise Invalid(detail, errors=[FieldError("/rma", "invalid", detail)])
    return Gift(**body), rma


class Goodwill(Endpoint):
    """Money without goods on an order."""

    scopes: ClassVar = {"POST": "refunds:write"}

    @extend_schema(request=GoodwillIn, responses={201: shapes.ReimbursementOut})
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Give money without goods, never more than is left; above the policy's limit it awaits a second person."""
        order = find_order(uid, self.actor)
        gift, rma = asked(order, request.data, self.actor)
        row = actions.give_goodwill(order, gift, actor=self.actor, rma=rma)
        return Response(answer(row), status=201)


class PreviewGoodwill(Endpoint):
    """What goodwill would be."""

    scopes: ClassVar = {"POST": "refunds:read"}

    @extend_schema(request=GoodwillIn, responses=shapes.ReimbursementOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Preview goodwill by the calculator that gives it; nothing is written."""
        order = find_order(uid, self.actor)
        gift, rma = asked(order, request.data, self.actor)
        row = actions.preview_goodwill(order, gift, actor=self.actor, rma=rma)
        return Response(reimbursement_document(draft_row(row)))


class PriceReduction(Endpoint):
    """Money back for goods that stay with the customer."""

    scopes: ClassVar = {"POST": "refunds:write"}

    @extend_schema(request=PriceReductionIn, responses={201: shapes.ReimbursementOut})
    def post(self, request: Request, rma: str) -> Response:
        """Reduce the price of units that the customer keeps; a later return of them pays only the rest."""
        wish = Reduction(**read(PriceReductionIn, request.data))
        row = actions.reduce_price(find_return(rma, self.actor), wish, actor=self.actor)
        return Response(answer(row), status=201)


class PreviewReduction(Endpoint):
    """What a price reduction would be."""

    scopes: ClassVar = {"POST": "refunds:read"}

    @extend_schema(request=PriceReductionIn, responses=shapes.ReimbursementOut)
    def post(self, request: Request, rma: str) -> Response:
        """Preview a price reduction by the calculator that gives it; nothing is written."""
        wish = Reduction(**read(PriceReductionIn, request.data))
        row = actions.preview_reduction(find_return(rma, self.actor), wish, actor=self.actor)
        return Response(reimbursement_document(draft_row(row)))
