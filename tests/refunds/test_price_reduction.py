"""Money back for goods that stay with the customer: no parcel, and a later return pays only the rest."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from customers.models import Order, OrderLine
from returns.models import Event
from returns.outbox import dispatch_all
from tests.builders import (
    Api,
    Json,
    api_client,
    ask,
    command,
    inspect,
    item_of,
    line,
    pay,
    place,
    publish,
    read,
    receive,
    reimburse,
)
from tests.operations import NOBODY
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def rma(api: Api, order: Json) -> Json:
    """Two tees with a scratch that the customer would keep for less."""
    return agreed(api, order, ("A", 2, "defective"))


def agreed(api: Api, order: Json, *rows: Any) -> Json:
    """A wish to pay less that somebody said yes to."""
    asked = ask(api, order, *rows, resolution="price_reduction")
    return command(api, asked, "authorize") if asked["status"] == "requested" else asked


def body(rma: Json, **changes: Any) -> Json:
    return {"items": [{"item": rma["items"][0]["id"], "percent": "20"}], "reason": "Scratched", **changes}


def reduce(api: Api, rma: Json, **changes: Any) -> Json:
    """A price reduction that must be given."""
    return api.post(f"/returns/{rma['rma']}/price-reduction", body(rma, **changes)).made()  # type: ignore[no-any-return]


def test_nothing_travels_and_nothing_is_promised(api: Api, rma: Json) -> None:
    dispatch_all()
    now = read(api, rma)
    assert (now["status"], now["method"], now["amounts"]["expected"]) == ("authorized", "keep", "0.00")
    assert (now["shipments"], now["reimbursements"]) == ([], [])


# two of three tees for 290.00 were paid with 193.33: 20 % is 38.666
@pytest.mark.parametrize(
    ("how", "total", "tax"),
    [
        ({"percent": "20"}, "38.67", "7.23"),
        ({"percent": "12.5"}, "24.17", "4.52"),
        ({"amount": "15.00"}, "15.00", "2.80"),
    ],
)
def test_by_percent_or_amount(api: Api, rma: Json, how: Json, total: str, tax: str) -> None:
    items = [{"item": item_of(rma), **how}]
    with unchanged():
        preview = api.post(f"/returns/{rma['rma']}/price-reduction/preview", body(rma, items=items)).ok()
    made = reduce(api, rma, items=items, expected_total=preview["total"])
    assert (made["kind"], made["total"], made["tax"], made["lines"]) == (
        "price_reduction",
        total,
        tax,
        preview["lines"],
    )
    assert [(row["kind"], row["item"], row["line"], row["quantity"]) for row in made["lines"]] == [
        ("price_reduction", item_of(rma), "A", 0)
    ]


def test_once_paid_the_return_is_done_and_the_units_are_free(api: Api, order: Json, rma: Json) -> None:
    made = reduce(api, rma)
    assert read(api, rma)["status"] == "authorized"
    pay(api, made)
    now = read(api, rma)
    assert (now["status"], now["amounts"]["refunded"], now["items"][0]["quantity"]["refunded"]) == (
        "resolved",
        "38.67",
        0,
    )
    assert OrderLine.objects.get(order__uid=order["id"]).claimed == 0
    kinds = list(Event.objects.filter(rma__code=rma["rma"]).order_by("seq").values_list("kind", flat=True))
    assert kinds[-4:] == ["price.reduced", "refund.started", "refund.succeeded", "return.resolved"]


def test_a_later_return_pays_only_the_rest(api: Api, order: Json, rma: Json) -> None:
    publish(api, auto_reimburse=False)
    pay(api, reduce(api, rma))
    later = ask(api, order, ("A", 3, "defective"))
    receive(api, later)
    inspect(api, later, ("A", 3))
    assert reimburse(api, later, shipping="none")["total"] == "251.33"
    row = Order.objects.get(uid=order["id"])
    assert (row.refunded, row.payments.get().refunded) == (29000, 29000)


def test_goods_that_are_here_are_not_made_cheaper(api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False)
    rma = ask(api, order, ("A", 1))
    receive(api, rma)
    with unchanged():
        answer = api.post(f"/returns/{rma['rma']}/price-reduction", body(rma))
        assert answer.refused(422, "over_quantity")["max"] == 0


def test_it_is_given_once(api: Api, rma: Json) -> None:
    reduce(api, rma)
    with unchanged():
        api.post(f"/returns/{rma['rma']}/price-reduction", body(rma)).refused(422, "over_quantity")


def test_a_kit_by_its_parts(api: Api) -> None:
    kit = line("K", sku="KIT", quantity=2, unit_price="100.00")
    parts = [
        line(name, sku=name, quantity=2, unit_price="0.00", parent="K", pieces=1, share=share)
        for name, share in (("C1", "97.56"), ("C2", "65.04"))
    ]
    rma = agreed(api, place(api, kit, *parts), ("K", 1, "defective"))
    items = [{"item": item_of(rma, "K"), "percent": "50"}]
    made = reduce(api, rma, items=items)
    assert (made["total"], {row["line"] for row in made["lines"]}) == ("50.00", {"C1", "C2"})


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"reason": " "}, "invalid", "/reason"),
        ({"items": []}, "invalid", "/items"),
        ({"items": [{"item": NOBODY, "percent": "20"}]}, "invalid", "/items/0/item"),
        ({"how": {}}, "invalid", "/items/0"),
        ({"how": {"percent": "20", "amount": "1.00"}}, "invalid", "/items/0"),
        ({"how": {"percent": "0"}}, "invalid", "/items/0/percent"),
        ({"how": {"percent": "100.01"}}, "invalid", "/items/0/percent"),
        ({"how": {"percent": "-1"}}, "invalid", "/items/0/percent"),
        ({"how": {"amount": "0.00"}}, "invalid", "/items/0/amount"),
        ({"how": {"amount": "1.001"}}, "invalid", "/items/0/amount"),
        ({"how": {"amount": "193.34"}}, "over_amount", "/items/0/amount"),
        ({"tender": "shells"}, "invalid", "/tender"),
        ({"expected_total": "1.00"}, "mismatch", "/expected_total"),
    ],
)
def test_what_cannot_be_given(api: Api, rma: Json, changes: Json, code: str, pointer: str) -> None:
    given = dict(changes)
    if "how" in given:
        given["items"] = [{"item": item_of(rma), **given.pop("how")}]
    for verb in ("price-reduction", "price-reduction/preview"):
        with unchanged():
            answer = api.post(f"/returns/{rma['rma']}/{verb}", body(rma, **given))
        answer.refused(422, code)
        assert any(found.startswith(pointer) for found in answer.pointers()), answer.body


def test_an_item_twice_is_refused(api: Api, rma: Json) -> None:
    with unchanged():
        twice = body(rma)["items"] * 2
        api.post(f"/returns/{rma['rma']}/price-reduction", body(rma, items=twice)).refused(422, "invalid")


def test_before_the_decision_there_is_none(api: Api, order: Json) -> None:
    publish(api, decision="review")
    rma = ask(api, order, ("A", 1, "defective"), resolution="price_reduction")
    with unchanged():
        api.post(f"/returns/{rma['rma']}/price-reduction", body(rma)).refused(409, "wrong_state")
    command(api, rma, "authorize")
    reduce(api, rma)


def test_above_the_limit_the_units_wait_too(api: Api, rma: Json) -> None:
    items = [{"item": item_of(rma), "amount": "150.00"}]
    made = reduce(api, rma, items=items)
    assert (made["status"], made["held_for"]) == ("awaiting_approval", "price_reduction_above_limit")
    assert read(api, rma)["items"][0]["quantity"]["cancelled"] == 0
    other = api_client("refunds:write")
    with unchanged():
        api.post(f"/reimbursements/{made['id']}/approve").refused(403, "forbidden")
    no = other.post(f"/reimbursements/{made['id']}/reject", {"reason": "too much"}).ok()
    assert no["status"] == "rejected"
    yes = reduce(api, rma, items=items)
    pay(api, other.post(f"/reimbursements/{yes['id']}/approve").ok())
    assert read(api, rma)["status"] == "resolved"


def test_as_store_credit(api: Api, rma: Json) -> None:
    made = reduce(api, rma, tender="store_credit")
    assert (made["status"], made["store_credit"]["amount"]) == ("settled", "38.67")
    assert read(api, rma)["status"] == "resolved"


class TestDesk:
    """The same on the desk: preview, then exactly that."""

    def form(self, rma: Json, **changes: str) -> dict[str, str]:
        return {f"percent-{item_of(rma)}": "20", "reason": "Scratched", "tender": "original", **changes}

    @pytest.mark.parametrize("language", ["en", "he", "pl"])
    def test_preview_then_give(self, staff: Any, api: Api, rma: Json, language: str) -> None:
        agent, url = staff("agent"), reverse("desk:reduce", args=[rma["rma"]])
        page = agent.get(reverse("desk:return", args=[rma["rma"]]))
        assert url in [act.get("link") for act in page.context["acts"]]
        assert agent.get(url, {"lang": language}).status_code == 200
        with unchanged():
            seen = agent.post(url, self.form(rma, step="preview"))
        assert (seen.context["slip"]["sum_amount"], seen.context["expected"]) == (3867, "38.67")
        done = agent.post(url, self.form(rma, step="give", expected_total="38.67", submit=uuid.uuid4().hex))
        assert done.url == reverse("desk:return", args=[rma["rma"]])
        assert read(api, rma)["reimbursements"][0]["total"] == "38.67"
        assert agent.get(url).context["items"] == []

    @pytest.mark.parametrize(
        "changes", [{"reason": ""}, {"percent": ""}, {"percent": "101"}, {"percent": "x"}, {"expected_total": "1.00"}]
    )
    def test_what_does_not_fit_is_shown_again(self, staff: Any, rma: Json, changes: dict[str, str]) -> None:
        agent, url = staff("agent"), reverse("desk:reduce", args=[rma["rma"]])
        typed = {f"percent-{item_of(rma)}" if name == "percent" else name: text for name, text in changes.items()}
        form = self.form(rma, **{"expected_total": "38.67", **typed, "step": "give", "submit": uuid.uuid4().hex})
        with unchanged():
            assert agent.post(url, form).status_code == 422

    def test_who_may_not_give_sees_no_page(self, staff: Any, rma: Json) -> None:
        assert staff("warehouse").get(reverse("desk:reduce", args=[rma["rma"]])).status_code == 403
