"""The withdrawal function in the portal: two steps, three inputs, no login, and nothing that can lose a statement."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from customers.actions.portal import count_statement
from customers.models import LookupAttempt, Order, Shop
from notifications.models import Message
from returns.actions.withdrawals import answer_withdrawal, proof_of, receive
from returns.links import receipt_token, token_for
from returns.models import Event, Return, Withdrawal
from returns.outbox import dispatch_all
from returns.policy.withdrawal import languages_of, words
from returns.views.portal import withdraw
from tests.builders import Api, Json, ask, line, place
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
PAGE, CANCEL = "/withdraw", "/cancel-transaction"


def typed(order: Json, **changes: str) -> dict[str, str]:
    """The three inputs as a customer fills them in."""
    email = order["customer"]["email"]
    return {"name": "A. Nowak", "contract": order["number"], "means": email, "submit": "one", **changes}


def confirm(page: str, form: dict[str, object], **headers: str) -> str:
    """Press the button; the receipt's page."""
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(page, form, headers=headers, follow=True)
    assert answer.status_code == 200, answer.content
    assert answer.redirect_chain
    return str(answer.content.decode())


@pytest.mark.parametrize(("law", "page"), [("eu", PAGE), ("il", CANCEL)])
def test_each_language_has_its_labels_and_no_more_on_the_button(law: str, page: str) -> None:
    for language in languages_of(law):
        spoken = words(law, language)
        text = Client().get(f"{page}?lang={language}").content.decode()
        (button,) = re.findall(r'<button class="btn btn-primary btn-wide[^>]*>(.*?)</button>', text)
        assert button == spoken.confirm
        assert spoken["statement"] in text
        assert f'dir="{spoken.dir}"' in text


def test_the_law_knows_three_inputs() -> None:
    text = Client().get(f"{PAGE}?lang=pl").content.decode()
    named = set(re.findall(r'<(?:input|textarea|select)[^>]* name="([a-z_]+)"', text)) - {"submit", "locale", "lang"}
    assert named == {"name", "contract", "means", "scope", "items"}
    for forbidden in ("password", "file", "newsletter", "captcha", "phone", "csrfmiddlewaretoken"):
        assert forbidden not in text


@pytest.mark.parametrize("path", ["/", "/policy", "/accessibility", "/privacy", "/no/such/page", PAGE, CANCEL])
@pytest.mark.parametrize("language", ["en", "pl", "he"])
def test_every_public_page_leads_there(path: str, language: str) -> None:
    text = Client().get(f"{path}?lang={language}").content.decode()
    (shown,) = re.findall(r'<html lang="(\w+)"', text)
    assert shown == language or path in (PAGE, CANCEL)
    eu = words("eu", shown)
    assert re.search(rf'href="/withdraw"[^>]*>{eu.function}</a>', text)
    assert re.search(r'href="/cancel-transaction" lang="he" dir="rtl">ביטול עסקה</a>', text)


def test_a_shop_that_does_not_sell_in_hebrew_shows_no_israeli_link() -> None:
    Shop.objects.update(languages=["en", "pl"])
    text = Client().get("/").content.decode()
    assert "/withdraw" in text
    assert CANCEL not in text


def test_the_receipt_says_when_and_under_which_reference(order: Json) -> None:
    text = confirm(PAGE, {**typed(order), "locale": "pl"})
    row = Withdrawal.objects.get()
    assert row.ref in text
    assert row.rma is not None
    assert row.rma.status == "authorized"
    assert f"/r/{row.rma.code.replace('-', '').lower()}" in text
    assert (row.channel, row.locale, row.zone) == ("function_web", "pl", "Europe/Warsaw")
    assert row.ui["label_confirm"] == "Potwierdź odstąpienie od umowy"
    assert len(row.ui["page_sha256"]) == 64


def test_the_button_pressed_twice_is_one_statement(order: Json) -> None:
    form = {**typed(order), "locale": "en"}
    assert confirm(PAGE, form) == confirm(PAGE, form)
    assert Withdrawal.objects.count() == Return.objects.count() == 1
    confirm(PAGE, {**form, "name": "Anna Nowak"})
    assert Withdrawal.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"contract": "no such order"}, {"means": "stranger@example.com"}])
def test_what_matches_nothing_is_valid_and_tells_nothing(order: Json, wrong: dict[str, str]) -> None:
    text = confirm(PAGE, {**typed(order), **wrong})
    row = Withdrawal.objects.get()
    assert row.order is None
    assert row.ref in text
    assert "/r/rma" not in text
    assert row.ack["receipt_only"] is True


def test_misses_look_alike(order: Json) -> None:
    def shown(form: dict[str, str]) -> str:
        text = confirm(PAGE, form)
        row = Withdrawal.objects.latest("pk")
        for said in (row.ref, row.ref.lower(), row.content_sha256, row.contract, row.means):
            text = text.replace(said, "…")
        text = re.sub(r"received/[^/\"]*", "…", text)
        return re.sub(r"\d\d:\d\d:\d\d", "…", text)

    stranger = {"means": "stranger@example.com"}
    assert shown(typed(order, contract="ORDER-X", **stranger)) == shown(typed(order, **stranger))


@pytest.mark.parametrize("field", ["name", "contract", "means"])
def test_an_empty_field_is_asked_for_and_nothing_is_sent(order: Json, field: str) -> None:
    with unchanged():
        answer = Client().post(PAGE, {**typed(order), field: " ", "locale": "de"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words("eu", "de")[f"{field}_error"] in text
    assert 'value="A. Nowak"' in text or field == "name"


def test_items_in_words_wait_for_a_person(order: Json) -> None:
    confirm(PAGE, {**typed(order), "scope": "items", "items": "the red one"})
    row = Withdrawal.objects.get()
    assert (row.scope, row.rma) == (["the red one"], None)
    assert row.order is not None
    assert row.trouble


def test_by_the_link_of_a_return_two_clicks_are_enough(api: Api, order: Json) -> None:
    rma = ask(api, order, ("A", 1))
    page = Client().get(rma["portal_url"].partition("8000")[2]).content.decode()
    (link,) = re.findall(r'href="(/r/[^"]+/withdraw)"', page)
    text = Client().get(link).content.decode()
    form = dict(re.findall(r'name="(name|contract|means|submit|locale)"[^>]*value="([^"]*)"', text))
    form |= dict((name, value) for value, name in re.findall(r'value="([^"]*)"[^>]*name="(name|contract|means)"', text))
    assert form["contract"] == order["number"]
    confirm(link, dict(form))
    row = Withdrawal.objects.get()
    assert row.rma is not None
    assert row.rma.items.get().requested == 2
    assert row.left_out == ["Tee"]
    assert "Tee" in " ".join(row.ack["after"])


def test_a_line_can_be_ticked_where_the_order_is_proved(api: Api, order: Json) -> None:
    rma = ask(api, order, ("A", 1))
    link = rma["portal_url"].partition("8000")[2] + "/withdraw"
    confirm(link, {**typed(order), "scope": "items", "line": ["A", "Z"]})
    assert Withdrawal.objects.get().scope == [{"line": "A"}]


def test_a_wrong_link_is_no_page() -> None:
    for path in ("/r/rma22222222.x/withdraw", "/withdraw/received/wd-2222-2222-2222.x"):
        assert Client().get(path).status_code == 404


def test_the_file_needs_no_mail(order: Json) -> None:
    text = confirm(PAGE, typed(order))
    (link,) = re.findall(r'href="([^"]+acknowledgement\.pdf)"', text)
    answer = Client().get(link)
    assert answer.content.startswith(b"%PDF")
    assert answer.content == Client().get(link).content
    assert Withdrawal.objects.get().pdf_fetched_at is not None


def test_many_statements_to_one_address_wait_and_none_is_lost(order: Json) -> None:
    for number in range(7):
        confirm(PAGE, typed(order, contract=f"guess {number}", submit=str(number)))
    rows = list(Withdrawal.objects.order_by("pk"))
    assert [row.held_until is not None for row in rows] == [False] * 5 + [True] * 2
    assert rows[5].held_until < rows[6].held_until


def test_guessing_finds_nothing_after_a_while(order: Json) -> None:
    for number in range(20):
        confirm(PAGE, typed(order, contract=f"guess {number}", submit=str(number)))
    confirm(PAGE, typed(order, submit="right"))
    assert Withdrawal.objects.latest("pk").order is None
    assert Withdrawal.objects.count() == 21


def test_israel_has_its_own_words_number_and_fee(api: Api) -> None:
    order = place(api, currency="ILS", ship_to={"name": "N", "line1": "1", "city": "Haifa", "country": "IL",
                                                "time_zone": "Asia/Jerusalem"})  # fmt: skip
    text = confirm(CANCEL, {**typed(order), "locale": "he", "id_number": "123456782"})
    row = Withdrawal.objects.get()
    assert (row.law, row.channel, row.zone) == ("il", "il_link", "Asia/Jerusalem")
    assert "123456782" not in row.id_number
    assert "123456782" not in text
    assert "782" in " ".join(row.ack["lines"])
    assert "ללא דמי ביטול." in row.ack["after"]
    assert 'dir="rtl"' in text
    assert row.rma is not None
    way_on = Client().get(f"/r/{token_for(row.rma)}?lang=he").content.decode()
    here = row.rma.created_at.astimezone(ZoneInfo("Asia/Jerusalem"))
    assert len(re.findall(rf"<bdi>{here:%H:%M}</bdi>", way_on)) > 1
    assert f"<bdi>{row.rma.created_at:%H:%M}</bdi>" not in way_on
    assert f'<bdi class="text-nowrap">{row.ref}</bdi>' in text


def test_no_identity_number_is_taken_under_eu_law(order: Json) -> None:
    confirm(PAGE, {**typed(order), "id_number": "123456782"})
    assert Withdrawal.objects.get().id_number == ""


def test_a_refusal_can_be_contested(order: Json) -> None:
    confirm(PAGE, typed(order, contract="x"))
    row = Withdrawal.objects.get()
    answer_withdrawal(row, accepted=False, reasons="It was made to measure.", actor=SYSTEM_ACTOR)
    link = f"/withdraw/received/{receipt_token(row)}"
    assert "It was made to measure." in Client().get(link).content.decode()
    Client(enforce_csrf_checks=True).post(f"{link}/contest", {"text": "It was not."})
    row.refresh_from_db()
    assert row.decision["objection"] == "It was not."
    assert words("eu", "en")["contested"] in Client().get(link).content.decode()
    assert list(Withdrawal.objects.to_match()) == [row]
    with unchanged():
        assert Client().post(f"{link}/contest", {"text": "Again."}).status_code == 409
    assert "It was made to measure." in Client().get(link).content.decode()
    answered = answer_withdrawal(row, accepted=True, reasons="You are right.", actor=SYSTEM_ACTOR)
    assert answered.decision["objection"] == "It was not."
    assert Event.objects.filter(stream=row.stream, kind="withdrawal.decided").last().data["again"] is True
    assert not Withdrawal.objects.open().exists()


def test_mails_about_a_return_carry_the_function(api: Api, order: Json) -> None:
    ask(api, order, ("A", 1))
    dispatch_all()
    message = Message.objects.latest("pk")
    assert "Withdraw from contract here" in message.text
    assert re.search(r'href="[^"]+/withdraw"', message.html)


@pytest.mark.parametrize(("wanted", "shown"), [("de-AT,de;q=0.9,en;q=0.5", "de"), ("fr;q=0.8, pl;q=0.9", "pl"),
                                               ("ja", "en"), ("he", "en")])  # fmt: skip
def test_it_speaks_the_readers_language_though_the_portal_does_not(wanted: str, shown: str) -> None:
    text = Client().get(PAGE, headers={"Accept-Language": wanted}).content.decode()
    assert words("eu", shown).confirm in text
    assert re.search(rf'href="/withdraw" lang="{shown}"[^>]*>{words("eu", shown).function}</a>', text)


def test_the_language_chosen_before_comes_first() -> None:
    browser = Client(headers={"Accept-Language": "de"})
    browser.get("/?lang=pl")
    assert words("eu", "pl").confirm in browser.get(PAGE).content.decode()


def test_changing_the_language_keeps_the_number_of_the_address() -> None:
    text = Client().get(f"{PAGE}?contract=1001&lang=de").content.decode()
    assert '<input type="hidden" name="contract" value="1001">' in text
    assert 'value="1001"' in text.partition('name="means"')[0].partition("<h1")[2]


def test_a_watcher_may_ask_for_the_head_alone(order: Json) -> None:
    for path in (PAGE, CANCEL):
        assert Client().head(path).status_code == 200
    confirm(PAGE, typed(order))
    assert Client().head(f"/withdraw/received/{receipt_token(Withdrawal.objects.get())}").status_code == 200


@pytest.mark.parametrize(("page", "language"), [(PAGE, "en"), (PAGE, "de"), (CANCEL, "he")])
def test_the_other_ways_stand_beneath_the_button(page: str, language: str) -> None:
    Shop.objects.update(support_email="help@shop.example", support_phone="+48 22 1", address={"line1": "Prosta 1"})
    text = Client().get(f"{page}?lang={language}").content.decode()
    spoken = words("il" if page == CANCEL else "eu", language)
    after = text.partition("</form>\n")[2].partition("</section>")[0]
    assert spoken["other_ways"] in after
    for way in ("help@shop.example", "+48 22 1", "Prosta 1"):
        assert way in after


def test_some_of_a_line_can_be_withdrawn_from(api: Api, order: Json) -> None:
    rma = ask(api, order, ("A", 1))
    link = rma["portal_url"].partition("8000")[2] + "/withdraw"
    assert 'name="quantity-A"' in Client().get(link).content.decode()
    confirm(link, {**typed(order), "scope": "items", "line": ["A"], "quantity-A": "1"})
    row = Withdrawal.objects.get()
    assert row.scope == [{"line": "A", "quantity": 1}]
    assert row.rma is not None
    assert row.rma.items.get().requested == 1
    confirm(link, {**typed(order), "scope": "items", "line": ["A"], "quantity-A": "999", "submit": "two"})
    assert Withdrawal.objects.latest("pk").scope == [{"line": "A"}]


def test_the_way_on_says_label_only_where_there_is_one(api: Api, order: Json) -> None:
    text = confirm(PAGE, typed(order))
    assert words("eu", "en")["next"] in text
    lines = line("B", exclusions=["custom_made"])
    text = confirm(PAGE, typed(place(api, lines), submit="two"))
    assert words("eu", "en")["next"] not in text
    assert words("eu", "en")["follow"] in text


def test_the_same_from_two_windows_needs_no_person(order: Json) -> None:
    confirm(PAGE, typed(order))
    first = Withdrawal.objects.get()
    text = confirm(PAGE, typed(order, submit="two"))
    row = Withdrawal.objects.latest("pk")
    assert Return.objects.count() == 1
    assert (row.rma, row.decision["covered_by"], row.ack["receipt_only"]) == (None, first.ref, False)
    (said,) = row.ack["after"]
    assert first.ref in said
    assert "Tee" in said
    assert first.rma is not None
    assert f"/r/{first.rma.code.replace('-', '').lower()}" in text
    assert not Withdrawal.objects.to_decide().exists()
    assert Event.objects.get(stream=row.stream, kind="withdrawal.matched").data["covered_by"] == first.ref


def test_what_a_late_statement_holds_covers_nothing(api: Api) -> None:
    order = place(api, line("B", exclusions=["custom_made"]))
    for submit in ("one", "two"):
        confirm(PAGE, typed(order, submit=submit))
    assert Withdrawal.objects.to_decide().get().ack["receipt_only"] is True


def test_a_flood_delays_nobody_who_proves_an_order(order: Json) -> None:
    for number in range(150):
        answer = Client().post(PAGE, {"name": "Bot", "contract": f"x{number}", "means": f"b{number}@example.com",
                                      "submit": str(number)})  # fmt: skip
        assert answer.status_code == 302
    LookupAttempt.objects.update(count=10_000)
    text = confirm(PAGE, typed(order, submit="me"))
    row = Withdrawal.objects.latest("pk")
    assert (row.order, row.held_until, row.ack_state) == (None, None, "queued")
    assert row.ref in text
    assert order["number"] in row.trouble
    assert "This confirms receipt only." in text
    assert "/r/rma" not in text
    assert list(Withdrawal.objects.likely()) == [row]
    dispatch_all()
    assert Message.objects.get(recipient=order["customer"]["email"]).next_attempt_at <= timezone.now()


def test_by_a_link_of_ones_own_a_flood_is_not_felt_at_all(api: Api, order: Json) -> None:
    link = ask(api, order, ("A", 1))["portal_url"].partition("8000")[2] + "/withdraw"
    count_statement("bot@example.com", "127.0.0.1")
    LookupAttempt.objects.update(count=10_000)
    confirm(link, typed(order))
    row = Withdrawal.objects.get()
    assert row.rma is not None
    assert row.held_until is None


def test_statements_that_prove_nothing_are_mailed_ever_more_slowly(order: Json) -> None:
    now = timezone.now().replace(minute=10)
    for number in range(600):
        assert not count_statement(f"b{number}@example.com", f"10.0.{number % 99}.1", now=now)
    assert count_statement("x@example.com", "10.9.9.9", now=now) == timedelta(seconds=6)
    LookupAttempt.objects.update(count=10_000)
    assert count_statement("x@example.com", "10.9.9.9", now=now) == timedelta(hours=24)
    assert not count_statement("x@example.com", "10.9.9.9", proved=Order.objects.get(), now=now)
    assert not count_statement("x@example.com", "10.9.9.9", now=now + timedelta(hours=1))


def test_one_order_cannot_be_used_to_bury_its_holder_in_mails(order: Json) -> None:
    for number in range(7):
        confirm(PAGE, typed(order, submit=str(number)))
    assert [row.held_until is not None for row in Withdrawal.objects.order_by("pk")] == [False] * 5 + [True] * 2


@pytest.mark.parametrize("broken", [(withdraw, "find_candidate"), (withdraw, "guessed_too_often"),
                                    (receive, "apply_outcome"), (receive, "happenings")])  # fmt: skip
def test_whatever_breaks_with_us_the_statement_is_there(
    order: Json, monkeypatch: pytest.MonkeyPatch, broken: tuple[object, str]
) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no idea")

    monkeypatch.setattr(*broken, fails)
    text = confirm(PAGE, typed(order))
    row = Withdrawal.objects.get()
    assert row.ref in text
    assert (row.order, row.ack["receipt_only"], row.ack_state) == (None, True, "queued")
    assert Return.objects.count() == 0
    assert proof_of(row)["whole"] is True


def test_error_pages_lead_there_and_need_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise OperationalError("the database is away")

    refused = Client(enforce_csrf_checks=True).post("/", {"order": "x"})
    monkeypatch.setattr(withdraw, "shop_here", fails)
    broken = Client(raise_request_exception=False).get(PAGE)
    for answer, status in ((refused, 403), (broken, 500)):
        assert answer.status_code == status
        text = answer.content.decode()
        assert 'href="/withdraw"' in text
        assert 'href="/cancel-transaction"' in text


def test_a_limit_that_cannot_be_counted_loses_nothing(order: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise OperationalError("the disk is full")

    monkeypatch.setattr(receive, "count_statement", broken)
    confirm(PAGE, typed(order))
    assert Withdrawal.objects.get().held_until is None


def test_mails_without_a_return_carry_it_too(api: Api, order: Json) -> None:
    api.post(f"/orders/{order['id']}/goodwill", {"target": "order", "amount": "8.00", "reason": "Late"}).made()
    api.post("/store-credits", {"amount": "5.00", "currency": "PLN", "reason": "Thanks", "email": "a@b.example"}).made()
    dispatch_all()
    gift, credit = Message.objects.order_by("kind")
    assert f"/withdraw?contract={order['number']}\n" in gift.text
    assert re.search(rf'href="[^"]+/withdraw\?contract={order["number"]}"', gift.html)
    assert "/withdraw\n" in credit.text
    Order.objects.update(country="IL")
    api.post(f"/orders/{order['id']}/goodwill", {"target": "order", "amount": "1.00", "reason": "Late"}).made()
    dispatch_all()
    assert "ביטול עסקה:" in Message.objects.latest("pk").text
