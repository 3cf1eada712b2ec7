"""Who did it: the acting person or program that every change carries."""

from __future__ import annotations

from dataclasses import dataclass

STAFF, CUSTOMER, INTEGRATION, SYSTEM = "staff", "customer", "integration", "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting party of one change; `ref` is stable (user id, key prefix), `name` is for reading."""

    kind: str
    ref: str = ""
    name: str = ""
    grants: frozenset[str] = frozenset()
    shops: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    request_id: str = ""

    def may(self, grant: str) -> bool:
        """Whether this actor holds the scope or desk permission."""
        return grant in self.grants

    @property
    def identity(self) -> str:
        """Equal for the same person through every door (used by the second-person rule)."""
        return f"{self.kind}:{self.ref}"


SYSTEM_ACTOR = Actor(SYSTEM, "comeback", "Comeback", frozenset({"admin"}))


def customer_actor(request_id: str = "") -> Actor:
    """The customer in the portal, who proved to hold the order."""
    return Actor(CUSTOMER, "portal", "", request_id=request_id)
