"""Money on the desk: the slip before anything is sent, exactly that paid, paying by hand, and every refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import OrderPayment
from customers.templatetags.comeback import money_text
from refunds.models import Refund, Reimbursement
from returns.models import Event, Return
from returns.models.rma import Status
from tests.notifications import story

pytestmark = pytest.mark.django_db
Staff = Callable[[str], Client]
SUBMIT = re.compile(r'name="submit" value="([0-9a-f]{32})"')
EXPECTED = re.compile(r'name="expected_total" value="([0-9.]+)"')
LANGUAGES = ("en", "he", "pl")


@pytest.fixture
def agent(staff: Staff) -> Client:
    """An agent's browser."""
    return staff("agent")


@pytest.fixture
def looked() -> Return:
    """Both items inspected, nothing paid."""
    story.publish()
    return story.inspected(story.received(story.a_request()))


def address(rma: Return) -> str:
    return reverse("desk:reimburse", args=[rma.code])


def filled(rma: Return, **given: Any) -> dict[str, Any]:
    """The form as the page offers it, with changes."""
    units = {f"quantity-{item.uid}": item.payable for item in rma.items.all()}
    return {"tender": "original", "shipping": "none", **units, **given}


def hidden(shown: str) -> dict[str, str]:
    submit, expected = SUBMIT.search(shown), EXPECTED.search(shown)
    assert submit
    return {"submit": submit[1]} | ({"expected_total": expected[1]} if expected else {})


def stain(rma: Return, amount: str = "25.51", reason: str = "Stain on left cuff") -> dict[str, str]:
    jacket = rma.items.order_by("pk")[0]
    return {f"deduction-{jacket.uid}": amount, f"reason-{jacket.uid}": reason}


def nothing_paid(rma: Return) -> bool:
    events = Event.objects.filter(rma=rma, kind__startswith="re", kind__contains="opened").exists()
    return not (Reimbursement.objects.exists() or Refund.objects.exists() or events)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_return_shows_the_slip_and_the_amount(agent: Client, looked: Return, language: str) -> None:
    url = reverse("desk:return", args=[looked.code])
    answer = agent.get(url, {"lang": language})
    assert answer.context["acts"][0]["name"] == "reimburse"
    assert answer.context["money"]["sum_amount"] == 19530
    assert "195" in str(answer.context["acts"][0]["title"])
    assert agent.get(address(looked), {"lang": language}).status_code == 200


def test_preview_then_pay_exactly_that(agent: Client, looked: Return) -> None:
    seen = agent.post(address(looked), filled(looked, step="preview", **stain(looked)))
    shown = seen.content.decode()
    assert seen.context["slip"]["sum_amount"] == 16979
    assert f"Refund <bdi>{money_text(16979, 'EUR')}</bdi>" in shown
    assert nothing_paid(looked)
    paid = agent.post(address(looked), filled(looked, step="pay", **stain(looked), **hidden(shown)))
    assert paid.url == reverse("desk:return", args=[looked.code])
    row = Reimbursement.objects.get()
    assert (row.total, row.created_by_name) == (16979, "Agent")
    assert [line["amount"] for line in seen.context["slip"]["lines"]] == list(
        row.lines.order_by("position").values_list("gross", flat=True)
    )


def test_one_click_pays_what_the_page_opened_with(agent: Client, looked: Return) -> None:
    shown = agent.get(address(looked)).content.decode()
    given = filled(looked, step="pay", **hidden(shown))
    first, second = agent.post(address(looked), given), agent.post(address(looked), given)
    assert first.url == second.url
    assert Refund.objects.get().amount == 19530


def test_changed_after_the_preview_is_not_paid(agent: Client, looked: Return) -> None:
    shown = agent.get(address(looked)).content.decode()
    answer = agent.post(address(looked), filled(looked, step="pay", **stain(looked), **hidden(shown)))
    assert answer.status_code == 422
    assert answer.context["slip"]["sum_amount"] == 16979
    assert "Stain on left cuff" in answer.content.decode()
    assert nothing_paid(looked)


@pytest.mark.parametrize(
    "bad",
    [
        {"tender": "shells"},
        {"tender": ""},
        {"shipping": "amount", "shipping_amount": "4.999"},
        {"shipping": "amount", "shipping_amount": "999"},
        {"deduct": "1.234"},
        {"deduct": "abc"},
        {"deduct": "99999"},
        {"reason": ""},
        {"units": "2"},
        {"units": "-1"},
        {"units": "many"},
        {"tender": "bank_transfer", "holder": "Aoife", "iban": "IE00 0000"},
    ],
    ids=str,
)
@pytest.mark.parametrize("step", ["preview", "pay"])
def test_refusals_pay_nothing_and_keep_the_form(agent: Client, looked: Return, bad: dict[str, str], step: str) -> None:
    shown = agent.get(address(looked)).content.decode()
    jacket = looked.items.order_by("pk")[0]
    given = filled(looked, step=step, **stain(looked), **hidden(shown))
    given |= {name: bad[name] for name in ("tender", "shipping", "shipping_amount", "holder", "iban") if name in bad}
    given |= {f"deduction-{jacket.uid}": bad["deduct"]} if "deduct" in bad else {}
    given |= {f"reason-{jacket.uid}": bad["reason"]} if "reason" in bad else {}
    given |= {f"quantity-{jacket.uid}": bad["units"]} if "units" in bad else {}
    before = looked.events.count()
    answer = agent.post(address(looked), given)
    body = answer.content.decode()
    assert answer.status_code in (200, 409, 422)
    assert 'role="alert"' in body or "cb-error" in body
    assert answer.context["slip"] is None or step == "pay"
    assert given[f"deduction-{jacket.uid}"] in body
    assert nothing_paid(looked)
    assert looked.events.count() == before


def test_credit_instead_of_money(agent: Client, looked: Return) -> None:
    seen = agent.post(address(looked), filled(looked, step="preview", tender="store_credit"))
    given = filled(looked, step="pay", tender="store_credit", **hidden(seen.content.decode()))
    agent.post(address(looked), given)
    row = Reimbursement.objects.get()
    assert row.tender == "store_credit"
    assert row.store_credit.code in agent.get(reverse("desk:return", args=[looked.code])).content.decode()


def test_paying_by_hand_shows_the_account_and_forgets_it(agent: Client, looked: Return) -> None:
    account = {"holder": "Aoife Byrne", "iban": "IE29 AIBK 9311 5212 3456 78"}
    seen = agent.post(address(looked), filled(looked, step="preview", tender="bank_transfer", **account))
    assert seen.context["slip"], seen.context["refusal"]
    agent.post(
        address(looked),
        filled(looked, step="pay", tender="bank_transfer", **account, **hidden(seen.content.decode())),
    )
    refund = Refund.objects.get()
    listed = agent.get(reverse("desk:payments")).content.decode()
    assert "IE29AIBK93115212345678" in listed
    assert money_text(19530, "EUR") in listed
    given = {**hidden(listed), "reference": "2026-7741"}
    paid = reverse("desk:mark-paid", args=[refund.uid])
    assert agent.post(paid, given).url == reverse("desk:payments")
    assert agent.post(paid, given).status_code == 302
    refund.refresh_from_db()
    assert (refund.state, refund.gateway_refund_id) == (Refund.State.SUCCEEDED, "2026-7741")
    assert Return.objects.get(pk=looked.pk).status == Status.RESOLVED
    assert list(looked.events.filter(kind="refund.succeeded").values_list("actor_name", flat=True)) == ["Agent"]
    assert "IE29" not in agent.get(reverse("desk:payments")).content.decode()


def test_paid_on_the_page_of_the_return_goes_back_there(agent: Client, looked: Return) -> None:
    rma = story.refunded(looked, "refund.started")
    url = reverse("desk:return", args=[rma.code])
    refund = Refund.objects.get()
    given = {**hidden(agent.get(url).content.decode()), "back": "return"}
    assert agent.post(reverse("desk:mark-paid", args=[refund.uid]), given).url == url


@pytest.mark.parametrize("back", ["return", ""])
def test_only_a_failed_refund_is_tried_again(agent: Client, looked: Return, back: str) -> None:
    story.refunded(looked, "refund.started")
    refund, before = Refund.objects.get(), looked.events.count()
    answer = agent.post(reverse("desk:retry-refund", args=[refund.uid]), {"submit": "f" * 32, "back": back})
    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()
    assert looked.events.count() == before
    Refund.objects.update(state=Refund.State.FAILED, last_error="account closed")
    OrderPayment.objects.update(refunded=0)  # a refund that failed holds nothing
    failed = agent.get(reverse("desk:payments"), {"state": "failed"}).content.decode()
    assert "account closed" in failed
    answer = agent.post(reverse("desk:retry-refund", args=[refund.uid]), hidden(failed) | {"back": back})
    assert answer.status_code == 302
    refund.refresh_from_db()
    assert (refund.state, refund.attempt) == (Refund.State.MANUAL_PENDING, 2)


def test_nothing_left_to_pay_says_so(agent: Client, looked: Return) -> None:
    rma = story.refunded(looked)
    answer = agent.get(address(rma))
    assert answer.status_code == 200
    assert answer.context["slip"] is None
    assert 'role="alert"' in answer.content.decode()


def test_payments_cost_the_same_for_any_number(agent: Client) -> None:
    story.publish()
    counted = []
    for _ in range(2):
        for _ in range(3):
            story.refunded(story.inspected(story.received(story.a_request())), "refund.started")
        with CaptureQueriesContext(connection) as seen:
            agent.get(reverse("desk:payments"))
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 8


def test_the_warehouse_sees_no_button_for_money(staff: Staff, looked: Return) -> None:
    browser = staff("warehouse")
    answer = browser.get(reverse("desk:return", args=[looked.code]))
    assert answer.status_code == 200
    assert {act["name"] for act in answer.context["acts"]} == set()
    assert browser.get(address(looked)).status_code == 403
