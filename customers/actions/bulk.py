"""Many new orders at once: a statement for each kind of row and batch, and not for each order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Model

from accounts.actors import Actor
from accounts.problems import Refused
from customers.actions.buyers import Buyers
from customers.actions.order_rows import Rows, line_values, rows_for, store_rows
from customers.actions.orders import NEW, UNCHANGED, ReadOrder, channel_of, new_order
from customers.models import Channel, Order, OrderLine, OrderVersion

Key = tuple[int, str]


def take_in_many(reads: Sequence[ReadOrder], *, actor: Actor) -> list[str | None]:
    """Store the new ones among these orders; what became of each.

    None: it needs `take_in` of its own, because it changes a known order, stands in the batch twice or is
    refused. When anybody else writes the same orders or customers meanwhile, nothing is stored and all are None.
    """
    try:
        with transaction.atomic():
            return _take_in(reads, actor)
    except DatabaseError:
        return [None] * len(reads)


def _take_in(reads: Sequence[ReadOrder], actor: Actor) -> list[str | None]:
    outcomes: list[str | None] = [None] * len(reads)
    channels = _channels(reads, actor)
    keys: list[Key | None] = []
    for read in reads:
        channel = channels[read.doc.channel, read.doc.shop]
        keys.append(None if channel is None else (channel.pk, read.doc.number))
    hashes = _known_hashes([key for key in keys if key])
    fresh: list[tuple[ReadOrder, Channel]] = []
    seen: set[Key] = set()
    for index, (read, key) in enumerate(zip(reads, keys, strict=True)):
        channel = channels[read.doc.channel, read.doc.shop]
        if key is None or channel is None or key in seen:
            continue
        seen.add(key)
        if key not in hashes:
            fresh.append((read, channel))
            outcomes[index] = NEW
        elif hashes[key] == read.digest:
            outcomes[index] = UNCHANGED
    if fresh:
        _insert(fresh)
    return outcomes


def _channels(reads: Sequence[ReadOrder], actor: Actor) -> dict[tuple[str, str], Channel | None]:
    """The channel for each pair of channel and shop; None where the documents are refused."""
    found: dict[tuple[str, str], Channel | None] = {}
    for read in reads:
        pair = (read.doc.channel, read.doc.shop)
        if pair not in found:
            try:
                found[pair] = channel_of(read.doc, actor)
            except Refused:
                found[pair] = None
    return found


def _known_hashes(keys: Sequence[Key]) -> dict[Key, str]:
    """The hash of the current document of each order that exists."""
    versions = OrderVersion.objects.filter(
        order__channel_id__in={channel for channel, _number in keys},
        order__number__in={number for _channel, number in keys},
        number=F("order__version"),
    )
    rows = versions.values_list("order__channel_id", "order__number", "document_hash")
    return {(channel, number): digest for channel, number, digest in rows}


def _insert(fresh: Sequence[tuple[ReadOrder, Channel]]) -> None:
    buyers = Buyers([(read.doc, channel) for read, channel in fresh])
    orders = [new_order(read, channel, buyers.of(read.doc, channel)) for read, channel in fresh]
    buyers.store()
    Order.objects.bulk_create(orders)
    pairs = [(order, read) for order, (read, _channel) in zip(orders, fresh, strict=True)]
    OrderVersion.objects.bulk_create(
        [
            OrderVersion(order=order, number=1, document=read.canonical, document_hash=read.digest)
            for order, read in pairs
        ]
    )
    _insert_rows(pairs)


def _insert_rows(pairs: Sequence[tuple[Order, ReadOrder]]) -> None:
    plain: list[dict[str, Any]] = []
    sets: list[Rows] = []
    for order, read in pairs:
        quick = connection.vendor == "postgresql" and not any(line.parent for line in read.doc.lines)
        if quick:
            plain += [values | {"order_id": order.pk} for values in line_values(read.doc, read.priced)]
        sets.append(rows_for(order, read.doc, read.priced, with_lines=not quick))
    insert_by_json(OrderLine, plain)
    store_rows(sets)


def insert_by_json(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows through one JSON parameter (PostgreSQL); what the rows leave out gets its field's default.

    For thousands of rows: making and unmaking model instances costs more than the database takes.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    columns, values, given, defaults = [], [], [], []
    for each in model._meta.concrete_fields:
        if each.primary_key:
            continue
        name, kind = quote(each.attname), each.db_type(connection)
        columns.append(name)
        if each.attname in rows[0]:
            given.append(f"{name} {kind}")
            values.append(f"r.{name}")
        else:
            values.append(f"%s::{kind}")
            defaults.append(each.get_db_prep_save(each.get_default(), connection))
    source = f"jsonb_to_recordset(%s::jsonb) AS r({', '.join(given)})"
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {source}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*defaults, json.dumps(rows, default=str)])
