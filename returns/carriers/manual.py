"""The carrier that always works: the shop's own label, handed in wherever the customer likes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from returns.carriers.base import IssuedLabel, LabelRequest, VoidAnswer, VoidOutcome, VoidRequest

PREFIX = "CBK"
DIGITS = 13
_NUMBER = re.compile(rf"{PREFIX}([0-9]{{{DIGITS}}})([0-9])")
# A step that shares no factor with the range visits every number once; neighbours then look different.
_RANGE = 10**DIGITS
_STEP = 7_320_508_075_689
_START = 1_414_213_562_373


@dataclass(frozen=True)
class ManualCarrier:
    """Issues the shop's own tracking numbers; scans come in by hand or through the API."""

    code: str = "manual"
    services: tuple[str, ...] = ("standard",)
    local: bool = True

    @property
    def name(self) -> str:
        """What people read."""
        return _("Your choice of carrier")

    def issue(self, request: LabelRequest) -> IssuedLabel:
        """A label with a number made from the request's serial alone."""
        return IssuedLabel(tracking_number(request.serial), request.service)

    def void(self, request: VoidRequest) -> VoidAnswer:
        """Always possible until somebody has scanned the parcel."""
        if request.scanned:
            return VoidAnswer(VoidOutcome.REFUSED, _("The parcel is already on its way with this label."))
        return VoidAnswer(VoidOutcome.VOIDED)

    def track_url(self, tracking_number: str) -> str | None:
        """Nobody else follows these parcels."""
        return None


def tracking_number(serial: int) -> str:
    """`CBK`, 13 digits and a check digit (Luhn): one number per serial from 0 to 10**13 - 1.

    Raises ValueError outside that range.
    """
    if not 0 <= serial < _RANGE:
        raise ValueError(f"serial {serial} is outside 0..{_RANGE - 1}")
    digits = f"{(serial * _STEP + _START) % _RANGE:0{DIGITS}d}"
    return f"{PREFIX}{digits}{_luhn(digits)}"


def is_own_number(text: str) -> bool:
    """Whether a scan is a tracking number of this carrier, check digit included."""
    match = _NUMBER.fullmatch(text.replace(" ", "").upper())
    return match is not None and match[2] == _luhn(match[1])


def _luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        tens, ones = divmod(int(digit) * (2 if place % 2 == 0 else 1), 10)
        total += tens + ones
    return str(-total % 10)
