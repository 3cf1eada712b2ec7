"""The floor of a Django view: the same rows through the ORM, no key, no rules, no documents."""

from __future__ import annotations

import json
import os
import secrets
import uuid
from functools import cache
from pathlib import Path
from typing import Any

from django.core import serializers
from django.db import transaction
from django.db.models import F, ForeignKey, Model
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from customers.models import Order, OrderLine
from returns.models import Return

Known = dict[str, int]


@cache
def recorded(name: str) -> list[list[Model]]:
    """The rows that one call of the product inserted, a list per table in the order of their making."""
    text = (Path(os.environ["BENCH_ROWS"]) / f"{name}.json").read_text()
    tables: dict[type[Model], list[Model]] = {}
    for found in serializers.deserialize("json", text):
        tables.setdefault(type(found.object), []).append(found.object)
    return list(tables.values())


def label_of(model: type[Model], pk: Any) -> str:
    """How a row of the recording is called between calls."""
    return f"{model._meta.label_lower}:{pk}"


@csrf_exempt
def write(request: HttpRequest, name: str) -> JsonResponse:
    """Two SELECTs, one UPDATE and the INSERTs of a call; answers with the new ids for the next call."""
    body = json.loads(request.body)
    known: Known = body["known"]
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=body["order"])
        lines = list(OrderLine.objects.filter(order=order).order_by("position"))
        OrderLine.objects.filter(pk__in=[line.pk for line in lines]).update(position=F("position"))
        write_rows(recorded(name), known)
    return JsonResponse({"known": known})


def write_rows(tables: list[list[Model]], known: Known) -> None:
    """Insert copies of recorded rows, a bulk_create per table, under new ids and codes."""
    for rows in tables:
        model = type(rows[0])
        copies = [_copy(row, known) for row in rows]
        model._base_manager.bulk_create(copies)
        for row, copy in zip(rows, copies, strict=True):
            known[label_of(model, row.pk)] = copy.pk


def _copy(row: Model, known: Known) -> Model:
    values: dict[str, Any] = {}
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if isinstance(column, ForeignKey) and value is not None:
            value = known.get(label_of(column.related_model, value), value)
        elif column.name == "uid":
            value = uuid.uuid4()
        elif column.name in ("code", "number") and isinstance(value, str) and row._meta.app_label != "inspections":
            value = f"B{secrets.token_hex(7)}"
        elif column.name == "stream":
            value = f"bare:{secrets.token_hex(12)}"
        elif column.name == "email" and value:
            value = f"{secrets.token_hex(8)}@example.com"
        if not column.primary_key:
            values[column.attname] = value
    return type(row)(**values)


def read(request: HttpRequest, code: str) -> JsonResponse:
    """A return with its order and items: two SELECTs."""
    rma = Return.objects.select_related("order", "channel").get(code=code)
    return JsonResponse(_plain(rma, list(rma.items.select_related("line"))))


def listed(request: HttpRequest) -> JsonResponse:
    """The newest fifty returns with their items: two SELECTs."""
    rows = Return.objects.select_related("order", "channel").prefetch_related("items").order_by("-id")[:50]
    return JsonResponse({"results": [_plain(rma, list(rma.items.all())) for rma in rows]})


def _plain(rma: Return, items: list[Any]) -> dict[str, Any]:
    fields = ("code", "status", "resolution", "method", "currency", "expected", "created_at", "updated_at")
    return {
        **{name: getattr(rma, name) for name in fields},
        "order": rma.order.number,
        "items": [{"id": item.uid, "reason": item.reason, "requested": item.requested} for item in items],
    }
