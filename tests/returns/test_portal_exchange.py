"""The customer picks something else in the portal: sizes in stock, a search, the difference before deciding."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from customers.actions import upsert_product
from customers.models import OrderLine, Product
from returns.models import Return
from tests.returns.test_portal import an_order, choose, look_up, tell

pytestmark = pytest.mark.django_db
ASK = {"stage": "choice", "resolution": "exchange"}


def shelf(sku: str, price: str = "100.00", stock: int | None = 3, **more: Any) -> Product:
    body = {"sku": sku, "title": f"Tee {sku}", "price": price, "currency": "EUR", "stock": stock, **more}
    return upsert_product(body)[0]


def sizes() -> None:
    for size, stock in (("S", 3), ("M", 3), ("L", 0)):
        shelf(f"TEE-{size}", stock=stock, variant_of="TEE-ALL", options={"size": size})
    Product.objects.filter(sku="TEE-M").update(sku=OrderLine.objects.get().sku)


@pytest.fixture
def guest(client: Client) -> Client:
    an_order()
    sizes()
    look_up(client)
    choose(client)
    return client


def page(answer: Any) -> str:
    return str(answer.content.decode())


def test_without_anything_on_the_shelf_no_exchange_is_offered(client: Client) -> None:
    an_order()
    look_up(client)
    choose(client)
    assert 'value="exchange"' not in page(tell(client, stage="reasons"))


def test_sizes_are_shown_with_what_is_sold_out(guest: Client) -> None:
    shown = page(tell(guest, **ASK, step="ask"))
    assert 'value="TEE-S"' in shown
    assert "sold out" in shown.partition('value="TEE-L"')[2][:300]


def test_going_on_without_a_choice_is_refused_with_words(guest: Client) -> None:
    answer = tell(guest, **ASK)
    assert answer.status_code == 422
    assert "Choose what you would like instead." in page(answer)


def test_the_difference_is_shown_before_deciding_and_kept_when_asked(guest: Client) -> None:
    shelf("CAP", "130.00", title="Blue cap")
    assert 'value="CAP"' in page(tell(guest, **ASK, step="find", **{"find-A": "cap"}))
    shown = page(tell(guest, **ASK, step="ask", **{"instead-A": "CAP"}))
    assert "Exchange, you pay" in shown
    assert tell(guest, **ASK, **{"instead-A": "CAP"}).headers["Location"] == "/return/review"
    assert "You pay the difference" in page(guest.get("/return/review"))
    assert guest.post("/return/review").status_code == 302
    rma = Return.objects.get()
    assert rma.resolution == "exchange"
    assert rma.items.get().exchange_for == [{"sku": "CAP", "quantity": 1}]


def test_what_is_gone_meanwhile_leads_back(guest: Client) -> None:
    tell(guest, **ASK, **{"instead-A": "TEE-S"})
    Product.objects.filter(sku="TEE-S").update(stock=0)
    assert guest.post("/return/review").headers["Location"] == "/return/options"
    assert not Return.objects.exists()


def test_nothing_found_says_so(guest: Client) -> None:
    assert "Nothing by this name is left" in page(tell(guest, **ASK, step="find", **{"find-A": "zeppelin"}))
