"""The ledger for accounting, documents, and daily totals that tie out three ways."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actors import SYSTEM_ACTOR
from refunds.actions import totals
from refunds.actions.gateway_book import keep_entries
from refunds.actions.ledger_rows import COLUMNS
from refunds.actions.span import Span
from refunds.actions.totals import Totals, daily_totals
from refunds.gateways import RefundOutcome
from refunds.gateways.base import GatewayRefund
from refunds.models import GatewayEntry, Refund, Reimbursement
from tests.builders import (
    Api,
    Json,
    api_client,
    ask,
    card,
    inspect,
    line,
    pay,
    place,
    publish,
    read,
    receive,
    reimburse,
    units,
    whole_life,
)
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
INVOICE: Json = {
    "kind": "invoice",
    "number": "FV/2026/10/17",
    "issued_on": "2026-10-17",
    "ksef_number": "5260250274-20261017-ABCDEF-12",
    "allocation_number": "203456789",
    "buyer_tax_id": "PL5260250274",
}


@pytest.fixture
def api() -> Api:
    return api_client("admin")


def days(back: int = 0, ahead: int = 0) -> str:
    """A span around today."""
    today = timezone.localdate()
    return f"from={today - timedelta(days=back)}&to={today + timedelta(days=ahead)}"


def entries(api: Api, more: str = "") -> list[Json]:
    """The ledger of today."""
    answer = api.client.get(f"/api/v1/ledger?{days()}{more}", headers={"Authorization": f"Bearer {api.text}"})
    assert answer.status_code == 200, answer.content
    found = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert found["count"] == len(found["results"])
    return list(found["results"])


def table(api: Api, more: str = "") -> list[dict[str, str]]:
    """The same as CSV."""
    answer = api.client.get(
        f"/api/v1/ledger?{days()}&format=csv{more}", headers={"Authorization": f"Bearer {api.text}"}
    )
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def settled(api: Api, *rows: Any, document: Json | None = None, **wish: Any) -> tuple[Json, Json]:
    """An order of two tees and a book, one return of all of it, paid; the order and the reimbursement."""
    lines = [line("A", quantity=2, unit_price="61.50"), line("B", quantity=1, unit_price="10.80", tax_rate="0.08")]
    order = place(api, *lines, documents=[document or INVOICE])
    rma = whole_life(api, order, *(rows or [("A", 2), ("B", 1)]), **wish)
    return order, rma["reimbursements"][0]


def test_every_line_with_its_tax_and_the_invoice_that_it_corrects(api: Api) -> None:
    publish(api, auto_reimburse=False)
    order, made = settled(api)
    found = entries(api)
    lines = [row for row in found if row["book"] == "decision"]
    assert [(row["kind"], row["tax_rate"], row["net"], row["tax"], row["gross"]) for row in lines] == [
        ("item", "0.23", "100.00", "23.00", "123.00"),
        ("item", "0.08", "10.00", "0.80", "10.80"),
    ]
    for row in lines:
        assert tuple(row) == COLUMNS
        assert (row["order"], row["reimbursement"], row["reason"]) == (order["number"], made["id"], "too_small")
        assert (row["document_number"], row["document_date"]) == ("FV/2026/10/17", "2026-10-17")
        assert (row["ksef_number"], row["allocation_number"]) == (INVOICE["ksef_number"], "203456789")
        assert (row["buyer_tax_id"], row["customer_kind"]) == ("PL5260250274", "consumer")
        assert row["date"] == timezone.localdate().isoformat()
    money = [row for row in found if row["book"] == "money"]
    assert [(row["kind"], row["gross"], row["gateway"], row["payment"]) for row in money] == [
        ("refund", "133.80", "manual", "P1")
    ]


def test_nothing_before_it_is_settled_and_nothing_outside_of_the_days(api: Api) -> None:
    publish(api, auto_reimburse=False)
    order = place(api)
    rma = ask(api, order)
    receive(api, rma)
    inspect(api, rma)
    made = reimburse(api, rma)
    assert entries(api) == []
    pay(api, made)
    assert len(entries(api)) == 2
    Reimbursement.objects.update(settled_at=timezone.now() - timedelta(days=2))
    assert [row["book"] for row in entries(api)] == ["money"]


def test_fees_deductions_and_a_bonus_stand_by_themselves(api: Api) -> None:
    publish(
        api,
        auto_reimburse=False,
        bonus_credit_percent=10,
        rules=[{"name": "fee", "when": {}, "then": {"fee": {"fixed": "5.00", "percent": 0, "keep_shipping": True}}}],
    )
    customer = {"email": "b@example.com", "name": "B", "kind": "business"}
    order = place(api, line("A", quantity=1, unit_price="123.00"), customer=customer)
    rma = ask(api, order)
    receive(api, rma)
    inspect(api, rma)
    taken = [{"item": units(rma, ("A", 1))[0]["item"], "amount": "18.00", "reason": "=1+1"}]
    reimburse(api, rma, tender="store_credit", deductions=taken)
    found = entries(api)
    assert sorted((row["kind"], row["tax_rate"], row["gross"]) for row in found) == [
        ("bonus", None, "10.00"),
        ("credit_bonus", None, "10.00"),
        ("credit_issued", None, "100.00"),
        ("deduction", "0.23", "-18.00"),
        ("item", "0.23", "123.00"),
        ("restocking_fee", "0.23", "-5.00"),
    ]
    assert {row["credit"] for row in found if row["book"] == "store_credit"} == {
        read(api, rma)["reimbursements"][0]["store_credit"]["code"]
    }
    cells = table(api)
    assert [row["gross"] for row in cells if row["kind"] == "deduction"] == ["-18.00"]
    assert [row["reason"] for row in cells if row["kind"] == "deduction"] == ["'=1+1"]


@pytest.mark.parametrize("start", ["=", "-", "@", "\t=", "\r=", " =", "＝"])
def test_no_cell_is_a_formula(api: Api, start: str) -> None:
    publish(api, auto_reimburse=False)
    rma = ask(api, place(api))
    receive(api, rma)
    inspect(api, rma)
    item = units(rma, ("A", 1))[0]["item"]
    taken = [{"item": item, "amount": "1.00", "reason": f"{start}cmd|' /C calc'!A0"}]
    pay(api, reimburse(api, rma, deductions=taken))
    cells = table(api)
    assert [row["reason"][:1] for row in cells if row["kind"] == "deduction"] == ["'"]
    assert all(ord(letter) >= 32 for row in cells for cell in row.values() for letter in cell)


def test_only_the_currency_and_the_shop_that_were_asked_for(api: Api) -> None:
    publish(api, auto_reimburse=False)
    whole_life(api, place(api))
    whole_life(api, place(api, line("A", quantity=1, unit_price="1000"), currency="JPY"))
    assert {row["currency"] for row in entries(api, "&currency=jpy")} == {"JPY"}
    assert {row["currency"] for row in entries(api)} == {"EUR", "JPY"}
    assert len(entries(api, "&shop=main")) == 4
    assert entries(api, "&shop=other") == []


def test_a_key_of_another_channel_sees_nothing(api: Api) -> None:
    publish(api, auto_reimburse=False)
    _order, made = settled(api)
    stranger = api_client("refunds:write", channels=["elsewhere"])
    assert entries(stranger) == []
    assert stranger.get(f"/ledger/totals?{days()}").ok()["days"] == []
    assert stranger.get("/reimbursements?without_document=true").ok()["results"] == []
    paper = {"kind": "credit_note", "number": "KOR/1", "issued_on": timezone.localdate().isoformat()}
    with unchanged():
        stranger.post(f"/reimbursements/{made['id']}/documents", paper).refused(404, "not_found")


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "from=2026-01-01",
        "from=2026-02-01&to=2026-01-01",
        "from=2020-01-01&to=2026-01-01",
        "from=x&to=y",
        "from=2026-01-01&to=2026-01-02&format=xml",
        "from=2026-01-01&to=2026-01-02&x=1",
    ],
)
def test_days_that_cannot_be_read(api: Api, asked: str) -> None:
    api.get(f"/ledger?{asked}").refused(422, "invalid")


def test_the_ledger_needs_its_scope() -> None:
    api_client("orders:read").get(f"/ledger?{days()}").refused(403, "forbidden")


def test_statements_do_not_grow_with_rows(api: Api) -> None:
    publish(api, auto_reimburse=False)

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            entries(api)
            api.get(f"/ledger/totals?{days()}").ok()
            api.get("/reimbursements?without_document=true").ok()
        return len(caught)

    settled(api)
    few = statements()
    for _more in range(4):
        settled(api)
    assert len(entries(api)) == 15
    assert statements() == few


def test_a_document_is_recorded_once_and_takes_the_reimbursement_off_the_list(api: Api) -> None:
    publish(api, auto_reimburse=False)
    _order, made = settled(api)
    listed = api.get("/reimbursements?without_document=true").ok()["results"]
    assert [row["id"] for row in listed] == [made["id"]]
    today = timezone.localdate().isoformat()
    paper = {"kind": "correction_invoice", "number": "KOR/2026/11/3", "issued_on": today, "ksef_number": "K-1"}
    first = api.post(f"/reimbursements/{made['id']}/documents", paper).made()
    assert first["documents"] == [{**paper, "allocation_number": None}]
    with unchanged():
        assert api.post(f"/reimbursements/{made['id']}/documents", paper).ok()["documents"] == first["documents"]
        other = {**paper, "ksef_number": "K-2"}
        api.post(f"/reimbursements/{made['id']}/documents", other).refused(409, "conflict")
    assert api.get("/reimbursements?without_document=true").ok()["results"] == []
    assert [row["id"] for row in api.get("/reimbursements").ok()["results"]] == [made["id"]]
    assert api.get(f"/reimbursements/{made['id']}").ok()["documents"] == first["documents"]
    assert {row["correction_number"] for row in entries(api) if row["book"] == "decision"} == {"KOR/2026/11/3"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "receipt_return"},
        {"kind": "letter"},
        {"number": ""},
        {"issued_on": "2199-01-01"},
        {"issued_on": "yesterday"},
        {"extra": 1},
    ],
)
def test_a_document_that_cannot_be(api: Api, wrong: Json) -> None:
    publish(api, auto_reimburse=False)
    _order, made = settled(api)
    paper = {"kind": "credit_note", "number": "CN-1", "issued_on": timezone.localdate().isoformat(), **wrong}
    with unchanged():
        api.post(f"/reimbursements/{made['id']}/documents", paper).refused(422, "invalid")


def today_of(api: Api) -> Json:
    """The totals of today."""
    return dict(api.get(f"/ledger/totals?{days()}").ok())


def test_a_day_ties_out(api: Api) -> None:
    publish(api, auto_reimburse=False)
    settled(api)
    settled(api, ("A", 1))
    found = today_of(api)
    assert found["ties"] is True
    assert found["differences"] == []
    assert [(row["gateway"], row["decided"], row["refunded"], row["ledger"]) for row in found["days"]] == [
        ("manual", "195.30", "195.30", "195.30")
    ]


def test_a_tampered_total_shows(api: Api) -> None:
    publish(api, auto_reimburse=False)
    _order, made = settled(api)
    Reimbursement.objects.update(total=13_381)
    found = today_of(api)
    assert found["ties"] is False
    assert [(row["kind"], row["subject"], row["ours"], row["theirs"]) for row in found["differences"]] == [
        ("lines", made["id"], "133.81", "133.80")
    ]
    assert [(row["decided"], row["refunded"], row["ties"]) for row in found["days"]] == [("133.81", "133.80", False)]


def test_a_tampered_refund_shows(api: Api) -> None:
    publish(api, auto_reimburse=False)
    settled(api)
    Refund.objects.update(amount=13_379)
    assert [(row["kind"], row["ours"], row["theirs"]) for row in today_of(api)["differences"]] == [
        ("unpaid", "133.80", "133.79")
    ]


def test_store_credit_needs_no_refund_to_tie_out(api: Api) -> None:
    publish(api, auto_reimburse=False, bonus_credit_percent=5)
    settled(api, tender="store_credit")
    assert today_of(api) == {"ties": True, "days": [], "differences": []}


def test_a_part_that_is_paid_is_not_yet_decided(api: Api) -> None:
    publish(api, auto_reimburse=False)
    payments = [card("P1", "60.00"), card("P2", "40.00")]
    order = place(api, line("A", quantity=1, unit_price="100.00"), payments=payments)
    rma = ask(api, order)
    receive(api, rma)
    inspect(api, rma)
    made = reimburse(api, rma)
    api.post(f"/refunds/{made['refunds'][0]['id']}/mark-paid").ok()
    found = today_of(api)
    assert [(row["kind"], row["theirs"]) for row in found["differences"]] == [("unsettled", "40.00")]
    assert [(row["decided"], row["refunded"]) for row in found["days"]] == [("0.00", "40.00")]


def theirs(refund: Refund, **changes: Any) -> GatewayRefund:
    """What a gateway's ledger has of a refund of ours."""
    plain: dict[str, Any] = {
        "gateway_id": refund.gateway_refund_id, "key": refund.idempotency_key, "payment_reference": "pay_P1",
        "amount": refund.amount, "currency": refund.currency, "outcome": RefundOutcome.SUCCEEDED,
        "at": refund.succeeded_at,
    }  # fmt: skip
    return GatewayRefund(**{**plain, **changes})


def through(gateway: str) -> Refund:
    """The one refund, as if this gateway had made it."""
    refund = Refund.objects.get()
    refund.gateway, refund.gateway_refund_id = gateway, "re_1"
    refund.save(update_fields=["gateway", "gateway_refund_id"])
    return refund


def test_the_gateways_own_ledger_is_the_third_way(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "remote_gateways", lambda: [SimpleNamespace(code="fake")])
    publish(api, auto_reimburse=False)
    settled(api)
    refund = through("fake")
    assert [row["ledger"] for row in today_of(api)["days"]] == [None]
    # the gateway's clock is past midnight: the entry still belongs to the day of our refund
    assert refund.succeeded_at is not None
    keep_entries("fake", [theirs(refund, at=refund.succeeded_at + timedelta(hours=20))])
    assert [(row["refunded"], row["ledger"], row["ties"]) for row in today_of(api)["days"]] == [
        ("133.80", "133.80", True)
    ]
    keep_entries("fake", [theirs(refund, amount=13_000)])
    assert GatewayEntry.objects.count() == 1
    found = today_of(api)
    assert [(row["kind"], row["ours"], row["theirs"]) for row in found["differences"]] == [
        ("amount", "133.80", "130.00")
    ]
    assert [row["ties"] for row in found["days"]] == [False]


def test_what_only_one_side_has_is_listed(api: Api) -> None:
    publish(api, auto_reimburse=False)
    settled(api)
    refund = through("fake")
    keep_entries("fake", [theirs(refund, gateway_id="re_9", key="foreign", amount=500, at=datetime.now(UTC))])
    found = today_of(api)
    assert [(row["kind"], row["subject"]) for row in found["differences"]] == [
        ("only_here", str(refund.uid)),
        ("only_there", "re_9"),
    ]
    assert [(row["refunded"], row["ledger"]) for row in found["days"]] == [("133.80", "5.00")]


DAY = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from(["original", "store_credit", "bank_transfer"]),
        st.integers(0, 3000),
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=DAY, seen=st.booleans())
def test_a_random_day_ties_out_and_one_cent_shows(api: Api, day: list[tuple[int, str, int, bool]], seen: bool) -> None:
    Refund.objects.update(succeeded_at=timezone.now() - timedelta(days=9))
    Reimbursement.objects.update(settled_at=timezone.now() - timedelta(days=9))
    GatewayEntry.objects.all().delete()
    publish(api, auto_reimburse=False, bonus_credit_percent=5)
    for number, tender, deducted, bulk in day:
        _reimbursed(api, number, tender, deducted, bulk)
    if seen:
        through_fake()
    found = totals_of_today()
    assert found.differences == []
    assert all(row.ties for row in found.days)
    row = Reimbursement.objects.order_by("-pk")[0]
    Reimbursement.objects.filter(pk=row.pk).update(total=row.total + 1)
    assert [(one.kind, one.subject) for one in totals_of_today().differences] == [("lines", str(row.uid))]


def totals_of_today() -> Totals:
    """The totals as the action gives them."""
    today = timezone.localdate()
    return daily_totals(Span(first=today, last=today, actor=SYSTEM_ACTOR))


def _reimbursed(api: Api, number: int, tender: str, deducted: int, bulk: bool) -> None:
    order = place(api, line("A", quantity=number, unit_price="33.33"))
    rma = ask(api, order, ("A", number))
    receive(api, rma)
    inspect(api, rma, ("A", number))
    item = units(rma, ("A", 1))[0]["item"]
    taken = [{"item": item, "amount": f"{deducted / 100:.2f}", "reason": "worn"}] if deducted else []
    wish: Json = {"tender": tender, "deductions": taken}
    if tender == "bank_transfer":
        wish["payout"] = {"holder": "A. Nowak", "iban": "PL61109010140000071219812874"}
    if not bulk:
        wish["items"] = units(rma, ("A", number))
    pay(api, reimburse(api, rma, **wish))


def through_fake() -> None:
    """Today's refunds as if the fake gateway had made them, and its ledger read."""
    today = Refund.objects.filter(succeeded_at__gte=timezone.now() - timedelta(hours=1))
    for refund in today:
        refund.gateway, refund.gateway_refund_id = "fake", f"re_{refund.pk}"
        refund.save(update_fields=["gateway", "gateway_refund_id"])
    keep_entries("fake", [theirs(refund) for refund in today])
