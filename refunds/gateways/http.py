"""Any gateway that speaks HTTP, described by data: requests, signatures, answers and webhooks out of a definition."""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin

from django.conf import settings

from customers import money
from refunds.gateways import wire
from refunds.gateways.addresses import NotAllowed, pinned
from refunds.gateways.base import (
    BadSignature,
    GatewayNotice,
    GatewayRefund,
    LedgerAway,
    RefundAnswer,
    RefundCall,
    RefundOutcome,
)
from refunds.gateways.signing import same, signature
from refunds.gateways.templates import PLACEHOLDER, at, fill_all, fill_text

Json = dict[str, Any]
SHORT_KEY = re.compile(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})-(\d+)")
MOST_PAGES = 1000
NUMBER = "\u2063amount\u2063"


class Exact(str):
    """A decimal that stands in JSON as a number, digit by digit."""


@dataclass(frozen=True, slots=True)
class HttpGateway:
    """One gateway as its description says."""

    code: str
    definition: Json
    secret: str
    local: bool = False

    @property
    def key_window(self) -> timedelta | None:
        """How long the gateway knows a key; zero where it never does, so that nothing is ever sent again."""
        hours = self.definition["key_window_hours"]
        return None if hours is None else timedelta(hours=hours)

    def refund(self, call: RefundCall) -> RefundAnswer:
        """Ask once. What no rule of the description knows is unclear."""
        known = self.definition.get("currencies")
        if known and call.currency not in known:
            return RefundAnswer(RefundOutcome.FAILED, reason=f"No {call.currency} here.", code="currency")
        shape = self.definition["refund"]
        return _answer(shape, self._send(shape, self._values(call)))

    def look_up(self, call: RefundCall) -> RefundAnswer:
        """Ask what became of it; unclear where the description says no way to ask."""
        shape = self.definition.get("look_up")
        if shape is None or ("{gateway_id}" in str(shape) and not call.gateway_id):
            return RefundAnswer(RefundOutcome.UNCLEAR, reason="There is no way to look it up.")
        values = self._values(call)
        reply = self._send(shape, values)
        if "rows" in shape and reply.ok:
            return _found(shape, reply, values)
        return _answer(shape, reply)

    def refunds_since(self, since: datetime) -> Iterable[GatewayRefund] | None:
        """The gateway's own list, page by page; None without one. Raises LedgerAway."""
        shape = self.definition.get("list")
        return None if shape is None else self._ledger(shape, since)

    def _ledger(self, shape: Json, since: datetime) -> Iterator[GatewayRefund]:
        path, query = shape["path"], shape.get("query", {})
        for _page in range(MOST_PAGES):
            now = self._own_values() | {"since": since.isoformat(), "since_date": since.date().isoformat()}
            reply = self._send({**shape, "path": path, "query": query}, now)
            rows = at(_parsed(reply), shape["rows"])
            if not reply.ok or not isinstance(rows, list):
                raise LedgerAway(reply.error or f"HTTP {reply.status}")
            yield from (self._ledger_row(shape["row"], row) for row in rows)
            following = at(_parsed(reply), shape.get("next", "/-"))
            if not following or not rows:
                return
            path, query = self._relative(str(following))
        raise LedgerAway("The list has no end.")

    def _relative(self, address: str) -> tuple[str, Json]:
        """The path of a next page, which must be at the same gateway."""
        base = self.definition["base_url"]
        whole = urljoin(f"{base}/", address)
        if not whole.startswith(f"{base}/"):
            raise LedgerAway("The next page is somewhere else.")
        path, _mark, query = whole[len(base) :].partition("?")
        return path.replace("{", "%7B").replace("}", "%7D"), {"": query} if query else {}

    def _ledger_row(self, places: Json, row: Any) -> GatewayRefund:
        facts = self._facts(places, row)
        when = at(row, places.get("at", "/-"))
        try:
            moment = datetime.fromisoformat(str(when)) if when else datetime.now(UTC)
        except ValueError as error:
            raise LedgerAway(f"{str(when)[:40]} is no instant.") from error
        return GatewayRefund(
            payment_reference=str(at(row, places.get("payment", "/-")) or ""),
            at=moment if moment.tzinfo else moment.replace(tzinfo=UTC),
            outcome=RefundOutcome(facts.outcome),
            key=facts.key,
            gateway_id=facts.gateway_id,
            amount=facts.amount,
            currency=facts.currency,
        )

    def notices(self, body: bytes, headers: Mapping[str, str]) -> Sequence[GatewayNotice]:
        """The event of a signed webhook. Raises BadSignature, also where the description has no webhook."""
        hook = self.definition.get("webhook")
        if hook is None or not self.secret:
            raise BadSignature
        message = _message(body)
        self._check_signature(hook["sign"], body, message, {name.lower(): text for name, text in headers.items()})
        facts = self._facts(hook["row"], message)
        event = at(message, hook.get("event_id", "/-")) or f"{facts.gateway_id}:{facts.outcome}"
        kind = str(at(message, hook.get("kind", "/-")) or "refund")
        return [replace(facts, event_id=str(event)[:200], kind=kind[:60])]

    def _check_signature(self, sign: Json, body: bytes, message: Any, headers: Mapping[str, str]) -> None:
        values = self._own_values() | {"body": body.decode("utf-8", "replace")}
        for row in sign["fields"]:
            for name in PLACEHOLDER.findall(row["value"]):
                source, _colon, where = name.partition(":")
                if where:
                    values[name] = at(message, where) if source == "body" else headers.get(where.lower(), "")
        given = str(at(message, sign["at"]) or "") if "at" in sign else headers.get(sign["header"].lower(), "")
        if "part" in sign:
            parts = (part.strip().partition("=") for part in given.replace(";", ",").split(","))
            given = next((text for name, _sign, text in parts if name == sign["part"]), "")
        if not given or not same(given, signature(sign, values)):
            raise BadSignature

    def _facts(self, places: Json, row: Any) -> GatewayNotice:
        currency = str(at(row, places.get("currency", "/-")) or (self.definition.get("currencies") or [""])[0])
        said = at(row, places.get("status", "/-"))
        outcomes = [name for name, words in places["statuses"].items() if said in words]
        return GatewayNotice(
            event_id="",
            kind="",
            about="refund",
            key=_whole_key(str(at(row, places.get("key", "/-")) or "")),
            gateway_id=str(at(row, places["id"]) or ""),
            outcome=outcomes[0] if outcomes else RefundOutcome.UNCLEAR.value,
            amount=self._minor(at(row, places["amount"]), currency),
            currency=currency,
        )

    def _minor(self, value: Any, currency: str) -> int:
        """An amount of theirs in minor units; -1 for what is none, which is equal to no amount of ours."""
        try:
            if self.definition["amounts"].startswith("minor"):
                return int(str(value))
            text = str(value)
            whole, _dot, decimals = text.partition(".")
            places = money.exponent(currency)
            spare = decimals[places:]
            return (
                money.parse(f"{whole}.{decimals[:places]}" if places and decimals else whole, currency)
                if not spare.strip("0")
                else -1
            )
        except (ValueError, TypeError):
            return -1

    def _values(self, call: RefundCall) -> Json:
        head, _colon, tail = call.payment_reference.partition(":")
        text = money.to_text(call.amount, call.currency)
        amounts: Json = {
            "minor": call.amount,
            "minor_text": str(call.amount),
            "decimal": Exact(text),
            "decimal_text": text,
        }
        return self._own_values() | {
            "key": call.key,
            "key_short": call.key.replace("-", "", 4),
            "amount": amounts[self.definition["amounts"]],
            "amount_minor": call.amount,
            "amount_decimal": text,
            "currency": call.currency,
            "payment": call.payment_reference,
            "payment_head": head,
            "payment_tail": tail,
            "order_number": call.order_number,
            "gateway_id": call.gateway_id or "",
        }

    def _own_values(self) -> Json:
        own = {f"setting.{name}": text for name, text in self.definition.get("settings", {}).items()}
        now = time.time()
        stamps = {"timestamp": str(int(now)), "timestamp_ms": str(int(now * 1000)), "nonce": secrets.token_hex(40)}
        return {**own, **stamps, "secret": self.secret}

    def _send(self, shape: Json, values: Json) -> wire.Reply:
        escaped = {name: quote(str(value), safe="") for name, value in values.items()}
        url = self.definition["base_url"] + fill_text(shape["path"], escaped)
        query = {name: fill_text(text, values) for name, text in shape.get("query", {}).items() if name}
        url += "?" + (shape["query"].get("") or urlencode(query)) if shape.get("query") else ""
        headers = self._headers(shape, values)
        body = self._body(shape, values, headers)
        try:
            adapter = pinned(url, settings.WEBHOOK_ALLOWED_CIDRS)
        except NotAllowed as refusal:
            return wire.Reply(error=str(refusal))
        return wire.call(shape["method"], url, headers=headers, body=body, adapter=adapter)

    def _headers(self, shape: Json, values: Json) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        headers |= {name: fill_text(text, values) for name, text in shape.get("headers", {}).items()}
        auth = self.definition["auth"]
        if auth["kind"] == "bearer":
            headers["Authorization"] = f"Bearer {self.secret}"
        elif auth["kind"] == "header":
            headers[auth["header"]] = self.secret
        elif auth["kind"] == "basic":
            pair = f"{fill_text(auth['user'], values)}:{self.secret}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        return headers

    def _body(self, shape: Json, values: Json, headers: dict[str, str]) -> bytes | None:
        body = fill_all(shape.get("body"), values)
        sign = shape.get("sign")
        if sign is not None:
            value = fill_text(
                sign["into"].get("value", "{signature}"), {**values, "signature": signature(sign, values)}
            )
            if "header" in sign["into"]:
                headers[sign["into"]["header"]] = value
            elif isinstance(body, dict):
                body[sign["into"]["body"]] = value
        if body is None:
            return None
        if shape.get("format") == "form":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return urlencode(body).encode()
        headers["Content-Type"] = "application/json"
        return _json(body)


def _json(body: Any) -> bytes:
    """JSON in which an exact decimal is a number with just its digits; no float is ever between."""
    exact: list[str] = []

    def marked(tree: Any) -> Any:
        if isinstance(tree, Exact):
            exact.append(tree)
            return NUMBER
        if isinstance(tree, dict):
            return {name: marked(inner) for name, inner in tree.items()}
        return [marked(inner) for inner in tree] if isinstance(tree, list) else tree

    text = json.dumps(marked(body), ensure_ascii=False)
    for number in exact:
        text = text.replace(f'"{NUMBER}"', number, 1)
    return text.encode()


def _parsed(reply: wire.Reply) -> Any:
    """The answer's document, its decimals as exact as they were written."""
    try:
        return json.loads(reply.body, parse_float=Decimal)
    except ValueError:
        return _form(reply.body)


def _form(body: bytes) -> Any:
    try:
        return dict(parse_qsl(body.decode(), strict_parsing=True))
    except ValueError:
        return None


def _message(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=Decimal)
    except ValueError:
        return _form(body)


def _answer(shape: Json, reply: wire.Reply, document: Any = None) -> RefundAnswer:
    """What the first rule that fits says; unclear when none does, or nothing came back."""
    if not reply.status:
        return RefundAnswer(RefundOutcome.UNCLEAR, reason=reply.error)
    found = document if document is not None else _parsed(reply)
    outcome = next((rule["outcome"] for rule in shape["answers"] if _fits(rule, reply.status, found)), "unclear")
    gateway_id = at(found, shape.get("id", "/-"))
    return RefundAnswer(
        RefundOutcome(outcome),
        gateway_id=str(gateway_id)[:200] if gateway_id not in (None, "") else None,
        reason=str(at(found, shape.get("reason", "/-")) or reply.error or f"HTTP {reply.status}")[:500],
        code=str(at(found, shape.get("code", "/-")) or "")[:60],
    )


def _fits(rule: Json, status: int, document: Any) -> bool:
    if "status" in rule and status not in rule["status"]:
        return False
    return "at" not in rule or at(document, rule["at"]) in rule["in"]


def _found(shape: Json, reply: wire.Reply, values: Json) -> RefundAnswer:
    """The answer for our row of a list; a list that was read and does not hold it says that there is none."""
    rows = at(_parsed(reply), shape["rows"])
    if not isinstance(rows, list):
        return RefundAnswer(RefundOutcome.UNCLEAR, reason="The list could not be read.")
    wanted = fill_text(shape["match"]["value"], values)
    ours = [row for row in rows if str(at(row, shape["match"]["at"])) == wanted]
    return _answer(shape, reply, ours[0]) if ours else RefundAnswer(RefundOutcome.UNKNOWN)


def _whole_key(key: str) -> str:
    """Our key, also where it was sent in its short form."""
    short = SHORT_KEY.fullmatch(key)
    return "-".join(short.groups()) if short else key
