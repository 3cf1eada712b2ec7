"""The portal's page of questions, with how it went lately in the answers."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from insights.queries import figures_of
from returns.policy.answers import Answer, Figures, answers
from returns.queries import policy_of, published_policy
from returns.views.portal.door import page, shop_here

FRESH_FOR = 600


@require_GET
def faq(request: HttpRequest) -> HttpResponse:
    """What customers ask, answered from the policy in force, the newest returns and the shop's own words."""
    shop, _own = shop_here(request)
    found = answers(policy_of(published_policy(shop.pk)), _figures(shop.pk))
    return page(request, "faq", {"answers": found + _own_words(shop.brand)}, shop=shop)


def _figures(shop_id: int) -> Figures:
    key = f"faq-figures:{shop_id}"
    found: Figures | None = cache.get(key)
    if found is None:
        found = figures_of(shop_id)
        cache.set(key, found, FRESH_FOR)
    return found


def _own_words(brand: dict[str, object]) -> list[Answer]:
    """Questions that the shop wrote itself, in `brand["faq"]` as pairs of question and answer."""
    rows = brand.get("faq")
    if not isinstance(rows, list):
        return []
    return [
        Answer(str(row["question"]), str(row["answer"]))
        for row in rows
        if isinstance(row, dict) and row.get("question") and row.get("answer")
    ]
