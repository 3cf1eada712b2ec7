"""The warehouse's pages, walked without JavaScript: scan, receive, park, match, inspect, correct."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from customers.models import Shop, ShopMembership
from inspections.actions import Unexpected, park_parcel, photograph_parcel
from inspections.models import Inspection, Receipt, StockMovement
from returns import actions
from returns.models import Photo, Return
from tests.inspections import goods
from tests.inspections.goods import AGENT, DOCK, a_return, finding, fresh, inspected, item_of, received
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db

Staff = Callable[[str], Client]


@pytest.fixture
def dock(staff: Staff) -> Client:
    """Somebody of the warehouse, signed in."""
    return staff("warehouse")


def url(name: str, *args: Any) -> str:
    return reverse(f"warehouse:{name}", args=args)


def picture(name: str = "p.jpg", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, goods.picture() if data is None else data, content_type="image/jpeg")


def hidden(page: Any) -> dict[str, Any]:
    """What the page's own form sends along without anybody typing."""
    html = page.content.decode()
    submit = re.search(r'name="submit" value="(\w+)"', html)
    assert submit
    photos = re.findall(r'name="photos" value="([\w-]+)"', html)
    return {"submit": submit[1], "photos": photos}


def counted(page: Any, rma: Return, quantity: int, damaged: int = 0, **more: Any) -> dict[str, Any]:
    uid = item_of(rma).uid
    base = {"step": "counted", "location": "MAIN", "rows": "2", "parcel": ""}
    return base | hidden(page) | {f"quantity-{uid}": quantity, f"damaged-{uid}": damaged} | more


def found(page: Any, rma: Return, **more: Any) -> dict[str, Any]:
    base = {"step": "save", "item": str(item_of(rma).uid), "quantity": 1, "grade": "A", "outcome": "accepted"}
    return base | {"disposition": "", "note": ""} | hidden(page) | more


# --- who may come in ---


def pages(rma: Return, parcel: Receipt, inspection: Inspection) -> list[tuple[str, str]]:
    return [
        (url("scan"), "read"),
        (url("queue", "inspect"), "read"),
        (url("queue", "receive"), "read"),
        (url("parked"), "read"),
        (url("done", rma.code), "read"),
        (url("receive", rma.code), "write"),
        (url("inspect", rma.code), "write"),
        (url("park"), "write"),
        (url("match", parcel.uid), "write"),
        (url("disposition", inspection.uid), "write"),
    ]


def everything() -> tuple[Return, Receipt, Inspection]:
    rma = a_return(2)
    received(rma)
    [inspection] = inspected(fresh(rma), finding(rma))
    return rma, park_parcel(actor=DOCK, parcel="CE417"), inspection


def test_a_stranger_signs_in_first() -> None:
    for address, _needs in pages(*everything()):
        answer = Client().get(address)
        assert answer.status_code == 302
        assert "/accounts/login/" in answer["Location"]


def test_who_may_only_read_reads(staff: Staff) -> None:
    agent = staff("agent")
    for address, needs in pages(*everything()):
        assert agent.get(address).status_code == (200 if needs == "read" else 403), address


def test_who_holds_nothing_of_the_warehouse_stays_out(staff: Staff) -> None:
    person = staff("manager")
    User.objects.update(is_active=True)
    User.objects.get().groups.clear()
    for address, _needs in pages(*everything()):
        assert person.get(address).status_code == 403


def test_the_warehouse_opens_every_page(dock: Client) -> None:
    for address, _needs in pages(*everything()):
        assert dock.get(address).status_code == 200, address


def test_another_shops_return_is_not_there(dock: Client) -> None:
    rma, _parcel, inspection = everything()
    other = Shop.objects.create(code="other", name="Other")
    ShopMembership.objects.create(user=User.objects.get(), shop=other)
    for name, key in [
        ("receive", rma.code),
        ("inspect", rma.code),
        ("done", rma.code),
        ("disposition", inspection.uid),
    ]:
        with unchanged():
            assert dock.get(url(name, key)).status_code == 404
            assert dock.post(url(name, key), {"submit": "x"}).status_code in (404, 405)
    scanned = dock.get(url("scan"), {"scan": rma.code}).context
    assert (scanned["hit"], scanned["candidates"], scanned["nearest"]) == (None, [], "")
    assert dock.get(url("queue", "inspect")).context["rows"] == []


def test_what_does_not_exist_is_not_there(dock: Client) -> None:
    assert dock.get(url("receive", "RMA-0000-0000")).status_code == 404
    assert dock.get(url("match", "00000000-0000-0000-0000-000000000000")).status_code == 404
    assert dock.get("/warehouse/queue/nonsense/").status_code == 404


# --- scan ---


def test_an_rma_that_is_awaited_opens_its_receipt(dock: Client) -> None:
    rma = a_return(1)
    answer = dock.get(url("scan"), {"scan": rma.code.lower().replace("-", " ")})
    assert answer["Location"] == url("receive", rma.code)


def test_a_tracking_number_names_the_parcel(dock: Client) -> None:
    rma = a_return(1)
    actions.announce_own_shipment(rma, carrier="DHL", tracking_number="JD014", actor=AGENT)
    answer = dock.get(url("scan"), {"scan": "JD014"})
    assert answer["Location"] == url("receive", rma.code) + "?parcel=JD014"
    assert 'value="JD014"' in dock.get(answer["Location"]).content.decode()


def test_goods_that_are_here_open_the_bench(dock: Client) -> None:
    rma = a_return(1)
    received(rma)
    assert dock.get(url("scan"), {"scan": rma.code})["Location"] == url("inspect", rma.code)


def test_a_parcel_that_was_received_is_not_received_again(dock: Client) -> None:
    rma = a_return(2)
    actions.announce_own_shipment(rma, carrier="DHL", tracking_number="JD014", actor=AGENT)
    received(fresh(rma), 1, parcel="JD014")
    assert dock.get(url("scan"), {"scan": "JD014"})["Location"] == url("inspect", rma.code)


def test_a_sku_shows_every_return_that_awaits_it_and_why(dock: Client) -> None:
    one, two = a_return(1), a_return(1)
    answer = dock.get(url("scan"), {"scan": "TEE"})
    assert {row["code"] for row in answer.context["candidates"]} == {one.code, two.code}
    assert all(row["how"] == "Awaited with this SKU" for row in answer.context["candidates"])


def test_a_closed_return_leads_to_parking(dock: Client) -> None:
    rma = a_return(1)
    actions.cancel_return(rma, actor=AGENT)
    answer = dock.get(url("scan"), {"scan": rma.code})
    assert answer.context["hit"]["url"].startswith(url("park"))


def test_a_part_that_is_here_and_a_part_to_come_are_both_offered(dock: Client) -> None:
    rma = a_return(2)
    received(rma, 1)
    hit = dock.get(url("scan"), {"scan": rma.code}).context["hit"]
    assert (hit["url"], hit["also"]) == (url("receive", rma.code), url("inspect", rma.code))
    inspected(fresh(rma), finding(rma))
    assert dock.get(url("scan"), {"scan": rma.code})["Location"] == url("receive", rma.code)


def test_what_is_done_offers_a_look(dock: Client) -> None:
    rma = a_return(1)
    received(rma)
    inspected(fresh(rma), finding(rma))
    assert dock.get(url("scan"), {"scan": rma.code}).context["hit"]["url"] == url("done", rma.code)


def test_a_misread_letter_finds_the_nearest_code(dock: Client) -> None:
    rma = a_return(1)
    wrong = rma.code[:-1] + ("X" if rma.code[-1] != "X" else "W")
    assert dock.get(url("scan"), {"scan": wrong}).context["nearest"] == rma.code


@pytest.mark.parametrize("scan", ["nothing", "\x00", "x" * 2000, "<script>alert(1)</script>", "RMA-", "%00"])
def test_any_scan_gets_an_answer(dock: Client, scan: str) -> None:
    answer = dock.get(url("scan"), {"scan": scan})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_the_bench_is_queued_by_age_with_a_constant_number_of_statements(dock: Client) -> None:
    codes = []
    for _index in range(2):
        rma = a_return(2)
        received(rma)
        codes.append(rma.code)

    def statements(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert dock.get(address).status_code == 200
        return len(seen)

    addresses = [url("scan"), url("queue", "inspect"), url("queue", "receive"), url("parked")]
    before = [statements(address) for address in addresses]
    for _index in range(4):
        rma = a_return(2)
        received(rma, 1)
        parcel = park_parcel(actor=DOCK, unexpected=[Unexpected("TEE", 1)])
        photograph_parcel(parcel, goods.picture(), actor=DOCK)
        codes.append(rma.code)
    assert [row["code"] for row in dock.get(url("queue", "inspect")).context["rows"]] == codes
    after = [statements(address) for address in addresses]
    # the first rows bring their items, lines and photos along, further rows nothing
    assert [late - early <= 3 for early, late in zip(before, after, strict=True)] == [True] * 4
    for _index in range(3):
        received(a_return(1))
        park_parcel(actor=DOCK, unexpected=[Unexpected("TEE", 1)])
    assert [statements(address) for address in addresses] == after


# --- receive ---


def test_all_as_announced_in_one_tap(dock: Client) -> None:
    rma = a_return(2)
    page = dock.get(url("receive", rma.code))
    answer = dock.post(url("receive", rma.code), counted(page, rma, 2, step="announced", parcel="P1"))
    assert answer["Location"] == url("done", rma.code) + "?now=1"
    assert fresh(rma).status == "received"
    receipt = Receipt.objects.get()
    assert (receipt.parcel, receipt.received_by) == ("P1", "Warehouse")
    assert dock.get(answer["Location"]).status_code == 200


def test_numbers_that_differ_are_not_as_announced(dock: Client) -> None:
    rma = a_return(2)
    page = dock.get(url("receive", rma.code))
    with unchanged():
        answer = dock.post(url("receive", rma.code), counted(page, rma, 1, step="announced", parcel="P1"))
    assert answer.status_code == 422
    assert 'value="P1"' in answer.content.decode()


def test_what_was_counted_is_received_with_damage_surprise_and_photo(dock: Client) -> None:
    rma = a_return(2)
    page = dock.get(url("receive", rma.code))
    surprise = {"sku-0": "MUG", "units-0": "2", "what-0": "blue", "what-1": "a shoe"}
    data = counted(page, rma, 1, damaged=1, note="Corner crushed", file=[picture(), picture("b.jpg")], **surprise)
    dock.post(url("receive", rma.code), data)
    receipt = Receipt.objects.get()
    lines = [(line.sku, line.quantity, line.damaged, line.note) for line in receipt.lines.order_by("pk")]
    assert lines == [("TEE", 1, 1, ""), ("MUG", 2, 0, "blue"), ("", 1, 0, "a shoe")]
    assert receipt.photos.count() == 2
    assert fresh(rma).status == "partially_received"


def test_the_same_button_twice_receives_once(dock: Client) -> None:
    rma = a_return(2)
    page = dock.get(url("receive", rma.code))
    answers = [dock.post(url("receive", rma.code), counted(page, rma, 1, file=[picture()])) for _press in range(2)]
    assert {answer["Location"] for answer in answers} == {url("done", rma.code) + "?now=1"}
    assert Receipt.objects.count() == Photo.objects.count() == 1
    assert item_of(rma).received == 1


def test_the_same_parcel_from_two_pages_is_refused_with_nothing_lost(dock: Client) -> None:
    rma = a_return(2)
    first, second = dock.get(url("receive", rma.code)), dock.get(url("receive", rma.code))
    dock.post(url("receive", rma.code), counted(first, rma, 1, parcel="P1"))
    with unchanged():
        answer = dock.post(url("receive", rma.code), counted(second, rma, 1, parcel="P1", note="Wet"))
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "P1 was received here already" in html
    assert ">Wet</textarea>" in html
    again = counted(answer, rma, 1, parcel="P2", note="Wet")
    assert dock.post(url("receive", rma.code), again).status_code == 302
    assert item_of(rma).received == 2


def test_a_photo_that_came_with_a_refused_form_is_kept(dock: Client) -> None:
    rma = a_return(2)
    page = dock.get(url("receive", rma.code))
    answer = dock.post(url("receive", rma.code), counted(page, rma, 1, damaged=2, file=[picture()]))
    assert answer.status_code == 422
    assert Receipt.objects.count() == 0
    assert len(hidden(answer)["photos"]) == 1
    dock.post(url("receive", rma.code), counted(answer, rma, 1))
    assert Receipt.objects.get().photos.count() == 1


@pytest.mark.parametrize("data", [b"no picture", b"", b"GIF89a" + b"\x00" * 40])
def test_what_is_no_photo_is_refused_and_nothing_is_received(dock: Client, data: bytes) -> None:
    rma = a_return(1)
    page = dock.get(url("receive", rma.code))
    with unchanged():
        answer = dock.post(url("receive", rma.code), counted(page, rma, 1, note="Wet", file=[picture(data=data)]))
    assert answer.status_code == 422
    assert ">Wet</textarea>" in answer.content.decode()


@pytest.mark.parametrize("quantity", ["", "-1", "two", "1.5", "99999999999"])
def test_numbers_that_are_none_are_refused(dock: Client, quantity: str) -> None:
    rma = a_return(1)
    page = dock.get(url("receive", rma.code))
    with unchanged():
        answer = dock.post(url("receive", rma.code), counted(page, rma, quantity))  # type: ignore[arg-type]
    assert answer.status_code == 422


def test_a_form_without_its_number_is_refused(dock: Client) -> None:
    rma = a_return(1)
    page = dock.get(url("receive", rma.code))
    with unchanged():
        answer = dock.post(url("receive", rma.code), counted(page, rma, 1, submit=""))
    assert answer.status_code == 422


def test_a_further_row_keeps_what_was_typed(dock: Client) -> None:
    rma = a_return(1)
    page = dock.get(url("receive", rma.code))
    with unchanged():
        data = counted(page, rma, 1, step="row", **{"what-0": "a shoe"})
        answer = dock.post(url("receive", rma.code), data)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="what-2"' in html
    assert 'value="a shoe"' in html


def test_a_place_of_another_shop_is_refused(dock: Client) -> None:
    rma = a_return(1)
    page = dock.get(url("receive", rma.code))
    with unchanged():
        assert dock.post(url("receive", rma.code), counted(page, rma, 1, location="MOON")).status_code == 422


def test_a_cancelled_return_takes_no_parcel(dock: Client) -> None:
    rma = a_return(1)
    page = dock.get(url("receive", rma.code))
    actions.cancel_return(rma, actor=AGENT)
    with unchanged():
        answer = dock.post(url("receive", rma.code), counted(page, rma, 1))
    assert answer.status_code == 409
    assert "Park the parcel instead" in answer.content.decode()


# --- park and match ---


def test_a_parcel_is_parked_with_photo_and_note_and_matched_later(dock: Client) -> None:
    rma = a_return(2)
    page = dock.get(url("park"), {"scan": "CE417"})
    assert 'value="CE417"' in page.content.decode()
    data = {"location": "MAIN", "rows": "2", "parcel": "CE417", "note": "No slip", "sku-0": "TEE", "units-0": "1"}
    answer = dock.post(url("park"), data | hidden(page) | {"file": [picture()]})
    assert answer["Location"] == url("scan")
    parcel = Receipt.objects.get()
    assert (parcel.rma, parcel.photos.count(), parcel.note) == (None, 1, "No slip")
    assert "CE417" in dock.get(url("parked")).content.decode()

    chosen = dock.get(url("match", parcel.uid)).context["candidates"]
    assert [row["code"] for row in chosen] == [rma.code]
    form = dock.get(chosen[0]["url"])
    assert form.context["rows"][0]["quantity"].value() == 1
    data = counted(form, rma, 1) | {"rma": rma.code}
    for _press in range(2):
        assert dock.post(url("match", parcel.uid), data)["Location"].startswith(url("done", rma.code))
    parcel.refresh_from_db()
    assert (parcel.rma, item_of(rma).received, rma.photos.count()) == (rma, 1, 1)


def test_parking_twice_by_one_press_parks_once(dock: Client) -> None:
    data = {"location": "MAIN", "rows": "2", "note": "No slip"} | hidden(dock.get(url("park")))
    for _press in range(2):
        assert dock.post(url("park"), data).status_code == 302
    assert Receipt.objects.count() == 1


def test_an_empty_form_parks_nothing(dock: Client) -> None:
    data = {"location": "MAIN", "rows": "2"} | hidden(dock.get(url("park")))
    with unchanged():
        assert dock.post(url("park"), data).status_code == 422


def test_a_match_can_be_searched_by_name(dock: Client) -> None:
    rma, parcel = a_return(1), park_parcel(actor=DOCK)
    found_by_name = dock.get(url("match", parcel.uid), {"find": rma.order.name})
    assert rma.code in [row["code"] for row in found_by_name.context["candidates"]]
    assert dock.get(url("match", parcel.uid), {"find": "nobody"}).context["candidates"] == []
    assert dock.get(url("match", parcel.uid), {"rma": "nonsense"}).status_code == 404


def test_a_scan_of_a_parked_parcel_leads_to_its_match(dock: Client) -> None:
    parcel = park_parcel(actor=DOCK, parcel="CE417")
    assert dock.get(url("scan"), {"scan": "CE417"}).context["hit"]["url"] == url("match", parcel.uid)


# --- inspect ---


def bench(units: int = 1) -> Return:
    rma = a_return(units)
    received(rma)
    return fresh(rma)


def test_a_finding_with_checklist_photos_and_the_rules_disposition(dock: Client) -> None:
    rma = bench()
    page = dock.get(url("inspect", rma.code))
    answers = {"check-packaging": "yes", "check-tags": "yes", "check-accessories": "yes", "check-unused": "no"}
    data = found(page, rma, grade="B", note="Oil on the cuff", file=[picture(), picture("b.jpg")], **answers)
    answer = dock.post(url("inspect", rma.code), data, follow=True)
    assert answer.request["PATH_INFO"] == url("done", rma.code)
    inspection = Inspection.objects.get()
    assert (inspection.grade, inspection.disposition, inspection.note) == ("B", "liquidate", "Oil on the cuff")
    assert inspection.checklist == {"packaging": True, "tags": True, "accessories": True, "unused": False}
    assert inspection.photos.count() == 2
    assert {photo.kind for photo in inspection.photos.all()} == {"inspection"}
    assert fresh(rma).status == "inspected"


def test_a_disposition_of_ones_own_beats_the_rule(dock: Client) -> None:
    rma = bench()
    dock.post(url("inspect", rma.code), found(dock.get(url("inspect", rma.code)), rma, disposition="donate"))
    assert Inspection.objects.get().disposition == "donate"


def test_quantities_are_split_and_the_next_item_comes_by_itself(dock: Client) -> None:
    line_a, line_b = goods.orders.line("A", quantity=3, title="Tee"), goods.orders.line("B", title="Mug")
    rma = a_return(order=goods.an_order(line_a, line_b), A=3, B=1)
    received(rma)
    page = dock.get(url("inspect", rma.code))
    assert page.context["item"].line.title == "Tee"
    page = dock.post(url("inspect", rma.code), found(page, rma, quantity=2), follow=True)
    assert (page.context["item"].line.title, page.context["item"].uninspected) == ("Tee", 1)
    page = dock.post(url("inspect", rma.code), found(page, rma, grade="D"), follow=True)
    assert page.context["item"].line.title == "Mug"
    mug = found(page, rma) | {"item": str(item_of(rma, "B").uid)}
    page = dock.post(url("inspect", rma.code), mug, follow=True)
    assert page.request["PATH_INFO"] == url("done", rma.code)
    made = Inspection.objects.order_by("pk").values_list("quantity", "grade", "disposition")
    assert list(made) == [(2, "A", "restock"), (1, "D", "scrap"), (1, "A", "restock")]


def test_the_same_button_twice_inspects_once_and_moves_stock_once(dock: Client) -> None:
    rma = bench(2)
    page = dock.get(url("inspect", rma.code))
    for _press in range(2):
        assert dock.post(url("inspect", rma.code), found(page, rma, file=[picture()])).status_code == 302
    assert Inspection.objects.count() == StockMovement.objects.count() == Photo.objects.count() == 1


def test_more_than_is_here_is_refused_with_nothing_lost(dock: Client) -> None:
    rma = bench(2)
    page = dock.get(url("inspect", rma.code))
    with unchanged():
        data = found(page, rma, quantity=3, note="Seam torn", **{"check-tags": "no"})
        answer = dock.post(url("inspect", rma.code), data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Only 2 units" in html
    assert "Seam torn" in html
    assert re.search(r'name="check-tags" value="no"[^>]*checked', html)


def test_without_a_grade_the_rule_suggests_one(dock: Client) -> None:
    rma = bench()
    page = dock.get(url("inspect", rma.code))
    with unchanged():
        answer = dock.post(url("inspect", rma.code), found(page, rma, grade="", **{"check-accessories": "no"}))
    assert answer.status_code == 422
    assert (answer.context["grade"], answer.context["by_rule"]) == ("C", "Second choice")
    assert dock.post(url("inspect", rma.code), found(answer, rma, grade="C")).status_code == 302


def test_a_rejection_says_why_and_goes_back_to_the_customer(dock: Client) -> None:
    rma = bench()
    page = dock.get(url("inspect", rma.code))
    with unchanged():
        answer = dock.post(url("inspect", rma.code), found(page, rma, grade="D", outcome="rejected"))
    assert answer.status_code == 422
    data = found(answer, rma, grade="D", outcome="rejected", note="Worn for weeks")
    assert dock.post(url("inspect", rma.code), data).status_code == 302
    assert Inspection.objects.get().disposition == "return_to_customer"
    assert StockMovement.objects.count() == 0


def test_rejected_goods_cannot_be_sold(dock: Client) -> None:
    rma = bench()
    page = dock.get(url("inspect", rma.code))
    with unchanged():
        data = found(page, rma, outcome="rejected", note="Worn", disposition="restock")
        assert dock.post(url("inspect", rma.code), data).status_code == 422


def test_photos_first_and_the_finding_later(dock: Client) -> None:
    rma = bench()
    page = dock.get(url("inspect", rma.code))
    data = found(page, rma, step="photo", grade="B", note="Seam", file=[picture()])
    page = dock.post(url("inspect", rma.code), data)
    assert page.status_code == 200
    assert Inspection.objects.count() == 0
    assert len(hidden(page)["photos"]) == 1
    assert "Seam</textarea>" in page.content.decode()
    assert len(hidden(dock.get(url("inspect", rma.code)))["photos"]) == 1
    dock.post(url("inspect", rma.code), found(page, rma, grade="B"))
    assert Inspection.objects.get().photos.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"grade": "E"},
        {"outcome": "maybe"},
        {"disposition": "eat"},
        {"quantity": "0"},
        {"quantity": ""},
        {"photos": ["00000000-0000-0000-0000-000000000000"]},
    ],
)
def test_made_up_values_are_refused(dock: Client, wrong: dict[str, Any]) -> None:
    rma = bench()
    page = dock.get(url("inspect", rma.code))
    with unchanged():
        assert dock.post(url("inspect", rma.code), found(page, rma, **wrong)).status_code == 422


def test_nothing_is_inspected_before_the_decision(dock: Client) -> None:
    rma = goods.undecided(1)
    received(rma)
    page = dock.get(url("inspect", rma.code))
    assert "The desk decides first" in page.content.decode()
    with unchanged():
        assert dock.post(url("inspect", rma.code), found(page, rma)).status_code == 409


def test_with_nothing_left_the_bench_shows_what_was_found(dock: Client) -> None:
    rma = bench()
    inspected(rma, finding(rma, note="Fine"))
    assert dock.get(url("inspect", rma.code))["Location"] == url("done", rma.code)
    assert "Fine" in dock.get(url("done", rma.code)).content.decode()


# --- correct ---


def test_a_disposition_is_corrected_once_with_its_reason(dock: Client) -> None:
    rma = bench()
    [found_row] = inspected(rma, finding(rma))
    page = dock.get(url("disposition", found_row.uid))
    data = hidden(page) | {"disposition": "scrap", "reason": "Stain seen later"}
    for _press in range(2):
        assert dock.post(url("disposition", found_row.uid), data)["Location"] == url("done", rma.code)
    found_row.refresh_from_db()
    assert (found_row.disposition, found_row.revision) == ("scrap", 2)
    assert list(StockMovement.objects.order_by("pk").values_list("quantity", flat=True)) == [1, -1]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"disposition": "restock", "reason": "same"}, 409),
        ({"disposition": "scrap", "reason": ""}, 422),
        ({"disposition": "eat", "reason": "hungry"}, 422),
        ({"disposition": "return_to_customer", "reason": "they asked"}, 422),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(dock: Client, data: dict[str, str], status: int) -> None:
    rma = bench()
    [found_row] = inspected(rma, finding(rma))
    page = dock.get(url("disposition", found_row.uid))
    with unchanged():
        assert dock.post(url("disposition", found_row.uid), hidden(page) | data).status_code == status


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_every_page_speaks_three_languages(dock: Client, language: str) -> None:
    for address, _needs in pages(*everything()):
        html = dock.get(address, headers={"Accept-Language": language}).content.decode()
        assert f'<html lang="{language}" dir="{"rtl" if language == "he" else "ltr"}"' in html
        assert "style=" not in html
        assert " onclick" not in html
