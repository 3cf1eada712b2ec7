"""What somebody gets who has confirmed: the receipt of a statement of withdrawal, its file, and a way to object."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.problems import Refused
from returns.actions.withdrawals import contest_withdrawal
from returns.links import receipt_token, token_for, withdrawal_by_token
from returns.models import Return, Withdrawal
from returns.models.rma import Status
from returns.policy.withdrawal import Words, words
from returns.printing import acknowledgement_pdf
from returns.views.portal.door import actor_of
from returns.views.portal.withdraw import spoken_page


def by_receipt(view: Callable[[HttpRequest, Withdrawal], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """A page that is opened by the receipt's own link; a wrong one is a 404."""

    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        row = withdrawal_by_token(token)
        if row is None:
            raise Http404
        return view(request, row)

    guarded.__doc__, guarded.__name__ = view.__doc__, view.__name__
    return guarded


@require_safe
@by_receipt
def received(request: HttpRequest, row: Withdrawal) -> HttpResponse:
    """The receipt: date, time, reference, the acknowledgement as a file; only then the way to label and options."""
    return _receipt(request, row)


def _receipt(request: HttpRequest, row: Withdrawal, refusal: Refused | None = None) -> HttpResponse:
    spoken, rma = words(row.law, row.locale), _return_of(row)
    said = {**spoken.clock(row.received_at, row.zone), "ref": row.ref, "means": row.means}
    shown = {name: format_html("<bdi>{}</bdi>", text) for name, text in said.items()}
    shown["ref"] = format_html('<bdi class="text-nowrap">{}</bdi>', row.ref)
    context = {
        "row": row,
        "receipt": receipt_token(row),
        "said": format_html(spoken["receipt"], **shown),
        "next_url": reverse("portal:tracking", args=[token_for(rma)]) if rma else "",
        "next_words": spoken["next" if rma and rma.status == Status.AUTHORIZED else "follow"],
        "answer": _answer(row, spoken),
        "may_contest": _may_contest(row),
        "refusal": refusal,
    }
    return spoken_page(
        request, "withdraw_received", context, spoken, row.shop, status=refusal.status if refusal else 200
    )


def _return_of(row: Withdrawal) -> Return | None:
    """The return that came of a statement, or of the earlier one that covers it."""
    if row.rma is not None or not row.decision.get("covered_by"):
        return row.rma
    earlier = Withdrawal.objects.select_related("rma").get(ref=row.decision["covered_by"], order=row.order)
    return earlier.rma


def _answer(row: Withdrawal, spoken: Words) -> list[str]:
    if not row.decision or row.decision.get("covered_by"):
        return []
    said = spoken["decision_yes" if row.decision["accepted"] else "decision_no"]
    contested = [spoken["contested"]] if row.contested_at and row.decided_at is None else []
    return [said, spoken["decision_why"].format(reasons=row.decision["reasons"]), *contested]


def _may_contest(row: Withdrawal) -> bool:
    return row.decided_at is not None and not row.decision.get("accepted")


@require_safe
@by_receipt
def receipt_pdf(request: HttpRequest, row: Withdrawal) -> HttpResponse:
    """The acknowledgement as a file to keep, whether or not the mail arrives."""
    Withdrawal.objects.filter(pk=row.pk, pdf_fetched_at__isnull=True).update(pdf_fetched_at=timezone.now())
    answer = HttpResponse(acknowledgement_pdf(row), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{row.ref}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@csrf_exempt
@require_POST
@by_receipt
def contest(request: HttpRequest, row: Withdrawal) -> HttpResponse:
    """The consumer disagrees with our answer."""
    try:
        contest_withdrawal(row, request.POST.get("text", "").replace("\x00", ""), actor=actor_of(request))
    except Refused as refusal:
        return _receipt(request, row, refusal)
    return redirect("portal:withdraw-received", receipt_token(row))
