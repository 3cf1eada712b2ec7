"""Questions about eligibility that cannot be answered: each says where it is wrong, in every language."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Api, Json, api_client
from tests.refunds.asking import EXAMPLE, question
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    return api_client("admin")


def line_of(order: Json, **changes: Any) -> Json:
    """The example with another first line."""
    return order | {"lines": [{**order["lines"][0], **changes}]}


IN_ORDER: list[tuple[Json, str]] = [
    ({"surprise": 1}, "/order/surprise"),
    ({"total": "1.00"}, "/order/total"),
    ({"currency": "JPY"}, "/order/total"),
    ({"currency": "ZZZ"}, "/order/currency"),
    ({"placed_at": "2026-10-01T09:00:00"}, "/order/placed_at"),
    ({"placed_at": "9999-10-01T09:00:00Z"}, "/order/placed_at"),
    ({"customer": None}, "/order/customer"),
    ({"ship_to": {**EXAMPLE["ship_to"], "time_zone": "Mars/Base"}}, "/order/ship_to/time_zone"),
    ({"ship_to": {**EXAMPLE["ship_to"], "country": "XX"}}, "/order/ship_to/country"),
    ({"lines": []}, "/order/lines"),
    ({"lines": {}}, "/order/lines"),
    ({"lines": [1]}, "/order/lines/0"),
    ({"lines": EXAMPLE["lines"] * 2}, "/order/lines/1/id"),
    (line_of(EXAMPLE, unit_price="100.001"), "/order/lines/0/unit_price"),
    (line_of(EXAMPLE, unit_price=100), "/order/lines/0/unit_price"),
    (line_of(EXAMPLE, unit_price="-1.00"), "/order/lines/0/unit_price"),
    (line_of(EXAMPLE, quantity=0), "/order/lines/0/quantity"),
    (line_of(EXAMPLE, tax_rate="23"), "/order/lines/0/tax_rate"),
    (line_of(EXAMPLE, exclusions=["moonlight"]), "/order/lines/0/exclusions"),
    ({"payments": [{**EXAMPLE["payments"][0], "captured": "999.00"}]}, "/order/payments"),
    ({"deliveries": [{**EXAMPLE["deliveries"][0], "lines": {"Z": 1}}]}, "/order/deliveries/0/lines/Z"),
    ({"deliveries": [{**EXAMPLE["deliveries"][0], "lines": {"A": 9}}]}, "/order/deliveries/0/lines/A"),
    ({"shop": "nowhere", "channel": "new"}, "/order/shop"),
]  # fmt: skip
ITEM: Json = {"line": "A", "quantity": 1, "reason": "too_small"}
IN_ITEM: list[tuple[Json, str]] = [
    ({"surprise": 1}, "/surprise"), ({"quantity": 0}, "/quantity"), ({"quantity": -1}, "/quantity"),
    ({"quantity": 1.0}, "/quantity"), ({"quantity": "1"}, "/quantity"), ({"quantity": True}, "/quantity"),
    ({"quantity": 10**30}, "/quantity"), ({"quantity": 4}, "/quantity"), ({"reason": "boredom"}, "/reason"),
    ({"reason": None}, "/reason"), ({"reason": ["too_small"]}, "/reason"), ({"line": "Z"}, "/line"),
    ({"line": 1}, "/line"), ({"line": ""}, "/line"), ({"line": "a\x00"}, "/line"), ({"declared": []}, "/declared"),
    ({"declared": {"used": "yes"}}, "/declared/used"), ({"declared": {"worn": True}}, "/declared/worn"),
    ({"answers": []}, "/answers"), ({"resolution": "gift"}, "/resolution"),
]  # fmt: skip
IN_BODY: list[tuple[Json, str]] = [
    ({"surprise": 1}, "/surprise"), ({"items": []}, "/items"), ({"items": None}, "/items"), ({"items": {}}, "/items"),
    ({"items": [None]}, "/items/0"), ({"items": [ITEM] * 501}, "/items"), ({"order": "1001"}, "/order"),
    ({"order": {}}, "/order"), ({"order": {"id": "x"}}, "/order/id"), ({"order": {"number": "1"}}, "/order"),
    ({"order": {"channel": "web", "number": 1}}, "/order/number"),
    ({"order": {"channel": "web", "number": "a\x00"}}, "/order/number"),
    ({"order": {"channel": "web", "number": "1" * 101}}, "/order/number"),
    ({"order": {"channel": "web", "number": "1", "id": "x"}}, "/order"),
    ({"resolution": "gift"}, "/resolution"), ({"basis_claimed": "x"}, "/basis_claimed"), ({"method": "owl"}, "/method"),
    ({"as_of": "2026-10-19"}, "/as_of"), ({"as_of": "2026-10-19T10:00:00"}, "/as_of"), ({"as_of": ""}, "/as_of"),
    ({"as_of": "2026-02-30T10:00:00Z"}, "/as_of"), ({"as_of": "2026-10-19T10:00:00+25:00"}, "/as_of"),
    ({"as_of": "9999-12-31T23:59:59Z"}, "/as_of"), ({"as_of": 1}, "/as_of"),
    ({"facts": []}, "/facts"), ({"facts": {"moon": "full"}}, "/facts/moon"),
    ({"facts": {"informed_at": "9999-12-31T23:59:59Z"}}, "/facts/informed_at"),
    ({"facts": {"goods_received_at": "0001-01-01T00:00:00Z"}}, "/facts/goods_received_at"),
    ({"facts": {"informed_at": "2026-10-12"}}, "/facts/informed_at"),
    ({"facts": {"collection_offered": "no"}}, "/facts/collection_offered"),
    ({"facts": {"value_loss": "-1"}}, "/facts/value_loss"), ({"facts": {"value_loss": 5}}, "/facts/value_loss"),
    ({"facts": {"value_loss": "1.001"}}, "/facts/value_loss"), ({"facts": {"value_loss": "1,5"}}, "/facts/value_loss"),
    ({"facts": {"value_loss": "9" * 24}}, "/facts/value_loss"),
    ({"facts": {"proven_processing_fee": "1.001"}}, "/facts/proven_processing_fee"),
    ({"policy": []}, "/policy"), ({"policy": "x"}, "/policy"), ({"policy": {"rules": 1}}, "/policy/rules"),
    ({"policy": {"name": "a\x00"}}, "/policy"),
]  # fmt: skip
WRONG = [
    *(({"order": EXAMPLE | changes}, pointer) for changes, pointer in IN_ORDER),
    *(({"items": [ITEM | changes]}, f"/items/0{pointer}") for changes, pointer in IN_ITEM),
    *IN_BODY,
]


@pytest.mark.parametrize(("changes", "pointer"), WRONG, ids=[f"{n}:{where}" for n, (_what, where) in enumerate(WRONG)])
def test_what_is_wrong_is_pointed_at_and_said_in_every_language(api: Api, changes: Json, pointer: str) -> None:
    with unchanged():
        answers = [
            api.post("/eligibility", question() | changes, Accept_Language=language) for language in ("en", "he", "pl")
        ]
    for answer in answers:
        answer.refused(422, answer.body["code"])
        assert pointer in answer.pointers()
        assert all(error["detail"] for error in answer.body["errors"])


@pytest.mark.parametrize(
    "body", [b"{", b"", b"NaN", b'{"items": NaN}', b'{"items": 1e999}', b"[" * 100, b"\xff", b'{"a": "\\ud800"}']
)
def test_what_is_no_json_is_malformed(api: Api, body: bytes) -> None:
    with unchanged():
        assert api.post("/eligibility", body).status in ((400,) if body else (422,))


def test_all_that_is_wrong_is_told_at_once(api: Api) -> None:
    body = {"order": {}, "items": [{"line": 1, "reason": "x", "y": 1}], "z": 1, "as_of": "now"}
    answer = api.post("/eligibility", body)
    answer.refused(422, "invalid")
    assert answer.pointers() == {
        "/order", "/items/0/line", "/items/0/quantity", "/items/0/reason", "/items/0/y", "/z", "/as_of",
    }  # fmt: skip
    said = {error["pointer"]: error["detail"] for error in answer.body["errors"]}
    assert "too_small" in said["/items/0/reason"]
    assert "as_of" in said["/z"]


def test_a_body_that_is_too_large_is_413(api: Api) -> None:
    api.post("/eligibility", b'{"a": "' + b"x" * 17_000_000 + b'"}').refused(413, "invalid")


def test_a_key_answers_once(api: Api) -> None:
    first = api.post("/eligibility", question(), Idempotency_Key="e")
    again = api.post("/eligibility", question(), Idempotency_Key="e")
    assert (first.ok(), again.headers["Idempotent-Replayed"]) == (again.ok(), "true")
    api.post("/eligibility", question(quantity=2), Idempotency_Key="e").refused(422, "idempotency_mismatch")
