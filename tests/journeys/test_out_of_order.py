"""Every command in every status: what is out of order is refused and changes nothing at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from accounts.actors import SYSTEM_ACTOR
from returns.actions import expire_returns
from returns.models import Return
from tests.builders import (
    Api,
    Json,
    ask,
    command,
    days_ago,
    finding,
    inspect,
    label,
    place,
    read,
    receive,
    review,
    scan,
    units,
    whole_life,
)
from tests.snapshot import snapshot

pytestmark = pytest.mark.django_db
DONE = {"declined", "cancelled", "expired", "resolved"}
COMING = {"authorized", "in_transit", "partially_received"}

COMMANDS: dict[str, Callable[[Json], Json]] = {
    "authorize": lambda rma: {},
    "decline": lambda rma: {"reason": "worn"},
    "cancel": lambda rma: {},
    "close-short": lambda rma: {},
    "lost": lambda rma: {"reason": "carrier"},
    "close": lambda rma: {"reason": "agreed"},
    "reopen": lambda rma: {},
    "shipments": lambda rma: {"carrier": "manual"},
    "own-shipment": lambda rma: {"carrier": "Poczta"},
    "receipts": lambda rma: {"items": units(rma, ("A", 1))},
    "inspections": lambda rma: {"items": [finding(rma)]},
    "reimbursements": lambda rma: {},
    "reimbursements/preview": lambda rma: {},
}
ALLOWED: dict[str, set[str]] = {
    "authorize": {"requested"},
    "decline": {"requested"},
    "cancel": {"requested", "authorized", "in_transit"},
    "close-short": COMING,
    "lost": COMING,
    "close": {*COMING, "received", "inspected"},
    "reopen": DONE,
    "shipments": COMING,
    "own-shipment": COMING,
    "receipts": {"requested", "authorized", "in_transit", "partially_received", "received", "inspected"},
    "inspections": {"partially_received", "received"},
    "reimbursements": {"partially_received", "inspected", "resolved"},
    "reimbursements/preview": {"partially_received", "inspected"},
}
STATUSES = [
    "requested", "authorized", "in_transit", "partially_received", "received", "inspected", "resolved",
    "declined", "cancelled", "expired",
]  # fmt: skip


def bring_to(api: Api, status: str) -> Json:
    """A return of two tees in this status, through the doors."""
    review(api)
    order = place(api)
    if status == "resolved":
        return whole_life(api, order, ("A", 2))
    rma = ask(api, order, ("A", 2))
    if status in ("declined", "cancelled"):
        return command(
            api,
            rma,
            "decline" if status == "declined" else "cancel",
            **({"reason": "worn"} if status == "declined" else {}),
        )
    if status != "requested":
        command(api, rma, "authorize")
    STEPS.get(status, lambda api, rma: None)(api, rma)
    return read(api, rma)


def _expire(api: Api, rma: Json) -> None:
    Return.objects.filter(code=rma["rma"]).update(expires_at=days_ago(1))
    assert expire_returns() == 1


def _partly(api: Api, rma: Json) -> None:
    receive(api, rma, ("A", 1))


def _inspected(api: Api, rma: Json) -> None:
    receive(api, rma)
    inspect(api, rma, ("A", 2))


def _half_inspected(api: Api, rma: Json) -> None:
    receive(api, rma, ("A", 2))


STEPS: dict[str, Callable[[Api, Json], None]] = {
    "in_transit": lambda api, rma: (scan(api, label(api, rma)), None)[1],
    "partially_received": _partly,
    "received": _half_inspected,
    "inspected": _inspected,
    "expired": _expire,
}


@pytest.mark.parametrize("status", STATUSES)
def test_what_is_out_of_order_is_refused(api: Api, status: str) -> None:
    rma = bring_to(api, status)
    assert rma["status"] == status
    before = snapshot()
    wrong = []
    for verb, body in COMMANDS.items():
        if status in ALLOWED[verb]:
            continue
        answer = api.post(f"/returns/{rma['rma']}/{verb}", body(rma))
        code = (answer.body or {}).get("code")
        expected = {(409, "wrong_state")}
        if verb.startswith("reimbursements"):  # nothing is payable yet, or any more
            expected.add((422, "over_quantity"))
            expected.add((409, "conflict"))
        if (answer.status, code) not in expected:
            wrong.append((verb, answer.status, answer.body))
        if (changed := snapshot()) != before:
            wrong.append((verb, "changed", {name for name in before if before[name] != changed[name]}))
            before = changed
    assert wrong == []


@pytest.mark.parametrize("status", STATUSES)
def test_what_is_in_order_is_done(api: Api, status: str) -> None:
    rma = bring_to(api, status)
    if status == "partially_received":
        inspect(api, rma)
        receive(api, rma, ("A", 0), parcel="empty")
    wrong = []
    for verb, body in COMMANDS.items():
        if status not in ALLOWED[verb] or (status, verb) == ("partially_received", "inspections"):
            continue
        with transaction.atomic():
            answer = api.post(f"/returns/{rma['rma']}/{verb}", body(rma))
            transaction.set_rollback(True)
        if answer.status not in (200, 201):
            wrong.append((verb, answer.status, answer.body))
    assert wrong == []


def test_notes_can_be_written_in_every_status(api: Api) -> None:
    for status in ("requested", "resolved", "expired"):
        rma = bring_to(api, status)
        command(api, rma, "notes", text="Called, no answer.")
        assert Return.objects.get(code=rma["rma"]).notes.get(text="Called, no answer.").visible_to_customer is False


def test_the_tables_name_every_command_and_status() -> None:
    assert set(COMMANDS) == set(ALLOWED)
    assert set(STATUSES) == {value for value, _label in Return._meta.get_field("status").choices or ()}
    assert SYSTEM_ACTOR.may("admin")


def test_a_customer_cannot_cancel_what_is_on_its_way(api: Api) -> None:
    rma = bring_to(api, "in_transit")
    body = {"requested_by": "customer"}
    before = snapshot()
    api.post(f"/returns/{rma['rma']}/cancel", body).refused(409, "wrong_state")
    assert snapshot() == before


def test_the_refusal_says_what_is_possible(api: Api) -> None:
    rma = bring_to(api, "declined")
    refusal = api.post(f"/returns/{rma['rma']}/authorize").refused(409, "wrong_state")
    assert refusal["status_now"] == "declined"
    assert "Requested" in refusal["detail"]
    assert rma["rma"] in refusal["detail"]


def test_a_second_expiry_run_finds_nothing(api: Api) -> None:
    bring_to(api, "expired")
    before = snapshot()
    assert expire_returns() == 0
    assert snapshot() == before
