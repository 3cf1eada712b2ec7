"""`Idempotency-Key`: a named POST happens once, whatever comes between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.idempotency import InFlight, claim, forget_old_keys, once
from accounts.models import IdempotencyKey
from returns import actions
from returns.models import Return
from tests.builders import Api, Json, api_client, ask, command, request_body, review
from tests.operations import picture
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


def age(**kwargs: float) -> None:
    """Make every stored answer so much older."""
    then = timezone.now() - timedelta(**kwargs)
    IdempotencyKey.objects.update(created_at=then)


def test_the_same_again_is_answered_again_and_done_once(api: Api, order: Json) -> None:
    body = request_body(order)
    first = api.post("/returns", body, Idempotency_Key="a")
    assert "Idempotent-Replayed" not in first.headers
    with unchanged():
        second = api.post("/returns", body, Idempotency_Key="a")
    assert (second.status, second.body) == (201, first.body)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Content-Type"].startswith("application/json")
    assert Return.objects.count() == 1


def test_a_replay_is_as_it_was_then_and_not_as_it_is_now(api: Api, order: Json) -> None:
    first = api.post("/returns", request_body(order), Idempotency_Key="a").made()
    command(api, first, "cancel")
    assert api.post("/returns", request_body(order), Idempotency_Key="a").made()["status"] == "authorized"


def test_the_same_key_for_another_body_path_or_query_is_a_mismatch(api: Api, order: Json) -> None:
    body = request_body(order)
    rma = api.post("/returns", body, Idempotency_Key="a").made()
    with unchanged():
        api.post("/returns", request_body(order, ("A", 2)), Idempotency_Key="a").refused(422, "idempotency_mismatch")
        api.post(f"/returns/{rma['rma']}/cancel", body, Idempotency_Key="a").refused(422, "idempotency_mismatch")
        api.post("/returns?x=1", body, Idempotency_Key="a").refused(422, "idempotency_mismatch")


def test_one_key_per_credential(api: Api, order: Json) -> None:
    body = request_body(order)
    first = api.post("/returns", body, Idempotency_Key="a").made()
    second = api_client("returns:write").post("/returns", body, Idempotency_Key="a").made()
    assert first["rma"] != second["rma"]


def test_a_refusal_is_replayed_word_for_word(api: Api, order: Json) -> None:
    body = request_body(order, ("A", 4))
    with unchanged():
        first = api.post("/returns", body, Idempotency_Key="a")
        first.refused(422, "over_quantity")
        second = api.post("/returns", body, Idempotency_Key="a")
    second.refused(422, "over_quantity")
    assert second.body == first.body
    assert second.headers["Idempotent-Replayed"] == "true"


def test_malformed_json_is_kept_too(api: Api) -> None:
    for _twice in range(2):
        api.post("/returns", "{", Idempotency_Key="a").refused(400, "invalid")
    assert IdempotencyKey.objects.get().status == 400


def test_a_wrong_scope_does_not_use_up_the_key(api: Api, order: Json) -> None:
    reader = api_client("returns:read")
    reader.post("/returns", request_body(order), Idempotency_Key="a").refused(403, "forbidden")
    assert not IdempotencyKey.objects.exists()


def test_a_forbidden_override_does_not_use_up_the_key(api: Api) -> None:
    bound = api_client("policy:write", shops=["main"])
    body = {"name": "Mine", "shop": "main", "window": {"days": 1}}
    bound.post("/policies", {**body, "shop": "other"}, Idempotency_Key="a").refused(422, "invalid")
    bound.post("/policies", body, Idempotency_Key="b").made()


def test_an_error_of_ours_frees_the_key_and_leaves_nothing(
    api: Api, order: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = actions.request_return

    def breaks(*args: Any, **kwargs: Any) -> Any:
        whole(*args, **kwargs)
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(actions, "request_return", breaks)
    with unchanged():
        answer = api.post("/returns", request_body(order), Idempotency_Key="a")
    answer.refused(500, "error")
    assert "disk" not in str(answer.body)
    assert not IdempotencyKey.objects.exists()
    monkeypatch.undo()
    api.post("/returns", request_body(order), Idempotency_Key="a").made()


def test_contention_is_a_503_that_frees_the_key(api: Api, order: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    def waits(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(actions, "request_return", waits)
    answer = api.post("/returns", request_body(order), Idempotency_Key="a")
    answer.refused(503, "unavailable")
    assert answer.headers["Retry-After"]
    assert not IdempotencyKey.objects.exists()


def test_while_the_first_runs_the_second_waits_outside(api: Api, order: Json) -> None:
    body = request_body(order)
    api.post("/returns", body, Idempotency_Key="a").made()
    lease = timezone.now() + timedelta(seconds=30)
    IdempotencyKey.objects.update(status=None, body=None, lease_until=lease)
    with unchanged():
        api.post("/returns", body, Idempotency_Key="a").refused(409, "idempotency_in_flight")
    IdempotencyKey.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    api.post("/returns", body, Idempotency_Key="a").made()


def test_who_lost_the_lease_cannot_commit_after_all(db: None) -> None:
    """A request that hung for longer than its lease finds that another took over, and undoes its work."""

    def slow() -> tuple[int, Any]:
        IdempotencyKey.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        taken = claim("k", "a", "hash")
        assert isinstance(taken, IdempotencyKey)
        return 201, {"by": "slow"}

    with pytest.raises(InFlight):
        once("k", "a", "hash", slow)


def test_answers_are_kept_for_72_hours(api: Api, order: Json) -> None:
    body = request_body(order)
    api.post("/returns", body, Idempotency_Key="a").made()
    age(hours=71)
    assert forget_old_keys() == 0
    assert api.post("/returns", body, Idempotency_Key="a").headers["Idempotent-Replayed"] == "true"
    age(hours=73)
    assert "Idempotent-Replayed" not in api.post("/returns", body, Idempotency_Key="a").headers
    assert Return.objects.count() == 2
    age(hours=73)
    assert forget_old_keys() == 1


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_cannot_be_used_is_refused(api: Api, order: Json, key: str) -> None:
    with unchanged():
        api.post("/returns", request_body(order), Idempotency_Key=key).refused(422, "invalid")


def test_an_upload_is_the_same_by_its_bytes(api: Api, order: Json) -> None:
    rma = ask(api, order)
    path = f"/returns/{rma['rma']}/photos"

    def send(colour: str, kind: str = "receipt") -> Any:
        headers = {"Authorization": f"Bearer {api.text}", "Idempotency-Key": "a"}
        return api.client.post("/api/v1" + path, {"file": picture(colour), "kind": kind}, headers=headers)

    first, again, other, kind = send("red"), send("red"), send("blue"), send("red", "customer")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["id"] == first.json()["id"]
    assert [other.status_code, kind.status_code] == [422, 422]


def test_a_stream_is_the_same_by_its_bytes(api: Api) -> None:
    def send(data: bytes) -> Any:
        kind = "application/x-ndjson"
        return api.send("POST", "/orders/import", data, Idempotency_Key="a", Content_Type=kind)

    first = send(b"{}\n").ok(202)
    assert send(b"{}\n").ok(202)["id"] == first["id"]
    send(b"{} \n").refused(422, "idempotency_mismatch")


def test_a_command_is_done_once_too(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order)
    for _twice in range(2):
        api.post(f"/returns/{rma['rma']}/authorize", {}, Idempotency_Key="yes").ok()
    api.post(f"/returns/{rma['rma']}/authorize", {}, Idempotency_Key="again").refused(409, "wrong_state")


def test_without_a_key_the_same_is_done_twice(api: Api, order: Json) -> None:
    for _twice in range(2):
        api.post("/returns", request_body(order)).made()
    assert Return.objects.count() == 2


def test_a_get_takes_no_key(api: Api) -> None:
    api.get("/returns", Idempotency_Key="a").ok()
    assert not IdempotencyKey.objects.exists()
