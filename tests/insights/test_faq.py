"""Questions and the policy page: answers from the document in force, figures from the newest returns, JSON-LD."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Shop
from insights import queries
from insights.queries import figures_of
from returns.models import Return
from returns.policy.answers import Figures, answers
from returns.policy.document import HOUSE_POLICY, load
from returns.policy.structured import merchant_return_policy
from tests import builders
from tests.builders import Api

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_figures_kept() -> None:
    """What an earlier test counted is forgotten."""
    cache.clear()


def test_figures_are_medians_of_finished_returns(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "ENOUGH", 2)
    builders.publish(api, auto_reimburse=False)
    shop = Shop.objects.get(code="main")
    assert figures_of(shop.pk) == Figures(0, None, None)
    for _n in range(2):
        builders.whole_life(api, builders.place(api), ("A", 1))
    now = timezone.now()
    for days, rma in enumerate(Return.objects.order_by("pk"), start=1):
        arrived = rma.receipts.get()
        arrived.received_at = now - timedelta(days=2 * days)
        arrived.save(update_fields=["received_at"])
        Return.objects.filter(pk=rma.pk).update(
            created_at=now - timedelta(days=10), decided_at=now - timedelta(days=9), resolved_at=now
        )
    with CaptureQueriesContext(connection) as seen:
        found = figures_of(shop.pk)
    assert (found.returns, round(found.days_to_decide or 0, 3), round(found.days_to_money or 0, 3)) == (2, 1.0, 3.0)
    assert len(seen) == 1


def test_too_few_returns_say_nothing(api: Api) -> None:
    builders.publish(api, auto_reimburse=False)
    builders.whole_life(api, builders.place(api), ("A", 1))
    assert figures_of(Shop.objects.get(code="main").pk) == Figures(1, None, None)


def test_the_page_answers_from_the_policy_in_force(api: Api, client: Client) -> None:
    assert "You have 30 days." in client.get("/faq").content.decode()
    builders.publish(api, bonus_credit_percent=10, return_shipping_payer="shop")
    page = client.get("/faq").content.decode()
    assert "Choose store credit and we add 10%." in page
    assert "Nothing. We pay for the way back." in page


def test_the_shops_own_questions_come_last(client: Client) -> None:
    shop = Shop.objects.get(code="main")
    shop.brand = {"faq": [{"question": "Gift wrap?", "answer": "<b>Keep</b> it."}, {"question": "half"}, "nonsense"]}
    shop.save(update_fields=["brand"])
    page = client.get("/faq").content.decode()
    assert "Gift wrap?" in page
    assert "&lt;b&gt;Keep&lt;/b&gt; it." in page
    assert "half" not in page


FIGURES = [
    (Figures(30, 0.1, 0.2), ["Mostly at once", "Lately mostly on the day it arrived back."]),
    (Figures(30, 1.2, 1.4), ["within 1 day.", "Lately mostly 1 day after"]),
    (Figures(30, 2.6, 4.6), ["within 3 days.", "Lately mostly 5 days after"]),
    (Figures(5), ["At the latest on the day that the law sets"]),
]


@pytest.mark.parametrize(("figures", "says"), FIGURES)
def test_figures_in_words(figures: Figures, says: list[str]) -> None:
    text = " ".join(each.text for each in answers(load(HOUSE_POLICY), figures))
    assert [part for part in says if part not in text] == []


def test_the_policy_page_speaks_to_machines(api: Api, client: Client) -> None:
    closing = {"name": "</script><script>alert(1)</script>", "window": {"days": 45, "from": "delivered"}}
    api.post(f"/policies/{api.post('/policies', closing).made()['id']}/publish").ok()
    page = client.get("/policy").content.decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert found is not None
    said = json.loads(found[1])
    assert said["name"] == closing["name"]
    assert (said["@type"], said["merchantReturnDays"]) == ("MerchantReturnPolicy", 45)
    assert said["merchantReturnLink"].endswith("/policy")


STRUCTURED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"window": {"days": None}}, {"returnPolicyCategory": "https://schema.org/MerchantReturnUnlimitedWindow"}),
    ({"window": {"days": 0}}, {"returnPolicyCategory": "https://schema.org/MerchantReturnNotPermitted"}),
    ({"defaults": {"decision": "decline"}}, {"returnPolicyCategory": "https://schema.org/MerchantReturnNotPermitted"}),
    ({"defaults": {"return_shipping_payer": "shop"}}, {"returnFees": "https://schema.org/FreeReturn"}),
    ({"defaults": {"fee": {"percent": 7.5}}}, {"restockingFee": 7.5}),
    ({"defaults": {"methods": ["label", "qr", "in_store"]}},
     {"returnMethod": ["https://schema.org/ReturnByMail", "https://schema.org/ReturnInStore"]}),
]  # fmt: skip


@pytest.mark.parametrize(("document", "expected"), STRUCTURED)
def test_structured_terms(document: dict[str, Any], expected: dict[str, Any]) -> None:
    found = merchant_return_policy(load(document), url="https://x/policy", name="N", language="en", countries=["PL"])
    assert {key: found[key] for key in expected} == expected
    assert found["applicableCountry"] == ["PL"]


def test_a_rule_that_only_the_shop_sees_is_not_told(api: Api, client: Client) -> None:
    rules = [
        {"name": "Second look", "when": {"min_price": "300.00"}, "then": {"decision": "review"}},
        {"name": "Electronics", "when": {"categories": ["electronics"]}, "then": {"window_days": 14}},
        {"name": "Sale", "then": {"message": {"en": "No", "pl": "Nie"}}},
        {"name": "Phones", "then": {"questions": ["was_opened"]}},
    ]  # fmt: skip
    builders.publish(api, rules=rules)
    page = client.get("/policy").content.decode()
    assert "Second look" not in page
    assert "category is <bdi>electronics</bdi>: Days to return <bdi>14</bdi>" in page
    assert "Was the package opened?" in page
    assert "<bdi>Nie</bdi>" in client.get("/policy", headers={"Accept-Language": "pl"}).content.decode()
