"""A version that starts later: not before its instant, from it on to the second, and taken back while there is time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from returns.actions import start_due_policies
from returns.models import ReturnPolicy
from returns.tasks import start_policies
from tests import builders
from tests.builders import Api
from tests.returns.test_desk_policies import press
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
REVIEW = {"name": "A person looks", "then": {"decision": "review"}}


def draft(api: Api, *rules: dict[str, Any], name: str = "Later") -> str:
    """A draft; its id."""
    return str(api.post("/policies", {"name": name, "rules": list(rules)}).made()["id"])


def soon(**ahead: float) -> str:
    return (timezone.now() + timedelta(**ahead)).isoformat()


def due(policy: str) -> None:
    """As if its start had just passed."""
    ReturnPolicy.objects.filter(uid=policy).update(starts_at=timezone.now() - timedelta(seconds=1))


def test_it_decides_from_its_instant_on_and_the_state_follows(api: Api) -> None:
    policy = draft(api, REVIEW)
    waiting = api.post(f"/policies/{policy}/publish", {"starts_at": soon(hours=2)}).ok()
    assert waiting["status"] == "scheduled"
    assert start_due_policies() == 0
    assert builders.ask(api, builders.place(api), ("A", 1))["status"] == "authorized"
    due(policy)
    assert builders.ask(api, builders.place(api), ("A", 1))["status"] == "requested"
    assert "A person looks" in str(api.get(f"/policies/{policy}").ok()["document"])
    before = api.get(f"/policies/{policy}").ok()["starts_at"]
    start_policies()
    found = {row["status"]: row["id"] for row in api.get("/policies").ok()["results"]}
    assert found["published"] == policy
    assert "scheduled" not in found
    assert api.get(f"/policies/{policy}").ok()["starts_at"] == before
    assert ReturnPolicy.objects.filter(shop__code="main", state="published").count() == 1
    assert builders.ask(api, builders.place(api), ("A", 1))["status"] == "requested"


def test_it_is_taken_back_changed_and_published_as_it_is_then(api: Api) -> None:
    policy = draft(api, REVIEW)
    api.post(f"/policies/{policy}/publish", {"starts_at": soon(hours=2)}).ok()
    taken = api.post(f"/policies/{policy}/stop").ok()
    assert (taken["status"], taken["starts_at"]) == ("draft", None)
    row = ReturnPolicy.objects.get(uid=policy)
    row.document = {**row.document, "rules": []}
    row.save()
    api.post(f"/policies/{policy}/publish").ok()
    assert builders.ask(api, builders.place(api), ("A", 1))["status"] == "authorized"


@pytest.mark.parametrize("ahead", [{"seconds": -5}, {"days": 800}])
def test_only_a_time_to_come_within_two_years(api: Api, ahead: dict[str, float]) -> None:
    policy = draft(api)
    with unchanged():
        refused = api.post(f"/policies/{policy}/publish", {"starts_at": soon(**ahead)})
        refused.refused(422, "invalid")
    assert refused.pointers() == {"/starts_at"}


def test_one_waits_at_a_time_and_only_a_draft(api: Api) -> None:
    first, second = draft(api), draft(api)
    api.post(f"/policies/{first}/publish", {"starts_at": soon(hours=2)}).ok()
    with unchanged():
        api.post(f"/policies/{second}/publish", {"starts_at": soon(hours=3)}).refused(409, "conflict")
        api.post(f"/policies/{first}/publish", {"starts_at": soon(hours=3)}).refused(409, "wrong_state")
        api.post(f"/policies/{second}/stop").refused(409, "wrong_state")
    due(first)
    with unchanged():
        api.post(f"/policies/{first}/stop").refused(409, "wrong_state")
    assert api.post(f"/policies/{first}/publish").ok()["status"] == "published"


def test_the_desk_chooses_a_time_and_takes_it_back(staff: Any, api: Api) -> None:
    desk, policy = staff("manager"), draft(api, REVIEW)
    page = f"/desk/policy/{policy}/"
    with unchanged():
        wrong = press(desk, f"{page}publish/", page=page, starts_at="soon")
    assert (wrong.status_code, "Choose a day and a time." in wrong.content.decode()) == (422, True)
    tomorrow = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    press(desk, f"{page}publish/", page=page, starts_at=tomorrow)
    shown = desk.get(page).content.decode()
    assert "Take the start back" in shown
    assert ReturnPolicy.objects.get(uid=policy).state == "scheduled"
    press(desk, f"{page}stop/", page=page)
    assert "It is a draft again." in desk.get(page).content.decode()
    assert ReturnPolicy.objects.get(uid=policy).state == "draft"
