"""Split tender: a gift card, a card and store credit of one order, each with its own rest and refundability."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from refunds.models import Refund, StoreCredit, StoreCreditEntry
from refunds.queries import broken_lines, unbalanced_credits
from returns.models import Event, Return
from tests.builders import (
    Answer,
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
)
from tests.refunds.test_store_credit import balance, issue, ledger, spend
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date()


def bought_with(api: Api, *payments: Json, units: int = 3) -> Json:
    """Three tees for 100.00 each, paid with these."""
    return place(api, line(quantity=units), payments=list(payments))


def own(credit: Json, captured: str, id: str = "G", kind: str = "gift_card", **more: Any) -> Json:
    """A payment with a credit of ours, spent on the order."""
    return card(id, captured, gateway="store_credit", kind=kind, reference=credit["code"], **more)


def spent(api: Api, amount: str, *, of: str = "100.00") -> Json:
    """A credit of which an order took some."""
    credit = issue(api, of)
    spend(api, credit, amount, f"ORDER-{credit['code']}").made()
    return credit


def accepted(api: Api, order: Json, units: int = 1) -> Json:
    rma = ask(api, order, ("A", units))
    command(api, rma, "authorize")
    receive(api, rma)
    inspect(api, rma, ("A", units))
    return rma


def back(api: Api, rma: Json, **wish: Any) -> Answer:
    return api.post(f"/returns/{rma['rma']}/reimbursements", wish)


def parts(made: Json) -> list[tuple[str, str, str]]:
    return [(row["payment"], row["amount"], row["status"]) for row in made["refunds"]]


def adds_up() -> bool:
    return not [*unbalanced_credits(), *broken_lines()]


# 300.00 paid as: gift card 100.00, card 120.00, store credit 80.00
ORDERS: list[tuple[str, Any, int, list[tuple[str, str]]]] = [
    ("own money last", "last_first", 1, [("C", "100.00")]),
    ("then the newest of its own", "last_first", 2, [("C", "120.00"), ("S", "80.00")]),
    ("everything", "last_first", 3, [("C", "120.00"), ("S", "80.00"), ("G", "100.00")]),
    ("oldest first, own money last all the same", "first_first", 2, [("C", "120.00"), ("G", "80.00")]),
    ("gift card first where the shop says so", ["gift_card", "card"], 2, [("G", "100.00"), ("C", "100.00")]),
    ("all own money first", ["gift_card", "store_credit"], 2, [("G", "100.00"), ("S", "80.00"), ("C", "20.00")]),
    ("credit, card, and the gift card last", ["store_credit", "card"], 2, [("S", "80.00"), ("C", "120.00")]),
]  # fmt: skip


class TestThreePayments:
    def order(self, api: Api, **of_card: Any) -> tuple[Json, Json, Json]:
        gift, credit = spent(api, "100.00"), spent(api, "80.00")
        paid = (own(gift, "100.00"), card("C", "120.00", **of_card), own(credit, "80.00", "S", "store_credit"))
        return bought_with(api, *paid), gift, credit

    @pytest.mark.parametrize(("why", "refund_order", "units", "expected"), ORDERS, ids=[row[0] for row in ORDERS])
    def test_in_the_policys_order(
        self, api: Api, why: str, refund_order: Any, units: int, expected: list[tuple[str, str]]
    ) -> None:
        publish(api, decision="review", auto_reimburse=False, refund_order=refund_order)
        order, _gift, _credit = self.order(api)
        made = back(api, accepted(api, order, units)).made()
        assert [(payment, amount) for payment, amount, _status in parts(made)] == expected
        assert sum(float(amount) for _payment, amount in expected) == units * 100
        assert {p: s for p, _a, s in parts(made)} == {
            p: "manual_pending" if p == "C" else "succeeded" for p, _a in expected
        }
        assert adds_up()

    @pytest.mark.parametrize(
        ("refundability", "expected"),
        [
            ("full", [("C", "120.00"), ("S", "80.00")]),
            ("none", [("S", "80.00"), ("G", "100.00")]),
        ],
    )
    def test_what_cannot_take_money_back_is_left_out(
        self, api: Api, refundability: str, expected: list[tuple[str, str]]
    ) -> None:
        publish(api, decision="review", auto_reimburse=False)
        order, _gift, _credit = self.order(api, refundability=refundability)
        rma = accepted(api, order, 2)
        answer = back(api, rma)
        if refundability == "none":
            with unchanged():
                problem = back(api, rma).refused(422, "over_amount")
            assert problem["max"] == "180.00"
            answer = back(api, rma, deductions=[{"item": rma["items"][0]["id"], "amount": "20.00", "reason": "Stain"}])
        assert [(p, a) for p, a, _s in parts(answer.made())] == expected

    def test_one_unit_after_the_other_uses_up_each_rest(self, api: Api) -> None:
        publish(api, decision="review", auto_reimburse=False)
        order, gift, credit = self.order(api)
        found = []
        for _unit in range(3):
            rma = accepted(api, order)
            made = back(api, rma).made()
            pay(api, {"refunds": [row for row in made["refunds"] if row["status"] == "manual_pending"]})
            assert read(api, rma)["status"] == "resolved"
            found += [(p, a) for p, a, _s in parts(made)]
        assert found == [("C", "100.00"), ("C", "20.00"), ("S", "80.00"), ("G", "100.00")]
        assert (balance(api, gift), balance(api, credit)) == ("100.00", "100.00")
        assert adds_up()

    def test_half_of_it_has_moved(self, api: Api) -> None:
        """The own money is there at once, the card's part waits, and the return says so until it has gone."""
        publish(api, decision="review", auto_reimburse=False)
        order, _gift, credit = self.order(api)
        rma = accepted(api, order, 2)
        made = back(api, rma).made()
        assert balance(api, credit) == "100.00"
        assert read(api, rma)["status"] == "inspected"
        pay(api, {"refunds": [row for row in made["refunds"] if row["status"] == "manual_pending"]})
        assert read(api, rma)["status"] == "resolved"
        assert api.get(f"/reimbursements/{made['id']}").ok()["status"] == "settled"


class TestIntoOurOwnLedger:
    def test_the_line_and_the_events(self, api: Api) -> None:
        publish(api, decision="review", auto_reimburse=False)
        credit = spent(api, "100.00", of="100.00")
        rma = accepted(api, bought_with(api, own(credit, "100.00"), units=1))
        made = back(api, rma).made()
        refund = made["refunds"][0]
        assert made["status"] == "settled"
        assert (refund["status"], refund["gateway_reference"]) == ("succeeded", f"{credit['code']}/3")
        assert ledger(api, credit)[-1] == ("refunded", "100.00", "100.00")
        assert StoreCreditEntry.objects.get(kind="refunded").reference == refund["id"]
        row = Return.objects.get(code=rma["rma"])
        kinds = list(row.events.order_by("seq").values_list("kind", flat=True))
        assert kinds[-3:] == ["reimbursement.opened", "refund.succeeded", "return.resolved"]
        assert "refund.started" not in kinds
        pk = StoreCredit.objects.get(code=credit["code"]).pk
        assert Event.objects.filter(stream=f"credit:{pk}", kind="store_credit.refunded").count() == 1

    def test_asked_twice_it_is_booked_once(self, api: Api) -> None:
        publish(api, decision="review", auto_reimburse=False)
        credit = spent(api, "100.00")
        rma = accepted(api, bought_with(api, own(credit, "100.00"), units=1))
        first = back(api, rma).made()
        with unchanged():
            assert back(api, rma).ok()["id"] == first["id"]
        assert balance(api, credit) == "100.00"

    @pytest.mark.parametrize("end", ["expired", "void"])
    def test_a_dead_credit_gets_a_new_one_in_its_place(self, api: Api, end: str) -> None:
        publish(api, decision="review", auto_reimburse=False)
        credit = spent(api, "60.00")
        order = bought_with(api, own(credit, "60.00"), card("C", "40.00"), units=1)
        if end == "void":
            api.post(f"/store-credits/{credit['code']}/void", {"reason": "Stolen"}).ok()
        else:
            StoreCredit.objects.filter(code=credit["code"]).update(expires_on=TODAY - timedelta(days=3))
        before = ledger(api, credit)
        made = back(api, accepted(api, order)).made()
        assert ledger(api, credit) == before
        fresh = StoreCredit.objects.exclude(code=credit["code"]).get()
        assert (fresh.balance, fresh.currency, fresh.order_id is not None) == (60_00, "EUR", True)
        assert fresh.expires_on == TODAY + timedelta(days=730)
        assert [row["gateway_reference"] for row in made["refunds"] if row["payment"] == "G"] == [f"{fresh.code}/1"]
        assert Event.objects.filter(kind="store_credit.issued", rma__isnull=False, data__credit=fresh.pk).count() == 1

    @pytest.mark.parametrize(
        "change",
        [{"gateway": "giftly"}, {"reference": "SC-2222-2222"}, {"kind": "card"}],
        ids=["a card of somebody else", "no code of ours", "not own money"],
    )
    def test_other_money_is_not_ours(self, api: Api, change: Json) -> None:
        publish(api, decision="review", auto_reimburse=False)
        credit = spent(api, "100.00")
        made = back(api, accepted(api, bought_with(api, own(credit, "100.00") | change, units=1))).made()
        assert parts(made) == [("G", "100.00", "manual_pending")]
        assert not StoreCreditEntry.objects.filter(kind="refunded").exists()

    def test_by_bank_transfer_nothing_goes_to_the_ledger(self, api: Api) -> None:
        publish(api, decision="review", auto_reimburse=False)
        credit = spent(api, "100.00")
        made = back(api, accepted(api, bought_with(api, own(credit, "100.00"), units=1)), tender="bank_transfer").made()
        assert parts(made) == [("G", "100.00", "manual_pending")]
        assert Refund.objects.get().gateway == "manual"
        assert balance(api, credit) == "0.00"

    def test_goodwill_goes_there_too_and_a_held_one_only_after_the_second_person(self, api: Api) -> None:
        credit = spent(api, "100.00")
        publish(api, auto_reimburse=False, goodwill_second_person_above="50.00")
        order = bought_with(api, own(credit, "100.00"), units=1)
        wish = {"target": "order", "amount": "8.00", "reason": "The parcel was late", "tender": "original"}
        made = api.post(f"/orders/{order['id']}/goodwill", wish).made()
        assert (made["status"], parts(made)) == ("settled", [("G", "8.00", "succeeded")])
        assert balance(api, credit) == "8.00"
        held = api.post(f"/orders/{order['id']}/goodwill", wish | {"amount": "60.00"}).made()
        assert held["status"] == "awaiting_approval"
        assert balance(api, credit) == "8.00"
        api_client("admin").post(f"/reimbursements/{held['id']}/approve").ok()
        assert balance(api, credit) == "68.00"
        assert api.get(f"/reimbursements/{held['id']}").ok()["status"] == "settled"
        assert adds_up()
