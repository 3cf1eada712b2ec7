"""Whether the withdrawal function is there: looked at from outside, kept in the log, and part of every proof."""

from __future__ import annotations

from collections.abc import Callable
from urllib.error import URLError

import pytest
from django.core.management import call_command
from django.test import Client

from returns import tasks
from returns.actions.withdrawals import check_function, last_check
from returns.actions.withdrawals.available import STREAM
from tests.builders import Api

pytestmark = pytest.mark.django_db


def ours(path: str) -> str:
    """A page as the address would give it."""
    answer = Client().get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_it_is_found_by_its_official_label_and_button() -> None:
    assert check_function(ours) is True
    last = last_check()
    assert last is not None
    assert set(last.data["found"].values()) == {"ok"}
    assert len(last.data["template_sha256"]) == 64


@pytest.mark.parametrize(("broken", "why"), [
    (lambda path: ours(path).replace("Confirm withdrawal", "Submit"), {"/withdraw?lang=en": "no button"}),
    (lambda path: ours(path).replace("Withdraw from contract here", "Returns"), {"/": "no link"}),
    (lambda path: ours(path).replace("שליחת הודעת ביטול", "Submit"), {"/cancel-transaction?lang=he": "no button"}),
])  # fmt: skip
def test_what_is_missing_is_named(broken: Callable[[str], str], why: dict[str, str]) -> None:
    assert check_function(broken) is False
    last = last_check()
    assert last is not None
    assert {path: said for path, said in last.data["found"].items() if said != "ok"} == why


def test_away_is_told_at_the_desk_and_in_the_proof(api: Api, staff: Callable[[str], Client],
                                                   monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    def away(*args: object, **kwargs: object) -> None:
        raise URLError("refused")

    monkeypatch.setattr(tasks, "urlopen", away)
    check_function(ours)
    tasks.check_withdrawal_function()
    agent = staff("agent")
    assert "could not be reached" in agent.get("/desk/withdrawals/").content.decode()
    body = {"name": "A", "contract": "x", "acknowledge_to": "a@example.com"}
    ref = api.post("/withdrawals", body).made()["ref"]
    found = api.get(f"/withdrawals/{ref}/proof").ok()["availability"]
    (failed,) = found["failed"]
    assert found["checks"] == 2
    assert failed["found"]["/"].startswith("URLError")
    call_command("verify_log", stream=STREAM)
    check_function(ours)
    assert "could not be reached" not in agent.get("/desk/withdrawals/").content.decode()
    assert api.get(f"/withdrawals/{ref}/proof").ok()["availability"]["checks"] == 2
