"""The desk on statements of withdrawal: what waits, matching, answering, recording by hand, the proof."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC

import pytest
from django.test import Client

from accounts.actors import SYSTEM_ACTOR
from returns.actions.withdrawals import answer_withdrawal, contest_withdrawal
from returns.models import Event, Withdrawal
from tests.builders import Api, Json, days_ago, delivered, line, place
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
Staff = Callable[[str], Client]


def unmatched(api: Api, **changes: object) -> Withdrawal:
    """A statement whose order nobody knows."""
    body = {"name": "A. Nowak", "contract": "the tees", "acknowledge_to": "a@example.com", **changes}
    return Withdrawal.objects.get(ref=api.post("/withdrawals", body).made()["ref"])


def submit_of(browser: Client, page: str) -> str:
    """The page's one-time id."""
    return str(re.search(r'name="submit" value="(\w+)"', browser.get(page).content.decode())[1])  # type: ignore[index]


def test_the_list_has_the_unmatched_first_and_pages(api: Api, order: Json, staff: Staff) -> None:
    rows = [unmatched(api) for _n in range(27)]
    matched = api.post("/withdrawals", {"name": "A. Nowak", "contract": order["number"], "acknowledge_to": "x"}).made()
    agent = staff("agent")
    text = agent.get("/desk/withdrawals/").content.decode()
    assert rows[0].ref in text
    assert rows[26].ref not in text
    assert matched["ref"] not in text
    assert matched["ref"] in agent.get("/desk/withdrawals/?tab=all").content.decode()
    assert matched["ref"] in agent.get("/desk/withdrawals/?tab=mail").content.decode()
    (after,) = re.findall(r'href="(\?[^"]*before=\d+)"', text)
    assert rows[26].ref in agent.get("/desk/withdrawals/" + after.replace("&amp;", "&")).content.decode()


def test_matching_opens_the_return(api: Api, order: Json, staff: Staff) -> None:
    row, agent = unmatched(api), staff("agent")
    page = f"/desk/withdrawals/{row.ref}/"
    assert order["number"] in agent.get(page).content.decode()
    chosen = f"{page}?order={order['id']}"
    form = {"submit": submit_of(agent, chosen), "order": order["id"], "quantity-A": "2"}
    for _press in range(2):
        assert agent.post(f"{page}match/", form).status_code == 302
    row.refresh_from_db()
    assert row.rma is not None
    assert row.rma.items.get().authorized == 2
    assert row.rma.code in agent.get(page).content.decode()
    with unchanged():
        assert agent.post(f"{page}match/", {**form, "submit": "again"}).status_code == 409


def test_an_order_that_is_not_there_is_refused(api: Api, staff: Staff) -> None:
    row, agent = unmatched(api), staff("agent")
    with unchanged():
        answer = agent.post(f"/desk/withdrawals/{row.ref}/match/", {"submit": "s", "order": "none"})
    assert answer.status_code == 422


def test_answering_says_why(api: Api, staff: Staff) -> None:
    row, agent = unmatched(api), staff("agent")
    page = f"/desk/withdrawals/{row.ref}/"
    with unchanged():
        answer = agent.post(f"{page}answer/", {"submit": "s", "accepted": "no", "reasons": ""})
    assert answer.status_code == 422
    agent.post(f"{page}answer/", {"submit": "t", "accepted": "no", "reasons": "Made to measure."})
    row.refresh_from_db()
    assert row.decision["reasons"] == "Made to measure."
    assert Event.objects.filter(stream=row.stream, kind="withdrawal.decided").count() == 1


def test_sent_again_to_another_address_and_posted(api: Api, staff: Staff) -> None:
    row, agent = unmatched(api, acknowledge_to="Prosta 1"), staff("agent")
    page = f"/desk/withdrawals/{row.ref}/"
    assert agent.post(f"{page}posted/", {"submit": "p"}).status_code == 302
    assert agent.post(f"{page}resend/", {"submit": "r", "to": "b@example.com"}).status_code == 302
    row.refresh_from_db()
    assert (row.ack_to, row.ack_state, row.means) == ("b@example.com", "queued", "Prosta 1")
    with unchanged():
        assert agent.post(f"{page}resend/", {"submit": "q", "to": "nobody"}).status_code == 422


def recorded(**changes: str) -> dict[str, str]:
    """What staff type after a call."""
    return {
        "submit": "one", "channel": "phone", "law": "eu", "name": "A. Nowak", "contract": "tees", "locale": "pl",
        "means": "a@example.com", "items": "", "text": "Proszę wszystko odesłać.", **changes,
    }  # fmt: skip


def test_by_phone_it_has_the_same_proof(order: Json, staff: Staff) -> None:
    agent = staff("agent")
    form = recorded(contract=order["number"], means=order["customer"]["email"])
    for _press in range(2):
        assert agent.post("/desk/withdrawals/new/", form).status_code == 302
    row = Withdrawal.objects.get()
    assert (row.channel, row.recorded_by, row.statement) == ("phone", "Agent", "Proszę wszystko odesłać.")
    assert "telefon" in " ".join(row.ack["lines"])
    assert row.rma is not None
    page = f"/desk/withdrawals/{row.ref}/"
    assert json.loads(agent.get(f"{page}proof.json").content)["whole"] is True
    for name in ("proof.pdf", "acknowledgement.pdf"):
        assert agent.get(page + name).content.startswith(b"%PDF")


def test_the_day_of_the_postmark_counts(api: Api, staff: Staff) -> None:
    bought = [line()]
    contract = {"withdrawal_information_given_at": days_ago(44)}
    order = place(
        api, *bought, placed_at=days_ago(44), deliveries=delivered(bought, 40), contract=contract,
    )  # fmt: skip
    form = recorded(contract=order["number"], means=order["customer"]["email"], channel="letter")
    agent = staff("agent")
    for submit, sent in (("in time", days_ago(30)[:10]), ("late", days_ago(20)[:10])):
        assert agent.post("/desk/withdrawals/new/", {**form, "submit": submit, "sent_on": sent}).status_code == 302
    in_time, late = Withdrawal.objects.order_by("pk")
    assert (in_time.verdict, late.verdict) == ("accept", "reject")
    assert in_time.dispatched_at is not None
    proof = json.loads(agent.get(f"/desk/withdrawals/{in_time.ref}/proof.json").content)
    assert proof["content"]["dispatched_at"] == in_time.dispatched_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    assert proof["evaluation"]["looked_at"]["information_given_at"]
    assert proof["whole"] is True


@pytest.mark.parametrize("wrong", [
    {"name": ""}, {"channel": "pigeon"}, {"received_at": "2999-01-01T00:00"}, {"text": " "},
    {"sent_on": "2999-01-01"}, {"sent_on": "2026-11-02", "received_at": "2026-11-01T10:00"}, {"sent_time": "10:00"},
])  # fmt: skip
def test_what_cannot_be_recorded_is_refused(staff: Staff, wrong: dict[str, str]) -> None:
    agent = staff("agent")
    with unchanged():
        assert agent.post("/desk/withdrawals/new/", recorded(**wrong)).status_code == 422


def test_the_warehouse_looks_and_does_not_decide(api: Api, staff: Staff) -> None:
    row, keeper = unmatched(api), staff("warehouse")
    assert keeper.get(f"/desk/withdrawals/{row.ref}/").status_code == 200
    with unchanged():
        assert keeper.post(f"/desk/withdrawals/{row.ref}/answer/", {"submit": "s"}).status_code == 403
        assert keeper.get("/desk/withdrawals/new/").status_code == 403
    assert staff("agent").get("/desk/withdrawals/WD-2222-2222-2222/").status_code == 404


def test_whoever_looked_stands_in_the_proof(api: Api, staff: Staff) -> None:
    row = unmatched(api)
    agent = staff("agent")
    page = f"/desk/withdrawals/{row.ref}/"
    for name in ("", "acknowledgement.pdf", "proof.pdf"):
        assert agent.get(page + name).status_code == 200
    proof = json.loads(agent.get(f"{page}proof.json").content)
    assert [each["what"] for each in proof["seen_by"]] == ["page", "acknowledgement", "proof", "proof"]
    assert {each["actor"] for each in proof["seen_by"]} == {f"staff:{agent.session['_auth_user_id']}"}
    assert proof["whole"] is True
    assert "Opened by staff" not in agent.get(page).content.decode()


def test_what_was_contested_waits_again_and_may_still_be_matched(api: Api, order: Json, staff: Staff) -> None:
    row, agent = unmatched(api), staff("agent")
    answer_withdrawal(row, accepted=False, reasons="No such order.", actor=SYSTEM_ACTOR)
    assert row.ref not in agent.get("/desk/withdrawals/").content.decode()
    contest_withdrawal(row, "It is 1001.", actor=SYSTEM_ACTOR)
    assert row.ref in agent.get("/desk/withdrawals/").content.decode()
    page = f"/desk/withdrawals/{row.ref}/"
    assert "It is 1001." in agent.get(page).content.decode()
    form = {"submit": submit_of(agent, f"{page}?order={order['id']}"), "order": order["id"]}
    assert agent.post(f"{page}match/", form).status_code == 302
    row.refresh_from_db()
    assert row.rma is not None
