"""The base of every API endpoint: scopes, idempotent POSTs, one page shape."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterable
from typing import IO, Any, ClassVar, cast

from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from accounts.actors import Actor
from accounts.idempotency import fingerprint, once

# problem+json needs its own content type when an answer is replayed
PROBLEM = "application/problem+json"
CHUNK = 1024 * 1024
NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class OneFormat(BaseContentNegotiation):
    """For a file whose address names its format: whatever is asked for, this is what there is."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        """Nothing is read."""
        return None

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The one that problems are written with."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class Endpoint(APIView):
    """An API view that names a scope per method and answers each named POST once."""

    scopes: ClassVar[dict[str, str]] = {}
    streams: ClassVar[bool] = False
    request: Request

    @property
    def actor(self) -> Actor:
        """Who calls."""
        return self.request.auth  # type: ignore[return-value]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check access as DRF does, then wrap a POST so that it runs once per key."""
        handler = getattr(self, (request.method or "").lower(), None)
        if handler is None or request.method == "OPTIONS":
            raise MethodNotAllowed(request.method or "")
        super().initial(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key")
        if request.method in ("GET", "HEAD"):
            return
        wrapped = (
            self._once(handler, key) if request.method == "POST" and key is not None else transaction.atomic(handler)
        )
        setattr(self, (request.method or "").lower(), wrapped)

    def _once(self, handler: Callable[..., Response], key: str) -> Callable[..., Response]:
        def post(request: Request, *args: Any, **kwargs: Any) -> Response:
            kept: dict[str, str] = {}

            def work() -> tuple[int, Any]:
                try:
                    with transaction.atomic():
                        response = handler(request, *args, **kwargs)
                except Exception as error:
                    response = self.handle_exception(error)
                if "Retry-After" in response:
                    kept["Retry-After"] = response["Retry-After"]
                return response.status_code, storable(response.data)

            credential = f"{self.actor.kind}:{self.actor.ref}"
            (status, body), replayed = once(credential, key, self.request_hash(), work)
            headers = kept | ({"Idempotent-Replayed": "true"} if replayed else {})
            return Response(body, status, headers=headers, content_type=PROBLEM if status >= 400 else None)

        return post

    def spooled(self) -> IO[bytes]:
        """A streamed body in a file, read once whoever asks first; its digest stands for it in the request's hash."""
        if not hasattr(self, "_spool"):
            digest = hashlib.sha256()
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the request
            while chunk := self.request._request.read(CHUNK):
                digest.update(chunk)
                self._spool.write(chunk)
            self._spool_digest = digest.digest()
        self._spool.seek(0)
        return File(self._spool)

    def request_hash(self) -> str:
        """What makes a request the same: method, path, and body or its fields and file bytes."""
        request = self.request
        path = request.get_full_path()
        if self.streams:
            self.spooled()
            return fingerprint(request.method or "", path, self._spool_digest)
        if not (request.content_type or "").startswith("multipart/"):
            return fingerprint(request.method or "", path, request._request.body)
        parts: list[bytes] = []
        form = cast(QueryDict, request.data)
        for name in sorted(form):
            for value in form.getlist(name):
                parts += [
                    name.encode(),
                    file_digest(value) if isinstance(value, UploadedFile) else str(value).encode(),
                ]
        return fingerprint(request.method or "", path, *parts)

    def page(self, rows: QuerySet[Any], present: Callable[[Any], dict[str, Any]]) -> Response:
        """One page of a list, in the one shape that lists have."""
        paginator: Any = cast(Any, api_settings).DEFAULT_PAGINATION_CLASS()
        found: Iterable[Any] = paginator.paginate_queryset(rows, self.request, view=self)
        response: Response = paginator.get_paginated_response([present(row) for row in found])
        return response


def storable(answer: Any) -> Any:
    """An answer as JSON that the database can keep: a NUL that a refusal quotes is shown as a mark."""
    return json.loads(NUL.sub(r"\1\\ufffd", json.dumps(answer, cls=DjangoJSONEncoder)))


def file_digest(upload: UploadedFile[Any]) -> bytes:
    """SHA-256 of an upload's bytes, read in chunks and rewound."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.digest()
