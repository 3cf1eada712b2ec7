"""The balance page: whoever has the code reads it, in three languages; guessing is held up; mails lead to it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Channel, Order, Shop
from notifications.models import Message
from refunds.actions.credit_expiry import expire_credits, remind_of_credit
from refunds.models import StoreCredit
from returns.links import token_for
from tests.builders import Api
from tests.notifications import story
from tests.refunds.test_store_credit import issue, spend, until
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


def page(client: Client, code: str, **query: str) -> Any:
    return client.get(f"/credit/{code}", query)


class TestPage:
    def test_balance_validity_and_what_happened(self, api: Api, client: Client) -> None:
        credit = issue(api)
        spend(api, credit, "30.00").made()
        shown = page(client, credit["code"])
        text = shown.content.decode()
        assert shown.status_code == 200
        assert "€20.00" in text
        assert "€50.00" in text
        assert "−€30.00" in text
        assert "How to use it" in text
        assert shown["Cache-Control"] == "no-store"
        assert "ORDER-1" not in text

    @pytest.mark.parametrize("language", ["en", "he", "pl"])
    def test_in_every_language_and_spelling(self, api: Api, client: Client, language: str) -> None:
        credit = issue(api)
        shown = page(client, credit["code"].lower().replace("-", ""), lang=language)
        assert shown.status_code == 200
        assert f'lang="{language}"' in shown.content.decode()

    def test_looking_changes_nothing_but_the_count_of_tries(self, api: Api, client: Client) -> None:
        credit = issue(api)
        page(client, credit["code"])
        before = StoreCredit.objects.values_list().get()
        page(client, credit["code"])
        assert StoreCredit.objects.values_list().get() == before

    def test_israel_reads_its_validity_in_bold(self, api: Api, client: Client) -> None:
        bold = re.compile(r"<strong>\s*Valid until")
        assert not bold.search(page(client, issue(api)["code"]).content.decode())
        Shop.objects.filter(code="main").update(address={"country": "IL"})
        text = page(client, issue(api)["code"]).content.decode()
        assert bold.search(text)
        assert "By law it is good for 2 years" in text

    def test_what_cannot_be_used_says_so(self, api: Api, client: Client) -> None:
        over, void, waiting, spent = issue(api), issue(api), issue(api, "500.00"), issue(api)
        until(over, timezone.now().date() - timedelta(days=3))
        expire_credits()
        api.post(f"/store-credits/{void['code']}/void", {"reason": "Stolen by Bob"}).ok()
        spend(api, spent, "50.00").made()
        words = {
            over["code"]: "has expired",
            void["code"]: "not valid any more",
            waiting["code"]: "looking at it",
            spent["code"]: "All of it is spent",
        }
        for code, said in words.items():
            text = page(client, code).content.decode()
            assert said in text
            assert "How to use it" not in text
            assert "Bob" not in text

    def test_no_such_code(self, client: Client) -> None:
        for code in ("SC-2222-2222", "x", "%00"):
            assert page(client, code).status_code == 404

    def test_another_shops_domain_does_not_show_it(self, api: Api, client: Client) -> None:
        Shop.objects.create(code="other", name="Other", domains=["other.example"])
        credit = issue(api)
        from django.test import override_settings

        with override_settings(ALLOWED_HOSTS=["*"]):
            assert client.get(f"/credit/{credit['code']}", headers={"Host": "other.example"}).status_code == 404

    def test_guessing_is_held_up(self, api: Api, client: Client) -> None:
        credit = issue(api)
        for number in range(100):
            assert page(client, f"SC-{number}").status_code == 404
        held = page(client, credit["code"])
        assert held.status_code == 429
        assert "€50.00" not in held.content.decode()
        elsewhere = client.get(f"/credit/{credit['code']}", REMOTE_ADDR="192.0.2.7")
        assert elsewhere.status_code == 200

    def test_only_to_be_read(self, api: Api, client: Client) -> None:
        credit = issue(api)
        with unchanged():
            assert client.post(f"/credit/{credit['code']}").status_code == 405


class TestMail:
    @pytest.mark.parametrize("language", ["en", "he", "pl"])
    def test_by_hand_and_before_it_ends(self, api: Api, language: str) -> None:
        Shop.objects.filter(code="main").update(languages=[language])
        credit = issue(api)
        until(credit, timezone.now().date() + timedelta(days=7))
        remind_of_credit()
        story.dispatch()
        assert story.kinds() == ["store_credit.issued", "store_credit.expiring"]
        for mail in Message.objects.all():
            assert (mail.recipient, mail.locale) == ("kim@example.com", language)
            assert credit["code"] in mail.text
            assert f"/credit/{credit['code']}" in mail.html
            assert "RMA" not in mail.text
        story.dispatch()
        assert story.send() == 2

    def test_nobody_is_told_who_has_no_address(self, api: Api) -> None:
        issue(api, email=None)
        story.dispatch()
        assert story.kinds() == []

    def test_what_was_spent_meanwhile_is_not_told(self, api: Api) -> None:
        credit = issue(api)
        until(credit, timezone.now().date() + timedelta(days=7))
        remind_of_credit()
        spend(api, credit, "50.00").made()
        story.dispatch()
        assert story.kinds() == ["store_credit.issued"]

    def test_from_a_return_it_is_one_mail_and_on_its_page(self, client: Client) -> None:
        story.publish()
        rma = story.credited(story.inspected(story.received(story.a_request())))
        story.dispatch()
        assert story.kinds().count("store_credit.issued") == 1
        code = StoreCredit.objects.get().code
        text = client.get(f"/r/{token_for(rma)}").content.decode()
        assert f'href="/credit/{code}"' in text

    def test_a_training_channel_mails_nobody(self) -> None:
        story.publish()
        rma = story.credited(story.inspected(story.received(story.a_request())))
        story.dispatch()
        Channel.objects.update(is_sandbox=True)
        StoreCredit.objects.update(expires_on=timezone.now().date() + timedelta(days=7))
        assert remind_of_credit() == 1
        story.dispatch()
        assert "store_credit.expiring" not in story.kinds()
        assert Order.objects.get().pk == rma.order_id


def test_a_coupon_is_on_the_returns_page(api: Api, client: Client) -> None:
    rma = story.a_request()
    pool = {"code": "T", "name": "T", "worth": "10 EUR off", "valid_until": str(date(2030, 1, 2))}
    api.post("/coupons/pools", pool).made()
    api.post("/coupons/pools/T/codes", {"codes": ["C-1"]}).ok()
    api.post(f"/returns/{rma.code}/coupons", {"pool": "T"}).made()
    text = client.get(f"/r/{token_for(rma)}").content.decode()
    assert "C-1" in text
    assert "10 EUR off" in text
    assert api.get(f"/returns/{rma.code}").ok()["coupons"][0]["code"] == "C-1"
