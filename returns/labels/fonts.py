"""The label's two fonts: measuring, wrapping and shrinking text so that it never leaves its box."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).resolve().parents[2] / "static" / "vendor" / "dejavu"
REGULAR, BOLD = "LabelSans", "LabelSans-Bold"
FILES = {REGULAR: FONTS / "DejaVuSans.ttf", BOLD: FONTS / "DejaVuSans-Bold.ttf"}
LEADING = 1.24
ELLIPSIS = "\u2026"


@dataclass(frozen=True)
class Paragraph:
    """Text to be wrapped; `scale` is its size relative to the block's."""

    text: str
    font: str = REGULAR
    scale: float = 1.0


@dataclass(frozen=True)
class Line:
    """One wrapped line, still in reading order, at its final size in dots."""

    text: str
    font: str
    size: int

    @property
    def height(self) -> float:
        """Dots from this line's top to the next line's top."""
        return self.size * LEADING


@cache
def register() -> None:
    """Make the fonts known to the PDF writer, once per process."""
    for name, path in FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(path)))


@lru_cache(maxsize=64)
def raster_font(font: str, size: int) -> ImageFont.FreeTypeFont:
    """The font for printing by dots, without any reordering of its own."""
    return ImageFont.truetype(str(FILES[font]), size, layout_engine=ImageFont.Layout.BASIC)


def width(text: str, font: str, size: int) -> float:
    """Dots the text takes in the wider of the two drawings (PDF scales, print heads round every letter)."""
    register()
    on_paper = float(pdfmetrics.stringWidth(text, font, size))
    return max(on_paper, float(raster_font(font, size).getlength(text, mode="1")))


def fit_line(text: str, font: str, room: int, largest: int, smallest: int) -> Line:
    """The text on one line, as large as the room allows, cut with an ellipsis below the smallest size."""
    size = _largest_size(largest, smallest, lambda size: width(text, font, size) <= room)
    return _cut(Line(text, font, size), room)


def fit_block(paragraphs: Sequence[Paragraph], room: int, height: int, largest: int, smallest: int) -> list[Line]:
    """The paragraphs wrapped at the largest size that fits the box; the longest are cut when none does."""

    def wrapped_at(size: int) -> list[list[Line]]:
        return [_wrap(paragraph, room, size) for paragraph in paragraphs]

    wrapped = wrapped_at(_largest_size(largest, smallest, lambda size: _height(wrapped_at(size)) <= height))
    while _height(wrapped) > height:
        _shorten(wrapped, room)
    return [line for lines in wrapped for line in lines]


def _largest_size(largest: int, smallest: int, fits: Callable[[int], bool]) -> int:
    if fits(largest):
        return largest
    low, high = smallest, largest - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _height(wrapped: Sequence[Sequence[Line]]) -> float:
    return sum(line.height for lines in wrapped for line in lines)


def _shorten(wrapped: list[list[Line]], room: int) -> None:
    longest = max(wrapped, key=len)
    if len(longest) == 1:
        # The name stands first and the town near the end; what is between can go.
        del wrapped[min(1, len(wrapped) - 1)]
        return
    longest.pop()
    longest[-1] = _cut(replace(longest[-1], text=longest[-1].text + ELLIPSIS), room)


def _wrap(paragraph: Paragraph, room: int, size: int) -> list[Line]:
    size = round(size * paragraph.scale)
    lines: list[str] = []
    current = ""
    for word in _pieces(paragraph, room, size):
        longer = f"{current} {word}" if current else word
        if current and width(longer, paragraph.font, size) > room:
            lines.append(current)
            longer = word
        current = longer
    return [Line(text, paragraph.font, size) for text in [*lines, current] if text]


def _pieces(paragraph: Paragraph, room: int, size: int) -> list[str]:
    pieces: list[str] = []
    for word in paragraph.text.split():
        while width(word, paragraph.font, size) > room:
            head = _longest_head(word, paragraph.font, size, room)
            pieces.append(head)
            word = word[len(head) :]
        pieces.append(word)
    return [piece for piece in pieces if piece]


def _longest_head(word: str, font: str, size: int, room: int) -> str:
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(word[:middle], font, size) <= room else (low, middle - 1)
    return word[:low]


def _cut(line: Line, room: int) -> Line:
    if width(line.text, line.font, line.size) <= room:
        return line
    text = line.text.removesuffix(ELLIPSIS)
    head = _longest_head(text, line.font, line.size, room - int(width(ELLIPSIS, line.font, line.size)) - 1)
    return replace(line, text=head.rstrip(" .,") + ELLIPSIS)
