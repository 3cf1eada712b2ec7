"""Another account for a payout: free until somebody decided, then a second person looks, and every refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from refunds.models import Refund, Reimbursement
from refunds.payout import unseal
from returns.models import Event
from tests.builders import Api, api_client
from tests.refunds.test_payout_files import IRISH, POLISH, configured, ids, make, owed, ready
from tests.snapshot import nothing_changes, unchanged

pytestmark = pytest.mark.django_db
__all__ = ["configured", "ready"]
OTHER = {"holder": "M. Allory", "iban": "GB33BUKB20201555555555"}


@pytest.fixture
def clerk(ready: Api) -> Api:
    """Whoever hears of another account."""
    return api_client("admin")


def account() -> str:
    """The account of the only reimbursement."""
    return unseal(Reimbursement.objects.get().payout)["iban"]


def test_another_account_waits_for_a_second_person(ready: Api, clerk: Api) -> None:
    row = owed(ready)
    held = clerk.post(f"/reimbursements/{row['id']}/payout", OTHER).ok()
    assert (held["status"], held["payout"]) == ("awaiting_approval", "•••• 5555")
    assert Reimbursement.objects.get().held_for == "payout_changed"
    assert Event.objects.filter(kind="reimbursement.payout_changed").count() == 1
    assert "GB33" not in str(Event.objects.get(kind="reimbursement.payout_changed").data)
    for who in (ready, clerk):
        nothing_changes(lambda: who.post(f"/reimbursements/{row['id']}/approve")).refused(403, "forbidden")  # noqa: B023
    with unchanged():
        ready.post(f"/refunds/{ids(row)[0]}/mark-paid").refused(409, "wrong_state")
        ready.post("/payout-files", {"format": "sepa", "refunds": ids(row)}).refused(409, "wrong_state")
    api_client("admin").post(f"/reimbursements/{row['id']}/approve").ok()
    assert Refund.objects.get().state == Refund.State.MANUAL_PENDING
    assert account() == OTHER["iban"]
    make(ready, row)


def test_the_same_account_again_changes_nothing(ready: Api, clerk: Api) -> None:
    row = owed(ready)
    with unchanged():
        assert clerk.post(f"/reimbursements/{row['id']}/payout", IRISH).ok()["status"] == "processing"


def test_a_first_account_is_no_change(ready: Api, clerk: Api) -> None:
    row = owed(ready, None)
    given = clerk.post(f"/reimbursements/{row['id']}/payout", IRISH).ok()
    assert (given["status"], given["payout"]) == ("processing", "•••• 5678")
    make(ready, row)


def test_changing_it_while_it_waits_counts_as_making_it(ready: Api, clerk: Api) -> None:
    row = owed(ready)
    clerk.post(f"/reimbursements/{row['id']}/payout", OTHER).ok()
    third = api_client("admin")
    third.post(f"/reimbursements/{row['id']}/payout", POLISH).ok()
    nothing_changes(lambda: third.post(f"/reimbursements/{row['id']}/approve")).refused(403, "forbidden")
    assert account() == f"PL{POLISH['iban']}"


@pytest.mark.parametrize("door", ["maker", "clerk", "third"])
def test_nobody_who_touched_the_account_may_approve_it(ready: Api, clerk: Api, door: str) -> None:
    row = owed(ready)
    clerk.post(f"/reimbursements/{row['id']}/payout", OTHER).ok()
    who = {"maker": ready, "clerk": clerk, "third": api_client("admin")}[door]
    answer = who.post(f"/reimbursements/{row['id']}/approve")
    assert answer.status == (200 if door == "third" else 403)


def test_what_is_in_a_file_or_paid_keeps_its_account(ready: Api, clerk: Api) -> None:
    row = owed(ready)
    path = f"/reimbursements/{row['id']}/payout"
    file = make(ready, row)
    nothing_changes(lambda: clerk.post(path, OTHER)).refused(409, "conflict")
    ready.post(f"/payout-files/{file['id']}/paid").ok()
    nothing_changes(lambda: clerk.post(path, OTHER)).refused(409, "wrong_state")


@pytest.mark.parametrize(
    "account",
    [{"holder": "", "iban": IRISH["iban"]}, {"holder": "A", "iban": "IE29AIBK93115212345679"}, {"holder": "A"},
     {"holder": "A", "bank": "12", "branch": "601", "account": "123456"}, {"iban": IRISH["iban"]}],
    ids=str,
)  # fmt: skip
def test_a_wrong_account_is_refused(ready: Api, clerk: Api, account: dict[str, str]) -> None:
    row = owed(ready)
    nothing_changes(lambda: clerk.post(f"/reimbursements/{row['id']}/payout", account)).refused(422, "invalid")


def test_somebody_elses_reimbursement_does_not_exist(ready: Api, api_for: Callable[..., Api]) -> None:
    row = owed(ready)
    stranger = api_for("refunds:write", channels=["other"])
    nothing_changes(lambda: stranger.post(f"/reimbursements/{row['id']}/payout", OTHER)).refused(404, "not_found")
