"""Gateways that an operator describes by data: stored checked, with their secret sealed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid
from accounts.wire import Free, Strict, Text, read
from customers.models import Shop
from refunds import gateways
from refunds.gateways.accounts import check
from refunds.gateways.definitions import seal
from refunds.models import GatewayAccount


class AccountFile(Strict):
    """A file that describes one gateway; `secret_from` names the environment variable that holds its secret."""

    code = Text(max_length=40)
    name = Text(max_length=120)
    kind = Text(max_length=20)
    shop = Text(max_length=40, required=False, allow_null=True)
    secret_from = Text(max_length=80, required=False)
    definition = Free(required=False)


def store_gateway(document: Mapping[str, Any], *, secret: str, actor: Actor) -> tuple[GatewayAccount, bool]:
    """Store a described gateway by its code; returns it and whether it is new. An empty secret keeps the old one.

    Raises Invalid with a pointer for each thing that is wrong.
    """
    given = read(AccountFile, document)
    if not _is_code(given["code"]):
        detail = _("A code has small letters, digits, - and _ only, and is not one of the built-in gateways.")
        raise Invalid(detail, errors=[FieldError("/code", "invalid", detail)])
    definition = _checked(given)
    shop = _shop(given.get("shop"))
    with transaction.atomic():
        row = GatewayAccount.objects.select_for_update().filter(code=given["code"]).first()
        new = row is None
        row = row or GatewayAccount(code=given["code"])
        row.kind, row.name, row.shop, row.definition, row.active = given["kind"], given["name"], shop, definition, True
        row.secret = seal(secret) or row.secret
        row.save()
    return row, new


def _is_code(code: str) -> bool:
    plain = code.replace("-", "").replace("_", "")
    return plain.isascii() and plain.isalnum() and plain == plain.lower() and code not in gateways.KNOWN


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    definition = given.get("definition") or {}
    if not isinstance(definition, Mapping):
        detail = _("Describe the gateway by names and values.")
        raise Invalid(detail, errors=[FieldError("/definition", "invalid", detail)])
    try:
        return check(given["kind"], definition)
    except Invalid as refusal:
        errors = [_below(error) for error in refusal.errors]
        raise Invalid(refusal.detail, errors=errors) from refusal


def _below(error: FieldError) -> FieldError:
    pointer = error.pointer if error.pointer == "/kind" else f"/definition{error.pointer}"
    return FieldError(pointer, error.code, error.detail)


def _shop(code: str | None) -> Shop | None:
    if not code:
        return None
    shop = Shop.objects.filter(code=code).first()
    if shop is None:
        detail = _("There is no shop %(code)s.") % {"code": code}
        raise Invalid(detail, errors=[FieldError("/shop", "unknown", detail)])
    return shop
