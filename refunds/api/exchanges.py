"""Exchanges over REST: open, read, ship, cancel, turn into a refund; and the money that customers add by hand."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.endpoints import Endpoint
from accounts.problems import NotFound
from accounts.wire import page_of, query, read
from customers.models import Order
from refunds.actions import charge_hand, exchange_steps
from refunds.actions.exchanges import open_exchange
from refunds.api import exchange_shapes as shapes
from refunds.documents import CHARGE_FIELDS, charge_document, exchange_document, exchange_row
from refunds.models import Charge, Exchange
from returns.queries import find_return

READ, WRITE, SHIP = "refunds:read", "refunds:write", "warehouse:write"


def exchanges_of(actor: Actor) -> QuerySet[Exchange]:
    """The exchanges that an actor may see, with what their documents need."""
    rows = Exchange.objects.select_related("rma").prefetch_related("lines", "charges")
    return rows.filter(order__in=Order.objects.visible_to(actor)) if actor.shops or actor.channels else rows


def find_exchange(uid: uuid.UUID, actor: Actor) -> Exchange:
    """The exchange with this id. Raises NotFound, for somebody else's too."""
    found = exchanges_of(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such exchange, or it is not yours to see."))
    return found


def present_exchange(exchange: Exchange) -> dict[str, Any]:
    """An exchange as the API shows it."""
    return exchange_document(exchange_row(exchange), exchange.rma.code)


def present_charge(charge: Charge) -> dict[str, Any]:
    """Money asked of the customer as the API shows it."""
    return charge_document({name: getattr(charge, name) for name in CHARGE_FIELDS})


class ExchangeOfReturn(Endpoint):
    """The exchange of a return."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.ExchangeIn, responses={200: shapes.ExchangeOut, 201: shapes.ExchangeOut})
    def post(self, request: Request, rma: str) -> Response:
        """Open the exchange of a return, or send its replacement first against a deposit (`advance`).

        201 new, 200 the one that is open already. `exchange_for` goes before what the customer asked for.
        """
        body = read(shapes.ExchangeIn, request.data)
        exchange, new = open_exchange(
            find_return(rma, self.actor),
            actor=self.actor,
            advance=bool(body.get("advance")),
            exchange_for=body.get("exchange_for"),
        )
        return Response(present_exchange(find_exchange(exchange.uid, self.actor)), status=201 if new else 200)


class Exchanges(Endpoint):
    """The exchanges."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(parameters=[shapes.ExchangeQuery], responses=page_of(shapes.ExchangeOut))
    def get(self, request: Request) -> Response:
        """List exchanges, newest first, by status and by return."""
        wanted = query(shapes.ExchangeQuery, request.query_params)
        rows = exchanges_of(self.actor).order_by("-id")
        if "status" in wanted:
            rows = rows.filter(state=wanted["status"])
        if "return" in wanted:
            rows = rows.filter(rma__code=wanted["return"])
        return self.page(rows, present_exchange)


class OneExchange(Endpoint):
    """An exchange."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=shapes.ExchangeOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Read an exchange."""
        return Response(present_exchange(find_exchange(uid, self.actor)))


class ShipExchange(Endpoint):
    """The replacement leaves."""

    scopes: ClassVar = {"POST": SHIP}

    @extend_schema(request=shapes.ShipIn, responses=shapes.ExchangeOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Say that the replacement left; only once its difference is paid."""
        body = read(shapes.ShipIn, request.data)
        found = find_exchange(uid, self.actor)
        exchange_steps.ship_exchange(
            found, carrier=body.get("carrier", ""), tracking_number=body.get("tracking_number", ""), actor=self.actor
        )
        return Response(present_exchange(find_exchange(uid, self.actor)))


class CancelExchange(Endpoint):
    """No replacement leaves."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.WhyIn, responses=shapes.ExchangeOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Cancel an exchange before it left; its units can be paid for in another way."""
        body = read(shapes.WhyIn, request.data)
        exchange_steps.cancel_exchange(find_exchange(uid, self.actor), reason=body.get("reason", ""), actor=self.actor)
        return Response(present_exchange(find_exchange(uid, self.actor)))


class ConvertExchange(Endpoint):
    """A refund instead."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=shapes.WhyIn, responses=shapes.ExchangeOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Turn an exchange into a refund before it left; a difference that was paid goes back."""
        body = read(shapes.WhyIn, request.data)
        exchange_steps.convert_exchange(find_exchange(uid, self.actor), reason=body.get("reason", ""), actor=self.actor)
        return Response(present_exchange(find_exchange(uid, self.actor)))


def find_charge(uid: uuid.UUID, actor: Actor) -> Charge:
    """Money asked of a customer, by its id. Raises NotFound, for somebody else's too."""
    found = Charge.objects.select_related("exchange__rma").filter(uid=uid, exchange__in=exchanges_of(actor)).first()
    if found is None:
        raise NotFound(_("There is no such charge, or it is not yours to see."))
    return found


class ByHand(Endpoint):
    """Money for an exchange that moves by hand."""

    scopes: ClassVar = {"POST": WRITE}
    act: ClassVar[Callable[..., Charge]]

    def note(self, request: Request, uid: uuid.UUID) -> Response:
        """Do what the operation says."""
        body = read(shapes.NotedIn, request.data)
        charge = type(self).act(find_charge(uid, self.actor), actor=self.actor, reference=body.get("reference", ""))
        return Response(present_charge(charge))


class ChargePaid(ByHand):
    """Paid by hand."""

    act = staticmethod(charge_hand.note_charge_paid)

    @extend_schema(request=shapes.NotedIn, responses=shapes.ChargeOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Say that the customer paid by hand; saying it twice changes nothing."""
        return self.note(request, uid)


class ChargeGivenBack(ByHand):
    """Given back by hand."""

    act = staticmethod(charge_hand.note_charge_given_back)

    @extend_schema(request=shapes.NotedIn, responses=shapes.ChargeOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Say that what the customer paid by hand was given back; saying it twice changes nothing."""
        return self.note(request, uid)
