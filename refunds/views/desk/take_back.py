"""Taking back the store credit of a return, from the return's page."""

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
from accounts.problems import NotFound, Refused
from customers.templatetags.comeback import money_text
from refunds.actions.take_back import take_back_credit
from refunds.views.desk.approvals import find_reimbursement
from returns.queries import find_return
from returns.views.desk.page import Panels, return_page


@staff_page("refunds:write", "POST")
def take_back(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """Void what is unspent and open the return again; what was spent is shown as a claim."""
    row = find_reimbursement(uid, actor)
    if row.rma is None:
        raise NotFound(_("There is no return behind this store credit."))

    def work() -> dict[str, Any]:
        made = take_back_credit(row, reason=request.POST.get("reason", ""), actor=actor)
        return {"claim": made.taken["claim"], "currency": made.currency}

    try:
        done = submit_once(request, f"take-back:{row.uid}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        shown = find_return(row.rma.code, actor)
        return return_page(request, actor, shown, panels, refusal=refusal, status=refusal.status)
    else:
        amount = {"amount": money_text(done["claim"], done["currency"])}
        part = _("Taken back. %(amount)s of it was spent: it stands under Differences as a claim.") % amount
        messages.success(request, part if done["claim"] else _("Taken back. Nothing of it was spent."))
    return redirect("desk:return", code=row.rma.code)
