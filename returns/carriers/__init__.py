"""The carriers this installation knows, by the code the API takes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from returns.carriers.base import Carrier
from returns.carriers.manual import ManualCarrier

KNOWN: dict[str, Carrier] = {carrier.code: carrier for carrier in (ManualCarrier(),)}


class UnknownCarrier(Invalid):
    """No carrier or service of that name; the message lists those there are."""


def get(code: str) -> Carrier:
    """The carrier with this code. Raises UnknownCarrier."""
    try:
        return KNOWN[code]
    except KeyError:
        detail = _("There is no carrier %(carrier)s. Known carriers: %(known)s.")
        raise _unknown("/carrier", detail % {"carrier": code, "known": ", ".join(KNOWN)}) from None


def service(carrier: Carrier, wanted: str | None) -> str:
    """The wanted service, the carrier's first one for None. Raises UnknownCarrier."""
    if wanted is None or wanted in carrier.services:
        return wanted or carrier.services[0]
    detail = _("%(carrier)s has no service %(service)s. Its services: %(known)s.")
    names = {"carrier": carrier.code, "service": wanted, "known": ", ".join(carrier.services)}
    raise _unknown("/service", detail % names)


def _unknown(pointer: str, detail: str) -> UnknownCarrier:
    return UnknownCarrier(detail, errors=[FieldError(pointer, "unknown", detail)])
