"""From the frozen label rows to the bytes that are printed; the same rows give the same bytes."""

from __future__ import annotations

from datetime import date

from returns.labels.data import Address, LabelData
from returns.labels.pdf import render_pdf
from returns.labels.qr import render_qr_png
from returns.labels.zpl import render_zpl
from returns.models import Label, Shipment


def label_data(label: Label) -> LabelData:
    """What one label says."""
    row = dict(label.data)
    locale = row["locale"]
    return LabelData(
        rma=row["rma"],
        shop=row["shop"],
        sender=Address.of(row["sender"], locale),
        recipient=Address.of(row["recipient"], locale),
        carrier=row["carrier"],
        service=row["service"],
        tracking_number=row["tracking_number"],
        qr_text=row["qr_text"],
        issued_on=date.fromisoformat(row["issued_on"]),
        locale=locale,
        parcel=row["parcel"],
        parcels=row["parcels"],
        contents=row.get("contents", ""),
        ref=row.get("ref", ""),
    )


def _all(shipment: Shipment) -> list[LabelData]:
    return [label_data(label) for label in shipment.labels.order_by("parcel")]


def label_pdf(shipment: Shipment) -> bytes:
    """All labels of a shipment, a page for each parcel."""
    return render_pdf(*_all(shipment))


def label_zpl(shipment: Shipment) -> bytes:
    """All labels of a shipment for a Zebra printer."""
    return "".join(render_zpl(data) for data in _all(shipment)).encode()


def label_png(shipment: Shipment) -> bytes:
    """The QR of the first label; all parcels of a shipment share it."""
    return render_qr_png(_all(shipment)[0])
