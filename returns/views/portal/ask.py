"""Asking for a return in three steps; everything works as plain forms and survives a closed tab."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.problems import Refused
from customers.models import Order
from customers.money import display
from customers.templatetags.comeback import date_day, reader
from returns.actions import Wish
from returns.actions.portal import ask_once, hold_photo
from returns.actions.wish import Wanted
from returns.forms.portal import Draft, DraftItem
from returns.links import token_for
from returns.media import photo_url
from returns.models import Photo
from returns.policy import explain
from returns.templatetags.rma import question_word
from returns.views.portal.door import DRAFT, LAST, VISIT, actor_of, for_guest, page
from returns.views.portal.swap import bonus_of, choices, offer_note
from returns.views.portal.terms import EXCHANGE, KEEP, Deal, Part, Visit, deal_of, shelf, visit_of

PHOTO_LIMIT = 15 * 1024 * 1024
# longer amounts do not fit three columns on a phone
LONG_AMOUNT = 8


def _draft(request: HttpRequest, order: Order) -> Draft:
    return Draft.load(request.session.get(DRAFT), str(order.uid))


def _keep(request: HttpRequest, draft: Draft) -> None:
    request.session[DRAFT] = draft.dump()


@require_http_methods(["GET", "POST"])
@for_guest
def items(request: HttpRequest, order: Order) -> HttpResponse:
    """Which items, how many; what cannot come back is listed with its reason."""
    draft, visit = _draft(request, order), visit_of(order)
    refusal = ""
    if request.method == "POST":
        if draft.choose(request.POST, visit.possible()):
            _keep(request, draft)
            return redirect("portal:options")
        refusal = _("Tick what you want to send back.")
    rows, kept = shelf(visit, draft, set(request.GET.getlist("also")))
    delivered = [parcel.delivered_at for parcel in visit.facts.parcels or () if parcel.delivered_at]
    context = {
        "order": {"number": order.number, "delivered_on": max(delivered, default=None)},
        "items": rows,
        "kept": kept,
        "currency": order.currency,
        "refusal": refusal,
    }
    return page(request, "items", context, shop=order.shop, zone=visit.zone, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
@for_guest
def options(request: HttpRequest, order: Order) -> HttpResponse:
    """Why, proof, and how to make it right; a changed reason asks what the policy wants to know."""
    draft, visit = _draft(request, order), visit_of(order)
    if not draft.items:
        return redirect("portal:items")
    errors: dict[str, dict[str, str]] = {}
    if request.method == "POST":
        draft.tell(request.POST, {line.external_id: visit.reasons(line) for line in visit.lines})
        errors = _take_photos(request, draft)
        if request.POST.get("step") == "next":
            errors = _missing(visit, draft, request.POST.get("stage", ""), errors)
            done = not any(errors.values()) and request.POST.get("stage") == "choice" and draft.told
            if done and _has_swap(visit, draft, errors):
                _keep(request, draft)
                return redirect("portal:review")
        _keep(request, draft)
    context = _options_context(visit, draft, errors, _searches(request, draft))
    # htmx swaps only what succeeded, and asking for questions is no mistake
    wrong = any(errors.values()) and request.POST.get("step") == "next"
    return page(request, "options", context, shop=order.shop, zone=visit.zone, status=422 if wrong else 200)


def _has_swap(visit: Visit, draft: Draft, errors: dict[str, dict[str, str]]) -> bool:
    """Whether an exchange knows what leaves for every item; what is missing is said."""
    deal = deal_of(visit, draft)
    if deal.resolution != EXCHANGE:
        return True
    for part in deal.paid:
        if part.line.external_id not in deal.swap.chosen:
            errors[part.line.external_id]["instead"] = _("Choose what you would like instead.")
    return not any(errors.values())


def _take_photos(request: HttpRequest, draft: Draft) -> dict[str, dict[str, str]]:
    """Keep what was uploaded; per line what went wrong with it."""
    errors: dict[str, dict[str, str]] = {line: {} for line in draft.items}
    for line, item in draft.items.items():
        for upload in request.FILES.getlist(f"file-{line}"):
            problem = _take_photo(request, item, upload)
            if problem:
                errors[line]["photo"] = problem
    return errors


def _take_photo(request: HttpRequest, item: DraftItem, upload: UploadedFile[Any]) -> str:
    if (upload.size or 0) > PHOTO_LIMIT:
        return _("This photo is larger than 15 MB. Take a smaller one.")
    try:
        photo = hold_photo(upload.read(), held=item.photos, actor=actor_of(request))
    except Refused as refusal:
        return refusal.detail
    item.photos.append(str(photo.uid))
    return ""


def _missing(visit: Visit, draft: Draft, stage: str, errors: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """What is still to be told; questions and photos count once they were asked for."""
    for part in deal_of(visit, draft).parts:
        line, item = part.line.external_id, draft.items[part.line.external_id]
        if not item.reason:
            errors[line]["reason"] = _("Choose a reason.")
        elif stage == "choice":
            errors[line] |= _unanswered(part, item)
    return errors


def _unanswered(part: Part, item: DraftItem) -> dict[str, str]:
    terms = part.decision.terms
    found = {code: _("Answer this one, please.") for code in terms.questions if not item.answers.get(code)}
    if len(item.photos) < terms.required_photos:
        found["photo"] = _("%(have)d of %(need)d photos are here.") % {
            "have": len(item.photos),
            "need": terms.required_photos,
        }
    return found


def _searches(request: HttpRequest, draft: Draft) -> dict[str, str]:
    """What was searched for instead of each line."""
    return {line: str(request.POST.get(f"find-{line}", "")) for line in draft.items}


def _options_context(
    visit: Visit, draft: Draft, errors: dict[str, dict[str, str]], asked: dict[str, str]
) -> dict[str, Any]:
    deal = deal_of(visit, draft)
    photos = _photos(draft)
    offers = _offers(deal)
    return {
        "stage": "choice" if draft.told else "reasons",
        "items": [_asked(visit, part, draft, errors.get(part.line.external_id, {}), photos) for part in deal.parts],
        "offers": offers if deal.paid else [],
        "rows": any(len(display(offer["amount"], deal.currency, str(reader()))) > LONG_AMOUNT for offer in offers),
        "methods": [
            {"code": code, "fee": deal.label_fee(code), "checked": code == deal.method} for code in deal.methods
        ],
        "swaps": [
            row | {"error": errors.get(row["key"], {}).get("instead", "")}
            for row in choices(visit.order, deal, draft, asked)
        ]
        if deal.resolution == EXCHANGE
        else [],
        "quote": slip(deal),
        "currency": deal.currency,
        "note": _("One choice for all items.") if len(deal.parts) > 1 else "",
    }


def _photos(draft: Draft) -> dict[str, Photo]:
    wanted = [uid for item in draft.items.values() for uid in item.photos]
    return {str(photo.uid): photo for photo in Photo.objects.filter(uid__in=wanted, rma=None)} if wanted else {}


def _asked(visit: Visit, part: Part, draft: Draft, errors: dict[str, str], photos: dict[str, Photo]) -> dict[str, Any]:
    item, terms = draft.items[part.line.external_id], part.decision.terms
    questions = [
        {
            "code": code,
            "answer": item.answers.get(code, ""),
            "error": errors.get(code, ""),
            **question_word(code),
        }
        for code in terms.questions
    ]
    shown = [photos[uid] for uid in item.photos if uid in photos]
    return {
        "key": part.line.external_id,
        "title": part.line.title or part.line.sku,
        "sub": part.line.sku,
        "image": part.line.image_url,
        "quantity": part.quantity,
        "reasons": visit.reasons(part.line),
        "reason": item.reason,
        "comment": item.comment,
        "questions": questions,
        "required_photos": terms.required_photos,
        "photos": [{"url": photo_url(each), "thumbnail_url": photo_url(each, thumbnail=True)} for each in shown],
        "error": errors.get("reason", ""),
        "photo_error": errors.get("photo", ""),
        "verdict": {
            "outcome": part.decision.outcome,
            "explanation": explain.for_customer(part.decision.as_dict()),
        },
    }


def _offers(deal: Deal) -> list[dict[str, Any]]:
    rows = {
        "refund": {"amount": deal.total, "bonus": 0, "note": _("the way you paid")},
        "store_credit": {
            "amount": deal.total + deal.bonus,
            "bonus": deal.bonus,
            "note": _("for your next order"),
        },
        EXCHANGE: {"amount": abs(deal.difference), "bonus": 0, "note": offer_note(deal)},
    }
    return [{"code": code, "checked": code == deal.resolution, **rows[code]} for code in deal.resolutions]


def slip(deal: Deal) -> dict[str, Any]:
    """The money line by line, as it is expected now."""
    lines: list[dict[str, Any]] = [
        {
            "label": part.line.title or part.line.sku,
            "amount": part.gross,
            "note": f"× {part.quantity}" if part.quantity > 1 else "",
        }
        for part in deal.paid
    ]
    fee = sum(part.fee for part in deal.paid)
    if fee:
        lines.append({"label": _("Restocking fee"), "amount": -fee, "tone": "off"})
    label = deal.label_fee(deal.method)
    if label:
        lines.append({"label": _("Return label"), "amount": -label, "tone": "off"})
    elif deal.method != KEEP and deal.paid:
        lines.append({"label": _("Return label"), "text": _("free")})
    if deal.resolution == "store_credit" and deal.bonus:
        lines.append({"label": _("Bonus"), "amount": deal.bonus, "tone": "plus"})
    if deal.resolution == EXCHANGE:
        return {"lines": [*lines, *_leaves(deal)], "sum_label": _exchange_label(deal), "sum_amount": deal.sum}
    label_of_sum = _("Store credit") if deal.resolution == "store_credit" else _("Back the way you paid")
    return {"lines": lines, "sum_label": label_of_sum, "sum_amount": deal.sum}


def _leaves(deal: Deal) -> list[dict[str, Any]]:
    """What leaves instead and what the shop adds, below what comes back."""
    rows: list[dict[str, Any]] = []
    names = [product.title for product in deal.swap.chosen.values()]
    if names:
        rows.append({"label": ", ".join(names), "amount": -deal.swap.price, "tone": "off"})
    bonus = bonus_of(deal)
    return [*rows, {"label": _("Bonus"), "amount": bonus, "tone": "plus"}] if bonus else rows


def _exchange_label(deal: Deal) -> str:
    if deal.difference < 0:
        return _("Exchange, you get back")
    if not deal.difference:
        return _("Exchange, nothing to pay")
    return _("Exchange, you pay")


@require_http_methods(["GET", "POST"])
@for_guest
def review(request: HttpRequest, order: Order) -> HttpResponse:
    """The last look; confirming asks for the return, once however often it is pressed."""
    draft, visit = _draft(request, order), visit_of(order)
    if not draft.told:
        return redirect("portal:options" if draft.items else "portal:items")
    deal = deal_of(visit, draft)
    if deal.resolution == EXCHANGE and deal.paid and not deal.swap.complete:
        return redirect("portal:options")  # gone meanwhile
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            return _ask(request, order, draft, deal)
        except Refused as problem:
            refusal = problem
    context = _review_context(visit, deal) | {"refusal": refusal}
    status = refusal.status if refusal else 200
    return page(request, "review", context, shop=order.shop, zone=visit.zone, status=status)


def _ask(request: HttpRequest, order: Order, draft: Draft, deal: Deal) -> HttpResponse:
    wishes = [
        Wish(line, i.quantity, i.reason, i.comment, dict(i.answers), exchange_for=_instead(deal, line, i.quantity))
        for line, i in draft.items.items()
    ]
    wanted = Wanted(wishes, resolution=deal.resolution, method=deal.method, locale=request.LANGUAGE_CODE)
    photos = {line: item.photos for line, item in draft.items.items()}
    visit = str(order.uid)
    rma = ask_once(order, wanted, photos, actor=actor_of(request), visit=visit, key=draft.key)
    request.session[LAST] = token_for(rma)
    for name in (DRAFT, VISIT):
        request.session.pop(name, None)
    return redirect("portal:done", token_for(rma))


def _instead(deal: Deal, line: str, quantity: int) -> list[dict[str, Any]]:
    """What leaves for a line: as many as come back, at the shop's own price."""
    product = deal.swap.chosen.get(line) if deal.resolution == EXCHANGE else None
    return [{"sku": product.sku, "quantity": quantity}] if product is not None else []


def _review_context(visit: Visit, deal: Deal) -> dict[str, Any]:
    return {
        "slip": slip(deal)
        | {"foot": _("If we find something missing or worn, you get the photo, the reason and the amount.")},
        "currency": deal.currency,
        "method": deal.method,
        "method_fee": deal.label_fee(deal.method),
        "resolution": deal.resolution,
        "wait": deal.waits,
        "declined": not deal.paid,
        "items": [
            {"title": part.line.title or part.line.sku, "quantity": part.quantity, "reason": part.reason}
            for part in deal.parts
        ],
        "steps": _promises(visit, deal),
    }


def _promises(visit: Visit, deal: Deal) -> list[dict[str, Any]]:
    """What happens next, all of it still to come."""
    steps: list[dict[str, Any]] = []
    if deal.waits:
        steps.append({"what": _("Somebody here looks at it"), "mark": "is-next"})
    if deal.method != KEEP:
        last = min(
            (p.decision.terms.window.last_day for p in deal.paid if p.decision.terms.window.last_day),
            default=None,
        )
        when = format_html(_("by {day}"), day=date_day(last)) if last else ""
        steps.append({"what": _("You send it"), "when": when, "mark": "is-you", "icon": "flag", "before_next": True})
        steps.append({"what": _("We check it"), "mark": "is-next"})
    amount = display(deal.sum, deal.currency, str(reader()))
    if deal.resolution == EXCHANGE:
        if deal.difference > 0:
            steps.append({"what": _("You pay the difference, %(amount)s") % {"amount": amount}, "mark": "is-next"})
        return [*steps, {"what": _("Your replacement leaves"), "mark": "is-next"}]
    what = (
        _("%(amount)s as store credit") if deal.resolution == "store_credit" else _("%(amount)s back the way you paid")
    )
    steps.append({"what": what % {"amount": amount}, "mark": "is-next"})
    return steps
