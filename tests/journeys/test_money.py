"""Lives that differ in their money: kits, several payments, store credit, other currencies, tax on top."""

from __future__ import annotations

from typing import Any

import pytest

from customers import money
from refunds.models import StoreCreditEntry
from tests.builders import (
    Api,
    Json,
    ask,
    card,
    command,
    inspect,
    line,
    place,
    publish,
    read,
    receive,
    reimburse,
    review,
    whole_life,
)

pytestmark = pytest.mark.django_db


def accepted(api: Api, order: Json, *rows: Any, **changes: Any) -> Json:
    """A return whose goods are all here and accepted."""
    rma = ask(api, order, *rows, **changes)
    command(api, rma, "authorize")
    receive(api, rma)
    inspect(api, rma, *(row[:2] for row in rows))
    return rma


def test_a_kit_is_split_by_its_components(api: Api) -> None:
    review(api)
    kit = line("K", sku="SET", quantity=2, unit_price="100.00", category="sets")
    cup = line("C", sku="CUP", quantity=4, unit_price="0.00", parent="K", pieces=2, share="130.09")
    pot = line("T", sku="POT", quantity=2, unit_price="0.00", parent="K", pieces=1, share="32.52")
    order = place(api, kit, cup, pot)
    whole = whole_life(api, order, ("K", 1))
    assert whole["amounts"]["refunded"] == "100.00"
    one_cup = whole_life(api, order, ("C", 1))
    body = {"order": {"id": order["id"]}, "items": [{"line": "K", "quantity": 1, "reason": "style"}]}
    assert api.post("/returns", body).refused(422, "over_quantity")["max"] == 0
    rest = whole_life(api, order, ("C", 1), ("T", 1))
    total = sum(money.parse(row["amounts"]["refunded"], "EUR") for row in (whole, one_cup, rest))
    assert total == 20000


def test_several_payments_give_back_each_up_to_its_own_rest(api: Api) -> None:
    review(api)
    payments = [
        card("gift", "50.00", kind="gift_card"),
        card("visa", "150.00"),
        card("blik", "100.00", kind="blik"),
    ]
    order = place(api, line(), payments=payments)
    first = reimburse(api, accepted(api, order, ("A", 2)))
    assert [(row["payment"], row["amount"]) for row in first["refunds"]] == [("blik", "100.00"), ("visa", "100.00")]
    second = reimburse(api, accepted(api, order, ("A", 1)))
    assert [(row["payment"], row["amount"]) for row in second["refunds"]] == [("visa", "50.00"), ("gift", "50.00")]
    left = api.get(f"/orders/{order['id']}/refundable").ok()
    assert {row["amount"] for row in left["payments"]} == {"0.00"}


def test_one_of_two_refunds_paid_leaves_it_partially_settled(api: Api) -> None:
    review(api)
    order = place(api, line(), payments=[card("a", "200.00"), card("b", "100.00")])
    rma = accepted(api, order, ("A", 3))
    made = reimburse(api, rma)
    api.post(f"/refunds/{made['refunds'][0]['id']}/mark-paid").ok()
    assert api.get(f"/reimbursements/{made['id']}").ok()["status"] == "partially_settled"
    assert read(api, rma)["status"] == "inspected"
    api.post(f"/refunds/{made['refunds'][1]['id']}/mark-paid").ok()
    assert read(api, rma)["status"] == "resolved"


def test_store_credit_with_a_bonus_on_top(api: Api, order: Json) -> None:
    publish(api, bonus_credit_percent=10, decision="review", auto_reimburse=False)
    rma = accepted(api, order, ("A", 1), resolution="store_credit")
    made = reimburse(api, rma)
    assert (made["tender"], made["refunds"], made["status"]) == ("store_credit", [], "settled")
    credit = api.get(f"/store-credits/{made['store_credit']['code']}").ok()
    assert (credit["balance"], credit["status"]) == ("106.34", "active")
    entries = StoreCreditEntry.objects.order_by("seq").values_list("kind", "amount")
    assert list(entries) == [("issued", 9667), ("bonus", 967)]
    assert read(api, rma)["status"] == "resolved"
    left = api.get(f"/orders/{order['id']}/refundable").ok()
    assert left["lines"][0]["amount"] == "193.33"


@pytest.mark.parametrize(
    ("currency", "price", "paid", "refunds"),
    [
        ("JPY", "1000", "2500", ["833", "834", "833"]),
        ("KWD", "1.000", "2.500", ["0.833", "0.834", "0.833"]),
    ],
)
def test_currencies_without_and_with_three_decimals(
    api: Api, currency: str, price: str, paid: str, refunds: list[str]
) -> None:
    review(api)
    less = "500" if currency == "JPY" else "0.500"
    order = place(api, line(unit_price=price), currency=currency, discount=less, payments=[card("P", paid)])
    lives = [whole_life(api, order) for _n in range(3)]
    assert [life["amounts"]["refunded"] for life in lives] == refunds
    assert {life["currency"] for life in lives} == {currency}


def test_prices_without_tax_give_the_tax_back_too(api: Api) -> None:
    review(api)
    order = place(api, line(unit_price="10.00", tax_rate="0.255"), prices_include_tax=False)
    made = reimburse(api, accepted(api, order, ("A", 2)))
    assert (made["net"], made["tax"], made["total"]) == ("20.00", "5.10", "25.10")
    assert made["tax_by_rate"] == {"0.255": "5.10"}


def test_delivery_comes_back_when_asked_for_and_only_once(api: Api, order: Json) -> None:
    review(api)
    rma = accepted(api, order, ("A", 1))
    refusal = api.post(f"/returns/{rma['rma']}/reimbursements", {"shipping": "39.99"}).refused(422, "over_amount")
    assert refusal["max"] == "39.98"
    made = reimburse(api, rma, shipping="30.00")
    assert made["total"] == "126.67"
    other = accepted(api, order, ("A", 1))
    assert api.post(f"/returns/{other['rma']}/reimbursements", {"shipping": "10.00"}).refused(422, "over_amount")
    assert reimburse(api, other, shipping="all")["total"] == "106.64"


def test_a_fee_and_a_deduction_lower_the_payout(api: Api) -> None:
    fee = {"fixed": "5.00", "percent": 10, "keep_shipping": True}
    rules = [{"name": "Fee", "when": {"categories": ["apparel"]}, "then": {"fee": fee}}]
    publish(api, rules=rules, decision="review", auto_reimburse=False)
    order = place(api, line(), customer={"email": "b@example.com", "kind": "business"}, sale_channel="store")
    rma = accepted(api, order, ("A", 2))
    kept = [{"item": read(api, rma)["items"][0]["id"], "amount": "20.00", "reason": "stain"}]
    made = reimburse(api, rma, deductions=kept)
    assert (made["fee"], made["total"]) == ("25.00", "155.00")
    kinds = {row["kind"]: row["gross"] for row in made["lines"]}
    assert kinds == {"item": "200.00", "restocking_fee": "-25.00", "deduction": "-20.00"}


def test_what_was_refunded_elsewhere_counts(api: Api) -> None:
    review(api)
    elsewhere = [{"payment": "P", "amount": "250.00", "at": "2026-11-01T09:00:00Z", "reference": "x"}]
    order = place(api, line(), payments=[card("P", "300.00")], refunds=elsewhere)
    made = reimburse(api, accepted(api, order, ("A", 1)))
    assert (made["total"], [row["amount"] for row in made["refunds"]]) == ("50.00", ["50.00"])
    assert api.get(f"/orders/{order['id']}/refundable").ok()["payments"] == [{"id": "P", "amount": "0.00"}]


def test_paid_by_bank_transfer_to_a_checked_account(api: Api, order: Json) -> None:
    review(api)
    rma = accepted(api, order, ("A", 1))
    wrong = {"holder": "A. Nowak", "iban": "PL61109010140000071219812875"}
    path = f"/returns/{rma['rma']}/reimbursements"
    answer = api.post(path, {"tender": "bank_transfer", "payout": wrong})
    answer.refused(422, "invalid")
    assert answer.pointers() == {"/payout/iban"}
    right = {"holder": "A. Nowak", "iban": "PL61109010140000071219812874"}
    made = reimburse(api, rma, tender="bank_transfer", payout=right)
    assert made["payout"].endswith("2874")
    assert "61109010140000071219" not in str(read(api, rma))


def test_a_bank_reference_belongs_to_one_refund(api: Api, order: Json) -> None:
    review(api)
    refunds = [reimburse(api, accepted(api, order, ("A", 1)))["refunds"][0]["id"] for _n in range(2)]
    api.post(f"/refunds/{refunds[0]}/mark-paid", {"reference": "BATCH-7"}).ok()
    answer = api.post(f"/refunds/{refunds[1]}/mark-paid", {"reference": "BATCH-7"})
    answer.refused(409, "conflict")
    api.post(f"/refunds/{refunds[1]}/mark-paid", {"reference": "BATCH-7/2"}).ok()


def test_the_expected_total_is_checked(api: Api, order: Json) -> None:
    review(api)
    rma = accepted(api, order, ("A", 1))
    path = f"/returns/{rma['rma']}/reimbursements"
    assert api.post(path, {"expected_total": "96.66"}).refused(422, "mismatch")["computed"] == "96.67"
    api.post(path, {"expected_total": "96.670"}).refused(422, "invalid")
    api.post(path, {"expected_total": "96.67"}).made()
