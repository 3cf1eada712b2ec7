"""Payment providers of the shapes in docs/gateways, each a real HTTP server on loopback that checks what it is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

Json = dict[str, Any]
SECRET = "s3cret-of-the-shop"


class Provider:
    """A ledger, and how it answers; `fault` is what the next request runs into."""

    prefix: ClassVar[str] = ""

    def __init__(self) -> None:
        self.refunds: list[Json] = []
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.fault = ""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """Status and document."""
        raise NotImplementedError


class Polish(Provider):
    """Basic access, grosze as whole numbers, a request id that is taken once."""

    prefix = "/api/v1"

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """As docs/gateways/polish-provider.yaml expects."""
        given = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode()
        if given != f"12345:{SECRET}":
            return 401, {"error": "Incorrect authentication", "code": 401}
        if path.startswith("/refund/by/orderId/"):
            order = path.rpartition("/")[2]
            rows = [row for row in self.refunds if str(row["orderId"]) == order]
            return (200, {"data": {"refunds": rows}}) if rows else (200, {"data": {"refunds": []}})
        asked = json.loads(body)
        wanted = asked["refunds"][0]
        assert type(wanted["amount"]) is int
        if len(asked["requestId"]) > 35:
            return 400, {"error": "requestId is too long", "code": 400}
        if any(row["requestId"] == asked["requestId"] for row in self.refunds):
            return 409, {"data": [{"message": "duplicate", "status": False}]}
        if wanted["amount"] > 100_000:
            return 400, {"error": "Amount exceeds the payment", "code": 400}
        row = {**wanted, "requestId": asked["requestId"], "refundId": f"R{len(self.refunds) + 1}", "status": 3}
        self.refunds.append(row)
        return 201, {"data": [{**wanted, "refundId": row["refundId"], "status": True, "message": "success"}]}

    def settle(self, number: int, *, failed: bool = False) -> bytes:
        """The bank's word on a refund: sets it, and returns the signed notification."""
        row = self.refunds[number]
        row["status"] = 4 if failed else 1
        told = {
            "orderId": row["orderId"],
            "sessionId": row["sessionId"],
            "refundsUuid": row["requestId"],
            "merchantId": 12345,
            "amount": row["amount"],
            "currency": "PLN",
            "status": 1 if failed else 0,
        }
        signed = json.dumps({**told, "crc": SECRET}, separators=(",", ":"), ensure_ascii=False)
        sign = hashlib.sha384(signed.encode()).hexdigest()
        return json.dumps({**told, "refundId": row["refundId"], "sign": sign}).encode()


class Israeli(Provider):
    """An HMAC over time and nonce, decimal sums, response codes, no keys."""

    prefix = "/v1"

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """As docs/gateways/israeli-provider.yaml expects."""
        if path.startswith("/reports/credits"):
            return 200, self._page(path)
        key = SECRET + headers["x-api-request-time"] + headers["x-api-nonce"]
        expected = hmac.new(key.encode(), b"app-key-of-the-shop", hashlib.sha256).hexdigest()
        if headers["x-api-access-token"] != expected or len(headers["x-api-nonce"]) != 80:
            return 401, {"message": "no access"}
        asked = json.loads(body, parse_float=Decimal)
        if path == "/reports/transactions/query":
            rows = [row for row in self.refunds if row["reference_txn_id"] == asked["reference_txn_id"]]
            return 200, {"transactions": rows}
        code = "033" if Decimal(asked["sum"]) > 1000 else "000"
        row = {
            **{name: asked[name] for name in ("reference_txn_id", "user_defined")},
            "sum": float(asked["sum"]),
            "transaction_id": len(self.refunds) + 1,
            "processor_response_code": code,
            "created_at": "2026-11-20T10:00:00+02:00",
        }
        self.refunds.append(row)
        return 200, {"message": "ok", "transaction_result": row}

    def _page(self, path: str) -> Json:
        at = 2 if "cursor=2" in path else 0
        more = "reports/credits?cursor=2" if at == 0 and len(self.refunds) > 2 else None
        return {"transactions": self.refunds[at : at + 2], "next": more}

    def notification(self, number: int) -> tuple[bytes, dict[str, str]]:
        """A signed webhook about a refund."""
        body = json.dumps({"event_id": f"e{number}", "event": "credit", **self.refunds[number]}).encode()
        digest = hmac.new(SECRET.encode(), b"1700000000." + body, hashlib.sha256).digest()
        return body, {"X-Api-Request-Time": "1700000000", "X-Api-Signature": base64.b64encode(digest).decode()}


class Platform(Provider):
    """A shop platform: refunds below its orders, keys remembered."""

    prefix = "/api"

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """As docs/gateways/shop-platform.yaml expects."""
        if headers.get("x-access-token") != SECRET:
            return 401, {"error": "no access"}
        if method == "GET":
            return 200, {"refunds": [row for row in self.refunds if row["order"] == path.split("/")[2]]}
        asked = json.loads(body)
        known = [row for row in self.refunds if row["reference"] == headers["idempotency-key"]]
        if not known:
            row = {"id": f"gid-{len(self.refunds) + 1}", "order": path.split("/")[2], "status": "success", **asked}
            known = [row]
            self.refunds.append(row)
        return 201, {"refund": known[0]}


class Server(ThreadingHTTPServer):
    """Serves one provider."""

    daemon_threads = True

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}{self.provider.prefix}"


class Handler(BaseHTTPRequestHandler):
    """One request, and the fault it runs into."""

    server: Server

    def _any(self) -> None:
        provider = self.server.provider
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): text for name, text in self.headers.items()}
        path = self.path.removeprefix(provider.prefix)
        provider.seen.append((self.command, path, headers, body))
        fault, provider.fault = provider.fault, ""
        if fault == "before":
            self._say(500, {"error": "down"})
            return
        status, document = provider.answer(self.command, path, headers, body)
        faults: dict[str, tuple[int, Any]] = {"after": (502, {}), "nonsense": (200, None), "redirect": (302, {})}
        if fault != "cut":
            self._say(*faults.get(fault, (status, document)))

    def _say(self, status: int, document: Any) -> None:
        said = b"<html>" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        if status == 302:
            self.send_header("Location", f"{self.server.address}/elsewhere")
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = do_PUT = _any

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@contextmanager
def serving(provider: Provider) -> Iterator[str]:
    """Serve on a free port; yields the base address."""
    server = Server(provider)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
