"""A second person: what waits, who may say yes or no through any door or key, and that no gives back everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.keys import create_key, rotate_key
from accounts.models import ApiKey, User
from customers.models import Order, OrderLine, OrderPayment, OrderShipping
from refunds.models import Refund, Reimbursement, StoreCredit
from returns.models import Event, Return, ReturnItem
from tests.builders import Api, Json, api_client, ask, inspect, line, pay, place, publish, read, receive
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
LARGE: Json = {"target": "order", "amount": "150.00", "reason": "Ruined a party"}


@pytest.fixture
def maker() -> Api:
    """An integration that prepares."""
    return api_client("refunds:write")


@pytest.fixture
def second() -> Api:
    """Another integration."""
    return api_client("refunds:write")


def prepare(api: Api, order: Json, **changes: Any) -> Json:
    """Goodwill above the limit."""
    made = api.post(f"/orders/{order['id']}/goodwill", {**LARGE, **changes}).made()
    assert (made["status"], made["held_for"]) == ("awaiting_approval", "goodwill_above_limit")
    return made  # type: ignore[no-any-return]


def counters() -> list[Any]:
    """Every counter of money there is."""
    return [
        list(model.objects.order_by("pk").values_list(*names))
        for model, names in (
            (Order, ["refunded"]),
            (OrderLine, ["refunded_units", "refunded_gross", "refunded_tax", "withheld_gross", "withheld_tax",
                         "extra_gross", "extra_tax"]),
            (OrderShipping, ["refunded_gross", "refunded_tax"]),
            (OrderPayment, ["refunded", "refunded_elsewhere"]),
            (ReturnItem, ["refunded", "fixed_fee_taken", "cancelled", "waived"]),
            (Return, ["refunded", "open_reimbursements", "status"]),
            (StoreCredit, ["balance"]),
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amounts", "last"),
    [
        (["100.00"], "processing"),
        (["100.01"], "awaiting_approval"),
        (["60.00", "40.00"], "processing"),
        (["60.00", "40.01"], "awaiting_approval"),
    ],
)
def test_above_the_limit_it_waits_and_small_ones_add_up(maker: Api, order: Json, amounts: list[str], last: str) -> None:
    for amount in amounts:
        made = maker.post(f"/orders/{order['id']}/goodwill", {**LARGE, "amount": amount}).made()
    assert made["status"] == last


def test_a_currency_that_the_limit_does_not_name_always_waits(api: Api, maker: Api) -> None:
    publish(api, goodwill_second_person_above={"EUR": "100.00"})
    order = place(api, line(), currency="PLN")
    prepare(maker, order, amount="0.01")


def test_while_it_waits_all_is_reserved_and_nothing_is_sent(maker: Api, order: Json) -> None:
    made = prepare(maker, order)
    refund = Refund.objects.get(uid=made["refunds"][0]["id"])
    assert (refund.state, refund.next_attempt_at, refund.attempts.count()) == ("created", None, 0)
    assert maker.get(f"/orders/{order['id']}/refundable").ok()["order"] == "179.98"
    kinds = Event.objects.filter(stream__startswith="order:").values_list("kind", flat=True)
    assert list(kinds) == ["reimbursement.opened"]
    with unchanged():
        maker.post(f"/refunds/{refund.uid}/mark-paid").refused(409, "wrong_state")
        maker.post(f"/refunds/{refund.uid}/retry").refused(409, "wrong_state")
        body = {**LARGE, "amount": "179.99"}
        assert maker.post(f"/orders/{order['id']}/goodwill", body).refused(422, "over_amount")["max"] == "179.98"


def test_approved_the_money_goes(maker: Api, second: Api, order: Json) -> None:
    made = prepare(maker, order)
    yes = second.post(f"/reimbursements/{made['id']}/approve").ok()
    assert (yes["status"], yes["approved_by"], yes["refunds"][0]["status"]) == ("processing", "tests", "manual_pending")
    kinds = list(Event.objects.filter(stream__startswith="order:").order_by("seq").values_list("kind", flat=True))
    assert kinds == ["reimbursement.opened", "reimbursement.approved", "goodwill.given", "refund.started"]
    with unchanged():
        second.post(f"/reimbursements/{made['id']}/approve").refused(409, "wrong_state")
        second.post(f"/reimbursements/{made['id']}/reject", {"reason": "late"}).refused(409, "wrong_state")
    pay(maker, yes)
    assert maker.get(f"/reimbursements/{made['id']}").ok()["status"] == "settled"
    # what two people looked at does not count for the next small one
    small = maker.post(f"/orders/{order['id']}/goodwill", {**LARGE, "amount": "5.00"}).made()
    assert small["status"] == "processing"


def test_store_credit_is_issued_when_it_is_approved(maker: Api, second: Api, order: Json) -> None:
    made = prepare(maker, order, tender="store_credit")
    assert (made["store_credit"], StoreCredit.objects.count()) == (None, 0)
    yes = second.post(f"/reimbursements/{made['id']}/approve").ok()
    assert (yes["status"], yes["store_credit"]["amount"]) == ("settled", "150.00")


def test_rejected_everything_is_as_before(maker: Api, second: Api, order: Json) -> None:
    before = counters()
    made = prepare(maker, order)
    no = second.post(f"/reimbursements/{made['id']}/reject", {"reason": "Not our fault"}).ok()
    assert (no["status"], no["rejected_because"], no["refunds"]) == ("rejected", "Not our fault", [])
    assert counters() == before
    assert Event.objects.filter(kind="reimbursement.rejected").get().data["refunds"] == [made["refunds"][0]["id"]]
    with unchanged():
        second.post(f"/reimbursements/{made['id']}/approve").refused(409, "wrong_state")
    assert prepare(maker, order)["id"] != made["id"]


@pytest.mark.parametrize("reason", ["", "   ", None])
def test_no_needs_a_reason(maker: Api, second: Api, order: Json, reason: str | None) -> None:
    made = prepare(maker, order)
    with unchanged():
        answer = second.post(f"/reimbursements/{made['id']}/reject", {"reason": reason})
        answer.refused(422, "invalid")
        assert answer.pointers() == {"/reason"}


def refused_for(api: Api, made: Json) -> bool:
    """Whether neither yes nor no is possible, and trying changes nothing."""
    with unchanged():
        yes = api.post(f"/reimbursements/{made['id']}/approve").refused(403, "forbidden")
        no = api.post(f"/reimbursements/{made['id']}/reject", {"reason": "no"}).refused(403, "forbidden")
    return bool(yes["detail"] and no["detail"])


class Session(Api):
    """The API through a signed-in browser, with the person's own permissions."""

    def __init__(self, browser: Client) -> None:
        super().__init__("")
        self.client = browser


@pytest.fixture
def person() -> Callable[..., tuple[User, Session]]:
    """Members of staff with their sessions."""

    def make(role: str, email: str) -> tuple[User, Session]:
        user = User.objects.create_user(email, "correct horse", name=email)
        user.groups.set([Group.objects.get(name=role)])
        browser = Client()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user, Session(browser)

    return make


def key_of(user: User | None) -> Api:
    """A key that this person made."""
    key, text = create_key("theirs", ["refunds:write"], created_by=user)
    return Api(text, key)


def test_the_maker_is_refused_through_every_door(order: Json, person: Callable[..., tuple[User, Session]]) -> None:
    user, session = person("manager", "maker@example.com")
    _other, colleague = person("manager", "other@example.com")
    by_session, by_key = prepare(session, order), prepare(key_of(user), order, amount="120.00")
    for made in (by_session, by_key):
        assert refused_for(session, made)
        assert refused_for(key_of(user), made)
    assert colleague.post(f"/reimbursements/{by_session['id']}/approve").ok()["approved_by"] == "other@example.com"
    colleague.post(f"/reimbursements/{by_key['id']}/reject", {"reason": "once is enough"}).ok()


def test_a_rotated_key_is_the_same_integration(maker: Api, second: Api, order: Json) -> None:
    made = prepare(maker, order)
    key = maker.key
    assert key is not None
    for _n in range(3):
        key, text = rotate_key(key)
    assert refused_for(Api(text, key), made)
    backwards = prepare(Api(text, key), order, amount="101.00")
    assert refused_for(maker, backwards)
    second.post(f"/reimbursements/{made['id']}/approve").ok()


def test_two_keys_of_one_person_are_one_person(order: Json, person: Callable[..., tuple[User, Session]]) -> None:
    user, _session = person("agent", "maker@example.com")
    assert refused_for(key_of(user), prepare(key_of(user), order))


def test_the_command_says_who_asked_for_a_key(person: Callable[..., tuple[User, Session]]) -> None:
    user, _session = person("agent", "maker@example.com")
    call_command("create_api_key", "erp", "--scopes", "refunds:write", "--by", "MAKER@example.com")
    assert ApiKey.objects.get(name="erp").created_by == user


def test_an_agent_gives_and_does_not_approve(
    maker: Api, order: Json, person: Callable[..., tuple[User, Session]]
) -> None:
    _user, agent = person("agent", "agent@example.com")
    assert agent.client.get("/desk/").status_code == 200
    small = agent.post(f"/orders/{order['id']}/goodwill", {**LARGE, "amount": "10.00"}).made()
    assert small["prepared_by"] == "agent@example.com"
    assert refused_for(agent, prepare(maker, order))


def test_staff_without_the_permission_give_nothing(order: Json, person: Callable[..., tuple[User, Session]]) -> None:
    _user, session = person("agent", "agent@example.com")
    role = Group.objects.get(name="agent")
    role.permissions.remove(role.permissions.get(codename="give_goodwill"))
    for verb in ("goodwill", "goodwill/preview"):
        with unchanged():
            session.post(f"/orders/{order['id']}/{verb}", LARGE).refused(403, "forbidden")


def test_an_approval_of_somebody_else_s_order_is_no_approval(maker: Api, order: Json) -> None:
    made = prepare(maker, order)
    stranger = api_client("refunds:write", shops=["elsewhere"])
    with unchanged():
        stranger.post(f"/reimbursements/{made['id']}/approve").refused(404, "not_found")
        stranger.post(f"/reimbursements/{made['id']}/reject", {"reason": "no"}).refused(404, "not_found")


def test_a_return_waits_for_what_awaits_approval(api: Api, maker: Api, second: Api) -> None:
    order = place(api)
    rma = ask(api, order)
    receive(api, rma)
    inspect(api, rma)
    made = prepare(maker, order, rma=rma["rma"])
    paid = api.post(f"/returns/{rma['rma']}/reimbursements").made()
    pay(api, paid)
    assert read(api, rma)["status"] == "inspected"
    second.post(f"/reimbursements/{made['id']}/reject", {"reason": "no"}).ok()
    assert read(api, rma)["status"] == "resolved"


WISHES = st.lists(st.tuples(st.sampled_from(["A", "B", "S", "order"]), st.integers(1, 9_000)), min_size=1, max_size=4)
AIMS: dict[str, Any] = {"order": "order", "A": {"line": "A"}, "B": {"line": "B"}, "S": {"shipping": "S"}}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=WISHES, tender=st.sampled_from(["original", "cash", "store_credit"]), units=st.integers(0, 2))
def test_no_restores_every_counter(api: Api, wishes: list[tuple[str, int]], tender: str, units: int) -> None:
    publish(api, goodwill_second_person_above="0.00", auto_reimburse=False)
    rows = [
        line("A", quantity=3, unit_price="33.33"),
        line("B", sku="B", quantity=2, unit_price="7.77", tax_rate="0.08"),
    ]
    order = place(api, *rows, shipping=[{"id": "S", "method": "post", "amount": "9.99", "tax_rate": "0.23"}])
    if units:
        rma = ask(api, order, ("A", units))
        receive(api, rma)
        inspect(api, rma, ("A", units))
        api.post(f"/returns/{rma['rma']}/reimbursements").made()
    before, made = counters(), []
    for name, cents in wishes:
        body = {"target": AIMS[name], "amount": f"{cents / 100:.2f}", "reason": "x", "tender": tender}
        answer = api.post(f"/orders/{order['id']}/goodwill", body)
        assert answer.status in (201, 422), answer.body
        made += [answer.body["id"]] if answer.status == 201 else []
    other = api_client("refunds:write")
    for uid in reversed(made):
        assert counters() != before
        other.post(f"/reimbursements/{uid}/reject", {"reason": "no"}).ok()
    assert counters() == before
    assert not Reimbursement.objects.filter(state="awaiting_approval").exists()
