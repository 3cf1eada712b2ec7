"""How the fake gateway misbehaves: by the payment's reference, or by chance for a whole run."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qs

MODES = (
    "ok",
    "decline",
    "decline_once",
    "pending",
    "error_before",
    "error_after",
    "timeout_after",
    "forget_keys",
)


@dataclass
class Manners:
    """The chances (0 to 1) and times (seconds) of a whole run; a seed makes a run that can be repeated."""

    seed: int = 1
    delay: float = 0.0
    hang: float = 12.0
    settle_after: float = 5.0
    decline: float = 0.0
    pending: float = 0.0
    error_before: float = 0.0
    error_after: float = 0.0
    timeout_after: float = 0.0
    webhooks: str = ""
    secret: str = ""
    webhook_delay: float = 0.0
    partial_captures: float = 0.0
    webhooks_twice: float = 0.0
    webhooks_shuffled: bool = False
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._lock = threading.Lock()

    def draw(self) -> float:
        """The next number of the run's chance."""
        with self._lock:
            return self.chance.random()

    def mode(self, reference: str) -> str:
        """What the payment's reference asks for, `pay_1?mode=decline`; else what chance says."""
        asked = parse_qs(reference.partition("?")[2]).get("mode", [""])[0]
        if asked:
            return asked if asked in MODES else "ok"
        left = self.draw()
        for name in ("decline", "pending", "error_before", "error_after", "timeout_after"):
            left -= getattr(self, name)
            if left < 0:
                return name
        return "ok"
