"""Policies over the API: what a document may hold, checking, comparing, publishing, going back, and whose they are."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Channel, Shop
from returns.api.policies_shapes import ALWAYS, THEN, WHEN
from returns.policy.document import CONDITIONS, EFFECTS, HOUSE_POLICY, STANDING
from tests.builders import Api, Json, api_client, order_document, publish
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db

RICH: Json = {
    "name": "Everything",
    "honour_terms_at_purchase": True,
    "window": {"days": None, "from": "shipped"},
    "defaults": {
        "decision": "review", "message": {"en": "Hello", "pl": "Cześć"},
        "fee": {"fixed": {"EUR": "1.50"}, "percent": 7.5},
        "label_fee": {"gross": "4.99"}, "fee_waived_for": ["defective", "exchange"], "required_photos": 2,
        "questions": ["serial_number"], "return_postage_cap": {"PLN": "20.00"}, "deduction_by_grade": {"B": "12.5"},
        "refund_order": ["gift_card", "card"], "store_credit_valid_days": None, "goodwill_second_person_above": "50.00",
    },
    "rules": [
        {"name": "Holidays", "when": {"ordered_between": "11-01..12-24"}, "then": {"return_until": "01-31"}},
        {"when": {"requested_between": ["2026-11-01", "2026-12-24"], "countries": ["pl", "DE"], "min_price": "10"},
         "then": {"window_days": 14, "bonus_credit_percent": "10", "message": None}},
    ],
}  # fmt: skip
BAD: list[tuple[Json, str]] = [
    ({"surprise": 1}, "/surprise"),
    ({"window": {"days": -1}}, "/window/days"),
    ({"window": {"from": "moon"}}, "/window/from"),
    ({"defaults": {"fee": {"percent": 101}}}, "/defaults/fee/percent"),
    ({"defaults": {"fee": {}}}, "/defaults/fee"),
    ({"defaults": {"label_fee": {}}}, "/defaults/label_fee/gross"),
    ({"defaults": {"auto_reimburse": "yes"}}, "/defaults/auto_reimburse"),
    ({"defaults": {"label_fee": {"gross": 4.99}}}, "/defaults/label_fee/gross"),
    ({"defaults": {"label_fee": {"gross": "-1"}}}, "/defaults/label_fee/gross"),
    ({"defaults": {"label_fee": {"gross": {"EUR": "1.001"}}}}, "/defaults/label_fee/gross/EUR"),
    ({"defaults": {"label_fee": {"gross": {"eur": "1.00"}}}}, "/defaults/label_fee/gross/eur"),
    ({"rules": [{"then": {"decision": "maybe"}}]}, "/rules/0/then/decision"),
    ({"rules": [{"when": {"colour": ["red"]}, "then": {"decision": "decline"}}]}, "/rules/0/when/colour"),
    ({"rules": [{"when": {"countries": ["Poland"]}, "then": {"decision": "decline"}}]}, "/rules/0/when/countries/0"),
    ({"rules": [{"when": {"tags_any": []}, "then": {"decision": "decline"}}]}, "/rules/0/when/tags_any"),
    ({"rules": [{"when": {}}]}, "/rules/0/then"),
    ({"rules": [{"name": "A", "then": {"decision": "decline"}}] * 2}, "/rules/1/name"),
    ({"rules": [{"when": {"ordered_between": ["2026-02-30", "2026-03-01"]}, "then": {"decision": "decline"}}]},
     "/rules/0/when/ordered_between/0"),
    ({"rules": [{"when": {"ordered_between": ["2026-03-01", "2026-02-01"]}, "then": {"decision": "decline"}}]},
     "/rules/0/when/ordered_between"),
]  # fmt: skip


@pytest.fixture
def api() -> Api:
    return api_client("admin")


def draft(api: Api, document: Json | None = None, **changes: Any) -> Json:
    made: Json = api.post("/policies", (document or {"name": "Draft"}) | changes).made()
    return made


class TestTheDocument:
    def test_its_shape_knows_every_word_and_no_other(self) -> None:
        assert set(WHEN) == set(CONDITIONS)
        assert set(THEN) == set(EFFECTS)
        assert set(ALWAYS) == set(STANDING)

    @pytest.mark.parametrize("document", [dict(HOUSE_POLICY), RICH, {}], ids=["house", "rich", "empty"])
    def test_what_is_right_fits_the_shape_as_sent_and_as_stored(self, api: Api, document: Json) -> None:
        stored = draft(api, copy.deepcopy(document))["document"]
        for each in (document, stored):
            jsonschema.validate(each, shape(api), jsonschema.Draft202012Validator)
        assert draft(api, stored)["document"] == stored

    @pytest.mark.parametrize(("document", "pointer"), BAD)
    def test_what_is_wrong_is_pointed_at_everywhere(self, api: Api, document: Json, pointer: str) -> None:
        for path in ("/policies", "/policies/check"):
            with unchanged():
                answer = api.post(path, document)
            answer.refused(422, "invalid")
            assert answer.pointers() == {pointer}, path
        asked = {"order": order_document(), "items": [{"line": "A", "quantity": 1, "reason": "style"}]}
        answer = api.post("/eligibility", asked | {"policy": document})
        answer.refused(422, "invalid")
        assert answer.pointers() == {f"/policy{pointer}"}

    def test_several_mistakes_are_told_at_once(self, api: Api) -> None:
        answer = api.post("/policies", {"window": {"days": -1}, "defaults": {"required_photos": 21}, "x": 1})
        answer.refused(422, "invalid")
        assert answer.pointers() == {"/window/days", "/defaults/required_photos", "/x"}

    @pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"3"])
    def test_only_an_object_is_a_document(self, api: Api, body: bytes) -> None:
        for path in ("/policies", "/policies/check"):
            api.post(path, body).refused(422, "invalid")


def shape(api: Api) -> Json:
    """What the OpenAPI page says of the document."""
    found: Json = api.get("/schema?format=json").ok()["components"]["schemas"]["PolicyDocumentRequest"]
    return found


class TestItsLife:
    def test_checking_writes_nothing_and_tells_the_floor(self, api: Api) -> None:
        with unchanged():
            found = api.post("/policies/check", {"window": {"days": 7}}).ok()
        assert found["document"]["window"] == {"days": 7, "from": "delivered"}
        first = found["floor_report"][0]
        assert (first["rule"], first["effect"], first["policy"]) == ("defaults", "window_days", 7)
        assert first["law"] >= 14
        assert first["explanation"]

    def test_a_draft_is_read_and_compared_in_words(self, api: Api) -> None:
        live = publish(api, label_fee={"gross": "4.99"})
        rules = [{"name": "Sale", "when": {"tags_any": ["sale"]}, "then": {"decision": "decline"}}]
        made = draft(api, {**live["document"], "window": {"days": 45, "from": "delivered"}, "rules": rules})
        assert api.get(f"/policies/{made['id']}").ok() == made
        found = api.get(f"/policies/{made['id']}/changes").ok()
        assert found["since"] == {"id": live["id"], "version": live["version"]}
        assert [(each["kind"], each["rule"]) for each in found["changes"]] == [("changed", ""), ("added", "Sale")]
        assert "45" in found["changes"][0]["new"]
        spoken = api.get(f"/policies/{made['id']}/changes", Accept_Language="pl").ok()
        assert spoken["changes"][0]["what"] != found["changes"][0]["what"]
        assert api.get(f"/policies/{live['id']}/changes?since={live['id']}").ok()["changes"] == []
        api.get(f"/policies/{made['id']}/changes?since=x").refused(422, "invalid")

    def test_going_back_makes_a_new_version(self, api: Api) -> None:
        first, second = publish(api, label_fee={"gross": "4.99"}), publish(api)
        back = api.post(f"/policies/{first['id']}/restore").made()
        assert (back["status"], back["version"], back["document"]) == (
            "published",
            second["version"] + 1,
            first["document"],
        )
        statuses = {row["id"]: row["status"] for row in api.get("/policies").ok()["results"]}
        assert (statuses[first["id"]], statuses[second["id"]]) == ("retired", "retired")
        for wrong in (draft(api), back):
            with unchanged():
                api.post(f"/policies/{wrong['id']}/restore").refused(409, "wrong_state")

    def test_the_same_key_publishes_once(self, api: Api) -> None:
        made = draft(api)
        first = api.post(f"/policies/{made['id']}/publish", Idempotency_Key="p")
        again = api.post(f"/policies/{made['id']}/publish", Idempotency_Key="p")
        assert (first.ok(), again.headers["Idempotent-Replayed"]) == (again.ok(), "true")
        api.post(f"/policies/{made['id']}/publish").refused(409, "wrong_state")
        other = draft(api)
        api.post(f"/policies/{other['id']}/trial", {"share": 5}, Idempotency_Key="p").refused(
            422, "idempotency_mismatch"
        )

    @pytest.mark.parametrize("share", [0, 100, "20", 1.5, None, True])
    def test_a_share_is_a_part(self, api: Api, share: Any) -> None:
        made = draft(api)
        with unchanged():
            answer = api.post(f"/policies/{made['id']}/trial", {"share": share})
        answer.refused(422, "invalid")
        assert answer.pointers() == {"/share"}

    def test_lists_have_pages_filters_and_a_fixed_number_of_statements(self, api: Api) -> None:
        Shop.objects.create(code="b", name="B")
        draft(api, shop="b")
        counts = []
        for more in (1, 12):
            for _n in range(more):
                draft(api)
            with CaptureQueriesContext(connection) as found:
                api.get("/policies?limit=200").ok()
            counts.append(len(found))
        assert counts[0] == counts[1]
        page = api.get("/policies?limit=2").ok()
        assert (len(page["results"]), page["previous"]) == (2, None)
        assert page["results"][0]["id"] != api.get(page["next"]).ok()["results"][0]["id"]
        assert {row["shop"] for row in api.get("/policies?shop=b").ok()["results"]} == {"b"}
        assert {row["status"] for row in api.get("/policies?status=published").ok()["results"]} == {"published"}
        api.get("/policies?status=gone").refused(422, "invalid")


class TestBacktests:
    def test_it_is_polled_where_it_was_started(self) -> None:
        api = api_client("policy:write")
        made = draft(api)
        api.get(f"/policies/{made['id']}/backtest").refused(404, "not_found")
        api.post(f"/policies/{made['id']}/backtest", {"from": "2026-01-01", "to": "2026-01-31"}).refused(422, "invalid")

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, {"/from", "/to"}),
            ({"from": "2026-01-01", "to": "2026-02-30"}, {"/to"}),
            ({"from": "2026-01-01T00:00:00Z", "to": "2026-02-01"}, {"/from"}),
            ({"from": "20260101", "to": "2026-W01-1"}, {"/from", "/to"}),
            ({"from": "2026-03-01", "to": "2026-02-01"}, {"/to"}),
            ({"from": "2026-01-01", "to": "2026-02-01", "shop": "main"}, {"/shop"}),
        ],
    )
    def test_days_that_are_none_are_pointed_at(self, api: Api, body: Json, pointers: set[str]) -> None:
        made = draft(api)
        with unchanged():
            answer = api.post(f"/policies/{made['id']}/backtest", body)
        answer.refused(422, "invalid")
        assert answer.pointers() == pointers


class TestWhose:
    def test_a_key_of_another_shop_sees_none(self, api: Api) -> None:
        Shop.objects.create(code="b", name="B")
        mine, made = api_client("policy:write", shops=["b"]), draft(api)
        assert mine.get("/policies").ok()["results"] == []
        for path in ("", "/changes", "/backtest"):
            mine.get(f"/policies/{made['id']}{path}").refused(404, "not_found")
        for verb in ("publish", "restore", "stop"):
            mine.post(f"/policies/{made['id']}/{verb}").refused(404, "not_found")
        with unchanged():
            mine.post("/policies", {"shop": "main"}).refused(403, "forbidden")
        own = draft(mine, shop="b")
        mine.get(f"/policies/{own['id']}/changes?since={made['id']}").refused(404, "not_found")

    def test_a_key_of_some_channels_reads_its_shops_and_changes_none(self, api: Api) -> None:
        shop = Shop.objects.create(code="b", name="B")
        Channel.objects.create(code="b-web", shop=shop)
        other, theirs = draft(api), draft(api, shop="b")
        bound = api_client("policy:write", channels=["b-web"])
        assert [row["id"] for row in bound.get("/policies").ok()["results"]] == [theirs["id"]]
        bound.get(f"/policies/{other['id']}").refused(404, "not_found")
        with unchanged():
            bound.post("/policies", {"shop": "b"}).refused(403, "forbidden")
            bound.post(f"/policies/{theirs['id']}/publish").refused(403, "forbidden")

    def test_reading_is_not_writing(self, api: Api) -> None:
        made, reader = draft(api), api_client("policy:read")
        reader.get(f"/policies/{made['id']}").ok()
        reader.post("/policies/check", {}).ok()
        for path in ("/policies", f"/policies/{made['id']}/publish", f"/policies/{made['id']}/restore"):
            reader.post(path, {}).refused(403, "forbidden")
        api_client("returns:write").get("/policies").refused(403, "forbidden")
