"""The agents' door as a browser uses it: every page with the whole story, every command, every refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from accounts.models import User
from customers.models import Channel, Order, Shop, ShopMembership
from inspections.actions import park_parcel
from inspections.models import Receipt
from returns.actions.remarks import store_photo
from returns.models import Event, Note, Return, Shipment
from returns.models.rma import Status
from returns.photos.reencode import CleanPhoto
from tests.notifications import story

pytestmark = pytest.mark.django_db
Staff = Callable[[str], Client]
LANGUAGES = ("en", "he", "pl")
SUBMIT = re.compile(r'name="submit" value="([0-9a-f]{32})"')


@pytest.fixture
def agent(staff: Staff) -> Client:
    """An agent's browser."""
    return staff("agent")


@pytest.fixture
def manager(staff: Staff) -> Client:
    """A manager's browser."""
    return staff("manager")


def page_of(rma: Return, name: str = "return") -> str:
    return reverse(f"desk:{name}", args=[rma.code])


def press(browser: Client, rma: Return, name: str, **given: Any) -> Any:
    """Open the return, then press a button of its page."""
    shown = browser.get(page_of(rma)).content.decode()
    found = SUBMIT.search(shown)
    assert found
    return browser.post(page_of(rma, name), {"submit": found[1], **given})


def kinds(rma: Return) -> list[str]:
    return list(rma.events.order_by("seq").values_list("kind", flat=True))


def units(rma: Return, quantity: int | str = 1) -> dict[str, Any]:
    return {f"quantity-{item.uid}": quantity for item in rma.items.all()}


def full_story(locale: str = "en") -> Return:
    """From the request to the money, with a note, a comment, a scan and every mail."""
    story.publish(decision="review")
    rma = story.a_request(locale)
    story.actions.authorize_return(rma, actor=story.AGENT)
    story.dispatch()
    story.actions.add_note(rma, "Called twice", actor=story.AGENT)
    story.actions.add_note(rma, "We look at it", actor=story.AGENT, visible_to_customer=True)
    story.scanned(rma)
    story.received(rma)
    story.inspected(rma)
    rma = story.refunded(story.fresh(rma))
    story.dispatch()
    return rma


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_return_shows_its_whole_story(agent: Client, language: str) -> None:
    rma = full_story(language)
    answer = agent.get(page_of(rma), {"lang": language})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert f'lang="{language}"' in shown
    for words in (rma.code, rma.order.number, "Called twice", "We look at it", "Left cuff, 3 cm oil stain", "Dublin"):
        assert words in shown
    assert shown.count("Stain on left cuff") == 1
    assert rma.status == Status.RESOLVED
    assert "169" in shown
    assert rma.shipments.get().tracking_number in shown
    assert rma.messages.exists()
    for message in rma.messages.all():
        assert reverse("desk:message", args=[message.pk]) in shown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "name", ["queue", "search", "new-return", "payments", "unidentified", "parked-events", "outbox"]
)
def test_every_list_renders_with_and_without_rows(manager: Client, language: str, name: str) -> None:
    empty = manager.get(reverse(f"desk:{name}"), {"lang": language})
    full_story(language)
    park_parcel(actor=story.AGENT, note="Aoife, jacket")
    full = manager.get(reverse(f"desk:{name}"))
    assert (empty.status_code, full.status_code) == (200, 200)
    assert f'lang="{language}"' in full.content.decode()


def test_the_queue_has_a_tab_for_each_thing_to_do(agent: Client) -> None:
    story.publish(decision="review")
    waits = story.a_request()
    sent = story.a_request()
    story.actions.authorize_return(sent, actor=story.AGENT)
    here = story.a_request()
    story.actions.authorize_return(here, actor=story.AGENT)
    story.received(here)
    looked = story.a_request()
    story.actions.authorize_return(looked, actor=story.AGENT)
    story.inspected(story.received(looked))
    Return.objects.filter(pk=sent.pk).update(refund_due_on=timezone.localdate() - timedelta(days=1))
    expected = {
        "decide": {waits},
        "waiting": {sent},
        "inspect": {here},
        "reimburse": {looked},
        "late": {sent},
        "open": {waits, sent, here, looked},
    }
    for tab, rows in expected.items():
        answer = agent.get(reverse("desk:queue"), {"tab": tab})
        assert {row["code"] for row in answer.context["rows"]} == {rma.code for rma in rows}, tab
        assert next(one["count"] for one in answer.context["tabs"] if one["code"] == tab) == str(len(rows))
    assert agent.get(reverse("desk:queue"), {"tab": "open"}).context["rows"][0]["code"] == sent.code


def test_the_queue_says_why_a_person_is_needed(agent: Client) -> None:
    story.publish(decision="review")
    story.a_request()
    row = agent.get(reverse("desk:queue")).context["rows"][0]
    assert row["why"]
    assert row["items"] == "Harbour waxed jacket, Trail bottle 750 ml"


def test_pages_go_by_the_last_row_and_back(agent: Client) -> None:
    story.publish(decision="review")
    rows = [story.a_request() for _ in range(30)]
    Return.objects.filter(pk__in=[rma.pk for rma in rows[::3]]).update(refund_due_on=None)
    first = agent.get(reverse("desk:queue"))
    second = agent.get(reverse("desk:queue") + first.context["next_url"])
    codes = [row["code"] for row in (*first.context["rows"], *second.context["rows"])]
    assert len(codes) == len(set(codes)) == 30
    assert second.context["next_url"] == ""
    back = agent.get(reverse("desk:queue") + second.context["previous_url"])
    assert [row["code"] for row in back.context["rows"]] == codes[:25]
    listed = agent.get(reverse("desk:search"))
    older = agent.get(reverse("desk:search") + listed.context["next_url"])
    assert len({row["code"] for row in (*listed.context["rows"], *older.context["rows"])}) == 30


def test_a_page_address_that_is_nonsense_is_the_first_page(agent: Client) -> None:
    for text in ("x", "2026-99-99_4", "none_", "none_x", "-1", "9" * 40, "٣"):
        assert agent.get(reverse("desk:queue"), {"before": text}).status_code == 200
        assert agent.get(reverse("desk:search"), {"before": text, "after": text}).status_code == 200


def statements(browser: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert browser.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize("tab", ["decide", "open", "late"])
def test_the_queue_costs_the_same_for_any_number_of_rows(agent: Client, tab: str) -> None:
    story.publish(decision="review")
    for _ in range(5):
        story.a_request()
    url = reverse("desk:queue") + f"?tab={tab}"
    few = statements(agent, url)
    for _ in range(45):
        story.a_request()
    assert statements(agent, url) == few <= 8
    assert statements(agent, reverse("desk:search")) <= 8


@pytest.mark.parametrize(
    "find",
    ["{code}", "{bare}", "{number}", "{email}", "aoife byr", "trail", "{tracking}"],
)
def test_search_finds_by_anything_a_person_types(agent: Client, find: str) -> None:
    rma = story.a_request()
    story.dispatch()
    other = story.a_request("pl")
    tracking = rma.shipments.get().tracking_number
    text = find.format(
        code=rma.code.lower(), bare=rma.code.replace("-", ""), number=rma.order.number, email=rma.order.email,
        tracking=tracking,
    )  # fmt: skip
    answer = agent.get(reverse("desk:search"), {"q": text}, follow=True)
    shown = answer.content.decode()
    assert rma.code in shown
    if find != "trail":
        assert other.code not in shown


def test_a_bare_code_opens_its_return(agent: Client) -> None:
    rma = story.a_request()
    assert agent.get(reverse("desk:search"), {"q": f" {rma.code.lower()} "}).url == page_of(rma)


def test_authorize_and_decline_by_button(agent: Client) -> None:
    story.publish(decision="review")
    yes, no = story.a_request(), story.a_request()
    answer = press(agent, yes, "authorize")
    assert (answer.status_code, answer.url) == (302, page_of(yes))
    assert story.fresh(yes).status == Status.AUTHORIZED
    press(agent, no, "decline", asked=1, reason="worn", message="It was worn. You can still ask for a repair.")
    no = story.fresh(no)
    assert (no.status, no.decline_reason) == (Status.DECLINED, "worn")
    press(agent, no, "reopen")
    assert story.fresh(no).status == Status.REQUESTED


def test_authorize_fewer_units(agent: Client) -> None:
    story.publish(decision="review")
    rma = story.a_request()
    jacket, bottle = rma.items.order_by("pk")
    press(agent, rma, "authorize", asked=1, **{f"quantity-{jacket.uid}": 1, f"quantity-{bottle.uid}": 0})
    assert list(rma.items.order_by("pk").values_list("authorized", flat=True)) == [1, 0]


def test_against_the_policy_needs_a_reason(agent: Client) -> None:
    story.publish(decision="decline")
    firm = {"email": "buyer@firm.example", "name": "Firm Ltd", "kind": "business"}
    rma = story.a_request(wishes=[story.actions.Wish("J", 1, "change_of_mind")], customer=firm)
    assert rma.status == Status.DECLINED
    press(agent, rma, "reopen")
    before = kinds(rma)
    refused = press(agent, rma, "authorize", asked=1, **units(rma))
    assert refused.status_code == 422
    assert kinds(rma) == before
    assert "cb-say-bad" in refused.content.decode()
    press(agent, rma, "authorize", asked=1, reason="Loyal for years", **units(rma))
    assert story.fresh(rma).status == Status.AUTHORIZED
    assert "Loyal for years" in agent.get(page_of(rma)).content.decode()


def test_shipping_commands(agent: Client) -> None:
    story.publish()
    rma = story.a_request()
    press(agent, rma, "label", asked=1, parcels=2)
    shipment = rma.shipments.get()
    assert shipment.labels.count() == 2
    for kind, start in (("pdf", b"%PDF"), ("zpl", b"^XA"), ("png", b"\x89PNG")):
        answer = agent.get(reverse(f"desk:label-{kind}", args=[shipment.uid]))
        assert answer.status_code == 200
        assert answer.content.startswith(start)
    shown = agent.get(page_of(rma)).content.decode()
    submit = SUBMIT.search(shown)
    assert submit
    agent.post(reverse("desk:void", args=[shipment.uid]), {"submit": submit[1]})
    assert Shipment.objects.get(pk=shipment.pk).state == Shipment.State.VOIDED
    press(agent, rma, "own-shipment", asked=1, carrier="An Post", tracking_number="CE418", cost="4.50")
    own = rma.shipments.get(by_customer=True)
    assert (own.carrier, own.cost) == ("An Post", 450)
    assert story.fresh(rma).status == Status.IN_TRANSIT
    press(agent, rma, "lost", asked=1, reason="search closed", pay="on", **units(rma))
    assert [item.waived for item in rma.items.all()] == [1, 1]


def test_what_never_came_and_closing(agent: Client) -> None:
    story.publish()
    rma = story.received(story.a_request(), "J")
    press(agent, rma, "close-short", asked=1)
    assert story.fresh(rma).status == Status.RECEIVED
    press(agent, rma, "close", asked=1, reason="customer gave up")
    rma = story.fresh(rma)
    assert rma.status == Status.RESOLVED
    assert "customer gave up" in agent.get(page_of(rma)).content.decode()


def test_cancel_by_the_customers_wish(agent: Client) -> None:
    rma = story.a_request()
    press(agent, rma, "cancel", asked=1, by_customer="on")
    assert story.fresh(rma).status == Status.CANCELLED
    assert rma.events.get(kind="return.cancelled").data["by"] == "customer"


def test_notes_stay_inside_and_comments_go_out(agent: Client) -> None:
    rma = story.a_request()
    press(agent, rma, "note", text="ask the bench")
    press(agent, rma, "comment", text="It is on its way")
    assert list(Note.objects.order_by("pk").values_list("text", "visible_to_customer")) == [
        ("ask the bench", False),
        ("It is on its way", True),
    ]
    empty = press(agent, rma, "note", text=" ")
    assert empty.status_code == 422
    assert Note.objects.count() == 2


REFUSALS: dict[str, dict[str, Any]] = {
    "authorize": {},
    "decline": {"asked": 1, "reason": "Not ours at all", "message": "Typed with care"},
    "cancel": {"asked": 1},
    "label": {"asked": 1, "parcels": 3},
    "own-shipment": {"asked": 1, "carrier": "Typed with care"},
    "lost": {"asked": 1, "reason": "Typed with care"},
    "close-short": {"asked": 1},
    "close": {"asked": 1, "reason": "Typed with care"},
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_changes_nothing_and_loses_nothing(agent: Client, name: str) -> None:
    rma = full_story()
    before, state = kinds(rma), list(Return.objects.filter(pk=rma.pk).values())
    answer = press(agent, rma, name, **REFUSALS[name])
    shown = answer.content.decode()
    assert answer.status_code in (409, 422)
    assert 'role="alert"' in shown
    for typed in REFUSALS[name].values():
        if isinstance(typed, str):
            assert typed in shown
    assert kinds(rma) == before
    assert list(Return.objects.filter(pk=rma.pk).values()) == state


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("decline", {"reason": "", "message": "Only this"}),
        ("label", {"parcels": "many"}),
        ("own-shipment", {"carrier": "DHL", "cost": "1.234"}),
        ("lost", {"reason": ""}),
    ],
)
def test_bad_input_is_shown_at_its_field(agent: Client, name: str, given: dict[str, Any]) -> None:
    story.publish(decision="review")
    rma = story.a_request()
    if name != "decline":
        story.actions.authorize_return(rma, actor=story.AGENT)
    before = kinds(rma)
    answer = press(agent, rma, name, asked=1, **given)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "cb-error" in shown
    assert all(typed in shown for typed in given.values())
    assert kinds(rma) == before


def test_too_many_units_are_refused(agent: Client) -> None:
    story.publish(decision="review")
    rma = story.a_request()
    before = kinds(rma)
    assert press(agent, rma, "authorize", asked=1, **units(rma, 2)).status_code == 422
    assert press(agent, rma, "authorize", asked=1, **units(rma, "x")).status_code == 422
    assert kinds(rma) == before


def test_the_same_submit_twice_is_done_once(agent: Client) -> None:
    rma = story.a_request()
    submit = SUBMIT.search(agent.get(page_of(rma)).content.decode())
    assert submit
    given = {"submit": submit[1], "text": "once"}
    first, second = agent.post(page_of(rma, "note"), given), agent.post(page_of(rma, "note"), given)
    assert first.status_code == second.status_code == 302
    assert Note.objects.count() == 1
    other = agent.post(page_of(rma, "note"), given | {"text": "another"})
    assert other.status_code == 422
    assert "another" in other.content.decode()
    assert Note.objects.count() == 1


def test_a_form_without_its_number_is_refused(agent: Client) -> None:
    rma = story.a_request()
    assert agent.post(page_of(rma, "note"), {"text": "bare"}).status_code == 422
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    ("reach", "offered"),
    [
        ("requested", {"authorize", "authorize-some", "decline", "cancel"}),
        ("authorized", {"label", "own-shipment", "lost", "close-short", "cancel", "close", "keep", "reduce"}),
        ("partly", {"label", "own-shipment", "lost", "close-short", "close", "keep", "reduce"}),
        ("received", {"close"}),
        ("inspected", {"close", "reimburse"}),
        ("paying", set()),
        ("resolved", {"reopen"}),
        ("declined", {"reopen"}),
        ("cancelled", {"reopen"}),
    ],
)
def test_only_what_is_possible_is_offered(agent: Client, reach: str, offered: set[str]) -> None:
    rma = at(reach)
    acts = agent.get(page_of(rma)).context["acts"]
    assert {act["name"] for act in acts} == offered | {"goodwill"}  # that is possible at any time
    assert all(str(act["note"]) for act in acts)


def at(reach: str) -> Return:
    """The mockups' return as far as named."""
    story.publish(decision="review")
    rma = story.a_request()
    if reach == "declined":
        return story.actions.decline_return(rma, reason="worn", message="It was worn.", actor=story.AGENT)
    if reach == "cancelled":
        return story.actions.cancel_return(rma, actor=story.AGENT)
    steps: list[tuple[str, Callable[[Return], Any]]] = [
        ("requested", lambda r: r),
        ("authorized", lambda r: story.actions.authorize_return(r, actor=story.AGENT)),
        ("partly", lambda r: story.received(r, "J")),
        ("received", lambda r: story.received(r)),
        ("inspected", lambda r: story.inspected(r)),
        ("paying", lambda r: story.refunded(r, "refund.started")),
        ("resolved", lambda r: [story.mark_paid(x, actor=story.AGENT) for x in r.reimbursements.get().refunds.all()]),
    ]
    for name, step in steps:
        step(story.fresh(rma))
        if name == reach:
            break
    return story.fresh(rma)


def test_somebody_who_may_work_the_dock_gets_there_from_here(manager: Client) -> None:
    story.publish()
    rma = story.a_request()
    assert "warehouse:receive" in {act["name"] for act in manager.get(page_of(rma)).context["acts"]}
    rma = story.received(rma)
    assert manager.get(page_of(rma)).context["acts"][0]["name"] == "warehouse:inspect"


def test_several_at_once(agent: Client) -> None:
    story.publish(decision="review")
    rows = [story.a_request() for _ in range(3)]
    story.actions.authorize_return(rows[2], actor=story.AGENT)
    submit = SUBMIT.search(agent.get(reverse("desk:queue")).content.decode())
    assert submit
    given = {"submit": submit[1], "code": [rma.code for rma in rows], "next": reverse("desk:queue")}
    answer = agent.post(reverse("desk:authorize-chosen"), given, follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert any("2 returns authorized" in text for text in said)
    assert any(rows[2].code in text for text in said)
    assert [story.fresh(rma).status for rma in rows] == [Status.AUTHORIZED] * 3
    away = agent.post(reverse("desk:authorize-chosen"), {"submit": "a" * 32, "next": "https://evil.example/"})
    assert away.url == reverse("desk:queue")


def test_a_return_by_phone(agent: Client) -> None:
    order = story.an_order()
    for text in (order.number, order.email.upper()):
        found = agent.get(reverse("desk:new-return"), {"find": text})
        assert [row.pk for row in found.context["orders"]] == [order.pk]
    url = reverse("desk:new-return")
    shown = agent.get(url, {"order": str(order.uid)}).content.decode()
    submit = SUBMIT.search(shown)
    assert submit
    given = {"submit": submit[1], "order": str(order.uid), "resolution": "refund", "method": "", "quantity-J": "1"}
    refused = agent.post(url, given | {"comment-J": "Typed with care", "reason-J": ""})
    assert refused.status_code == 422
    assert "Typed with care" in refused.content.decode()
    assert not Return.objects.exists()
    made = agent.post(url, given | {"reason-J": "too_small", "quantity-B": "0"})
    rma = Return.objects.get()
    assert made.url == page_of(rma)
    assert (rma.requested_by, rma.items.get().reason) == ("staff", "too_small")
    assert agent.post(url, given | {"reason-J": "too_small", "quantity-B": "0"}).url == page_of(rma)
    again = agent.post(url, given | {"reason-J": "too_small", "submit": "b" * 32})
    assert again.status_code == 422
    assert rma.code in agent.get(url, {"order": str(order.uid)}).content.decode()
    assert Return.objects.count() == 1


def test_parked_events_are_tried_again_by_who_may(staff: Staff, agent: Client) -> None:
    rma = story.a_request()
    event = rma.events.first()
    assert event
    Event.objects.filter(pk=event.pk).update(parked_at=timezone.now(), attempts=8, last_error="Boom: no carrier")
    shown = agent.get(reverse("desk:parked-events")).content.decode()
    assert "Boom: no carrier" in shown
    assert SUBMIT.search(shown) is None
    assert "Parked events" in agent.get(page_of(rma)).context["wait"]
    url = reverse("desk:retry-event", args=[event.pk])
    assert agent.post(url, {"submit": "c" * 32}).status_code == 403
    manager = staff("manager")
    assert manager.post(url, {"submit": "c" * 32}).status_code == 302
    event.refresh_from_db()
    assert (event.parked_at, event.attempts) == (None, 0)
    assert manager.post(url, {"submit": "d" * 32}).status_code == 404


def test_a_parcel_without_a_name_finds_its_return(manager: Client, agent: Client) -> None:
    story.publish()
    rma = story.a_request()
    receipt = park_parcel(actor=story.AGENT, note=f"order {rma.order.number}, jacket")
    url = reverse("desk:parcel", args=[receipt.uid])
    shown = manager.get(url)
    assert [row["code"] for row in shown.context["candidates"]] == [rma.code]
    assert manager.get(url, {"rma": "RMA-0000-0000"}).status_code == 404
    chosen = manager.get(url, {"rma": rma.code}).content.decode()
    submit = SUBMIT.search(chosen)
    assert submit
    counts = {str(item.uid): 1 for item in rma.items.all()}
    match = reverse("desk:match", args=[receipt.uid])
    assert agent.get(url).status_code == 200
    assert agent.post(match, {"submit": submit[1], "rma": rma.code, **counts}).status_code == 403
    assert manager.post(match, {"submit": submit[1], "rma": rma.code}).status_code == 422
    assert manager.post(match, {"submit": submit[1], "rma": rma.code, **counts}).url == page_of(rma)
    assert Receipt.objects.get().rma_id == rma.pk
    assert story.fresh(rma).status == Status.RECEIVED
    assert manager.get(url).status_code == 404


def scoped(role: Client, code: str) -> None:
    """Bind the browser's person to one shop."""
    person = User.objects.get(pk=role.session["_auth_user_id"])
    ShopMembership.objects.create(user=person, shop=Shop.objects.get(code=code))


def test_another_shops_return_is_not_there(agent: Client) -> None:
    rma = full_story()
    other = Shop.objects.create(code="other", name="Other")
    Channel.objects.create(shop=other, code="other")
    Event.objects.filter(rma=rma).update(parked_at=timezone.now())
    scoped(agent, "other")
    shipment, refund = rma.shipments.get(), rma.reimbursements.get().refunds.get()
    urls = [page_of(rma), page_of(rma, "reimburse"), reverse("desk:label-pdf", args=[shipment.uid])]
    assert [agent.get(url).status_code for url in urls] == [404] * 3
    posts = [page_of(rma, name) for name in (*REFUSALS, "reopen", "note", "comment")]
    posts += [reverse("desk:void", args=[shipment.uid]), reverse("desk:mark-paid", args=[refund.uid])]
    before = kinds(rma)
    assert {agent.post(url, {"submit": "e" * 32, "text": "x"}).status_code for url in posts} == {404}
    assert kinds(rma) == before
    for name in ("queue", "search", "payments", "parked-events", "outbox"):
        assert rma.code not in agent.get(reverse(f"desk:{name}")).content.decode(), name
    new = reverse("desk:new-return")
    assert agent.get(new, {"order": str(rma.order.uid)}).status_code == 404
    assert not agent.get(new, {"find": rma.order.number}).context["orders"]
    assert Order.objects.get().uid == rma.order.uid


SAMPLES = {"code": "RMA-2345-6789", "uid": "8f1f7a5e-63f2-4a4e-9a54-2b1f2a1d1f11", "pk": 1}


def desk_urls() -> list[tuple[str, Any]]:
    """Every pattern of the desk with its view."""
    desk = next(one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == "desk")
    return [(str(one.name), one.callback) for one in desk.url_patterns]


def address(name: str) -> str:
    for args in ([], [SAMPLES["code"]], [SAMPLES["uid"]], [SAMPLES["pk"]]):
        try:
            return reverse(f"desk:{name}", args=args)
        except NoReverseMatch:
            continue
    raise AssertionError(name)


# what the warehouse's people may look at; all else of the desk is closed to them
FOR_WAREHOUSE = {
    "queue", "search", "return", "label-pdf", "label-zpl", "label-png", "unidentified", "parcel", "match",
    "parked-events", "outbox", "message", "message_html", "message-letter", "order", "exchanges", "exchange-ship",
    "withdrawals", "withdrawal", "acknowledgement", "withdrawal-proof", "withdrawal-proof-pdf",
}  # fmt: skip


@pytest.mark.parametrize(("name", "view"), desk_urls(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_door_of_the_desk_is_guarded(staff: Staff, name: str, view: Any) -> None:
    assert view.grant
    url = address(name)
    method = "get" if "GET" in view.methods else "post"
    nobody = getattr(Client(), method)(url)
    assert nobody.status_code == 302
    assert nobody.url.startswith(reverse("account_login"))
    warehouse = getattr(staff("warehouse"), method)(url).status_code
    assert (warehouse != 403) == (name in FOR_WAREHOUSE)
    assert getattr(staff("integrator"), method)(url).status_code != 500
    if "POST" not in view.methods:
        assert staff("admin").post(url).status_code == 405


def test_a_person_without_a_role_is_let_in_nowhere() -> None:
    person = User.objects.create_user("nobody@example.com", "correct horse")
    browser = Client()
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    for name, view in desk_urls():
        method = "get" if "GET" in view.methods else "post"
        assert getattr(browser, method)(address(name)).status_code == 403, name


def test_photos_of_no_item_are_not_lost(agent: Client) -> None:
    rma = story.a_request()
    clean = CleanPhoto(b"jpeg", b"small", 8, 8, "0" * 64)
    photo = store_photo(clean, kind="customer", actor=story.CUSTOMER, caption="The whole parcel")
    photo.rma = rma
    photo.save(update_fields=["rma"])
    assert "The whole parcel" in agent.get(page_of(rma)).content.decode()


def test_other_returns_of_a_customer_are_in_sight(agent: Client) -> None:
    first = story.a_request()
    second = story.a_request()
    assert first.customer_id == second.customer_id
    shown = agent.get(page_of(second))
    assert [row.code for row in shown.context["customer"]["recent"]] == [first.code]


def test_a_page_costs_the_same_for_a_long_story(agent: Client) -> None:
    story.publish(decision="review")
    short = story.a_request()
    agent.get(page_of(short))
    few = statements(agent, page_of(short))
    for _ in range(4):
        story.actions.add_note(short, "again", actor=story.AGENT)
        story.a_request()
    assert statements(agent, page_of(short)) == few


def test_the_house_itself_is_named_as_the_actor(agent: Client) -> None:
    rma = story.a_request()
    story.actions.add_note(rma, "by the clock", actor=SYSTEM_ACTOR)
    story.dispatch()
    assert "Comeback" in agent.get(page_of(rma)).content.decode()
