"""Asking for returns and commanding them over the API: what is impossible is refused and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from returns.models import PolicyDecision, Return
from tests.builders import (
    Api,
    Json,
    ask,
    command,
    days_ago,
    label,
    line,
    place,
    read,
    request_body,
    review,
    units,
    wishes,
)
from tests.operations import NOBODY, picture
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


class TestAsking:
    def test_too_many_says_how_many_and_who_holds_them(self, api: Api, order: Json) -> None:
        first = ask(api, order, ("A", 2))
        with unchanged():
            answer = api.post("/returns", request_body(order, ("A", 2)))
        refusal = answer.refused(422, "over_quantity")
        assert (refusal["max"], refusal["returnable"], refusal["open_return"]) == (1, 1, first["rma"])
        assert answer.pointers() == {"/items/0/quantity"}

    def test_repeated_lines_are_summed(self, api: Api, order: Json) -> None:
        with unchanged():
            answer = api.post("/returns", request_body(order, ("A", 2), ("A", 2, "defective")))
        assert answer.refused(422, "over_quantity")["max"] == 3
        assert len(ask(api, order, ("A", 2), ("A", 1, "defective"))["items"]) == 2

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"items": wishes(("Z", 1))}, "/items/0/line"),
            ({"items": wishes(("A", 1), ("Z", 1))}, "/items/1/line"),
            ({"items": wishes(("A", 0))}, "/items/0/quantity"),
            ({"items": wishes(("A", -1))}, "/items/0/quantity"),
            ({"items": wishes(("A", 1.0))}, "/items/0/quantity"),
            ({"items": wishes(("A", 1, "nonsense"))}, "/items/0/reason"),
            ({"items": []}, "/items"),
            ({"resolution": "nonsense"}, "/resolution"),
            ({"method": "nonsense"}, "/method"),
            ({"basis_claimed": "nonsense"}, "/basis_claimed"),
            ({"order": {}}, "/order"),
            ({"order": {"id": "nonsense"}}, "/order/id"),
            ({"order": {"id": NOBODY, "number": "1"}}, "/order"),
            ({"order": {"channel": "web"}}, "/order"),
        ],
    )
    def test_what_is_impossible(self, api: Api, order: Json, changes: Json, pointer: str) -> None:
        with unchanged():
            answer = api.post("/returns", request_body(order, **changes))
        answer.refused(422, "invalid")
        assert pointer in answer.pointers()

    @pytest.mark.parametrize(
        "ref",
        [{"id": NOBODY}, {"channel": "web", "number": "none"}, {"channel": "x", "number": "1"}],
    )
    def test_an_order_that_is_not_there(self, api: Api, order: Json, ref: Json) -> None:
        with unchanged():
            api.post("/returns", request_body(order, order=ref)).refused(404, "not_found")

    def test_what_is_not_delivered_cannot_come_back_unless_it_never_came(self, api: Api) -> None:
        order = place(api, line(), deliveries=[])
        with unchanged():
            answer = api.post("/returns", request_body(order))
        refusal = answer.refused(422, "not_eligible")
        assert (refusal["max"], refusal["returnable"]) == (0, 0)
        ask(api, order, ("A", 1, "late_or_no_delivery"))
        ask(api, order, ("A", 1), basis_claimed="withdrawal")

    def test_unknown_deliveries_are_on_the_consumers_side(self, api: Api) -> None:
        assert ask(api, place(api, line(), deliveries=None))["status"] == "requested"

    def test_what_the_policy_refuses_is_kept_with_its_reasons(self, api: Api) -> None:
        deliveries = [{"id": "D", "lines": {"A": 3}, "shipped_at": days_ago(61), "delivered_at": days_ago(60)}]
        rma = ask(api, place(api, line(), placed_at=days_ago(70), deliveries=deliveries))
        decision = rma["items"][0]["decision"]
        assert (rma["status"], decision["outcome"]) == ("declined", "declined")
        assert decision["codes"]
        assert decision["explanation"]
        assert rma["amounts"]["expected"] == "0.00"
        assert PolicyDecision.objects.get().inputs_hash

    def test_one_item_to_review_keeps_the_whole_waiting(self, api: Api) -> None:
        review(api)
        rma = ask(api, place(api, line("A"), line("B")), ("A", 1), ("B", 1))
        assert rma["status"] == "requested"

    def test_a_note_comes_along(self, api: Api, order: Json) -> None:
        rma = ask(api, order, note="Bought as a present.")
        assert Return.objects.get(code=rma["rma"]).notes.get().text == "Bought as a present."


class TestCommands:
    @pytest.mark.parametrize(
        ("verb", "more"),
        [("authorize", {}), ("cancel", {}), ("close-short", {}), ("lost", {"reason": "x"})],
    )
    def test_items_that_are_not_of_this_return_or_too_many(self, api: Api, order: Json, verb: str, more: Json) -> None:
        review(api)
        rma = ask(api, order, ("A", 2))
        if verb in ("close-short", "lost"):
            command(api, rma, "authorize")
        path = f"/returns/{rma['rma']}/{verb}"
        with unchanged():
            answer = api.post(path, {"items": [{"item": NOBODY, "quantity": 1}], **more})
            answer.refused(422, "invalid")
            assert answer.pointers() == {"/items/0/item"}
            refusal = api.post(path, {"items": units(rma, ("A", 3)), **more}).refused(422, "over_quantity")
            assert refusal["max"] == 2
            twice = [*units(rma, ("A", 1)), *units(rma, ("A", 2))]
            api.post(path, {"items": twice, **more}).refused(422, "over_quantity")

    @pytest.mark.parametrize("code", ["RMA-2222-2222", "nonsense", "RMA-2222-222", "' OR 1=1 --"])
    def test_a_return_that_is_not_there(self, api: Api, code: str) -> None:
        for verb in ("authorize", "cancel", "reopen"):
            api.post(f"/returns/{code}/{verb}").refused(404, "not_found")
        api.get(f"/returns/{code}").refused(404, "not_found")

    def test_a_code_is_read_however_it_is_written(self, api: Api, order: Json) -> None:
        rma = ask(api, order)["rma"]
        for text in (rma.lower(), rma.replace("-", "")):
            assert api.get(f"/returns/{text}").ok()["rma"] == rma

    def test_nothing_to_authorize_is_refused(self, api: Api, order: Json) -> None:
        review(api)
        rma = ask(api, order)
        with unchanged():
            api.post(f"/returns/{rma['rma']}/authorize", {"items": []}).refused(422, "invalid")
            api.post(f"/returns/{rma['rma']}/authorize", {"items": units(rma, ("A", 0))}).refused(422, "invalid")

    def test_an_empty_note_is_refused(self, api: Api, order: Json) -> None:
        rma = ask(api, order)
        with unchanged():
            api.post(f"/returns/{rma['rma']}/notes", {"text": "  "}).refused(422, "invalid")


class TestParcels:
    def test_a_carrier_or_service_nobody_knows(self, api: Api, order: Json) -> None:
        path = f"/returns/{ask(api, order)['rma']}/shipments"
        with unchanged():
            answer = api.post(path, {"carrier": "pigeon"})
            answer.refused(422, "invalid")
            assert answer.pointers() == {"/carrier"}
            api.post(path, {"carrier": "manual", "service": "express"}).refused(422, "invalid")
            api.post(path, {"carrier": "manual", "parcels": 0}).refused(422, "invalid")

    def test_a_label_is_voided_once_and_not_after_a_scan(self, api: Api, order: Json) -> None:
        rma = ask(api, order)
        first, second = label(api, rma), label(api, rma)
        assert api.post(f"/shipments/{first['id']}/void").ok()["status"] == "voided"
        scanned = {"events": [{"code": "accepted", "at": days_ago(1)}]}
        api.post(f"/shipments/{second['id']}/tracking", scanned).ok()
        with unchanged():
            api.post(f"/shipments/{first['id']}/void").refused(409, "wrong_state")
            api.post(f"/shipments/{second['id']}/void").refused(409, "wrong_state")
            api.post(f"/shipments/{first['id']}/tracking", scanned).refused(409, "wrong_state")

    def test_the_label_comes_in_three_forms(self, api: Api, order: Json) -> None:
        shipment = label(api, ask(api, order))
        starts = {"pdf": b"%PDF", "zpl": b"^XA", "png": b"\x89PNG"}
        for kind, start in starts.items():
            answer = api.get(f"/shipments/{shipment['id']}/label.{kind}")
            assert (answer.status, answer.content[: len(start)]) == (200, start)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_the_cost_of_an_own_parcel_is_an_amount(self, api: Api, order: Json) -> None:
        path = f"/returns/{ask(api, order)['rma']}/own-shipment"
        with unchanged():
            answer = api.post(path, {"carrier": "Poczta", "cost": "1.001"})
            answer.refused(422, "invalid")
            assert answer.pointers() == {"/cost"}
            api.post(path, {"carrier": "Poczta", "proof_photo": NOBODY}).refused(422, "invalid")


@pytest.mark.parametrize(
    "fields", [{}, {"file": "text"}, {"kind": "nonsense"}, {"item": NOBODY}, {"item": "nonsense"}, {"file": b"GIF89a"}]
)
def test_a_photo_that_is_none_is_refused(api: Api, order: Json, fields: dict[str, Any], tmp_path: Any) -> None:
    rma = ask(api, order)
    if isinstance(fields.get("file"), bytes):
        hostile = tmp_path / "a.jpg"
        hostile.write_bytes(fields["file"])
        with hostile.open("rb") as stream, unchanged():
            api.upload(f"/returns/{rma['rma']}/photos", file=stream).refused(422, "invalid")
        return
    whole = fields if not fields or "file" in fields else {"file": picture(), **fields}
    with unchanged():
        api.upload(f"/returns/{rma['rma']}/photos", **whole).refused(422, "invalid")


FILTERS = [
    "status=authorized",
    "reason=too_small",
    "sku=TEE-M",
    "email={email}",
    "order={order}",
    "order_number={number}",
    "q={rma}",
    "q={number}",
    "q={email}",
    "created_after=2020-01-01T00:00:00Z",
    "updated_after=2020-01-01T00:00:00Z",
]


@pytest.mark.parametrize("query", FILTERS)
def test_the_list_is_narrowed(api: Api, order: Json, query: str) -> None:
    mine = ask(api, order)
    other = place(api, line(sku="CAP"))
    command(api, ask(api, other, ("A", 1, "defective")), "cancel")
    names = {"email": order["customer"]["email"], "order": order["id"], "number": order["number"], "rma": mine["rma"]}
    found = [row["rma"] for row in api.get(f"/returns?{query.format(**names)}").ok()["results"]]
    assert mine["rma"] in found
    assert len(found) == (2 if "_after" in query else 1)
    if "_after" not in query:
        assert read(api, mine)["rma"] == found[0]


@pytest.mark.parametrize("query", ["status=nonsense", "reason=x", "created_after=yesterday", "ordering=email"])
def test_a_filter_that_means_nothing_is_refused(api: Api, query: str) -> None:
    api.get(f"/returns?{query}").refused(422, "invalid")


class TestPolicies:
    def test_drafted_published_and_never_changed(self, api: Api) -> None:
        draft = api.post("/policies", {"name": "Mine", "window": {"days": 7}}).made()
        assert (draft["status"], draft["version"]) == ("draft", 2)
        short = next(each for each in draft["floor_report"] if "PL_DISTANCE" in each["profiles"])
        assert (short["rule"], short["effect"], short["policy"], short["law"]) == ("defaults", "window_days", 7, 14)
        assert short["explanation"]
        published = api.post(f"/policies/{draft['id']}/publish").ok()
        assert (published["status"], published["starts_at"] is not None) == ("published", True)
        states = [row["status"] for row in api.get("/policies").ok()["results"]]
        assert states == ["published", "retired"]
        with unchanged():
            api.post(f"/policies/{draft['id']}/publish").refused(409, "wrong_state")

    @pytest.mark.parametrize(
        "document",
        [
            {"name": "x", "surprise": 1},
            {"name": "x", "window": {"days": -1}},
            {"name": "x", "window": {"days": "7"}},
            {"name": "x", "rules": [{"name": "r", "when": {"moon": "full"}, "then": {}}]},
            {"name": "x", "rules": [{"name": "r", "then": {"decision": "maybe"}}]},
            {"name": "x", "shop": "nowhere"},
        ],
    )
    def test_what_means_nothing_is_refused(self, api: Api, document: Json) -> None:
        with unchanged():
            answer = api.post("/policies", document)
        answer.refused(422, "invalid")
        assert answer.pointers()
