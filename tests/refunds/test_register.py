"""The Polish register of returns: entries without gaps, their table, and the protocol to sign."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.utils import timezone
from pypdf import PdfReader

from accounts.actors import SYSTEM_ACTOR
from accounts.problems import WrongState
from customers.models import Shop
from refunds.actions.register import enter_in_register, enter_returns_of
from refunds.models import DocumentSeries, RegisterEntry, Reimbursement
from refunds.reactions import enter_in_register as react
from returns.models import Event, Return
from tests.builders import Api, Json, api_client, line, place, publish, whole_life
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year
RECEIPT: Json = {"kind": "receipt", "number": "000123/0456 ZBC2301987654", "issued_on": "2026-10-12"}
KETTLE = "Czajnik żółty „Zażółć”"


@pytest.fixture
def api() -> Api:
    client = api_client("admin")
    publish(client, auto_reimburse=False)
    address = {"line1": "Prosta 1", "postal_code": "00-001", "city": "Łódź", "country": "PL"}
    Shop.objects.filter(code="main").update(
        legal_name="Sklep Żabka & Syn sp. z o.o.", tax_number="5260250274", address=address
    )
    return client


def sold(api: Api, **changes: Any) -> Json:
    """A kettle at 23% and a book at 5%, with a receipt."""
    lines = [
        line("A", sku="KET-1", title=KETTLE, quantity=2, unit_price="61.50"),
        line("B", sku="BOOK", title="Książka", quantity=1, unit_price="21.00", tax_rate="0.05"),
    ]
    told: Json = {"currency": "PLN", "documents": [RECEIPT], **changes}
    return place(api, *lines, **told)


def back(api: Api, order: Json, *rows: Any, **wish: Any) -> Return:
    """A whole return of it, with what follows from its events."""
    rma = whole_life(api, order, *rows, **wish)
    found = Return.objects.get(code=rma["rma"])
    for event in Event.objects.filter(rma=found, kind="refund.succeeded"):
        react(event)
    return found


def entries(api: Api) -> list[Json]:
    """The register of the year."""
    return list(api.get(f"/register?year={YEAR}").ok()["results"])


def test_a_receipt_return_is_entered_with_gross_and_tax_by_rate(api: Api) -> None:
    order = sold(api)
    rma = back(api, order, ("A", 1, "change_of_mind"), ("B", 1, "change_of_mind"))
    (entry,) = entries(api)
    today = timezone.localdate().isoformat()
    assert entry["number"] == f"1/{YEAR}"
    assert (entry["sold_on"], entry["returned_on"], entry["entered_on"]) == ("2026-10-12", today, today)
    assert entry["goods"] == [
        {"title": KETTLE, "sku": "KET-1", "quantity": 1},
        {"title": "Książka", "sku": "BOOK", "quantity": 1},
    ]
    assert entry["rates"] == [
        {"rate": "0.23", "gross": "61.50", "tax": "11.50"},
        {"rate": "0.05", "gross": "21.00", "tax": "1.00"},
    ]
    assert entry["refunded_rates"] == entry["rates"]
    assert (entry["whole"], entry["refunded"]) == (True, {"gross": "82.50", "tax": "12.50"})
    assert entry["receipt"] == {"number": RECEIPT["number"], "issued_on": "2026-10-12"}
    assert (entry["order"], entry["rma"], entry["kind"]) == (order["number"], rma.code, "return")
    document = api.get(f"/reimbursements/{entry['reimbursement']}").ok()["documents"]
    assert [(row["kind"], row["number"]) for row in document] == [("receipt_return", f"1/{YEAR}")]


def test_a_part_paid_back_says_how_much(api: Api) -> None:
    order = sold(api)
    rma = whole_life(api, order, ("A", 1, "defective"))
    Reimbursement.objects.update(state="settled")
    made = Reimbursement.objects.get()
    made.lines.create(kind="deduction", line=made.lines.get().line, net=-1000, tax=-230, gross=-1230, tax_rate="0.23",
                      position=1)  # fmt: skip
    enter_returns_of(Return.objects.get(code=rma["rma"]), actor=SYSTEM_ACTOR)
    (entry,) = entries(api)
    assert (entry["kind"], entry["whole"]) == ("complaint", False)
    assert entry["rates"] == [{"rate": "0.23", "gross": "61.50", "tax": "11.50"}]
    assert entry["refunded_rates"] == [{"rate": "0.23", "gross": "49.20", "tax": "9.20"}]


@pytest.mark.parametrize(
    ("changes", "country"),
    [
        ({"documents": []}, "PL"),
        ({"documents": [RECEIPT, {"kind": "invoice", "number": "FV/1", "issued_on": None}]}, "PL"),
        ({"documents": [RECEIPT], "currency": "EUR"}, "IE"),
    ],
)
def test_other_sales_do_not_belong_into_it(api: Api, changes: Json, country: str) -> None:
    Shop.objects.filter(code="main").update(address={"country": country})
    rma = back(api, sold(api, **changes), ("A", 1))
    assert entries(api) == []
    with unchanged(), pytest.raises(WrongState):
        enter_in_register(rma.reimbursements.get(), actor=SYSTEM_ACTOR)


def test_once_however_often_it_is_told(api: Api) -> None:
    rma = back(api, sold(api), ("A", 1))
    with unchanged():
        for event in Event.objects.filter(rma=rma, kind="refund.succeeded"):
            react(event)
        assert enter_returns_of(rma, actor=SYSTEM_ACTOR) == 0
        assert enter_in_register(rma.reimbursements.get(), actor=SYSTEM_ACTOR)[1] is False
    assert len(entries(api)) == 1


def test_nothing_before_the_money_went_back(api: Api) -> None:
    rma = back(api, sold(api), ("A", 1))
    row = rma.reimbursements.get()
    RegisterEntry.objects.all().delete()
    Reimbursement.objects.update(state="processing")
    row.refresh_from_db()
    with unchanged(), pytest.raises(WrongState):
        enter_in_register(row, actor=SYSTEM_ACTOR)


def test_every_year_and_shop_begins_at_one(api: Api) -> None:
    for _number in range(3):
        back(api, sold(api), ("A", 1))
    assert [row["number"] for row in entries(api)] == [f"{n}/{YEAR}" for n in (1, 2, 3)]
    DocumentSeries.objects.update(year=YEAR - 1)
    RegisterEntry.objects.update(year=YEAR - 1)
    back(api, sold(api), ("A", 1))
    assert [row["number"] for row in entries(api)] == [f"1/{YEAR}"]
    assert len(api.get(f"/register?year={YEAR - 1}").ok()["results"]) == 3


def test_a_refused_entry_leaves_no_gap(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    rma = back(api, sold(api), ("A", 1))
    second = whole_life(api, sold(api), ("A", 1))
    found = Return.objects.get(code=second["rma"])
    with monkeypatch.context() as broken:
        broken.setattr("refunds.actions.register.keep_document", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            enter_returns_of(found, actor=SYSTEM_ACTOR)
    assert DocumentSeries.objects.get().last == 1
    enter_returns_of(found, actor=SYSTEM_ACTOR)
    assert [row.number for row in RegisterEntry.objects.order_by("number")] == [1, 2]
    assert rma.code != found.code


def test_the_register_as_a_table(api: Api) -> None:
    back(api, sold(api), ("A", 2), ("B", 1))
    answer = api.client.get(f"/api/v1/register?year={YEAR}&format=csv", headers={"Authorization": f"Bearer {api.text}"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["rate"], row["gross"], row["tax"]) for row in rows] == [
        ("0.23", "123.00", "23.00"),
        ("0.05", "21.00", "1.00"),
    ]
    assert rows[0]["goods"] == f"{KETTLE} (KET-1) x 2; Książka (BOOK) x 1"
    assert rows[0]["receipt_number"] == RECEIPT["number"]


@pytest.mark.parametrize("year", ["", "26", "20x6", "1999", "3000"])
def test_a_year_that_is_none(api: Api, year: str) -> None:
    api.get(f"/register?year={year}").refused(422, "invalid")


def test_the_protocol_can_be_read_and_signed(api: Api) -> None:
    back(api, sold(api), ("A", 1), ("B", 1))
    (entry,) = entries(api)
    answer = api.get(f"/register/{entry['id']}/protocol.pdf")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    text = "\n".join(page.extract_text() for page in reader.pages)
    for words in (
        f"Protokół przyjęcia zwrotu towaru lub reklamacji nr 1/{YEAR}", "Sklep Żabka & Syn sp. z o.o.", "Łódź",
        "5260250274", KETTLE, "KET-1", "A. Nowak", RECEIPT["number"], "2026-10-12", "zwrot towaru", "23%", "61.50",
        "11.50", "5%", "Zwrócono całość należności: 82.50 PLN", "podpis sprzedawcy", "podpis nabywcy",
    ):  # fmt: skip
        assert words in text, words
    assert api.get(f"/register/{entry['id']}/protocol.pdf").content == answer.content


def test_another_shops_protocol_is_no_protocol(api: Api) -> None:
    back(api, sold(api), ("A", 1))
    (entry,) = entries(api)
    stranger = api_client("refunds:read", channels=["elsewhere"])
    assert stranger.get(f"/register?year={YEAR}").ok()["results"] == []
    stranger.get(f"/register/{entry['id']}/protocol.pdf").refused(404, "not_found")
    api_client("orders:read").get(f"/register?year={YEAR}").refused(403, "forbidden")
