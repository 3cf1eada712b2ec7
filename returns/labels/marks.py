"""The few marks a label is drawn with, in printer dots from the top left corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

DPI = 203
WIDTH, HEIGHT = 4 * DPI, 6 * DPI


@dataclass(frozen=True)
class Box:
    """A filled rectangle; `ink` False paints paper."""

    x: int
    y: int
    width: int
    height: int
    ink: bool = True


@dataclass(frozen=True)
class Disc:
    """A filled circle."""

    x: int
    y: int
    radius: int
    ink: bool = True


@dataclass(frozen=True)
class Polygon:
    """A filled polygon."""

    points: tuple[tuple[int, int], ...]
    ink: bool = True


@dataclass(frozen=True)
class Text:
    """A line in drawing order, standing on `baseline`; `anchor` is l, m or r of `x`."""

    x: int
    baseline: int
    text: str
    font: str
    size: int
    anchor: str = "l"
    ink: bool = True


Mark = Box | Disc | Polygon | Text


def bars(widths: list[int], module: int, left: int, top: int, height: int) -> list[Box]:
    """A linear symbol whose widths (in modules) start with a bar."""
    marks = []
    for index, modules in enumerate(widths):
        if index % 2 == 0:
            marks.append(Box(left, top, modules * module, height))
        left += modules * module
    return marks


def matrix(rows: Sequence[Sequence[bool]], module: int, left: int, top: int) -> list[Box]:
    """A two-dimensional symbol; dark modules that touch in a row become one box."""
    marks = []
    for row_index, row in enumerate(rows):
        start = None
        for index, dark in enumerate([*row, False]):
            if dark and start is None:
                start = index
            elif not dark and start is not None:
                x, across = left + start * module, (index - start) * module
                marks.append(Box(x, top + row_index * module, across, module))
                start = None
    return marks
