"""Coming in: an order number or a return number, with the e-mail or phone that proves it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.problems import Refused
from customers.actions.portal import count_guess, look_up_order, open_visit
from customers.models import Order
from returns.codes import clean_code
from returns.forms.portal import LookupForm
from returns.links import token_for
from returns.models import Return
from returns.policy.document import Policy
from returns.queries import policy_of, published_policy
from returns.views.portal.door import address_of, enter, page, shop_here


@require_http_methods(["GET", "POST"])
def lookup(request: HttpRequest) -> HttpResponse:
    """The first page; the same answer for a wrong number and a wrong contact."""
    form = LookupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _open(request, form.cleaned_data["order"], form.cleaned_data["contact"])
        except Refused as refusal:
            return _page(request, form, refusal)
    return _page(request, form)


def _open(request: HttpRequest, number: str, contact: str) -> HttpResponse:
    address, (shop, own) = address_of(request), shop_here(request)
    code = clean_code(number)
    if code:
        count_guess(number, contact, address)
        rows = Return.objects.filter(code=code, order__in=Order.objects.held_by(contact))
        rma = (rows.filter(shop=shop) if own else rows).first()
        if rma is not None:
            return redirect("portal:tracking", token_for(rma))
    order = look_up_order(number, contact, address=address, shop=shop if own else None)
    return enter(request, open_visit(order))


def _page(request: HttpRequest, form: LookupForm, refusal: Refused | None = None) -> HttpResponse:
    shop, _own = shop_here(request)
    policy = policy_of(published_policy(shop.pk))
    context = {
        "form": form,
        "refusal": refusal,
        "window_days": policy.defaults["window_days"],
        "facts": _promises(policy),
    }
    wrong = 422 if form.is_bound else 200
    return page(request, "lookup", context, shop=shop, status=refusal.status if refusal else wrong)


def _promises(policy: Policy) -> list[str]:
    facts = [_("No printer needed")] if "qr" in policy.defaults["methods"] else []
    return [*facts, _("Money back within 14 days of your request, when the goods are here")]
