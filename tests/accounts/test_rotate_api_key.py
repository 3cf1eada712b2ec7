"""A key is replaced while both work for a while."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.keys import create_key, key_hash
from accounts.models import ApiKey

pytestmark = pytest.mark.django_db


def test_the_successor_may_the_same_and_the_old_one_ends() -> None:
    old, _text = create_key("erp", ["orders:write"], shops=["main"])
    out = StringIO()
    call_command("rotate_api_key", old.prefix, "--overlap-hours", "2", stdout=out)
    new = ApiKey.objects.get(key_hash=key_hash(out.getvalue().strip()))
    old.refresh_from_db()
    assert (new.scopes, new.shops, new.replaces) == (old.scopes, old.shops, old)
    assert old.is_usable(timezone.now())
    assert not old.is_usable(timezone.now() + timedelta(hours=3))


def test_a_key_that_is_over_has_no_successor() -> None:
    old, _text = create_key("erp", ["orders:write"], expires_at=timezone.now() - timedelta(days=1))
    with pytest.raises(CommandError):
        call_command("rotate_api_key", old.prefix)
    assert ApiKey.objects.count() == 1
