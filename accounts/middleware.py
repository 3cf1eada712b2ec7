"""Request id, reader's language, and the second factor for staff."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestId:
    """Gives every request an id, takes a sane one from a proxy, and sends it back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request.request_id = given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class ChosenLanguage:
    """The reader's language: `?lang=`, else the cookie, else Accept-Language."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.known = {code for code, _name in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang", "")
        language = asked if asked in self.known else translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        if asked in self.known:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, asked, max_age=31536000, samesite="Lax")
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.setdefault("Content-Language", translation.get_language() or "en")
        return response


class SecondFactor:
    """Sends staff without a second factor to enrol before anything else; not while DEBUG is on."""

    OPEN = ("/accounts/", "/static/", "/api/", "/live", "/ready")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._must_enrol(request):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self.get_response(request)

    def _must_enrol(self, request: HttpRequest) -> bool:
        staff_page = request.path.startswith(("/desk/", "/warehouse/", "/admin/"))
        if settings.DEBUG or not settings.SECOND_FACTOR_REQUIRED or not staff_page:
            return False
        user = request.user
        return isinstance(user, User) and not Authenticator.objects.filter(user=user).exists()
