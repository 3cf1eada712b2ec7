"""The calculator against figures worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from customers.pricing import price, validate
from refunds.calculator import (
    Allowance,
    BadRequest,
    Deduction,
    FeeRule,
    Leaf,
    OverAmount,
    OverQuantity,
    Payment,
    Quote,
    QuoteLine,
    calculate,
    remaining,
)
from tests.customers.orders import Document, line, order, story, tee
from tests.refunds.books import Book

VAT = Decimal("0.23")


def book(document: Document) -> Book:
    """The untouched books of an order."""
    read = validate(document)
    return Book(read, price(read))


def lines(quote: Quote) -> list[tuple[Any, ...]]:
    """(kind, line or shipping, quantity, net, tax, gross) of a quote."""
    return [
        (each.kind, each.line or each.shipping, each.quantity, each.net, each.tax, each.gross) for each in quote.lines
    ]


def paid_order(*rows: Document, **changes: Any) -> Book:
    """The books of an order that was paid in full by one card."""
    document = order(*rows, **changes)
    total = price(validate(document)).total
    document.setdefault("payments", [])
    places = {"JPY": 1, "KWD": 1000}.get(document["currency"], 100)
    text = str(total) if places == 1 else f"{total // places}.{total % places:0{len(str(places)) - 1}d}"
    return book({**document, "payments": [{"id": "P1", "captured": text, "kind": "card"}]})


def test_the_story_of_the_mockups() -> None:
    shop = book(story())
    claims = (shop.claim("J", 1), shop.claim("B", 1))
    deduction = Deduction(item="item-J", amount=2551, reason="Stain on left cuff")
    quote = shop.quote(claims=claims, deductions=(deduction,))
    assert lines(quote) == [
        ("item", "J", 1, 13829, 3181, 17010),
        ("item", "B", 1, 2049, 471, 2520),
        ("deduction", "J", 0, -2074, -477, -2551),
    ]
    assert (quote.total, quote.tax, quote.net, quote.fee) == (16979, 3175, 13804, 0)
    assert quote.tax_by_rate == {VAT: 3175}
    assert quote.split == (("visa", 16979),)
    assert quote.lines[2].reason == "Stain on left cuff"
    assert quote.lines[2].item == "item-J"


def test_the_example_of_the_api_unit_by_unit() -> None:
    shop = book(tee())
    grosses = [shop.reimburse(claims=(shop.claim("A", 1),)).total for _unit in range(3)]
    assert grosses == [9667, 9666, 9667]
    assert shop.reimburse(shipping="all").total == 3998
    assert shop.received == 32998


def test_mixed_rates_and_tax_on_top() -> None:
    shop = paid_order(
        line("A", unit_price="10.00"),
        line("B", unit_price="10.00", tax_rate="0.08"),
        prices_include_tax=False,
    )
    quote = shop.quote(claims=(shop.claim("A", 1), shop.claim("B", 1)))
    assert lines(quote) == [("item", "A", 1, 1000, 230, 1230), ("item", "B", 1, 1000, 80, 1080)]
    assert quote.tax_by_rate == {Decimal("0.08"): 80, VAT: 230}


@pytest.mark.parametrize(
    ("currency", "price", "shares"),
    [("JPY", "1000", [333, 334, 333]), ("EUR", "10.00", [333, 334, 333]), ("KWD", "1.000", [333, 334, 333])],
)
def test_currencies_of_no_two_and_three_decimals(currency: str, price: str, shares: list[int]) -> None:
    shop = paid_order(line("A", quantity=3, unit_price=None, total=price), currency=currency, discount="0")
    assert [shop.reimburse(claims=(shop.claim("A", 1),)).total for _unit in range(3)] == shares


def kit() -> Book:
    """Two kits of a lamp (70) and two bulbs (20), 110.00 paid."""
    zero = {"unit_price": "0.00"}
    return paid_order(
        line("K", quantity=2, unit_price="60.00", discount="10.00"),
        line("lamp", quantity=2, parent="K", pieces=1, share="70.00", **zero),
        line("bulb", quantity=4, parent="K", pieces=2, share="20.00", **zero),
    )


def test_a_kit_comes_back_as_its_components() -> None:
    shop = kit()
    first = shop.reimburse(claims=(shop.claim("bulb", 1),))
    assert lines(first) == [("item", "bulb", 1, 497, 114, 611)]
    whole = shop.reimburse(claims=(shop.claim("K", 1),))
    assert lines(whole) == [("item", "lamp", 1, 3478, 800, 4278), ("item", "bulb", 2, 993, 229, 1222)]
    assert {each.item for each in whole.lines} == {"item-K"}
    with pytest.raises(OverQuantity) as refusal:
        shop.quote(claims=(shop.claim("K", 1),))
    assert refusal.value.extra == {"max": 0}
    shop.reimburse(claims=(shop.claim("lamp", 1), shop.claim("bulb", 1)))
    assert shop.received == 11000


def test_more_units_than_there_are() -> None:
    shop = book(tee())
    for claim, most in ((shop.claim("A", 4), 3), (shop.claim("A", 2, payable=1), 1)):
        with pytest.raises(OverQuantity) as refusal:
            shop.quote(claims=(claim,))
        assert (refusal.value.code, refusal.value.status) == ("over_quantity", 422)
        assert refusal.value.extra == {"max": most}
        assert refusal.value.errors[0].pointer == "/items/0/quantity"


def test_two_claims_on_one_line_share_its_units() -> None:
    shop = book(tee())
    quote = shop.quote(claims=(shop.claim("A", 1), shop.claim("A", 2)))
    assert [each.gross for each in quote.lines] == [9667, 19333]
    with pytest.raises(OverQuantity):
        shop.quote(claims=(shop.claim("A", 2), shop.claim("A", 2)))


def test_a_rejected_reimbursement_is_made_good_by_the_next() -> None:
    # Units 1 and 2 were quoted as 333 and 334; the first was rejected, so 334 stands for one unit.
    leaf = Leaf(id="A", quantity=3, gross=1000, tax=0, tax_rate=Decimal(0), refunded_units=1, refunded_gross=334)
    shop = paid_order(line("A", quantity=3, unit_price=None, total="10.00", tax_rate="0"))
    shop.leaves["A"] = leaf
    assert [shop.reimburse(claims=(shop.claim("A", 1),)).total for _unit in range(2)] == [333, 333]


def test_no_unit_holds_more_tax_than_money() -> None:
    shop = paid_order(line("A", quantity=12, unit_price=None, total="0.04"))
    shop.leaves["A"] = Leaf(id="A", quantity=12, gross=4, tax=1, tax_rate=VAT)
    quotes = [shop.reimburse(claims=(shop.claim("A", 1),)) for _unit in range(12)]
    # By the formula alone the sixth unit would be 0 with a tax of 1.
    assert [quote.total for quote in quotes] == [0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0]
    assert [quote.tax for quote in quotes] == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(("wish", "amounts"), [("none", []), ("all", [3998]), (1499, [1499]), (0, [])])
def test_shipping_as_wished(wish: Any, amounts: list[int]) -> None:
    quote = book(tee()).quote(shipping=wish)
    assert [each.gross for each in quote.lines] == amounts


def test_shipping_in_parts_closes_exactly() -> None:
    shop = book(tee())
    parts = [shop.reimburse(shipping=1333), shop.reimburse(shipping=1333), shop.reimburse(shipping="all")]
    assert [each.total for each in parts] == [1333, 1333, 1332]
    assert sum(each.tax for each in parts) == 748
    assert lines(parts[0]) == [("shipping", "S", 0, 1084, 249, 1333)]
    assert shop.quote(shipping="all").lines == ()


def test_more_shipping_than_is_left() -> None:
    with pytest.raises(OverAmount) as refusal:
        book(tee()).quote(shipping=3999)
    assert (refusal.value.code, refusal.value.status) == ("over_amount", 422)
    assert refusal.value.extra == {"max": "39.98"}
    assert "39.98" in refusal.value.detail


def test_a_deduction_takes_the_item_and_no_more() -> None:
    shop = book(story())
    claims = (shop.claim("J", 1), shop.claim("B", 1))
    whole = shop.quote(claims=claims, deductions=(Deduction(item="item-B", amount=2520),))
    assert (whole.total, whole.tax) == (17010, 3181)
    twice = (Deduction(item="item-B", amount=2500), Deduction(item="item-B", amount=21))
    with pytest.raises(OverAmount) as refusal:
        shop.quote(claims=claims, deductions=twice)
    assert refusal.value.extra == {"max": "0.20"}
    assert refusal.value.errors[0].pointer == "/deductions/1/amount"


@pytest.mark.parametrize("deduction", [Deduction(item="other", amount=1), Deduction(item="item-J", amount=-1)])
def test_a_deduction_that_means_nothing(deduction: Deduction) -> None:
    shop = book(story())
    with pytest.raises(BadRequest):
        shop.quote(claims=(shop.claim("J", 1),), deductions=(deduction,))


FEES = [
    ({"percent": Decimal(15)}, {}, 2551),
    ({"percent": Decimal(15), "fixed": 500}, {}, 3051),
    ({"percent": Decimal(15), "fixed": 500}, {"fixed_taken": True}, 2551),
    ({"percent": Decimal(15)}, {"fee_cap": 850}, 850),
    ({"percent": Decimal(15)}, {"fee_cap": 0}, 0),
    ({"percent": Decimal(15)}, {"fee_waived": True}, 0),
    ({"fixed": 20000}, {}, 17010),
    ({"percent": Decimal("12.5")}, {}, 2126),
]


@pytest.mark.parametrize(("rule", "more", "fee"), FEES)
def test_restocking_fee(rule: dict[str, Any], more: dict[str, Any], fee: int) -> None:
    shop = book(story())
    quote = shop.quote(claims=(shop.claim("J", 1, fee=FeeRule(**rule), **more),))
    assert (quote.fee, quote.total) == (fee, 17010 - fee)
    assert quote.net + quote.tax == quote.total
    assert abs(quote.tax - (quote.total * 23 + 61) // 123) <= 1


def test_fee_comes_after_the_deduction_but_of_the_whole_price() -> None:
    shop = book(story())
    rule = FeeRule(percent=Decimal(15))
    deduction = Deduction(item="item-J", amount=16000)
    quote = shop.quote(claims=(shop.claim("J", 1, fee=rule),), deductions=(deduction,))
    assert (quote.fee, quote.total, quote.tax) == (1010, 0, 0)


@pytest.mark.parametrize(
    ("keep", "cap", "fee"),
    [(False, None, 2900 + 399), (True, None, 2900), (False, 3000, 3000), (False, 100, 100)],
)
def test_fee_of_shipping(keep: bool, cap: int | None, fee: int) -> None:
    shop = book(tee())
    rule = FeeRule(percent=Decimal(10), keep_shipping=keep)
    quote = shop.quote(claims=(shop.claim("A", 3, fee=rule, fee_cap=cap),), shipping="all")
    assert (quote.fee, quote.total) == (fee, 32998 - fee)


def test_shipping_pays_one_fee_the_highest() -> None:
    shop = book(
        order(
            line("A"), line("B"), shipping=[{"id": "S", "amount": "10.00"}],
            payments=[{"id": "P", "captured": "210.00"}],
        )
    )  # fmt: skip
    claims = (
        shop.claim("A", 1, fee=FeeRule(percent=Decimal(5))),
        shop.claim("B", 1, fee=FeeRule(percent=Decimal(20))),
    )
    quote = shop.quote(claims=claims, shipping="all")
    fees = [each for each in lines(quote) if each[0] == "restocking_fee"]
    assert [(each[1], each[-1]) for each in fees] == [("A", -500), ("B", -2000), ("S", -200)]


def test_one_cap_over_all_fees() -> None:
    shop = book(story())
    rule = FeeRule(percent=Decimal(10))
    claims = (shop.claim("J", 1, fee=rule), shop.claim("B", 1, fee=rule))
    assert shop.quote(claims=claims, fee_cap=1800).fee == 1800
    assert shop.quote(claims=claims, fee_cap=10_000).fee == 1953


@pytest.mark.parametrize(
    ("label", "waived", "total"), [(499, False, 2021), (499, True, 2520), (9999, False, 0), (0, False, 2520)]
)
def test_label_fee_never_goes_below_nothing(label: int, waived: bool, total: int) -> None:
    shop = book(story())
    quote = shop.quote(claims=(shop.claim("B", 1),), label_fee=label, label_fee_waived=waived)
    assert quote.total == total
    assert quote.label_fee == 2520 - total
    assert quote.fee == 0
    if not total:
        assert (quote.net, quote.tax) == (0, 0)


def test_a_label_fee_over_two_rates() -> None:
    shop = paid_order(line("A", unit_price="10.00"), line("B", unit_price="30.00", tax_rate="0.08"))
    quote = shop.quote(claims=(shop.claim("A", 1), shop.claim("B", 1)), label_fee=400)
    assert lines(quote)[2:] == [
        ("label_fee", None, 0, -81, -19, -100),
        ("label_fee", None, 0, -278, -22, -300),
    ]


@pytest.mark.parametrize(("claw_back", "total"), [(520, 2000), (99999, 0)])
def test_a_lost_promotion_is_taken_back_down_to_nothing(claw_back: int, total: int) -> None:
    shop = book(story())
    quote = shop.quote(claims=(shop.claim("B", 1),), claw_back=claw_back)
    assert quote.total == total
    assert [(each.kind, each.gross) for each in quote.lines] == [("item", 2520), ("discount", total - 2520)]


@pytest.mark.parametrize("tender", ["store_credit", "exchange"])
def test_bonus_is_a_line_of_its_own_and_without_tax(tender: str) -> None:
    shop = book(story())
    quote = shop.quote(claims=(shop.claim("J", 1),), tender=tender, bonus_percent=Decimal(5))
    assert quote.lines[-1] == QuoteLine(
        kind="bonus", item=None, line=None, quantity=0, net=851, tax=0, gross=851, tax_rate=None
    )
    assert (quote.total, quote.credit, quote.split) == (17861, 17861, ())
    assert quote.tax_by_rate == {VAT: 3181}


def test_no_bonus_on_money() -> None:
    shop = book(story())
    assert shop.quote(claims=(shop.claim("J", 1),), bonus_percent=Decimal(5)).total == 17010


def pay(id: str, kind: str, captured: int, position: int, **more: Any) -> Payment:
    """A payment in cents."""
    return Payment(id=id, kind=kind, captured=captured, position=position, **more)


THREE = {
    "gift": pay("gift", "gift_card", 5000, 3),
    "card": pay("card", "card", 10000, 1),
    "blik": pay("blik", "blik", 4530, 2),
}


@pytest.mark.parametrize(
    ("refund_order", "split"),
    [
        ("last_first", (("blik", 4530), ("card", 10000), ("gift", 2480))),
        ("first_first", (("card", 10000), ("blik", 4530), ("gift", 2480))),
        (("gift_card", "card"), (("gift", 5000), ("card", 10000), ("blik", 2010))),
        (("blik",), (("blik", 4530), ("card", 10000), ("gift", 2480))),
    ],
)
def test_order_of_payments(refund_order: Any, split: tuple[tuple[str, int], ...]) -> None:
    shop = book(story())
    shop.payments = dict(THREE)
    assert shop.quote(claims=(shop.claim("J", 1),), refund_order=refund_order).split == split


@pytest.mark.parametrize(
    ("changes", "tender", "split"),
    [
        ({"refundability": "none"}, "bank_transfer", (("card", 2520),)),
        ({"refundability": "none"}, "cash", (("card", 2520),)),
        ({"refundability": "partial"}, "original", (("card", 2520),)),
        ({"refundability": "partial", "refundable": 1000}, "original", (("card", 1000), ("gift", 1520))),
        ({"taken": 9000}, "original", (("card", 1000), ("gift", 1520))),
        ({"refundability": "none"}, "original", (("gift", 2520),)),
    ],
)
def test_each_payment_up_to_its_own(changes: dict[str, Any], tender: str, split: Any) -> None:
    shop = book(story())
    shop.payments = {"card": pay("card", "card", 10000, 1, **changes), "gift": THREE["gift"]}
    assert shop.quote(claims=(shop.claim("B", 1),), tender=tender).split == split


def test_payments_that_cannot_bear_it() -> None:
    shop = book(story())
    shop.payments = {"cod": pay("cod", "cod", 19530, 1, refundability="none")}
    with pytest.raises(OverAmount) as refusal:
        shop.quote(claims=(shop.claim("B", 1),))
    assert refusal.value.extra == {"max": "0.00"}
    assert refusal.value.errors[0].pointer == "/tender"
    assert shop.quote(claims=(shop.claim("B", 1),), tender="store_credit").credit == 2520


def test_the_order_is_a_ceiling_too() -> None:
    shop = book(story())
    claims = (shop.claim("J", 1), shop.claim("B", 1))
    with pytest.raises(OverAmount) as refusal:
        shop.quote(claims=claims, ceiling=18000)
    assert refusal.value.extra == {"max": "180.00"}
    clipped = shop.quote(claims=claims, ceiling=18000, clip=True)
    assert (clipped.total, clipped.lines[-1].kind, clipped.lines[-1].gross) == (18000, "deduction", -1530)
    assert shop.quote(claims=claims, ceiling=-5, clip=True).total == 0


def test_without_a_ceiling_the_payments_are_one() -> None:
    shop = book(story())
    shop.payments = {"visa": pay("visa", "card", 19530, 0, taken=3000)}
    with pytest.raises(OverAmount) as refusal:
        shop.quote(claims=(shop.claim("J", 1),), ceiling=None)
    assert refusal.value.extra == {"max": "165.30"}


def test_a_mere_quote_asks_no_payment() -> None:
    shop = book(story())
    shop.payments = {}
    quote = shop.quote(claims=(shop.claim("J", 1),), ceiling=None, split=False)
    assert (quote.total, quote.split, quote.credit) == (17010, (), 0)


def test_postage_is_paid_back_beside_the_ceiling() -> None:
    shop = book(story())
    claims = (shop.claim("J", 1), shop.claim("B", 1))
    quote = shop.quote(claims=claims, return_postage=700)
    assert (quote.total, quote.split, quote.payout) == (20230, (("visa", 19530),), 700)
    assert lines(quote)[-1] == ("return_postage", None, 0, 700, 0, 700)
    alone = shop.quote(claims=(shop.claim("B", 1),), return_postage=700)
    assert (alone.split, alone.payout) == ((("visa", 3220),), 0)


def test_goodwill_lowers_what_units_are_paid_with() -> None:
    shop = book(story())
    gift = Allowance(kind="goodwill", amount=800, leaves=("J",), reason="Late")
    quote = shop.reimburse(allowances=(gift,))
    assert lines(quote) == [("goodwill", "J", 0, 650, 150, 800)]
    assert quote.lines[0].reason == "Late"
    assert remaining(shop.leaves["J"]) == (16210, 3031)
    assert lines(shop.reimburse(claims=(shop.claim("J", 1),))) == [("item", "J", 1, 13179, 3031, 16210)]
    assert remaining(shop.leaves["J"]) == (0, 0)


def test_goodwill_on_the_whole_order_reaches_everything_once() -> None:
    shop = book(tee())
    everything = Allowance(kind="goodwill", amount="rest", leaves=("A",), shipping=("S",))
    quote = shop.reimburse(allowances=(everything,))
    assert [(each.line, each.shipping, each.gross) for each in quote.lines] == [
        ("A", None, 29000),
        (None, "S", 3998),
    ]
    with pytest.raises(OverAmount) as refusal:
        shop.quote(allowances=(Allowance(kind="goodwill", amount=1, leaves=("A",), shipping=("S",)),))
    assert refusal.value.extra == {"max": "0.00"}


def test_goodwill_for_one_unit_has_its_own_limit() -> None:
    shop = book(tee())
    with pytest.raises(OverAmount) as refusal:
        shop.quote(allowances=(Allowance(kind="goodwill", amount=10000, leaves=("A",), limit=9667),))
    assert refusal.value.extra == {"max": "96.67"}


def test_goodwill_can_give_back_a_deduction_and_leaves_other_units_whole() -> None:
    leaf = Leaf(
        id="A", quantity=2, gross=20000, tax=0, tax_rate=Decimal(0), refunded_units=1, refunded_gross=10000,
        withheld_gross=1000,
    )  # fmt: skip
    assert remaining(leaf) == (11000, 0)
    shop = paid_order(line("A", quantity=2, tax_rate="0"))
    shop.leaves["A"] = leaf
    shop.received = 9000
    shop.reimburse(allowances=(Allowance(kind="goodwill", amount=1000, leaves=("A",)),))
    assert shop.reimburse(claims=(shop.claim("A", 1),)).total == 10000
    assert shop.received == 20000


def test_equal_requests_have_equal_quotes() -> None:
    shop = book(story())
    wishes: dict[str, Any] = {"claims": (shop.claim("J", 1),), "label_fee": 100}
    assert calculate(shop.request(**wishes)) == calculate(shop.request(**wishes))


def test_nothing_wished_is_nothing_paid() -> None:
    quote = book(story()).quote()
    assert (quote.lines, quote.total, quote.split, quote.tax_by_rate) == ((), 0, (), {})


def test_a_free_gift_is_listed_for_nothing() -> None:
    shop = paid_order(line("A"), line("gift", unit_price="0.00"))
    quote = shop.quote(claims=(shop.claim("gift", 1),))
    assert (quote.total, [each.gross for each in quote.lines]) == (0, [0])
