"""Inspecting, as actions: by quantity, stock once, what is rejected stays the customer's."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.problems import Conflict, Invalid
from customers.actions import OverQuantity, upsert_product
from customers.models import Product
from inspections.actions import correct_disposition
from inspections.models import Inspection, StockMovement
from returns import actions
from returns.lifecycle import IllegalMove
from tests.inspections import goods
from tests.inspections.goods import (
    AGENT,
    DOCK,
    a_return,
    finding,
    fresh,
    inspected,
    item_of,
    kinds,
    received,
)
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


def here(units: int = 2) -> Any:
    """A return whose units are all at the bench."""
    rma = a_return(units)
    received(rma)
    return fresh(rma)


def moved() -> list[tuple[int, str]]:
    """Every stock movement: units and disposition."""
    return list(StockMovement.objects.order_by("pk").values_list("quantity", "disposition"))


def test_two_units_of_a_line_get_two_grades() -> None:
    rma = here(3)
    one, two = inspected(rma, finding(rma, 1, "A"), finding(rma, 2, "C", disposition="liquidate", note="Seam torn"))
    item = item_of(rma)
    assert (item.accepted, item.rejected, item.uninspected) == (3, 0, 0)
    assert (one.grade, two.grade, two.quantity, two.inspector) == ("A", "C", 2, DOCK.name)
    assert fresh(rma).status == "inspected"
    assert kinds(rma)[-1] == "inspection.completed"


def test_a_part_leaves_the_rest_on_the_bench() -> None:
    rma = here(3)
    inspected(rma, finding(rma, 1))
    assert fresh(rma).status == "received"
    assert kinds(rma)[-1] == "inspection.recorded"
    inspected(fresh(rma), finding(rma, 2))
    assert fresh(rma).status == "inspected"


@pytest.mark.parametrize("split", [(3,), (1, 2)])
def test_more_than_is_here_is_refused_with_what_is_possible(split: tuple[int, ...]) -> None:
    rma = here(2)
    with unchanged(), pytest.raises(OverQuantity) as refusal:
        inspected(rma, *[finding(rma, quantity) for quantity in split])
    assert refusal.value.extra["max"] == 2
    assert refusal.value.errors[0].pointer == f"/items/{len(split) - 1}/quantity"


def test_nothing_can_be_inspected_before_it_came() -> None:
    rma = a_return(1)
    with unchanged(), pytest.raises(IllegalMove):
        inspected(rma, finding(rma))


def test_nothing_can_be_inspected_before_somebody_decided() -> None:
    rma = goods.undecided(1)
    received(rma)
    with unchanged(), pytest.raises(IllegalMove):
        inspected(fresh(rma), finding(rma))


def test_an_item_of_another_return_is_refused() -> None:
    rma, other = here(1), here(1)
    with unchanged(), pytest.raises(Invalid) as refusal:
        inspected(rma, finding(other))
    assert refusal.value.errors[0].pointer == "/items/0/item"


@pytest.mark.parametrize(
    ("outcome", "disposition"),
    [
        ("rejected", "restock"),
        ("rejected", "refurbish"),
        ("rejected", "liquidate"),
        ("accepted", "return_to_customer"),
    ],
)
def test_outcome_and_disposition_must_fit(outcome: str, disposition: str) -> None:
    rma = here(1)
    with unchanged(), pytest.raises(Invalid) as refusal:
        inspected(rma, finding(rma, outcome=outcome, disposition=disposition))
    assert refusal.value.errors[0].pointer == "/items/0/disposition"


def stocked(units: int = 10) -> Product:
    """A tee that counts its stock."""
    upsert_product(
        {"sku": "TEE", "title": "Tee", "price": "10.00", "currency": "EUR", "stock": units, "tax_rate": "0.23"}
    )
    return Product.objects.get(sku="TEE")


def test_stock_moves_once_and_only_for_what_is_restocked() -> None:
    product, rma = stocked(), here(3)
    inspected(rma, finding(rma, 2), finding(rma, 1, "D", disposition="scrap"))
    product.refresh_from_db()
    assert (product.stock, moved()) == (12, [(2, "restock")])


def test_a_correction_is_an_opposite_movement() -> None:
    product, rma = stocked(), here(2)
    [found] = inspected(rma, finding(rma, 2))
    corrected = correct_disposition(found, disposition="scrap", reason="Stain seen later", actor=AGENT)
    product.refresh_from_db()
    assert (product.stock, moved()) == (10, [(2, "restock"), (-2, "restock")])
    assert (corrected.disposition, corrected.revision) == ("scrap", 2)
    assert StockMovement.objects.get(quantity=-2).reason == "Stain seen later"
    again = correct_disposition(corrected, disposition="restock", reason="It came out", actor=AGENT)
    product.refresh_from_db()
    assert (product.stock, again.revision, sum(units for units, _way in moved())) == (12, 3, 2)
    assert kinds(rma)[-2:] == ["disposition.corrected", "disposition.corrected"]


def test_a_correction_to_the_same_is_refused() -> None:
    rma = here(1)
    [found] = inspected(rma, finding(rma))
    with unchanged(), pytest.raises(Conflict):
        correct_disposition(found, disposition="restock", reason="again", actor=AGENT)


def test_a_correction_may_not_sell_what_was_rejected() -> None:
    rma = here(1)
    [found] = inspected(rma, finding(rma, grade="D", outcome="rejected", disposition="return_to_customer"))
    with unchanged(), pytest.raises(Invalid):
        correct_disposition(found, disposition="restock", reason="a pity", actor=AGENT)


def test_rejected_goods_are_not_restocked_and_their_units_are_free_again() -> None:
    product, rma = stocked(), here(2)
    inspected(rma, finding(rma, 2, "D", outcome="rejected", disposition="return_to_customer", note="Worn"))
    product.refresh_from_db()
    item = item_of(rma)
    assert (product.stock, moved()) == (10, [])
    assert (item.rejected, item.sent_back, item.line.claimed) == (2, 2, 0)
    assert fresh(rma).status == "resolved"


def test_goods_that_stay_after_all_are_claimed_again() -> None:
    rma = here(2)
    [found] = inspected(rma, finding(rma, 2, "D", outcome="rejected", disposition="return_to_customer"))
    correct_disposition(found, disposition="scrap", reason="The customer does not want it", actor=AGENT)
    item = item_of(rma)
    assert (item.sent_back, item.line.claimed) == (0, 2)


def test_goods_that_were_claimed_meanwhile_cannot_stay() -> None:
    order = goods.an_order()
    rma = a_return(3, order=order)
    received(rma)
    back = finding(rma, 3, "D", outcome="rejected", disposition="return_to_customer")
    [found] = inspected(fresh(rma), back)
    a_return(1, order=order)
    with unchanged(), pytest.raises(OverQuantity):
        correct_disposition(found, disposition="scrap", reason="too late", actor=AGENT)


def test_a_surplus_that_goes_back_frees_no_unit_of_anybody_else() -> None:
    order = goods.an_order()
    rma, other = a_return(1, order=order), a_return(1, order=order)
    received(rma, 3)
    back = finding(rma, 2, "D", outcome="rejected", disposition="return_to_customer")
    inspected(fresh(rma), finding(rma, 1), back)
    assert item_of(rma).line.claimed == 2
    assert item_of(other).holding == 1


def test_a_surplus_goes_back_before_the_units_that_were_claimed() -> None:
    rma = a_return(1)
    received(rma, 2)
    back = finding(rma, 2, "D", outcome="rejected", disposition="return_to_customer")
    inspected(fresh(rma), back)
    assert item_of(rma).line.claimed == 0


def test_photos_are_attached_to_what_they_show() -> None:
    rma = here(2)
    shots = [actions.add_photo(rma, goods.picture(colour), kind="inspection", actor=DOCK) for colour in ("red", "blue")]
    uids = [str(shot.uid) for shot in shots]
    [found] = inspected(fresh(rma), finding(rma, 1, photos=[*uids, uids[0]]))
    assert set(found.photos.all()) == set(shots)


@pytest.mark.parametrize("photo", ["no-id", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_photo_is_refused(photo: str) -> None:
    rma = here(1)
    with unchanged(), pytest.raises(Invalid):
        inspected(rma, finding(rma, photos=[photo]))


def test_a_photo_of_another_return_is_refused() -> None:
    rma, other = here(1), here(1)
    shot = actions.add_photo(other, goods.picture(), kind="inspection", actor=DOCK)
    with unchanged(), pytest.raises(Invalid):
        inspected(rma, finding(rma, photos=[str(shot.uid)]))


def test_a_later_parcel_brings_an_inspected_return_back_to_the_bench() -> None:
    rma = here(1)
    inspected(rma, finding(rma))
    received(fresh(rma), 1)
    assert fresh(rma).status == "received"
    assert Inspection.objects.filter(rma=rma).count() == 1
