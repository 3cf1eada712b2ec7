"""Making API keys: what is shown once and what is stored for good."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiKey
from accounts.problems import FieldError, Invalid
from accounts.scopes import SCOPES


def key_hash(key: bytes | str) -> str:
    """SHA-256 in hex; a key has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(key.encode() if isinstance(key, str) else key).hexdigest()


def create_key(
    name: str,
    scopes: list[str],
    *,
    expires_at: datetime | None = None,
    shops: list[str] | None = None,
    channels: list[str] | None = None,
    replaces: ApiKey | None = None,
) -> tuple[ApiKey, str]:
    """Create a key and return it with its secret text, which cannot be had again.

    Raises Invalid for a scope that does not exist.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Invalid(
            _("Unknown scopes: %(unknown)s. Known: %(known)s.")
            % {"unknown": ", ".join(unknown) or "-", "known": ", ".join(SCOPES)},
            errors=[FieldError("/scopes", "invalid", name) for name in unknown],
        )
    prefix = secrets.token_hex(4)
    text = f"cbk_{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        key_hash=key_hash(text),
        scopes=sorted(set(scopes)),
        shops=shops or [],
        channels=channels or [],
        expires_at=expires_at,
        replaces=replaces,
    )
    return key, text


def rotate_key(key: ApiKey, *, overlap: timedelta = timedelta(hours=24)) -> tuple[ApiKey, str]:
    """Create a successor with the same scopes; the old key works on for the overlap."""
    with transaction.atomic():
        successor, text = create_key(
            key.name,
            key.scopes,
            expires_at=key.expires_at,
            shops=key.shops,
            channels=key.channels,
            replaces=key,
        )
        ends = timezone.now() + overlap
        if key.expires_at is None or key.expires_at > ends:
            key.expires_at = ends
            key.save(update_fields=["expires_at"])
    return successor, text
