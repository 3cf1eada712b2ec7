"""The customer's door, as plain forms: in by order and e-mail, through three steps, out by the return's own link."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.actors import STAFF, SYSTEM_ACTOR, Actor
from accounts.scopes import expand
from customers.actions import upsert_order
from customers.models import Order, PortalToken, Shop
from returns import actions
from returns.links import token_for
from returns.models import Event, Photo, Return
from returns.policy.document import HOUSE_POLICY
from tests.customers.orders import tee

pytestmark = pytest.mark.django_db
AGENT = Actor(STAFF, "7", "Dana Levi", expand(["admin"]))
EMAIL = "a@example.com"


def an_order(days_ago: int = 5, **changes: Any) -> Order:
    """Three tees for 100.00 each less 10.00, delivered some days ago."""
    delivered = (timezone.now() - timedelta(days=days_ago)).isoformat()
    shipped = (timezone.now() - timedelta(days=days_ago + 3)).isoformat()
    delivery = {"id": "D1", "lines": {"A": 3}, "shipped_at": shipped, "delivered_at": delivered}
    return upsert_order(tee(placed_at=shipped, deliveries=[delivery], **changes), actor=SYSTEM_ACTOR).order


def publish(**changes: Any) -> None:
    document = HOUSE_POLICY | changes
    actions.publish_policy(actions.draft_policy(document, actor=AGENT), actor=AGENT)


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(out, "JPEG")
    return SimpleUploadedFile("stain.jpg", out.getvalue(), "image/jpeg")


def look_up(client: Client, number: str = "1001", contact: str = EMAIL) -> Any:
    return client.post("/", {"order": number, "contact": contact})


def choose(client: Client, quantity: int = 1) -> Any:
    return client.post("/return/items", {"line": "A", "quantity-A": str(quantity)})


def tell(client: Client, **more: Any) -> Any:
    data = {"stage": "choice", "step": "next", "reason-A": "too_small", "resolution": "refund", "method": "label"}
    return client.post("/return/options", data | more)


def nothing_asked() -> bool:
    return not Return.objects.exists() and not Event.objects.exists()


def test_a_return_from_the_first_page_to_its_own_link(client: Client) -> None:
    an_order()
    assert look_up(client).headers["Location"] == "/return/items"
    assert "Tee" in client.get("/return/items").content.decode()
    assert choose(client, 2).headers["Location"] == "/return/options"
    assert tell(client).headers["Location"] == "/return/review"
    page = client.get("/return/review").content.decode()
    assert "€193.33" in page
    answer = client.post("/return/review")
    rma = Return.objects.get()
    assert answer.headers["Location"] == f"/r/{token_for(rma)}/done"
    assert (rma.status, rma.expected, rma.requested_by) == ("authorized", 19333, "customer")
    assert rma.code in client.get(answer.headers["Location"]).content.decode()
    assert "€193.33" in Client().get(f"/r/{token_for(rma)}").content.decode()


def test_the_last_button_pressed_twice_makes_one_return(client: Client) -> None:
    an_order()
    look_up(client)
    choose(client)
    tell(client)
    session = dict(client.session)
    first = client.post("/return/review")
    # the second press carries the session as it was before the first was answered
    again = client.session
    again.update(session)
    again.save()
    second = client.post("/return/review")
    assert first.headers["Location"] == second.headers["Location"]
    assert Return.objects.count() == 1
    # and one that comes even later is shown the same return
    assert client.post("/return/review").headers["Location"] == first.headers["Location"]


@pytest.mark.parametrize(
    ("number", "contact"), [("1001", "b@example.com"), ("9999", EMAIL), ("9999", "x"), ("1001", "5")]
)
def test_wrong_number_and_wrong_contact_get_the_same_answer(client: Client, number: str, contact: str) -> None:
    an_order()
    answer = look_up(client, number, contact)
    assert answer.status_code == 404
    assert "We can’t find that order with that e-mail" in answer.content.decode()
    assert not PortalToken.objects.exists()


def test_guessing_is_stopped(client: Client) -> None:
    an_order()
    answers = [look_up(client, "1001", f"{n}@example.com").status_code for n in range(21)]
    assert answers == [404] * 20 + [429]
    assert look_up(client).status_code == 429


def test_a_return_number_opens_the_return(client: Client) -> None:
    order = an_order()
    wanted = actions.request.Wanted([actions.Wish("A", 1, "style")])
    rma = actions.request_return(order, wanted, actor=AGENT)
    assert look_up(client, rma.code).headers["Location"] == f"/r/{token_for(rma)}"
    assert look_up(client, rma.code.lower().replace("-", " "), EMAIL).status_code == 302
    assert look_up(client, rma.code, "b@example.com").status_code == 404


@pytest.mark.parametrize("path", ["/return/items", "/return/options", "/return/review"])
def test_without_an_order_the_steps_lead_to_the_start(client: Client, path: str) -> None:
    an_order()
    assert client.get(path).headers["Location"] == "/"


def test_the_token_of_a_visit_runs_out(client: Client) -> None:
    an_order()
    look_up(client)
    PortalToken.objects.update(expires_at=timezone.now())
    assert client.get("/return/items").headers["Location"] == "/"


def test_nothing_ticked_is_said(client: Client) -> None:
    an_order()
    look_up(client)
    answer = client.post("/return/items", {"line": "Z"})
    assert answer.status_code == 422
    assert "Tick what you want to send back" in answer.content.decode()


def test_more_than_there_is_becomes_what_there_is(client: Client) -> None:
    an_order()
    look_up(client)
    choose(client, 99)
    assert client.session["draft"]["items"]["A"]["quantity"] == 3


def test_a_reason_is_needed(client: Client) -> None:
    an_order()
    look_up(client)
    choose(client)
    answer = tell(client, **{"reason-A": "because"})
    assert answer.status_code == 422
    assert "Choose a reason." in answer.content.decode()
    assert client.get("/return/review").headers["Location"] == "/return/options"


def test_the_policy_asks_for_photos_and_answers(client: Client) -> None:
    publish(
        rules=[
            {
                "name": "Proof",
                "when": {"reasons": ["defective"]},
                "then": {"required_photos": 1, "questions": ["was_opened"]},
            }
        ]
    )
    an_order()
    look_up(client)
    choose(client)
    asked = client.post("/return/options", {"step": "ask", "stage": "reasons", "reason-A": "defective"})
    assert asked.status_code == 200
    assert "Was the package opened?" in asked.content.decode()
    short = tell(client, **{"reason-A": "defective"})
    assert short.status_code == 422
    assert "0 of 1 photos are here." in short.content.decode()
    told = tell(client, **{"reason-A": "defective", "answer-A-was_opened": "yes", "file-A": picture()})
    assert told.headers["Location"] == "/return/review"
    client.post("/return/review")
    photo = Photo.objects.get()
    assert photo.rma == Return.objects.get()
    assert photo.item is not None
    assert photo.item.answers == {"was_opened": "yes"}
    assert Event.objects.filter(kind="photo.added").count() == 1


def test_a_file_that_is_no_picture_is_refused(client: Client) -> None:
    an_order()
    look_up(client)
    choose(client)
    answer = tell(client, **{"file-A": SimpleUploadedFile("x.jpg", b"<svg onload=alert(1)>", "image/jpeg")})
    assert answer.status_code == 422
    assert not Photo.objects.exists()


def test_a_label_fee_is_seen_before_it_is_agreed_to(client: Client) -> None:
    publish(defaults=HOUSE_POLICY["defaults"] | {"label_fee": {"gross": "5.00"}})
    an_order()
    look_up(client)
    choose(client, 3)
    tell(client)
    page = client.get("/return/review").content.decode()
    assert "−€5.00" in page
    assert "€285.00" in page
    client.post("/return/review")
    assert Return.objects.get().expected == 28500


def test_store_credit_shows_its_bonus(client: Client) -> None:
    publish(defaults=HOUSE_POLICY["defaults"] | {"bonus_credit_percent": 10})
    an_order()
    look_up(client)
    choose(client, 3)
    client.post("/return/options", {"step": "ask", "stage": "reasons", "reason-A": "style"})
    assert "€319.00" in client.get("/return/options").content.decode()
    tell(client, resolution="store_credit")
    client.post("/return/review")
    assert Return.objects.get().resolution == "store_credit"


def test_after_the_window_only_a_fault_counts(client: Client) -> None:
    an_order(days_ago=60)
    look_up(client)
    page = client.get("/return/items").content.decode()
    assert "The 30 days ended on" in page
    assert "?also=A" in page
    assert 'name="line"' not in page
    assert 'name="line"' in client.get("/return/items?also=A").content.decode()
    choose(client)
    page = client.get("/return/options").content.decode()
    assert 'value="defective"' in page
    assert 'value="style"' not in page
    assert tell(client, **{"reason-A": "style"}).status_code == 422


def test_what_is_claimed_already_names_its_return(client: Client) -> None:
    order = an_order()
    wanted = actions.request.Wanted([actions.Wish("A", 3, "style")])
    rma = actions.request_return(order, wanted, actor=AGENT)
    look_up(client)
    page = client.get("/return/items").content.decode()
    assert "Already coming back as" in page
    assert rma.code in page


def test_units_taken_meanwhile_are_refused_with_what_is_left(client: Client) -> None:
    order = an_order()
    look_up(client)
    choose(client, 3)
    tell(client)
    wanted = actions.request.Wanted([actions.Wish("A", 2, "style")])
    actions.request_return(order, wanted, actor=AGENT)
    events = Event.objects.count()
    answer = client.post("/return/review")
    assert answer.status_code == 422
    assert "Only 1 of A can still come back." in answer.content.decode()
    assert (Return.objects.count(), Event.objects.count()) == (1, events)


def test_the_draft_survives_and_nothing_is_asked_before_the_end(client: Client) -> None:
    an_order()
    look_up(client)
    choose(client, 2)
    tell(client, **{"comment-A": "Sleeves"})
    page = client.get("/return/options").content.decode()
    assert "Sleeves" in page
    assert nothing_asked()


def test_a_customer_cancels_by_the_link_and_only_by_post(client: Client) -> None:
    order = an_order()
    rma = actions.request_return(order, actions.request.Wanted([actions.Wish("A", 1, "style")]), actor=AGENT)
    link = f"/r/{token_for(rma)}"
    assert client.get(f"{link}/cancel").status_code == 405
    assert client.post(f"{link}/cancel", follow=True).status_code == 200
    rma.refresh_from_db()
    assert rma.status == "cancelled"
    again = client.post(f"{link}/cancel")
    assert again.status_code == 409
    assert Event.objects.filter(kind="return.cancelled").count() == 1


@pytest.mark.parametrize("token", ["x", "rma7f3kq2x9.aaaa", "..", "%00", "a" * 300])
def test_a_wrong_link_opens_nothing(client: Client, token: str) -> None:
    an_order()
    assert client.get(f"/r/{token}").status_code == 404


def test_a_raised_generation_revokes_the_link(client: Client) -> None:
    rma = actions.request_return(an_order(), actions.request.Wanted([actions.Wish("A", 1, "style")]), actor=AGENT)
    link = f"/r/{token_for(rma)}"
    assert client.get(link).status_code == 200
    Return.objects.update(link_generation=2)
    assert client.get(link).status_code == 404


def test_label_and_qr_come_with_the_link(client: Client) -> None:
    rma = actions.request_return(an_order(), actions.request.Wanted([actions.Wish("A", 1, "style")]), actor=AGENT)
    link = f"/r/{token_for(rma)}"
    assert client.get(f"{link}/label.pdf").status_code == 404
    actions.create_shipment(rma, actor=AGENT)
    assert client.get(f"{link}/label.pdf").content.startswith(b"%PDF")
    assert client.get(f"{link}/label.png").content.startswith(b"\x89PNG")
    assert "Print label" in client.get(f"{link}?lang=en").content.decode()


def test_a_photo_is_added_by_the_link(client: Client) -> None:
    rma = actions.request_return(an_order(), actions.request.Wanted([actions.Wish("A", 1, "style")]), actor=AGENT)
    item = rma.items.get()
    link = f"/r/{token_for(rma)}"
    assert client.post(f"{link}/photo", {"item": str(item.uid)}).status_code == 422
    assert client.post(f"{link}/photo", {"item": str(item.uid), "file": picture()}).status_code == 302
    assert Photo.objects.get().item == item
    assert client.post(f"{link}/photo", {"item": "nonsense", "file": picture()}).status_code == 302


def test_a_declined_return_says_why(client: Client) -> None:
    rma = actions.request_return(
        an_order(days_ago=60), actions.request.Wanted([actions.Wish("A", 1, "style")]), actor=AGENT
    )
    assert rma.status == "declined"
    link = f"/r/{token_for(rma)}"
    assert "The 30 days ended on" in client.get(f"{link}?lang=en").content.decode()


def test_the_link_speaks_the_language_of_the_order_until_the_reader_chooses(client: Client) -> None:
    rma = actions.request_return(an_order(), actions.request.Wanted([actions.Wish("A", 1, "style")]), actor=AGENT)
    link = f"/r/{token_for(rma)}"
    assert rma.locale == "pl"
    assert 'lang="pl"' in client.get(link).content.decode()
    assert 'lang="he" dir="rtl"' in client.get(f"{link}?lang=he").content.decode()
    assert 'lang="he"' in client.get(link).content.decode()


def test_the_policy_page_says_the_window_and_the_rules(client: Client) -> None:
    publish(
        window={"days": 21, "from": "delivered"},
        rules=[
            {"name": "Final sale", "when": {"tags_any": ["final"]}, "then": {"decision": "decline", "message": "No."}}
        ],
    )
    page = client.get("/policy").content.decode()
    assert "You have 21 days." in page
    assert "Final sale" in page


def test_brand_takes_only_what_looks_like_a_colour(client: Client) -> None:
    Shop.objects.filter(code="main").update(
        brand={"color": "#8a2c4c", "cap": "red;}body{display:none", "radius": "4px", "font": "x;}", "on_color": 7}
    )
    answer = client.get("/brand/main.css")
    assert answer.content.decode() == ":root,[data-bs-theme]{--shop-brand:#8a2c4c;--shop-radius:4px}"
    assert answer.headers["Content-Type"].startswith("text/css")
    assert client.get("/brand/none.css").status_code == 404


@pytest.mark.parametrize("language", ["en", "he", "pl"])
@pytest.mark.parametrize("path", ["/", "/policy", "/accessibility", "/privacy"])
def test_pages_speak_the_readers_language(client: Client, path: str, language: str) -> None:
    page = client.get(path, {"lang": language})
    assert page.status_code == 200
    assert f'<html lang="{language}" dir="{"rtl" if language == "he" else "ltr"}"' in page.content.decode()


def test_a_domain_of_its_own_finds_only_that_shops_orders(client: Client) -> None:
    an_order()
    Shop.objects.create(code="other", name="Other", domains=["other.example"])
    assert client.post("/", {"order": "1001", "contact": EMAIL}, headers={"host": "other.example"}).status_code == 404
    assert look_up(client).status_code == 302


def test_what_the_law_gives_is_offered_though_the_policy_declines_it(client: Client) -> None:
    publish(
        defaults={"label_fee": {"gross": "9.00"}, "return_shipping_payer": "customer"},
        rules=[{"name": "No tees", "then": {"decision": "decline", "message": "Never."}}],
    )
    berlin = {"name": "A", "line1": "Weg 1", "city": "Berlin", "postal_code": "10115", "country": "DE", "region": "BE",
              "time_zone": "Europe/Berlin"}  # fmt: skip
    an_order(ship_to=berlin, contract={"withdrawal_information_given_at": timezone.now().isoformat()})
    look_up(client)
    page = client.get("/return/items").content.decode()
    assert 'name="line"' in page
    assert "Never." not in page
    choose(client)
    assert 'value="style"' in client.get("/return/options").content.decode()
    assert tell(client).status_code == 302
    client.post("/return/review")
    assert Return.objects.get().status == "authorized"
