"""Two people at the same thing at the same time; each test has a control without its guard."""

from __future__ import annotations

from typing import Any

import pytest

from customers.models import OrderLine, OrderPayment
from inspections.actions import bench, dock
from inspections.models import Receipt, StockMovement
from refunds.actions import money as money_actions
from refunds.actions import reimburse
from refunds.models import Refund, Reimbursement, StoreCredit
from returns import lifecycle
from returns.actions import decide, request
from returns.models import Event, Return, ReturnItem
from tests.builders import (
    Answer,
    Api,
    Json,
    api_client,
    ask,
    command,
    finding,
    inspect,
    place,
    read,
    receive,
    request_body,
    review,
    units,
)
from tests.concurrency.race import Race, meet, statuses, without_locks

pytestmark = pytest.mark.django_db


def two(path: str, *bodies: Json) -> list[Any]:
    """The same call by two people, each with a key of their own."""
    clients = [api_client("admin") for _body in bodies]
    return [lambda c=c, b=b: c.post(path, b) for c, b in zip(clients, bodies, strict=True)]


def reviewed(api: Api, *rows: Any, **changes: Any) -> Json:
    """A fresh request that waits for a decision."""
    review(api)
    return ask(api, place(api), *(rows or [("A", 2)]), **changes)


def ready_to_pay(api: Api, *rows: Any, **changes: Any) -> Json:
    """A return whose goods are accepted."""
    rows = rows or (("A", 2),)
    rma = reviewed(api, *rows, **changes)
    command(api, rma, "authorize")
    receive(api, rma)
    inspect(api, rma, *rows)
    return rma


def chain_holds(rma: Json) -> bool:
    """Whether the log of a return is whole: numbered without gap, each event hashed over the one before."""
    previous = ""
    for number, event in enumerate(Event.objects.filter(rma__code=rma["rma"]).order_by("seq"), start=1):
        if (event.seq, event.previous_hash) != (number, previous):
            return False
        previous = event.hash
    return True


class TestTwoAgentsAuthorize:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> tuple[Json, list[Answer]]:
        rma = reviewed(api)
        meet(monkeypatch, decide, "chosen")
        path = f"/returns/{rma['rma']}/authorize"
        return rma, race(*two(path, {"items": units(rma, ("A", 2))}, {"items": units(rma, ("A", 1))}))

    def test_one_is_first(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        rma, answers = self.race(api, race, monkeypatch)
        assert statuses(answers) == [200, 409]
        assert Event.objects.filter(kind="return.authorized").count() == 1
        item = ReturnItem.objects.get()
        assert OrderLine.objects.get().claimed == item.authorized
        assert chain_holds(rma)

    def test_control(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without locks the repeated status in `move` is the last guard; without that too, both say yes."""
        without_locks(monkeypatch)
        monkeypatch.setattr(lifecycle, "move", blind_move)
        monkeypatch.setattr(decide, "move", blind_move)
        _rma, answers = self.race(api, race, monkeypatch)
        assert statuses(answers) != [200, 409]


def blind_move(rma: Return, to: str, kind: str, /, *, actor: Any, at: Any = None, **data: Any) -> None:
    """What `move` would be if it trusted what was read."""
    Return.objects.filter(pk=rma.pk).update(status=to)
    rma.status = to


class TestTheRepeatedStatus:
    def test_alone_stops_the_second_move(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        rma = reviewed(api)
        without_locks(monkeypatch)
        meet(monkeypatch, decide, "chosen")
        path = f"/returns/{rma['rma']}"
        answers = race(
            lambda: api_client("admin").post(f"{path}/authorize", {}),
            lambda: api_client("admin").post(f"{path}/decline", {"reason": "worn"}),
        )
        assert statuses(answers)[0] == 200
        assert statuses(answers)[1] != 200


class TestTwoDocksReceiveTheSameParcel:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> tuple[Json, list[Answer]]:
        rma = reviewed(api)
        command(api, rma, "authorize")
        meet(monkeypatch, dock, "lock_items")
        body = {"parcel": "P1", "items": units(rma, ("A", 2))}
        return rma, race(*two(f"/returns/{rma['rma']}/receipts", body, body))

    def test_it_is_received_once(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        rma, answers = self.race(api, race, monkeypatch)
        assert statuses(answers) == [201, 409]
        assert (Receipt.objects.count(), ReturnItem.objects.get().received) == (1, 2)
        assert chain_holds(rma)

    def test_control(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        """Under other names for the parcel, without locks, one dock's count is lost."""
        rma = reviewed(api)
        command(api, rma, "authorize")
        without_locks(monkeypatch)
        meet(monkeypatch, dock, "lock_items")
        bodies = [{"parcel": name, "items": units(rma, ("A", 1))} for name in ("P1", "P2")]
        answers = race(*two(f"/returns/{rma['rma']}/receipts", *bodies))
        lost = ReturnItem.objects.get().received != 2
        assert lost or statuses(answers) != [201, 201]

    def test_two_parcels_at_once_are_both_counted(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        rma = reviewed(api)
        command(api, rma, "authorize")
        meet(monkeypatch, dock, "lock_items")
        bodies = [{"parcel": name, "items": units(rma, ("A", 1))} for name in ("P1", "P2")]
        answers = race(*two(f"/returns/{rma['rma']}/receipts", *bodies))
        assert statuses(answers) == [201, 201]
        assert ReturnItem.objects.get().received == 2
        assert read(api, rma)["status"] == "received"
        assert chain_holds(rma)


class TestTwoInspectorsOfTheSameUnit:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
        rma = reviewed(api, ("A", 1))
        command(api, rma, "authorize")
        receive(api, rma)
        body = {"items": [finding(rma)]}
        return race(*two(f"/returns/{rma['rma']}/inspections", body, body))

    def test_it_goes_into_stock_once(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        meet(monkeypatch, bench, "lock_items")
        answers = self.race(api, race, monkeypatch)
        assert statuses(answers)[0] == 201
        assert statuses(answers)[1] in (409, 422)
        assert sum(StockMovement.objects.values_list("quantity", flat=True)) == 1

    def test_control(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without locks both have looked before either writes; without the repeated status both move stock."""
        without_locks(monkeypatch)
        monkeypatch.setattr(lifecycle, "move", blind_move)
        meet(monkeypatch, bench, "_write")
        self.race(api, race, monkeypatch)
        assert sum(StockMovement.objects.values_list("quantity", flat=True)) == 2


class TestOneRefundClickedTwice:
    def pay(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
        rma = ready_to_pay(api)
        path = f"/returns/{rma['rma']}/reimbursements"
        return race(*two(path, {}, {}))

    def test_one_reimbursement(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        meet(monkeypatch, reimburse, "plan_for")
        answers = self.pay(api, race, monkeypatch)
        assert statuses(answers) == [200, 201]
        assert {answer.body["id"] for answer in answers} == {str(Reimbursement.objects.get().uid)}
        assert OrderPayment.objects.get().refunded == Refund.objects.get().amount == 19333

    def test_control(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        without_locks(monkeypatch)
        meet(monkeypatch, reimburse, "plan_for")
        answers = self.pay(api, race, monkeypatch)
        assert Refund.objects.count() == 2 or statuses(answers) != [200, 201]

    def mark(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> Json:
        rma = ready_to_pay(api)
        made = api.post(f"/returns/{rma['rma']}/reimbursements").made()
        meet(monkeypatch, money_actions, "mark_succeeded")
        path = f"/refunds/{made['refunds'][0]['id']}/mark-paid"
        answers = race(*two(path, {}, {}))
        return {"rma": rma, "statuses": statuses(answers)}

    def test_marked_as_paid_once(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        found = self.mark(api, race, monkeypatch)
        assert found["statuses"] == [200, 200]
        assert Event.objects.filter(kind="refund.succeeded").count() == 1
        assert Return.objects.get().refunded == 19333
        assert read(api, found["rma"])["status"] == "resolved"

    def test_marked_control(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without locks both find it waiting; the log's own numbering is the last guard."""
        without_locks(monkeypatch)
        found = self.mark(api, race, monkeypatch)
        assert found["statuses"] != [200, 200]


class TestTwoRequestsForTheLastUnit:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
        order = place(api)
        ask(api, order, ("A", 2))
        meet(monkeypatch, request, "claim_units")
        return race(*two("/returns", request_body(order), request_body(order)))

    def test_one_gets_it(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = self.race(api, race, monkeypatch)
        assert statuses(answers) == [201, 422]
        refusal = next(answer for answer in answers if answer.status == 422)
        refusal.refused(422, "over_quantity")
        assert refusal.body["open_return"]
        assert OrderLine.objects.get().claimed == 3

    def test_control(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        without_locks(monkeypatch)
        answers = self.race(api, race, monkeypatch)
        assert statuses(answers) == [201, 201]
        assert sum(ReturnItem.objects.values_list("requested", flat=True)) == 4 > OrderLine.objects.get().quantity


class TestTwoReturnsOverOnePayment:
    """Two returns of one order, paid at once: no more leaves the payment than was captured."""

    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
        review(api)
        order = place(api)
        paths = []
        for _n in range(2):
            rma = ask(api, order)
            command(api, rma, "authorize")
            receive(api, rma)
            inspect(api, rma)
            paths.append(f"/returns/{rma['rma']}/reimbursements")
        meet(monkeypatch, reimburse, "plan_for")
        body = {"shipping": "all"}
        return race(*(act for path in paths for act in two(path, body)))

    def test_delivery_goes_back_once(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = self.race(api, race, monkeypatch)
        totals = sorted(answer.body["total"] for answer in answers if answer.status == 201)
        assert sum(float(total) for total in totals) <= 233.31 + 0.01
        assert OrderPayment.objects.get().refunded == sum(Refund.objects.values_list("amount", flat=True))

    def test_control(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        without_locks(monkeypatch)
        self.race(api, race, monkeypatch)
        sent = sum(Refund.objects.values_list("amount", flat=True))
        assert sent != OrderPayment.objects.get().refunded


class TestStoreCredit:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
        rma = ready_to_pay(api, resolution="store_credit")
        meet(monkeypatch, reimburse, "plan_for")
        return race(*two(f"/returns/{rma['rma']}/reimbursements", {}, {}))

    def test_one_balance(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        assert statuses(self.race(api, race, monkeypatch)) == [200, 201]
        assert StoreCredit.objects.get().balance == 19333

    def test_control(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        without_locks(monkeypatch)
        answers = self.race(api, race, monkeypatch)
        assert StoreCredit.objects.count() == 2 or statuses(answers) != [200, 201]
