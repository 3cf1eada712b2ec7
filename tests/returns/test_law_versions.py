"""Two versions of the law: what was decided stays under its own, and the day of the order chooses among the rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from returns.models import PolicyDecision, Return
from returns.policy.eligibility import replay
from returns.policy.law import profiles
from returns.policy.law.profiles import book
from returns.queries import policy_of
from tests.builders import Api, Json, ask, days_ago, delivered, line, place, publish, receive

TODAY = datetime.now(UTC).date()
LATER = "2999-01-01"
# decisions were stored under these, so they stay as they are: a change of mind is a file of its own
NEVER_CHANGED = {"2026-11-21": "c8f2f11dfcf045902a78ddd950a72ace75d875954d76ac2a777dd709965d0b82"}

Change = Callable[[Json], None]


@pytest.fixture
def change_law(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[Change], None]]:
    """Add a newer version beside those that are held: a copy of the newest with one thing changed."""
    held = {path.stem: path.read_text("utf-8") for path in profiles.VERSIONS.glob("*.yaml")}
    for name, text in held.items():
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    monkeypatch.setattr(profiles, "VERSIONS", tmp_path)
    book.cache_clear()

    def change(how: Change) -> None:
        data = yaml.safe_load(held[max(held)])
        how(data["profiles"])
        data["version"] = LATER
        (tmp_path / f"{LATER}.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
        book.cache_clear()

    yield change
    monkeypatch.undo()
    book.cache_clear()


def correct(rows: Json) -> None:
    """What was believed before was wrong: seven days to pay back, and nothing may be waited for."""
    rows["PL_DISTANCE"]["refund"] = {"days": 7, "from": "informed", "withhold": "never"}


def new_rule(rows: Json) -> None:
    """From five days ago on the right lasts twenty days."""
    since = TODAY - timedelta(days=5)
    window = {**rows["PL_DISTANCE"]["window"], "days": 20}
    rows["PL_DISTANCE@next"] = {"extends": "PL_DISTANCE", "in_force_from": since, "window": window}


def told(days: float) -> Json:
    """An order placed so many days ago and delivered the day after, the customer told at once."""
    return {"placed_at": days_ago(days), "deliveries": delivered([line()], days - 1),
            "contract": {"withdrawal_information_given_at": days_ago(days)}}  # fmt: skip


def due(rma: Json) -> Any:
    return Return.objects.get(code=rma["rma"]).refund_due_on


def replayed() -> list[tuple[Any, Any]]:
    """Every stored decision and what its inputs give now."""
    rows = PolicyDecision.objects.select_related("policy").order_by("pk")
    return [
        (row.detail, json.loads(json.dumps(replay(policy_of(row.policy), row.inputs).as_dict())))
        for row in rows
        if row.policy
    ]


@pytest.mark.django_db
def test_what_was_decided_stays_under_the_version_that_decided_it(
    api: Api, order: Json, change_law: Callable[[Change], None]
) -> None:
    before = ask(api, order)
    assert due(before) == TODAY + timedelta(days=14)
    change_law(correct)
    receive(api, before)  # the clock is reckoned anew, by the law it was set by
    assert due(before) == TODAY + timedelta(days=14)
    after = ask(api, place(api))
    assert due(after) == TODAY + timedelta(days=7)
    versions = list(PolicyDecision.objects.order_by("pk").values_list("law_version", flat=True))
    assert versions == [max({*NEVER_CHANGED, book("2026-11-22").version}), LATER]
    assert [row.law_version for row in Return.objects.order_by("pk")] == versions
    for stored, again in replayed():
        assert stored == again
    assert {stored["law"]["refund_due"] for stored, _again in replayed()} == {
        (TODAY + timedelta(days=days)).isoformat() for days in (7, 14)
    }


@pytest.mark.django_db
def test_a_new_rule_is_for_orders_from_its_day_on(api: Api, change_law: Callable[[Change], None]) -> None:
    publish(api, rules=[{"name": "Short", "then": {"window_days": 0}}])
    change_law(new_rule)
    ask(api, place(api, line(), **told(6)))
    ask(api, place(api, line(), **told(4)))
    lengths = []
    for row in PolicyDecision.objects.order_by("pk"):
        law = row.detail["law"]
        assert law["version"] == LATER
        lengths.append((datetime.fromisoformat(law["last_day"]) - datetime.fromisoformat(law["start"])).days)
    older, newer = lengths
    assert 14 <= older < 20 <= newer


def test_a_version_that_is_not_held_is_named() -> None:
    with pytest.raises(ValueError, match=r"no version 1999-01-01 of the law; there are 2026-11-21, "):
        book("1999-01-01")


def test_every_version_is_named_by_itself_and_the_newest_one_is_in_force() -> None:
    names = sorted(path.stem for path in profiles.VERSIONS.glob("*.yaml"))
    assert [book(name).version for name in names] == names
    assert book().version == names[-1]
    assert all(each.source for name in names for each in book(name).profiles.values())


@pytest.mark.parametrize(("name", "fingerprint"), NEVER_CHANGED.items())
def test_a_version_that_was_in_use_never_changes(name: str, fingerprint: str) -> None:
    assert hashlib.sha256((profiles.VERSIONS / f"{name}.yaml").read_bytes()).hexdigest() == fingerprint
