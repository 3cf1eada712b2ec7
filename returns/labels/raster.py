"""The label dot by dot, as a 203 dpi print head burns it."""

from __future__ import annotations

from functools import singledispatch

from PIL import Image, ImageDraw

from returns.labels.fonts import raster_font
from returns.labels.marks import HEIGHT, WIDTH, Box, Disc, Mark, Polygon, Text


def paint(marks: list[Mark], size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A black and white picture of the marks, one pixel per dot."""
    picture = Image.new("1", size, 1)
    draw = ImageDraw.Draw(picture)
    for mark in marks:
        _draw(mark, draw)
    return picture


@singledispatch
def _draw(mark: Mark, draw: ImageDraw.ImageDraw) -> None:
    raise TypeError(mark)


@_draw.register
def _box(mark: Box, draw: ImageDraw.ImageDraw) -> None:
    corner = (mark.x + mark.width - 1, mark.y + mark.height - 1)
    draw.rectangle(((mark.x, mark.y), corner), fill=_tone(mark))


@_draw.register
def _disc(mark: Disc, draw: ImageDraw.ImageDraw) -> None:
    box = (mark.x - mark.radius, mark.y - mark.radius, mark.x + mark.radius, mark.y + mark.radius)
    draw.ellipse(box, fill=_tone(mark))


@_draw.register
def _polygon(mark: Polygon, draw: ImageDraw.ImageDraw) -> None:
    draw.polygon(mark.points, fill=_tone(mark))


@_draw.register
def _text(mark: Text, draw: ImageDraw.ImageDraw) -> None:
    font = raster_font(mark.font, mark.size)
    draw.text((mark.x, mark.baseline), mark.text, fill=_tone(mark), font=font, anchor=f"{mark.anchor}s")


def _tone(mark: Mark) -> int:
    return 0 if mark.ink else 1
