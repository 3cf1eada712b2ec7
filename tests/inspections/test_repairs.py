"""Repairs through the API: planned, done, given up, sent back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import OrderLine
from inspections.models import RepairJob
from returns.models import Event
from returns.outbox import dispatch_all
from tests.builders import Api, Json, ask, finding, inspect, item_of, line, place, publish, read, receive
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


def broken(api: Api, units: int = 1, **changes: object) -> Json:
    """A lamp that came back to be repaired."""
    publish(api, resolutions=["refund", "repair", "replacement"])
    order = place(api, line("A", sku="LAMP", title="Lamp", quantity=2, unit_price="40.00"))
    rma = ask(api, order, ("A", units, "defective"), resolution="repair", **changes)
    dispatch_all()
    receive(api, rma)
    dispatch_all()
    return rma


def plan(api: Api, rma: Json, **body: object) -> Json:
    return api.post(f"/returns/{rma['rma']}/repairs", {"item": item_of(rma), "quantity": 1, **body}).made()  # type: ignore[no-any-return]


def test_a_repair_goes_back_to_the_customer_and_its_units_are_free(api: Api) -> None:
    rma = broken(api)
    job = plan(api, rma, place="service_centre", note="Does not charge")
    assert (job["status"], job["place"], job["overdue"]) == ("open", "service_centre", False)
    assert date.fromisoformat(job["due_on"]) == timezone.localdate() + timedelta(days=21)
    assert OrderLine.objects.get().claimed == 1
    api.post(f"/repairs/{job['id']}/start").ok()
    with unchanged():
        api.post(f"/repairs/{job['id']}/ship").refused(409, "wrong_state")
    api.post(f"/repairs/{job['id']}/done", {"note": "New battery"}).ok()
    sent = api.post(f"/repairs/{job['id']}/ship", {"tracking_number": "T1"}).ok()
    assert (sent["status"], sent["note"]) == ("sent_back", "New battery")
    dispatch_all()
    shown = read(api, rma)
    assert shown["status"] == "resolved"
    assert shown["reimbursements"] == []
    assert OrderLine.objects.get().claimed == 0
    with unchanged():
        api.post(f"/repairs/{job['id']}/ship", {"tracking_number": "T1"}).ok()
        api.post(f"/repairs/{job['id']}/ship", {"tracking_number": "T2"}).refused(409, "wrong_state")
        api.post(f"/repairs/{job['id']}/failed").refused(409, "wrong_state")
    assert Event.objects.filter(kind="repair.shipped").count() == 1


def test_what_cannot_be_repaired_is_refunded(api: Api) -> None:
    rma = broken(api)
    job = plan(api, rma)
    api.post(f"/repairs/{job['id']}/failed", {"note": "Cracked"}).ok()
    dispatch_all()
    shown = read(api, rma)
    assert [row["total"] for row in shown["reimbursements"]] == ["40.00"]
    with unchanged():
        api.post(f"/repairs/{job['id']}/failed").ok()
        api.post(f"/repairs/{job['id']}/done").refused(409, "wrong_state")


def test_what_cannot_be_repaired_is_replaced(api: Api) -> None:
    rma = broken(api)
    job = plan(api, rma)
    api.post(f"/repairs/{job['id']}/failed", {"instead": "replacement"}).ok()
    dispatch_all()
    (exchange,) = api.get("/exchanges").ok()["results"]
    assert (exchange["status"], exchange["due"], exchange["lines"][0]["sku"]) == ("ready", "0.00", "LAMP")
    assert read(api, rma)["items"][0]["quantity"]["exchanged"] == 1


def test_only_units_that_are_here_and_free_are_repaired(api: Api) -> None:
    rma = broken(api, 2)
    with unchanged():
        refusal = api.post(f"/returns/{rma['rma']}/repairs", {"item": item_of(rma), "quantity": 3})
    assert refusal.refused(422, "over_quantity")["max"] == 2
    plan(api, rma)
    with unchanged():
        found = {"items": [finding(rma, "A", 2)]}
        assert api.post(f"/returns/{rma['rma']}/inspections", found).refused(422, "over_quantity")["max"] == 1
        again = {"item": item_of(rma), "quantity": 2}
        assert api.post(f"/returns/{rma['rma']}/repairs", again).refused(422, "over_quantity")["max"] == 1
        api.post(f"/returns/{rma['rma']}/repairs", {**again, "due_on": "soon"}).refused(422, "invalid")
    inspect(api, rma, ("A", 1))
    assert read(api, rma)["status"] == "received"


def test_overdue_repairs_are_listed_and_another_shop_sees_none(api: Api, api_for: object) -> None:
    job = plan(api, broken(api))
    assert api.get("/repairs?overdue=true").ok()["results"] == []
    RepairJob.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    (row,) = api.get("/repairs?overdue=true").ok()["results"]
    assert row["overdue"]
    stranger = api_for("admin", shops=["elsewhere"])  # type: ignore[operator]
    stranger.post(f"/repairs/{job['id']}/done").refused(404, "not_found")
    assert stranger.get("/repairs").ok()["results"] == []


def test_the_floor_plans_repairs_and_sends_them_back(api: Api, staff: Callable[[str], Client]) -> None:
    rma = broken(api)
    browser = staff("warehouse")

    def press(path: str, **given: str) -> int:
        submit = re.search(r'name="submit" value="(\w+)"', browser.get("/warehouse/repairs/").content.decode())
        assert submit
        return browser.post(f"/warehouse/repairs/{path}/", {"submit": submit[1], **given}).status_code

    assert "Plan the repair" in browser.get("/warehouse/repairs/").content.decode()
    assert press(f"plan/{item_of(rma)}", place="importer") == 302
    job = RepairJob.objects.get()
    assert job.place == "importer"
    RepairJob.objects.update(due_on=timezone.localdate() - timedelta(days=2))
    assert "Overdue since" in browser.get("/warehouse/repairs/").content.decode()
    assert [press(f"{job.uid}/{verb}") for verb in ("start", "done")] == [302, 302]
    submit = re.search(r'name="submit" value="(\w+)"', browser.get("/warehouse/repairs/").content.decode())
    assert submit
    with unchanged():
        failed = {"submit": submit[1], "instead": "refund"}
        assert browser.post(f"/warehouse/repairs/{job.uid}/failed/", failed).status_code == 409
    assert press(f"{job.uid}/ship", tracking_number="T5") == 302
    assert RepairJob.objects.get().state == "sent_back"
    assert "No repair waits" in browser.get("/warehouse/repairs/").content.decode()
