"""System checks: a mistake in the settings is told at start, with what to do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from refunds.gateways import stripe

LEAST_SECRET = 32


@register(Tags.security)
def secret_key(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A secret of one's own, outside of DEBUG."""
    weak = len(settings.SECRET_KEY) < LEAST_SECRET or settings.SECRET_KEY.startswith("only-for-this-machine")
    if settings.DEBUG or not weak:
        return []
    hint = "Set SECRET_KEY to at least 32 random characters, for example: openssl rand -base64 48"
    return [Error("SECRET_KEY is missing, short or the one of the first look.", hint=hint, id="comeback.E001")]


@register()
def base_url(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Links in mails start with BASE_URL."""
    if settings.BASE_URL.startswith(("http://", "https://")):
        return []
    return [Error("BASE_URL is not an address.", hint="For example https://returns.example.com", id="comeback.E002")]


@register()
def broker(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Several processes cannot share the folder transport safely."""
    postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    if not (postgres and settings.CELERY_BROKER_URL.startswith("filesystem") and not settings.DEBUG):
        return []
    hint = "Set REDIS_URL (or CELERY_BROKER_URL); the folder transport is for the first look."
    return [Warning("PostgreSQL without a real broker.", hint=hint, id="comeback.W001")]


@register()
def reactions(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every reaction can be imported."""
    found: list[CheckMessage] = []
    table: dict[str, list[str]] = import_string(settings.REACTIONS)
    for kind, paths in table.items():
        for path in paths:
            try:
                import_string(path)
            except ImportError as error:
                found.append(Error(f"{kind}: {path} cannot be imported: {error}", id="comeback.E003"))
    return found


@register()
def stripe_package(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A key for Stripe without its package refunds nothing."""
    if not settings.STRIPE_SECRET_KEY or stripe.installed():
        return []
    return [Error("STRIPE_SECRET_KEY is set without the package.", hint=stripe.MISSING, id="comeback.E010")]
