"""The OpenAPI document says what a stranger needs: examples that fit, problems, keys, names."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest
import yaml

from config.schema.complete import operations
from config.schema.inspector import Generator
from tests.builders import Api, ask, label, whole_life
from tests.operations import OPERATIONS

DOCUMENT = copy.deepcopy(Generator().get_schema(public=True))
EACH = [pytest.param(method, path, found, id=found["operationId"]) for path, method, found in operations(DOCUMENT)]
ALWAYS = {"401", "403", "429", "503"}


def fits(value: Any, shape: dict[str, Any]) -> None:
    """Raise when the value is not of the shape, formats included."""
    whole = {**shape, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)


def closed(shape: Any) -> Any:
    """The same shape, in which an object holds nothing but what is named."""
    if isinstance(shape, list):
        return [closed(each) for each in shape]
    if not isinstance(shape, dict):
        return shape
    found = {name: closed(inner) for name, inner in shape.items()}
    if isinstance(found.get("properties"), dict) and found.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


@pytest.mark.parametrize(("method", "path", "operation"), EACH)
def test_examples_fit_their_shapes(method: str, path: str, operation: dict[str, Any]) -> None:
    answers = [answer for answer in operation["responses"].values() if "content" in answer]
    for holder in [operation.get("requestBody", {}), *answers]:
        for content in holder.get("content", {}).values():
            if "example" in content:
                fits(content["example"], content["schema"])


@pytest.mark.parametrize(("method", "path", "operation"), EACH)
def test_operations_name_scope_section_and_problems(method: str, path: str, operation: dict[str, Any]) -> None:
    (security,) = operation["security"]
    assert f"Scope: `{security['key'][0]}`" in operation["description"]
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}
    assert operation["summary"]
    assert set(operation["responses"]) >= ALWAYS
    keys = {"$ref": "#/components/parameters/IdempotencyKey"}
    assert (keys in operation["parameters"]) == (method == "post")
    assert (set(operation["responses"]) >= {"409", "422"}) == (method == "post")


def test_every_operation_is_there() -> None:
    documented = {(method.upper(), path.removeprefix("/api/v1")) for path, method, _found in operations(DOCUMENT)}
    assert len(documented) == len(OPERATIONS)
    assert {(each.method, each.path.count("{")) for each in OPERATIONS} == {
        (method, path.count("{")) for method, path in documented
    }


def test_problem_examples_fit() -> None:
    for answer in DOCUMENT["components"]["responses"].values():
        for content in answer["content"].values():
            for example in content["examples"].values():
                fits(example["value"], content["schema"])


def test_a_lived_return_holds_nothing_that_is_not_documented(api: Api, order: dict[str, Any]) -> None:
    rma = whole_life(api, order)
    assert rma["receipts"]
    assert rma["inspections"]
    assert rma["reimbursements"]
    whole = {"$ref": "#/components/schemas/Return", "components": closed(DOCUMENT["components"])}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(rma)


def test_a_stored_order_holds_nothing_that_is_not_documented(api: Api, order: dict[str, Any]) -> None:
    found = api.get(f"/orders/{order['id']}").ok()
    whole = {"$ref": "#/components/schemas/Order", "components": closed(DOCUMENT["components"])}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(found)


def test_served_as_yaml_and_json(api: Api) -> None:
    for form, read in (("json", None), ("yaml", yaml.safe_load)):
        answer = api.get(f"/schema?format={form}")
        found = answer.body if read is None else read(answer.content)
        assert found["openapi"].startswith("3.1")
        assert set(found["paths"]) == set(DOCUMENT["paths"])


def test_a_label_comes_whatever_is_accepted(api: Api, order: dict[str, Any]) -> None:
    shipment = label(api, ask(api, order))
    for kind in ("pdf", "zpl", "png"):
        answer = api.get(f"/shipments/{shipment['id']}/label.{kind}", Accept="application/pdf")
        assert (answer.status, bool(answer.content)) == (200, True)
    assert api.get("/returns", Accept="text/html").refused(406, "not_acceptable")


@pytest.mark.parametrize("limit", ["0", "-1", "ten", "1.5"])
def test_page_sizes_that_are_none_are_refused(api: Api, limit: str) -> None:
    assert api.get(f"/returns?limit={limit}").refused(422, "invalid")["errors"][0]["pointer"] == "/limit"


@pytest.mark.parametrize("cursor", ["x", "cD14", "cD0wMDAwLTAwLTAw", "cj0xJnA9Zm9v"])
def test_cursors_that_no_list_gave_are_refused(api: Api, order: dict[str, Any], cursor: str) -> None:
    whole_life(api, order)
    for path in ("/returns", "/orders", "/returns?ordering=updated_at"):
        mark = "&" if "?" in path else "?"
        answer = api.get(f"{path}{mark}cursor={cursor}")
        assert answer.status in (200, 422), answer.body


@pytest.mark.parametrize("body", [b"null", b"[]", b"0", b'""', b"false"])
def test_a_body_that_is_no_object_is_refused(api: Api, order: dict[str, Any], body: bytes) -> None:
    rma = whole_life(api, order)
    for path in ("reopen", "receipts", "reimbursements", "shipments", "notes"):
        api.post(f"/returns/{rma['rma']}/{path}", body).refused(422, "invalid")


def test_a_refusal_that_quotes_nul_is_kept_for_its_key(api: Api) -> None:
    first = api.post("/returns", {"a\x00b": 1}, Idempotency_Key="nul").refused(422, "invalid")
    again = api.post("/returns", {"a\x00b": 1}, Idempotency_Key="nul").refused(422, "invalid")
    assert [error["pointer"] for error in again["errors"]] == [error["pointer"] for error in first["errors"]]


def test_a_method_that_is_not_there_is_405_and_not_403(api: Api) -> None:
    answer = api.send("PUT", "/orders", {})
    answer.refused(405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]
