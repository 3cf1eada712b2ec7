"""A fault after a repair: what was agreed before is known of the order, at every door."""

from __future__ import annotations

import pytest

from returns.models import PolicyDecision, Return
from tests.builders import Api, Json, ask, command, days_ago, item_of, place, publish, receive

pytestmark = pytest.mark.django_db
LATE, LATER = days_ago(-850), days_ago(-900)


def law(api: Api, order: Json, **facts: object) -> Json:
    """What the law says of another fault of the order, after two years and more."""
    body = {"order": {"id": order["id"]}, "items": [{"line": "A", "quantity": 1, "reason": "defective"}]}
    answer = api.post("/eligibility", {**body, "as_of": LATE, "facts": facts}).ok()
    return answer["items"][0]["law"]  # type: ignore[no-any-return]


def repaired(api: Api, *, ended: bool) -> Json:
    """An order of three tees, one of which was to be repaired, and was."""
    publish(api, resolutions=["refund", "repair", "replacement"])
    order = place(api)
    rma = ask(api, order, ("A", 1, "defective"), resolution="repair")
    if ended:
        receive(api, rma)
        job = api.post(f"/returns/{rma['rma']}/repairs", {"item": item_of(rma), "quantity": 1}).made()
        for step in ("start", "done", "ship"):
            api.post(f"/repairs/{job['id']}/{step}", {"tracking_number": "T1"} if step == "ship" else {}).ok()
        assert Return.objects.get(code=rma["rma"]).resolved_at is not None
    return order


def test_an_agreed_repair_adds_a_year_to_the_guarantee_of_a_stored_order(api: Api) -> None:
    plain = law(api, place(api))
    assert plain["right"] == "reject"
    longer = law(api, repaired(api, ended=False))
    assert longer["right"] == "accept"
    assert int(longer["last_day"][:4]) == int(plain["last_day"][:4]) + 1
    assert longer["remedies"] == ["repair", "replacement"]


def test_a_fault_that_is_back_opens_money_and_a_lower_price_to_requests_too(api: Api) -> None:
    order = repaired(api, ended=True)
    assert law(api, order)["remedies"] == ["repair", "replacement", "price_reduction", "refund"]
    publish(api, resolutions=["store_credit"])
    rma = ask(api, order, ("A", 1, "defective"))
    assert rma["status"] == "authorized"
    decision = PolicyDecision.objects.get(rma__code=rma["rma"])
    assert decision.detail["resolutions"] == ["store_credit", "repair", "replacement", "price_reduction", "refund"]
    assert decision.inputs["law"]["repair_ended_at"]


def test_a_repair_that_was_declined_counts_for_nothing(api: Api) -> None:
    publish(api, decision="review", resolutions=["refund", "repair"])
    order = place(api)
    rma = ask(api, order, ("A", 1, "defective"), resolution="repair")
    assert law(api, order)["right"] == "reject"
    command(api, rma, "decline", reason="no fault", message="Nothing is wrong with it.")
    assert law(api, order)["right"] == "reject"


def test_what_the_caller_says_of_a_repair_comes_first(api: Api) -> None:
    order = repaired(api, ended=True)
    assert law(api, order, repair_ended_at=LATER)["remedies"] == ["repair", "replacement"]
