"""Gateways that operators add: stored by a command, and refunds that go through them from the return to the money."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from customers.models import Order, Shop
from inspections.models import Location
from refunds import gateways
from refunds.actions.gates import gateway_for, routed
from refunds.gateways.definitions import unseal
from refunds.models import GatewayAccount, Refund
from refunds.tasks import execute_refunds, reconcile
from tests.builders import Api, ask, card, inspect, line, place, publish, read, receive, reimburse
from tests.refunds.providers import SECRET, Platform, Polish, serving
from tests.snapshot import nothing_changes

pytestmark = pytest.mark.django_db
EXAMPLES = Path(__file__).resolve().parent.parent.parent / "docs" / "gateways"
VARIABLE = {
    "polish-provider": "POLISH_PROVIDER_SECRET",
    "israeli-provider": "ISRAELI_PROVIDER_SECRET",
    "shop-platform": "SHOP_PLATFORM_TOKEN",
}


def add(path: Path, **options: Any) -> str:
    """What the command says."""
    said = io.StringIO()
    call_command("add_gateway", str(path), stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[..., GatewayAccount]:
    """Add an example whose provider is at another address."""
    settings.WEBHOOK_ALLOWED_CIDRS = ["127.0.0.0/8"]

    def described(name: str, base: str) -> GatewayAccount:
        document = yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text())
        document["definition"]["base_url"] = base
        monkeypatch.setenv(VARIABLE[name], SECRET)
        file = tmp_path / "gateway.yaml"
        file.write_text(yaml.safe_dump(document))
        add(file)
        return GatewayAccount.objects.get(code=document["code"])

    return described


@pytest.mark.parametrize("name", VARIABLE)
def test_the_examples_can_be_added_as_they_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE[name], SECRET)
    said = add(EXAMPLES / f"{name}.yaml")
    row = GatewayAccount.objects.get()
    assert said.startswith(f"Added {row.code}")
    assert SECRET not in said + str(row.definition) + row.secret
    assert unseal(row.secret) == SECRET
    assert gateway_for(row.code).code == row.code
    assert add(EXAMPLES / f"{name}.yaml").startswith("Changed")
    assert GatewayAccount.objects.count() == 1


def test_every_example_is_here() -> None:
    assert {file.stem for file in EXAMPLES.glob("*.yaml")} == set(VARIABLE)


def test_the_secret_may_come_by_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    add(EXAMPLES / "shop-platform.yaml", secret_stdin=True)
    assert unseal(GatewayAccount.objects.get().secret) == SECRET
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    add(EXAMPLES / "shop-platform.yaml", secret_stdin=True)
    assert unseal(GatewayAccount.objects.get().secret) == SECRET


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "manual"}, "/code"),
        ({"code": "Our Shop"}, "/code"),
        ({"kind": "magic"}, "/kind"),
        ({"shop": "elsewhere"}, "/shop"),
        ({"definition": {"base_url": "https://x"}}, "/definition/refund"),
        ({"definition": []}, "/definition"),
        ({"secret_from": "NOT_SET_ANYWHERE"}, "NOT_SET_ANYWHERE"),
        ({"extra": 1}, "/extra"),
    ],
    ids=str,
)
def test_a_wrong_file_is_refused_and_stores_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], said: str
) -> None:
    monkeypatch.setenv("SHOP_PLATFORM_TOKEN", SECRET)
    document = yaml.safe_load((EXAMPLES / "shop-platform.yaml").read_text()) | change
    file = tmp_path / "gateway.yaml"
    file.write_text(yaml.safe_dump(document))

    def refused() -> str:
        with pytest.raises(CommandError) as refusal:
            add(file)
        return str(refusal.value)

    assert said in nothing_changes(refused)


@pytest.mark.parametrize("text", ["[1, 2]", "{", "- a: [", "\x00"])
def test_what_is_no_description_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "gateway.yaml"
    file.write_text(text)
    with pytest.raises(CommandError):
        add(file)
    with pytest.raises(CommandError):
        add(tmp_path / "nothing.yaml")


def accepted(api: Api, gateway: str, reference: str, currency: str = "EUR") -> dict[str, Any]:
    """A return of 100.00 paid through a gateway, everything back and accepted."""
    publish(api, auto_reimburse=False)
    payments = [card("P1", "100.00", gateway=gateway, reference=reference)]
    rma = ask(api, place(api, line(quantity=1), currency=currency, payments=payments))
    receive(api, rma)
    inspect(api, rma)
    return rma


@pytest.fixture
def platform(described: Callable[..., GatewayAccount]) -> Iterator[Platform]:
    """A shop platform that the shop's unknown gateways are routed to."""
    provider = Platform()
    with serving(provider) as base:
        described("shop-platform", base)
        Shop.objects.filter(code="main").update(gateways={"routes": {"*": "our-shop"}})
        yield provider


def test_any_payment_goes_back_through_the_shop_platform(api: Api, platform: Platform) -> None:
    rma = accepted(api, "acme_payments", "pay_1")
    made = reimburse(api, rma)
    assert platform.refunds == []
    assert made["refunds"][0]["gateway"] == "our-shop"
    execute_refunds()
    assert [(row["amount"], row["payment"]) for row in platform.refunds] == [("100.00", "pay_1")]
    assert read(api, rma)["status"] == "resolved"
    refund = Refund.objects.get()
    assert (refund.state, refund.gateway_refund_id) == (Refund.State.SUCCEEDED, "gid-1")
    execute_refunds()
    assert len(platform.refunds) == 1


def test_an_unclear_answer_of_the_platform_is_looked_up(api: Api, platform: Platform) -> None:
    rma = accepted(api, "acme_payments", "pay_1")
    reimburse(api, rma)
    platform.fault = "after"
    execute_refunds()
    assert Refund.objects.get().state == Refund.State.PROCESSING
    Refund.objects.update(next_attempt_at="2026-01-01T00:00:00Z")
    execute_refunds()
    assert Refund.objects.get().state == Refund.State.SUCCEEDED
    assert len(platform.refunds) == 1
    assert [row[0] for row in platform.seen] == ["POST", "GET"]


def test_what_the_shop_does_not_route_is_paid_by_hand(api: Api) -> None:
    rma = accepted(api, "acme_payments", "pay_1")
    refund = reimburse(api, rma)["refunds"][0]
    assert (refund["status"], refund["gateway"]) == ("manual_pending", "acme_payments")


@pytest.mark.parametrize(
    ("code", "to"),
    [("manual", "manual"), ("cash", "cash"), ("fake", "fake"), ("stripe", "ours"), ("other", "all"), ("named", "own")],
)
def test_routes(api: Api, code: str, to: str) -> None:
    order = accepted(api, "manual", "p")["order"]
    routes = {"*": "all", "named": "own", "stripe": "ours", "manual": "never"}
    Shop.objects.update(gateways={"routes": routes})
    assert routed(code, Order.objects.get(uid=order["id"])) == to


def test_a_provider_that_says_later_by_webhook(api: Api, described: Callable[..., GatewayAccount]) -> None:
    provider, client = Polish(), Client()
    with serving(provider) as base:
        described("polish-provider", base)
        rma = accepted(api, "polish-provider", "77:abc", "PLN")
        reimburse(api, rma)
        execute_refunds()
        assert Refund.objects.get().state == Refund.State.PROCESSING
        body = provider.settle(0)
        url = "/hooks/gateways/polish-provider"
        forged = client.post(url, body.replace(b'"status": 0', b'"status": 1'), content_type="application/json")
        assert forged.status_code == 400
        assert client.post(url, body, content_type="application/json").json() == {"events": 1, "new": 1}
        assert client.post(url, body, content_type="application/json").json() == {"events": 1, "new": 0}
    assert Refund.objects.get().state == Refund.State.SUCCEEDED
    assert read(api, rma)["status"] == "resolved"


def test_reconciling_asks_only_gateways_with_a_list(api: Api, platform: Platform) -> None:
    reconcile()
    assert platform.seen == []


def test_a_gateway_that_was_switched_off_is_paid_by_hand(platform: Platform) -> None:
    assert gateway_for("our-shop").code == "our-shop"
    GatewayAccount.objects.update(active=False)
    assert gateway_for("our-shop").code == "manual"


def test_cash_is_paid_out_at_the_till(api: Api, staff: Callable[[str], Client]) -> None:
    Location.objects.create(code="WAW-1", name="Złote Tarasy", kind="store")
    publish(api, auto_reimburse=False)
    rma = ask(api, place(api, line(quantity=1)))
    receive(api, rma, location="WAW-1")
    inspect(api, rma)
    refund = reimburse(api, rma, tender="cash")["refunds"][0]
    assert (refund["status"], refund["gateway"]) == ("manual_pending", "cash")
    listed = staff("agent").get(reverse("desk:payments")).content.decode()
    assert "Cash at Złote Tarasy" in listed
    api.post(f"/refunds/{refund['id']}/mark-paid", {"reference": "till 3, signed"}).ok()
    assert read(api, rma)["status"] == "resolved"
    assert gateways.get("cash").local
