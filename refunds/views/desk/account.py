"""The account that a reimbursement is paid to: given, or changed before it is paid."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import Invalid, NotFound, Refused
from refunds.actions.change_payout import PAYOUT_CHANGED, change_payout, to_account
from refunds.forms import PayoutForm
from refunds.models import Reimbursement
from refunds.views.desk.approvals import find_reimbursement
from returns.views.desk.shell import desk_page


@staff_page("refunds:write", "GET", "POST")
def account(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """Give the account or change it; a changed one waits for a second person before anything is paid."""
    row = find_reimbursement(uid, actor)
    form = PayoutForm(request.POST or None, currency=row.currency)
    if request.method == "GET" or not form.is_valid():
        return _show(request, actor, row, form, None, 422 if form.is_bound else 200)

    def work() -> dict[str, Any]:
        changed = change_payout(row, form.payout() or {}, actor=actor)
        return {"held": changed.held_for == PAYOUT_CHANGED}

    try:
        done = submit_once(request, f"account:{row.uid}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        if isinstance(refusal, Invalid):
            form.refuse(refusal)
        return _show(request, actor, row, form, refusal, refusal.status)
    else:
        held = _("Changed. A second person has to approve it before anything is paid.")
        messages.success(request, held if done["held"] else _("Noted. It is paid to this account."))
    return back_to(row)


def back_to(row: Reimbursement) -> HttpResponse:
    """The page that shows a reimbursement: its return's, or its order's."""
    if row.rma is not None:
        return redirect("desk:return", code=row.rma.code)
    return redirect("desk:order", uid=row.order.uid)


def _show(
    request: HttpRequest, actor: Actor, row: Reimbursement, form: PayoutForm, refusal: Refused | None, status: int
) -> HttpResponse:
    amount = to_account(row, row.refunds.all())
    context = {"row": row, "amount": amount, "rma": row.rma, "order": row.order, "form": form, "refusal": refusal}
    return desk_page(request, actor, "account", context, rail="payments", status=status)
