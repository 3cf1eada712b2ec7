"""What every template may count on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation


def site(request: HttpRequest) -> dict[str, Any]:
    """Language direction and the installation's address."""
    return {
        "text_direction": "rtl" if translation.get_language_bidi() else "ltr",
        "base_url": settings.BASE_URL,
    }
