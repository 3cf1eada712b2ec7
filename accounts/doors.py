"""What guards every staff page: somebody signed in, who holds what the page names, and one effect per submit."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.access import request_actor
from accounts.actors import Actor
from accounts.idempotency import fingerprint, once
from accounts.models import User
from accounts.problems import Forbidden, Invalid, NotFound

SUBMIT = "submit"
# what differs between two presses of the same button
_NOT_INPUT = ("csrfmiddlewaretoken", SUBMIT)

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]
Door = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def staff_page(grant: str, *methods: str) -> Callable[[Page[P]], Door[P]]:
    """Open a view only to staff who hold `grant`, and hand it their actor; `methods` are GET unless named.

    Who is not signed in is sent to the login page and comes back; what is somebody else's is a 404.
    """
    allowed = methods or ("GET",)

    def guard(view: Page[P]) -> Door[P]:
        @wraps(view)
        def door(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not isinstance(request.user, User) or not request.user.is_active:
                return redirect_to_login(request.get_full_path())
            actor = request_actor(request)
            if not actor.may(grant):
                raise PermissionDenied
            if request.method not in (*allowed, "HEAD" if "GET" in allowed else ""):
                return HttpResponseNotAllowed(allowed)
            try:
                return view(request, actor, *args, **kwargs)
            except NotFound as error:
                raise Http404(error.detail) from error
            except Forbidden as error:
                raise PermissionDenied(error.detail) from error

        door.grant, door.methods = grant, allowed  # type: ignore[attr-defined]
        return cast("Door[P]", door)

    return guard


def new_submit() -> str:
    """An id for the forms of one page as it is shown once."""
    return uuid.uuid4().hex


def submit_once(request: HttpRequest, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do the work of a posted form once, however often its button is pressed; returns what `work` answered.

    `name` tells the forms of a page apart. A refusal by `work` leaves nothing behind, so the form may be sent again.
    Raises Invalid without a submit id, and what `accounts.idempotency` raises for other input under the same id.
    """
    submit = request.POST.get(SUBMIT, "")
    if not submit:
        raise Invalid(_("This form came without its number. Open the page again and send it once more."))
    given = [
        f"{key}={value}" for key in sorted(request.POST) if key not in _NOT_INPUT for value in request.POST.getlist(key)
    ]
    digest = fingerprint(request.path, *given)
    credential = f"user:{request.user.pk}"
    (_status, body), _replayed = once(credential, f"{name}:{submit}", digest, lambda: (200, work()))
    return dict(body)
