"""What goes over the wire: one shape for every refusal, strict bodies, languages, pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import Api, Json, ask, place, request_body
from tests.operations import OPERATIONS, build_world
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
WRONG_TYPES: list[Any] = [1.5, True, [], {}, None, "\x00"]


def test_unknown_fields_wrong_types_and_broken_json_everywhere(api: Api) -> None:
    world = build_world(api)
    with unchanged():
        for operation in OPERATIONS:
            if operation.method != "POST" or operation.form:
                continue
            path, body = operation.on(world.ids), world.bodies[operation.path]
            answer = api.post(path, {**body, "surprise": 1})
            answer.refused(422, "invalid")
            assert answer.pointers() == {"/surprise"}, path
            api.post(path, "{").refused(400, "invalid")
            api.post(path, b"\xff{}").refused(400, "invalid")
            api.post(path, '{"a": NaN}').refused(400, "invalid")
            api.post(path, "[" * 100 + "]" * 100).refused(400, "invalid")
            api.post(path, [body]).refused(422, "invalid")
            api.post(path, '"text"').refused(422, "invalid")


def test_every_member_refuses_what_it_is_not(api: Api) -> None:
    world = build_world(api)
    wrong = []
    with unchanged():
        for operation in OPERATIONS:
            if operation.method != "POST" or operation.form:
                continue
            path, body = operation.on(world.ids), world.bodies[operation.path]
            for name, value in body.items():
                for other in WRONG_TYPES:
                    if (other is None and name in NULLABLE) or (type(other) is type(value) and other != "\x00"):
                        continue
                    answer = api.post(path, {**body, name: other})
                    if answer.status != 422 or not any(p.startswith(f"/{name}") for p in answer.pointers()):
                        wrong.append((path, name, other, answer.status, answer.body))
    assert wrong == []


# left out and null mean the same for these
NULLABLE = {
    "items", "parcel", "total", "discount", "shipping", "payments", "deliveries", "locale", "ship_to", "customer",
    "sale_channel", "prices_include_tax", "window", "contract",
}  # fmt: skip


def test_every_operation_refuses_other_methods(api: Api) -> None:
    by_path: dict[str, set[str]] = {}
    world = build_world(api)
    for operation in OPERATIONS:
        by_path.setdefault(operation.on(world.ids), set()).add(operation.method)
    with unchanged():
        for path, methods in by_path.items():
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
                answer = api.send(method, path)
                assert answer.status in (403, 405), (method, path, answer.status)
                answer.refused(answer.status, answer.body["code"])


def test_methods_that_do_not_exist_are_405(api: Api) -> None:
    for method, path in (
        ("DELETE", "/orders"),
        ("PUT", "/returns"),
        ("GET", "/receipts/lookup"),
        ("PATCH", "/policies"),
    ):
        api.send(method, path).refused(405, "method_not_allowed")


def test_other_media_types_and_addresses(api: Api) -> None:
    api.send("POST", "/returns", "a=1", Content_Type="application/x-www-form-urlencoded").refused(
        415, "unsupported_media_type"
    )
    api.get("/returns", Accept="text/html").refused(406, "not_acceptable")
    api.get("/nothing").refused(404, "not_found")
    api.get("/orders/not-a-uuid").refused(404, "not_found")
    api.get("/returns/").refused(404, "not_found")


def test_a_body_that_is_too_large(api: Api, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    with unchanged():
        api.post("/returns", '{"a": "' + "x" * 2000 + '"}').refused(413, "invalid")


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_the_language_of_a_refusal_is_the_readers(api: Api, order: Json, language: str) -> None:
    answer = api.post("/returns", request_body(order, ("A", 9)), Accept_Language=language)
    answer.refused(422, "over_quantity")
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


def test_every_answer_carries_a_request_id(api: Api) -> None:
    assert len(api.get("/returns").headers["X-Request-Id"]) >= 8
    assert api.get("/returns", X_Request_Id="abc-12345").headers["X-Request-Id"] == "abc-12345"
    assert api.get("/returns", X_Request_Id="a b\n").headers["X-Request-Id"] != "a b\n"


LISTS = ["/orders", "/products", "/returns", "/receipts", "/locations", "/stock-movements", "/policies"]


@pytest.mark.parametrize("path", LISTS)
def test_every_list_has_one_shape_and_knows_its_filters(api: Api, path: str) -> None:
    page = api.get(path).ok()
    assert set(page) == {"results", "next", "previous"}
    answer = api.get(f"{path}?surprise=1")
    answer.refused(422, "invalid")
    assert answer.pointers() == {"/surprise"}
    api.get(f"{path}?cursor=nonsense").refused(422, "invalid")
    api.get(f"{path}?cursor=").ok()


def test_pages_follow_each_other_without_gap_or_repeat(api: Api) -> None:
    order = place(api, {**_line(), "quantity": 7})
    made = [ask(api, order)["rma"] for _n in range(7)]
    seen, path = [], "/returns?limit=3"
    while path:
        page = api.get(path).ok()
        assert len(page["results"]) <= 3
        seen += [row["rma"] for row in page["results"]]
        before, path = page["previous"], page["next"]
    assert seen == made[::-1]
    assert [row["rma"] for row in api.get(before).ok()["results"]] == made[::-1][3:6]


@pytest.mark.parametrize("ordering", ["created_at", "-created_at", "updated_at", "-updated_at"])
def test_pages_in_every_order(api: Api, ordering: str) -> None:
    order = place(api, {**_line(), "quantity": 5})
    made = [ask(api, order)["rma"] for _n in range(5)]
    first = api.get(f"/returns?ordering={ordering}&limit=3").ok()
    rest = api.get(first["next"]).ok()
    seen = [row["rma"] for row in first["results"] + rest["results"]]
    assert seen == (made[::-1] if ordering.startswith("-") else made)


def test_limits(api: Api) -> None:
    order = place(api, {**_line(), "quantity": 3})
    for _n in range(3):
        ask(api, order)
    assert len(api.get("/returns?limit=1").ok()["results"]) == 1
    for limit in ("200", "201", "100000"):
        assert len(api.get(f"/returns?limit={limit}").ok()["results"]) == 3
    for limit in ("0", "-1", "x"):
        assert api.get(f"/returns?limit={limit}").status in (200, 422)


def test_a_list_takes_as_many_statements_for_many_rows_as_for_few(api: Api) -> None:
    for path in ("/orders", "/returns"):
        counts = []
        for more in (3, 10):
            order = place(api, {**_line(), "quantity": more})
            for _n in range(more):
                ask(api, order)
            with CaptureQueriesContext(connection) as statements:
                api.get(path).ok()
            counts.append(len(statements))
        assert counts[0] == counts[1] <= 4, path


def _line() -> Json:
    return {"id": "A", "sku": "TEE-M", "quantity": 1, "unit_price": "10.00", "tax_rate": "0.23"}
