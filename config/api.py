"""How the API answers: problems (RFC 9457), pages and throttles."""

from __future__ import annotations

import binascii
import logging
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.db import DataError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid, Refused
from accounts.wire import pointed

PROBLEM = "application/problem+json"
logger = logging.getLogger(__name__)

TITLES = {
    400: "Malformed request",
    401: "No valid key",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Cannot be done as asked",
    429: "Too many requests",
    503: "Try again",
}
CODES = {
    400: "invalid",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "invalid",
    415: "unsupported_media_type",
    422: "invalid",
    429: "rate_limited",
    503: "unavailable",
}
# where the framework's words do not say what to do, or not in every language
OWN_WORDS = {
    exceptions.NotAuthenticated: gettext_lazy("Send a key: Authorization: Bearer <key>."),
    exceptions.MethodNotAllowed: gettext_lazy("This method does nothing here. The header Allow names those that do."),
    exceptions.NotAcceptable: gettext_lazy("This is not served in a format that Accept names. Ask for JSON."),
    exceptions.UnsupportedMediaType: gettext_lazy("This content type is not read here. See the API docs."),
    exceptions.Throttled: gettext_lazy("Too many requests with this key. Wait as long as Retry-After says."),
}


def document(
    status: int, code: str, detail: str, errors: list[dict[str, str]], extra: dict[str, Any]
) -> dict[str, Any]:
    """A problem document."""
    return {
        "type": f"about:blank#{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        "errors": errors,
        **extra,
    }


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn a refusal into a problem document; None lets the error become a 500."""
    found = _refusal(error)
    if found is None:
        return None
    status, code, detail, errors, extra = found
    response = Response(document(status, code, detail, errors, extra), status=status, content_type=PROBLEM)
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    if status == 503:
        response["Retry-After"] = "2"
    return response


def _refusal(error: Exception) -> tuple[int, str, str, list[dict[str, str]], dict[str, Any]] | None:
    if isinstance(error, Refused):
        return error.status, error.code, error.detail, [row.as_dict() for row in error.errors], error.extra
    if isinstance(error, exceptions.ValidationError):
        rows = [row.as_dict() for row in pointed(error.detail)]
        return 422, "invalid", _("Some of the input cannot be used; see errors."), rows, {}
    if isinstance(error, exceptions.APIException):
        detail = OWN_WORDS.get(type(error), error.detail)
        return error.status_code, CODES.get(error.status_code, "invalid"), str(detail), [], {}
    return _from_django(error)


def _from_django(error: Exception) -> tuple[int, str, str, list[dict[str, str]], dict[str, Any]] | None:
    if isinstance(error, Http404):
        return 404, "not_found", _("There is no such thing, or it is not yours to see."), [], {}
    if isinstance(error, PermissionDenied):
        return 403, "forbidden", _("This is not allowed for you."), [], {}
    if isinstance(error, RequestDataTooBig):
        return 413, "invalid", _("The body is too large."), [], {}
    if isinstance(error, OperationalError) and _is_contention(error):
        logger.warning("contention: %s", error)
        return 503, "unavailable", _("Too much is happening at once. Send the same request again."), [], {}
    return None


def _is_contention(error: OperationalError) -> bool:
    """Time-outs, deadlocks and a locked SQLite file: nothing was changed and the request may be sent again."""
    text = str(error).lower()
    return any(
        word in text
        for word in ("lock timeout", "statement timeout", "deadlock", "could not serialize", "database is locked")
    )


class KeysetPages(CursorPagination):
    """Pages by the last row seen, never by counting; `?limit=` up to 200."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    ordering = "-id"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """The rows of the page. Raises Invalid for a cursor that no list has given."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (exceptions.NotFound, binascii.Error, ValueError, ValidationError, DataError) as error:
            if self.cursor_query_param not in request.query_params:
                raise
            detail = _("This is no cursor. Follow `next` and `previous` of a list as they are.")
            raise Invalid(detail, errors=[FieldError("/cursor", "invalid", detail)]) from error

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """The queryset's own order, or newest first."""
        ordering = tuple(str(name) for name in queryset.query.order_by) or ("-id",)
        return ordering


class PerCredential(BaseThrottle):
    """A ceiling per key or person and minute, against a client gone wild; counted per process."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count this call; refuse it past the ceiling. A cache that fails stops nobody."""
        actor = request.auth
        if not isinstance(actor, Actor):
            return True
        key = f"calls:{actor.identity}:{int(time.time() // 60)}"
        try:
            cache.add(key, 0, 120)
            return bool(cache.incr(key) <= settings.API_CALLS_PER_MINUTE)
        except Exception as error:  # whatever a cache may throw
            logger.warning("calls are not counted: %s", error)
            return True

    def wait(self) -> float:
        """Until the next minute begins."""
        return 60 - time.time() % 60
