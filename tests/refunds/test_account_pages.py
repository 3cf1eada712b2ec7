"""Where a bank transfer goes: given and changed on the desk and by the customer's link, while nobody has paid it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from refunds.models import Refund, Reimbursement
from refunds.payout import unseal
from returns.links import token_for
from returns.models import Event, Return
from tests.builders import Api, Json, ask, inspect, place, receive, reimburse
from tests.refunds.test_payout_files import IRISH, ISRAELI, configured, make, owed, ready
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
__all__ = ["configured", "ready"]
Staff = Callable[[str], Client]
OTHER = {"holder": "M. Allory", "iban": "GB33 BUKB 2020 1555 5555 55"}
SUBMIT = re.compile(r'name="submit" value="(\w+)"')


def known() -> dict[str, str]:
    """The account of the only reimbursement."""
    return unseal(Reimbursement.objects.get().payout)


def of_desk(row: Json) -> str:
    return f"/desk/reimbursements/{row['id']}/account/"


def of_customer(page: str = "") -> str:
    return f"/r/{token_for(Return.objects.get())}{page}"


def send(browser: Client, row: Json, account: Json) -> tuple[int, str]:
    """Fill in the desk's page and send it."""
    found = SUBMIT.search(browser.get(of_desk(row)).content.decode())
    assert found
    answer = browser.post(of_desk(row), {"submit": found[1], **account})
    return answer.status_code, answer.content.decode()


def test_the_desk_changes_it_and_somebody_else_approves(ready: Api, staff: Staff) -> None:
    row = owed(ready)
    agent = staff("agent")
    page = agent.get(f"/desk/returns/{Return.objects.get().code}/").content.decode()
    assert of_desk(row) in page
    assert "•••• 5678" in page
    assert "IE29" not in page + agent.get(of_desk(row)).content.decode()
    assert send(agent, row, OTHER)[0] == 302
    held = Reimbursement.objects.get()
    assert (held.state, held.held_for, known()["iban"]) == (
        "awaiting_approval", "payout_changed", "GB33BUKB20201555555555",
    )  # fmt: skip
    event = Event.objects.get(kind="reimbursement.payout_changed")
    assert event.data["account"] == "5555"
    approve = f"/desk/reimbursements/{row['id']}/approve/"
    assert approve not in agent.get("/desk/approvals/").content.decode()
    manager = staff("manager")
    shown = manager.get("/desk/approvals/").content.decode()
    assert approve in shown
    submit = SUBMIT.search(shown)
    assert submit
    assert manager.post(approve, {"submit": submit[1]}).status_code == 302
    assert Refund.objects.get().state == Refund.State.MANUAL_PENDING


def test_the_customer_gives_a_first_account_by_link(ready: Api, client: Client) -> None:
    owed(ready, None)
    before = client.get(of_customer()).content.decode()
    assert of_customer("/account") in before
    assert "Nothing for you to do" not in before
    answer = client.post(of_customer("/account"), IRISH, follow=True)
    assert "We pay to this account." in answer.content.decode()
    row = Reimbursement.objects.get()
    assert (row.state, known()["holder"]) == ("processing", "Aoife Byrne")
    assert "•••• 5678" in answer.content.decode()
    assert "Nothing for you to do" in answer.content.decode()
    assert Event.objects.get(kind="reimbursement.payout_changed").actor_kind == "customer"


def test_another_account_by_link_is_not_paid_before_somebody_looked(ready: Api, client: Client, staff: Staff) -> None:
    row = owed(ready)
    page = client.get(of_customer("/account")).content.decode()
    assert "•••• 5678" in page
    assert "AIBK" not in page
    answer = client.post(of_customer("/account"), OTHER, follow=True)
    assert "Somebody here looks at the change" in answer.content.decode()
    assert Reimbursement.objects.get().state == "awaiting_approval"
    ready.post(f"/refunds/{row['refunds'][0]['id']}/mark-paid").refused(409, "wrong_state")
    manager = staff("manager")
    approve = f"/desk/reimbursements/{row['id']}/approve/"
    submit = SUBMIT.search(manager.get("/desk/approvals/").content.decode())
    assert submit
    assert manager.post(approve, {"submit": submit[1]}).status_code == 302
    assert known()["holder"] == "M. Allory"


def test_an_israeli_account_by_its_parts(ready: Api, client: Client, staff: Staff) -> None:
    row = owed(ready, None, "ILS")
    client.post(of_customer("/account"), ISRAELI)
    assert known() == {name: ISRAELI[name] for name in ("holder", "bank", "branch", "account")}
    assert send(staff("agent"), row, {**ISRAELI, "account": "234567"})[0] == 302
    assert known()["account"] == "234567"


@pytest.mark.parametrize(
    ("account", "place"),
    [
        ({"holder": "", "iban": IRISH["iban"]}, "id_holder"),
        ({"holder": "A", "iban": "IE29 AIBK 9311 5212 3456 79"}, "id_iban"),
        ({"holder": "A", "bank": "12", "branch": "601", "account": "123456"}, "id_account"),
        ({"holder": "A"}, "id_bank"),
    ],
)
def test_a_wrong_account_is_refused_beside_its_field(
    ready: Api, client: Client, staff: Staff, account: dict[str, str], place: str
) -> None:
    row = owed(ready)
    browser = staff("agent")
    with unchanged():
        status, shown = send(browser, row, account)
        answer = client.post(of_customer("/account"), account)
    for code, page in ((status, shown), (answer.status_code, answer.content.decode())):
        assert code == 422
        assert f'id="{place}_error"' in page
        assert account["holder"] in page


def test_what_is_in_a_file_or_paid_offers_no_change(ready: Api, client: Client, staff: Staff) -> None:
    row = owed(ready)
    file = make(ready, row)
    browser, rma = staff("agent"), Return.objects.get()
    assert of_desk(row) not in browser.get(f"/desk/returns/{rma.code}/").content.decode()
    assert "In a payment file" in browser.get(f"/desk/returns/{rma.code}/").content.decode()
    with unchanged():
        assert send(browser, row, OTHER)[0] == 409
        assert client.post(of_customer("/account"), OTHER).status_code == 302
    ready.post(f"/payout-files/{file['id']}/paid").ok()
    assert "/account" not in client.get(of_customer()).content.decode()
    assert client.get(of_customer("/account")).status_code == 302


def test_a_stranger_finds_nothing(ready: Api, client: Client, staff: Staff) -> None:
    row = owed(ready)
    assert client.post("/r/rmaaaaaaaaa.nonsense/account", OTHER).status_code == 404
    assert client.get(of_desk(row)).status_code == 302
    assert staff("warehouse").get(of_desk(row)).status_code == 403


def test_what_the_provider_pays_back_asks_nobody_for_an_account(ready: Api, client: Client, staff: Staff) -> None:
    rma = ask(ready, place(ready))
    ready.post(f"/returns/{rma['rma']}/authorize").ok()
    receive(ready, rma)
    inspect(ready, rma)
    row = reimburse(ready, rma)
    assert (row["refunds"][0]["status"], row["account_wanted"]) == ("manual_pending", False)
    assert "/account" not in client.get(of_customer()).content.decode()
    assert client.get(of_customer("/account")).status_code == 302
    browser = staff("agent")
    for page in (f"/desk/returns/{rma['rma']}/", "/desk/payments/"):
        assert of_desk(row) not in browser.get(page).content.decode()


def test_cash_on_delivery_asks_for_one(ready: Api, client: Client) -> None:
    rma = ask(ready, place(ready, payments=[{"id": "P1", "kind": "cod", "captured": "290.00"}]))
    ready.post(f"/returns/{rma['rma']}/authorize").ok()
    receive(ready, rma)
    inspect(ready, rma)
    row = reimburse(ready, rma, tender="bank_transfer")
    assert row["account_wanted"]
    assert of_customer("/account") in client.get(of_customer()).content.decode()
