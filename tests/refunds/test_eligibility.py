"""The question what would become of a request: answers, refusals, and never a write."""

from __future__ import annotations

import copy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import Api, Json, api_client, order_document, place, publish
from tests.refunds.asking import EXAMPLE, ask, question
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    return api_client("admin")


def test_the_example_of_the_contract(api: Api) -> None:
    policy = {"defaults": {"fee": {"percent": 15}}}
    answer = ask(api, policy=policy)
    item = answer["items"][0]
    assert (item["outcome"], item["basis"], item["codes"]) == ("authorized", "statutory", ["in_window"])
    assert item["window"] == {"start": "2026-10-05", "last_day": "2026-11-04", "closes_at": "2026-11-04T23:00:00Z"}
    law = item["law"]
    assert {
        "profile": "PL_DISTANCE", "right": "accept", "last_day": "2026-10-19", "closes_at": "2026-10-19T22:00:00Z",
        "refund_due": "2026-11-02", "refund_latest": "2026-11-02", "withhold": "allowed", "max_fee": "0.00",
        "return_shipping_payer": "consumer", "outbound_refundable": "14.99", "exclusion": None,
    }.items() <= law.items()  # fmt: skip
    assert {"effect": "fee", "policy": "14.49", "law": "0.00"} in item["clipped"]
    assert (item["fee"], item["label_fee"], item["return_shipping_payer"]) == ("0.00", "0.00", "customer")
    assert answer["quote"]["total"] == "96.67"
    assert answer["quote"]["lines"][0] | {"net": "", "tax": ""} == {
        "kind": "item", "line": "A", "shipping": None, "quantity": 1, "net": "", "tax": "", "gross": "96.67",
        "reason": "",
    }  # fmt: skip
    assert answer["policy"] == {"id": None, "version": None}


def test_delivery_comes_back_up_to_the_standard_when_nothing_stays(api: Api) -> None:
    quote = ask(api, quantity=3)["quote"]
    assert {line["kind"]: line["gross"] for line in quote["lines"]} == {"item": "290.00", "shipping": "14.99"}
    assert quote["total"] == "304.99"
    assert [line["kind"] for line in ask(api, quantity=2)["quote"]["lines"]] == ["item"]
    everything = ask(api, quantity=3, policy={"defaults": {"refund_outbound_shipping": True}})["quote"]
    assert everything["total"] == "329.98"


def test_after_the_law_the_policy_stands_alone(api: Api) -> None:
    policy = {"defaults": {"fee": {"percent": 15}}}
    answer = ask(api, as_of="2026-10-20T10:00:00Z", policy=policy)
    item = answer["items"][0]
    assert (item["outcome"], item["basis"], item["law"]["right"]) == ("authorized", "policy", "reject")
    assert (item["fee"], item["clipped"]) == ("14.50", [])
    assert answer["quote"]["total"] == "82.17"  # 96.67 - 14.50


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({"informed_at": "2026-10-12T09:00:00Z"}, ("2026-10-26", "2026-10-26", "allowed")),
        (
            {"informed_at": "2026-10-10T09:00:00Z", "collection_offered": True},
            ("2026-10-24", "2026-10-26", "not_allowed"),
        ),
        (
            {"informed_at": "2026-10-12T09:00:00Z", "goods_received_at": "2026-11-03T09:00:00Z"},
            ("2026-11-03", "2026-11-03", "not_allowed"),
        ),
    ],
)
def test_facts_move_the_money_clock(api: Api, facts: Json, due: tuple[str, ...]) -> None:
    law = ask(api, facts=facts)["items"][0]["law"]
    assert (law["refund_due"], law["refund_latest"], law["withhold"]) == due


def test_lost_value_is_kept_as_far_as_the_law_lets(api: Api) -> None:
    assert ask(api, facts={"value_loss": "20.00"})["quote"]["total"] == "76.67"
    untold = copy.deepcopy(EXAMPLE) | {"contract": None}
    assert ask(api, order=untold, facts={"value_loss": "20.00"})["quote"]["total"] == "96.67"


def test_what_is_unknown_goes_to_a_person_and_says_so(api: Api) -> None:
    untold = copy.deepcopy(EXAMPLE) | {"contract": None}
    item = ask(api, order=untold, as_of="2026-11-20T10:00:00Z")["items"][0]
    assert (item["outcome"], item["codes"][0], item["law"]["doubts"]) == (
        "review",
        "information_unknown",
        ["information_unknown"],
    )
    assert item["explanation"]
    known = ask(api, as_of="2026-11-20T10:00:00Z")["items"][0]
    assert (known["outcome"], known["codes"]) == ("declined", ["window_over"])


def test_a_seal_decides(api: Api) -> None:
    order = copy.deepcopy(EXAMPLE)
    order["lines"][0]["exclusions"] = ["sealed_hygiene"]
    rules = [{"name": "No", "then": {"decision": "decline"}}]
    outcomes = {}
    for broken in (True, False, None):
        items = [{"line": "A", "quantity": 1, "reason": "too_small", "declared": {"seal_broken": broken}}]
        item = api.post("/eligibility", question(order) | {"items": items, "policy": {"rules": rules}}).ok()["items"][0]
        outcomes[broken] = (item["outcome"], item["law"]["exclusion"])
    assert outcomes == {True: ("declined", "X_HYGIENE"), False: ("authorized", None), None: ("review", None)}


def test_a_stored_order_and_its_document_get_the_same_answer(api: Api) -> None:
    publish(api, label_fee={"gross": "4.99"})
    document = order_document()
    inline = api.post("/eligibility", question(document, as_of=None)).ok()
    stored = place(api, **document)
    by_id = api.post("/eligibility", question({"id": stored["id"]}, as_of=None)).ok()
    by_number = api.post("/eligibility", question({"channel": "web", "number": stored["number"]}, as_of=None)).ok()
    for answer in (inline, by_id, by_number):
        for item in answer["items"]:
            assert item["label_fee"] == "4.99"
    assert by_id["items"] == by_number["items"]
    assert inline["quote"] == by_id["quote"] == by_number["quote"]
    assert inline["quote"]["total"] == "91.68"


def test_a_kit_is_quoted_by_its_components(api: Api) -> None:
    lines = [
        {"id": "K", "sku": "KIT", "quantity": 1, "unit_price": "90.00", "tax_rate": "0.23"},
        {"id": "K1", "sku": "A", "quantity": 1, "unit_price": "0.00", "parent": "K", "share": "60.00"},
        {"id": "K2", "sku": "B", "quantity": 2, "unit_price": "0.00", "parent": "K", "share": "30.00"},
    ]
    document = order_document(*lines)
    items = [{"line": "K", "quantity": 1, "reason": "too_small"}]
    assert api.post("/eligibility", {"order": document, "items": items}).ok()["quote"]["total"] == "90.00"


def test_nothing_is_ever_written_and_the_statements_do_not_grow(api: Api) -> None:
    stored = place(api)
    many = order_document(*[{"id": f"L{n}", "sku": f"S{n}", "quantity": 1, "unit_price": "9.00"} for n in range(30)])
    wide = place(api, **many)
    api.post("/eligibility", question({"id": stored["id"]}, as_of=None)).ok()
    counts = []
    for order, lines in ((stored, ["A"]), (wide, [f"L{n}" for n in range(30)])):
        items = [{"line": line, "quantity": 1, "reason": "too_small"} for line in lines]
        with unchanged(), CaptureQueriesContext(connection) as found:
            api.post("/eligibility", {"order": {"id": order["id"]}, "items": items}).ok()
        said = [query["sql"].split()[0] for query in found.captured_queries]
        assert not {"INSERT", "UPDATE", "DELETE"} & set(said), found.captured_queries
        counts.append(len(said))
    assert counts[0] == counts[1] <= 12
    with unchanged(), CaptureQueriesContext(connection) as found:
        ask(api)
    assert not {"INSERT", "UPDATE", "DELETE"} & {query["sql"].split()[0] for query in found.captured_queries}


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"order": {"channel": "web", "number": "nobody"}}, 404, "not_found"),
            ({"order": {"number": "1"}}, 422, "invalid"),
            ({"order": {**EXAMPLE, "total": "1.00"}}, 422, "mismatch"),
            ({"order": {**EXAMPLE, "surprise": 1}}, 422, "invalid"),
            ({"items": [{"line": "Z", "quantity": 1, "reason": "too_small"}]}, 422, "invalid"),
            ({"items": [{"line": "A", "quantity": 4, "reason": "too_small"}]}, 422, "over_quantity"),
            ({"items": [{"line": "A", "quantity": 1, "reason": "boredom"}]}, 422, "invalid"),
            ({"items": []}, 422, "invalid"),
            ({"facts": {"value_loss": "-1"}}, 422, "invalid"),
            ({"facts": {"value_loss": "1.001"}}, 422, "invalid"),
            ({"facts": {"moon": "full"}}, 422, "invalid"),
            ({"policy": {"window": {"days": -1}}}, 422, "invalid"),
        ],
    )
    def test_each_changes_nothing(self, api: Api, changes: Json, status: int, code: str) -> None:
        with unchanged():
            api.post("/eligibility", question() | changes).refused(status, code)

    def test_other_peoples_orders_are_not_there(self, api: Api) -> None:
        stored = place(api)
        foreign = api_client("returns:write", channels=["elsewhere"])
        foreign.post("/eligibility", question({"id": stored["id"]})).refused(404, "not_found")
        foreign.post("/eligibility", question()).refused(403, "forbidden")

    def test_the_scope(self, api: Api) -> None:
        api_client("orders:read").post("/eligibility", question()).refused(403, "forbidden")
