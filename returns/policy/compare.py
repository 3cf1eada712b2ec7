"""What differs between two policies, in words: the standing terms, rules that came, went, moved or changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from returns.policy.document import canonical
from returns.policy.explain import EFFECT_LABELS, words
from returns.policy.wording import condition_label, standing_label

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `rule` is empty for the terms that hold for everything; `old` and `new` are words."""

    kind: str
    rule: str
    what: str
    old: str = NOTHING
    new: str = NOTHING

    def as_dict(self) -> dict[str, str]:
        """The change for JSON."""
        return {"kind": self.kind, "rule": self.rule, "what": self.what, "old": self.old, "new": self.new}


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every difference between two documents, those of standing terms first. Raises Invalid like `document.load`.

    Documents that mean the same have none, however they are written.
    """
    before, after = canonical(old), canonical(new)
    return [*_standing(before, after), *_rules(before["rules"], after["rules"])]


def _standing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name, label in (("name", _("Name")), ("honour_terms_at_purchase", standing_label("honour_terms_at_purchase"))):
        yield from _changed("", label, before[name], after[name])
    yield from _changed("", str(EFFECT_LABELS["window_days"]), before["window"]["days"], after["window"]["days"])
    yield from _changed("", str(EFFECT_LABELS["window_from"]), before["window"]["from"], after["window"]["from"])
    for name in dict.fromkeys([*before["defaults"], *after["defaults"]]):
        yield from _changed("", standing_label(name), before["defaults"].get(name), after["defaults"].get(name))


def _changed(rule: str, what: str, old: Any, new: Any) -> Iterator[Change]:
    if old != new:
        yield Change(CHANGED, rule, what, words(old), words(new))


def _rules(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[Change]:
    was, now = {rule["name"]: rule for rule in before}, {rule["name"]: rule for rule in after}
    for rule in before:
        if rule["name"] not in now:
            yield Change(REMOVED, rule["name"], _("Rule"))
    for rule in after:
        name = rule["name"]
        if name not in was:
            yield Change(ADDED, name, _("Rule"))
            continue
        yield from _inside(name, was[name], rule)
    yield from _moved([name for name in was if name in now], [name for name in now if name in was])


def _inside(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for part, label in (("when", condition_label), ("then", standing_label)):
        for key in dict.fromkeys([*old[part], *new[part]]):
            if old[part].get(key) != new[part].get(key):
                yield Change(CHANGED, name, label(key), _said(old[part], key), _said(new[part], key))


def _said(part: Mapping[str, Any], key: str) -> str:
    return words(part[key]) if key in part else NOTHING


def _moved(before: list[str], after: list[str]) -> Iterator[Change]:
    """Rules that now stand elsewhere among those that stayed: the first that sets something wins."""
    if before == after:
        return
    for place, name in enumerate(after):
        if before.index(name) != place:
            old, new = before.index(name) + 1, place + 1
            yield Change(MOVED, name, _("Place among the rules"), str(old), str(new))
