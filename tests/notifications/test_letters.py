"""What the mails say: every kind, in three languages, plain and HTML alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from customers.models import Shop
from notifications.catalogue import CATALOGUE, expected_on, retry_after
from notifications.channels.letters import language_of
from notifications.models import Message
from notifications.queries.frame import colours, greeting_name
from returns import actions
from returns.models import PolicyDecision, Return
from returns.policy.explain import for_customer
from tests.notifications import gifts, story, swaps, vouchers

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "he", "pl")
TEMPLATES = Path(settings.ROOT) / "templates" / "emails"


def cancelled(rma: Return) -> Return:
    return actions.cancel_return(rma, actor=story.CUSTOMER, requested_by="customer")


def commented(rma: Return) -> Return:
    actions.add_note(rma, "Which size fits?\nWe send it at once.", visible_to_customer=True, actor=story.AGENT)
    return rma


def declined(rma: Return) -> Return:
    return actions.decline_return(rma, reason="worn", message="Worn for weeks <b>.", actor=story.AGENT)


def expiring(rma: Return) -> Return:
    actions.warn_of_expiry(timezone.now() + timedelta(days=27))
    return rma


def expired(rma: Return) -> Return:
    actions.expire_returns(timezone.now() + timedelta(days=31))
    return rma


def as_is(rma: Return) -> Return:
    return rma


def life(rma: Return) -> Return:
    return story.inspected(story.received(story.scanned(shipped(rma))))


def shipped(rma: Return) -> Return:
    story.dispatch()
    return rma


SCENES: dict[str, tuple[str, Callable[[Return], Return]]] = {
    "return.requested": ("review", as_is),
    "return.authorized": ("authorize", as_is),
    "return.declined": ("review", declined),
    "return.cancelled": ("authorize", cancelled),
    "return.expiring": ("authorize", expiring),
    "return.expired": ("authorize", expired),
    "label.issued": ("authorize", as_is),
    "parcel.in_transit": ("authorize", lambda rma: story.scanned(shipped(rma))),
    "parcel.received": ("authorize", lambda rma: story.received(shipped(rma), "J")),
    "inspection.completed": ("authorize", life),
    "refund.started": ("authorize", lambda rma: story.refunded(life(rma), "refund.started")),
    "refund.succeeded": ("authorize", lambda rma: story.refunded(life(rma))),
    "store_credit.issued": ("authorize", lambda rma: story.credited(life(rma))),
    "comment.added": ("authorize", commented),
    **swaps.SCENES,
    **gifts.SCENES,
    **vouchers.SCENES,
}


def message_of(kind: str, language: str) -> Message:
    """The message of a kind for a return that got there."""
    decision, live = SCENES[kind]
    story.publish(decision=decision)
    live(story.a_request(language))
    story.dispatch()
    return Message.objects.get(kind=kind)


class Reader(HTMLParser):
    """Collects the visible words and every element's attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._hidden = tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def test_every_mailed_kind_has_its_three_templates_and_a_scene() -> None:
    assert set(SCENES) | vouchers.WITHOUT_A_RETURN == set(CATALOGUE)
    for kind in CATALOGUE:
        assert {path.name for path in (TEMPLATES / kind).iterdir()} == {
            "subject.txt",
            "body.txt",
            "body.html",
        }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(SCENES))
def test_every_kind_is_complete_in_every_language(kind: str, language: str) -> None:
    message = message_of(kind, language)
    rma = message.rma
    assert rma is not None
    page = read(message.html)
    words = " ".join(" ".join(page.words).split())
    html = dict(page.elements)["html"]
    assert (html["lang"], html["dir"]) == (language, "rtl" if language == "he" else "ltr")
    assert message.locale == language
    assert message.subject == message.subject.strip()
    for text in (message.text, words):
        assert rma.code in text
        assert rma.order.number in text
        assert story.NAMES[language].split()[0] in text
        assert not re.search(r"\{[{%]|%\(|\bNone\b|&amp;|&lt;b|\n{3}", text)
    link = dict(page.elements)["a"]["href"]
    assert link
    assert rma.code.replace("-", "").lower() in link
    assert link in message.text
    # what stands in one part stands in the other
    told = set(figures(words)) | set(figures(message.subject))
    assert set(figures(message.text)) - set(figures(link)) <= told


def figures(text: str) -> list[str]:
    return re.findall(r"\d[\d.,]*\d", text)


def test_rules_stand_on_the_elements_and_only_media_queries_stay() -> None:
    message = message_of("refund.succeeded", "en")
    page = read(message.html)
    left_over = message.html.partition("<style>")[2].partition("</style>")[0]
    assert left_over.count("@media") == 2
    assert not re.search(r"^\.", left_over)
    cap = next(attrs for tag, attrs in page.elements if "cap" in (attrs.get("class") or "").split())
    assert "background: #0c3d49" in (cap["style"] or "")
    assert "<script" not in message.html
    assert not [attrs for tag, attrs in page.elements if tag == "link" or "src" in attrs]


def test_the_shops_colours_reach_the_mail_and_rubbish_does_not() -> None:
    Shop.objects.update(brand={"color": "#7a1f3d", "on_color": "red;}*{display:none"})
    message = message_of("return.authorized", "en")
    assert "background: #7a1f3d" in message.html
    assert "display:none}" not in message.html
    assert colours(None)["brand"] == "#0e5a6b"


def test_findings_say_what_was_taken_off_and_the_share() -> None:
    story.publish(decision="authorize")
    rma = story.received(story.scanned(shipped(story.a_request())))
    rma = story.inspected(rma)
    story.decided(rma)
    story.dispatch()
    message = Message.objects.get(kind="inspection.completed")
    for text in (message.text, " ".join(" ".join(read(message.html).words).split())):
        for part in ("Left cuff, 3 cm oil stain", "€25.51", "15%", "Trail bottle 750 ml"):
            assert part in text


def test_a_rejected_item_says_that_it_goes_back() -> None:
    story.publish(decision="authorize")
    rma = story.received(story.scanned(shipped(story.a_request())))
    story.inspected(rma, jacket=("D", "rejected", "return_to_customer"))
    story.dispatch()
    text = Message.objects.get(kind="inspection.completed").text
    assert "We can't take this one back. It goes back to you." in text


def test_part_of_a_return_says_how_many_of_how_many() -> None:
    assert message_of("parcel.received", "en").subject.startswith("1 of 2 arrived")


def test_refund_lines_add_up_in_the_mail() -> None:
    message = message_of("refund.succeeded", "en")
    assert message.subject == "Refunded: €169.79 to your card"
    for part in ("€170.10", "€25.20", "−€25.51", "€169.79", "Stain on left cuff", "15%", "2026-11-19-7741"):
        assert part in message.text
        assert part in message.html


def test_hebrew_minus_stays_with_its_figure() -> None:
    message = message_of("refund.succeeded", "he")
    assert "\u200f\u200e\u221225.51" in message.html


def test_a_decline_names_the_reason_and_the_words_of_staff() -> None:
    message = message_of("return.declined", "en")
    assert "Worn for weeks <b>." in message.text
    assert "Worn for weeks &lt;b&gt;." in message.html
    assert "rights by law" in message.text


# no consumer: within the time of the law a policy declines a consumer nothing
FIRM = {"email": "buyer@firm.example", "name": "Firm Ltd", "kind": "business"}


def test_what_the_policy_declines_is_explained() -> None:
    story.publish(decision="decline")
    story.a_request(customer=FIRM)
    story.dispatch()
    assert story.kinds() == ["return.declined"]
    assert "We can't take this one back. Faulty?" in Message.objects.get().text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_policy_declines_is_explained_in_the_customers_language(language: str) -> None:
    story.publish(decision="decline")
    rma = story.a_request(language, customer=FIRM)
    story.dispatch()
    with override(language):
        words = {for_customer(decision.detail) for decision in PolicyDecision.objects.filter(rma=rma)}
    text = Message.objects.get().text
    assert words
    assert all(each in text for each in words)


def test_names_and_titles_cannot_break_out() -> None:
    story.publish(decision="authorize")
    nasty = '<script>alert(1)</script> Bcc: all@example.com "'
    story.a_request(customer={"email": "x@example.com", "name": nasty})
    story.dispatch()
    message = Message.objects.get(kind="return.authorized")
    assert "<script" not in message.html
    assert "\n" not in message.subject


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Aoife Byrne", "Aoife"),
        ("Dr Aoife Byrne", "Dr Aoife Byrne"),
        ("Li Wei", "Li Wei"),
        ("", ""),
        (" A  Corp ", "A Corp"),
    ],
)
def test_who_is_greeted_by_the_first_name(name: str, greeted: str) -> None:
    assert greeting_name(name) == greeted


@pytest.mark.parametrize(
    ("locale", "language"), [("he-IL", "he"), ("pl_PL", "pl"), ("de", "en"), ("", "en"), ("EN", "en")]
)
def test_nearest_language(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_money_arrives_on_a_working_day() -> None:
    friday = date(2026, 11, 20)
    assert str(expected_on("card", friday)) == "2026-11-27"
    assert str(expected_on("blik", friday)) == "2026-11-23"
    assert expected_on("store_credit", friday) == friday


def test_waits_grow_to_an_hour_and_spread() -> None:
    middle = [retry_after(n, 0.5).total_seconds() / 60 for n in range(1, 8)]
    assert middle == [1, 2, 5, 15, 60, 60, 60]
    assert retry_after(1, 0).total_seconds() == 48
    assert retry_after(1, 1).total_seconds() == 72
