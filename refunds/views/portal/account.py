"""The customer says by the return's own link where a bank transfer goes, as long as nobody has paid it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.problems import Invalid, Refused
from refunds.actions.change_payout import PAYOUT_CHANGED, change_payout, may_change_payout, to_account, wants_account
from refunds.forms import PayoutForm
from refunds.models import Reimbursement
from returns.models import Return
from returns.views.portal.door import actor_of, page
from returns.views.portal.track import by_link, zone_of


@require_http_methods(["GET", "POST"])
@by_link
def account(request: HttpRequest, rma: Return, token: str) -> HttpResponse:
    """Give the account or another one; where one was known, a person looks before anything is paid.

    The link alone never shows more of a known account than its last four digits.
    """
    row = _waiting(rma)
    if row is None:
        messages.info(request, _("No account is needed now: nothing of this return waits for a bank transfer."))
        return redirect("portal:tracking", token)
    form = PayoutForm(request.POST or None, currency=row.currency)
    if request.method == "GET" or not form.is_valid():
        return _show(request, rma, row, form, token, None, 422 if form.is_bound else 200)
    try:
        changed = change_payout(row, form.payout() or {}, actor=actor_of(request))
    except Refused as refusal:
        if isinstance(refusal, Invalid):
            form.refuse(refusal)
        return _show(request, rma, row, form, token, refusal, refusal.status)
    held = _("Noted. Somebody here looks at the change before the money goes to it.")
    messages.success(request, held if changed.held_for == PAYOUT_CHANGED else _("Noted. We pay to this account."))
    return redirect("portal:tracking", token)


def _waiting(rma: Return) -> Reimbursement | None:
    """The oldest reimbursement of a return whose account can be given or changed now."""
    rows = rma.reimbursements.prefetch_related("refunds__payment").order_by("pk")
    for row in rows:
        refunds = list(row.refunds.all())
        if wants_account(row, refunds) and may_change_payout(row, refunds):
            return row
    return None


def _show(
    request: HttpRequest, rma: Return, row: Reimbursement, form: PayoutForm, token: str, refusal: Any, status: int
) -> HttpResponse:
    amount = to_account(row, row.refunds.all())
    context = {"rma": rma, "row": row, "amount": amount, "form": form, "token": token, "refusal": refusal}
    return page(request, "account", context, shop=rma.shop, zone=zone_of(rma), status=status)
