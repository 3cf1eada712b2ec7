"""Bar codes as whole printer dots: Code 128 for the tracking number, QR for the return."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import segno
from django.utils.translation import gettext as _
from reportlab.graphics.barcode.code128 import Code128

from accounts.problems import FieldError
from returns.labels.data import Unprintable

QUIET_CODE128 = 10
QUIET_QR = 4
# At 203 dpi these are 0.5, 0.375 and 0.25 mm; a module between two dots blurs and is not read.
MODULES = (4, 3, 2)
SMALLEST_QR_MODULE = 3


def code128(text: str) -> list[int]:
    """Widths in modules of the symbol's bars and spaces, a bar first (ISO/IEC 15417), without quiet zones.

    Raises Unprintable for text that is empty or not printable ASCII.
    """
    if not text or not all(" " <= char <= "~" for char in text):
        raise _unprintable(
            "/tracking_number", _("The tracking number must be plain letters, digits and signs (ASCII).")
        )
    bars = Code128(text, quiet=0)
    bars.validate()
    bars.encode()
    return [ord(step.lower()) - ord("a") + 1 for step in bars.decompose()]


def module_for(widths: list[int], room: int) -> int:
    """Dots per module (4, 3 or 2) at which the symbol and its quiet zones fit into `room` dots.

    Raises Unprintable when even 2 dots do not fit.
    """
    modules = sum(widths) + 2 * QUIET_CODE128
    for dots in MODULES:
        if modules * dots <= room:
            return dots
    raise _unprintable("/tracking_number", _("The tracking number is too long for a bar code on a 4 x 6 inch label."))


@lru_cache(maxsize=32)
def qr(text: str) -> tuple[tuple[bool, ...], ...]:
    """The QR symbol's modules by rows, True for dark, without quiet zone (error correction M or better).

    Raises Unprintable for text that is empty or too long for any QR symbol.
    """
    try:
        if not text:
            raise ValueError("empty")
        symbol = segno.make_qr(text, error="m", encoding="utf-8" if not text.isascii() else None)
    except ValueError as problem:
        raise _unprintable("/qr_text", _("The text for the QR code is empty or too long.")) from problem
    return tuple(tuple(bool(module) for module in row) for row in symbol.matrix)


def qr_module_for(matrix: Sequence[Sequence[bool]], room: int) -> int:
    """Whole dots per module at which the symbol and its quiet zone fit into a square of `room` dots.

    Raises Unprintable below 3 dots, which phones no longer read from paper.
    """
    dots = room // (len(matrix) + 2 * QUIET_QR)
    if dots < SMALLEST_QR_MODULE:
        raise _unprintable("/qr_text", _("The text for the QR code is too long for the label."))
    return dots


def _unprintable(pointer: str, detail: str) -> Unprintable:
    return Unprintable(detail, errors=[FieldError(pointer, "invalid", detail)])
