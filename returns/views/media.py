"""Serving photos: no cookies, no sniffing, no script, whatever the file says."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from returns.media import VALID_SECONDS, photo_by_token


def photo(request: HttpRequest, token: str) -> HttpResponseBase:
    """The picture behind a signed path; 404 when the path is wrong or old."""
    found = photo_by_token(token)
    if found is None:
        raise Http404
    row, thumbnail = found
    answer = FileResponse((row.thumbnail if thumbnail else row.image).open("rb"), content_type="image/jpeg")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Content-Disposition"] = f'inline; filename="{row.uid}.jpg"'
    answer["Cache-Control"] = f"private, max-age={VALID_SECONDS}"
    return answer
