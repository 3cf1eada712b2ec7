"""From the frozen label rows to the bytes that are printed; the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from customers.models import Shop
from returns.labels.data import Address, LabelData
from returns.labels.letter import LetterData, Part, render_letter
from returns.labels.pdf import render_pdf
from returns.labels.qr import render_qr_png
from returns.labels.zpl import render_zpl
from returns.models import Label, Return, Shipment, Withdrawal


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


def acknowledgement_pdf(row: Withdrawal) -> bytes:
    """The acknowledgement of a statement of withdrawal, from its frozen words."""
    ack = row.ack
    parts = [Part(ack["intro"], after=12), *map(Part, ack["lines"]), Part("", 4)]
    parts += [Part(line) for line in ack["after"]]
    own = ack.get("own_fingerprint", "{sha256}").format(sha256=row.ack_sha256)
    parts += [Part("", 4), Part(ack["fingerprint"], 8), Part(own, 8)]
    return render_letter(LetterData(ack["subject"], _shop_lines(row, ack["language"]), parts, ack["language"]))


def answer_pdf(rma: Return, *, title: str, text: str, written_on: str, locale: str) -> bytes:
    """The answer to a complaint as a letter: the words of its mail, to the customer, on the shop's paper."""
    reader = Address.of(rma.order_version.document.get("ship_to") or {"name": rma.order.name}, locale)
    parts = [Part("\n".join([reader.name, *reader.lines])), Part(written_on, after=14)]
    parts += [Part(paragraph) for paragraph in text.strip().split("\n\n")]
    return render_letter(LetterData(title, _letterhead(rma.shop, locale), parts, locale))


def _shop_lines(row: Withdrawal, locale: str) -> str:
    return _letterhead(row.shop, locale)


def _letterhead(shop: Shop, locale: str) -> str:
    return "\n".join([shop.legal_name or shop.name, *Address.of(shop.address, locale).lines])


def proof_pdf(row: Withdrawal, proof: Mapping[str, Any]) -> bytes:
    """The proof bundle on paper: the statement, the acknowledgement, and the chain of the log."""
    parts = [Part(f"{name}: {value}") for name, value in _rows(proof)]
    parts += [Part("Acknowledgement", 12, bold=True), *map(Part, [*row.ack["lines"], *row.ack["after"]])]
    parts.append(Part("Log", 12, bold=True))
    for event in proof["events"]:
        parts.append(Part(f"{event['seq']}. {event['kind']}, {event['at']}", bold=True, after=2))
        parts += [Part(event["preimage"], 7.5, after=2), Part(f"SHA-256 {event['hash']}", 7.5)]
    parts.append(Part(proof["how_to_check"], 8))
    return render_letter(LetterData(f"Withdrawal {row.ref}: proof", _shop_lines(row, "en"), parts))


def _item(item: Any) -> str:
    return (
        item if isinstance(item, str) else " x ".join(str(item[name]) for name in ("quantity", "line") if name in item)
    )


def _verdict(judged: Mapping[str, Any]) -> str:
    names = ("title", "profile", "version", "right", "start", "last_day", "exclusion", "refund_due", "refund_latest")
    return ", ".join(f"{name} {judged[name]}" for name in names if judged.get(name))


def _fate(told: Mapping[str, Any]) -> str:
    return f"{told['status']}, queued {told['queued_at']}, sent {told['sent_at'] or 'not yet'}, to {told['to']}"


def _money(told: Mapping[str, Any] | None) -> str:
    if told is None:
        return ""
    paid = ", ".join(told["paid_at"]) or "not yet"
    return f"due {told['due']}, at the latest {told['latest']}, goods back {told['goods_received_at']}, paid {paid}"


def _rows(proof: Mapping[str, Any]) -> list[tuple[str, Any]]:
    content, order = proof["content"], proof["matched_order"]
    typed, stated = content["as_typed"], content["statement"]
    evaluation = proof["evaluation"] or {}
    rows = [
        ("Reference", proof["ref"]),
        ("Received", f"{proof['received_at']['utc']} ({proof['received_at']['local']} {content['zone']})"),
        ("Channel", content["channel"]),
        ("Name", typed["name"]),
        ("Contract as typed", typed["contract_details"]),
        ("Acknowledgement to", typed["means"]),
        ("Statement", stated["verbatim"]),
        ("Items", "; ".join(map(_item, stated["scope_items"])) or "the whole contract"),
        ("Recorded by", proof["recorded_by"]),
        ("Order", f"{order['channel']} {order['number']}" if order else None),
        ("Return", proof["return"]),
        *[("Law", _verdict(each)) for each in evaluation.get("items", [])],
        ("Statement sent", content["dispatched_at"]),
        ("Seen by", "; ".join(f"{each['actor']} {each['what']} {each['at']}" for each in proof["seen_by"])),
        ("Acknowledgement", _fate(proof["acknowledgement"])),
        ("Money", _money(proof["refund_chain"])),
        ("Function looked at", "{checks} times up to {last_at}".format(**proof["availability"])),
        ("Function away", "; ".join(each["at"] for each in proof["availability"]["failed"])),
        ("SHA-256 of the content", proof["content_sha256"]),
        ("SHA-256 of the acknowledgement", proof["acknowledgement"]["sha256"]),
    ]
    return [(name, value) for name, value in rows if value]
