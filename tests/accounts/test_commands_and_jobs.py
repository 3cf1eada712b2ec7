"""Keys and staff from the command line, roles, and jobs that outlive a request."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import actions
from accounts.actions import run_jobs, start_job
from accounts.models import ApiKey, Job, User
from accounts.scopes import ROLES, SCOPES, codename
from tests.builders import Api, api_client, line, order_document

pytestmark = pytest.mark.django_db


def said(*command: str) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


class TestCreateApiKey:
    def test_it_prints_the_key_and_nothing_else(self) -> None:
        text = said("create_api_key", "shop", "--scopes", "orders:write,returns:read").strip()
        assert text.startswith("cbk_")
        assert "\n" not in text
        Api(text).get("/returns").ok()
        Api(text).post("/returns").refused(403, "forbidden")

    def test_bounds_and_expiry(self) -> None:
        said("create_api_key", "shop", "--scopes", "all", "--shops", "main", "--channels", "web,app", "--days", "7")
        key = ApiKey.objects.get()
        assert (key.shops, key.channels, key.scopes) == (["main"], ["web", "app"], sorted(SCOPES))
        assert key.expires_at is not None
        assert timedelta(days=6) < key.expires_at - timezone.now() < timedelta(days=8)

    @pytest.mark.parametrize("scopes", ["", "returns", "orders:write,nonsense", "override_policy"])
    def test_scopes_that_do_not_exist(self, scopes: str) -> None:
        with pytest.raises(CommandError, match="Known"):
            said("create_api_key", "shop", "--scopes", scopes)
        assert not ApiKey.objects.exists()


class TestCreateStaff:
    def test_a_person_with_a_role_and_a_made_up_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("STAFF_PASSWORD", raising=False)
        out = said("create_staff", "Dana@Example.com", "--role", "agent", "--name", "Dana")
        person = User.objects.get()
        assert (person.email, person.name, person.is_staff) == ("dana@example.com", "Dana", False)
        assert person.check_password(out.rpartition("password: ")[2].strip())
        assert person.grants() >= {"returns:write", "returns:read", "override_policy"}
        assert "admin" not in person.grants()

    def test_again_changes_the_role_and_not_the_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("STAFF_PASSWORD", "correct horse battery")
        said("create_staff", "dana@example.com", "--role", "agent")
        monkeypatch.setenv("STAFF_PASSWORD", "another one entirely")
        out = said("create_staff", "dana@example.com", "--role", "warehouse")
        person = User.objects.get()
        assert person.check_password("correct horse battery")
        assert "password" not in out
        assert [group.name for group in person.groups.all()] == ["warehouse"]

    def test_what_cannot_be(self) -> None:
        with pytest.raises(CommandError):
            said("create_staff", "no address", "--role", "agent")
        with pytest.raises(CommandError):
            said("create_staff", "a@example.com", "--role", "king")
        assert not User.objects.exists()


def test_every_role_is_a_group_with_its_permissions() -> None:
    for role, grants in ROLES.items():
        held = set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))
        assert held == {codename(name) for name in grants}, role


def stream(*documents: object) -> bytes:
    """NDJSON; text goes in as it is."""
    rows = (row if isinstance(row, str) else json.dumps(row) for row in documents)
    return "\n".join(rows).encode()


class TestImportJob:
    def test_good_rows_are_stored_and_bad_ones_are_told_by_number(self, api: Api) -> None:
        good, wrong = order_document(), order_document(total="1.00")
        body = stream(good, "{broken", wrong, order_document(), good)
        job = api.send("POST", "/orders/import", body, Content_Type="application/x-ndjson").ok(202)
        assert job["status"] == "queued"
        assert run_jobs() == 1
        done = api.get(f"/jobs/{job['id']}").ok()
        assert (done["status"], done["done"], done["total"]) == ("done", 5, 5)
        assert [(row["row"], row["code"]) for row in done["errors"]][1:] == [(3, "mismatch")]
        assert done["errors"][0]["row"] == 2
        assert done["result"] == {"new": 2, "unchanged": 1, "refused": 2}
        assert run_jobs() == 0

    def test_a_bound_key_imports_only_its_own(self) -> None:
        bound = api_client("orders:write", shops=["main"], channels=["web"])
        body = stream(order_document(channel="app"), order_document(line(), channel="web"))
        job = bound.send("POST", "/orders/import", body, Content_Type="application/x-ndjson").ok(202)
        run_jobs()
        done = bound.get(f"/jobs/{job['id']}").ok()
        assert [(row["row"], row["code"]) for row in done["errors"]] == [(1, "forbidden")]
        assert done["result"]["new"] == 1


class TestJobs:
    def test_a_job_that_breaks_is_failed_and_says_why(self) -> None:
        job = start_job("orders.import", {"path": "imports/nothing.ndjson"}, created_by="t")
        assert run_jobs() == 1
        job.refresh_from_db()
        assert (job.status, job.errors[0]["code"]) == (Job.Status.FAILED, "failed")
        assert job.finished_at is not None

    def test_an_unknown_kind_fails_and_the_next_one_runs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        start_job("nonsense", {}, created_by="t")
        start_job("nonsense", {}, created_by="t")
        assert run_jobs() == 2
        assert set(Job.objects.values_list("status", flat=True)) == {Job.Status.FAILED}

    def test_a_dead_workers_job_is_taken_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        job = start_job("nonsense", {}, created_by="t")
        Job.objects.update(status=Job.Status.RUNNING, lease_until=timezone.now() + timedelta(minutes=1))
        assert run_jobs() == 0
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert run_jobs() == 1
        job.refresh_from_db()
        assert job.status == Job.Status.FAILED

    def test_only_so_many_errors_are_kept_and_all_are_counted(self) -> None:
        job = start_job("nonsense", {}, created_by="t")
        for _n in range(3):
            actions.report(job, done=1, errors=[{"row": n, "code": "x", "detail": "x"} for n in range(500)])
        assert (len(job.errors), job.result["refused"]) == (actions.MAX_ERRORS, 1500)
