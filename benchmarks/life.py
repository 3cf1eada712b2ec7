"""A whole life by API: create, authorize where it must be, label, receive, inspect, reimburse, pay: resolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.world import request_body

Send = Callable[[str, str, Any], Any]


def live(send: Send, number: str) -> str:
    """Live it with `send(name, path, body)`; GET where there is no body. The status at the end."""
    rma = send("create", "/returns", request_body(number))
    code = rma["rma"]
    send("label", f"/returns/{code}/shipments", {"carrier": "manual"})
    send("receive", f"/returns/{code}/receipts", {"parcel": "P"})
    found = [
        {"item": item["id"], "quantity": 1, "grade": "A", "outcome": "accepted", "disposition": "restock"}
        for item in rma["items"]
    ]
    send("inspect", f"/returns/{code}/inspections", {"items": found})
    made = send("reimburse", f"/returns/{code}/reimbursements", {})
    for refund in made["refunds"]:
        send("paid", f"/refunds/{refund['id']}/mark-paid", {})
    return str(send("resolved", f"/returns/{code}", None)["status"])
