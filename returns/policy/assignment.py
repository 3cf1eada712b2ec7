"""Which customers a trial version decides for: a stable share, without a list of names."""

from __future__ import annotations

import hashlib

PARTS = 10_000


def is_assigned(trial: str, customer: str, share: int) -> bool:
    """Whether a trial of `share` percent holds for a customer: always the same answer for the same two ids.

    A larger share keeps everybody who was in a smaller one.
    """
    digest = hashlib.sha256(f"{trial}:{customer}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % PARTS < share * PARTS // 100
