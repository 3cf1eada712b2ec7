"""Following a return by its own link: what happened, what comes, and what the customer can still do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.problems import Refused
from returns.actions import add_photo, cancel_return
from returns.actions.contest import contest_decision, may_contest
from returns.actions.own_way import choose_label, label_offer
from returns.documents import document_of
from returns.links import return_by_token, token_for
from returns.models import Return, ReturnItem, Shipment
from returns.models.rma import FREE, Status
from returns.printing import label_pdf, label_png
from returns.views.portal import story
from returns.views.portal.door import actor_of, page

PHOTO_LIMIT = 15 * 1024 * 1024
CUSTOMER_CANCELS = (Status.REQUESTED, Status.AUTHORIZED)
PRINTABLE = (Shipment.State.LABEL_ISSUED, Shipment.State.IN_TRANSIT)

View = Callable[[HttpRequest, Return, str], HttpResponse]


def by_link(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    """A page that is opened by the return's own link; a wrong or revoked one is a 404."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        rma = return_by_token(token)
        if rma is None:
            raise Http404
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and "lang" not in request.GET:
            translation.activate(rma.locale)  # the language of the order, until the reader chooses another
            request.LANGUAGE_CODE = translation.get_language()
        return view(request, rma, token)

    return guarded


def printable(rma: Return) -> Shipment | None:
    """The newest shipment of ours that has its label."""
    rows = rma.shipments.filter(by_customer=False, state__in=PRINTABLE, labels__isnull=False)
    return rows.distinct().order_by("-pk").first()


def zone_of(rma: Return) -> str | None:
    """The time zone of the delivery address."""
    ship_to = rma.order_version.document.get("ship_to") or {}
    found: str | None = ship_to.get("time_zone")
    return found


@require_GET
@by_link
def done(request: HttpRequest, rma: Return, token: str) -> HttpResponse:
    """Right after asking: the answer, the label and what belongs into the parcel."""
    doc = document_of(rma)
    zone = zone_of(rma)
    with timezone.override(ZoneInfo(zone) if zone else None):
        context = story.done(rma, doc, token, printable(rma) is not None)
    return page(request, "done", context, shop=rma.shop, zone=zone)


@require_GET
@by_link
def tracking(request: HttpRequest, rma: Return, token: str) -> HttpResponse:
    """Where the return stands: the answer first, the proof after it."""
    return _tracking(request, rma, token)


def _tracking(request: HttpRequest, rma: Return, token: str, refusal: Refused | None = None) -> HttpResponse:
    doc = document_of(rma)
    open_now, zone = rma.status not in (*FREE, Status.RESOLVED), zone_of(rma)
    with timezone.override(ZoneInfo(zone) if zone else None):
        told = story.tracking(rma, doc, token, printable(rma) is not None)
    context = told | {
        "now": timezone.now(),
        "refusal": refusal,
        "can_cancel": rma.status in CUSTOMER_CANCELS,
        "can_contest": may_contest(rma),
        "label_offer": label_offer(rma),
        "can_add_photos": open_now,
        "token": token,
    }
    status = refusal.status if refusal else 200
    return page(request, "tracking", context, shop=rma.shop, zone=zone, status=status)


@require_POST
@by_link
def cancel(request: HttpRequest, rma: Return, token: str) -> HttpResponse:
    """The customer takes the return back, as long as nothing is on its way."""
    try:
        cancel_return(rma, actor=actor_of(request), requested_by="customer")
    except Refused as refusal:
        return _tracking(request, rma, token, refusal)
    messages.success(request, _("Cancelled. You keep the items, and nothing more happens."))
    return redirect("portal:tracking", token)


@require_POST
@by_link
def take_label(request: HttpRequest, rma: Return, token: str) -> HttpResponse:
    """The customer would rather have our label."""
    try:
        choose_label(rma, request.POST.get("method", ""), actor=actor_of(request))
    except Refused as refusal:
        return _tracking(request, rma, token, refusal)
    messages.success(request, _("Your label is here. Print it, or show the code."))
    return redirect("portal:tracking", token)


@require_POST
@by_link
def contest(request: HttpRequest, rma: Return, token: str) -> HttpResponse:
    """The customer disagrees with an automatic no: a person looks again."""
    try:
        looked_at = contest_decision(rma, request.POST.get("text", "").replace("\x00", ""), actor=actor_of(request))
    except Refused as refusal:
        return _tracking(request, rma, token, refusal)
    messages.success(request, _("Thank you. A person looks at it again and writes to you."))
    return redirect("portal:tracking", token_for(looked_at))


@require_POST
@by_link
def photo(request: HttpRequest, rma: Return, token: str) -> HttpResponse:
    """One more photo from the customer."""
    upload = request.FILES.get("file")
    item = ReturnItem.objects.filter(rma=rma, uid__in=_uids(request)).first()
    try:
        if upload is None or (upload.size or 0) > PHOTO_LIMIT:
            raise Refused(_("Choose a photo of up to 15 MB."))
        add_photo(rma, upload.read(), kind="customer", actor=actor_of(request), item=item)
    except Refused as refusal:
        return _tracking(request, rma, token, refusal)
    messages.success(request, _("Photo sent. Thank you."))
    return redirect("portal:tracking", token)


def _uids(request: HttpRequest) -> list[str]:
    given = request.POST.get("item", "")
    return [given] if story.is_uid(given) else []


@require_GET
@by_link
def label(request: HttpRequest, rma: Return, token: str) -> HttpResponse:
    """The label to print."""
    return _bytes(rma, "application/pdf", "pdf", label_pdf)


@require_GET
@by_link
def qr(request: HttpRequest, rma: Return, token: str) -> HttpResponse:
    """The QR code to show at a counter."""
    return _bytes(rma, "image/png", "png", label_png)


def _bytes(rma: Return, content_type: str, ending: str, render: Callable[[Shipment], bytes]) -> HttpResponse:
    shipment = printable(rma)
    if shipment is None:
        raise Http404
    answer = HttpResponse(render(shipment), content_type=content_type)
    answer["Content-Disposition"] = f'inline; filename="{rma.code}.{ending}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
