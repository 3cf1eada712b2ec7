"""Whose door a visitor stands at, and which order a guest has opened."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.utils import timezone

from customers.models import Order, PortalToken, Shop


def token_hash(token: str) -> str:
    """How a guest's token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def shop_at(host: str) -> tuple[Shop, bool]:
    """The shop whose domain this is, and true; on any other host the main shop, and false."""
    name = host.partition(":")[0].lower()
    shops = list(Shop.objects.order_by("pk"))
    for shop in shops:
        if name in shop.domains:
            return shop, True
    return next((shop for shop in shops if shop.code == "main"), shops[0]), False


def visited_order(token: str, *, now: datetime | None = None) -> Order | None:
    """The order that a guest's token opens, or None when it is unknown or too old."""
    found = (
        PortalToken.objects.filter(token_hash=token_hash(token), expires_at__gt=now or timezone.now())
        .select_related("order__shop", "order__channel", "order__customer")
        .first()
    )
    return found.order if found else None
