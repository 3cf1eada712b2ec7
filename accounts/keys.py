"""Making API keys: what is shown once and what is stored for good."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import INTEGRATION, STAFF, Actor
from accounts.models import ApiKey, User
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
    created_by: User | None = None,
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
        created_by=created_by,
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
            created_by=key.created_by,
        )
        ends = timezone.now() + overlap
        if key.expires_at is None or key.expires_at > ends:
            key.expires_at = ends
            key.save(update_fields=["expires_at"])
    return successor, text


def people_behind(identity: str) -> frozenset[str]:
    """Every identity of whoever acts under this one: a key, those it was rotated from and to, and who made them.

    Two callers are the same person when these sets meet, whatever door or key each of them used.
    """
    kind, _colon, ref = identity.partition(":")
    if kind != INTEGRATION:
        return frozenset({identity})
    found: set[str] = {identity}
    makers: set[int] = set()
    wave = list(ApiKey.objects.filter(prefix=ref))
    while wave:
        found |= {f"{INTEGRATION}:{key.prefix}" for key in wave}
        makers |= {key.created_by_id for key in wave if key.created_by_id is not None}
        ids = [key.pk for key in wave]
        near = ApiKey.objects.filter(Q(replaces__in=ids) | Q(successors__in=ids)).distinct()
        wave = [key for key in near if f"{INTEGRATION}:{key.prefix}" not in found]
    return frozenset(found | {f"{STAFF}:{pk}" for pk in makers})


def keys_made_by(actor: Actor) -> frozenset[str]:
    """The identities of the keys that a member of staff made."""
    if actor.kind != STAFF:
        return frozenset()
    prefixes = ApiKey.objects.filter(created_by=int(actor.ref)).values_list("prefix", flat=True)
    return frozenset(f"{INTEGRATION}:{prefix}" for prefix in prefixes)
