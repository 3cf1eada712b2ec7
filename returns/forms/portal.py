"""What a customer typed into the portal, read and kept between steps."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

MAX_COMMENT = 1000
MAX_ANSWER = 200
_QUANTITY = re.compile(r"[0-9]{1,6}")


class LookupForm(forms.Form):
    """A number and a contact that fit together open an order or a return."""

    order = forms.CharField(
        label=_("Order number"),
        max_length=100,
        help_text=_("On your receipt and in your order e-mail. A return number works too."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr", "class": "is-code"}),
    )
    contact = forms.CharField(
        label=_("E-mail or phone you ordered with"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "email", "dir": "ltr", "placeholder": "name@example.com"}),
    )


@dataclass
class DraftItem:
    """One chosen line on its way to becoming an item."""

    quantity: int
    reason: str = ""
    comment: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    photos: list[str] = field(default_factory=list)
    instead: str = ""


@dataclass
class Draft:
    """A return that is being filled in; lives in the guest's session and survives a closed tab."""

    order: str
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    items: dict[str, DraftItem] = field(default_factory=dict)
    resolution: str = ""
    method: str = ""

    @classmethod
    def load(cls, kept: Mapping[str, Any] | None, order: str) -> Self:
        """The draft of this order from a session; a fresh one when there is none for it."""
        if not kept or kept.get("order") != order:
            return cls(order)
        items = {line: DraftItem(**row) for line, row in kept["items"].items()}
        return cls(order, kept["key"], items, kept["resolution"], kept["method"])

    def dump(self) -> dict[str, Any]:
        """The draft for a session."""
        return asdict(self)

    def choose(self, posted: QueryDict, possible: Mapping[str, int]) -> bool:
        """Take the ticked lines and their quantities; whether at least one was ticked.

        What is not in `possible` is ignored and a quantity is brought within its bounds: the refusal with its
        reason comes when the return is asked for, under the order's lock.
        """
        lines = [line for line in posted.getlist("line") if line in possible]
        for line in lines:
            text = posted.get(f"quantity-{line}", "1")
            quantity = int(text) if _QUANTITY.fullmatch(text) else 1
            self.items.setdefault(line, DraftItem(1)).quantity = max(1, min(quantity, possible[line]))
        self.items = {line: self.items[line] for line in lines}
        return bool(lines)

    def tell(self, posted: QueryDict, reasons: Mapping[str, Iterable[str]]) -> None:
        """Take reasons, comments, answers and the choices that were posted."""
        for line, item in self.items.items():
            reason = posted.get(f"reason-{line}", "")
            item.reason = reason if reason in reasons[line] else ""
            item.comment = str(posted.get(f"comment-{line}", item.comment)).strip()[:MAX_COMMENT]
            prefix = f"answer-{line}-"
            given = {name.removeprefix(prefix): posted[name] for name in posted if name.startswith(prefix)}
            item.instead = str(posted.get(f"instead-{line}", item.instead))[:100]
            item.answers |= {code: str(text).strip()[:MAX_ANSWER] for code, text in given.items()}
        self.resolution = posted.get("resolution", self.resolution)
        self.method = posted.get("method", self.method)

    @property
    def told(self) -> bool:
        """Whether every chosen line has its reason."""
        return bool(self.items) and all(item.reason for item in self.items.values())
