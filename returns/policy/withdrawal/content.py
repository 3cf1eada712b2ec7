"""What a statement consists of, in the one form that is hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(content: Mapping[str, Any]) -> str:
    """The content as JSON with sorted keys and no spaces: the text that the fingerprint is over."""
    return json.dumps(dict(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical content in UTF-8, in hex."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()
