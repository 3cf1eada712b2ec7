"""Two people at one exchange, and two exchanges at the last unit of stock; each with a control without its guard."""

from __future__ import annotations

import pytest

from customers.actions import stock
from customers.models import Product
from refunds.actions import exchange_steps, exchanges
from refunds.models import Exchange, ExchangeLine, Reimbursement
from returns.models import Event, Return, ReturnItem
from returns.outbox import dispatch_all
from tests.builders import Answer, Api, Json, api_client, inspect, line, place, receive, request_body
from tests.concurrency.race import Race, meet, statuses, without_locks

pytestmark = pytest.mark.django_db
TEE = line("A", sku="TEE-M", title="Tee M", quantity=2, unit_price="100.00")


def shelve(api: Api, units: int) -> None:
    body = {"sku": "TEE-L", "title": "Tee L", "price": "100.00", "currency": "EUR", "stock": units}
    assert api.post("/products", body).status in (200, 201)


def asked(api: Api) -> Json:
    """A return that wants a TEE-L, and whose reaction has not run."""
    wish = {"resolution": "exchange", "exchange_for": [{"sku": "TEE-L", "quantity": 1}]}
    return api.post("/returns", request_body(place(api, TEE), **wish)).made()  # type: ignore[no-any-return]


def ready(api: Api) -> Exchange:
    """An exchange whose goods are accepted and whose replacement may leave."""
    shelve(api, 5)
    rma = asked(api)
    dispatch_all()
    receive(api, rma)
    inspect(api, rma)
    dispatch_all()
    return Exchange.objects.get()


class TestTwoReturnsWantTheLastUnit:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        shelve(api, 1)
        returns = [asked(api), asked(api)]
        meet(monkeypatch, stock, "_change")
        race(*[lambda r=r: api_client("admin").post(f"/returns/{r['rma']}/exchange", {}) for r in returns])

    def test_one_gets_it(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        self.race(api, race, monkeypatch)
        assert Product.objects.get(sku="TEE-L").reserved == 1
        assert sum(ExchangeLine.objects.values_list("reserved", flat=True)) == 1
        assert sorted(Exchange.objects.values_list("held_for", flat=True)) == ["", "out_of_stock"]

    def test_control(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        without_locks(monkeypatch)
        self.race(api, race, monkeypatch)
        assert sum(ExchangeLine.objects.values_list("reserved", flat=True)) == 2


class TestOneExchange:
    def race(self, race: Race, monkeypatch: pytest.MonkeyPatch, exchange: Exchange, *verbs: str) -> list[Answer]:
        meet(monkeypatch, exchange_steps, "ship_lines" if verbs == ("ship", "ship") else "lock_exchange")
        bodies = {
            "ship": [{"tracking_number": "T-1"}, {"tracking_number": "T-2"}],
            "cancel": [{}] * 2,
            "convert": [{}] * 2,
        }
        return race(
            *[
                lambda v=v, n=n: api_client("admin").post(f"/exchanges/{exchange.uid}/{v}", bodies[v][n])
                for n, v in enumerate(verbs)
            ]
        )

    def test_ships_once(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = self.race(race, monkeypatch, ready(api), "ship", "ship")
        assert statuses(answers) == [200, 409]
        # one came back into stock at the bench of another SKU; of this one exactly one left
        assert Product.objects.values_list("stock", "reserved").get(sku="TEE-L") == (4, 0)
        assert Event.objects.filter(kind="exchange.shipped").count() == 1

    def test_control_ships_twice(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        """The return's move, which repeats the old status, is the last guard; without that too, both leave."""
        exchange = ready(api)
        without_locks(monkeypatch)
        monkeypatch.setattr(exchange_steps, "pay_rest", lambda *args, **kwargs: None)
        answers = self.race(race, monkeypatch, exchange, "ship", "ship")
        shipped = Event.objects.filter(kind="exchange.shipped").count()
        assert statuses(answers) != [200, 409] or shipped != 1

    @pytest.mark.parametrize("other", ["cancel", "convert"])
    def test_ships_or_not(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch, other: str) -> None:
        exchange = ready(api)
        answers = self.race(race, monkeypatch, exchange, "ship", other)
        assert statuses(answers) == [200, 409]
        exchange.refresh_from_db()
        item = ReturnItem.objects.get()
        left = Product.objects.values_list("stock", "reserved").get(sku="TEE-L")
        row = Reimbursement.objects.get()
        if exchange.state == Exchange.State.SHIPPED:
            assert (left, item.exchanged, row.state) == ((4, 0), 1, Reimbursement.State.SETTLED)
        else:
            assert (left, item.exchanged, row.state) == ((5, 0), 0, Reimbursement.State.REJECTED)
        assert Return.objects.get().open_reimbursements == 0

    def test_control_ships_and_converts(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        exchange = ready(api)
        without_locks(monkeypatch)
        meet(monkeypatch, exchange_steps, "ship_lines")
        meet(monkeypatch, exchange_steps, "release_lines")
        answers = self.race(race, monkeypatch, exchange, "ship", "convert")
        left = Product.objects.values_list("stock", "reserved").get(sku="TEE-L")
        assert statuses(answers) != [200, 409] or left not in ((4, 0), (5, 0))


class TestOpenedTwice:
    def test_one_exchange(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        shelve(api, 5)
        rma = asked(api)
        meet(monkeypatch, exchanges, "lines_for")
        path = f"/returns/{rma['rma']}/exchange"
        answers = race(*[lambda: api_client("admin").post(path, {}) for _n in range(2)])
        assert statuses(answers) == [200, 201]
        assert Product.objects.get(sku="TEE-L").reserved == 1
