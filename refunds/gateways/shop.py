"""The shop platform's own refund call, so that whatever took the payment pays it back: a description like any other.

The platform knows the payment by its order, so the refund's request has to name the order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from refunds.gateways import definitions
from refunds.gateways.http import HttpGateway

ROUTES = "routes"


class ShopGateway(HttpGateway):
    """Refunds through the shop platform."""

    __slots__ = ()


def check(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The description, if it can be used and its refund names the order. Raises Invalid."""
    found = definitions.check(definition)
    if "{order_number}" not in str(found["refund"]):
        detail = _("A shop platform finds the payment by its order: put {order_number} into the refund's request.")
        raise Invalid(detail, errors=[FieldError("/refund", "invalid", detail)])
    return found


def route(code: str, gateways: object, *, known: bool) -> str:
    """The account that serves a payment's gateway code, as the shop's settings route it.

    `{"routes": {"shopify_payments": "our-shop", "*": "our-shop"}}` in the shop's `gateways`; `*` is for every code
    that is not `known` to this installation.
    """
    routes = gateways.get(ROUTES) if isinstance(gateways, Mapping) else None
    if not isinstance(routes, Mapping):
        return code
    return str(routes.get(code) or (not known and routes.get("*")) or code)
