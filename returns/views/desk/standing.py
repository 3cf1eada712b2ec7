"""Where a return stands for one person, and the shape of a command on its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts.actors import Actor
from returns.actions.decide import BEFORE_DECISION
from returns.forms import desk as forms
from returns.lifecycle import COMMAND, TRANSITIONS
from returns.models import PolicyDecision, Return, ReturnItem
from returns.policy.decision import DECLINED

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """A return with its items and decisions, as one person looks at it."""

    rma: Return
    items: list[ReturnItem]
    decisions: list[PolicyDecision]
    actor: Actor

    @cached_property
    def commands(self) -> frozenset[str]:
        """Where a command can take it from here."""
        moves = (move for move in TRANSITIONS if move.origin == self.rma.status and move.by == COMMAND)
        return frozenset(str(move.to) for move in moves)

    @property
    def undecided(self) -> bool:
        """Nobody has said yes to anything, and somebody still may; a parcel may be here already."""
        return self.rma.status in BEFORE_DECISION and not any(item.authorized for item in self.items)

    @property
    def came(self) -> bool:
        """Whether any unit is here."""
        return any(item.received for item in self.items)

    @property
    def awaited(self) -> bool:
        """Whether units are still to come."""
        return any(item.announced for item in self.items)

    @property
    def against(self) -> list[PolicyDecision]:
        """What the policy declined and nobody has overridden."""
        return [row for row in self.decisions if row.outcome == DECLINED and not row.overridden_by]


@dataclass(frozen=True)
class Act:
    """A command on the page: when it is offered, what it asks, what it does, and what it says it did.

    `asks` puts its form behind a click; `stop` is the red kind.
    """

    name: str
    icon: str
    title: Any
    note: Any
    when: Callable[[Standing], bool]
    do: Callable[[Return, Given, Actor], object]
    said: Any
    form: type[forms.ActForm] = forms.ActForm
    button: Any = ""
    asks: bool = True
    stop: bool = False
    grant: str = "returns:write"
    url: str = ""

    def bound(self, standing: Standing, data: Any = None) -> forms.ActForm:
        """Its form, filled with what was typed."""
        more: dict[str, Any] = {}
        if issubclass(self.form, forms.AuthorizeForm):
            more = {"against": standing.against, "may_override": standing.actor.may("override_policy")}
        return self.form(data, rma=standing.rma, items=standing.items, auto_id=f"{self.name}-%s", **more)
