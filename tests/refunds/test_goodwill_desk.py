"""Goodwill and approvals on the desk: the slip first, exactly that given, and a second person who is another one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from refunds.models import Reimbursement
from tests.builders import Api, Json, api_client, ask, finding, place, publish, receive, review
from tests.operations import NOBODY
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
Staff = Callable[..., Client]
SUBMIT = re.compile(r'name="submit" value="([0-9a-f]{32})"')
EXPECTED = re.compile(r'name="expected_total" value="([0-9.]+)"')
LANGUAGES = ("en", "he", "pl")
FORM: Json = {"target": "order", "amount": "8.00", "reason": "Late by a week", "tender": "original", "payment": ""}


def address(order: Json, name: str = "goodwill") -> str:
    return reverse(f"desk:{name}", args=[order["id"]])


def hidden(shown: str) -> dict[str, str]:
    submit, expected = SUBMIT.search(shown), EXPECTED.search(shown)
    assert submit
    return {"submit": submit[1]} | ({"expected_total": expected[1]} if expected else {})


def given(browser: Client, order: Json, **changes: Any) -> Reimbursement:
    """Preview, then give."""
    form = {**FORM, **changes}
    shown = browser.post(address(order), {**form, "step": "preview"}).content.decode()
    answer = browser.post(address(order), {**form, "step": "give", **hidden(shown)})
    assert answer.status_code == 302, answer.content.decode()
    row = Reimbursement.objects.order_by("-pk").first()
    assert row is not None
    return row


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ["agent", "manager"])
def test_the_page_of_an_order(staff: Staff, order: Json, language: str, role: str) -> None:
    answer = staff(role).get(address(order, "order"), {"lang": language})
    assert (answer.status_code, answer.context["left"]["order"]) == (200, 32998)
    assert [one["left"] for one in answer.context["left"]["lines"]] == [29000]
    assert answer.context["form"] is not None


def test_an_order_without_a_return_is_found_by_its_number(staff: Staff, order: Json) -> None:
    agent = staff("agent")
    found = agent.get(reverse("desk:search"), {"q": f" {order['number']} "}).content.decode()
    assert address(order, "order") in found
    assert address(order, "order") not in agent.get(reverse("desk:search"), {"q": "no such"}).content.decode()


def test_preview_then_give_exactly_that(staff: Staff, order: Json) -> None:
    agent = staff("agent")
    with unchanged():
        seen = agent.post(address(order), {**FORM, "step": "preview"})
    assert seen.context["slip"]["sum_amount"] == 800
    assert "Sends money and mails" in seen.content.decode()
    row = given(agent, order)
    assert (row.total, row.kind, row.reason, row.created_by_name) == (800, "goodwill", "Late by a week", "Agent")
    page = agent.get(address(order, "order")).content.decode()
    assert "Late by a week" in page


def test_one_click_gives_once(staff: Staff, order: Json) -> None:
    agent = staff("agent")
    shown = agent.post(address(order), {**FORM, "step": "preview"}).content.decode()
    form = {**FORM, "step": "give", **hidden(shown)}
    first, second = agent.post(address(order), form), agent.post(address(order), form)
    assert first.url == second.url == address(order, "order")
    assert Reimbursement.objects.count() == 1


def test_changed_after_the_preview_is_not_given(staff: Staff, order: Json) -> None:
    agent = staff("agent")
    shown = agent.post(address(order), {**FORM, "step": "preview"}).content.decode()
    answer = agent.post(address(order), {**FORM, "amount": "9.00", "step": "give", **hidden(shown)})
    assert (answer.status_code, answer.context["slip"]["sum_amount"]) == (422, 900)
    assert not Reimbursement.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": ""},
        {"amount": ""},
        {"amount": "1.001"},
        {"amount": "abc"},
        {"amount": "999"},
        {"target": "line:X"},
        {"payment": "P9"},
        {"tender": "shells"},
        {"tender": "bank_transfer", "iban": "PL00", "holder": "A"},
        {"payment": "P1", "tender": "store_credit"},
    ],
)
@pytest.mark.parametrize("step", ["preview", "give"])
def test_what_cannot_be_given_keeps_what_was_typed(staff: Staff, order: Json, changes: Json, step: str) -> None:
    agent = staff("agent")
    shown = agent.get(address(order, "order")).content.decode()
    with unchanged():
        answer = agent.post(address(order), {**FORM, **changes, "step": step, **hidden(shown)})
    assert answer.status_code == 422
    assert changes.get("reason", "Late by a week") in answer.content.decode()
    assert not Reimbursement.objects.exists()


def test_all_that_is_left_of_a_line(staff: Staff, order: Json, api: Api) -> None:
    publish(api, goodwill_second_person_above="1000.00")
    assert given(staff("agent"), order, target="line:A", amount="", everything="on").total == 29000


def test_from_a_return_and_back_to_it(staff: Staff, api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order)
    agent = staff("agent")
    page = agent.get(reverse("desk:return", args=[rma["rma"]]))
    link = next(act["link"] for act in page.context["acts"] if act["name"] == "goodwill")
    assert f'name="rma" value="{rma["rma"]}"' in agent.get(link).content.decode()
    row = given(agent, order, rma=rma["rma"])
    assert row.rma is not None
    assert row.rma.code == rma["rma"]
    assert "Late by a week" in agent.get(reverse("desk:return", args=[rma["rma"]])).content.decode()


def test_another_order_s_return_is_left_out(staff: Staff, api: Api, order: Json) -> None:
    review(api)
    other = ask(api, place(api))
    assert given(staff("agent"), order, rma=other["rma"]).rma is None


@pytest.mark.parametrize("role", ["warehouse", "integrator"])
def test_who_may_not_give_sees_no_form(staff: Staff, order: Json, role: str) -> None:
    browser = staff(role)
    assert browser.get(address(order, "order")).context["form"] is None
    with unchanged():
        assert browser.post(address(order), {**FORM, "step": "give"}).status_code == 403


@pytest.mark.parametrize("name", ["order", "goodwill"])
def test_no_such_order(staff: Staff, name: str) -> None:
    assert staff("agent").get(reverse(f"desk:{name}", args=[NOBODY])).status_code == 404


class TestSecondPerson:
    def url(self, row: Reimbursement, verb: str) -> str:
        return reverse(f"desk:{verb}", args=[row.uid])

    def press(self, browser: Client, row: Reimbursement, verb: str, **form: str) -> Any:
        return browser.post(self.url(row, verb), {"submit": uuid.uuid4().hex, **form})

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_it_is_listed_with_who_asked_and_why(self, staff: Staff, order: Json, language: str) -> None:
        row = given(staff("agent"), order, amount="150.00")
        assert row.state == "awaiting_approval"
        answer = staff("manager").get(reverse("desk:approvals"), {"lang": language})
        shown = answer.content.decode()
        assert "Late by a week" in shown
        assert "Agent" in shown
        assert self.url(row, "approve") in shown
        assert self.url(row, "reject") in shown

    def test_yes(self, staff: Staff, order: Json) -> None:
        row = given(staff("agent"), order, amount="150.00")
        manager = staff("manager")
        assert self.press(manager, row, "approve").url == reverse("desk:approvals")
        row.refresh_from_db()
        assert (row.state, row.approved_by_name) == ("processing", "Manager")
        assert row.refunds.get().state == "manual_pending"
        assert "Late by a week" not in manager.get(reverse("desk:approvals")).content.decode()
        with unchanged():
            assert self.press(manager, row, "approve").status_code == 409

    def test_no_needs_a_reason_and_keeps_it(self, staff: Staff, order: Json) -> None:
        row = given(staff("agent"), order, amount="150.00")
        manager = staff("manager")
        with unchanged():
            answer = self.press(manager, row, "reject", reason=" ")
        assert answer.status_code == 422
        assert self.press(manager, row, "reject", reason="Too much").status_code == 302
        row.refresh_from_db()
        assert (row.state, row.rejected_because) == ("rejected", "Too much")
        assert "Too much" in manager.get(address(order, "order")).content.decode()

    def test_the_maker_sees_no_buttons_and_is_refused(self, staff: Staff, order: Json) -> None:
        manager = staff("manager")
        row = given(manager, order, amount="150.00")
        shown = manager.get(reverse("desk:approvals")).content.decode()
        assert self.url(row, "approve") not in shown
        assert "somebody else has to decide" in shown
        with unchanged():
            assert self.press(manager, row, "approve").status_code == 403
            assert self.press(manager, row, "reject", reason="x").status_code == 403

    def test_who_may_not_approve_sees_no_buttons(self, staff: Staff, order: Json) -> None:
        row = given(staff("agent"), order, amount="150.00")
        other = staff("agent", "other@example.com")
        assert self.url(row, "approve") not in other.get(reverse("desk:approvals")).content.decode()
        with unchanged():
            assert other.post(self.url(row, "approve"), {"submit": "a" * 32}).status_code == 403

    def test_on_the_page_of_its_return(self, staff: Staff, api: Api, order: Json) -> None:
        review(api)
        rma = ask(api, order)
        row = given(staff("agent"), order, amount="150.00", rma=rma["rma"])
        manager = staff("manager")
        page = reverse("desk:return", args=[rma["rma"]])
        shown = manager.get(page).content.decode()
        assert self.url(row, "approve") in shown
        done = manager.post(self.url(row, "approve"), {**hidden(shown), "back": "return"})
        assert done.url == page

    def test_no_more_statements_for_more_rows(self, staff: Staff, api: Api) -> None:
        manager = staff("manager")
        counts = []
        for _n in range(2):
            for _m in range(3):
                body = {"target": "order", "amount": "150.00", "reason": "x"}
                api_client("refunds:write").post(f"/orders/{place(api)['id']}/goodwill", body).made()
            manager.get(reverse("desk:approvals"))
            with CaptureQueriesContext(connection) as captured:
                manager.get(reverse("desk:approvals"))
            counts.append([row["sql"][:200] for row in captured])
        assert len(counts[0]) == len(counts[1]), "\n".join(counts[1])


def test_a_suggested_deduction_is_filled_in_with_its_finding(staff: Staff, api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False, deduction_by_grade={"C": 20})
    rma = ask(api, order)
    receive(api, rma)
    found = finding(rma, grade="C", disposition="liquidate", note="Stain on cuff")
    api.post(f"/returns/{rma['rma']}/inspections", {"items": [found]}).made()
    agent = staff("agent")
    answer = agent.get(reverse("desk:reimburse", args=[rma["rma"]]))
    shown = answer.content.decode()
    item = rma["items"][0]["id"]
    assert f'name="deduction-{item}" value="19.33"' in shown
    assert answer.context["slip"]["sum_amount"] == 7734
    form = {
        "tender": "original", "shipping": "none", f"quantity-{item}": "1", f"deduction-{item}": "19.33",
        f"reason-{item}": "Stain on cuff", "step": "pay", **hidden(shown),
    }  # fmt: skip
    assert agent.post(reverse("desk:reimburse", args=[rma["rma"]]), form).status_code == 302
    page = agent.get(reverse("desk:return", args=[rma["rma"]])).content.decode()
    assert "Evidence" in page
    assert page.count("Stain on cuff") > 1
