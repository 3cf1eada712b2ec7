"""Who is calling the API, and may they: keys, staff sessions and scopes; deny by default."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.actors import INTEGRATION, STAFF, Actor
from accounts.keys import key_hash
from accounts.models import ApiKey, User
from accounts.scopes import expand

LAST_USED_EVERY = timedelta(minutes=5)


class KeyCaller:
    """What DRF calls the user when a key speaks."""

    is_authenticated = True
    is_active = True

    def __init__(self, key: ApiKey) -> None:
        self.key = key
        self.pk = key.pk

    def __str__(self) -> str:
        return str(self.key)


def key_actor(key: ApiKey, request_id: str = "") -> Actor:
    """The actor behind a key: a named integration with the key's scopes and bounds."""
    return Actor(
        INTEGRATION,
        key.prefix,
        key.name,
        expand(key.scopes),
        frozenset(key.shops),
        frozenset(key.channels),
        request_id,
    )


def staff_actor(user: User, *, shops: frozenset[str] = frozenset(), request_id: str = "") -> Actor:
    """The actor behind a staff session, with the person's own permissions."""
    return Actor(STAFF, str(user.pk), user.name or user.email, user.grants(), shops, frozenset(), request_id)


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`."""

    def authenticate(self, request: Request) -> tuple[KeyCaller, Actor] | None:
        """Find the key by its hash; a wrong, expired or revoked one is a 401."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise exceptions.AuthenticationFailed(_("Send exactly one key: Authorization: Bearer <key>."))
        key = ApiKey.objects.filter(key_hash=key_hash(parts[1])).first()
        now = timezone.now()
        if key is None or not key.is_usable(now):
            raise exceptions.AuthenticationFailed(_("This key is unknown, expired or revoked."))
        if key.last_used_at is None or now - key.last_used_at > LAST_USED_EVERY:
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        return KeyCaller(key), key_actor(key, getattr(request, "request_id", ""))

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class StaffSession(SessionAuthentication):
    """The session of a signed-in member of staff, CSRF checked."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """The signed-in person with the shops they are scoped to."""
        found = super().authenticate(request)
        if found is None:
            return None
        user = found[0]
        return user, staff_actor(user, shops=shops_of(user), request_id=getattr(request, "request_id", ""))


def shops_of(user: User) -> frozenset[str]:
    """Codes of the shops that a person is scoped to; empty means all."""
    return frozenset(user.shop_memberships.values_list("shop__code", flat=True))


class HasScope(BasePermission):
    """Each endpoint names a scope per method; a method without one is forbidden to everybody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the caller's grants hold the scope that the endpoint names."""
        if not isinstance(request.auth, Actor):
            return False
        scope = getattr(view, "scopes", {}).get("GET" if request.method == "HEAD" else request.method)
        if scope is None or request.auth.may(scope):
            return scope is not None
        self.message = _("This needs the scope %(scope)s, which you do not have.") % {"scope": scope}
        return False


def request_actor(request: HttpRequest) -> Actor:
    """The actor of a staff page."""
    user = request.user
    assert isinstance(user, User)
    return staff_actor(user, shops=shops_of(user), request_id=getattr(request, "request_id", ""))
