"""Who may call what: keys, scopes, roles, shops and channels; deny by default."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.keys import key_hash, rotate_key
from accounts.models import ApiKey
from accounts.scopes import ROLES, SCOPES
from tests.builders import Answer, Api, Json, api_client, read
from tests.operations import NOTHING, OPERATIONS, World, build_world, picture
from tests.snapshot import snapshot, unchanged

pytestmark = pytest.mark.django_db
IMPLIED = {
    "returns:read": {"orders:read", "warehouse:read", "refunds:read"},
    "returns:write": {"returns:read", "orders:read", "warehouse:read", "refunds:read"},
    "admin": set(SCOPES),
}


def allows(scope: str, needed: str) -> bool:
    """What the contract says a scope implies."""
    return needed in {scope, scope.replace(":write", ":read"), *IMPLIED.get(scope, set())}


def test_the_table_has_every_operation() -> None:
    def walk(patterns: list, prefix: str = "") -> list[str]:
        found = []
        for entry in patterns:
            path = prefix + str(entry.pattern)
            found += walk(entry.url_patterns, path) if hasattr(entry, "url_patterns") else [path]
        return found

    paths = {path for path in walk(get_resolver().url_patterns) if path.startswith("api/v1/")}
    ours = [path for path in paths if path != "api/v1/schema"]
    assert len(ours) == len({operation.path for operation in OPERATIONS})


@pytest.mark.parametrize("scope", SCOPES)
def test_each_operation_with_each_scope(scope: str) -> None:
    api = api_client(scope)
    wrong = []
    for operation in OPERATIONS:
        with transaction.atomic():
            answer = api.send(operation.method, operation.on(NOTHING))
            transaction.set_rollback(True)
        refused = answer.status == 403 and answer.body["code"] == "forbidden"
        if refused == allows(scope, operation.scope) or answer.status in (401, 500):
            wrong.append((operation.method, operation.path, answer.status))
    assert wrong == []


def test_without_a_key_nothing_answers() -> None:
    nobody = Api("")
    for operation in OPERATIONS:
        answer = nobody.send(operation.method, operation.on(NOTHING))
        answer.refused(401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Bearer a b", "Basic YTpi", "Bearer \u00e9"])
def test_a_wrong_key_is_nobody(header: str) -> None:
    Api("").get("/returns", Authorization=header).refused(401, "unauthorized")


def test_expired_revoked_and_rotated_keys() -> None:
    api = api_client("returns:read")
    assert api.key is not None
    api.get("/returns").ok()
    ApiKey.objects.filter(pk=api.key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    api.get("/returns").refused(401, "unauthorized")
    ApiKey.objects.filter(pk=api.key.pk).update(expires_at=None, revoked_at=timezone.now())
    api.get("/returns").refused(401, "unauthorized")
    ApiKey.objects.filter(pk=api.key.pk).update(revoked_at=None)
    successor, text = rotate_key(ApiKey.objects.get(pk=api.key.pk), overlap=timedelta(hours=1))
    api.get("/returns").ok()
    Api(text).get("/returns").ok()
    assert (successor.scopes, successor.replaces_id) == (api.key.scopes, api.key.pk)
    ApiKey.objects.filter(pk=api.key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    api.get("/returns").refused(401, "unauthorized")
    Api(text).get("/returns").ok()


def test_only_the_hash_of_a_key_is_stored_and_its_use_is_noted() -> None:
    api = api_client("returns:read")
    row = ApiKey.objects.get(pk=api.key.pk if api.key else 0)
    assert api.text not in str(row.__dict__)
    assert row.key_hash == key_hash(api.text)
    assert row.last_used_at is None
    api.get("/returns").ok()
    row.refresh_from_db()
    assert row.last_used_at is not None


def tried(api: Api, world: World, ids: dict[str, str]) -> dict[tuple[str, str], Answer]:
    """Every operation about an object, with a body that is right in form."""
    found = {}
    for operation in OPERATIONS:
        # a policy belongs to a shop and to no channel
        if operation.about and not (operation.about == "policy" and api.key and api.key.channels):
            path = operation.on(ids)
            if operation.form:
                answer = api.upload(path, file=picture())
            else:
                answer = api.send(operation.method, path, world.bodies.get(operation.path))
            found[operation.method, operation.path] = answer
    return found


def told(answer: Answer, ids: dict[str, str]) -> tuple[int, str]:
    """What an answer tells, the asked ids taken out."""
    text = str({name: value for name, value in (answer.body or {}).items() if name != "request_id"})
    for value in ids.values():
        text = text.replace(value, "?")
    return answer.status, text


def test_somebody_elses_object_is_no_object(api: Api) -> None:
    theirs = build_world(api, "other", "other-web")
    for bound in (api_client("admin", shops=["main"]), api_client("admin", channels=["web"])):
        before = snapshot()
        foreign = tried(bound, theirs, theirs.ids)
        nothing = tried(bound, theirs, NOTHING)
        assert snapshot() == before
        differs = {
            operation: (told(answer, theirs.ids), told(nothing[operation], NOTHING))
            for operation, answer in foreign.items()
            if answer.status != 404 or told(answer, theirs.ids) != told(nothing[operation], NOTHING)
        }
        assert differs == {}


def test_lists_hold_only_what_is_ones_own(api: Api) -> None:
    theirs = build_world(api, "other", "other-web")
    for bound in (api_client("admin", shops=["main"]), api_client("admin", channels=["web"])):
        lists = ("/orders", "/returns", "/exchanges", "/repairs", "/stock-movements")
        for path in (*lists, f"/returns?q={theirs.ids['rma']}"):
            assert bound.get(path).ok()["results"] == []
        assert bound.post("/receipts/lookup", {"scan": theirs.ids["rma"]}).ok()["results"] == []
        assert bound.post("/receipts/lookup", {"scan": "TEE-M"}).ok()["results"] == []
    mine = api_client("admin", shops=["other"])
    shown = mine.get("/returns").ok()["results"]
    assert len(shown) >= 2
    assert {row["order"]["channel"] for row in shown} == {"other-web"}
    assert {row["shop"] for row in mine.get("/policies").ok()["results"]} == {"other"}


def test_a_bound_key_cannot_write_for_another_shop(api: Api) -> None:
    build_world(api, "other", "other-web")
    bound = api_client("admin", shops=["main"])
    with unchanged():
        from_here = {"order": {"channel": "other-web", "number": "1"}, "items": [_wish()]}
        bound.post("/returns", from_here).refused(404, "not_found")
        bound.post("/policies", {"name": "Mine", "shop": "other", "window": {"days": 1}}).refused(403, "forbidden")


def _wish() -> Json:
    return {"line": "A", "quantity": 1, "reason": "style"}


@pytest.mark.parametrize("role", ROLES)
def test_staff_sessions_work_with_the_roles_grants(role: str, staff: Callable[[str], Client]) -> None:
    browser = staff(role)
    wrong = []
    for operation in OPERATIONS:
        with transaction.atomic():
            response = browser.generic(operation.method, "/api/v1" + operation.on(NOTHING), "{}", "application/json")
            transaction.set_rollback(True)
        allowed = any(allows(held, operation.scope) for held in ROLES[role])
        if (response.status_code == 403) == allowed:
            wrong.append((operation.method, operation.path, response.status_code))
    assert wrong == []


def test_a_session_needs_its_csrf_token(staff: Callable[[str], Client]) -> None:
    browser = staff("manager")
    browser.handler.enforce_csrf_checks = True
    with unchanged():
        response = browser.post("/api/v1/products", "{}", "application/json")
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


def test_an_agent_may_not_override_by_role_alone(api: Api, staff: Callable[[str], Client]) -> None:
    world = build_world(api)
    warehouse = staff("warehouse")
    with unchanged():
        response = warehouse.post(f"/api/v1/returns/{world.ids['rma']}/authorize", "{}", "application/json")
    assert response.status_code == 403
    assert read(api, world.rma)["rma"] == world.ids["rma"]
