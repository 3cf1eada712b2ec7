"""Money without goods: for an order, a line, a unit, a delivery charge; never above what is left, never unexplained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Order, OrderLine
from notifications.models import Message
from refunds.models import Refund, Reimbursement
from returns.models import Event
from returns.outbox import dispatch_all
from tests.builders import (
    Api,
    Json,
    api_client,
    ask,
    card,
    command,
    inspect,
    line,
    pay,
    place,
    publish,
    read,
    receive,
    reimburse,
    review,
)
from tests.operations import NOBODY
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
SORRY: Json = {"target": "order", "amount": "8.00", "reason": "Late by a week"}


def give(api: Api, order: Json, **changes: Any) -> Json:
    """Goodwill that must be given."""
    return api.post(f"/orders/{order['id']}/goodwill", {**SORRY, **changes}).made()  # type: ignore[no-any-return]


def left(api: Api, order: Json) -> Json:
    """What is left of an order."""
    return api.get(f"/orders/{order['id']}/refundable").ok()  # type: ignore[no-any-return]


def paid_back(order: Json) -> tuple[int, int]:
    """What the order and its payments say has gone back, minor units."""
    row = Order.objects.get(uid=order["id"])
    return row.refunded, sum(payment.refunded for payment in row.payments.all())


# the order: 3 tees for 290.00 (a discount of 10.00 is spread) and express delivery for 39.98, tax 23 % inside
@pytest.mark.parametrize(
    ("target", "amount", "lines", "tax"),
    [
        ({"line": "A"}, "12.30", [("A", None, "12.30")], "2.30"),
        ({"line": "A", "unit": 1}, "rest", [("A", None, "96.67")], "18.08"),
        ({"line": "A", "unit": 2}, "rest", [("A", None, "96.66")], "18.07"),
        ({"shipping": "S"}, "rest", [(None, "S", "39.98")], "7.48"),
        ({"shipping": "S"}, "10.00", [(None, "S", "10.00")], "1.87"),
        # 33.00 over 290.00 and 39.98: 29.0017 and 3.9982
        ("order", "33.00", [("A", None, "29.00"), (None, "S", "4.00")], "6.17"),
    ],
)
def test_each_target(api: Api, order: Json, target: Any, amount: str, lines: list[Any], tax: str) -> None:
    made = give(api, order, target=target, amount=amount)
    assert [(row["line"], row["shipping"], row["gross"]) for row in made["lines"]] == lines
    assert (made["tax"], made["kind"], made["reason"]) == (tax, "goodwill", "Late by a week")
    assert {row["kind"] for row in made["lines"]} == {"goodwill"}
    assert [(row["payment"], row["amount"], row["status"]) for row in made["refunds"]] == [
        ("P1", made["total"], "manual_pending")
    ]
    pay(api, made)
    assert api.get(f"/reimbursements/{made['id']}").ok()["status"] == "settled"


def test_the_rest_of_an_order_is_all_of_it_and_then_nothing(api: Api, order: Json) -> None:
    publish(api, goodwill_second_person_above="1000.00")
    assert give(api, order, amount="rest")["total"] == "329.98"
    rest = left(api, order)
    assert (rest["order"], rest["payments"]) == ("0.00", [{"id": "P1", "amount": "0.00"}])
    assert (rest["lines"][0]["amount"], rest["shipping"][0]["amount"]) == ("0.00", "0.00")
    with unchanged():
        for target in ("order", {"line": "A"}, {"shipping": "S"}):
            body = {**SORRY, "target": target, "amount": "0.01"}
            assert api.post(f"/orders/{order['id']}/goodwill", body).refused(422, "over_amount")["max"] == "0.00"
        api.post(f"/orders/{order['id']}/goodwill", {**SORRY, "amount": "rest"}).refused(422, "invalid")


@pytest.mark.parametrize(
    ("changes", "code", "pointer", "most"),
    [
        ({"amount": "329.99"}, "over_amount", "/amount", "329.98"),
        ({"target": {"line": "A"}, "amount": "290.01"}, "over_amount", "/amount", "290.00"),
        ({"target": {"line": "A", "unit": 3}, "amount": "96.68"}, "over_amount", "/amount", "96.67"),
        ({"target": {"shipping": "S"}, "amount": "39.99"}, "over_amount", "/amount", "39.98"),
        ({"target": {"line": "B"}}, "invalid", "/target/line", None),
        ({"target": {"line": "A", "unit": 4}}, "invalid", "/target/unit", None),
        ({"target": {"line": "A", "unit": 0}}, "invalid", "/target/unit", None),
        ({"target": {"shipping": "X"}}, "invalid", "/target/shipping", None),
        ({"target": "all"}, "invalid", "/target", None),
        ({"target": {"line": "A", "shipping": "S"}}, "invalid", "/target", None),
        ({"target": {"line": "A", "unit": True}}, "invalid", "/target", None),
        ({"target": {"line": 1}}, "invalid", "/target", None),
        ({"target": {}}, "invalid", "/target", None),
        ({"amount": "0.00"}, "invalid", "/amount", None),
        ({"amount": "8.001"}, "invalid", "/amount", None),
        ({"amount": "-8.00"}, "invalid", "/amount", None),
        ({"amount": "much"}, "invalid", "/amount", None),
        ({"reason": ""}, "invalid", "/reason", None),
        ({"reason": "  "}, "invalid", "/reason", None),
        ({"reason": "x" * 301}, "invalid", "/reason", None),
        ({"tender": "shells"}, "invalid", "/tender", None),
        ({"payment": "P9"}, "invalid", "/payment", None),
        ({"payment": "P1", "tender": "store_credit"}, "invalid", "/payment", None),
        ({"payout": {"holder": "A", "iban": "PL00"}}, "invalid", "/payout/iban", None),
        ({"rma": "RMA-2222-2222"}, "not_found", "", None),
        ({"gift": True}, "invalid", "/gift", None),
        ({"expected_total": "7.00"}, "mismatch", "/expected_total", None),
    ],
)
def test_what_cannot_be_given(api: Api, order: Json, changes: Json, code: str, pointer: str, most: str | None) -> None:
    for verb in ("goodwill", "goodwill/preview"):
        with unchanged():
            answer = api.post(f"/orders/{order['id']}/{verb}", {**SORRY, **changes})
        body = answer.refused(404 if code == "not_found" else 422, code)
        assert not pointer or any(found.startswith(pointer) for found in answer.pointers()), body
        assert most is None or body["max"] == most


def test_a_preview_writes_nothing_and_is_what_is_given(api: Api, order: Json) -> None:
    with unchanged():
        preview = api.post(f"/orders/{order['id']}/goodwill/preview", SORRY).ok()
    made = give(api, order, expected_total=preview["total"])
    for name in ("lines", "net", "tax", "tax_by_rate", "total", "tender", "kind", "reason", "held_for"):
        assert made[name] == preview[name]
    assert (preview["id"], preview["status"]) == (None, "preview")


def test_one_payment_bears_it_all(api: Api) -> None:
    both = [card("P1", "200.00"), card("P2", "129.98", kind="gift_card")]
    order = place(api, payments=both)
    made = give(api, order, payment="P2", amount="50.00")
    assert [(row["payment"], row["amount"]) for row in made["refunds"]] == [("P2", "50.00")]
    with unchanged():
        body = {**SORRY, "payment": "P2", "amount": "79.99"}
        assert api.post(f"/orders/{order['id']}/goodwill", body).refused(422, "over_amount")["max"] == "79.98"
    rest = give(api, order, payment="P2", amount="rest", target={"line": "A"})
    assert rest["total"] == "79.98"


def test_a_payment_that_takes_nothing_back_bears_nothing(api: Api) -> None:
    order = place(api, payments=[card("P1", "329.98", refundability="none")])
    with unchanged():
        assert api.post(f"/orders/{order['id']}/goodwill", SORRY).refused(422, "over_amount")["max"] == "0.00"
    assert give(api, order, tender="store_credit")["store_credit"]["amount"] == "8.00"
    assert give(api, order, tender="cash")["refunds"][0]["status"] == "manual_pending"


def test_as_store_credit_it_counts_against_the_order(api: Api, order: Json) -> None:
    made = give(api, order, tender="store_credit")
    assert (made["status"], made["refunds"], made["store_credit"]["amount"]) == ("settled", [], "8.00")
    assert paid_back(order) == (800, 0)
    assert left(api, order)["order"] == "321.98"
    assert left(api, order)["payments"] == [{"id": "P1", "amount": "321.98"}]
    assert api.get(f"/store-credits/{made['store_credit']['code']}").ok()["balance"] == "8.00"


def test_a_return_after_goodwill_pays_only_the_rest(api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False, goodwill_second_person_above="1000.00")
    give(api, order, target={"line": "A"}, amount="200.00")
    rma = ask(api, order, ("A", 3))
    receive(api, rma)
    inspect(api, rma, ("A", 3))
    assert reimburse(api, rma, shipping="none")["total"] == "90.00"
    assert paid_back(order) == (29000, 29000)


def test_goodwill_gives_back_what_a_fee_kept(api: Api) -> None:
    publish(api, auto_reimburse=False, fee={"fixed": "10.00", "percent": 0})
    buyer = {"email": "b@example.com", "name": "B", "kind": "business"}  # consumers are charged no fee by law
    order = place(api, line(quantity=1), customer=buyer)
    rma = ask(api, order)
    receive(api, rma)
    inspect(api, rma)
    assert reimburse(api, rma)["total"] == "90.00"
    assert left(api, order)["lines"] == [{"line": "A", "quantity": 0, "amount": "10.00"}]
    assert give(api, order, target={"line": "A"}, amount="rest")["total"] == "10.00"
    assert paid_back(order) == (10000, 10000)


def test_a_kit_gives_by_its_parts(api: Api) -> None:
    kit = line("K", sku="KIT", quantity=2, unit_price="100.00")
    parts = [
        line(name, sku=name, quantity=2, unit_price="0.00", parent="K", pieces=1, share=share)
        for name, share in (("C1", "97.56"), ("C2", "65.04"))
    ]
    order = place(api, kit, *parts)
    made = give(api, order, target={"line": "K", "unit": 1}, amount="rest")
    assert made["total"] == "100.00"
    assert {row["line"] for row in made["lines"]} == {"C1", "C2"}


def test_it_belongs_to_a_return_when_one_is_named(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order)
    made = give(api, order, rma=rma["rma"])
    now = read(api, rma)
    assert [row["id"] for row in now["reimbursements"]] == [made["id"]]
    kinds = Event.objects.filter(rma__code=rma["rma"]).order_by("seq").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["reimbursement.opened", "goodwill.given", "refund.started"]
    pay(api, made)
    now = read(api, rma)
    assert (now["status"], now["amounts"]) == (
        "requested",
        {"expected": "96.67", "refunded": "0.00", "refundable": "96.67"},
    )
    other = place(api)
    with unchanged():
        answer = api.post(f"/orders/{other['id']}/goodwill", {**SORRY, "rma": rma["rma"]})
        answer.refused(422, "invalid")
        assert answer.pointers() == {"/rma"}


def test_goodwill_does_not_answer_a_wish_to_be_paid_for_units(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order)
    give(api, order, rma=rma["rma"])
    command(api, rma, "authorize")
    receive(api, rma)
    inspect(api, rma)
    made = reimburse(api, rma)
    assert (made["kind"], made["total"]) == ("return", "96.67")


def test_without_a_return_the_order_has_its_own_stream(api: Api, order: Json) -> None:
    give(api, order)
    row = Order.objects.get(uid=order["id"])
    told = Event.objects.filter(stream=f"order:{row.pk}").order_by("seq")
    assert [event.kind for event in told] == ["reimbursement.opened", "goodwill.given", "refund.started"]
    assert {event.rma_id for event in told} == {None}


def test_twice_with_one_key_is_once(api: Api, order: Json) -> None:
    path = f"/orders/{order['id']}/goodwill"
    first, again = (api.post(path, SORRY, Idempotency_Key="a").made() for _n in range(2))
    assert first == again
    assert Reimbursement.objects.count() == 1


@pytest.mark.parametrize(
    ("scopes", "status"), [(["refunds:write"], 201), (["refunds:read"], 403), (["orders:write"], 403)]
)
def test_a_key_needs_the_scope(api: Api, order: Json, scopes: list[str], status: int) -> None:
    assert api_client(*scopes).post(f"/orders/{order['id']}/goodwill", SORRY).status == status


def test_an_order_of_somebody_else_is_no_order(api: Api, order: Json, api_for: Callable[..., Api]) -> None:
    stranger = api_for("refunds:write", shops=["elsewhere"])
    with unchanged():
        theirs = stranger.post(f"/orders/{order['id']}/goodwill", SORRY).refused(404, "not_found")
        none = stranger.post(f"/orders/{NOBODY}/goodwill", SORRY).refused(404, "not_found")
    assert theirs["detail"] == none["detail"]


CENTS = st.integers(1, 40_000)
GIFTS = st.lists(st.tuples(st.sampled_from(["order", "A", "B", "S", "A1"]), CENTS | st.none()), min_size=1, max_size=6)
AIMS: dict[str, Any] = {
    "order": "order", "A": {"line": "A"}, "B": {"line": "B"}, "S": {"shipping": "S"}, "A1": {"line": "A", "unit": 1},
}  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gifts=GIFTS)
def test_never_more_than_was_paid_whatever_is_given(api: Api, gifts: list[tuple[str, int | None]]) -> None:
    rows = [
        line("A", quantity=3, unit_price="33.33"),
        line("B", sku="B", quantity=1, unit_price="7.77", tax_rate="0.08"),
    ]
    charge = {"id": "S", "method": "post", "amount": "9.99", "tax_rate": "0.23"}
    order = place(api, *rows, shipping=[charge])
    given_in_all = 0
    for name, cents in gifts:
        amount = "rest" if cents is None else f"{cents / 100:.2f}"
        answer = api.post(f"/orders/{order['id']}/goodwill", {**SORRY, "target": AIMS[name], "amount": amount})
        assert answer.status in (201, 422), answer.body
        if answer.status == 201:
            given_in_all += round(float(answer.body["total"]) * 100)
    captured = 9999 + 777 + 999
    refunds = sum(Refund.objects.filter(reimbursement__order__uid=order["id"]).values_list("amount", flat=True))
    assert paid_back(order) == (given_in_all, refunds)
    assert refunds == given_in_all <= captured
    for row in OrderLine.objects.filter(order__uid=order["id"]):
        assert 0 <= row.extra_tax <= row.extra_gross <= row.gross
        assert row.tax - row.extra_tax <= row.gross - row.extra_gross
    assert left(api, order)["order"] == f"{(captured - given_in_all) / 100:.2f}"


class TestTold:
    """The customer hears of it once, with the reason, with a return and without one."""

    def letters(self) -> list[Message]:
        dispatch_all()
        return list(Message.objects.order_by("pk"))

    @pytest.mark.parametrize("locale", ["en", "he", "pl"])
    def test_without_a_return(self, api: Api, locale: str) -> None:
        order = place(api, locale=locale)
        give(api, order)
        [letter] = self.letters()
        assert (letter.kind, letter.recipient, letter.locale) == ("goodwill.given", order["customer"]["email"], locale)
        assert "Late by a week" in letter.text
        assert "Late by a week" in letter.html
        assert "8" in letter.subject
        Event.objects.update(dispatched_at=None)
        assert len(self.letters()) == 1

    def test_with_a_return_and_no_second_mail_about_the_refund(self, api: Api, order: Json) -> None:
        review(api)
        rma = ask(api, order)
        self.letters()
        Message.objects.all().delete()
        give(api, order, rma=rma["rma"])
        [letter] = self.letters()
        assert (letter.kind, letter.rma and letter.rma.code) == ("goodwill.given", rma["rma"])

    def test_nothing_before_it_is_approved(self, api: Api, order: Json) -> None:
        made = give(api, order, amount="150.00")
        assert self.letters() == []
        api_client("refunds:write").post(f"/reimbursements/{made['id']}/approve").ok()
        assert [letter.kind for letter in self.letters()] == ["goodwill.given"]

    def test_store_credit_brings_its_code(self, api: Api, order: Json) -> None:
        made = give(api, order, tender="store_credit")
        letters = {letter.kind: letter for letter in self.letters()}
        assert set(letters) == {"goodwill.given", "store_credit.issued"}
        assert made["store_credit"]["code"] in letters["store_credit.issued"].text
