"""What tests of mails need: a mail server, and no policy of a test before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from returns import queries
from tests.notifications.post_office import PostOffice


@pytest.fixture(autouse=True)
def no_stale_policy() -> None:
    """SQLite gives the number of a policy that was rolled back to the next one; the cache would not know."""
    queries._loaded.cache_clear()


@pytest.fixture
def post_office(settings: Any) -> Iterator[PostOffice]:
    """A real SMTP server that Django's backend is set to."""
    office = PostOffice()
    office.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = office.host, office.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield office
    office.stop()
