"""Keep the item: by policy at the request, or by an agent afterwards; paid without a parcel, no label, told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from notifications.models import Message
from refunds.models import Refund
from returns import outbox
from returns.links import token_for
from returns.models import Event, Label, Return, Shipment
from tests.builders import Api, Json, api_client, ask, command, place, publish, read, receive, units
from tests.notifications import story
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
Staff = Callable[[str], Client]
SUBMIT = re.compile(r'name="submit" value="([0-9a-f]{32})"')
KEEP = [{"name": "Keep", "when": {"max_price": "120.00", "reasons": ["defective"]}, "then": {"methods": ["keep"]}}]


def keep(api: Api, rma: Json, **body: Any) -> Any:
    return api.post(f"/returns/{rma['rma']}/keep", {"reason": "Not worth the postage.", **body})


def quantities(rma: Json) -> tuple[int, int, int]:
    found = rma["items"][0]["quantity"]
    return found["authorized"], found["waived"], found["refunded"]


class TestByPolicy:
    def test_asked_paid_and_resolved_without_a_parcel(self, api: Api) -> None:
        publish(api, rules=KEEP)
        rma = ask(api, place(api), ("A", 2, "defective"))
        assert (rma["method"], rma["status"]) == ("keep", "authorized")
        story.dispatch()
        rma = read(api, rma)
        assert quantities(rma) == (2, 2, 2)
        assert [row["amount"] for row in rma["reimbursements"][0]["refunds"]] == ["193.33"]
        api.post(f"/refunds/{rma['reimbursements'][0]['refunds'][0]['id']}/mark-paid").ok()
        assert read(api, rma)["status"] == "resolved"
        assert not Shipment.objects.exists()
        assert story.kinds()[0] == "return.authorized"
        assert "items.kept" not in story.kinds()
        assert "Nothing has to come back." in Message.objects.order_by("pk")[0].text

    def test_above_the_price_it_has_to_come_back(self, api: Api) -> None:
        publish(api, rules=[{**KEEP[0], "when": {"max_price": "90.00"}}])
        assert ask(api, place(api), ("A", 1, "defective"))["method"] != "keep"

    def test_in_the_portal_there_is_nothing_to_send(self, api: Api, client: Client) -> None:
        publish(api, rules=KEEP)
        order = place(api)
        number, email = order["number"], order["customer"]["email"]
        client.post("/", {"order": number, "contact": email})
        client.post("/return/items", {"line": "A", "quantity-A": "1"})
        first = {"stage": "choice", "step": "next", "reason-A": "defective", "resolution": "refund"}
        shown = client.post("/return/options", first)
        if shown.status_code != 302:
            shown = client.post("/return/options", {**first, "method": "keep"})
        assert shown.headers["Location"] == "/return/review", shown.content.decode()[-3000:]
        assert "Keep it" in client.get("/return/review").content.decode()
        answer = client.post("/return/review")
        rma = Return.objects.get()
        assert (rma.method, rma.status) == ("keep", "authorized")
        done = client.get(answer.headers["Location"]).content.decode()
        tracking = client.get(f"/r/{token_for(rma)}").content.decode()
        for page in (done, tracking):
            assert "Print label" not in page
            assert "Pack it" not in page
        assert "Keep it" in tracking


class TestByAnAgent:
    def waiting(self, api: Api, *rows: Any) -> Json:
        rma = ask(api, place(api), *(rows or [("A", 2)]), method="label")
        assert rma["status"] == "authorized"
        return rma

    def test_all_of_it(self, api: Api) -> None:
        rma = self.waiting(api)
        label = api.post(f"/returns/{rma['rma']}/shipments", {"carrier": "manual"}).made()
        kept = keep(api, rma).ok()
        assert (kept["method"], quantities(kept)) == ("keep", (2, 2, 0))
        story.dispatch()
        rma = read(api, rma)
        assert quantities(rma) == (2, 2, 2)
        assert Refund.objects.count() == 1
        assert Shipment.objects.get(uid=label["id"]).state in ("voided", "void_pending")
        mail = Message.objects.get(kind="items.kept")
        assert "Nothing has to come back." in mail.text
        assert "2" in mail.text
        event = Event.objects.get(kind="items.kept")
        assert (event.data["by"], event.data["reason"]) == ("staff", "Not worth the postage.")

    def test_some_of_it_and_the_rest_comes_back(self, api: Api) -> None:
        rma = self.waiting(api)
        api.post(f"/returns/{rma['rma']}/shipments", {"carrier": "manual"}).made()
        kept = keep(api, rma, items=units(rma, ("A", 1))).ok()
        assert (kept["method"], quantities(kept)) == ("label", (2, 1, 0))
        story.dispatch()
        assert Shipment.objects.get().state not in ("voided", "void_pending")
        assert "Only the rest" in Message.objects.get(kind="items.kept").text
        receive(api, rma, ("A", 1))
        assert read(api, rma)["status"] == "received"

    def test_the_label_is_not_charged(self, api: Api) -> None:
        publish(api, label_fee={"gross": "5.00"}, auto_reimburse=False)
        rma = self.waiting(api)
        assert rma["amounts"]["expected"] == "188.33"
        assert keep(api, rma).ok()["amounts"]["expected"] == "193.33"
        preview = api.post(f"/returns/{rma['rma']}/reimbursements/preview").ok()
        assert preview["total"] == "193.33"

    def test_it_is_done_once(self, api: Api) -> None:
        rma = self.waiting(api)
        keep(api, rma).ok()
        with unchanged():
            keep(api, rma).refused(422, "invalid")
        outbox.dispatch_all()
        outbox.dispatch_all()
        assert Refund.objects.count() == 1

    def test_never_more_than_is_to_come(self, api: Api) -> None:
        rma = self.waiting(api)
        with unchanged():
            problem = keep(api, rma, items=units(rma, ("A", 3))).refused(422, "over_quantity")
        assert problem["max"] == 2

    @pytest.mark.parametrize("state", ["requested", "declined", "cancelled", "received"])
    def test_only_while_it_is_awaited(self, api: Api, state: str) -> None:
        publish(api, decision="review")
        rma = ask(api, place(api), ("A", 1))
        if state == "declined":
            command(api, rma, "decline", reason="worn")
        if state == "cancelled":
            command(api, rma, "cancel")
        if state == "received":
            command(api, rma, "authorize")
            receive(api, rma)
        assert read(api, rma)["status"] == state
        with unchanged():
            keep(api, rma).refused(409, "wrong_state")

    def test_a_reason_is_needed(self, api: Api) -> None:
        rma = self.waiting(api)
        with unchanged():
            api.post(f"/returns/{rma['rma']}/keep", {}).refused(422, "invalid")
            keep(api_client("returns:read"), rma).refused(403, "forbidden")


class TestOnTheDesk:
    def press(self, browser: Client, rma: Return, **more: str) -> Any:
        shown = browser.get(reverse("desk:return", args=[rma.code])).content.decode()
        submit = SUBMIT.search(shown)
        assert submit
        data = {"submit": submit[1], "asked": "1", "reason": "Too heavy to send", **more}
        return browser.post(reverse("desk:keep", args=[rma.code]), data)

    def test_an_agent_lets_it_go(self, staff: Staff) -> None:
        rma, agent = story.a_request(), staff("agent")
        assert "Let the customer keep it" in agent.get(reverse("desk:return", args=[rma.code])).content.decode()
        assert self.press(agent, rma).status_code == 302
        assert [item.waived for item in rma.items.order_by("pk")] == [1, 1]
        assert Event.objects.get(kind="items.kept").actor_name == "Agent"

    def test_the_warehouse_may_not(self, staff: Staff) -> None:
        rma, worker = story.a_request(), staff("warehouse")
        assert "Let the customer keep it" not in worker.get(reverse("desk:return", args=[rma.code])).content.decode()
        with unchanged():
            assert worker.post(reverse("desk:keep", args=[rma.code]), {"reason": "x"}).status_code == 403

    def test_without_a_reason_nothing_happens(self, staff: Staff) -> None:
        rma = story.a_request()
        agent = staff("agent")
        with unchanged():
            assert self.press(agent, rma, reason="").status_code == 422


def test_no_label_was_ever_made(api: Api) -> None:
    publish(api, rules=KEEP)
    ask(api, place(api), ("A", 1, "defective"))
    story.dispatch()
    assert not Label.objects.exists()
