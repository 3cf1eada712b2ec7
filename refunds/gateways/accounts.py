"""The kinds of accounts that an operator can describe, and a gateway out of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from refunds.gateways import definitions, shop, stripe
from refunds.gateways.base import Gateway
from refunds.gateways.http import HttpGateway


@dataclass(frozen=True, slots=True)
class Account:
    """A gateway described by data, out of its row; `secret` is still sealed."""

    code: str
    kind: str
    definition: dict[str, Any] = field(default_factory=dict)
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a description is checked before it is stored, and what is made of it."""

    check: Callable[[Mapping[str, Any]], dict[str, Any]]
    build: Callable[[Account], Gateway]


def _http(account: Account) -> Gateway:
    return HttpGateway(account.code, account.definition, definitions.unseal(account.secret))


def _shop(account: Account) -> Gateway:
    return shop.ShopGateway(account.code, account.definition, definitions.unseal(account.secret))


def _stripe(account: Account) -> Gateway:
    return stripe.from_account(account.code, account.definition, definitions.unseal(account.secret))


KINDS = {
    "http": Kind(definitions.check, _http),
    "shop": Kind(shop.check, _shop),
    "stripe": Kind(stripe.check, _stripe),
}


def check(kind: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    """The description of an account of this kind, in the form in which it is stored. Raises Invalid."""
    if kind not in KINDS:
        detail = _("Choose one of: %(known)s.") % {"known": ", ".join(KINDS)}
        raise Invalid(detail, errors=[FieldError("/kind", "invalid", detail)])
    return KINDS[kind].check(definition)
