"""What every test may lean on: clients per scope and role, silent bells, and the installation's own rows."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django.plugin import blocking_manager_key

from accounts import doorbell
from accounts.models import User
from tests import migrated
from tests.builders import Api, api_client, order_document

COMMITTING = {"transactional_db", "live_server", "django_db_reset_sequences"}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any) -> None:
    """Where PostgreSQL can copy a database, nobody migrates one twice; tests/migrated.py."""
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = migrated.template()


@pytest.fixture(autouse=True)
def quiet_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doorbell stays silent: rows are the truth, and nobody else's worker is woken."""
    monkeypatch.setattr(doorbell, "_ring", lambda task: None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """A transactional test leaves every table empty: put back what migrations made (shop, policy, roles)."""
    answer = yield
    marker = item.get_closest_marker("django_db")
    contents = getattr(connection, "_test_serialized_contents", None)
    asked = marker is not None and marker.kwargs.get("transaction")
    if not str(connection.settings_dict["NAME"]).startswith("test_"):
        return answer  # the last test of a run: its database is gone
    if (asked or COMMITTING.intersection(getattr(item, "fixturenames", ()))) and contents is not None:
        with item.config.stash[blocking_manager_key].unblock():
            if marker is None or not marker.kwargs.get("serialized_rollback"):
                quiet: dict[str, Any] = {"verbosity": 0, "interactive": False, "inhibit_post_migrate": True}
                call_command("flush", reset_sequences=False, **quiet)
            connection.creation.deserialize_db_from_string(contents)
            connection.close()
    return answer


@pytest.fixture
def api(db: None) -> Api:
    """A client whose key may do everything."""
    return api_client("admin")


@pytest.fixture
def api_for(db: None) -> Callable[..., Api]:
    """Makes clients by scope: `api_for("returns:read", shops=["main"])`."""
    return api_client


@pytest.fixture
def staff(db: None) -> Callable[[str], Client]:
    """Makes signed-in browsers by role: `staff("warehouse")`."""

    def sign_in(role: str, email: str = "") -> Client:
        person = User.objects.create_user(email or f"{role}@example.com", "correct horse", name=role.title())
        person.groups.set([Group.objects.get(name=role)])
        browser = Client()
        browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return sign_in


@pytest.fixture
def order(api: Api) -> dict[str, Any]:
    """A delivered order of three tees, 329.98 EUR with express delivery."""
    return api.post("/orders", order_document()).made()
