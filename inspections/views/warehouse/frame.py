"""What every page of the warehouse shares: its head, its photos, and one effect per submit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.doors import SUBMIT, new_submit
from accounts.idempotency import InFlight
from accounts.problems import Refused
from inspections.forms import photo_ids, refusal_of
from inspections.models import Location
from inspections.queries import Head, head, inspected_since, locations_of, to_inspect
from returns.media import photo_url
from returns.models import Photo

READ, WRITE = "warehouse:read", "warehouse:write"
PLACE = "warehouse_place"
# buttons that only bring the form back: one row more, photos first
ONLY_SHOW = ("row", "photo")

Context = Mapping[str, Any]
Refusal = Refused | None


def page(
    request: HttpRequest, actor: Actor, name: str, context: Context, *, waiting: Head | None = None, status: int = 200
) -> HttpResponse:
    """A page of the warehouse; never kept by a cache."""
    frame: dict[str, Any] = {"back": reverse("warehouse:scan"), "code": "", "refusal": None, "submit": new_submit()}
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    frame["progress"] = {"done": inspected_since(actor, today), "waiting": (waiting or head(to_inspect(actor))).count}
    answer = render(request, f"warehouse/{name}.html", {**frame, **context}, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a page that may show a refusal."""
    return refusal.status if refusal else 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A form that is shown again, or for the first time: its photos, and why it was refused."""

    photos: list[str] = field(default_factory=list)
    refusal: Refusal = None


def handle(
    request: HttpRequest,
    form: forms.Form,
    done: Callable[[list[str]], HttpResponse],
    take_photos: Callable[[], list[str]] = list,
) -> HttpResponse | Shown:
    """Take the photos of a posted form, check it and do its work; what is refused is shown with nothing lost."""
    if request.method != "POST":
        return Shown()
    photos = photo_ids(request)
    try:
        photos = [*photos, *take_photos()]
        if request.POST.get("step") in ONLY_SHOW:
            return Shown(photos)
        refusal = refusal_of(form)
        return Shown(photos, refusal) if refusal else done(photos)
    except Refused as problem:
        return Shown(photos, problem)


def next_submit(request: HttpRequest, refusal: Refusal) -> str:
    """The id for the form when it is shown again: the same while the first press is still at work."""
    return request.POST.get(SUBMIT, "") if isinstance(refusal, InFlight) else new_submit()


def places(request: HttpRequest, actor: Actor) -> tuple[list[Location], str]:
    """Where the actor may receive, and the place they chose last."""
    known = locations_of(actor)
    chosen = request.session.get(PLACE, "MAIN")
    codes = [location.code for location in known]
    return known, chosen if chosen in codes else (codes or ["MAIN"])[0]


def framed(photo: Photo) -> dict[str, Any]:
    """A photo as the frames of the pages show it."""
    return {
        "id": str(photo.uid),
        "url": photo_url(photo),
        "thumbnail_url": photo_url(photo, thumbnail=True),
        "alt": photo.caption,
        "caption": photo.caption,
        "by": photo.taken_by,
        "at": photo.created_at,
        "kind": photo.kind,
    }
