"""The strict fake gateway's client: a gateway like any other, over HTTP, for demo and tests."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from refunds.gateways import wire
from refunds.gateways.base import (
    BadSignature,
    ChargeAnswer,
    ChargeCall,
    ChargeOutcome,
    GatewayNotice,
    GatewayRefund,
    LedgerAway,
    RefundAnswer,
    RefundCall,
    RefundOutcome,
)

SIGNATURE = "Fake-Signature"
TOLERANCE = 600
"""Seconds that a webhook may be old."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class FakeGateway:
    """Speaks with the process that `manage.py fake_gateway` starts."""

    url: str
    secret: str
    key_window: timedelta | None
    code: str = "fake"
    local: bool = False

    def refund(self, call: RefundCall) -> RefundAnswer:
        """Move the money back once per key."""
        body = {"payment": call.payment_reference, "amount": call.amount, "currency": call.currency}
        return _refund_answer(self._post("/refunds", body | {"captured": call.captured}, call.key))

    def look_up(self, call: RefundCall) -> RefundAnswer:
        """Ask what the gateway has under the key."""
        reply = self._get("/refunds", {"key": call.key})
        if not reply.ok:
            return RefundAnswer(RefundOutcome.UNCLEAR, reason=reply.error or f"HTTP {reply.status}")
        found = _rows(reply)
        return _answer_of(found[0]) if found else RefundAnswer(RefundOutcome.UNKNOWN)

    def refunds_since(self, since: datetime) -> Iterable[GatewayRefund] | None:
        """The gateway's ledger, page by page. Raises LedgerAway when it cannot be read to its end."""
        return self._pages(since)

    def _pages(self, since: datetime) -> Iterator[GatewayRefund]:
        after = 0
        while True:
            reply = self._get("/refunds", {"since": since.isoformat(), "after": str(after), "limit": str(PAGE)})
            if not reply.ok:
                raise LedgerAway(reply.error or f"HTTP {reply.status}")
            rows = _rows(reply)
            yield from (_ledger_row(row) for row in rows)
            if len(rows) < PAGE:
                return
            after = rows[-1]["number"]

    def notices(self, body: bytes, headers: Mapping[str, str]) -> Sequence[GatewayNotice]:
        """The events of a signed webhook. Raises BadSignature."""
        if not self.secret or not _signed(self.secret, body, headers.get(SIGNATURE, "")):
            raise BadSignature
        event = json.loads(body)
        thing = event["data"]
        return [
            GatewayNotice(
                event_id=event["id"],
                kind=event["kind"],
                about=event["about"],
                key=thing["key"],
                gateway_id=thing["id"],
                outcome=thing["status"],
                amount=thing["amount"],
                currency=thing["currency"],
                reason=thing.get("code", ""),
            )
        ]

    def ask(self, call: ChargeCall) -> ChargeAnswer:
        """Make a payment link."""
        return self._charge("/charges", call, kind="link")

    def hold(self, call: ChargeCall) -> ChargeAnswer:
        """Hold an amount on an earlier payment's means."""
        return self._charge("/charges", call, kind="hold")

    def capture(self, call: ChargeCall) -> ChargeAnswer:
        """Take a hold's amount."""
        return self._charge(f"/charges/{call.gateway_id}/capture", call)

    def release(self, call: ChargeCall) -> ChargeAnswer:
        """Let a hold or an unpaid link go."""
        return self._charge(f"/charges/{call.gateway_id}/release", call)

    def look_up_charge(self, call: ChargeCall) -> ChargeAnswer:
        """Where a charge stands."""
        reply = self._get("/charges", {"key": call.key})
        if not reply.ok:
            return ChargeAnswer(ChargeOutcome.UNCLEAR, reason=reply.error or f"HTTP {reply.status}")
        found = _rows(reply)
        return _charge_of(found[0]) if found else ChargeAnswer(ChargeOutcome.UNKNOWN)

    def _charge(self, path: str, call: ChargeCall, **more: str) -> ChargeAnswer:
        body = {"amount": call.amount, "currency": call.currency, "payment": call.payment_reference}
        body |= {"description": call.description, "return_url": call.return_url, **more}
        reply = self._post(path, body, call.key)
        found = reply.document()
        if reply.ok and found.get("id"):
            return _charge_of(found)
        if _definite(reply):
            return ChargeAnswer(ChargeOutcome.FAILED, reason=str(found.get("error") or reply.error))
        return ChargeAnswer(ChargeOutcome.UNCLEAR, reason=reply.error or f"HTTP {reply.status}")

    def _post(self, path: str, body: dict[str, Any], key: str) -> wire.Reply:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return wire.call("POST", self.url + path, headers=headers, body=json.dumps(body).encode())

    def _get(self, path: str, params: dict[str, str]) -> wire.Reply:
        return wire.call("GET", self.url + path, params=params)


def configured() -> FakeGateway | None:
    """The fake gateway at FAKE_GATEWAY_URL, if the settings name one."""
    if not settings.FAKE_GATEWAY_URL:
        return None
    window = timedelta(seconds=settings.FAKE_GATEWAY_KEY_WINDOW)
    return FakeGateway(settings.FAKE_GATEWAY_URL.rstrip("/"), settings.FAKE_GATEWAY_SECRET, window)


def sign(secret: str, body: bytes, at: int) -> str:
    """The header over a webhook's body: an HMAC-SHA256 of the second it was sent and the body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _signed(secret: str, body: bytes, given: str) -> bool:
    stamp = given.partition("t=")[2].partition(",")[0]
    if not stamp.isascii() or not stamp.isdigit() or abs(time.time() - int(stamp[:12])) > TOLERANCE:
        return False
    return hmac.compare_digest(sign(secret, body, int(stamp[:12])), given)


def _rows(reply: wire.Reply) -> list[dict[str, Any]]:
    found = reply.document().get("results")
    return found if isinstance(found, list) else []


def _refund_answer(reply: wire.Reply) -> RefundAnswer:
    """A clear answer names a state; whatever does not is looked up."""
    found = reply.document()
    if reply.ok and found.get("id"):
        return _answer_of(found)
    reason = str(found.get("error") or reply.error or f"HTTP {reply.status}")
    if _definite(reply):
        return RefundAnswer(RefundOutcome.FAILED, reason=reason, code=str(found.get("code", "refused")))
    return RefundAnswer(RefundOutcome.UNCLEAR, reason=reason)


def _definite(reply: wire.Reply) -> bool:
    """A refusal that says that nothing was done and nothing will be; a key in use elsewhere (409) does not."""
    return 400 <= reply.status < 500 and reply.status not in (408, 409, 425, 429)


def _answer_of(row: dict[str, Any]) -> RefundAnswer:
    return RefundAnswer(RefundOutcome(row["status"]), gateway_id=row["id"], code=row.get("code", ""))


def _ledger_row(row: dict[str, Any]) -> GatewayRefund:
    return GatewayRefund(
        gateway_id=row["id"],
        key=row["key"],
        payment_reference=row["payment"],
        amount=row["amount"],
        currency=row["currency"],
        outcome=RefundOutcome(row["status"]),
        at=datetime.fromisoformat(row["at"]),
    )


def _charge_of(row: dict[str, Any]) -> ChargeAnswer:
    return ChargeAnswer(
        ChargeOutcome(row["status"]), gateway_id=row["id"], url=row.get("url", ""), captured=row.get("captured", 0)
    )
