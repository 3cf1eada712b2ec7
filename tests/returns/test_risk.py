"""Risk at the door: read with the order, used by the policy, told to the agent, and never above the law."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from returns.links import token_for
from returns.models import Event, PolicyDecision, Return, ReturnItem
from returns.policy.eligibility import replay
from returns.queries import policy_of
from tests import builders
from tests.builders import Api

pytestmark = pytest.mark.django_db
TEXAS = {"name": "A", "line1": "1 Main St.", "city": "Austin", "postal_code": "73301", "country": "US", "region": "TX",
         "time_zone": "America/Chicago"}  # fmt: skip
LOOK = {"name": "Unusual", "when": {"risk_at_least": "medium"}, "then": {"decision": "review"}}


def buyer(n: int = 1) -> dict[str, Any]:
    """A customer of their own."""
    return {"email": f"risk{n}@example.com", "name": f"R {n}", "kind": "consumer"}


def again(api: Api, n: int = 1, **changes: Any) -> dict[str, Any]:
    """One more order and return of the same customer."""
    return builders.ask(api, builders.place(api, customer=buyer(n), ship_to=TEXAS, **changes), ("A", 1))


def signals(rma: dict[str, Any]) -> list[str]:
    """The codes that the log names."""
    data = Event.objects.get(rma__code=rma["rma"], kind="return.requested").data
    return [reason["code"] for reason in data.get("signals", [])]


def test_the_fifth_return_in_a_month_is_looked_at(api: Api) -> None:
    builders.publish(api, rules=[LOOK])
    made = [again(api) for _n in range(5)]
    assert [rma["status"] for rma in made] == ["authorized"] * 4 + ["requested"]
    assert signals(made[3]) == []
    assert signals(made[4]) == ["rate", "velocity"]
    assert Return.objects.get(code=made[4]["rma"]).risk == "medium"


def test_many_customers_behind_one_door(api: Api) -> None:
    builders.publish(api, rules=[LOOK])
    for n in (1, 2):
        assert again(api, n)["status"] == "authorized"
    door = {**TEXAS, "line1": "1 MAIN  ST"}
    rma = builders.ask(api, builders.place(api, customer=buyer(3), ship_to=door), ("A", 1))
    assert (rma["status"], signals(rma)) == ("requested", ["accounts"])


def test_no_address_is_nobodys_door(api: Api) -> None:
    empty = {**TEXAS, "line1": None}
    for n in range(4):
        rma = builders.ask(api, builders.place(api, customer=buyer(n), ship_to=empty), ("A", 1))
        assert signals(rma) == []


def test_what_the_law_gives_is_not_refused_for_it(api: Api) -> None:
    refuse = {**LOOK, "then": {"decision": "decline"}}
    builders.publish(api, rules=[refuse])
    made = [builders.ask(api, builders.place(api, customer=buyer()), ("A", 1)) for _n in range(5)]
    assert made[4]["status"] == "authorized"
    assert "velocity" in signals(made[4])


def test_the_decision_replays_with_its_risk(api: Api) -> None:
    builders.publish(api, rules=[LOOK])
    rma = [again(api) for _n in range(5)][-1]
    row = PolicyDecision.objects.select_related("policy").get(rma__code=rma["rma"])
    assert row.inputs["request"]["risk"] == "medium"
    assert row.policy is not None
    assert replay(policy_of(row.policy), row.inputs).as_dict() == row.detail


def test_the_agent_reads_why(api: Api, staff: Any) -> None:
    rma = [again(api) for _n in range(5)][-1]
    page = staff("agent").get(f"/desk/returns/{rma['rma']}/").content.decode()
    assert "4 returns on 5 orders within a year." in page
    assert "4 returns within 30 days." in page


def past(api: Api, *, order: int = 0, returned: int = 0, **item: int) -> None:
    """Earlier orders of the same customer, some of them sent back, with what came of the items."""
    for n in range(order + returned):
        made = builders.place(api, customer=buyer(), ship_to=TEXAS)
        if n < returned:
            builders.ask(api, made, ("A", 1))
    ReturnItem.objects.update(**item) if item else None
    Return.objects.update(created_at=timezone.now() - timedelta(days=40))


SIGNALS: list[tuple[str, dict[str, int], str, str]] = [
    ("rate", {"order": 1, "returned": 4}, "medium", "4 returns on 6 orders within a year."),
    ("rejected", {"order": 9, "returned": 2, "received": 1, "rejected": 1}, "medium",
     "2 items were rejected at inspection before."),
    ("mismatch", {"order": 9, "returned": 1, "missing": 1}, "medium", "1 item was announced and never came."),
    ("mismatch", {"order": 9, "returned": 3, "missing": 1}, "high", "3 items were announced and never came."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "before", "level", "words"), SIGNALS)
def test_each_signal_is_said_with_its_numbers(
    api: Api, staff: Any, code: str, before: dict[str, int], level: str, words: str
) -> None:
    past(api, **before)
    rma = again(api)
    assert signals(rma) == [code]
    assert Return.objects.get(code=rma["rma"]).risk == level
    page = staff("agent").get(f"/desk/returns/{rma['rma']}/").content.decode()
    assert words in page
    assert "No reason to refuse what the law gives." in page


def test_money_asked_back_of_what_was_bought_is_said_in_percent(api: Api, staff: Any) -> None:
    for _n in range(2):
        builders.ask(api, builders.place(api, customer=buyer(), ship_to=TEXAS), ("A", 3))
    Return.objects.update(created_at=timezone.now() - timedelta(days=40))
    small = builders.place(api, builders.line(quantity=1, unit_price="20.00"), customer=buyer(), ship_to=TEXAS)
    rma = builders.ask(api, small, ("A", 1))
    assert "value" in signals(rma)
    page = staff("agent").get(f"/desk/returns/{rma['rma']}/").content.decode()
    assert re.search(r"Lately asked back \d\d% of what was bought within a year\.", page)


def test_a_refusal_for_risk_is_contested_and_a_person_decides_otherwise(api: Api, client: Any) -> None:
    builders.publish(api, rules=[{**LOOK, "then": {"decision": "decline"}}])
    rma = Return.objects.get(code=[again(api) for _n in range(5)][-1]["rma"])
    assert (rma.status, rma.risk) == ("declined", "medium")
    link = f"/r/{token_for(rma)}"
    shown = client.get(link).content.decode()
    assert "Ask a person to look again" in shown
    assert "unusual" not in shown
    assert client.post(f"{link}/contest", {"text": "We moved house."}).status_code == 302
    granted = builders.command(api, {"rma": rma.code}, "authorize", override={"reason": "They moved house."})
    assert granted["status"] == "authorized"
