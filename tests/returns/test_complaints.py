"""A Polish complaint: the day of its answer on the desk, mails before it, and silence that counts as acceptance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from pypdf import PdfReader

from notifications.actions.sending import outgoing
from notifications.models import Message
from returns import outbox
from returns.actions.complaints import accept_unanswered, warn_of_answers
from returns.models import Event, Return
from returns.policy.law import book
from returns.policy.law.calendars import rolled
from tests.builders import Api, Json, ask, command, place, read, receive, review
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
WARSAW = ZoneInfo("Europe/Warsaw")
BERLIN: Json = {"line1": "Gasse 1", "city": "Berlin", "postal_code": "10115", "country": "DE",
                "time_zone": "Europe/Berlin", "region": "BE"}  # fmt: skip


def today() -> date:
    return datetime.now(WARSAW).date()


def complaint(api: Api, **changes: Any) -> Json:
    """A complaint about a faulty tee that waits for a person."""
    review(api)
    return ask(api, place(api, **changes), ("A", 1, "defective"))


def row(rma: Json) -> Return:
    return Return.objects.get(code=rma["rma"])


def end_of(day: date) -> datetime:
    """The first moment after a day in Warsaw."""
    return datetime.combine(day + timedelta(days=1), time.min, WARSAW).astimezone(UTC)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def last_day() -> date:
    """Fourteen days from today, rolled on."""
    return rolled(today() + timedelta(days=14), book().calendars["PL"], "PL")


def test_fourteen_days_from_the_complaint_and_a_second_date_by_law(api: Api) -> None:
    rma = complaint(api)
    assert rma["answer_due"] == {
        "operational": (today() + timedelta(days=14)).isoformat(), "latest": last_day().isoformat(), "answered": False,
    }  # fmt: skip
    command(api, rma, "authorize")
    assert read(api, rma)["answer_due"]["answered"] is True


def test_only_a_polish_complaint_that_waits_has_such_a_day(api: Api, order: Json) -> None:
    assert ask(api, order, ("A", 1, "defective"))["answer_due"] is None  # the policy said yes at once
    review(api)
    assert ask(api, place(api), ("A", 1, "too_small"))["answer_due"] is None
    assert ask(api, place(api, ship_to=BERLIN), ("A", 1, "defective"))["answer_due"] is None


def test_the_clock_is_on_the_desk(api: Api, staff: Callable[[str], Client]) -> None:
    agent = staff("agent")
    assert "Complaints to answer" not in agent.get("/desk/").content.decode()
    rma = complaint(api)
    for page in ("/desk/?tab=answer", f"/desk/returns/{rma['rma']}/"):
        text = agent.get(page).content.decode()
        assert rma["rma"] in text
        assert "the complaint counts as accepted" in text
    assert rma["rma"] not in agent.get("/desk/?tab=late").content.decode()
    Return.objects.update(answer_due_on=today() - timedelta(days=1))
    assert rma["rma"] in agent.get("/desk/?tab=late").content.decode()
    command(api, rma, "decline", reason="no fault found", message="The seam was cut with scissors.")
    assert rma["rma"] not in agent.get("/desk/?tab=answer").content.decode()


def test_the_shop_is_warned_before_and_once_for_each_stage(api: Api) -> None:
    found = row(complaint(api))
    found.shop.support_email = "help@shop.example"
    found.shop.save(update_fields=["support_email"])
    due, latest = found.answer_due_on, found.answer_latest_on
    assert due is not None
    assert latest is not None
    days = [due - timedelta(days=4), due - timedelta(days=3), latest - timedelta(days=1)]
    told = [(warn_of_answers(noon(day)), warn_of_answers(noon(day))) for day in days]
    assert told == [(0, 0), (1, 0), (1, 0)]
    outbox.dispatch_all()
    mails = Message.objects.filter(kind="complaint.falls_due")
    assert {mail.recipient for mail in mails} == {"help@shop.example"}
    assert len(mails) == 2
    assert all(found.code in mail.subject and "counts as accepted" in mail.text for mail in mails)


def test_what_is_not_answered_in_time_is_accepted_by_law(api: Api) -> None:
    rma = complaint(api)
    shop = row(rma).shop
    shop.support_email = "help@shop.example"
    shop.save(update_fields=["support_email"])
    over = end_of(last_day())
    with unchanged():
        assert accept_unanswered(over - timedelta(seconds=1)) == 0
    assert [accept_unanswered(over), accept_unanswered(over)] == [1, 0]
    accepted = read(api, rma)
    assert (accepted["status"], accepted["items"][0]["quantity"]["authorized"]) == ("authorized", 1)
    kinds = list(Event.objects.filter(rma__code=rma["rma"]).order_by("id").values_list("kind", flat=True))
    assert kinds.index("complaint.unanswered") < kinds.index("return.authorized")
    outbox.dispatch_all()
    assert Message.objects.get(kind="complaint.unanswered").recipient == "help@shop.example"
    assert Message.objects.filter(kind="return.authorized", rma__code=rma["rma"]).exists()


def test_an_answer_stops_the_clock_and_looking_again_starts_none(api: Api) -> None:
    rma = complaint(api)
    command(api, rma, "decline", reason="no fault found", message="The seam was cut with scissors.")
    late = noon(last_day() + timedelta(days=30))
    with unchanged():
        assert (warn_of_answers(late), accept_unanswered(late)) == (0, 0)
    outbox.dispatch_all()
    assert "cut with scissors" in Message.objects.get(kind="return.declined").text
    command(api, rma, "reopen")
    with unchanged():
        assert (warn_of_answers(late), accept_unanswered(late)) == (0, 0)


def test_goods_that_came_before_the_answer_do_not_stop_it(api: Api) -> None:
    rma = complaint(api)
    receive(api, rma)
    assert accept_unanswered(end_of(last_day())) == 1
    assert read(api, rma)["items"][0]["quantity"]["authorized"] == 1


def test_the_answer_goes_out_as_a_letter_with_the_reasons(api: Api, staff: Callable[[str], Client]) -> None:
    rma = complaint(api)
    with unchanged():
        refused = api.post(f"/returns/{rma['rma']}/decline", {"reason": "no fault found"})
        refused.refused(422, "invalid")
        assert refused.pointers() == {"/message"}
    command(api, rma, "decline", reason="no fault found", message="The seam was cut with scissors.")
    outbox.dispatch_all()
    mail = Message.objects.get(kind="return.declined")
    assert f"This answers your complaint {rma['rma']} of " in mail.text
    (letter,) = outgoing(mail.pk).attachments
    assert (letter.filename, letter.media_type) == (f"{rma['rma']}-answer.pdf", "application/pdf")
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(letter.content)).pages)
    assert "The seam was cut with scissors." in " ".join(words.split())
    agent = staff("agent")
    assert f"/desk/messages/{mail.pk}/letter.pdf" in agent.get(f"/desk/messages/{mail.pk}/").content.decode()
    assert agent.get(f"/desk/messages/{mail.pk}/letter.pdf").content == letter.content


def test_what_is_no_complaint_by_law_gets_no_letter(api: Api, staff: Callable[[str], Client]) -> None:
    review(api)
    rma = ask(api, place(api, ship_to=BERLIN), ("A", 1, "defective"))
    command(api, rma, "decline", reason="no fault found")
    outbox.dispatch_all()
    mail = Message.objects.get(kind="return.declined")
    assert (mail.attachments, "complaint" in mail.text) == ([], False)
    assert staff("agent").get(f"/desk/messages/{mail.pk}/letter.pdf").status_code == 404
