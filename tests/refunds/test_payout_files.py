"""Payment files through the doors: made, given to the bank, paid or given up, and every refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Shop
from refunds.models import PayoutFile, Refund, Reimbursement
from returns.models import Event
from tests.builders import Api, ask, inspect, place, receive, reimburse, review
from tests.snapshot import nothing_changes, unchanged

pytestmark = pytest.mark.django_db
Json = dict[str, Any]
SETTINGS = {
    "sepa": {"iban": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFF"},
    "elixir": {"iban": "61109010140000071219812874"},
    "masav": {"institution": "12345678", "sender": "54321"},
}
IRISH = {"holder": "Aoife Byrne", "iban": "IE29 AIBK 9311 5212 3456 78"}
POLISH = {"holder": "Żaneta Wójcik", "iban": "27114020040000300201355387"}
ISRAELI = {"holder": "נועה כהן", "bank": "31", "branch": "7", "account": "123456"}
BY_FORMAT = {"sepa": ("EUR", IRISH), "elixir": ("PLN", POLISH), "masav": ("ILS", ISRAELI)}
NOBODY = "00000000-0000-4000-8000-000000000000"
SUBMIT = re.compile(r'name="submit" value="([0-9a-f]{32})"')


@pytest.fixture(autouse=True)
def configured(db: None) -> None:
    """The shop pays by each of the formats."""
    Shop.objects.filter(code="main").update(gateways={"payouts": SETTINGS}, legal_name="Harbour Ltd")


@pytest.fixture
def ready(api: Api) -> Api:
    """A client in a shop whose people decide."""
    review(api)
    return api


def owed(api: Api, account: Json | None = IRISH, currency: str = "EUR", **wish: Any) -> Json:
    """A reimbursement by bank transfer that waits to be paid."""
    rma = ask(api, place(api, currency=currency))
    api.post(f"/returns/{rma['rma']}/authorize").ok()
    receive(api, rma)
    inspect(api, rma)
    return reimburse(api, rma, tender="bank_transfer", payout=account, **wish)


def ids(*rows: Json) -> list[str]:
    """The refunds of reimbursements."""
    return [refund["id"] for row in rows for refund in row["refunds"]]


def make(api: Api, *rows: Json, format: str = "sepa", **body: Any) -> Json:
    """A payment file of their refunds."""
    return api.post("/payout-files", {"format": format, "refunds": ids(*rows), **body}).made()  # type: ignore[no-any-return]


def content(api: Api, file: Json) -> bytes:
    """What the bank gets."""
    found = api.get(f"/payout-files/{file['id']}/content")
    assert found.status == 200
    return found.content


@pytest.mark.parametrize("format", BY_FORMAT)
def test_from_refunds_to_a_file_to_paid(ready: Api, format: str) -> None:
    currency, account = BY_FORMAT[format]
    rows = [owed(ready, account, currency) for _ in range(2)]
    file = make(ready, *rows, format=format)
    assert (file["status"], file["count"], file["currency"]) == ("made", 2, currency)
    assert sorted(file["refunds"]) == sorted(ids(*rows))
    assert file["total"] == f"{sum(Refund.objects.values_list('amount', flat=True)) / 100:.2f}"
    sent = content(ready, file)
    assert {"sepa": b"IE29AIBK93115212345678", "elixir": b"27114020040000300201355387", "masav": b"000123456"}[
        format
    ] in sent
    assert account["holder"] not in PayoutFile.objects.get().content
    paid = ready.post(f"/payout-files/{file['id']}/paid").ok()
    assert paid["status"] == "paid"
    for row in rows:
        after = ready.get(f"/reimbursements/{row['id']}").ok()
        assert (after["status"], after["refunds"][0]["status"]) == ("settled", "succeeded")
    assert set(Reimbursement.objects.values_list("payout", flat=True)) == {""}
    assert PayoutFile.objects.get().content == ""
    assert Event.objects.filter(kind="refund.succeeded").count() == 2
    ready.get(f"/payout-files/{file['id']}/content").refused(409, "wrong_state")


def test_paid_twice_is_paid_once(ready: Api) -> None:
    file = make(ready, owed(ready))
    ready.post(f"/payout-files/{file['id']}/paid").ok()
    with unchanged():
        assert ready.post(f"/payout-files/{file['id']}/paid").ok()["status"] == "paid"


def test_what_the_bank_refused_is_free_again(ready: Api) -> None:
    first, second = owed(ready), owed(ready)
    file = make(ready, first, second)
    path = f"/payout-files/{file['id']}/paid"
    nothing_changes(lambda: ready.post(path, {"not_paid": ids(first, second)})).refused(422, "invalid")
    other = nothing_changes(lambda: ready.post(path, {"not_paid": [NOBODY]}))
    assert other.refused(422, "invalid")["errors"][0]["pointer"] == "/not_paid/0"
    ready.post(path, {"not_paid": ids(second)}).ok()
    assert ready.get(f"/refunds/{ids(first)[0]}").ok()["status"] == "succeeded"
    assert ready.get(f"/refunds/{ids(second)[0]}").ok()["status"] == "manual_pending"
    make(ready, second)


def test_given_up_frees_the_refunds_and_erases_the_accounts(ready: Api) -> None:
    row = owed(ready)
    file = make(ready, row)
    assert ready.post(f"/payout-files/{file['id']}/cancel").ok()["status"] == "cancelled"
    assert PayoutFile.objects.get().content == ""
    with unchanged():
        ready.post(f"/payout-files/{file['id']}/cancel").ok()
        ready.post(f"/payout-files/{file['id']}/paid").refused(409, "wrong_state")
    again = make(ready, row)
    ready.post(f"/payout-files/{again['id']}/paid").ok()
    with unchanged():
        ready.post(f"/payout-files/{again['id']}/cancel").refused(409, "wrong_state")


def test_a_refund_is_in_one_file_and_not_paid_beside_it(ready: Api) -> None:
    row = owed(ready)
    file = make(ready, row)
    again = nothing_changes(lambda: ready.post("/payout-files", {"format": "sepa", "refunds": ids(row)}))
    assert again.refused(409, "conflict")["payout_file"] == file["id"]
    nothing_changes(lambda: ready.post(f"/refunds/{ids(row)[0]}/mark-paid")).refused(409, "conflict")
    ready.post(f"/payout-files/{file['id']}/cancel").ok()
    ready.post(f"/refunds/{ids(row)[0]}/mark-paid").ok()
    nothing_changes(lambda: ready.post("/payout-files", {"format": "sepa", "refunds": ids(row)})).refused(
        409, "wrong_state"
    )


def test_the_same_key_makes_one_file(ready: Api) -> None:
    body = {"format": "sepa", "refunds": ids(owed(ready)) * 2}
    first = ready.post("/payout-files", body, Idempotency_Key="a").made()
    assert ready.post("/payout-files", body, Idempotency_Key="a").made() == first
    assert (PayoutFile.objects.count(), first["count"]) == (1, 1)


@pytest.mark.parametrize(
    ("format", "account", "currency"),
    [("sepa", POLISH, "PLN"), ("elixir", IRISH, "PLN"), ("masav", IRISH, "ILS"), ("elixir", POLISH, "EUR"),
     ("sepa", None, "EUR"), ("sepa", ISRAELI, "EUR")],
)  # fmt: skip
def test_what_does_not_fit_the_format_is_refused(ready: Api, format: str, account: Json | None, currency: str) -> None:
    row = owed(ready, account, currency)
    refused = nothing_changes(lambda: ready.post("/payout-files", {"format": format, "refunds": ids(row)}))
    assert refused.refused(422, "invalid")["errors"][0]["pointer"] == "/refunds/0"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"refunds": []}, "/refunds"),
        ({"refunds": [NOBODY]}, "/refunds/0"),
        ({"format": "swift"}, "/format"),
        ({"pay_on": "2020-01-01"}, "/pay_on"),
        ({"pay_on": "soon"}, "/pay_on"),
        ({"shop": "elsewhere"}, "/shop"),
        ({"extra": 1}, "/extra"),
    ],
    ids=str,
)
def test_refused_input(ready: Api, body: Json, pointer: str) -> None:
    whole = {"format": "sepa", "refunds": ids(owed(ready)), **body}
    answer = nothing_changes(lambda: ready.post("/payout-files", whole))
    answer.refused(422, "invalid")
    assert answer.pointers() == {pointer}


@pytest.mark.parametrize(
    "settings",
    [{}, {"payouts": {}}, {"payouts": {"sepa": {}}}, {"payouts": {"sepa": {"iban": "DE00"}}}, {"payouts": []}, []],
    ids=str,
)
def test_a_shop_without_an_account_of_its_own(ready: Api, settings: Any) -> None:
    row = owed(ready)
    Shop.objects.filter(code="main").update(gateways=settings)
    refused = nothing_changes(lambda: ready.post("/payout-files", {"format": "sepa", "refunds": ids(row)}))
    assert refused.refused(422, "invalid")["errors"][0]["code"] == "not_configured"
    assert "gateways.payouts.sepa.iban" in refused.body["detail"]


@pytest.mark.parametrize("lacking", ["institution", "sender"])
def test_masav_needs_both_numbers_in_the_settings(ready: Api, lacking: str) -> None:
    row = owed(ready, ISRAELI, "ILS")
    own = {name: text for name, text in SETTINGS["masav"].items() if name != lacking}
    Shop.objects.filter(code="main").update(gateways={"payouts": {"masav": own}})
    refused = nothing_changes(lambda: ready.post("/payout-files", {"format": "masav", "refunds": ids(row)}))
    assert f"gateways.payouts.masav.{lacking}" in refused.refused(422, "invalid")["detail"]


def test_other_peoples_files_do_not_exist(ready: Api, api_for: Callable[..., Api]) -> None:
    row = owed(ready)
    file = make(ready, row)
    Shop.objects.create(code="other", name="Other")
    strangers = [
        api_for("refunds:write", shops=["other"]),
        api_for("refunds:write", shops=["main"], channels=["other"]),
    ]
    for stranger in strangers:
        assert stranger.get("/payout-files").ok()["results"] == []
        for verb in ("", "/content"):
            stranger.get(f"/payout-files/{file['id']}{verb}").refused(404, "not_found")
        for verb in ("/paid", "/cancel"):
            nothing_changes(lambda: stranger.post(f"/payout-files/{file['id']}{verb}")).refused(404, "not_found")  # noqa: B023
    body = {"format": "sepa", "refunds": ids(row)}
    nothing_changes(lambda: strangers[0].post("/payout-files", body)).refused(422, "invalid")
    nothing_changes(lambda: strangers[1].post("/payout-files", body)).refused(403, "forbidden")


def test_reading_needs_its_scope_and_the_accounts_need_more(ready: Api, api_for: Callable[..., Api]) -> None:
    file = make(ready, owed(ready))
    reader = api_for("refunds:read")
    assert reader.get(f"/payout-files/{file['id']}").ok()["count"] == 1
    assert reader.get("/payout-files?status=made").ok()["results"][0]["id"] == file["id"]
    assert reader.get("/payout-files?status=paid").ok()["results"] == []
    reader.get(f"/payout-files/{file['id']}/content").refused(403, "forbidden")
    nothing_changes(lambda: reader.post(f"/payout-files/{file['id']}/paid")).refused(403, "forbidden")


def test_a_file_is_downloaded_and_not_cached(ready: Api) -> None:
    file = make(ready, owed(ready), pay_on=(timezone.localdate() + timedelta(days=3)).isoformat())
    answer = ready.get(f"/payout-files/{file['id']}/content")
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r'attachment; filename="sepa-\d{8}-[0-9a-f]{8}\.xml"', answer.headers["Content-Disposition"])
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    assert f"<Dt>{day}</Dt>".encode() in answer.content


def test_paying_a_file_costs_the_same_for_each_refund(ready: Api) -> None:
    counted = []
    for size in (1, 3):
        file = make(ready, *[owed(ready) for _ in range(size)])
        with CaptureQueriesContext(connection) as seen:
            ready.post(f"/payout-files/{file['id']}/paid").ok()
        counted.append(len(seen))
    assert counted[1] - counted[0] <= 2 * 40


def hidden(shown: str) -> dict[str, str]:
    found = SUBMIT.search(shown)
    assert found
    return {"submit": found[1]}


def test_the_desk_makes_downloads_and_pays(ready: Api, staff: Callable[[str], Client]) -> None:
    agent, rows = staff("agent"), [owed(ready), owed(ready)]
    new = reverse("desk:new-payout-file")
    shown = agent.get(new, {"format": "sepa"}).content.decode()
    assert all(uid in shown for uid in ids(*rows))
    assert "IE29AIBK" not in shown
    given = {"format": "sepa", "shop": "main", "refund": ids(rows[0]), **hidden(shown)}
    first, second = agent.post(new, given), agent.post(new, given)
    assert first.url == second.url
    file = PayoutFile.objects.get()
    assert first.url == reverse("desk:payout-file", args=[file.uid])
    assert (file.count, file.created_by_name) == (1, "Agent")
    assert "In a payment file" in agent.get(reverse("desk:payments")).content.decode()
    assert b"IE29AIBK93115212345678" in agent.get(reverse("desk:payout-content", args=[file.uid])).content
    page = agent.get(first.url).content.decode()
    assert agent.post(reverse("desk:pay-payout-file", args=[file.uid]), hidden(page)).url == first.url
    assert Refund.objects.get(uid=ids(rows[0])[0]).state == Refund.State.SUCCEEDED
    assert agent.get(reverse("desk:payout-content", args=[file.uid])).status_code == 409
    listed = agent.get(reverse("desk:payout-files")).content.decode()
    assert first.url in listed


def test_the_desk_gives_a_file_up_and_takes_out_what_was_refused(ready: Api, staff: Callable[[str], Client]) -> None:
    agent, rows = staff("agent"), [owed(ready), owed(ready)]
    file = make(ready, *rows)
    url = reverse("desk:payout-file", args=[file["id"]])
    agent.post(reverse("desk:cancel-payout-file", args=[file["id"]]), hidden(agent.get(url).content.decode()))
    assert PayoutFile.objects.get().closed_by_name == "Agent"
    again = make(ready, *rows)
    page = agent.get(reverse("desk:payout-file", args=[again["id"]])).content.decode()
    pay = reverse("desk:pay-payout-file", args=[again["id"]])
    with unchanged():
        assert agent.post(pay, {**hidden(page), "not_paid": ids(*rows)}).status_code == 422
    agent.post(pay, {**hidden(page), "not_paid": ids(rows[1])})
    assert Refund.objects.get(uid=ids(rows[1])[0]).payout_file is None


@pytest.mark.parametrize(
    "bad", [{"refund": []}, {"refund": ["x"]}, {"pay_on": "soon"}, {"pay_on": "2020-01-01"}], ids=str
)
def test_the_desk_refuses_and_keeps_the_form(ready: Api, staff: Callable[[str], Client], bad: Json) -> None:
    agent, row = staff("agent"), owed(ready)
    new = reverse("desk:new-payout-file")
    given = {"format": "sepa", "shop": "main", "refund": ids(row), **hidden(agent.get(new).content.decode()), **bad}
    with unchanged():
        answer = agent.post(new, given)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert ids(row)[0] in answer.content.decode()


@pytest.mark.parametrize("name", ["payout-files", "new-payout-file"])
@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_pages_in_every_language_and_empty(staff: Callable[[str], Client], name: str, language: str) -> None:
    assert staff("agent").get(reverse(f"desk:{name}"), {"lang": language}).status_code == 200
    assert staff("warehouse").get(reverse(f"desk:{name}")).status_code == 403


def test_lists_cost_the_same_for_any_number(ready: Api, staff: Callable[[str], Client]) -> None:
    agent, counted = staff("agent"), []
    for _ in range(2):
        files = [make(ready, owed(ready), owed(ready)) for _ in range(2)]
        owed(ready)
        with CaptureQueriesContext(connection) as seen:
            agent.get(reverse("desk:payout-files"))
            agent.get(reverse("desk:new-payout-file"))
            agent.get(reverse("desk:payout-file", args=[files[0]["id"]]))
            agent.get(reverse("desk:payments"))
        counted.append(len(seen))
    assert counted[0] == counted[1]
