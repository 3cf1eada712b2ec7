"""Problem responses: which an operation can give, and how each looks."""

from __future__ import annotations

from typing import Any

from config.api import PROBLEM, TITLES, document

Shape = dict[str, Any]

# status: name of the response, when it comes, and an example of each code with its detail
ANSWERS: dict[int, tuple[str, str, dict[str, str]]] = {
    400: ("Malformed", "The body is not what its content type says.", {"invalid": "The body is not valid JSON."}),
    401: (
        "Unauthorized",
        "No key, or one that is unknown, expired or revoked.",
        {"unauthorized": "This key is unknown, expired or revoked."},
    ),
    403: (
        "Forbidden",
        "The key lacks the scope, or this is not for it.",
        {"forbidden": "This is not allowed for you."},
    ),
    404: (
        "NotFound",
        "There is no such thing, or it is somebody else's.",
        {"not_found": "There is no such return, or it is not yours to see."},
    ),
    406: (
        "NotAcceptable",
        "Only JSON is served here.",
        {"not_acceptable": "Could not satisfy the request Accept header."},
    ),
    409: (
        "Conflict",
        "Not from where it stands now.",
        {
            "wrong_state": "Authorizing is not possible while the return is received.",
            "conflict": "There is another reimbursement for this return already.",
            "idempotency_in_flight": "The first request with this Idempotency-Key is still running. Try again shortly.",
        },
    ),
    413: ("TooLarge", "The body is larger than is taken.", {"invalid": "The body is too large."}),
    415: (
        "UnsupportedMediaType",
        "The content type is not the one named here.",
        {"unsupported_media_type": 'Unsupported media type "text/plain" in request.'},
    ),
    422: (
        "Unprocessable",
        "Understood, and impossible as asked; `errors` says where.",
        {
            "invalid": "Some of the input cannot be used; see errors.",
            "over_quantity": "Only 1 of A can still come back.",
            "over_amount": "At most 96.67 is left to give back.",
            "not_eligible": "These units were not delivered yet.",
            "mismatch": "The order adds up to 329.98 and says 329.99.",
            "idempotency_mismatch": "This Idempotency-Key was used for another request.",
            "carrier_refused": "The carrier does not take this parcel.",
        },
    ),
    429: ("TooManyRequests", "Too many requests with this key.", {"rate_limited": "Request was throttled."}),
    503: (
        "TryAgain",
        "Too much at once, or a part is missing. Nothing was changed.",
        {"unavailable": "Too much is happening at once. Send the same request again."},
    ),
}
EVERY = (401, 403, 406, 429, 503)
WITH_BODY = (400, 413, 415)
POINTERS: dict[str, tuple[str, Shape]] = {
    "over_quantity": ("/items/0/quantity", {"max": 1, "returnable": 1}),
    "over_amount": ("/deductions/0/amount", {"max": "96.67", "remaining": "96.67"}),
    "mismatch": ("/total", {}),
    "invalid": ("/items/0/reason", {}),
}
HEADERS: dict[int, Shape] = {
    401: {"WWW-Authenticate": {"description": "`Bearer`", "schema": {"type": "string"}}},
    429: {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
    503: {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
}
# a GET that can refuse by state, and POSTs that look something up that is not in their path
ALSO = {
    "shipments_label_pdf": 409, "shipments_label_zpl": 409, "shipments_label_png": 409, "returns_create": 404,
    "eligibility": 404,
}  # fmt: skip
ONLY_JSON = 406


def problem_shape() -> Shape:
    """The `Problem` component."""
    codes = sorted({code for _name, _when, codes in ANSWERS.values() for code in codes})
    whole_or_amount = {"type": ["integer", "string"]}
    error = {
        "type": "object",
        "properties": {
            "pointer": {"type": "string", "description": "JSON pointer into the body or the query (RFC 6901)."},
            "code": {"type": "string"},
            "detail": {"type": "string"},
        },
        "required": ["pointer", "code", "detail"],
    }
    return {
        "type": "object",
        "description": "A refusal (RFC 9457). Nothing was changed.",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "For people, in the language of `Accept-Language`."},
            "code": {"type": "string", "enum": codes, "description": "For programs."},
            "errors": {"type": "array", "items": error},
            "max": {**whole_or_amount, "description": "The most that would be possible: units or an amount."},
            "returnable": {"type": "integer", "description": "Units of the line that can still come back."},
            "remaining": {**whole_or_amount, "description": "What is left to give back."},
            "open_return": {"type": "string", "description": "The `rma` that stands in the way."},
            "receipt": {"type": "string", "description": "The receipt that exists already."},
            "reimbursement": {"type": "string", "description": "The reimbursement that exists already."},
        },
        "required": ["type", "title", "status", "detail", "code", "errors"],
    }


def problem_responses() -> dict[str, Shape]:
    """One response component per status."""
    return {name: _response(status, when, codes) for status, (name, when, codes) in ANSWERS.items()}


def _response(status: int, when: str, codes: dict[str, str]) -> Shape:
    examples = {code: {"value": _example(status, code, detail)} for code, detail in codes.items()}
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}}
    found: Shape = {"description": f"{TITLES[status]}. {when}", "content": content}
    return found | ({"headers": HEADERS[status]} if status in HEADERS else {})


def _example(status: int, code: str, detail: str) -> Shape:
    pointer, extra = POINTERS.get(code, ("", {})) if status == 422 else ("", {})
    errors = [{"pointer": pointer, "code": code, "detail": detail}] if pointer else []
    return document(status, code, detail, errors, extra)


def problems_of(operation: Shape, method: str, path: str) -> list[int]:
    """The statuses with which an operation can refuse."""
    found = set(EVERY)
    name = operation["operationId"]
    if "{" in path:
        found.add(404)
    if name in ALSO:
        found.add(ALSO[name])
    if method == "post":
        found |= {409, 422}
        if set(operation["requestBody"]["content"]) != {"application/x-ndjson"}:
            found |= set(WITH_BODY)
    elif any(each.get("in") == "query" for each in operation.get("parameters", [])):
        found.add(422)
    if "label" in name:
        found.discard(ONLY_JSON)
    return sorted(found)
