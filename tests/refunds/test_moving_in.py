"""Returns of another system move in with their past: once, quietly, under every ceiling, and open ones live on."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from customers.models import Order, OrderLine, OrderPayment
from inspections.models import Inspection, StockMovement
from notifications.models import Message
from refunds.models import Refund, Reimbursement
from returns.events import hash_of
from returns.models import Event, Note, Return, Shipment
from returns.outbox import dispatch_all
from tests.builders import (
    Api,
    ask,
    card,
    command,
    days_ago,
    finding,
    line,
    order_document,
    pay,
    place,
    read,
    receive,
    reimburse,
)

pytestmark = pytest.mark.django_db
Json = dict[str, Any]


def past(order: Json, status: str = "resolved", *items: Json, **changes: Any) -> Json:
    """A return of one unit of line A, asked for forty days ago."""
    return {
        "reference": "OLD-1",
        "order": {"channel": order["channel"], "number": order["number"]},
        "status": status,
        "requested_at": days_ago(8),
        "items": list(items) or [{"line": "A", "quantity": 1, "reason": "too_small"}],
        **changes,
    }


def units(quantity: int, **more: Any) -> Json:
    """The items of a return: so many units of line A."""
    return {"items": [{"line": "A", "quantity": quantity, "reason": "style", **more}]}


def repaid(quantity: int = 1, amount: str | None = None, **changes: Any) -> Json:
    """A refund for units of line A, three days ago."""
    units: Json = {"line": "A", "quantity": quantity}
    return {"at": days_ago(3), "items": [units | ({"amount": amount} if amount else {})], **changes}


def move_in(tmp_path: Path, *documents: Json) -> tuple[str, list[Json]]:
    """What the command says, and the refused rows."""
    file = tmp_path / "returns.ndjson"
    file.write_text("".join(json.dumps(document) + "\n" for document in documents))
    return run(file)


def run(file: Path) -> tuple[str, list[Json]]:
    said, report = io.StringIO(), file.parent / "refused.csv"
    call_command("import_returns", file, report=report, stdout=said)
    if not report.exists():
        return said.getvalue(), []
    with report.open() as text:
        return said.getvalue(), list(csv.DictReader(text))


def refusal(tmp_path: Path, document: Json) -> tuple[str, str]:
    """The code and the words for a document that must be refused, with nothing left of it."""
    _said, rows = move_in(tmp_path, document)
    assert not Return.objects.exists()
    assert not Event.objects.exists()
    assert not OrderLine.objects.exclude(claimed=0, refunded_units=0, refunded_gross=0).exists()
    assert not OrderPayment.objects.exclude(refunded=0).exists()
    [row] = rows
    return row["code"], row["detail"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_resolved_return_moves_in_with_its_dates_decision_and_money(tmp_path: Path, api: Api, order: Json) -> None:
    document = past(
        order,
        decided_at=days_ago(7), sent_at=days_ago(6), received_at=days_ago(5), inspected_at=days_ago(4),
        closed_at=days_ago(2), decided_by="Dana",
        items=[{"line": "A", "quantity": 2, "reason": "defective", "comment": "A\nhole", "inspections": [
            {"quantity": 1, "grade": "B", "outcome": "accepted", "disposition": "liquidate", "note": "Stain"},
            {"quantity": 1, "grade": "D", "outcome": "rejected", "disposition": "quarantine"}]}],
        refunds=[repaid(1, "90.00", payments=[{"payment": "P1", "amount": "90.00", "reference": "re_1"}])],
        shipment={"carrier": "dhl", "tracking_number": "JD0001"},
        notes=[{"at": days_ago(5), "text": "Called.", "author": "Dana"}],
    )  # fmt: skip
    said, refused = move_in(tmp_path, document)
    assert refused == []
    assert said.startswith("Returns: 1 new, in ")
    rma = Return.objects.get()
    assert (rma.status, rma.imported_from, rma.refunded) == ("resolved", "OLD-1", 9000)
    assert rma.created_at == at(document["requested_at"])
    assert rma.decided_at == at(document["decided_at"])
    assert rma.resolved_at == at(document["closed_at"])
    item = rma.items.get()
    assert (item.requested, item.authorized, item.received, item.accepted, item.rejected, item.refunded) == (
        2,
        2,
        2,
        1,
        1,
        1,
    )
    found = Inspection.objects.order_by("pk").values_list("grade", "outcome", "inspected_at")
    assert list(found) == [
        ("B", "accepted", at(document["inspected_at"])),
        ("D", "rejected", at(document["inspected_at"])),
    ]
    assert rma.receipts.get().received_at == at(document["received_at"])
    assert Shipment.objects.get().state == "delivered"
    assert Note.objects.get().created_at == at(document["notes"][0]["at"])
    assert [(row.outcome, row.created_at) for row in rma.decisions.all()] == [
        ("authorized", at(document["decided_at"]))
    ]
    refund = Refund.objects.get()
    assert (refund.state, refund.amount, refund.gateway_refund_id) == ("succeeded", 9000, "re_1")
    assert refund.succeeded_at == refund.created_at == at(document["refunds"][0]["at"])
    made = Reimbursement.objects.get()
    assert (made.state, made.total, made.created_at) == ("settled", 9000, refund.created_at)
    assert [(row.kind, row.gross) for row in made.lines.order_by("position")] == [("item", 9667), ("deduction", -667)]


def test_what_was_refunded_counts_against_every_ceiling(tmp_path: Path, api: Api, order: Json) -> None:
    move_in(tmp_path, past(order, refunds=[repaid(1, "90.00", shipping="39.98")]))
    row = Order.objects.get()
    assert row.refunded == 12998
    assert row.payments.get().refunded == 12998
    line_a = row.lines.get()
    assert (line_a.claimed, line_a.refunded_units, line_a.refunded_gross, line_a.withheld_gross) == (1, 1, 9667, 667)
    assert row.shipping.get().refunded_gross == 3998
    left = api.get(f"/orders/{order['id']}/refundable").ok()
    assert left["payments"] == [{"id": "P1", "amount": "200.00"}]
    assert left["shipping"] == [{"id": "S", "amount": "0.00"}]
    body = {"order": {"id": order["id"]}, "items": [{"line": "A", "quantity": 3, "reason": "too_small"}]}
    assert api.post("/returns", body).refused(422, "over_quantity")["max"] == 2


def test_the_rest_of_the_order_closes_to_the_cent(tmp_path: Path, api: Api, order: Json) -> None:
    """R1: what is refunded here and there adds up to what was paid for the goods."""
    move_in(tmp_path, past(order, refunds=[repaid()]))
    rma = ask(api, order, ("A", 2))
    receive(api, rma)
    api.post(f"/returns/{rma['rma']}/inspections", {"items": [finding(rma, "A", 2)]}).made()
    pay(api, reimburse(api, rma, shipping="none"))
    assert read(api, rma)["status"] == "resolved"
    assert Order.objects.get().lines.get().refunded_gross == 29000
    assert sum(Refund.objects.values_list("amount", flat=True)) == 29000


def test_more_than_the_share_is_goodwill_under_the_ceiling(tmp_path: Path, order: Json) -> None:
    move_in(tmp_path, past(order, refunds=[repaid(1, "100.00")]))
    line_a = Order.objects.get().lines.get()
    assert (line_a.refunded_gross, line_a.extra_gross) == (9667, 333)
    assert Return.objects.get().refunded == 10000


def test_two_payments_and_two_refunds(tmp_path: Path, api: Api) -> None:
    order = place(api, payments=[card("P1", "300.00"), card("P2", "29.98", kind="gift_card")])
    both = [{"payment": "P1", "amount": "80.00"}, {"payment": "P2", "amount": "16.67"}]
    item = {"line": "A", "quantity": 2, "reason": "style"}
    move_in(
        tmp_path, past(order, "resolved", item, refunds=[repaid(payments=both), repaid(payments=[{"payment": "P1"}])])
    )
    assert list(OrderPayment.objects.order_by("pk").values_list("refunded", flat=True)) == [17666, 1667]
    assert Return.objects.get().refunded == 19333


def test_store_credit_of_the_past_takes_units_and_no_payment(tmp_path: Path, order: Json) -> None:
    move_in(tmp_path, past(order, refunds=[repaid(tender="store_credit")]))
    assert (Return.objects.get().refunded, Order.objects.get().refunded) == (9667, 9667)
    assert OrderPayment.objects.get().refunded == 0
    assert not Refund.objects.exists()


def test_a_kit_moves_in_by_its_components(tmp_path: Path, api: Api) -> None:
    parts = [
        {"id": f"P{n}", "sku": f"P{n}", "title": "Part", "quantity": 2 * n, "pieces": n, "parent": "A",
         "unit_price": "0.00", "tax_rate": "0.23"} for n in (1, 2)
    ]  # fmt: skip
    order = place(api, line(quantity=2), *parts)
    move_in(tmp_path, past(order, refunds=[repaid()]))
    rows = OrderLine.objects.order_by("position").values_list("external_id", "claimed", "refunded_units")
    assert list(rows) == [("A", 1, 0), ("P1", 1, 1), ("P2", 2, 2)]
    # each component is within one minor unit of its share
    assert abs(sum(OrderLine.objects.values_list("refunded_gross", flat=True)) - 10000) <= 1


def test_nobody_is_told_and_nothing_moves(tmp_path: Path, api: Api, order: Json) -> None:
    for number, status in enumerate(("requested", "declined", "authorized")):
        move_in(tmp_path, past(order, status, reference=f"N{number}"))
    dispatch_all()
    assert not Message.objects.exists()
    assert not Shipment.objects.exists()
    assert not StockMovement.objects.exists()
    assert Return.objects.count() == 3


def test_the_log_tells_it_in_order_at_its_own_instants(tmp_path: Path, order: Json) -> None:
    document = past(
        order, decided_at=days_ago(7), received_at=days_ago(5), inspected_at=days_ago(4), closed_at=days_ago(3),
        refunds=[repaid(at=days_ago(6))],
    )  # fmt: skip
    move_in(tmp_path, document)
    events = list(Event.objects.order_by("seq"))
    assert [event.kind for event in events] == [
        "return.requested", "return.authorized", "reimbursement.opened", "refund.succeeded", "parcel.received",
        "inspection.completed", "return.resolved", "return.imported",
    ]  # fmt: skip
    moments = [event.at for event in events]
    assert moments == sorted(moments)
    assert moments[0] == at(document["requested_at"])
    assert [event.data.get("to") for event in events if "to" in event.data] == [
        "requested", "authorized", "received", "inspected", "resolved",
    ]  # fmt: skip
    before = ""
    for event in events:
        assert event.previous_hash == before
        assert event.hash == hash_of(event)
        assert event.dispatched_at is not None
        before = event.hash


def test_again_changes_nothing(tmp_path: Path, order: Json) -> None:
    document = past(order, refunds=[repaid()])
    move_in(tmp_path, document)
    before = list(Event.objects.values_list("hash", flat=True))
    said, refused = move_in(tmp_path, document)
    assert said.startswith("Returns: 1 known, in ")
    assert refused == []
    assert list(Event.objects.values_list("hash", flat=True)) == before
    assert (Return.objects.count(), Refund.objects.count()) == (1, 1)


def test_the_same_reference_twice_in_a_file_is_a_mistake(tmp_path: Path, order: Json) -> None:
    _said, rows = move_in(tmp_path, past(order), past(order, items=[{"line": "A", "quantity": 2, "reason": "style"}]))
    assert [(row["row"], row["code"], row["order"]) for row in rows] == [("2", "duplicate", "OLD-1")]


def test_the_reference_finds_it(tmp_path: Path, api: Api, order: Json) -> None:
    move_in(tmp_path, past(order, reference="Zwrot-77"))
    found = api.get("/returns?q=zwrot-77").ok()["results"]
    assert [row["status"] for row in found] == ["resolved"]
    document = api.get(f"/returns/{found[0]['rma']}").ok()
    assert document["items"][0]["decision"]["outcome"] == "authorized"


@pytest.mark.parametrize("status", ["requested", "authorized", "in_transit", "received", "inspected"])
def test_an_open_one_lives_on_to_its_end(tmp_path: Path, api: Api, order: Json, status: str) -> None:
    shipment = {"carrier": "dhl", "tracking_number": "JD7"}
    move_in(tmp_path, past(order, status, {"line": "A", "quantity": 2, "reason": "style"}, shipment=shipment))
    rma = {"rma": Return.objects.get().code}
    rma = read(api, rma)
    assert rma["status"] == status
    if status == "requested":
        rma = command(api, rma, "authorize")
    if status in ("requested", "authorized", "in_transit"):
        receive(api, rma)
    if status != "inspected":
        api.post(f"/returns/{rma['rma']}/inspections", {"items": [finding(rma, "A", 2)]}).made()
    dispatch_all()
    assert not Reimbursement.objects.exists()
    pay(api, reimburse(api, rma, shipping="none"))
    dispatch_all()
    done = read(api, rma)
    assert (done["status"], done["amounts"]["refunded"]) == ("resolved", "193.33")
    assert Message.objects.exists()


def test_an_open_one_refunded_in_part_pays_only_the_rest(tmp_path: Path, api: Api, order: Json) -> None:
    move_in(tmp_path, past(order, "inspected", {"line": "A", "quantity": 3, "reason": "style"}, refunds=[repaid(2)]))
    rma = read(api, {"rma": Return.objects.get().code})
    assert rma["amounts"]["refunded"] == "193.33"
    made = reimburse(api, rma, shipping="none")
    assert made["total"] == "96.67"
    pay(api, made)
    assert read(api, rma)["status"] == "resolved"


def test_an_authorized_one_has_its_whole_time_here(tmp_path: Path, api: Api, order: Json) -> None:
    move_in(tmp_path, past(order, "authorized", requested_at=days_ago(8), decided_at=days_ago(8)))
    rma = Return.objects.get()
    assert rma.expires_at is not None
    assert (rma.expires_at - timezone.now()).days >= 29


def test_declined_and_cancelled_ones_hold_no_units(tmp_path: Path, api: Api, order: Json) -> None:
    for number, status in enumerate(("declined", "cancelled", "expired")):
        item = {"line": "A", "quantity": 3, "reason": "style"}
        _said, refused = move_in(tmp_path, past(order, status, item, reference=f"R{number}", decline_reason="worn"))
        assert refused == []
    assert OrderLine.objects.get().claimed == 0
    declined = Return.objects.get(status="declined")
    assert (declined.decline_reason, declined.decisions.get().outcome) == ("worn", "declined")
    reopened = command(api, {"rma": declined.code}, "reopen")
    assert reopened["status"] == "requested"
    assert OrderLine.objects.get().claimed == 3


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"status": "lost"}, "invalid", "/status"),
        ({"colour": "red"}, "invalid", "/colour"),
        ({"requested_at": "yesterday"}, "invalid", "/requested_at"),
        ({"requested_at": days_ago(-2)}, "invalid", "future"),
        ({"decided_at": days_ago(20)}, "invalid", "before"),
        ({"order": {"channel": "web", "number": "none"}}, "not_found", "Import the orders first"),
        ({"order": None}, "invalid", "/order"),
        ({"items": []}, "invalid", "/items"),
        ({"items": [{"line": "Z", "quantity": 1, "reason": "style"}]}, "invalid", "/items/0/line"),
        (units(4), "over_quantity", "Only 3"),
        ({"items": [{"line": "A", "quantity": 1, "reason": "ugly"}]}, "invalid", "/items/0/reason"),
        (units(1, authorized=2), "invalid", "authorized"),
        (units(1, received=1, accepted=2), "invalid", "inspected"),
        ({"status": "received", **units(2, received=1)}, "invalid", "/status"),
        ({"status": "authorized", **units(2, received=1)}, "invalid", "/status"),
        ({"refunds": [repaid(2)]}, "invalid", "refunded"),
        ({"refunds": [repaid(1, "400.00")]}, "over_amount", ""),
        ({"refunds": [repaid(shipping="40.00")]}, "over_amount", "39.98"),
        ({"refunds": [repaid(1, "96.675")]}, "invalid", "/refunds/0/items/0/amount"),
        ({"refunds": [repaid(payments=[{"payment": "P9"}])]}, "mismatch", "P1"),
        ({"refunds": [repaid(payments=[{"payment": "P1", "amount": "10.00"}])]}, "mismatch", "96.67"),
        ({"status": "declined", "refunds": [repaid()]}, "invalid", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_whole(tmp_path: Path, order: Json, changes: Json, code: str, words: str) -> None:
    found, detail = refusal(tmp_path, past(order) | changes)
    assert found == code
    assert words in detail


def test_a_refund_never_moves_in_twice(tmp_path: Path, order: Json) -> None:
    paid = repaid(payments=[{"payment": "P1", "reference": "re_1"}])
    _said, rows = move_in(tmp_path, past(order, refunds=[paid]), past(order, reference="OLD-2", refunds=[paid]))
    assert [(row["row"], row["code"]) for row in rows] == [("2", "conflict")]
    assert OrderPayment.objects.get().refunded == 9667


def test_money_beyond_the_payment_is_refused(tmp_path: Path, api: Api) -> None:
    order = place(api, payments=[card("P1", "100.00")])
    _said, rows = move_in(tmp_path, past(order, refunds=[repaid()]), past(order, reference="OLD-2", refunds=[repaid()]))
    assert [(row["row"], row["code"]) for row in rows] == [("2", "over_amount")]
    assert "3.33" in rows[0]["detail"]


def test_a_bad_line_costs_only_itself(tmp_path: Path, order: Json) -> None:
    file = tmp_path / "returns.ndjson"
    good = [json.dumps(past(order, reference=f"G{n}")) for n in range(2)]
    file.write_text("\n".join([good[0], "{broken", "[1]", good[1]]))
    said, rows = run(file)
    assert "2 new" in said
    assert [(row["row"], row["code"]) for row in rows] == [("2", "malformed"), ("3", "malformed")]


COLUMNS = (
    "reference,channel,order,status,requested_at,line,quantity,reason,closed_at,"
    "refunded,refunded_amount,refund_reference,refunded_shipping"
)


def csv_of(tmp_path: Path, *rows: str, name: str = "returns.csv", columns: str = COLUMNS) -> Path:
    file = tmp_path / name
    data = "\n".join([columns, *rows]).encode()
    file.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    return file


@pytest.mark.parametrize("name", ["returns.csv", "returns.csv.gz"])
def test_a_csv_does_the_same(tmp_path: Path, api: Api, name: str) -> None:
    order = place(api, line("A", quantity=2), line("B", quantity=1))
    before, closed = days_ago(8), days_ago(2)
    start = f"web,{order['number']},resolved,{before}"
    said, rows = run(
        csv_of(
            tmp_path,
            f"C1,{start},A,2,too_small,{closed},1,90.00,re_1,", f"C1,{start},B,1,style,{closed},1,,re_1,",
            f"C2,{start},A,one,style,{closed},,,,", f"C3,{start},A,1,style,{closed},,,,",
            name=name,
        )
    )  # fmt: skip
    assert "1 new" in said
    assert [(row["row"], row["order"], row["code"]) for row in rows] == [
        ("4", "C2", "bad_number"), ("5", "C3", "over_quantity"),
    ]  # fmt: skip
    rma = Return.objects.get()
    assert (rma.imported_from, rma.refunded) == ("C1", 19000)
    assert Refund.objects.get().gateway_refund_id == "re_1"
    assert Refund.objects.get().succeeded_at == at(closed)
    assert [(i.line.external_id, i.refunded) for i in rma.items.order_by("position")] == [("A", 1), ("B", 1)]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (COLUMNS.replace("reason", "why"), "no column reason"),
        (COLUMNS.replace("refunded_amount", "refnded_amount"), "no column refnded_amount"),
    ],
)
def test_a_wrong_column_ends_the_command(tmp_path: Path, order: Json, columns: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(csv_of(tmp_path, columns=columns))


def test_a_broken_archive_ends_the_command(tmp_path: Path, order: Json) -> None:
    file = tmp_path / "returns.ndjson.gz"
    file.write_bytes(gzip.compress(json.dumps(past(order)).encode())[:-12])
    with pytest.raises(CommandError, match="breaks off"):
        run(file)


def test_the_example_of_the_documents_moves_in(tmp_path: Path, api: Api) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "moving-in.md").read_text()
    examples = [part.partition("\n```")[0] for part in text.split("```json\n")[1:]]
    documents = [json.loads(example) for example in examples]
    assert documents
    for document in documents:
        key = document["order"]
        api.post(
            "/orders", order_document(channel=key["channel"], number=key["number"], placed_at="2026-01-02T08:00:00Z")
        )
    _said, refused = move_in(tmp_path, *documents)
    assert refused == []
    table = next(part.partition("\n```")[0] for part in text.split("```csv\n")[1:])
    api.post("/orders", order_document(number="1002", placed_at="2026-01-02T08:00:00Z"))
    file = tmp_path / "table.csv"
    file.write_text(table)
    said, refused = run(file)
    assert refused == []
    assert "1 new" in said
