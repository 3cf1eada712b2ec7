"""Who sends it themselves may still have our label, until anything is on its way."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from returns.models import Event
from tests import builders
from tests.builders import Api
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


def page_of(rma: dict[str, Any]) -> str:
    """The address of the tracking page, on this host."""
    return "/r/" + rma["portal_url"].rpartition("/r/")[2]


def own(api: Api, **changes: Any) -> dict[str, Any]:
    """A return that the customer sends with a carrier of their own."""
    return builders.ask(api, builders.place(api, **changes), ("A", 1), method="own_carrier")


def test_a_withdrawal_is_offered_a_label_after_its_acknowledgement(api: Api, client: Client) -> None:
    email = "nowak@example.com"
    order = builders.place(api, customer={"email": email, "name": "A. Nowak", "kind": "consumer"})
    said = {"name": "A. Nowak", "contract": order["number"], "acknowledge_to": email}
    code = api.post("/withdrawals", said).made()["return"]
    rma = api.get(f"/returns/{code}").ok()
    assert rma["method"] == "own_carrier"
    url = page_of(rma)
    assert "Send it with our label" in client.get(url).content.decode()
    assert client.post(f"{url}/label", {"method": "label"}).status_code == 302
    rma = api.get(f"/returns/{code}").ok()
    assert rma["method"] == "label"
    assert rma["shipments"][0]["status"] == "label_issued"
    shown = client.get(url).content.decode()
    assert "Print label" in shown
    assert "Send it with our label" not in shown


def test_the_fee_that_was_decided_is_taken_off(api: Api, client: Client) -> None:
    builders.publish(api, label_fee={"gross": "4.50"})
    texas = {"name": "A", "line1": "1 Main St", "city": "Austin", "postal_code": "73301", "country": "US",
             "region": "TX", "time_zone": "America/Chicago"}  # fmt: skip
    rma = own(api, ship_to=texas)
    before = rma["amounts"]["expected"]
    url = page_of(rma)
    assert "4.50" in client.get(url).content.decode()
    client.post(f"{url}/label", {"method": "qr"})
    after = builders.read(api, rma)
    assert float(before) - float(after["amounts"]["expected"]) == pytest.approx(4.5)
    assert Event.objects.get(kind="return.label_chosen").data["fee"] == "4.50"


def test_once_and_only_what_was_offered(api: Api, client: Client) -> None:
    rma = own(api)
    url = page_of(rma)
    with unchanged():
        assert client.post(f"{url}/label", {"method": "pickup"}).status_code == 409
        assert client.post(f"{url}/label").status_code == 409
        assert client.get(f"{url}/label").status_code == 405
    assert client.post(f"{url}/label", {"method": "label"}).status_code == 302
    with unchanged():
        assert client.post(f"{url}/label", {"method": "label"}).status_code == 409


def test_not_once_it_is_on_its_way(api: Api, client: Client) -> None:
    rma = own(api)
    api.post(f"/returns/{rma['rma']}/own-shipment", {"carrier": "post", "tracking_number": "RR1"}).made()
    url = page_of(rma)
    assert "Send it with our label" not in client.get(url).content.decode()
    with unchanged():
        assert client.post(f"{url}/label", {"method": "label"}).status_code == 409
