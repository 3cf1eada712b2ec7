"""The label as PDF: 4 x 6 inches, vector bars on whole printer dots, the same bytes for the same data."""

from __future__ import annotations

from functools import singledispatch
from io import BytesIO
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override
from reportlab.pdfgen.canvas import Canvas

from returns.labels.data import LabelData
from returns.labels.fonts import register
from returns.labels.layout import compose
from returns.labels.marks import DPI, HEIGHT, WIDTH, Box, Disc, Mark, Polygon, Text

POINTS_PER_DOT = 72 / DPI
# Some printers blacken every dot that is touched, and decimals in a PDF are rounded: keep off the neighbour.
HAIR = 0.02
MEDIA_TYPE = "application/pdf"


def render_pdf(data: LabelData, *more: LabelData) -> bytes:
    """The label as a one-page PDF; with the labels of more parcels, a page each.

    Raises Unprintable when a code does not fit.
    """
    register()
    target = BytesIO()
    page = (WIDTH * POINTS_PER_DOT, HEIGHT * POINTS_PER_DOT)
    canvas = Canvas(target, pagesize=page, invariant=1, lang=data.locale.replace("_", "-"), pageCompression=1)
    _describe(canvas, data)
    for label in (data, *more):
        _page(canvas, label)
    canvas.save()
    return target.getvalue()


def _page(canvas: Canvas, data: LabelData) -> None:
    canvas.scale(POINTS_PER_DOT, POINTS_PER_DOT)
    for ink, group in groupby(compose(data), key=attrgetter("ink")):
        canvas.setFillGray(0 if ink else 1)
        for mark in group:
            _draw(mark, canvas)
    canvas.showPage()


def _describe(canvas: Canvas, data: LabelData) -> None:
    with override(data.locale.replace("_", "-")):
        canvas.setTitle(_("Return label %(rma)s") % {"rma": data.rma})
    canvas.setAuthor(data.shop)
    canvas.setSubject(data.tracking_number)
    canvas.setCreator("Comeback")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas.setViewerPreference("PrintScaling", "None")


@singledispatch
def _draw(mark: Mark, canvas: Any) -> None:
    raise TypeError(mark)


@_draw.register
def _box(mark: Box, canvas: Any) -> None:
    low, left = HEIGHT - mark.y - mark.height + HAIR, mark.x + HAIR
    canvas.rect(left, low, mark.width - 2 * HAIR, mark.height - 2 * HAIR, stroke=0, fill=1)


@_draw.register
def _disc(mark: Disc, canvas: Any) -> None:
    canvas.circle(mark.x, HEIGHT - mark.y, mark.radius, stroke=0, fill=1)


@_draw.register
def _polygon(mark: Polygon, canvas: Any) -> None:
    path = canvas.beginPath()
    (x, y), *others = mark.points
    path.moveTo(x, HEIGHT - y)
    for x, y in others:
        path.lineTo(x, HEIGHT - y)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


@_draw.register
def _text(mark: Text, canvas: Any) -> None:
    canvas.setFont(mark.font, mark.size)
    write = {"l": canvas.drawString, "m": canvas.drawCentredString, "r": canvas.drawRightString}[mark.anchor]
    write(mark.x, HEIGHT - mark.baseline, mark.text)
