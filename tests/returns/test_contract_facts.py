"""Facts about the contract: in by the API and by a file, and the law looks at them in every request and statement."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from customers.models import Order, OrderVersion
from returns.models import PolicyDecision, Withdrawal
from returns.policy.eligibility import replay
from returns.queries import policy_of
from tests.builders import (
    CONTRACT,
    Api,
    Json,
    ask,
    days_ago,
    delivered,
    inspect,
    line,
    order_document,
    pay,
    place,
    publish,
    receive,
    reimburse,
)

pytestmark = pytest.mark.django_db

SHOP: Json = {"sale_channel": "store", "currency": "ILS", "ship_to": {
    "line1": "Herzl 1", "city": "Haifa", "postal_code": "3100000", "country": "IL", "time_zone": "Asia/Jerusalem",
}}  # fmt: skip
DOOR: Json = {"sale_channel": "off_premises"}
FINAL: list[Json] = [{"name": "Final", "then": {"decision": "decline"}}]


def sold(api: Api, days: float, *, bought: Json | None = None, contract: Json | None = None, **changes: Any) -> Json:
    """An order that was handed over so many days ago, with what is known of its contract."""
    lines = [bought or line()]
    told = {"withdrawal_information_given_at": days_ago(days + 1)} | CONTRACT
    dates = {"placed_at": days_ago(days + 1), "deliveries": delivered(lines, days)}
    return place(api, *lines, **{**dates, **changes, "contract": told | (contract or {})})


def outcome(api: Api, order: Json, *wish: Any) -> tuple[str, list[str]]:
    """The status of a request, and the codes of its first item."""
    rma = ask(api, order, *wish)
    return rma["status"], rma["items"][0]["decision"]["codes"]


@pytest.mark.parametrize(("shown", "expected", "code"), [
    (False, "authorized", "in_window"), (True, "declined", "rule_declined"), (None, "requested", "display_unknown"),
])  # fmt: skip
def test_a_policy_on_the_wall_decides_in_an_israeli_shop(
    api: Api, shown: bool | None, expected: str, code: str
) -> None:
    publish(api, rules=FINAL)
    order = sold(api, 3, bought=line(legal_group="il_books"), contract={"policy_displayed": shown}, **SHOP)
    status, codes = outcome(api, order)
    assert (status, codes[0]) == (expected, code)
    assert PolicyDecision.objects.get().law_profile == "IL_STORE_POLICY"


@pytest.mark.parametrize(("unasked", "expected", "verdict"), [
    (True, "authorized", "accept"), (False, "declined", "reject"), (None, "requested", "accept"),
])  # fmt: skip
def test_a_visit_nobody_asked_for_gives_thirty_days_to_requests_and_statements(
    api: Api, unasked: bool | None, expected: str, verdict: str
) -> None:
    publish(api, rules=[{"name": "Short", "then": {"window_days": 7}}])
    order = sold(api, 24, contract={"unsolicited_visit": unasked}, **DOOR)
    assert outcome(api, order)[0] == expected
    other = sold(api, 24, contract={"unsolicited_visit": unasked}, **DOOR)
    said = {"name": "A. Nowak", "contract": other["number"], "acknowledge_to": other["customer"]["email"]}
    assert Withdrawal.objects.get(ref=api.post("/withdrawals", said).made()["ref"]).verdict == verdict


def test_what_the_acquirer_charged_is_kept_where_it_is_proven(api: Api) -> None:
    publish(api, fee={"fixed": "0", "percent": 15})
    home = {**SHOP, "sale_channel": "distance"}
    proven = sold(api, 3, contract={"proven_processing_fee": "1.40"}, **home)
    plain = sold(api, 3, **home)
    for order, most in ((proven, "6.40"), (plain, "5.00")):
        rma = ask(api, order)
        assert PolicyDecision.objects.get(rma__code=rma["rma"]).detail["fee"]["most"] == most
    assert api.get(f"/orders/{proven['id']}").ok()["contract"]["proven_processing_fee"] == "1.40"


def test_a_part_of_the_units_bears_its_part_of_the_fee(api: Api) -> None:
    publish(api, fee={"fixed": "0", "percent": 15}, auto_reimburse=False)
    rma = ask(api, sold(api, 3, bought=line(tax_rate="0"), **{**SHOP, "sale_channel": "distance"}), ("A", 3))
    kept = []
    for units in (1, 2):
        receive(api, rma, ("A", units))
        inspect(api, rma, ("A", units))
        made = reimburse(api, rma)
        kept.append(next(row["gross"] for row in made["lines"] if row["kind"] == "restocking_fee"))
        pay(api, made)
    assert kept == ["-5.00", "-10.00"]  # five per cent of a hundred, then of two hundred


@pytest.mark.parametrize(("member", "value"), [
    ("policy_displayed", "yes"), ("unsolicited_visit", 1), ("proven_processing_fee", "1.001"),
    ("proven_processing_fee", "-1"), ("proven_processing_fee", 1.4), ("shown", True),
])  # fmt: skip
def test_facts_that_are_none_are_refused_at_their_place(api: Api, member: str, value: object) -> None:
    answer = api.post("/orders", order_document() | {"contract": {member: value}})
    answer.refused(422, "invalid")
    assert answer.pointers() == {f"/contract/{member}"}
    assert not Order.objects.exists()


COLUMNS = ["No", "Item", "Price", "When", "Mail", "Country", "Shown", "Visit", "Acquirer"]
MAPPING: Json = {
    "version": 1,
    "columns": COLUMNS,
    "group_by": ["No"],
    "rows": [{"kind": "line"}],
    "order": {
        "channel": "web", "number": {"column": "No"}, "currency": "ILS", "prices_include_tax": True,
        "sale_channel": "store", "placed_at": {"column": "When"}, "total": {"computed": "total"},
        "customer": {"email": {"column": "Mail"}}, "ship_to": {"country": {"column": "Country"}},
        "contract": {
            "policy_displayed": {"column": "Shown"}, "unsolicited_visit": {"column": "Visit"},
            "proven_processing_fee": {"column": "Acquirer"},
        },
    },
    "lines": {"sku": {"column": "Item"}, "title": {"column": "Item"}, "quantity": 1,
              "unit_price": {"column": "Price"}, "legal_group": "il_books"},
}  # fmt: skip


def test_a_file_of_orders_brings_them_in(api: Api, tmp_path: Path) -> None:
    publish(api, rules=FINAL)
    file, mapping = tmp_path / "till.csv", tmp_path / "till.yaml"
    mapping.write_text(yaml.safe_dump(MAPPING, sort_keys=False))
    text = io.StringIO()
    day = days_ago(2)[:10]
    rows = [["T1", "Book", "80", day, "a@example.com", "IL", "no", "no", "0.90"],
            ["T2", "Book", "80", day, "b@example.com", "IL", "yes", "", ""]]  # fmt: skip
    csv.writer(text).writerows([COLUMNS, *rows])
    file.write_text(text.getvalue())
    call_command("import_orders", file, mapping=mapping, report=tmp_path / "refused.csv", stdout=io.StringIO())
    found = {row.order.number: row.document["contract"] for row in OrderVersion.objects.select_related("order")}
    assert (found["T1"]["policy_displayed"], found["T1"]["proven_processing_fee"]) == (False, "0.90")
    assert (found["T2"]["policy_displayed"], found["T2"]["unsolicited_visit"]) == (True, None)
    line_of = {order.number: order.lines.get().external_id for order in Order.objects.all()}
    asked = {number: {"channel": "web", "number": number} for number in found}
    assert outcome(api, asked["T1"], (line_of["T1"], 1))[0] == "authorized"
    assert outcome(api, asked["T2"], (line_of["T2"], 1))[0] == "declined"


def test_a_letter_posted_in_time_is_judged_as_posted_and_replays(api: Api, staff: Any) -> None:
    publish(api, fee={"fixed": "0", "percent": 15}, rules=[{"name": "Short", "then": {"window_days": 14}}])
    order = sold(api, 40)
    form = {
        "submit": "one", "channel": "letter", "law": "eu", "name": "A. Nowak", "contract": order["number"],
        "locale": "pl", "means": order["customer"]["email"], "items": "", "text": "Odstępuję od umowy.",
        "sent_on": days_ago(30)[:10],
    }  # fmt: skip
    assert staff("agent").post("/desk/withdrawals/new/", form).status_code == 302
    row = Withdrawal.objects.get()
    assert row.rma is not None
    assert (row.verdict, row.rma.status) == ("accept", "authorized")
    decision = PolicyDecision.objects.select_related("policy").get()
    assert decision.policy is not None
    assert (decision.outcome, decision.detail["law"]["right"], decision.detail["law"]["max_fee"]) == (
        "authorized", "accept", "0.00",
    )  # fmt: skip
    assert row.rma.expected == 30_000
    again = replay(policy_of(decision.policy), json.loads(json.dumps(decision.inputs)))
    assert json.loads(json.dumps(again.as_dict())) == decision.detail


def test_a_late_statement_goes_to_a_person_under_every_policy_and_replays(api: Api) -> None:
    order = sold(api, 40)
    said = {"name": "A. Nowak", "contract": order["number"], "acknowledge_to": order["customer"]["email"]}
    row = Withdrawal.objects.get(ref=api.post("/withdrawals", said).made()["ref"])
    assert row.verdict == "reject"
    decision = PolicyDecision.objects.select_related("policy").get()
    assert decision.policy is not None
    assert decision.outcome == "review"
    again = replay(policy_of(decision.policy), json.loads(json.dumps(decision.inputs)))
    assert json.loads(json.dumps(again.as_dict())) == decision.detail
