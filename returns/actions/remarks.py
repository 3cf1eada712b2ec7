"""Notes, comments and photos on a return."""

from __future__ import annotations

import uuid

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, FieldError, Invalid
from returns import events
from returns.lifecycle import lock_return
from returns.models import Note, Photo, Return, ReturnItem
from returns.photos.reencode import CleanPhoto, reencode

MAX_PHOTOS = 60


def add_note(rma: Return, text: str, *, visible_to_customer: bool = False, actor: Actor) -> Note:
    """Write a note for staff, or a comment that the customer sees and is mailed."""
    if not text.strip():
        detail = _("Write something first.")
        raise Invalid(detail, errors=[FieldError("/text", "required", detail)])
    with transaction.atomic():
        rma = lock_return(rma)
        note = Note.objects.create(
            rma=rma,
            text=text,
            visible_to_customer=visible_to_customer,
            author=actor.name,
            author_kind=actor.kind,
        )
        kind = "comment.added" if visible_to_customer else "note.added"
        events.log(rma, kind, actor=actor, note=note.pk)
        rma.updated_at = timezone.now()
        rma.save(update_fields=["updated_at"])
    return note


def add_photo(
    rma: Return, data: bytes, *, kind: str, actor: Actor, item: ReturnItem | None = None, caption: str = ""
) -> Photo:
    """Re-encode a picture in a process of its own and keep it. Raises Invalid with the reason."""
    clean = reencode(data)
    with transaction.atomic():
        rma = lock_return(rma)
        if rma.photos.count() >= MAX_PHOTOS:
            raise Conflict(_("This return has %(max)d photos already.") % {"max": MAX_PHOTOS})
        photo = store_photo(clean, kind=kind, actor=actor, caption=caption)
        photo.rma, photo.item = rma, item
        photo.save(update_fields=["rma", "item"])
        events.log(rma, "photo.added", actor=actor, photo=str(photo.uid), of=kind, sha256=photo.sha256)
        rma.updated_at = timezone.now()
        rma.save(update_fields=["updated_at"])
    return photo


def store_photo(clean: CleanPhoto, *, kind: str, actor: Actor, caption: str = "") -> Photo:
    """Write the clean bytes under random names and make the row."""
    name = uuid.uuid4().hex
    photo = Photo(
        kind=kind,
        width=clean.width,
        height=clean.height,
        sha256=clean.sha256,
        caption=caption[:300],
        taken_by=actor.name,
    )
    photo.image.save(f"{name}.jpg", ContentFile(clean.image), save=False)
    photo.thumbnail.save(f"{name}-s.jpg", ContentFile(clean.thumbnail), save=False)
    photo.save()
    return photo
