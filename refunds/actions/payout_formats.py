"""Formats of payment files: what each needs of the shop and of the customer's account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from customers.models import Shop
from refunds import payout
from refunds.banking import (
    BadAccount,
    Batch,
    Payer,
    elixir_file,
    israeli_parts,
    masav_file,
    polish_number,
    sepa_file,
    whole_iban,
)
from refunds.models import Refund


@dataclass(frozen=True, slots=True)
class Kind:
    """A format: its currency, how it is written, what the payer must have and which accounts it can pay to."""

    currency: str
    write: Callable[[Batch], bytes]
    needs: tuple[str, ...]
    check: Callable[[Mapping[str, str]], object]
    media_type: str
    ending: str


KINDS: dict[str, Kind] = {
    "sepa": Kind("EUR", sepa_file, ("iban",), lambda at: whole_iban(at.get("iban", "")), "application/xml", "xml"),
    "elixir": Kind(
        "PLN",
        elixir_file,
        ("iban",),
        lambda at: polish_number(at.get("iban", "")),
        "text/plain; charset=windows-1250",
        "pli",
    ),
    "masav": Kind(
        "ILS",
        masav_file,
        ("institution", "sender"),
        lambda at: israeli_parts(*_israeli(at)),
        "text/plain; charset=cp862",
        "msv",
    ),
}


def _israeli(at: Mapping[str, str]) -> tuple[str, str, str, str]:
    return at.get("bank", ""), at.get("branch", ""), at.get("account", ""), at.get("iban", "")


def fits(refund: Refund, format: str) -> bool:
    """Whether a file of this format can pay to the refund's account."""
    try:
        KINDS[format].check(payout.unseal(refund.reimbursement.payout))
    except BadAccount:
        return False
    return True


def wrong(pointer: str, detail: str, code: str = "invalid") -> Invalid:
    """A refusal of one part of the input."""
    return Invalid(detail, errors=[FieldError(pointer, code, detail)])


def payer_of(shop: Shop, format: str) -> Payer:
    """The paying side as the shop's settings have it (`gateways.payouts.<format>`). Raises Invalid."""
    if format not in KINDS:
        raise wrong("/format", _("Choose one of: %(known)s.") % {"known": ", ".join(KINDS)})
    kind, own = KINDS[format], _settings(shop, format)
    missing = [name for name in kind.needs if not own.get(name)]
    if missing:
        raise wrong(
            "/format",
            _("Such a file needs gateways.payouts.%(format)s.%(name)s in the shop's settings. Ask an administrator.")
            % {"format": format, "name": missing[0]},
            "not_configured",
        )
    known = {name: own[name] for name in ("iban", "bic", "institution", "sender") if name in own}
    payer = Payer(name=own.get("name") or shop.legal_name or shop.name, **known)
    try:
        kind.write(Batch("0", payer, (), timezone.now(), timezone.localdate()))
        if payer.iban:
            kind.check({"iban": payer.iban})
    except BadAccount as error:
        detail = _("The shop's settings have a mistake in gateways.payouts.%(format)s.%(name)s.")
        raise wrong("/format", detail % {"format": format, "name": error.part}, "not_configured") from error
    return payer


def _settings(shop: Shop, format: str) -> dict[str, str]:
    payouts = shop.gateways.get("payouts") if isinstance(shop.gateways, dict) else None
    own = payouts.get(format) if isinstance(payouts, dict) else None
    return {str(name): str(value).strip() for name, value in own.items()} if isinstance(own, dict) else {}
