"""A letter as PDF: A4, in any of our scripts, as many pages as it needs, the same bytes for the same words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from returns.labels.fonts import BOLD, REGULAR, register
from returns.labels.script import clean, is_rtl, locale_is_rtl, visual

WIDTH, HEIGHT, MARGIN = 595, 842, 62
ROOM = WIDTH - 2 * MARGIN
LEADING = 1.45


@dataclass(frozen=True)
class Part:
    """One paragraph; `size` in points, `after` the space beneath it."""

    text: str
    size: float = 10.5
    bold: bool = False
    after: float = 7


@dataclass(frozen=True)
class LetterData:
    """What is printed: the sender on top, a title, and paragraphs; `locale` tells the side where reading starts."""

    title: str
    sender: str
    parts: Sequence[Part]
    locale: str = "en"


class _Pages:
    """The paper, written from top to bottom."""

    def __init__(self, canvas: Any, rtl: bool) -> None:
        self.canvas, self.rtl, self.y, self.page = canvas, rtl, float(HEIGHT - MARGIN), 1

    def write(self, part: Part) -> None:
        """One paragraph, broken into lines; a line feed in it stays one."""
        for block in part.text.splitlines() or [""]:
            text = clean(block)
            rtl = is_rtl([text]) if any(c.isalpha() for c in text) else self.rtl
            for line in _broken(text, BOLD if part.bold else REGULAR, part.size):
                self._line(line, part, rtl)
        self.y -= part.after

    def _line(self, line: str, part: Part, rtl: bool) -> None:
        if self.y - part.size < MARGIN:
            self.foot()
            self.canvas.showPage()
            self.y, self.page = float(HEIGHT - MARGIN), self.page + 1
        self.canvas.setFont(BOLD if part.bold else REGULAR, part.size)
        draw = self.canvas.drawRightString if self.rtl else self.canvas.drawString
        draw(WIDTH - MARGIN if self.rtl else MARGIN, self.y - part.size, visual(line, rtl))
        self.y -= part.size * LEADING

    def foot(self) -> None:
        """The number of the page."""
        self.canvas.setFont(REGULAR, 8)
        self.canvas.drawCentredString(WIDTH / 2, MARGIN / 2, str(self.page))


def _broken(text: str, font: str, size: float) -> list[str]:
    lines, current = [], ""
    for word in _pieces(text, font, size):
        longer = f"{current} {word}" if current else word
        if current and stringWidth(longer, font, size) > ROOM:
            lines.append(current)
            longer = word
        current = longer
    return [*lines, current]


def _pieces(text: str, font: str, size: float) -> list[str]:
    """The words; one that is wider than the paper is cut."""
    pieces = []
    for word in text.split(" "):
        while stringWidth(word, font, size) > ROOM:
            cut = next(n for n in range(len(word), 0, -1) if stringWidth(word[:n], font, size) <= ROOM)
            pieces.append(word[:cut])
            word = word[cut:]
        pieces.append(word)
    return pieces


def render_letter(data: LetterData) -> bytes:
    """The letter as PDF, with title and language for screen readers."""
    register()
    target = BytesIO()
    lang = data.locale.replace("_", "-")
    canvas = Canvas(target, pagesize=(WIDTH, HEIGHT), invariant=1, lang=lang, pageCompression=1)
    canvas.setTitle(clean(data.title))
    canvas.setAuthor(clean(data.sender))
    canvas.setCreator("Comeback")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    pages = _Pages(canvas, locale_is_rtl(data.locale))
    pages.write(Part(data.sender, 9.5, after=22))
    pages.write(Part(data.title, 15, bold=True, after=14))
    for part in data.parts:
        pages.write(part)
    pages.foot()
    canvas.save()
    return target.getvalue()
