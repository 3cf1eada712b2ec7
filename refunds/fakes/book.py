"""The fake gateway's book: payments, refunds, keys, charges and webhooks to send, in one file under one lock."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]

TABLES = """
CREATE TABLE IF NOT EXISTS payment (reference TEXT PRIMARY KEY, captured INTEGER, currency TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refund (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, key TEXT NOT NULL, payment TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, status TEXT NOT NULL, code TEXT NOT NULL DEFAULT '',
    at REAL NOT NULL, settles REAL
);
CREATE INDEX IF NOT EXISTS refund_key ON refund (key);
CREATE INDEX IF NOT EXISTS refund_payment ON refund (payment);
CREATE TABLE IF NOT EXISTS kept_key (key TEXT PRIMARY KEY, body TEXT NOT NULL, answer TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS charge (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, key TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
    payment TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, description TEXT NOT NULL,
    return_url TEXT NOT NULL, status TEXT NOT NULL, captured INTEGER NOT NULL DEFAULT 0, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS call (number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, fault TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS call_key ON call (key);
CREATE TABLE IF NOT EXISTS webhook (number INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, body TEXT NOT NULL);
"""


class Refusal(Exception):
    """The gateway says no and has done nothing; `status` is the HTTP status."""

    def __init__(self, status: int, code: str, error: str) -> None:
        super().__init__(error)
        self.status, self.body = status, {"code": code, "error": error}


class Book:
    """Everything that the gateway remembers. Amounts are minor units."""

    def __init__(self, file: str, *, forget_after: float | None = None) -> None:
        self.forget_after = forget_after
        self._lock = threading.RLock()
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(TABLES)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One caller at a time, and all of what they do or nothing of it."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """What a statement finds."""
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values)]

    def one(self, sql: str, *values: Any) -> Row | None:
        """The first row, if there is one."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def do(self, sql: str, *values: Any) -> int:
        """Carry out a statement; the number of the row it made."""
        return int(self._db.execute(sql, values).lastrowid or 0)

    def kept_answer(self, key: str, body: str) -> Row | None:
        """The answer that this key got before. Raises Refusal when it came with another body."""
        kept = self.one("SELECT * FROM kept_key WHERE key = ?", key)
        if kept is None or (self.forget_after is not None and time.time() - kept["at"] >= self.forget_after):
            return None
        if kept["body"] != body:
            raise Refusal(409, "key_reused", "This key was used for another request.")
        return dict(json.loads(kept["answer"]))

    def keep_answer(self, key: str, body: str, answer: Row) -> None:
        """Remember what a key was answered."""
        values = (key, body, json.dumps(answer), time.time())
        self.do("INSERT OR REPLACE INTO kept_key (key, body, answer, at) VALUES (?, ?, ?, ?)", *values)

    def forget_key(self, key: str) -> None:
        """As if it had never come."""
        self.do("DELETE FROM kept_key WHERE key = ?", key)

    def first_call(self, key: str, fault: str) -> bool:
        """Whether this key comes for the first time; counts the call."""
        first = self.one("SELECT 1 FROM call WHERE key = ?", key) is None
        self.do("INSERT INTO call (key, fault) VALUES (?, ?)", key, fault)
        return first

    def meet_payment(self, reference: str, captured: int | None, currency: str) -> Row:
        """The payment, made known on its first use; without `captured` it is unlimited."""
        self.do("INSERT OR IGNORE INTO payment VALUES (?, ?, ?)", reference, captured, currency)
        found = self.one("SELECT * FROM payment WHERE reference = ?", reference)
        assert found is not None
        if found["currency"] != currency:
            raise Refusal(422, "wrong_currency", f"The payment was made in {found['currency']}.")
        return found

    def add_refund(
        self, key: str, payment: Row, amount: int, status: str, *, code: str = "", settles: Any = None
    ) -> Row:
        """Write a refund, within what was captured. Raises Refusal beyond it."""
        taken = self.rows(
            "SELECT coalesce(sum(amount), 0) AS n FROM refund WHERE payment = ? AND status != 'failed'",
            payment["reference"],
        )[0]["n"]
        if status != "failed" and payment["captured"] is not None and taken + amount > payment["captured"]:
            left = payment["captured"] - taken
            raise Refusal(422, "over_captured", f"Only {left} of the payment are left.")
        number = self.do(
            "INSERT INTO refund (key, payment, amount, currency, status, code, at, settles) VALUES (?,?,?,?,?,?,?,?)",
            *(key, payment["reference"], amount, payment["currency"], status, code, time.time(), settles),
        )
        self.do("UPDATE refund SET id = ? WHERE number = ?", f"fr_{number}", number)
        return self.refund(f"fr_{number}")

    def refund(self, name: str) -> Row:
        """One refund as the gateway tells it. Raises Refusal when there is none."""
        found = self.one("SELECT * FROM refund WHERE id = ?", name)
        if found is None:
            raise Refusal(404, "not_found", "There is no such refund.")
        return told(found)

    def settle_pending(self) -> list[Row]:
        """Pending refunds whose time has come succeed; returns them."""
        due = self.rows("SELECT id FROM refund WHERE status = 'pending' AND settles <= ?", time.time())
        for row in due:
            self.do("UPDATE refund SET status = 'succeeded' WHERE id = ?", row["id"])
        return [self.refund(row["id"]) for row in due]


def told(row: Row) -> Row:
    """A refund or charge with its instant as text."""
    return {**row, "at": datetime.fromtimestamp(row["at"], UTC).isoformat()}
