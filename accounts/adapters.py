"""How django-allauth behaves here: staff only, nobody signs up."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffOnly(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are created by `create_staff` or in the admin site."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False
