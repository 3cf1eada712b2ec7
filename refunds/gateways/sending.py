"""The requests of a gateway described by data: values, headers, bodies and signatures out of its definition."""

from __future__ import annotations

import base64
import json
import secrets
import time
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from customers import money
from refunds.gateways import wire
from refunds.gateways.addresses import NotAllowed, pinned
from refunds.gateways.base import RefundCall
from refunds.gateways.signing import signature
from refunds.gateways.templates import fill_all, fill_text

Json = dict[str, Any]


class Exact(str):
    """A decimal that stands in JSON as a number, digit by digit."""


def values_of(definition: Json, secret: str, call: RefundCall) -> Json:
    """What the placeholders of one call stand for."""
    head, _colon, tail = call.payment_reference.partition(":")
    text = money.to_text(call.amount, call.currency)
    amounts: Json = {
        "minor": call.amount,
        "minor_text": str(call.amount),
        "decimal": Exact(text),
        "decimal_text": text,
    }
    return own_values(definition, secret) | {
        "key": call.key,
        "key_short": call.key.replace("-", "", 4),
        "amount": amounts[definition["amounts"]],
        "amount_minor": call.amount,
        "amount_decimal": text,
        "currency": call.currency,
        "payment": call.payment_reference,
        "payment_head": head,
        "payment_tail": tail,
        "order_number": call.order_number,
        "gateway_id": call.gateway_id or "",
    }


def own_values(definition: Json, secret: str) -> Json:
    """What they stand for whatever the call: settings, times, a nonce, the secret."""
    own = {f"setting.{name}": text for name, text in definition.get("settings", {}).items()}
    now = time.time()
    stamps = {"timestamp": str(int(now)), "timestamp_ms": str(int(now * 1000)), "nonce": secrets.token_hex(40)}
    return {**own, **stamps, "secret": secret}


def send(definition: Json, shape: Json, values: Json) -> wire.Reply:
    """One request as its description says, to an address that was checked just now. Never raises for the network."""
    escaped = {name: quote(str(value), safe="") for name, value in values.items()}
    path = fill_text(shape["path"], escaped)
    if {".", ".."} & set(path.partition("?")[0].split("/")):
        return wire.Reply(error="An order number or reference of dots would lead to another address.")
    url = definition["base_url"] + path
    query = {name: fill_text(text, values) for name, text in shape.get("query", {}).items() if name}
    url += "?" + (shape["query"].get("") or urlencode(query)) if shape.get("query") else ""
    headers = _headers(definition, shape, values)
    body = _body(shape, values, headers)
    try:
        adapter = pinned(url, settings.WEBHOOK_ALLOWED_CIDRS)
    except NotAllowed as refusal:
        return wire.Reply(error=str(refusal))
    return wire.call(shape["method"], url, headers=headers, body=body, adapter=adapter)


def _headers(definition: Json, shape: Json, values: Json) -> dict[str, str]:
    headers = {"Accept": "application/json"}
    headers |= {name: fill_text(text, values) for name, text in shape.get("headers", {}).items()}
    auth = definition["auth"]
    if auth["kind"] == "bearer":
        headers["Authorization"] = f"Bearer {values['secret']}"
    elif auth["kind"] == "header":
        headers[auth["header"]] = values["secret"]
    elif auth["kind"] == "basic":
        pair = f"{fill_text(auth['user'], values)}:{values['secret']}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return headers


def _body(shape: Json, values: Json, headers: dict[str, str]) -> bytes | None:
    body = fill_all(shape.get("body"), values)
    sign = shape.get("sign")
    if sign is not None:
        value = fill_text(sign["into"].get("value", "{signature}"), {**values, "signature": signature(sign, values)})
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
    mark = secrets.token_hex(16)

    def marked(tree: Any) -> Any:
        if isinstance(tree, Exact):
            exact.append(tree)
            return mark
        if isinstance(tree, dict):
            return {name: marked(inner) for name, inner in tree.items()}
        return [marked(inner) for inner in tree] if isinstance(tree, list) else tree

    text = json.dumps(marked(body), ensure_ascii=False)
    for number in exact:
        text = text.replace(f'"{mark}"', number, 1)
    return text.encode()
