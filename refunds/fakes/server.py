"""The fake gateway over HTTP: its own process, its own file, and webhooks sent by a thread of its own."""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import logging
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from refunds.fakes.book import Book, Refusal, Row
from refunds.fakes.counter import Counter, Said
from refunds.fakes.modes import Manners

logger = logging.getLogger(__name__)

MOST_BODY = 1 << 20
TICK, AGAIN = 0.1, 1.0
"""Seconds between two looks at what is due, and until a webhook that was not taken is sent again."""
PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>Fake gateway</title><body><main><h1>Fake gateway</h1><p>{description}</p><p><strong>{amount} {currency}"
    "</strong> (minor units): {status}</p>{form}</main></body></html>"
)
FORM = "<form method=post><button>Pay</button></form>"


class Gateway(ThreadingHTTPServer):
    """Serves until it is shut down; `counter` is what it serves."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], book: Book, manners: Manners) -> None:
        super().__init__(address, Handler)
        self.counter, self.manners, self.book = Counter(book, manners), manners, book
        self.ended = threading.Event()
        threading.Thread(target=self._keep_time, name="webhooks", daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is reached on this machine."""
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    def server_close(self) -> None:
        """Stop listening and sending."""
        self.ended.set()
        super().server_close()

    def _keep_time(self) -> None:
        while not self.ended.wait(TICK):
            self.counter.settle()
            for row in self.book.rows("SELECT * FROM webhook WHERE due <= ? ORDER BY due LIMIT 50", time.time()):
                self._send(row)

    def _send(self, row: Row) -> None:
        taken = post(self.manners.webhooks, row["body"].encode(), self.manners.secret)
        with self.book.turn():
            if taken:
                self.book.do("DELETE FROM webhook WHERE number = ?", row["number"])
            else:
                self.book.do("UPDATE webhook SET due = ? WHERE number = ?", time.time() + AGAIN, row["number"])


def post(url: str, body: bytes, secret: str) -> bool:
    """Send one signed webhook; whether it was taken or will never be (4xx)."""
    at = int(time.time())
    signature = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "Fake-Signature": f"t={at},v1={signature}"}
    try:
        with urlopen(Request(url, body, headers), timeout=10):
            return True
    except HTTPError as error:
        return error.code < 500
    except (URLError, OSError):
        return False


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Gateway

    def do_GET(self) -> None:
        """Read the ledger, a charge, or the page on which a customer pays."""
        address = urlsplit(self.path)
        params, counter = dict(parse_qsl(address.query)), self.server.counter
        found = re.fullmatch(r"/pay/(\w+)", address.path)
        if found:
            self._page(found[1])
        elif address.path == "/refunds":
            self._answer(lambda: Said(counter.refunds(params)))
        elif address.path == "/charges":
            self._answer(lambda: Said(self._with_urls(counter.charges(params.get("key", "")))))
        elif address.path == "/ledger":
            self._answer(lambda: Said(counter.ledger()))
        else:
            self._write(404, {"code": "not_found", "error": "There is nothing here."})

    def do_POST(self) -> None:
        """Refund, charge, change a charge, pay."""
        path, counter, key = urlsplit(self.path).path, self.server.counter, self.headers.get("Idempotency-Key", "")
        body = self._body()
        change = re.fullmatch(r"/charges/(\w+)/(capture|release)", path)
        paid = re.fullmatch(r"/pay/(\w+)", path)
        if path == "/refunds":
            self._answer(lambda: counter.refund(key, body))
        elif path == "/charges":
            self._answer(lambda: Said(self._with_url(counter.charge(key, body).body)))
        elif change:
            amount = body.get("amount") if change[2] == "capture" else None
            self._answer(lambda: Said(self._with_url(counter.change_charge(change[1], change[2], amount))))
        elif paid:
            self._pay(paid[1])
        else:
            self._write(404, {"code": "not_found", "error": "There is nothing here."})

    def _answer(self, work: Callable[[], Said]) -> None:
        time.sleep(self.server.manners.delay)
        try:
            said = work()
        except Refusal as refusal:
            self._write(refusal.status, refusal.body)
            return
        except (ValueError, TypeError) as error:
            self._write(422, {"code": "invalid", "error": str(error)})
            return
        if said.astray == "hang":
            # the money has moved, and nobody will hear of it on this connection
            self.server.ended.wait(self.server.manners.hang)
            self.close_connection = True
        elif said.astray == "error":
            self._write(500, {"error": "Something broke."})
        else:
            self._write(said.status, said.body)

    def _body(self) -> Row:
        length = min(int(self.headers.get("Content-Length") or 0), MOST_BODY)
        try:
            found = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, status: int, body: Row) -> None:
        self._send_bytes(status, json.dumps(body).encode(), "application/json")

    def _send_bytes(self, status: int, data: bytes, media_type: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _page(self, name: str, status: int = 200) -> None:
        try:
            row = self.server.counter.charge_named(name)
        except Refusal as refusal:
            self._write(refusal.status, refusal.body)
            return
        shown = {key: html.escape(str(row[key])) for key in ("description", "amount", "currency", "status")}
        text = PAGE.format(form=FORM if row["status"] == "open" else "", **shown)
        self._send_bytes(status, text.encode(), "text/html; charset=utf-8")

    def _pay(self, name: str) -> None:
        try:
            row = self.server.counter.change_charge(name, "pay")
        except Refusal as refusal:
            self._write(refusal.status, refusal.body)
            return
        if row["return_url"].startswith(("http://", "https://")):
            self._send_bytes(303, b"", "text/plain", Location=row["return_url"].split("\r")[0].split("\n")[0])
        else:
            self._page(name)

    def _with_url(self, row: Row) -> Row:
        return {**row, "url": f"http://{self.headers.get('Host', '127.0.0.1')}/pay/{row['id']}"}

    def _with_urls(self, found: Row) -> Row:
        return {"results": [self._with_url(row) for row in found["results"]]}

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet unless asked for."""
        logger.debug(format, *args)
