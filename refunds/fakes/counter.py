"""The fake gateway's counter: what each request does to the book, and how its answer goes astray."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from refunds.fakes.book import Book, Refusal, Row, told
from refunds.fakes.modes import Manners

SPOILT = {"error_before": "error", "error_after": "error", "forget_keys": "error", "timeout_after": "hang"}
"""What becomes of the first answer under a key."""
MOST = 1000


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, and what happens to it on its way: nothing, an `error` 500 in its place, or a `hang`."""

    body: Row
    astray: str = ""
    status: int = 200


class Counter:
    """Refunds and charges over one book."""

    def __init__(self, book: Book, manners: Manners) -> None:
        self.book, self.manners = book, manners

    def refund(self, key: str, asked: Row) -> Said:
        """Move money back once per key. Raises Refusal."""
        amount, currency = _amount(asked), str(asked.get("currency") or "")
        reference = str(asked.get("payment") or "")
        if not key or not reference or not currency:
            raise Refusal(422, "invalid", "A key, a payment, an amount and a currency are needed.")
        mode, body = self.manners.mode(reference), json.dumps(asked, sort_keys=True)
        with self.book.turn():
            kept = self.book.kept_answer(key, body)
            if kept is not None:
                return Said(kept)
            first = self.book.first_call(key, mode)
            if mode == "error_before" and first:
                return Said({}, "error")
            payment = self._payment(reference, asked.get("captured"), currency)
            answer = self._move(key, payment, amount, mode)
            if mode != "forget_keys":
                self.book.keep_answer(key, body, answer)
        return Said(answer, SPOILT.get(mode, "") if first else "")

    def _payment(self, reference: str, captured: Any, currency: str) -> Row:
        known = int(captured) if captured is not None else None
        if known is not None and self.manners.draw() < self.manners.partial_captures:
            known //= 2
        return self.book.meet_payment(reference, known, currency)

    def _move(self, key: str, payment: Row, amount: int, mode: str) -> Row:
        if mode == "decline" or (mode == "decline_once" and not self._declined_before(payment)):
            row = self.book.add_refund(key, payment, amount, "failed", code="declined")
        elif mode == "pending":
            settles = time.time() + self.manners.settle_after
            row = self.book.add_refund(key, payment, amount, "pending", settles=settles)
        else:
            row = self.book.add_refund(key, payment, amount, "succeeded")
        if row["status"] != "pending":
            self.tell("refund", row)
        return row

    def _declined_before(self, payment: Row) -> bool:
        sql = "SELECT 1 FROM refund WHERE payment = ? AND status = 'failed'"
        return self.book.one(sql, payment["reference"]) is not None

    def refunds(self, params: dict[str, str]) -> Row:
        """The ledger: under one key, or since an instant, page by page."""
        if "key" in params:
            rows = self.book.rows("SELECT * FROM refund WHERE key = ? ORDER BY number DESC", params["key"])
            rows.sort(key=lambda row: row["status"] == "failed")
        else:
            sql = "SELECT * FROM refund WHERE at >= ? AND number > ? ORDER BY number LIMIT ?"
            since, after = _instant(params.get("since", "")), int(params.get("after", 0))
            rows = self.book.rows(sql, since, after, min(MOST, int(params.get("limit", MOST))))
        return {"results": [told(row) for row in rows]}

    def ledger(self) -> Row:
        """What moved and how often each key was called, for whoever compares."""
        moved = "SELECT count(*) AS refunds, coalesce(sum(amount), 0) AS amount FROM refund WHERE status = ?"
        twice = "SELECT key, count(*) AS times FROM refund WHERE status != 'failed' GROUP BY key HAVING count(*) > 1"
        over = (
            "SELECT reference FROM payment WHERE captured IS NOT NULL AND captured < "
            "(SELECT coalesce(sum(amount), 0) FROM refund WHERE payment = reference AND status != 'failed')"
        )
        return {
            **{name: self.book.one(moved, name) for name in ("succeeded", "pending", "failed")},
            "calls": self.book.rows("SELECT count(*) AS n FROM call")[0]["n"],
            "twice": self.book.rows(twice),
            "over_captured": [row["reference"] for row in self.book.rows(over)],
        }

    def settle(self) -> None:
        """Let pending refunds succeed whose time has come."""
        with self.book.turn():
            for row in self.book.settle_pending():
                self.tell("refund", row)

    def charge(self, key: str, asked: Row) -> Said:
        """Make a payment link or a hold, once per key. Raises Refusal."""
        kind, amount, reference = str(asked.get("kind")), _amount(asked), str(asked.get("payment") or "")
        if kind not in ("link", "hold") or not key:
            raise Refusal(422, "invalid", "A key and a kind, link or hold, are needed.")
        status = "open" if kind == "link" else "failed" if "mode=decline" in reference else "held"
        with self.book.turn():
            found = self.book.one("SELECT * FROM charge WHERE key = ?", key)
            if found is not None and (found["amount"], found["kind"]) != (amount, kind):
                raise Refusal(409, "key_reused", "This key was used for another request.")
            if found is None:
                number = self.book.do(
                    "INSERT INTO charge (key, kind, payment, amount, currency, description, return_url, status, at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    *(key, kind, reference, amount, str(asked.get("currency") or ""), str(asked.get("description"))),
                    *(str(asked.get("return_url") or ""), status, time.time()),
                )
                self.book.do("UPDATE charge SET id = ? WHERE number = ?", f"fc_{number}", number)
            row = self.book.one("SELECT * FROM charge WHERE key = ?", key)
        assert row is not None
        return Said(told(row))

    def charge_named(self, name: str) -> Row:
        """One charge. Raises Refusal."""
        found = self.book.one("SELECT * FROM charge WHERE id = ?", name)
        if found is None:
            raise Refusal(404, "not_found", "There is no such charge.")
        return told(found)

    def charges(self, key: str) -> Row:
        """The charge under a key."""
        return {"results": [told(row) for row in self.book.rows("SELECT * FROM charge WHERE key = ?", key)]}

    def change_charge(self, name: str, verb: str, amount: int | None = None) -> Row:
        """capture a hold, release what is not paid, or pay a link; the same again changes nothing. Raises Refusal."""
        wanted = "released" if verb == "release" else "paid"
        needs = {"capture": ("held",), "release": ("open", "held"), "pay": ("open",)}[verb]
        with self.book.turn():
            row = self.charge_named(name)
            if row["status"] == wanted and amount in (None, row["captured"]):
                return row
            taken = 0 if verb == "release" else row["amount"] if amount is None else amount
            if row["status"] not in needs or taken > row["amount"]:
                raise Refusal(422, "wrong_state", f"This charge of {row['amount']} is {row['status']}.")
            self.book.do("UPDATE charge SET status = ?, captured = ? WHERE id = ?", wanted, taken, name)
            row = self.charge_named(name)
            self.tell("charge", row)
        return row

    def tell(self, about: str, row: Row) -> None:
        """Put a webhook into the book, late, twice or out of order as the run's manners are; inside a turn."""
        manners = self.manners
        if not manners.webhooks:
            return
        event = {"id": f"fe_{uuid.uuid4().hex}", "kind": f"{about}.{row['status']}", "about": about, "data": row}
        times = 2 if manners.draw() < manners.webhooks_twice else 1
        for _n in range(times):
            wait = manners.webhook_delay * (2 * manners.draw() if manners.webhooks_shuffled else 1)
            self.book.do("INSERT INTO webhook (due, body) VALUES (?, ?)", time.time() + wait, json.dumps(event))


def _amount(asked: Row) -> int:
    amount = asked.get("amount")
    if type(amount) is not int or amount <= 0:
        raise Refusal(422, "invalid", "The amount is a whole number of minor units above zero.")
    return amount


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() if text else 0.0
