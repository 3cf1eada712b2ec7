"""Any gateway that speaks HTTP, described by data: requests, signatures, answers and webhooks out of a definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from refunds.gateways.base import (
    BadSignature,
    GatewayNotice,
    GatewayRefund,
    LedgerAway,
    RefundAnswer,
    RefundCall,
    RefundOutcome,
)
from refunds.gateways.reading import answer_of, facts_of, found_in, message_of, parsed
from refunds.gateways.sending import own_values, send, values_of
from refunds.gateways.signing import same, signature
from refunds.gateways.templates import PLACEHOLDER, at

Json = dict[str, Any]
MOST_PAGES = 1000


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
        return answer_of(shape, send(self.definition, shape, values_of(self.definition, self.secret, call)))

    def look_up(self, call: RefundCall) -> RefundAnswer:
        """Ask what became of it; unclear where the description says no way to ask."""
        shape = self.definition.get("look_up")
        if shape is None or ("{gateway_id}" in str(shape) and not call.gateway_id):
            return RefundAnswer(RefundOutcome.UNCLEAR, reason="There is no way to look it up.")
        values = values_of(self.definition, self.secret, call)
        reply = send(self.definition, shape, values)
        if "rows" in shape and reply.ok:
            return found_in(shape, reply, values)
        return answer_of(shape, reply)

    def refunds_since(self, since: datetime) -> Iterable[GatewayRefund] | None:
        """The gateway's own list, page by page; None without one. Raises LedgerAway."""
        shape = self.definition.get("list")
        return None if shape is None else self._ledger(shape, since)

    def _ledger(self, shape: Json, since: datetime) -> Iterator[GatewayRefund]:
        path, query = shape["path"], shape.get("query", {})
        for _page in range(MOST_PAGES):
            start = {"since": since.isoformat(), "since_date": since.date().isoformat()}
            now = own_values(self.definition, self.secret) | start
            reply = send(self.definition, {**shape, "path": path, "query": query}, now)
            rows = at(parsed(reply), shape["rows"])
            if not reply.ok or not isinstance(rows, list):
                raise LedgerAway(reply.error or f"HTTP {reply.status}")
            yield from (self._ledger_row(shape["row"], row) for row in rows)
            following = at(parsed(reply), shape.get("next", "/-"))
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
        facts = facts_of(self.definition, places, row)
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
        message = message_of(body)
        self._check_signature(hook["sign"], body, message, {name.lower(): text for name, text in headers.items()})
        facts = facts_of(self.definition, hook["row"], message)
        event = at(message, hook.get("event_id", "/-")) or f"{facts.gateway_id}:{facts.outcome}"
        kind = str(at(message, hook.get("kind", "/-")) or "refund")
        return [replace(facts, event_id=str(event)[:200], kind=kind[:60])]

    def _check_signature(self, sign: Json, body: bytes, message: Any, headers: Mapping[str, str]) -> None:
        values = own_values(self.definition, self.secret) | {"body": body.decode("utf-8", "replace")}
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
