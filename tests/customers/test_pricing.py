"""Order documents: figures worked out by hand, and properties over random orders."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings

from customers.pricing import Mismatch, PricedLine, PricedOrder, PricedShipping, canonical, price, validate
from tests.customers.orders import Document, line, order, priced_documents, story, tee


def rows(priced: PricedOrder) -> list[PricedLine | PricedShipping]:
    """All that was priced: lines, then delivery charges."""
    return [*priced.lines, *priced.shipping]


def paid(document: Document) -> dict[str, tuple[int, int, int]]:
    """Gross, net and tax of every line and delivery charge."""
    return {row.id: (row.gross, row.net, row.tax) for row in rows(price(validate(document)))}


def test_the_example_of_the_api_adds_up() -> None:
    priced = price(validate(tee()))
    assert (priced.total, priced.net, priced.tax, priced.captured) == (32998, 26827, 6171, 32998)
    assert paid(tee()) == {"A": (29000, 23577, 5423), "S": (3998, 3250, 748)}
    assert priced.shipping[0].cheapest_standard == 1499


def test_the_story_of_the_mockups() -> None:
    assert paid(story()) == {"J": (17010, 13829, 3181), "B": (2520, 2049, 471)}


def test_tax_on_top_is_of_the_discounted_base() -> None:
    document = order(
        line("A", quantity=3, unit_price="9.99", discount="1.00"),
        line("B", unit_price="20.00", tax_rate="0.08"),
        discount="5.00",
        prices_include_tax=False,
        shipping=[
            {
                "id": "S",
                "amount": "10.00",
                "discount": "1.50",
                "tax_rate": "0.23",
                "cheapest_standard": "4.00",
            }
        ],
    )
    # 28.97 and 20.00 share 5.00 as 2.96 and 2.04.
    assert paid(document) == {"A": (3199, 2601, 598), "B": (1940, 1796, 144), "S": (1046, 850, 196)}
    assert price(validate(document)).shipping[0].cheapest_standard == 492


def test_order_discount_goes_by_value_and_ties_by_order() -> None:
    document = order(*(line(each, unit_price="1.00") for each in "ABC"), discount="0.10")
    assert [gross for gross, _net, _tax in paid(document).values()] == [96, 97, 97]


def test_a_line_total_stands_instead_of_a_unit_price() -> None:
    document = order(line("A", quantity=3, unit_price=None, total="10.00"))
    assert paid(document)["A"][0] == 1000
    beside = order(line("A", quantity=3, unit_price="3.33", total="10.00"))
    assert paid(beside)["A"][0] == 1000


def test_a_line_total_far_from_its_unit_price_is_refused() -> None:
    with pytest.raises(Mismatch) as refusal:
        price(validate(order(line("A", quantity=3, unit_price="3.33", discount="1.00", total="10.00"))))
    assert refusal.value.extra == {"stated": "10.00", "computed": "8.99"}
    assert refusal.value.errors[0].pointer == "/lines/0/total"


def kit(lamp: str | None = "70.00", bulb: str | None = "20.00") -> Document:
    """Two kits of a lamp and two bulbs, 60.00 each with 10.00 off the line."""
    zero = {"unit_price": "0.00"}
    return order(
        line("K", quantity=2, unit_price="60.00", discount="10.00"),
        line("lamp", quantity=2, parent="K", pieces=1, share=lamp, **zero),
        line("bulb", quantity=4, parent="K", pieces=2, share=bulb, **zero),
    )


def test_the_money_of_a_kit_lives_at_its_components() -> None:
    priced = price(validate(kit()))
    assert paid(kit()) == {"K": (11000, 8943, 2057), "lamp": (8556, 6956, 1600), "bulb": (2444, 1987, 457)}
    assert [each.id for each in priced.leaves()] == ["lamp", "bulb"]
    assert priced.lines[0].components == ("lamp", "bulb")
    assert priced.total == 11000


def test_a_kit_without_shares_goes_by_pieces() -> None:
    assert [gross for gross, _net, _tax in paid(kit(lamp=None, bulb=None)).values()] == [11000, 3667, 7333]


def test_no_component_holds_more_tax_than_money() -> None:
    zero = {"unit_price": "0.00", "parent": "K"}
    document = order(
        line("K", unit_price="0.03", tax_rate="1"),
        *(line(each, share="1.00", **zero) for each in ("a", "b", "c", "d")),
    )
    parts = list(paid(document).values())[1:]
    assert [(gross, tax) for gross, _net, tax in parts] == [(1, 1), (1, 1), (1, 0), (0, 0)]


def test_yen_have_no_decimals_and_dinars_three() -> None:
    yen = order(line("A", quantity=3, unit_price="333", tax_rate="0.1"), currency="JPY", discount="0")
    assert paid(yen) == {"A": (999, 908, 91)}
    dinars = order(line("A", unit_price="1.234", tax_rate="0.05"), currency="KWD", prices_include_tax=False)
    assert paid(dinars) == {"A": (1296, 1234, 62)}


@pytest.mark.parametrize("total", ["329.97", "329.99", "0.00"])
def test_a_total_that_does_not_add_up(total: str) -> None:
    with pytest.raises(Mismatch) as refusal:
        price(validate(tee(total=total)))
    assert (refusal.value.code, refusal.value.status) == ("mismatch", 422)
    assert refusal.value.extra == {"stated": total, "computed": "329.98"}
    assert total in refusal.value.detail
    assert "329.98" in refusal.value.detail


@pytest.mark.parametrize(
    "payments",
    [
        [{"id": "P", "captured": "329.99"}],
        [{"id": "P", "captured": "300.00"}, {"id": "Q", "captured": "29.99"}],
        [{"id": "P", "captured": "0.00", "authorized": "329.99"}],
        [{"id": "P", "captured": "100.00", "authorized": "300.00"}, {"id": "Q", "captured": "29.99"}],
    ],
)
def test_payments_above_the_total(payments: list[Document]) -> None:
    with pytest.raises(Mismatch) as refusal:
        price(validate(tee(payments=payments)))
    assert refusal.value.extra == {"stated": "329.99", "computed": "329.98"}


def test_part_payment_and_authorization_beside_capture_are_fine() -> None:
    assert price(validate(tee(payments=[{"id": "P", "captured": "10.00"}]))).captured == 1000
    both = [{"id": "P", "captured": "329.98", "authorized": "329.98"}]
    assert price(validate(tee(payments=both))).captured == 32998


def test_canonical_writes_every_field_and_reads_back() -> None:
    document = validate(
        tee(
            shop="main", source="allegro", deliveries=[],
            placed_at="2026-10-01T11:00:00.25+02:00",
            customer={"email": None, "phone": "+48600100200", "company": "ACME", "tax_id": "PL1", "name": "ע",
                      "protected_person": {"type": "senior", "verified_on": "2026-01-02"}},
            ship_to={"line2": "x", "phone": "+48600100200", "company": "y", "pickup_point": "WAW123"},
            lines=[line("A", serials=["1"], batch="b", supplier="s", legal_group="il_electronics",
                        exclusions=["sealed_media"], tags=["x"], weight_g=0, image_url="https://e.com/a.jpg")],
            discount="0", shipping=[], total="100.00",
            payments=[{"id": "P", "captured": "1.00", "authorized": "2.00", "kind": "instalments",
                       "instalments": {"count": 3, "first": "1.00", "each": "1.00"}}],
            refunds=[{"payment": "P", "amount": "0.50", "at": "2026-10-02T00:00:00Z", "reference": "r"}],
            documents=[{"kind": "invoice", "number": "F/1", "issued_on": "2026-10-01", "ksef_number": "k",
                        "allocation_number": "a", "buyer_tax_id": "t"}],
        )
    )  # fmt: skip
    written = json.loads(json.dumps(canonical(document)))
    assert validate(written) == document
    assert canonical(validate(written)) == written
    assert written["placed_at"] == "2026-10-01T09:00:00.250000Z"
    assert written["deliveries"] == []
    assert written["lines"][0]["tax_rate"] == "0.23"
    assert written["payments"][0]["captured"] == "1.00"


def test_unknown_deliveries_are_not_no_deliveries() -> None:
    assert validate(tee(deliveries=None)).deliveries is None
    assert validate(tee(deliveries=[])).deliveries == ()
    assert canonical(validate(tee(deliveries=None)))["deliveries"] is None


def test_the_same_order_written_differently_is_the_same() -> None:
    loose = tee(placed_at="2026-10-01T11:00:00+02:00", discount="10", locale="pl")
    loose["lines"][0]["tax_rate"] = "0.230"
    assert canonical(validate(loose)) == canonical(validate(tee()))


@settings(max_examples=150, deadline=None)
@given(priced_documents())
def test_every_random_order_adds_up(pair: tuple[Document, PricedOrder]) -> None:
    document, priced = pair
    assert priced.total == priced.net + priced.tax
    assert priced.total == sum(each.gross for each in priced.leaves()) + sum(each.gross for each in priced.shipping)
    for each in rows(priced):
        assert each.gross == each.net + each.tax
        assert 0 <= each.tax <= each.gross
    for kit_line in (each for each in priced.lines if each.components):
        parts = [each for each in priced.lines if each.parent == kit_line.id]
        assert sum(each.gross for each in parts) == kit_line.gross
        assert sum(each.tax for each in parts) == kit_line.tax
    assert sum(each.order_discount for each in priced.lines) == validate(document).discount
    assert validate(json.loads(json.dumps(canonical(validate(document))))) == validate(document)


@settings(max_examples=100, deadline=None)
@given(priced_documents())
def test_tax_is_within_half_a_unit_of_the_exact(pair: tuple[Document, PricedOrder]) -> None:
    document, priced = pair
    for each in (row for row in rows(priced) if getattr(row, "parent", None) is None):
        rate = Fraction(each.tax_rate)
        base = each.gross * rate / (1 + rate) if document["prices_include_tax"] else each.net * rate
        assert abs(each.tax - base) <= Fraction(1, 2)


def test_rates_are_exact() -> None:
    assert validate(tee()).lines[0].tax_rate == Decimal("0.23")
