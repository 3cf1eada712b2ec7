"""A draft on trial: a stable share of the customers, logged, stopped or published."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns.models import Event, ReturnPolicy
from returns.policy.assignment import is_assigned
from tests import builders
from tests.builders import Api
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
REVIEW = {"name": "A person looks", "then": {"decision": "review"}}


def draft(api: Api, *rules: dict[str, Any]) -> str:
    """A draft; its id."""
    return str(api.post("/policies", {"name": "Trial", "rules": list(rules)}).made()["id"])


def requested(rma: dict[str, Any]) -> dict[str, Any]:
    """What the log says of a request."""
    return dict(Event.objects.get(rma__code=rma["rma"], kind="return.requested").data)


@given(st.uuids(), st.uuids(), st.integers(1, 98))
def test_the_share_is_stable_and_grows_without_losing_anybody(trial: Any, customer: Any, share: int) -> None:
    there = is_assigned(str(trial), str(customer), share)
    assert is_assigned(str(trial), str(customer), share) is there
    assert is_assigned(str(trial), str(customer), share + 1) or not there


@pytest.mark.parametrize("share", [1, 20, 50, 99])
def test_the_share_is_about_what_was_asked_for(share: int) -> None:
    found = sum(is_assigned("a trial", f"customer {n}", share) for n in range(5000))
    assert abs(found / 50 - share) < 2.5


def test_a_trial_decides_for_its_customers_and_the_log_says_so(api: Api) -> None:
    trial = draft(api, REVIEW)
    answer = api.post(f"/policies/{trial}/trial", {"share": 50}).ok()
    assert (answer["status"], answer["share"]) == ("trial", 50)
    seen = {builders.ask(api, builders.place(api), ("A", 1))["rma"]: None for _n in range(12)}
    arms = {}
    for code in seen:
        rma = api.get(f"/returns/{code}").ok()
        said = requested(rma)
        assert said["trial"] == trial
        arms.setdefault(said["arm"], set()).add(rma["status"])
    assert arms == {"trial": {"requested"}, "live": {"authorized"}}


def test_the_same_customer_stays_on_the_same_side(api: Api) -> None:
    api.post(f"/policies/{draft(api, REVIEW)}/trial", {"share": 50}).ok()
    customer = {"email": "same@example.com", "name": "S", "kind": "consumer"}
    arms = {requested(builders.ask(api, builders.place(api, customer=customer), ("A", 1)))["arm"] for _n in range(4)}
    assert len(arms) == 1


def test_a_stopped_trial_decides_no_more(api: Api) -> None:
    trial = draft(api, REVIEW)
    api.post(f"/policies/{trial}/trial", {"share": 99}).ok()
    assert api.post(f"/policies/{trial}/stop").ok()["status"] == "retired"
    rma = builders.ask(api, builders.place(api), ("A", 1))
    assert rma["status"] == "authorized"
    assert "trial" not in requested(rma)


def test_the_policy_page_says_that_some_have_other_terms(api: Api, client: Any) -> None:
    said = "The page of your order says which hold for you"
    trial = draft(api, REVIEW)
    assert said not in client.get("/policy").content.decode()
    api.post(f"/policies/{trial}/trial", {"share": 40}).ok()
    page = client.get("/policy").content.decode()
    assert said in page
    assert "A person looks" not in page
    api.post(f"/policies/{trial}/stop").ok()
    assert said not in client.get("/policy").content.decode()


def test_a_trial_is_published_for_everybody(api: Api) -> None:
    trial = draft(api, REVIEW)
    api.post(f"/policies/{trial}/trial", {"share": 1}).ok()
    answer = api.post(f"/policies/{trial}/publish").ok()
    assert (answer["status"], answer["share"]) == ("published", None)
    assert builders.ask(api, builders.place(api), ("A", 1))["status"] == "requested"


def test_one_trial_at_a_time_and_only_of_a_draft(api: Api) -> None:
    first, second = draft(api, REVIEW), draft(api)
    live = ReturnPolicy.objects.get(state="published", shop__code="main")
    api.post(f"/policies/{first}/trial", {"share": 10}).ok()
    with unchanged():
        api.post(f"/policies/{second}/trial", {"share": 10}).refused(409, "conflict")
        api.post(f"/policies/{first}/trial", {"share": 10}).refused(409, "wrong_state")
        api.post(f"/policies/{live.uid}/trial", {"share": 10}).refused(409, "wrong_state")
        api.post(f"/policies/{second}/stop").refused(409, "wrong_state")
        for share in (0, 100, "many", None):
            api.post(f"/policies/{second}/trial", {"share": share}).refused(422, "invalid")


def test_the_desk_starts_and_stops_a_trial(staff: Any, api: Api) -> None:
    desk, trial = staff("manager"), draft(api, REVIEW)
    page = f"/desk/policy/{trial}/"

    def press(verb: str, **fields: str) -> int:
        number = desk.get(page).content.decode().split('name="submit" value="')[1][:32]
        return int(desk.post(f"{page}{verb}/", {"submit": number, **fields}).status_code)

    assert press("trial", share="0") == 422
    assert press("trial", share="20") == 302
    assert "On trial, 20% of customers" in desk.get(page).content.decode()
    assert press("stop") == 302
    assert ReturnPolicy.objects.get(uid=trial).state == "retired"
