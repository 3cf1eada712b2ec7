"""Texts with placeholders out of a closed list: what a gateway's description may say, and nothing that runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
SETTING = re.compile(r"setting\.[a-z][a-z0-9_]*")
FROM_MESSAGE = re.compile(r"body:(/[^{}]*)|header:([A-Za-z0-9-]+)")
CALL = frozenset(
    {
        *("key", "key_short", "amount", "amount_minor", "amount_decimal", "currency", "payment", "payment_head"),
        *("payment_tail", "order_number", "gateway_id", "secret", "timestamp", "timestamp_ms", "nonce"),
    }
)
MESSAGE = frozenset({"body", "secret"})
LIST = frozenset({"since", "since_date", "secret", "timestamp", "timestamp_ms", "nonce"})
SIGNATURE = frozenset({"signature"})
Values = Mapping[str, Any]


def unknown_placeholders(text: str, allowed: frozenset[str], *, message: bool = False) -> list[str]:
    """The placeholders of a text that are not on the list; a brace that is none of one counts as one."""
    names = PLACEHOLDER.findall(text)
    bad = [name for name in names if not _known(name, allowed, message=message)]
    return bad + (["{}"] if {"{", "}"} & set(PLACEHOLDER.sub("", text)) else [])


def _known(name: str, allowed: frozenset[str], *, message: bool) -> bool:
    return name in allowed or bool(SETTING.fullmatch(name)) or (message and bool(FROM_MESSAGE.fullmatch(name)))


def fill(text: str, values: Values) -> Any:
    """The text with its placeholders filled; one that is a placeholder alone keeps its value's type."""
    alone = PLACEHOLDER.fullmatch(text)
    if alone:
        return values[alone[1]]
    return PLACEHOLDER.sub(lambda found: _text(values[found[1]]), text)


def fill_text(text: str, values: Values) -> str:
    """The same, always as text."""
    return _text(fill(text, values))


def fill_all(tree: Any, values: Values) -> Any:
    """Every text of a JSON document filled."""
    if isinstance(tree, str):
        return fill(tree, values)
    if isinstance(tree, dict):
        return {name: fill_all(inner, values) for name, inner in tree.items()}
    if isinstance(tree, list):
        return [fill_all(inner, values) for inner in tree]
    return tree


def _text(value: Any) -> str:
    if value is True or value is False:
        return str(value).lower()
    return "" if value is None else str(value)


def at(document: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) leads to; None when there is nothing."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and name.isdigit() and int(name) < len(document):
            document = document[int(name)]
        elif isinstance(document, dict) and name in document:
            document = document[name]
        else:
            return None
    return document
