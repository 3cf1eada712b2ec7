"""Building the past through the doors: order documents, an API client, and the steps of a return's life."""

from __future__ import annotations

import copy
import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from accounts.keys import create_key
from accounts.models import ApiKey
from customers import money
from customers.pricing import price, validate
from returns.policy.document import HOUSE_POLICY

Json = dict[str, Any]
BASE = "/api/v1"
PROBLEM = "application/problem+json"
NUMBERS = itertools.count(1001)

LINE: Json = {
    "id": "A",
    "sku": "TEE-M",
    "title": "Tee",
    "quantity": 3,
    "unit_price": "100.00",
    "tax_rate": "0.23",
    "category": "apparel",
}
EXPRESS: Json = {
    "id": "S",
    "method": "express",
    "amount": "39.98",
    "tax_rate": "0.23",
    "cheapest_standard": "14.99",
}

CONTRACT: Json = {"regular_delivery": False, "had_conversation": False, "collection_offered": False}


def days_ago(days: float) -> str:
    """An instant so many days ago as the API takes it."""
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def line(id: str = "A", **changes: Any) -> Json:
    """One line of an order: three tees of 100.00 unless changed."""
    return {**LINE, "id": id, **changes}


def order_document(*lines: Json, **changes: Any) -> Json:
    """An order of three tees with express delivery, delivered five days ago and paid by card.

    Other lines come alone: no discount and no delivery charge unless given, paid whatever they add up to.
    """
    number = f"{next(NUMBERS)}"
    plain: Json = {
        "channel": "web", "number": number, "currency": "EUR", "prices_include_tax": True,
        "sale_channel": "distance", "placed_at": days_ago(9), "locale": "en", "total": None,
        "customer": {"email": f"buyer{number}@example.com", "name": "A. Nowak", "kind": "consumer"},
        "ship_to": {"name": "A. Nowak", "line1": "Prosta 1", "city": "Warszawa", "postal_code": "00-001",
                    "country": "PL", "time_zone": "Europe/Warsaw"},
        "lines": list(lines) or [copy.deepcopy(LINE)],
        "discount": "0" if lines else "10.00", "shipping": [] if lines else [dict(EXPRESS)],
    }  # fmt: skip
    document = {**plain, **changes}
    document.setdefault("contract", {"withdrawal_information_given_at": document["placed_at"]} | CONTRACT)
    document.setdefault("deliveries", delivered(document["lines"]))
    if "payments" not in document:
        document["payments"] = []
        total = money.to_text(price(validate({**document, "total": None})).total, document["currency"])
        document["payments"] = [card("P1", total)]
    return document


def card(id: str, captured: str, **changes: Any) -> Json:
    """A payment by card through the gateway that people work by hand."""
    return {
        "id": id,
        "gateway": "manual",
        "reference": f"pay_{id}",
        "captured": captured,
        "kind": "card",
        **changes,
    }


def delivered(lines: list[Json], days: float = 5) -> list[Json]:
    """One parcel with everything in it."""
    units = {row["id"]: row["quantity"] for row in lines}
    return [{"id": "D1", "lines": units, "shipped_at": days_ago(days + 2), "delivered_at": days_ago(days)}]


@dataclass
class Answer:
    """A response with its body, and the three things a test asks of it."""

    status: int
    body: Any
    headers: Any
    content: bytes

    def ok(self, status: int = 200) -> Any:
        """The body of an answer that must have this status."""
        assert self.status == status, (self.status, self.body)
        return self.body

    def made(self) -> Any:
        """The body of a 201."""
        return self.ok(201)

    def refused(self, status: int, code: str) -> Any:
        """The problem document of a refusal, complete and with something to read."""
        assert (self.status, self.body and self.body.get("code")) == (status, code), (self.status, self.body)
        assert self.headers["Content-Type"] == PROBLEM
        assert self.body["status"] == status
        assert self.body["title"]
        assert self.body["detail"]
        assert self.body["type"]
        assert isinstance(self.body["errors"], list)
        for error in self.body["errors"]:
            assert set(error) == {"pointer", "code", "detail"}
        return self.body

    def pointers(self) -> set[str]:
        """Where the problem document says that something is wrong."""
        return {error["pointer"] for error in self.body["errors"]}


class Api:
    """A REST client with one key; a dict goes out as JSON, bytes as they are."""

    def __init__(self, text: str, key: ApiKey | None = None) -> None:
        self.text, self.key = text, key
        self.client = Client(raise_request_exception=False)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request; header names with underscores: `Idempotency_Key="a"`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.text:
            sent.setdefault("Authorization", f"Bearer {self.text}")
        data = body if isinstance(body, bytes | str) else json.dumps({} if body is None else body)
        content_type = sent.pop("Content-Type", "application/json")
        response = self.client.generic(method, BASE + path, data, content_type=content_type, headers=sent)
        kind = response.headers.get("Content-Type", "")
        return Answer(
            response.status_code,
            json.loads(response.content) if "json" in kind else None,
            response.headers,
            response.content,
        )

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST."""
        return self.send("POST", path, body, **headers)

    def get(self, path: str, **headers: str) -> Answer:
        """GET, with a query string or an absolute address as `next` has it."""
        return self.send("GET", path.rpartition(BASE)[2] if "://" in path else path, "", **headers)

    def upload(self, path: str, **fields: Any) -> Answer:
        """POST of a form with files."""
        response = self.client.post(BASE + path, fields, headers={"Authorization": f"Bearer {self.text}"})
        return Answer(response.status_code, response.json(), response.headers, response.content)


def api_client(*scopes: str, shops: list[str] | None = None, channels: list[str] | None = None) -> Api:
    """A client with a fresh key."""
    key, text = create_key("tests", list(scopes), shops=shops, channels=channels)
    return Api(text, key)


def publish(api: Api, *, rules: list[Json] | None = None, **defaults: Any) -> Json:
    """Put the house's policy in force with other defaults and rules; returns the policy."""
    document: Json = copy.deepcopy(dict(HOUSE_POLICY))
    document["defaults"] = {**document["defaults"], **defaults}
    document["rules"] = rules or []
    drafted = api.post("/policies", document).made()
    return api.post(f"/policies/{drafted['id']}/publish").ok()  # type: ignore[no-any-return]


def review(api: Api) -> Json:
    """A policy that leaves every decision to a person, and every reimbursement too."""
    return publish(api, decision="review", auto_reimburse=False)


def place(api: Api, *lines: Json, **changes: Any) -> Json:
    """Store an order."""
    return api.post("/orders", order_document(*lines, **changes)).made()  # type: ignore[no-any-return]


def wishes(*rows: Any) -> list[Json]:
    """Items of a request: ("A", 1) or ("A", 1, "defective")."""
    return [{"line": row[0], "quantity": row[1], "reason": row[2] if len(row) > 2 else "too_small"} for row in rows]


def request_body(order: Json, /, *rows: Any, **changes: Any) -> Json:
    """The body of a request for a return; one unit of line A unless told."""
    return {
        "order": {"channel": order["channel"], "number": order["number"]},
        "items": wishes(*(rows or [("A", 1)])),
        **changes,
    }


def ask(api: Api, order: Json, *rows: Any, **changes: Any) -> Json:
    """Ask for a return."""
    return api.post("/returns", request_body(order, *rows, **changes)).made()  # type: ignore[no-any-return]


def read(api: Api, rma: Json) -> Json:
    """The return as it is now."""
    return api.get(f"/returns/{rma['rma']}").ok()  # type: ignore[no-any-return]


def item_of(rma: Json, line: str = "A") -> str:
    """The id of the item for a line."""
    return next(str(item["id"]) for item in rma["items"] if item["line"] == line)


def units(rma: Json, *rows: Any) -> list[Json]:
    """Rows of a command: ("A", 2) becomes {"item": ..., "quantity": 2}."""
    return [{"item": item_of(rma, row[0]), "quantity": row[1]} for row in rows]


def command(api: Api, rma: Json, verb: str, **body: Any) -> Json:
    """A command that must succeed."""
    return api.post(f"/returns/{rma['rma']}/{verb}", body).ok()  # type: ignore[no-any-return]


def label(api: Api, rma: Json) -> Json:
    """A label of the manual carrier."""
    return api.post(f"/returns/{rma['rma']}/shipments", {"carrier": "manual"}).made()  # type: ignore[no-any-return]


def scan(api: Api, shipment: Json, code: str = "accepted", days: float = 1) -> Json:
    """What the carrier says."""
    scans = [{"code": code, "at": days_ago(days), "location": "Warszawa"}]
    return api.post(f"/shipments/{shipment['id']}/tracking", {"events": scans}).ok()  # type: ignore[no-any-return]


def receive(api: Api, rma: Json, *rows: Any, **body: Any) -> Json:
    """A parcel at the dock: all that was announced, or only these units."""
    if rows:
        body["items"] = units(rma, *rows)
    return api.post(f"/returns/{rma['rma']}/receipts", body).made()  # type: ignore[no-any-return]


def finding(
    rma: Json, line: str = "A", quantity: int = 1, outcome: str = "accepted", disposition: str = "", **more: Any
) -> Json:
    """What was found on some units."""
    way = disposition or ("restock" if outcome == "accepted" else "quarantine")
    return {
        "item": item_of(rma, line),
        "quantity": quantity,
        "grade": "A" if outcome == "accepted" else "D",
        "outcome": outcome,
        "disposition": way,
        **more,
    }


def inspect(api: Api, rma: Json, *rows: Any) -> Json:
    """Findings at the bench: ("A", 2, "rejected") and so on."""
    found = [finding(rma, *row) for row in rows or [("A", 1)]]
    return api.post(f"/returns/{rma['rma']}/inspections", {"items": found}).made()  # type: ignore[no-any-return]


def reimburse(api: Api, rma: Json, **wish: Any) -> Json:
    """Decide and pay."""
    return api.post(f"/returns/{rma['rma']}/reimbursements", wish).made()  # type: ignore[no-any-return]


def pay(api: Api, reimbursement: Json) -> None:
    """Say of every refund of a reimbursement that it was paid by hand."""
    for refund in reimbursement["refunds"]:
        api.post(f"/refunds/{refund['id']}/mark-paid").ok()


def whole_life(api: Api, order: Json, *rows: Any, **wish: Any) -> Json:
    """From the request to resolved, everything accepted; returns the return."""
    rma = ask(api, order, *rows)
    if rma["status"] == "requested":
        rma = command(api, rma, "authorize")
    receive(api, rma)
    inspect(api, rma, *(row[:2] for row in rows or [("A", 1)]))
    pay(api, reimburse(api, rma, **wish))
    return read(api, rma)
