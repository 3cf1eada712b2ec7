"""Copying an order with everything that hangs on it, inside PostgreSQL and any number of times.

Copies are rows like others: codes, numbers, ids and e-mail addresses are their own. Two things are the original's:
the hashes of events and of the order's document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Field, ForeignKey, Model, UUIDField

from customers.models import Customer, Order
from returns.codes import ALPHABET
from returns.models import Photo, Return, Shipment

Rows = dict[type[Model], list[int]]
APPS = ("customers", "returns", "inspections", "refunds", "notifications")
# what rows point up to and what still is theirs alone
OWNED = (Shipment, Photo)
SPREAD_MINUTES = 20_000

CODE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION pg_temp.load_code(number bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE body text := ''; total int := 0; digit int; place int;
BEGIN
  FOR place IN 0..6 LOOP
    digit := number % {len(ALPHABET)}; number := number / {len(ALPHABET)};
    body := body || substr('{ALPHABET}', digit + 1, 1); total := total + (place + 1) * digit;
  END LOOP;
  RETURN 'RMA-' || left(body, 4) || '-' || right(body, 3) || substr('{ALPHABET}', total % {len(ALPHABET)} + 1, 1);
END $$
"""


@dataclass
class Original:
    """The rows that are copied together, and the ids that their copies get."""

    order: Order
    rows: Rows
    first: dict[type[Model], int] = field(default_factory=dict)

    def new_id(self, model: type[Model], old: int) -> str:
        """SQL for the id of the copy `c` of a row."""
        among = self.rows[model]
        return f"({self.first[model]} + c * {len(among)} + {among.index(old)})"


def gather(order: Order) -> Original:
    """The order, its customer and every row that points to them, directly or not."""
    rows: Rows = {Customer: [order.customer_id], Order: [order.pk]}
    size = 0
    while size != (size := sum(len(found) for found in rows.values()) or -1):
        for model in _models():
            found = set(rows.get(model, []))
            for key in _keys(model):
                target = key.related_model
                if target in rows and target not in OWNED:
                    found |= set(_ids(model, key.attname, rows[target]))
                if target in OWNED and model in rows:
                    above = _values(model, key.attname, rows[model])
                    rows[target] = sorted({*rows.get(target, []), *above})
                elif target in OWNED and target in rows:
                    found |= set(_ids(model, key.attname, rows[target]))
            if found:
                rows[model] = sorted(found)
    return Original(order, rows)


def _models() -> list[type[Model]]:
    return [model for name in APPS for model in apps.get_app_config(name).get_models(include_auto_created=True)]


def _keys(model: type[Model]) -> list[Any]:
    return [each for each in model._meta.concrete_fields if isinstance(each, ForeignKey)]


def _ids(model: type[Model], name: str, among: Iterable[int]) -> list[int]:
    return list(model._base_manager.filter(**{f"{name}__in": among}).values_list("pk", flat=True))


def _values(model: type[Model], name: str, pks: Iterable[int]) -> set[int]:
    found = model._base_manager.filter(pk__in=pks).values_list(name, flat=True)
    return {value for value in found if value is not None}


def copy(original: Original, times: int) -> None:
    """Insert that many copies of everything."""
    with connection.cursor() as cursor:
        cursor.execute(CODE_FUNCTION)
        for model, pks in original.rows.items():
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
            (sequence,) = cursor.fetchone()
            cursor.execute("SELECT nextval(%s)", [sequence])
            (first,) = cursor.fetchone()
            original.first[model] = first
            cursor.execute("SELECT setval(%s, %s)", [sequence, first + times * len(pks)])
        for model, pks in original.rows.items():
            for pk in pks:
                cursor.execute(_insert(original, model, pk), [times - 1, pk])


def _insert(original: Original, model: type[Model], pk: int) -> str:
    columns = list(model._meta.concrete_fields)
    row = model._base_manager.filter(pk=pk).values(*(each.attname for each in columns)).get()
    values = [_value(original, model, each, row[each.attname], pk) for each in columns]
    names = ", ".join(f'"{each.column}"' for each in columns)
    table = model._meta.db_table
    return (
        f'INSERT INTO "{table}" ({names}) SELECT {", ".join(values)} '
        f'FROM "{table}" x, generate_series(0, %s) c WHERE x."id" = %s'
    )


def _value(original: Original, model: type[Model], column: Field[Any, Any], value: Any, pk: int) -> str:
    name = f'x."{column.column}"'
    if column.primary_key:
        return original.new_id(model, pk)
    if value is None:
        return "NULL"
    if isinstance(column, ForeignKey):
        target = column.related_model
        return original.new_id(target, value) if value in original.rows.get(target, []) else name
    if isinstance(column, UUIDField):
        return "gen_random_uuid()"
    if column.get_internal_type() == "DateTimeField":
        return f"{name} - (c %% {SPREAD_MINUTES}) * interval '1 minute'"
    return _text(original, column, name)


def _text(original: Original, column: Field[Any, Any], name: str) -> str:
    """Texts that name the order, the return or the customer name the copy."""
    order = original.order
    number = f"'L' || {original.new_id(Order, order.pk)}"
    at = f"lower({number}) || '@example.com'"
    (rma,) = original.rows.get(Return, [0])
    plain = {"number": number, "email": at}
    if isinstance(order_part := plain.get(column.name), str) and column.model in (Order, Customer):
        return order_part
    if column.model is not Return and column.name == "document" and column.model._meta.model_name == "orderversion":
        with_number = f"jsonb_set({name}, '{{number}}', to_jsonb({number}))"
        return f"jsonb_set({with_number}, '{{customer,email}}', to_jsonb({at}))"
    if not rma:
        return name
    new = original.new_id(Return, rma)
    if column.name == "stream":
        return f"replace({name}, 'return:{rma}', 'return:' || {new})"
    if column.model is Return and column.name == "code":
        return f"pg_temp.load_code({new})"
    if column.name == "search_text":
        return _searched(order, name, new, number, at)
    return name


def _searched(order: Order, name: str, new: str, number: str, at: str) -> str:
    code = str(Return.objects.get(order=order).code).lower()
    known = f"lower(pg_temp.load_code({new}))"
    swaps = {
        code: known,
        code.replace("-", ""): f"replace({known}, '-', '')",
        order.email: at,
        order.number.lower(): f"lower({number})",
    }
    for old, fresh in swaps.items():
        name = f"replace({name}, '{old}', {fresh})"
    return name
