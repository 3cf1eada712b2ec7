"""One refund into two files at once, a file paid twice at once, and one refund beside its file; with controls."""

from __future__ import annotations

from typing import Any

import pytest

from customers.models import Shop
from refunds.actions import money, payout_files
from refunds.models import PayoutFile, Refund
from returns.models import Event
from tests.builders import Api, Json, api_client
from tests.concurrency.race import Race, meet, statuses, without_locks
from tests.refunds.test_payout_files import SETTINGS, ids, make, owed, review

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(api: Api) -> Json:
    """A refund to a bank account."""
    Shop.objects.filter(code="main").update(gateways={"payouts": SETTINGS})
    review(api)
    return owed(api)


def posts(path: str, body: Json, times: int = 2) -> list[Any]:
    """The same call by as many keys."""
    clients = [api_client("refunds:write") for _n in range(times)]
    return [lambda c=c: c.post(path, body) for c in clients]


class TestTwoFiles:
    def test_a_refund_goes_into_one(self, row: Json, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        meet(monkeypatch, payout_files, "_check")
        answers = race(*posts("/payout-files", {"format": "sepa", "refunds": ids(row)}))
        assert statuses(answers) == [201, 409]
        assert PayoutFile.objects.count() == 1

    def test_control_without_locks_it_is_in_two(self, row: Json, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        without_locks(monkeypatch)
        meet(monkeypatch, payout_files, "_check")
        answers = race(*posts("/payout-files", {"format": "sepa", "refunds": ids(row)}))
        assert statuses(answers) == [201, 201]


class TestPaidAndGivenUp:
    @pytest.mark.parametrize("verbs", [("paid", "paid"), ("paid", "cancel"), ("cancel", "cancel")])
    def test_one_is_first(
        self, api: Api, row: Json, race: Race, monkeypatch: pytest.MonkeyPatch, verbs: tuple[str, str]
    ) -> None:
        file = make(api, row)
        meet(monkeypatch, payout_files, "_check_made")
        acts = [act for verb in verbs for act in posts(f"/payout-files/{file['id']}/{verb}", {}, 1)]
        answers = race(*acts)
        assert statuses(answers) == ([200, 200] if len(set(verbs)) == 1 else [200, 409])
        paid = PayoutFile.objects.get().state == "paid"
        assert Refund.objects.get().state == ("succeeded" if paid else "manual_pending")
        assert Event.objects.filter(kind="refund.succeeded").count() == paid

    def test_not_beside_its_file(self, api: Api, row: Json, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        meet(monkeypatch, money, "lock_refund")
        made = posts("/payout-files", {"format": "sepa", "refunds": ids(row)}, 1)
        answers = race(*made, *posts(f"/refunds/{ids(row)[0]}/mark-paid", {}, 1))
        assert statuses(answers)[1] == 409
        assert Refund.objects.get().state == ("manual_pending" if PayoutFile.objects.exists() else "succeeded")
