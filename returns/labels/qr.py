"""The return's QR as a PNG: shown on a phone at a counter, with the code readable below it."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from returns.labels import codes
from returns.labels.data import LabelData
from returns.labels.fonts import BOLD, fit_line
from returns.labels.marks import Mark, Text, matrix
from returns.labels.raster import paint
from returns.labels.script import clean

SIDE = 720
CAPTION = 84
MEDIA_TYPE = "image/png"


def render_qr_png(data: LabelData) -> bytes:
    """A black and white PNG about 720 pixels wide: the QR with its quiet zone, the RMA code below.

    Raises Unprintable when the text does not fit.
    """
    rows = codes.qr(data.qr_text)
    module = codes.qr_module_for(rows, SIDE)
    side = (len(rows) + 2 * codes.QUIET_QR) * module
    quiet = codes.QUIET_QR * module
    caption = fit_line(clean(data.rma), BOLD, side - 2 * quiet, 52, 18)
    marks: list[Mark] = [*matrix(rows, module, quiet, quiet)]
    marks.append(Text(side // 2, side + caption.size // 3, caption.text, caption.font, caption.size, "m"))
    return _png(paint(marks, (side, side + CAPTION - quiet // 2)))


def _png(picture: Image.Image) -> bytes:
    target = BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()
