"""The label for Zebra printers: one compressed graphic, so that no printer font or code page matters.

Codes are drawn on whole dots, which prints the same bars as the printer's own `^BC` and `^BQ` and lets a test
read them back without a printer.
"""

from __future__ import annotations

from zebrafy.zebrafy_image import ZebrafyImage

from returns.labels.data import LabelData
from returns.labels.layout import compose
from returns.labels.raster import paint

MEDIA_TYPE = "x-application/zpl"


def render_zpl(data: LabelData) -> str:
    """The label as ZPL II for a 203 dpi printer with 4 inch wide media.

    Raises Unprintable when a code does not fit.
    """
    picture = paint(compose(data))
    return ZebrafyImage(picture, format="Z64", dither=False, set_label_size=True).to_zpl()
