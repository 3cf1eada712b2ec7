"""What differs between two policies, in words: the standing terms, rules that came, went, moved or changed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from returns.policy.document import canonical
from returns.policy.values import say
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
    old, new = _everything(before), _everything(after)
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            label = _("Name") if key == "name" else standing_label(key)
            yield Change(CHANGED, "", label, say(key, old.get(key)), say(key, new.get(key)))


def _everything(document: Mapping[str, Any]) -> dict[str, Any]:
    """What holds for everything, under the keys that have words."""
    window = {f"window_{key}": value for key, value in document["window"].items()}
    named = {key: document[key] for key in ("name", "honour_terms_at_purchase")}
    return {**named, **window, **document["defaults"]}


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
    return say(key, part[key]) if key in part else NOTHING


def _moved(before: list[str], after: list[str]) -> Iterator[Change]:
    """The fewest rules that were moved to come from one order to the other: the first that sets something wins."""
    stayed = _in_order([before.index(name) for name in after])
    for place, name in enumerate(after):
        if before.index(name) not in stayed:
            old, new = before.index(name) + 1, place + 1
            yield Change(MOVED, name, _("Place among the rules"), str(old), str(new))


def _in_order(places: list[int]) -> set[int]:
    """The longest rising run of places, gaps allowed; of equally long ones the first that is found."""
    tails: list[int] = []
    ending: dict[int, list[int]] = {}
    for place in places:
        at = bisect_left(tails, place)
        ending[place] = [*(ending[tails[at - 1]] if at else []), place]
        tails[at : at + 1] = [place]
    return set(ending[tails[-1]]) if tails else set()
