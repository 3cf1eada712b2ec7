"""Which gateway moves the money of a payment: one with settings of its own, or an account that a shop described."""

from __future__ import annotations

from django.db.models import F, Q

from customers.models import Order
from refunds import gateways
from refunds.gateways import Account, Gateway
from refunds.gateways.shop import route
from refunds.models import GatewayAccount

HAND_PAID = ("manual", "cash", "store_credit")
EXECUTE = "refunds.tasks.execute_refunds"
"""The task to ring for once a refund may be sent."""


def gateway_for(code: str, shop_id: int | None = None) -> Gateway:
    """The gateway with this code, a shop's own account first; what nobody here can call is paid by hand."""
    if code in gateways.KNOWN:
        return gateways.get(code)
    return gateways.get(code, _account(code, shop_id))


def routed(code: str, order: Order) -> str:
    """The code under which a payment's money goes back: the shop may route it to an account of its own."""
    if code in HAND_PAID:
        return code
    return route(code, order.shop.gateways, known=code in gateways.KNOWN)


def _account(code: str, shop_id: int | None) -> Account | None:
    whose = Q(shop=None) | Q(shop=shop_id) if shop_id is not None else Q()
    row = GatewayAccount.objects.filter(whose, code=code, active=True).order_by(F("shop").asc(nulls_last=True)).first()
    return Account(row.code, row.kind, row.definition, row.secret) if row is not None else None


def remote_gateways() -> list[Gateway]:
    """Every gateway that can be called, for whoever goes through them all."""
    found = [gateways.get(code) for code in gateways.KNOWN]
    accounts = GatewayAccount.objects.filter(active=True).order_by("code")
    found += [gateways.get(row.code, Account(row.code, row.kind, row.definition, row.secret)) for row in accounts]
    return [gateway for gateway in found if not gateway.local]
