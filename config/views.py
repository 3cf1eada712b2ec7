"""Health, and the pages and problems for what goes wrong outside any door."""

from __future__ import annotations

from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from config.api import CODES, PROBLEM, TITLES, document


def live(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Each dependency by name; 503 while one that requests need is missing."""
    checks = {"database": _database(), "broker": _broker()}
    # a dead broker delays mail and fails nothing, so it is told and does not take the process out
    status = 200 if checks["database"] == "ok" else 503
    return JsonResponse({"status": "ok" if status == 200 else "unavailable", "checks": checks}, status=status)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:
        return type(error).__name__
    return "ok"


def _broker() -> str:
    if not settings.CELERY_BROKER_URL.startswith("redis"):
        return "ok"
    try:
        client: Any = redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=1, socket_connect_timeout=1)
        client.ping()
    except redis.RedisError as error:
        return type(error).__name__
    return "ok"


def _answer(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        code = CODES.get(status, "error")
        return JsonResponse(document(status, code, detail, [], {}), status=status, content_type=PROBLEM)
    return render(request, f"{status}.html", {"detail": detail, "title": TITLES.get(status, "")}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _answer(request, 400, _("This request cannot be read."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _answer(request, 403, _("This is not allowed for you."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 after a form was open for too long or came from elsewhere."""
    return _answer(request, 403, _("This page was open for too long. Go back, reload it and send it again."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _answer(request, 404, _("There is no such thing, or it is not yours to see."))


def no_such_operation(request: HttpRequest) -> HttpResponse:
    """404 for an address under /api/ that is no operation."""
    return _answer(request, 404, _("There is no such operation. See /api/docs/."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500; nothing was changed, and the request id finds it in the log."""
    if request.path.startswith("/api/"):
        extra = {"request_id": getattr(request, "request_id", "")}
        body = document(500, "error", "Something broke on our side. Nothing was changed.", [], extra)
        return JsonResponse(body, status=500, content_type=PROBLEM)
    return render(request, "500.html", {"request_id": getattr(request, "request_id", "")}, status=500)
