"""The answers and messages of a gateway described by data, read by the rules of its definition."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from customers import money
from refunds.gateways import wire
from refunds.gateways.base import GatewayNotice, RefundAnswer, RefundOutcome
from refunds.gateways.templates import at, fill_text

Json = dict[str, Any]
SHORT_KEY = re.compile(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})-(\d+)")


def parsed(reply: wire.Reply) -> Any:
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


def message_of(body: bytes) -> Any:
    """A webhook's body as a document: JSON, or a form."""
    try:
        return json.loads(body, parse_float=Decimal)
    except ValueError:
        return _form(body)


def answer_of(shape: Json, reply: wire.Reply, document: Any = None) -> RefundAnswer:
    """What the first rule that fits says; unclear when none does, or nothing came back."""
    if not reply.status:
        return RefundAnswer(RefundOutcome.UNCLEAR, reason=reply.error)
    found = document if document is not None else parsed(reply)
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


def found_in(shape: Json, reply: wire.Reply, values: Json) -> RefundAnswer:
    """The answer for our row of a list; a list that was read and does not hold it says that there is none."""
    rows = at(parsed(reply), shape["rows"])
    if not isinstance(rows, list):
        return RefundAnswer(RefundOutcome.UNCLEAR, reason="The list could not be read.")
    wanted = fill_text(shape["match"]["value"], values)
    ours = [row for row in rows if str(at(row, shape["match"]["at"])) == wanted]
    return answer_of(shape, reply, ours[0]) if ours else RefundAnswer(RefundOutcome.UNKNOWN)


def facts_of(definition: Json, places: Json, row: Any) -> GatewayNotice:
    """The facts of a refund out of a row, by the places that the description names."""
    currency = str(at(row, places.get("currency", "/-")) or (definition.get("currencies") or [""])[0])
    said = at(row, places.get("status", "/-"))
    outcomes = [name for name, words in places["statuses"].items() if said in words]
    return GatewayNotice(
        event_id="",
        kind="",
        about="refund",
        key=_whole_key(str(at(row, places.get("key", "/-")) or "")),
        gateway_id=str(at(row, places["id"]) or ""),
        outcome=outcomes[0] if outcomes else RefundOutcome.UNCLEAR.value,
        amount=_minor(definition, at(row, places["amount"]), currency),
        currency=currency,
    )


def _minor(definition: Json, value: Any, currency: str) -> int:
    """An amount of theirs in minor units; -1 for what is none, which is equal to no amount of ours."""
    try:
        if definition["amounts"].startswith("minor"):
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


def _whole_key(key: str) -> str:
    """Our key, also where it was sent in its short form."""
    short = SHORT_KEY.fullmatch(key)
    return "-".join(short.groups()) if short else key
