"""The bench's sections of the return document: receipts and inspections."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef

from inspections.models import Inspection, Receipt, ReceiptLine
from returns.documents import JSONList, Row, Section, instant, loaded, uid
from returns.models import Photo, Return

LINE_FIELDS = {"item": "item__uid", "sku": "sku", "quantity": "quantity", "damaged": "damaged", "note": "note"}


def _receipt_rows() -> JSONList:
    lines = ReceiptLine.objects.filter(receipt=OuterRef("pk")).order_by("pk")
    fields = {
        "uid": "uid",
        "rma": "rma__code",
        "location": "location__code",
        "parcel": "parcel",
        "note": "note",
        "received_at": "received_at",
        "lines": JSONList(lines, LINE_FIELDS),
    }
    return JSONList(Receipt.objects.filter(rma=OuterRef("pk")).order_by("pk"), fields)


def receipt_document(row: Row) -> Row:
    """A receipt as the API shows it: announced items, and what nobody announced."""
    lines = loaded(row["lines"])
    return {
        "id": uid(row["uid"]),
        "rma": row["rma"],
        "location": row["location"],
        "parcel": row["parcel"],
        "items": [
            {"item": uid(line["item"]), "quantity": line["quantity"], "damaged": line["damaged"]}
            for line in lines
            if line["item"]
        ],
        "unexpected": [
            {"sku": line["sku"], "quantity": line["quantity"], "note": line["note"]}
            for line in lines
            if not line["item"]
        ],
        "note": row["note"],
        "received_at": instant(row["received_at"]),
    }


def receipt_row(receipt: Receipt) -> Row:
    """A stored receipt in the form that `receipt_document` takes, without asking the database again."""
    lines: list[ReceiptLine] = getattr(receipt, "fresh_lines", None) or list(receipt.lines.select_related("item"))
    return {
        "uid": receipt.uid,
        "rma": receipt.rma.code if receipt.rma else None,
        "location": receipt.location.code,
        "parcel": receipt.parcel,
        "note": receipt.note,
        "received_at": receipt.received_at,
        "lines": [
            {
                "item": line.item.uid if line.item else None,
                "sku": line.sku,
                "quantity": line.quantity,
                "damaged": line.damaged,
                "note": line.note,
            }
            for line in lines
        ],
    }


RECEIPTS = Section("receipts", _receipt_rows, lambda rows, rma: [receipt_document(row) for row in rows])


def _inspection_rows() -> JSONList:
    photos = Photo.objects.filter(inspections=OuterRef("pk")).order_by("pk")
    fields = {
        "uid": "uid",
        "item": "item__uid",
        "quantity": "quantity",
        "checklist": "checklist",
        "grade": "grade",
        "outcome": "outcome",
        "disposition": "disposition",
        "note": "note",
        "inspected_at": "inspected_at",
        "photos": JSONList(photos, {"uid": "uid"}),
    }
    return JSONList(Inspection.objects.filter(rma=OuterRef("pk")).order_by("pk"), fields)


def inspection_document(row: Row) -> Row:
    """An inspection as the API shows it."""
    return {
        "id": uid(row["uid"]),
        "item": uid(row["item"]),
        "quantity": row["quantity"],
        "checklist": loaded(row["checklist"]),
        "grade": row["grade"],
        "outcome": row["outcome"],
        "disposition": row["disposition"],
        "note": row["note"],
        "photos": [uid(photo["uid"]) for photo in loaded(row["photos"])],
        "inspected_at": instant(row["inspected_at"]),
    }


def inspection_row(inspection: Inspection, photos: list[Any]) -> Row:
    """A stored inspection in the form that `inspection_document` takes."""
    names = ("uid", "quantity", "checklist", "grade", "outcome", "disposition", "note", "inspected_at")
    row: Row = {name: getattr(inspection, name) for name in names}
    return row | {"item": inspection.item.uid, "photos": [{"uid": photo} for photo in photos]}


def _present_inspections(rows: list[Row], rma: Return) -> list[Row]:
    return [inspection_document(row) for row in rows]


INSPECTIONS = Section("inspections", _inspection_rows, _present_inspections)
