"""What is there to measure on: a seeded shop, a key, and orders that any request may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from accounts.keys import create_key
from benchmarks.record import Script
from config.load.copies import Original, gather
from config.load.lives import CHANNEL, GOODS, order_document
from customers.actions import upsert_order
from customers.models import Order
from returns.models import Return

API = "/api/v1"


@dataclass(frozen=True)
class World:
    """The seeded database as the measurements see it."""

    key: str
    first: Original
    orders: int
    codes: list[str]

    def order(self, turn: int) -> int:
        """The id of an order without a return; each is taken again after all others."""
        return self.first.order.pk + turn % self.orders


def seed(orders: int, returns: int) -> World:
    """Migrate, seed, and make a key that may do everything."""
    call_command("migrate", verbosity=0)
    _key, text = create_key("benchmark", ["admin"])
    call_command("seed_load", orders=orders, returns=returns)
    free = Order.objects.filter(number__startswith="L", returns__isnull=True).exclude(number__startswith="LOAD")
    first = free.order_by("pk")[0]
    codes = list(Return.objects.order_by("pk").values_list("code", flat=True))
    return World(text, gather(first), free.count(), codes)


class Door:
    """The API in this process, so that its statements can be written down."""

    def __init__(self, key: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {key}"}, SERVER_NAME="127.0.0.1")

    def post(self, path: str, body: Any) -> Any:
        """POST; the answer must be a success."""
        answer = self.client.post(API + path, body, content_type="application/json")
        assert answer.status_code < 300, (path, answer.status_code, answer.content)
        return answer.json()

    def get(self, path: str) -> Any:
        """GET; the answer must be a success."""
        answer = self.client.get(API + path)
        assert answer.status_code == 200, (path, answer.content)
        return answer.json()


def request_body(number: str) -> dict[str, Any]:
    """A request for one unit of each of the three lines."""
    items = [{"line": f"L{place}", "quantity": 1, "reason": "too_small"} for place, _goods in enumerate(GOODS, 1)]
    return {"order": {"channel": CHANNEL, "number": number}, "items": items, "method": "label"}


def recorded_order(number: str) -> Order:
    """A fresh order like the seeded ones, with ids that a recording tells from all others."""
    return upsert_order(order_document(number, timezone.now()), actor=SYSTEM_ACTOR).order


def script_for(world: World, order: Order | None) -> Script:
    """A script in which the recorded order stands for any of the seeded ones."""
    if order is None:
        return Script({}, {}, [])
    head = [f"\\set bq_c random(0, {world.orders - 1})"]
    ids: dict[int, str] = {}
    taken = gather(order)
    for model, pks in world.first.rows.items():
        for place, pk in enumerate(taken.rows.get(model, [])[: len(pks)]):
            name = f"bq_{_short(model)}{place}"
            head.append(f"\\set {name} {pks[0]} + :bq_c * {len(pks)} + {place}")
            ids[pk] = f":{name}"
    mine = ids[order.pk]
    return Script(ids, {order.number: f"('L'||{mine})", order.email: f"('l'||{mine}||'@example.com')"}, head)


def _short(model: type[Model]) -> str:
    return f"{model._meta.model_name}_"
