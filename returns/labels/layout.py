"""Where everything stands on the 4 x 6 inch label: who, the thread between them, the bar code, the tag."""

from __future__ import annotations

from datetime import date

from babel import Locale
from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from returns.labels import codes
from returns.labels.data import Address, LabelData
from returns.labels.fonts import BOLD, REGULAR, Line, Paragraph, fit_block, fit_line, width
from returns.labels.marks import HEIGHT, WIDTH, Box, Disc, Mark, Polygon, Text, bars, matrix
from returns.labels.script import clean, is_rtl, isolated, locale_is_rtl, visual

MARGIN = 36
INNER = WIDTH - 2 * MARGIN
INDENT = 62
BAR_HEIGHT = 190
QR_ROOM = 226


class Sheet:
    """A label being laid out; x counts from the side where the printed language starts."""

    def __init__(self, rtl: bool) -> None:
        self.rtl = rtl
        self.marks: list[Mark] = []

    def side(self, x: int, extent: int = 0) -> int:
        """The dot from the left for something `extent` dots wide that starts `x` from the starting side."""
        return WIDTH - x - extent if self.rtl else x

    def box(self, x: int, y: int, across: int, down: int, ink: bool = True) -> None:
        """A filled rectangle."""
        self.marks.append(Box(self.side(x, across), y, across, down, ink))

    def disc(self, x: int, y: int, radius: int, ink: bool = True) -> None:
        """A filled circle."""
        self.marks.append(Disc(self.side(x), y, radius, ink))

    def polygon(self, points: list[tuple[int, int]], ink: bool = True) -> None:
        """A filled polygon."""
        self.marks.append(Polygon(tuple((self.side(x), y) for x, y in points), ink))

    def text(self, x: int, baseline: int, line: Line, *, at_end: bool = False, ink: bool = True) -> None:
        """A line in the printed language; `at_end`: x is where it ends, not where it starts."""
        anchor = "r" if self.rtl != at_end else "l"
        self._write(self.side(x), baseline, line, anchor, self.rtl, ink)

    def code(self, x: int, baseline: int, line: Line) -> None:
        """A code, always from left to right, starting at x."""
        self._write(self.side(x), baseline, line, "r" if self.rtl else "l", False, True)

    def middle(self, baseline: int, line: Line) -> None:
        """A code in the middle of the label."""
        self._write(WIDTH // 2, baseline, line, "m", False, True)

    def block(self, x: int, top: int, across: int, lines: list[Line]) -> None:
        """Lines from the side where *they* start, which may be the other side of the same column."""
        rtl = is_rtl(line.text for line in lines)
        left = self.side(x, across)
        y = float(top)
        for line in lines:
            baseline = round(y + line.size * 0.95)
            self._write(left + across if rtl else left, baseline, line, "r" if rtl else "l", rtl, True)
            y += line.height

    def _write(self, x: int, baseline: int, line: Line, anchor: str, rtl: bool, ink: bool) -> None:
        self.marks.append(Text(x, baseline, visual(line.text, rtl), line.font, line.size, anchor, ink))


def compose(data: LabelData) -> list[Mark]:
    """Every mark of the label, in the order in which to draw them.

    Raises Unprintable when a code does not fit.
    """
    with override(data.locale.replace("_", "-")):
        sheet = Sheet(locale_is_rtl(data.locale))
        _header(sheet, data)
        _way(sheet, data)
        _carriage(sheet, data)
        _tracking(sheet, data)
        _slip(sheet, data)
    return sheet.marks


def _header(sheet: Sheet, data: LabelData) -> None:
    word = fit_line(pgettext("parcel label", "Return"), BOLD, 220, 30, 18)
    across = round(width(word.text, word.font, word.size)) + 40
    sheet.box(WIDTH - MARGIN - across, 34, across, 56)
    sheet.text(WIDTH - MARGIN - 20, 73, word, at_end=True, ink=False)
    sheet.text(MARGIN, 77, fit_line(clean(data.shop), BOLD, INNER - across - 24, 42, 20))
    sheet.box(MARGIN, 108, INNER, 3)


def _way(sheet: Sheet, data: LabelData) -> None:
    x, first, last = MARGIN + 17, 146, 358
    _address(sheet, pgettext("parcel label", "From"), data.sender, 132, 184, 27)
    _address(sheet, pgettext("parcel label", "To"), data.recipient, 344, 226, 42)
    for y in range(first + 24, last - 26, 18):
        sheet.box(x - 2, y, 4, 10)
    sheet.disc(x, first, 12)
    sheet.disc(x, last, 17)
    sheet.disc(x, last, 11, ink=False)


def _address(sheet: Sheet, heading: str, address: Address, top: int, height: int, largest: int) -> None:
    x = MARGIN + INDENT
    sheet.text(x, top + 21, fit_line(heading, REGULAR, INNER - INDENT, 21, 16))
    lines = [Paragraph(clean(line)) for line in address.lines]
    paragraphs = [line for line in (Paragraph(clean(address.name), BOLD, 1.1), *lines) if line.text]
    room = INNER - INDENT
    sheet.block(x, top + 32, room, fit_block(paragraphs, room, height - 32, largest, 17))


def _carriage(sheet: Sheet, data: LabelData) -> None:
    sheet.box(MARGIN, 584, INNER, 3)
    parcel = fit_line(_("Parcel %(n)s of %(m)s") % {"n": data.parcel, "m": data.parcels}, BOLD, 260, 28, 18)
    across = round(width(parcel.text, parcel.font, parcel.size)) + 24
    sheet.text(WIDTH - MARGIN, 626, parcel, at_end=True)
    by = " \u00b7 ".join(filter(None, (clean(data.carrier), clean(data.service))))
    sheet.text(MARGIN, 626, fit_line(by, REGULAR, INNER - across, 28, 16))


def _tracking(sheet: Sheet, data: LabelData) -> None:
    widths = codes.code128(data.tracking_number)
    module = codes.module_for(widths, WIDTH)
    left = (WIDTH - sum(widths) * module) // 2
    sheet.marks += bars(widths, module, left, 656, BAR_HEIGHT)
    sheet.middle(892, fit_line(_grouped(data.tracking_number), BOLD, INNER, 36, 18))


def _slip(sheet: Sheet, data: LabelData) -> None:
    for x in range(0, WIDTH, 20):
        sheet.box(x, 922, 12, 2)
    rows = codes.qr(data.qr_text)
    module = codes.qr_module_for(rows, QR_ROOM + 2 * codes.QUIET_QR * 3)
    across = len(rows) * module
    top = 950 + (QR_ROOM - across) // 2
    sheet.marks += matrix(rows, module, sheet.side(MARGIN, across), top)
    x = MARGIN + across + 4 * module + 12
    _tag(sheet, data.rma, x, 950)
    _small_print(sheet, data, x, 1046)


def _tag(sheet: Sheet, rma: str, x: int, top: int) -> None:
    right, bottom, nose = WIDTH - MARGIN, top + 78, 28
    edge = [
        (x, top + nose),
        (x + nose, top),
        (right, top),
        (right, bottom),
        (x + nose, bottom),
        (x, bottom - nose),
    ]
    inside = [(4, 2), (2, 4), (-4, 4), (-4, -4), (2, -4), (4, -2)]
    sheet.polygon(edge)
    sheet.polygon([(ax + dx, ay + dy) for (ax, ay), (dx, dy) in zip(edge, inside, strict=True)], ink=False)
    sheet.disc(x + 26, top + 39, 9)
    sheet.disc(x + 26, top + 39, 5, ink=False)
    code = fit_line(clean(rma), BOLD, right - x - 68, 42, 18)
    sheet.code(x + 52, top + 39 + round(code.size * 0.365), code)


def _small_print(sheet: Sheet, data: LabelData, x: int, top: int) -> None:
    room = WIDTH - MARGIN - x
    contents = clean(data.contents)
    if contents:
        sheet.text(x, top + 21, fit_line(pgettext("parcel label", "Inside"), BOLD, room, 22, 16))
        sheet.block(x, top + 28, room, fit_block([Paragraph(contents)], room, 70, 23, 17))
    issued = _("Issued %(date)s") % {"date": _day(data.issued_on, data.locale)}
    ref = isolated(clean(data.ref)) if data.ref else ""
    foot = " \u00b7 ".join(filter(None, (issued, ref)))
    sheet.text(x, HEIGHT - 43, fit_line(foot, REGULAR, room, 19, 14))


def _day(day: date, locale: str) -> str:
    return format_date(day, "medium", locale=Locale.parse(locale.replace("-", "_")))


def _grouped(number: str) -> str:
    return " ".join(number[index : index + 4] for index in range(0, len(number), 4))
