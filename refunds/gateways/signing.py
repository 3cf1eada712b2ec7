"""Signatures of calls and webhooks as descriptions spell them: fields in order, a hash, a place."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from refunds.gateways.templates import Values, fill, fill_text

PLAIN = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512"}
KEYED = {f"hmac-{name}": digest for name, digest in PLAIN.items()}
ALGORITHMS = (*PLAIN, *KEYED)


def signature(sign: dict[str, Any], values: Values) -> str:
    """The signature over the listed fields, joined by `join`, or as one JSON object without blanks."""
    content = _content(sign, values)
    if sign["algorithm"] in KEYED:
        key = fill_text(sign.get("key", "{secret}"), values)
        digest = hmac.new(key.encode(), content, KEYED[sign["algorithm"]]).digest()
    else:
        digest = hashlib.new(PLAIN[sign["algorithm"]], content, usedforsecurity=False).digest()
    text = base64.b64encode(digest).decode() if sign.get("encoding") == "base64" else digest.hex()
    return text.upper() if sign.get("upper") else text


def _content(sign: dict[str, Any], values: Values) -> bytes:
    if sign.get("join") == "json":
        fields = {row["name"]: fill(row["value"], values) for row in sign["fields"]}
        return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
    parts = [fill_text(row["value"], values) for row in sign["fields"]]
    return str(sign.get("join", "")).join(parts).encode()


def same(given: str, expected: str) -> bool:
    """Whether two signatures are equal, in constant time."""
    return hmac.compare_digest(given.strip().lower().encode(), expected.strip().lower().encode())
