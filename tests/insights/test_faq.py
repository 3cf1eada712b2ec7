"""Questions and the policy page: answers from the document in force, figures from the newest returns, JSON-LD."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
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
from returns.policy.by_country import by_country
from returns.policy.document import HOUSE_POLICY, load
from returns.policy.structured import merchant_return_policies
from tests import builders
from tests.builders import Api

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


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
    said = json.loads(found[1])["@graph"]
    assert {each["name"] for each in said} == {closing["name"]}
    assert {(each["@type"], each["merchantReturnDays"]) for each in said} == {("MerchantReturnPolicy", 45)}
    assert said[0]["merchantReturnLink"].endswith("/policy")
    assert len({code for each in said for code in each["applicableCountry"]}) >= 30


SCHEMA = "https://schema.org/"
# the part of https://schema.org/MerchantReturnPolicy that we speak: each property with what it may hold
ENUMERATIONS = {
    "returnPolicyCategory": {"MerchantReturnFiniteReturnWindow", "MerchantReturnNotPermitted",
                             "MerchantReturnUnlimitedWindow", "MerchantReturnUnspecified"},
    "returnMethod": {"KeepProduct", "ReturnAtKiosk", "ReturnByMail", "ReturnInStore"},
    "refundType": {"ExchangeRefund", "FullRefund", "StoreCreditRefund"},
    "returnFees": {"FreeReturn", "OriginalShippingFees", "RestockingFees", "ReturnFeesCustomerResponsibility",
                   "ReturnShippingFees"},
    "itemDefectReturnFees": {"FreeReturn", "OriginalShippingFees", "RestockingFees",
                             "ReturnFeesCustomerResponsibility", "ReturnShippingFees"},
    "returnLabelSource": {"ReturnLabelCustomerResponsibility", "ReturnLabelDownloadAndPrint", "ReturnLabelInBox"},
}  # fmt: skip
PLAIN = {"@type", "name", "merchantReturnLink", "applicableCountry", "merchantReturnDays", "restockingFee",
         "returnShippingFeesAmount", "inStoreReturnsOffered", "returnPolicySeasonalOverride"}  # fmt: skip
SEASON = {"@type", "startDate", "endDate", "returnPolicyCategory", "merchantReturnDays"}
RICH = {
    "window": {"days": 10},
    "defaults": {
        "fee": {"percent": 15}, "label_fee": {"gross": {"EUR": "3.90"}}, "methods": ["label", "in_store", "keep"]
    },
    "rules": [
        {"name": "Winter", "when": {"ordered_between": ["2026-11-01", "2026-12-24"]},
         "then": {"return_until": "2027-01-31"}},
        {"name": "Yearly", "when": {"ordered_between": "11-01..12-24"}, "then": {"return_until": "01-31"}},
        {"name": "Some", "when": {"ordered_between": ["2026-11-01", "2026-12-24"], "tags_any": ["x"]},
         "then": {"return_until": "2027-02-28"}},
    ],
}  # fmt: skip
STRUCTURED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"window": {"days": None}}, {"returnPolicyCategory": f"{SCHEMA}MerchantReturnUnlimitedWindow"}),
    ({"defaults": {"return_shipping_payer": "shop"}}, {"returnFees": f"{SCHEMA}FreeReturn"}),
    ({"defaults": {"methods": ["own_carrier"]}}, {"returnFees": f"{SCHEMA}ReturnFeesCustomerResponsibility"}),
    ({"defaults": {"label_fee": {"gross": "4.00"}}},
     {"returnFees": f"{SCHEMA}ReturnShippingFees",
      "returnShippingFeesAmount": {"@type": "MonetaryAmount", "value": 4.0, "currency": "USD"}}),
    ({"defaults": {"fee": {"percent": 7.5}}}, {"restockingFee": 7.5}),
    ({"defaults": {"fee": {"fixed": "2.00", "percent": 5}}},
     {"restockingFee": {"@type": "MonetaryAmount", "value": 7.0, "currency": "USD"}}),
    ({"defaults": {"methods": ["label", "qr", "in_store"]}},
     {"returnMethod": [f"{SCHEMA}ReturnByMail", f"{SCHEMA}ReturnInStore"], "inStoreReturnsOffered": True}),
    ({"window": {"days": 0}}, {"returnPolicyCategory": f"{SCHEMA}MerchantReturnNotPermitted"}),
    ({"defaults": {"decision": "decline"}}, {"returnPolicyCategory": f"{SCHEMA}MerchantReturnNotPermitted"}),
]  # fmt: skip


def structured(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The policy for machines of each country."""
    policy = load(document)
    found = merchant_return_policies(policy, by_country(policy, NOW), url="https://x/policy", name="N")
    return {code: each for each in found["@graph"] for code in each["applicableCountry"]}


@pytest.mark.parametrize(("document", "expected"), STRUCTURED)
def test_structured_terms_where_the_policy_decides_alone(document: dict[str, Any], expected: dict[str, Any]) -> None:
    american = structured(document)["US"]
    assert {key: american.get(key) for key in expected} == expected


def test_structured_terms_are_lifted_by_the_law_of_each_country() -> None:
    found = structured(RICH)
    assert {code: found[code]["merchantReturnDays"] for code in ("DE", "FR", "GB", "IL", "PL", "US")} == {
        "DE": 14, "FR": 14, "GB": 14, "IL": 14, "PL": 14, "US": 10}  # fmt: skip
    assert {code: found[code].get("restockingFee") for code in ("DE", "GB", "IL", "US")} == {
        "DE": None, "GB": None, "IL": 5.0, "US": 15.0}  # fmt: skip
    assert found["FR"]["returnShippingFeesAmount"] == {"@type": "MonetaryAmount", "value": 3.9, "currency": "EUR"}
    assert "returnShippingFeesAmount" not in found["PL"]
    never = structured({"defaults": {"decision": "decline"}})
    assert never["PL"]["returnPolicyCategory"] == f"{SCHEMA}MerchantReturnFiniteReturnWindow"


@pytest.mark.parametrize("document", [RICH, *(document for document, _expected in STRUCTURED)])
def test_structured_terms_speak_the_vocabulary_of_schema_org(document: dict[str, Any]) -> None:
    for each in structured(document).values():
        assert set(each) <= PLAIN | set(ENUMERATIONS)
        for name, allowed in ENUMERATIONS.items():
            said = each.get(name, [])
            assert {one.removeprefix(SCHEMA) for one in ([said] if isinstance(said, str) else said)} <= allowed
        assert all(re.fullmatch("[A-Z]{2}", code) for code in each["applicableCountry"])
        assert isinstance(each.get("merchantReturnDays", 0), int)
        for season in each.get("returnPolicySeasonalOverride", []):
            assert set(season) == SEASON


def test_only_a_season_for_everything_is_one_for_machines() -> None:
    assert structured(RICH)["US"]["returnPolicySeasonalOverride"] == [
        {"@type": "MerchantReturnPolicySeasonalOverride", "startDate": "2026-11-01", "endDate": "2026-12-24",
         "returnPolicyCategory": f"{SCHEMA}MerchantReturnFiniteReturnWindow", "merchantReturnDays": "2027-01-31"}
    ]  # fmt: skip


def test_the_policy_page_says_where_the_law_gives_more(api: Api, client: Client) -> None:
    assert "Where the law gives you more</h2>" not in client.get("/policy").content.decode()
    api.post(f"/policies/{api.post('/policies', {**RICH, 'name': 'Short'}).made()['id']}/publish").ok()
    page = client.get("/policy").content.decode()
    assert "Where the law gives you more</h2>" in page
    assert "You have 14 days. No restocking fee." in page
    assert re.search(
        r"Israel</bdi></dt><dd[^>]*><bdi>You have 14 days. A restocking fee of ₪5.00 on goods of ₪100.00", page
    )
    assert "United States" not in page


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
    assert "This holds for goods of: electronics." in page
    assert "You have 14 days." in page
    assert "Was the package opened?" in page
    assert "<bdi>Nie</bdi>" in client.get("/policy", headers={"Accept-Language": "pl"}).content.decode()
