"""Papers for accounting on their way out: tables as files, and the protocol of acceptance of a return, in Polish.

Source of the protocol: regulation on cash registers (Dz.U. 2025 poz. 845), § 3(3) no. 7: signed by seller and buyer.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any, TypeVar
from xml.sax.saxutils import escape

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from refunds.models import RegisterEntry
from returns.labels.fonts import BOLD, REGULAR, register
from returns.labels.script import clean, visual

CSV = "text/csv; charset=utf-8"
INK, RULE = HexColor("#1a1a1a"), HexColor("#8a8a8a")
BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9.5, leading=13, textColor=INK)
FIGURE = ParagraphStyle("figure", parent=BODY, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", parent=BODY, fontName=BOLD)
TITLE = ParagraphStyle("title", parent=BODY, fontName=BOLD, fontSize=14, leading=19, spaceAfter=4 * mm)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=8, leading=11)
KINDS = {"return": "zwrot towaru", "complaint": "uznana reklamacja"}


def as_file(lines: Iterable[str], name: str, content_type: str = CSV) -> StreamingHttpResponse:
    """Text that is sent while it is written."""
    return _guarded(StreamingHttpResponse((line.encode() for line in lines), content_type=content_type), name)


def protocol_file(entry: RegisterEntry) -> HttpResponse:
    """The protocol of an entry as an answer."""
    name = f"protokol-{entry.number}-{entry.year}.pdf"
    return _guarded(HttpResponse(protocol_pdf(entry), content_type="application/pdf"), name, "inline")


A = TypeVar("A", bound=HttpResponseBase)


def _guarded(answer: A, name: str, way: str = "attachment") -> A:
    answer["Content-Disposition"] = f'{way}; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def protocol_pdf(entry: RegisterEntry) -> bytes:
    """The protocol of one entry, A4; the same entry gives the same bytes as long as the buyer's name stands."""
    register()
    target = BytesIO()
    sheet = SimpleDocTemplate(
        target,
        pagesize=A4,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
        title=f"Protokół przyjęcia zwrotu lub reklamacji {entry.name}",
        author=entry.shop.legal_name or entry.shop.name,
        creator="Comeback",
        lang="pl",
        invariant=1,
    )
    sheet.build(_story(entry))
    return target.getvalue()


def _story(entry: RegisterEntry) -> list[Flowable]:
    data = entry.data
    return [
        Paragraph(f"Protokół przyjęcia zwrotu towaru lub reklamacji nr {_safe(entry.name)}", TITLE),
        _facts(entry),
        Spacer(0, 5 * mm),
        Paragraph("Towary", HEAD),
        _goods(data),
        Spacer(0, 5 * mm),
        Paragraph("Wartość zwracanych towarów i zwrócona kwota", HEAD),
        _amounts(data),
        Spacer(0, 5 * mm),
        Paragraph(_return_words(data), BODY),
        Spacer(0, 22 * mm),
        _signatures(),
        Spacer(0, 8 * mm),
        Paragraph("§ 3 ust. 3 rozporządzenia w sprawie kas rejestrujących (Dz.U. 2025 poz. 845).", SMALL),
    ]


def _safe(text: Any) -> str:
    """Text of others: one line, in drawing order, without markup."""
    return escape(visual(clean(str(text or "")), rtl=False))


def _facts(entry: RegisterEntry) -> Table:
    data, shop = entry.data, entry.shop
    address = shop.address or {}
    place = " ".join(str(address.get(name) or "") for name in ("line1", "postal_code", "city"))
    seller = ", ".join(filter(None, [shop.legal_name or shop.name, place.strip()]))
    rows = [
        ("Sprzedawca", seller),
        ("NIP", shop.tax_number),
        ("Nabywca", entry.reimbursement.order.name),
        ("Data sprzedaży", data["sold_on"]),
        ("Numer paragonu", data["receipt"]["number"]),
        ("Data zwrotu lub reklamacji", data["returned_on"]),
        ("Rodzaj", KINDS[data["kind"]]),
        ("Zamówienie", data["order"]),
        ("Numer zwrotu", data["rma"] or ""),
    ]
    cells = [[Paragraph(label, HEAD), Paragraph(_safe(value), BODY)] for label, value in rows]
    return _ruled(cells, [55 * mm, 111 * mm])


def _goods(data: dict[str, Any]) -> Table:
    head = [Paragraph(word, HEAD) for word in ("Nazwa", "Symbol", "Ilość")]
    rows = [
        [
            Paragraph(_safe(good["title"]), BODY),
            Paragraph(_safe(good["sku"]), BODY),
            Paragraph(_safe(good["quantity"] or ""), FIGURE),
        ]
        for good in data["goods"]
    ]
    return _ruled([head, *rows], [96 * mm, 45 * mm, 25 * mm])


def _amounts(data: dict[str, Any]) -> Table:
    words = ("Stawka VAT", "Wartość brutto", "W tym VAT", "Zwrócono brutto", "W tym VAT")
    back = {row["rate"]: row for row in data["refunded_rates"]}
    rows = []
    for row in data["rates"]:
        paid = back.get(row["rate"], row)
        figures = (_percent(row["rate"]), row["gross"], row["tax"], paid["gross"], paid["tax"])
        rows.append([Paragraph(_safe(figure), FIGURE) for figure in figures])
    return _ruled([[Paragraph(word, HEAD) for word in words], *rows], [30 * mm, 34 * mm, 34 * mm, 34 * mm, 34 * mm])


def _percent(rate: str) -> str:
    whole, _dot, decimals = rate.partition(".")
    digits = (whole + decimals.ljust(2, "0")[:2]).lstrip("0") or "0"
    rest = decimals[2:].rstrip("0")
    return f"{digits},{rest}%" if rest else f"{digits}%"


def _return_words(data: dict[str, Any]) -> str:
    part = "całość" if data["whole"] else "część"
    amount, currency = _safe(data["refunded"]["gross"]), _safe(data["currency"])
    return f"Zwrócono {part} należności: {amount} {currency}, w tym VAT {_safe(data['refunded']['tax'])} {currency}."


def _signatures() -> Table:
    cells = [[Paragraph("podpis sprzedawcy", SMALL), "", Paragraph("podpis nabywcy", SMALL)]]
    style = [("LINEABOVE", (0, 0), (0, 0), 0.6, RULE), ("LINEABOVE", (2, 0), (2, 0), 0.6, RULE)]
    return Table(cells, colWidths=[70 * mm, 26 * mm, 70 * mm], style=TableStyle(style))


def _ruled(cells: list[list[Any]], widths: list[float]) -> Table:
    style = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    return Table(cells, colWidths=widths, style=TableStyle(style), hAlign="LEFT", repeatRows=0)
