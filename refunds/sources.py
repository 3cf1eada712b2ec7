"""Files that move in from another system: returns as NDJSON or CSV, store credits as CSV."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext as _

from customers.sources.csv_rows import Layout, Row, decompressed, rows_laid_out
from customers.sources.grouping import Seen
from customers.sources.ndjson import BOM, read_ndjson
from customers.sources.results import RefusedRow, SourceOrder, SourceUnreadable

Sourced = SourceOrder | RefusedRow

RETURN_COLUMNS = ("reference", "channel", "order", "status", "requested_at", "line", "quantity", "reason")
OF_RETURN = (
    "resolution", "method", "requested_by", "locale", "decided_at", "sent_at", "received_at", "inspected_at",
    "closed_at", "decided_by", "decline_reason", "decline_message",
)  # fmt: skip
OF_ITEM = ("authorized", "received", "accepted", "rejected", "cancelled", "missing", "waived")
OF_REFUND = (
    "refunded", "refunded_amount", "refunded_at", "refund_tender", "refund_payment", "refund_reference",
    "refunded_shipping",
)  # fmt: skip
RETURNS = Layout(
    RETURN_COLUMNS, ("comment", "carrier", "tracking_number", *OF_RETURN, *OF_ITEM, *OF_REFUND), closed=True
)
CREDITS = Layout(("code", "amount", "currency"), ("email", "expires_on", "reference", "shop"), closed=True)
MOST_ROWS = 1000


def read_returns(binary: IO[bytes]) -> Iterator[Sourced]:
    """Return documents, NDJSON or CSV, gzip or not; a reference that comes twice is refused the second time.

    Raises SourceUnreadable.
    """
    try:
        opened = io.BufferedReader(decompressed(binary))
        start = opened.peek(64).removeprefix(BOM).lstrip()[:1]
        found = read_ndjson(opened) if start in (b"{", b"") else _from_rows(rows_laid_out(opened, RETURNS))
        yield from _once(found)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceUnreadable(_("The file breaks off or is damaged: %(error)s.") % {"error": error}) from error


def _once(found: Iterator[Sourced]) -> Iterator[Sourced]:
    seen = Seen()
    for each in found:
        if isinstance(each, SourceOrder) and reference_of(each) and not seen.first_time(reference_of(each)):
            detail = _("The file has this reference already. The rows of a return stand together.")
            yield from (RefusedRow(row, "duplicate", detail, reference_of(each)) for row in each.rows)
        else:
            yield each


def reference_of(sourced: SourceOrder) -> str:
    """How the other system calls the return."""
    return str(sourced.document.get("reference") or "")


def _from_rows(rows: Iterator[Row | RefusedRow]) -> Iterator[Sourced]:
    """Rows of one reference that stand together make one return."""
    pending: list[Row] = []
    for row in rows:
        if isinstance(row, RefusedRow):
            yield row
            continue
        if pending and (pending[0].cells["reference"] != row.cells["reference"] or len(pending) >= MOST_ROWS):
            yield from _return_of(pending)
            pending = []
        pending.append(row)
    if pending:
        yield from _return_of(pending)


def _return_of(rows: list[Row]) -> Iterator[Sourced]:
    lines = tuple(row.line for row in rows)
    try:
        yield SourceOrder(_document(rows), lines)
    except ValueError:
        detail = _("Quantities are whole numbers.")
        yield from (RefusedRow(line, "bad_number", detail, rows[0].cells["reference"] or "") for line in lines)


def _document(rows: list[Row]) -> dict[str, Any]:
    first = {name: next((row.cells[name] for row in rows if row.cells[name]), None) for name in rows[0].cells}
    document: dict[str, Any] = {name: first[name] for name in ("reference", "status", "requested_at", *OF_RETURN)}
    document["order"] = {"channel": first["channel"], "number": first["order"]}
    document["items"] = [_item(row) for row in rows]
    document["refunds"] = _refunds(rows)
    if first["carrier"] or first["tracking_number"]:
        document["shipment"] = {"carrier": first["carrier"], "tracking_number": first["tracking_number"]}
    return _given(document)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _item(row: Row) -> dict[str, Any]:
    item: dict[str, Any] = {name: row.cells[name] for name in ("line", "reason", "comment")}
    for name in ("quantity", *OF_ITEM):
        text = row.cells[name]
        item[name] = None if text is None else _whole(text)
    return _given(item)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(text)
    return int(text)


def _refunds(rows: list[Row]) -> list[dict[str, Any]]:
    """A refund for each payment, instant and reference; what a row says of money counts for its own line."""
    found: dict[tuple[str | None, ...], dict[str, Any]] = {}
    for row in rows:
        cells = row.cells
        if cells["refunded"] is None or not _whole(cells["refunded"]):
            continue
        names = ("refunded_at", "refund_tender", "refund_payment", "refund_reference")
        at, tender, payment, reference = (cells[name] for name in names)
        key = (at or cells["closed_at"], tender, payment, reference)
        refund = found.setdefault(key, {"at": key[0], "tender": tender, "items": []})
        units = {"line": cells["line"], "quantity": _whole(cells["refunded"]), "amount": cells["refunded_amount"]}
        refund["items"].append(_given(units))
        if cells["refunded_shipping"]:
            refund["shipping"] = cells["refunded_shipping"]
        if payment or reference:
            refund["payments"] = [_given({"payment": payment, "reference": reference})]
    return [_given(refund) for refund in found.values()]


def read_credits(binary: IO[bytes]) -> Iterator[Row | RefusedRow]:
    """The rows of a CSV of store credits. Raises SourceUnreadable."""
    return rows_laid_out(binary, CREDITS)
