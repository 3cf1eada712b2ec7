"""The desk's pages of messages: what staff see, what the mail may do there, and sending again."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from customers.models import Shop, ShopMembership
from notifications.models import Message
from tests.notifications import story

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    person = User.objects.create_user(f"{role}@shop.test", "a long enough password")
    person.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def message() -> Message:
    story.a_request()
    story.dispatch()
    Message.objects.update(state="sent")
    return Message.objects.get(kind="label.issued")


def test_the_list_shows_the_newest_first_and_can_be_narrowed(message: Message) -> None:
    other = story.a_request("pl")
    story.dispatch()
    desk = signed_in("agent")
    page = desk.get("/desk/messages/")
    assert page.status_code == 200
    assert [row.pk for row in page.context["rows"]] == list(
        Message.objects.order_by("-pk").values_list("pk", flat=True)
    )
    waiting = desk.get("/desk/messages/?state=queued").context["rows"]
    assert {row.rma_id for row in waiting} == {other.pk}
    mine = desk.get(f"/desk/messages/?return={other.code.lower()}").context["rows"]
    assert {row.rma_id for row in mine} == {other.pk}
    assert desk.get("/desk/messages/?before=x&after=-1&state=odd").status_code == 200


def test_older_and_newer_pages_meet(message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.views.desk.PAGE", 1)
    story.a_request("pl")
    story.dispatch()
    desk = signed_in("agent")
    first = desk.get("/desk/messages/")
    assert first.context["previous_url"] == ""
    second = desk.get(f"/desk/messages/{first.context['next_url']}")
    back = desk.get(f"/desk/messages/{second.context['previous_url']}")
    assert [row.pk for row in back.context["rows"]] == [row.pk for row in first.context["rows"]]


def test_one_message_shows_what_was_written(message: Message) -> None:
    page = signed_in("agent").get(f"/desk/messages/{message.pk}/")
    assert message.subject in page.content.decode()
    assert page.context["html_url"] == f"/desk/messages/{message.pk}/html"
    assert page.context["attachments"][0]["url"].endswith("/label.pdf")


def test_the_mails_html_may_neither_run_nor_fetch_nor_be_framed(message: Message) -> None:
    page = signed_in("agent").get(f"/desk/messages/{message.pk}/html")
    assert page.content.decode() == message.html
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert policy.startswith("sandbox;")
    assert "script-src" not in policy


def test_sending_again_queues_it(message: Message) -> None:
    desk = signed_in("agent")
    answer = desk.post(f"/desk/messages/{message.pk}/resend")
    assert answer.status_code == 302
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 0)
    again = desk.post(f"/desk/messages/{message.pk}/resend")
    assert again.status_code == 409
    assert "already on its way" in again.content.decode()


def test_who_may_only_read_may_not_send(message: Message) -> None:
    desk = signed_in("warehouse")
    assert desk.get(f"/desk/messages/{message.pk}/").status_code == 200
    assert desk.post(f"/desk/messages/{message.pk}/resend").status_code == 403
    message.refresh_from_db()
    assert message.state == "sent"


def test_strangers_are_asked_to_sign_in_and_other_shops_find_nothing(message: Message) -> None:
    for path in ("", f"{message.pk}/", f"{message.pk}/html"):
        assert Client().get(f"/desk/messages/{path}").status_code == 302
    assert Client().post(f"/desk/messages/{message.pk}/resend").status_code == 302
    desk = signed_in("agent")
    elsewhere = Shop.objects.create(code="elsewhere", name="Elsewhere")
    ShopMembership.objects.create(user=User.objects.get(email="agent@shop.test"), shop=elsewhere)
    assert desk.get("/desk/messages/").context["rows"] == []
    for path in (f"{message.pk}/", f"{message.pk}/html"):
        assert desk.get(f"/desk/messages/{path}").status_code == 404
    assert desk.post(f"/desk/messages/{message.pk}/resend").status_code == 404
    assert desk.get(f"/desk/messages/?return={message.rma.code if message.rma else ''}").context["rows"] == []
