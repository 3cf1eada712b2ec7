"""The last step: problems, headers, keys, sections and examples on every operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.documents import SHAPES
from config.schema.examples import ANSWERED, ASKED
from config.schema.problems import ANSWERS, problem_responses, problem_shape, problems_of
from config.schema.words import DESCRIPTION, TAGS, section_of

Shape = dict[str, Any]

PARAMETERS: dict[str, Shape] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Do this once: the same key and body give the stored answer again, for 72 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The language of texts for people: `en`, `he` or `pl`.",
        "schema": {"type": "string"},
    },
}
HEADERS: dict[str, Shape] = {
    "Idempotent-Replayed": {
        "description": "`true` when this is the stored answer to an earlier request with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
}
KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key from `manage.py create_api_key`; each operation names the scope it needs.",
}


def complete(result: Shape, **_kwargs: Any) -> Shape:
    """Make the document say everything that the doors do."""
    result["info"]["description"] = DESCRIPTION
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    result["paths"] = {path.replace("{uid}", "{id}"): item for path, item in result["paths"].items()}
    components = result["components"]
    components["schemas"]["Problem"] = problem_shape()
    components["schemas"] = dict(sorted(components["schemas"].items()))
    components["responses"] = problem_responses()
    components["parameters"] = PARAMETERS
    components["headers"] = HEADERS
    components["securitySchemes"] = {"key": KEY}
    for name, shape in SHAPES.items():
        member = components["schemas"]["Return"]["properties"][name]
        member["items"] = {"$ref": f"#/components/schemas/{shape}"}
    for path, method, operation in operations(result):
        _finish(operation, method, path)
        if "requestBody" in operation:
            operation["requestBody"]["required"] = _needs_body(operation, components["schemas"])
    tidy: Shape = _tidy(result)
    return tidy


def operations(document: Shape) -> Iterator[tuple[str, str, Shape]]:
    """Path, method and operation, one by one."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _finish(operation: Shape, method: str, path: str) -> None:
    operation["tags"] = [section_of(path)]
    parameters = operation.setdefault("parameters", [])
    for each in parameters:
        each["name"] = "id" if each["name"] == "uid" else each["name"]
        each["schema"].pop("minLength", None)
    if method == "post":
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
        for answer in operation["responses"].values():
            answer["headers"] = {"Idempotent-Replayed": {"$ref": "#/components/headers/Idempotent-Replayed"}}
    parameters.append({"$ref": "#/components/parameters/AcceptLanguage"})
    _illustrate(operation)
    for status in problems_of(operation, method, path):
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/{ANSWERS[status][0]}"}
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _needs_body(operation: Shape, shapes: Shape) -> bool:
    """Whether anything must be sent; no body at all counts as an empty object."""
    (content,) = operation["requestBody"]["content"].values()
    shape = content["schema"]
    name = shape.get("$ref", "").rpartition("/")[2]
    return name not in shapes or bool(shapes[name].get("required"))


def _illustrate(operation: Shape) -> None:
    name = operation["operationId"]
    if name in ASKED:
        for content in operation["requestBody"]["content"].values():
            content["example"] = ASKED[name]
    for status, answer in operation["responses"].items():
        answer["description"] = answer["description"] or ("Done." if status == "200" else "Made.")
        for content in answer.get("content", {}).values():
            if name in ANSWERED:
                content["example"] = ANSWERED[name]


def _tidy(value: Any) -> Any:
    """Without marks that only drf-spectacular reads."""
    if isinstance(value, dict):
        return {name: _tidy(inner) for name, inner in value.items() if name != "x-spec-enum-id"}
    if isinstance(value, list):
        return [_tidy(inner) for inner in value]
    return value
