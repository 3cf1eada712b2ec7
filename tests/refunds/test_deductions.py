"""What is kept for condition: suggested by grade, with its finding and photos, and never against the law."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from refunds.calculator.caps import Cap, DeductionFacts, deduction_cap
from refunds.models import Reimbursement, ReimbursementLine
from returns.outbox import dispatch_all
from tests.builders import (
    Api,
    Json,
    api_client,
    ask,
    finding,
    item_of,
    line,
    place,
    publish,
    read,
    receive,
    reimburse,
)
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
BY_GRADE = {"B": 10, "C": "33.3", "D": 80}


def picture() -> Any:
    """A small photo as a phone sends it."""
    stream = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(stream, "JPEG")
    return SimpleUploadedFile("finding.jpg", stream.getvalue(), "image/jpeg")


def looked_at(api: Api, order: Json, *found: Json, reason: str = "too_small", quantity: int | None = None) -> Json:
    """A return that was received and inspected; findings without their item."""
    units = quantity or sum(each.get("quantity", 1) for each in found) or 1
    rma = ask(api, order, ("A", units, reason))
    receive(api, rma)
    rows = [finding(rma, **{"disposition": "liquidate", **each}) for each in found]
    if rows:
        api.post(f"/returns/{rma['rma']}/inspections", {"items": rows}).made()
    return read(api, rma)


def preview(api: Api, rma: Json, **wish: Any) -> Json:
    """What would be paid."""
    with unchanged():
        return api.post(f"/returns/{rma['rma']}/reimbursements/preview", wish).ok()  # type: ignore[no-any-return]


def kept(made: Json) -> list[tuple[str, str]]:
    """The deduction lines: amount and reason."""
    return [(row["gross"], row["reason"]) for row in made["lines"] if row["kind"] == "deduction"]


# a tee was paid with 96.67 of 290.00 for three: 33.3 % of 96.67 is 32.19111, rounded down 32.19
@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([{"grade": "A"}], []),
        ([{"grade": "C"}], [("-32.19", "Condition: C, used or damaged")]),
        ([{"grade": "C", "note": "Stain on left\ncuff"}], [("-32.19", "Stain on left cuff")]),
        # two of 193.33 together: 10 % of one half is 9.6665
        ([{"grade": "A"}, {"grade": "B"}], [("-9.66", "Condition: B, light marks")]),
        # three of 290.00: 10 % of 96.666 and 33.3 % of 96.666
        ([{"grade": "B"}, {"grade": "C"}, {"grade": "A"}], [("-9.66", "Condition: B, light marks"),
                                                           ("-32.19", "Condition: C, used or damaged")]),
        ([{"grade": "D", "quantity": 2}], [("-154.66", "Condition: D, beyond use")]),
    ],
)  # fmt: skip
def test_the_grade_suggests(api: Api, order: Json, found: list[Json], expected: Any) -> None:
    publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE)
    rma = looked_at(api, order, *found)
    assert kept(preview(api, rma)) == expected
    assert kept(reimburse(api, rma)) == expected


def test_units_are_paid_in_the_order_they_were_looked_at(api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE)
    rma = looked_at(api, order, {"grade": "A"}, {"grade": "C"})
    one = [{"item": item_of(rma), "quantity": 1}]
    assert kept(reimburse(api, rma, items=one)) == []
    assert kept(reimburse(api, rma)) == [("-32.18", "Condition: C, used or damaged")]


def test_without_a_rule_nothing_is_kept(api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False)
    assert kept(preview(api, looked_at(api, order, {"grade": "D"}))) == []


def test_what_pays_by_itself_keeps_what_the_grade_says(api: Api, order: Json) -> None:
    publish(api, deduction_by_grade=BY_GRADE)
    rma = looked_at(api, order, {"grade": "C", "note": "Worn"})
    dispatch_all()
    made = read(api, rma)["reimbursements"]
    assert [kept(row) for row in made] == [[("-32.19", "Worn")]]
    assert made[0]["total"] == "64.48"


@pytest.mark.parametrize(
    "reason", ["defective", "wrong_item", "not_as_described", "damaged_in_transit", "missing_parts", "recall_safety"]
)
def test_for_the_shop_s_own_fault_nothing_is_kept(api: Api, order: Json, reason: str) -> None:
    publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE)
    rma = looked_at(api, order, {"grade": "D"}, reason=reason)
    assert kept(preview(api, rma)) == []
    wish = {"deductions": [{"item": item_of(rma), "amount": "0.01", "reason": "dirty"}]}
    with unchanged():
        for verb in ("reimbursements", "reimbursements/preview"):
            refused = api.post(f"/returns/{rma['rma']}/{verb}", wish)
            assert refused.refused(422, "over_amount")["max"] == "0.00"
            assert refused.pointers() == {"/deductions/0/amount"}


def test_a_business_may_agree_otherwise(api: Api) -> None:
    publish(api, auto_reimburse=False)
    buyer = {"email": "b@example.com", "name": "B", "kind": "business"}
    rma = looked_at(api, place(api, line(), customer=buyer), {"grade": "D"}, reason="not_as_described")
    wish = [{"item": item_of(rma), "amount": "10.00", "reason": "agreed"}]
    assert kept(reimburse(api, rma, deductions=wish)) == [("-10.00", "agreed")]


def test_of_goods_that_nobody_looked_at_nothing_is_kept(api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE)
    rma = ask(api, order)
    item = item_of(rma)
    api.post(f"/returns/{rma['rma']}/lost", {"items": [{"item": item, "quantity": 1}], "pay": True, "reason": "x"}).ok()
    with unchanged():
        wish = {"deductions": [{"item": item, "amount": "1.00"}]}
        refused = api.post(f"/returns/{rma['rma']}/reimbursements", wish).refused(422, "over_amount")
    assert refused["max"] == "0.00"
    assert "inspected" in refused["detail"]


def test_never_more_than_the_item_is_refunded_with(api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False)
    rma = looked_at(api, order, {"grade": "C"})
    rows = [{"item": item_of(rma), "amount": amount, "reason": "x"} for amount in ("50.00", "46.68")]
    with unchanged():
        answer = api.post(f"/returns/{rma['rma']}/reimbursements", {"deductions": rows})
    assert answer.refused(422, "over_amount")["max"] == "96.67"
    assert answer.pointers() == {"/deductions/1/amount"}
    assert reimburse(api, rma, deductions=rows[:1])["total"] == "46.67"


def test_the_finding_and_its_photos_stand_behind_the_line(api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE)
    rma = ask(api, order, ("A", 2))
    receive(api, rma)
    photo = api.upload(f"/returns/{rma['rma']}/photos", file=picture(), item=item_of(rma), kind="inspection").made()[
        "id"
    ]
    good, bad = {"grade": "A"}, {"grade": "C", "note": "Stain", "photos": [photo]}
    api.post(
        f"/returns/{rma['rma']}/inspections",
        {"items": [finding(rma, **{"disposition": "liquidate", **each}) for each in (good, bad)]},
    ).made()
    shown = preview(api, rma)
    made = reimburse(api, rma)
    found = read(api, rma)
    stained = next(row["id"] for row in found["inspections"] if row["grade"] == "C")
    expected = {"inspection": stained, "photos": [photo]}
    for document in (shown, made, found["reimbursements"][0]):
        assert [row["evidence"] for row in document["lines"]] == [None, expected]


def test_a_person_s_deduction_has_the_worst_finding_behind_it(api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False)
    rma = looked_at(api, order, {"grade": "B"}, {"grade": "D"}, {"grade": "A"})
    made = reimburse(api, rma, deductions=[{"item": item_of(rma), "amount": "5.00", "reason": "scratched"}])
    row = ReimbursementLine.objects.get(reimbursement__uid=made["id"], kind="deduction")
    assert row.inspection is not None
    assert row.inspection.grade == "D"


def test_a_clean_finding_is_no_evidence(api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False)
    rma = looked_at(api, order, {"grade": "A"})
    made = reimburse(api, rma, deductions=[{"item": item_of(rma), "amount": "5.00", "reason": "scratched"}])
    assert [row["evidence"] for row in made["lines"]] == [None, None]


@pytest.mark.parametrize(("limit", "status"), [("30.00", "awaiting_approval"), ("33.00", "processing")])
def test_letting_a_large_deduction_go_needs_a_second_person(api: Api, order: Json, limit: str, status: str) -> None:
    publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE, goodwill_second_person_above=limit)
    rma = looked_at(api, order, {"grade": "C"})
    made = reimburse(api, rma, deductions=[])
    assert (made["status"], made["held_for"]) == (status, "deduction_removed" if status != "processing" else None)
    assert made["total"] == "96.67"
    if made["held_for"]:
        with unchanged():
            api.post(f"/reimbursements/{made['id']}/approve").refused(403, "forbidden")
            assert api.post(f"/returns/{rma['rma']}/reimbursements").ok(200)["id"] == made["id"]
        no = api_client("refunds:write").post(f"/reimbursements/{made['id']}/reject", {"reason": "It is worn"})
        assert no.ok()["status"] == "rejected"
        again = reimburse(api, rma)
        assert (again["status"], again["total"]) == ("processing", "64.48")
        assert Reimbursement.objects.count() == 2


def test_keeping_more_than_suggested_needs_nobody(api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE, goodwill_second_person_above="0.00")
    rma = looked_at(api, order, {"grade": "C"})
    wish = [{"item": item_of(rma), "amount": "40.00", "reason": "worn"}]
    assert reimburse(api, rma, deductions=wish)["status"] == "processing"


@pytest.mark.parametrize(
    ("facts", "cap"),
    [
        (("too_small", "consumer", True, 500), Cap(500, "within_refund")),
        (("too_small", None, False, 500), Cap(0, "not_looked_at")),
        (("defective", None, True, 500), Cap(0, "sellers_fault")),
        (("defective", "sole_trader_non_professional", True, 500), Cap(0, "sellers_fault")),
        (("defective", "business", False, 500), Cap(500, "within_refund")),
    ],
)
def test_the_cap(facts: Any, cap: Cap) -> None:
    assert deduction_cap(DeductionFacts(*facts)) == cap


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_the_customer_sees_it_line_by_line_beside_the_finding(api: Api, order: Json, language: str) -> None:
    publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE)
    rma = looked_at(api, order, {"grade": "C", "note": "Stain on cuff"})
    reimburse(api, rma)
    page = Client().get("/r/" + rma["portal_url"].rpartition("/r/")[2], {"lang": language})
    assert page.status_code == 200
    [found] = page.context["findings"]
    assert (found["deduction"], found["deduction_text"]) == (-3219, "")
    taken = [line for line in page.context["slip"]["lines"] if line["amount"] < 0]
    assert [(line["amount"], line["note"]) for line in taken] == [(-3219, "Tee: Stain on cuff")]
    assert page.context["slip"]["sum_amount"] == 6448


def test_what_waits_for_a_second_person_is_no_promise_to_the_customer(api: Api, order: Json) -> None:
    publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE, goodwill_second_person_above="0.00")
    rma = looked_at(api, order, {"grade": "C"})
    assert reimburse(api, rma, deductions=[])["status"] == "awaiting_approval"
    page = Client().get("/r/" + rma["portal_url"].rpartition("/r/")[2])
    assert page.context["slip"] is None
    assert page.context["amount"] == 9667


class TestByLaw:
    """What the governing law leaves of a deduction, at the bench and when it is paid."""

    BENCH = "/warehouse/inspect/{}/"

    def bench(self, browser: Client, rma: Json) -> str:
        """The bench's page of a return's first item."""
        return browser.get(self.BENCH.format(rma["rma"])).content.decode().replace("\xa0", " ")

    def arrived(self, api: Api, order: Json, reason: str = "too_small", **more: Any) -> Json:
        """A return that is here and that nobody has looked at."""
        rma = ask(api, order, ("A", 1, reason), **more)
        dispatch_all()
        receive(api, rma)
        return rma

    def test_the_bench_shows_percent_and_money(self, api: Api, order: Json, staff: Any) -> None:
        publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE)
        rma = self.arrived(api, order)
        shown = self.bench(staff("warehouse"), rma)
        # of 96.67: 10 % is 9.667, 33.3 % is 32.19111, 80 % is 77.336
        for grade in ("<bdi>10%</bdi>, −€9.66", "<bdi>33.3%</bdi>, −€32.19", "<bdi>80%</bdi>, −€77.33"):
            assert grade in shown
        assert "Kept of €96.67" in shown
        rows = [finding(rma, grade="C", disposition="liquidate")]
        api.post(f"/returns/{rma['rma']}/inspections", {"items": rows}).made()
        assert [amount for amount, _why in kept(preview(api, rma))] == ["-32.19"]

    def test_who_was_not_told_of_the_right_answers_for_nothing(self, api: Api, staff: Any) -> None:
        publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE)
        untold = place(api, line(), contract={"withdrawal_information_given_at": None})
        rma = self.arrived(api, untold)
        shown = self.bench(staff("warehouse"), rma)
        assert "Nothing is kept, whatever the grade: the order does not say that the customer was told" in shown
        assert "−€" not in shown
        api.post(f"/returns/{rma['rma']}/inspections", {"items": [finding(rma, grade="D", disposition="scrap")]}).made()
        assert kept(preview(api, rma)) == []
        wish = {"deductions": [{"item": item_of(rma), "amount": "0.01", "reason": "worn"}]}
        with unchanged():
            refused = api.post(f"/returns/{rma['rma']}/reimbursements", wish).refused(422, "over_amount")
        assert refused["max"] == "0.00"
        assert "0.00" not in refused["detail"]
        assert "art. 14(2)" in refused["detail"]

    def test_israel_leaves_lost_value_to_a_claim_of_its_own(self, api: Api, staff: Any) -> None:
        publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE)
        home = {"line1": "Dizengoff 1", "city": "Tel Aviv", "postal_code": "63", "country": "IL",
                "time_zone": "Asia/Jerusalem"}  # fmt: skip
        rma = self.arrived(api, place(api, line(), currency="ILS", ship_to=home))
        assert "leaves lost value to a claim of its own" in self.bench(staff("warehouse"), rma)
        api.post(f"/returns/{rma['rma']}/inspections", {"items": [finding(rma, grade="D", disposition="scrap")]}).made()
        assert kept(preview(api, rma)) == []

    def test_a_fault_of_the_shop_and_a_policy_without_a_rule_say_so(self, api: Api, order: Json, staff: Any) -> None:
        publish(api, auto_reimburse=False)
        browser = staff("warehouse")
        assert "the policy has no deduction for a grade" in self.bench(browser, self.arrived(api, order))
        publish(api, auto_reimburse=False, deduction_by_grade=BY_GRADE)
        shown = self.bench(browser, self.arrived(api, order, "defective"))
        assert "faulty, wrong or damaged the customer pays nothing" in shown
