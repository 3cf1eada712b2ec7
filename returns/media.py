"""Addresses of photos: signed, short-lived, without a session."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from returns.models import Photo
from returns.photos.limits import MAX_BYTES

SALT = "returns.media"
VALID_SECONDS = 3600


def photo_url(photo: Photo, *, thumbnail: bool = False) -> str:
    """A path that shows the photo for an hour to whoever was given it."""
    size = "s" if thumbnail else "l"
    return f"/media/{signing.dumps([str(photo.uid), size], salt=SALT, compress=False)}"


def photo_by_token(token: str) -> tuple[Photo, bool] | None:
    """The photo of a path and whether its thumbnail is meant; None when the path is wrong or old."""
    try:
        uid, size = signing.loads(token, salt=SALT, max_age=VALID_SECONDS)
        photo = Photo.objects.filter(uid=uuid.UUID(uid)).first()
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (photo, size == "s") if photo else None


def photo_document(photo: Photo) -> dict[str, Any]:
    """A photo as the API shows it."""
    return {
        "id": str(photo.uid),
        "url": settings.BASE_URL + photo_url(photo),
        "thumbnail_url": settings.BASE_URL + photo_url(photo, thumbnail=True),
        "width": photo.width,
        "height": photo.height,
        "sha256": photo.sha256,
    }


def uploaded_picture(files: Mapping[str, Any]) -> bytes:
    """The bytes of the form field `file`. Raises Invalid when there is none, and before reading too large a one."""
    upload = files.get("file")
    if upload is None:
        detail = _("Send the picture as the form field `file`.")
        raise Invalid(detail, errors=[FieldError("/file", "required", detail)])
    if upload.size > MAX_BYTES:
        detail = _("The picture may have up to %(megabytes)d MB.") % {"megabytes": MAX_BYTES // 1024 // 1024}
        raise Invalid(detail, errors=[FieldError("/file", "too_big", detail)])
    return bytes(upload.read())


def form_fields(form: Mapping[str, Any]) -> dict[str, str]:
    """What came with an uploaded picture; an empty field counts as none."""
    return {name: value for name, value in form.items() if name != "file" and value != ""}
