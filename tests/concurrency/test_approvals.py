"""Yes and no at the same moment, yes twice, and goodwill by two people at once; each with a control without locks."""

from __future__ import annotations

from typing import Any

import pytest

from customers.models import Order
from refunds.actions import approve, goodwill
from refunds.models import Refund, Reimbursement
from returns.models import Event
from tests.builders import Api, Json, api_client, place
from tests.concurrency.race import Race, meet, statuses, without_locks

pytestmark = pytest.mark.django_db
LARGE: Json = {"target": "order", "amount": "150.00", "reason": "Ruined a party"}


def waiting(api: Api) -> Json:
    """Goodwill that awaits approval."""
    order = place(api)
    made = api_client("refunds:write").post(f"/orders/{order['id']}/goodwill", LARGE).made()
    return {"order": order["id"], "id": made["id"]}


def decide(uid: str, *verbs: str) -> list[Any]:
    """As many people as verbs."""
    bodies = {"approve": {}, "reject": {"reason": "no"}}
    clients = [api_client("refunds:write") for _verb in verbs]
    return [
        lambda c=c, v=v: c.post(f"/reimbursements/{uid}/{v}", bodies[v]) for c, v in zip(clients, verbs, strict=True)
    ]


def taken(made: Json) -> tuple[int, int]:
    """What the order and its payment hold."""
    order = Order.objects.get(uid=made["order"])
    return order.refunded, order.payments.get().refunded


def told(made: Json) -> list[str]:
    """What the log says of the decision."""
    pk = Order.objects.get(uid=made["order"]).pk
    kinds = Event.objects.filter(stream=f"order:{pk}").values_list("kind", flat=True)
    return sorted(kind for kind in kinds if kind in ("reimbursement.approved", "reimbursement.rejected"))


class TestYesAndNo:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch, *verbs: str) -> tuple[Json, list[Any]]:
        made = waiting(api)
        meet(monkeypatch, approve, "lock_waiting")
        return made, race(*decide(made["id"], *verbs))

    @pytest.mark.parametrize("verbs", [("approve", "reject"), ("approve", "approve"), ("reject", "reject")])
    def test_one_is_first(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch, verbs: Any) -> None:
        made, answers = self.race(api, race, monkeypatch, *verbs)
        assert statuses(answers) == [200, 409]
        row = Reimbursement.objects.get(uid=made["id"])
        assert len(told(made)) == 1
        if row.state == "rejected":
            assert (taken(made), row.refunds.count()) == ((0, 0), 0)
        else:
            assert (taken(made), [r.state for r in row.refunds.all()]) == ((15000, 15000), ["manual_pending"])

    def test_control_without_locks_both_are_first(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        made = waiting(api)
        without_locks(monkeypatch)
        meet(monkeypatch, approve, "release")
        answers = race(*decide(made["id"], "reject", "reject"))
        assert statuses(answers) != [200, 409] or taken(made) != (0, 0)


class TestTwoGive:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> tuple[Json, list[Any]]:
        order = place(api)
        meet(monkeypatch, goodwill, "plan_goodwill")
        body = {"target": {"shipping": "S"}, "amount": "30.00", "reason": "late"}
        clients = [api_client("refunds:write") for _n in range(2)]
        acts = [lambda c=c: c.post(f"/orders/{order['id']}/goodwill", body) for c in clients]
        return {"order": order["id"]}, race(*acts)

    def test_never_more_than_was_paid(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        made, answers = self.race(api, race, monkeypatch)
        assert statuses(answers) == [201, 422]
        assert taken(made) == (3000, 3000)

    def test_control_without_locks_it_is_given_twice(
        self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        without_locks(monkeypatch)
        made, answers = self.race(api, race, monkeypatch)
        assert statuses(answers) == [201, 201]
        assert (
            sum(Refund.objects.filter(reimbursement__order__uid=made["order"]).values_list("amount", flat=True)) == 6000
        )
