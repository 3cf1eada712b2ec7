"""R1 conservation, R2 fairness and R3 ceilings over random orders and any sequence of partial returns."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from customers.pricing import PricedOrder, validate
from refunds.calculator import Allowance, Claim, Deduction, FeeRule, OverAmount, Quote
from tests.customers.orders import Document, priced_documents
from tests.refunds.books import Book

ORDERS = priced_documents()
# One seed for a whole sequence: drawing every step costs most of the time.
STEPS = st.integers(0, 2**32).map(Random)
Pair = tuple[Document, PricedOrder]


def book_of(pair: Pair) -> Book:
    """The untouched books of a random order."""
    return Book(validate(pair[0]), pair[1])


def open_claims(shop: Book) -> list[Claim]:
    """The most that each line, leaf or whole kit, can still claim."""
    found = []
    for line in shop.priced.lines:
        parts = shop.parts(line.id)
        units = min((shop.leaves[leaf].quantity - shop.leaves[leaf].refunded_units) // each for leaf, each in parts)
        if units:
            found.append(shop.claim(line.id, units))
    return found


def some_claim(steps: Random, shop: Book) -> Claim:
    """Some units of some line."""
    claim = steps.choice(open_claims(shop))
    return shop.claim(claim.line, steps.randint(1, claim.units))


def check(shop: Book, quote: Quote) -> None:
    """What holds of every quote."""
    for line in quote.lines:
        assert line.net + line.tax == line.gross
        assert min(line.net, line.tax, line.gross) >= 0 or max(line.net, line.tax, line.gross) <= 0
    assert quote.net + quote.tax == quote.total >= 0
    assert min(quote.net, quote.tax) >= 0
    assert sum(quote.tax_by_rate.values()) == quote.tax
    assert quote.total == sum(amount for _payment, amount in quote.split) + quote.credit + quote.payout
    assert all(amount > 0 for _payment, amount in quote.split)


def check_books(shop: Book) -> None:
    """R3: nothing ever holds more than was paid for it."""
    assert 0 <= shop.received <= shop.priced.captured
    for leaf in shop.leaves.values():
        assert leaf.refunded_gross + leaf.goodwill_gross <= leaf.gross
        assert leaf.refunded_tax + leaf.goodwill_tax <= leaf.tax
    for row in shop.shipping.values():
        assert row.refunded_gross <= row.gross
        assert row.refunded_tax <= row.tax
    for payment in shop.payments.values():
        assert payment.taken <= payment.captured


def check_shares(shop: Book, quote: Quote) -> None:
    """R2: each refund, and all so far, are as near to the exact share as whole units allow."""
    for line in quote.lines:
        leaf = shop.leaves[str(line.line)]
        assert abs(line.gross - Fraction(leaf.gross * line.quantity, leaf.quantity)) <= 1
        so_far = Fraction(leaf.gross * leaf.refunded_units, leaf.quantity)
        assert abs(leaf.refunded_gross - so_far) <= Fraction(1, 2)


@settings(max_examples=120, deadline=None)
@given(ORDERS, STEPS)
def test_r1_and_r2_everything_back_is_everything_paid_by_fair_steps(pair: Pair, steps: Random) -> None:
    shop = book_of(pair)
    quotes = []
    while open_claims(shop):
        quotes.append(shop.reimburse(claims=(some_claim(steps, shop),)))
        check(shop, quotes[-1])
        check_shares(shop, quotes[-1])
        check_books(shop)
    quotes.append(shop.reimburse(shipping="all"))
    assert shop.received == shop.priced.total
    assert sum(quote.net for quote in quotes) == shop.priced.net
    assert sum(quote.tax for quote in quotes) == shop.priced.tax
    for line in shop.priced.leaves():
        leaf = shop.leaves[line.id]
        assert (leaf.refunded_gross, leaf.refunded_tax) == (line.gross, line.tax)
    assert all(payment.rest == 0 for payment in shop.payments.values())


@settings(max_examples=50, deadline=None)
@given(ORDERS)
def test_a_kit_as_a_whole_is_the_sum_of_its_parts(pair: Pair) -> None:
    for kit in (line for line in pair[1].lines if line.components):
        quote = book_of(pair).quote(claims=(book_of(pair).claim(kit.id, kit.quantity),))
        assert (quote.total, quote.tax) == (kit.gross, kit.tax)


RULES = st.builds(
    FeeRule,
    fixed=st.integers(0, 3000),
    percent=st.sampled_from([Decimal(0), Decimal("12.5"), Decimal(15), Decimal(100), Decimal(130)]),
    keep_shipping=st.booleans(),
)
CAPS = st.none() | st.integers(0, 2000)


def wishes_of(data: st.DataObject, shop: Book) -> dict[str, Any]:
    """Everything at once that a reimbursement can ask for."""
    claims, deductions = [], []
    for each in open_claims(shop)[: data.draw(st.integers(0, 2))]:
        if shop.parts(each.line) == ((each.line, 1),):
            units = data.draw(st.integers(1, each.units))
            claims.append(shop.claim(each.line, units, fee=data.draw(RULES), fee_cap=data.draw(CAPS)))
            deductions.append(Deduction(item=claims[-1].item, amount=data.draw(st.integers(0, 2000))))
    goodwill = Allowance(
        kind=data.draw(st.sampled_from(["goodwill", "price_reduction"])), leaves=tuple(shop.leaves),
        amount=data.draw(st.integers(0, 500) | st.just("rest")), shipping=tuple(shop.shipping),
    )  # fmt: skip
    return {
        "claims": tuple(claims), "deductions": tuple(deductions) if data.draw(st.booleans()) else (),
        "allowances": (goodwill,) if data.draw(st.booleans()) else (),
        "shipping": data.draw(st.sampled_from(["none", "all", 1, 700])),
        "label_fee": data.draw(st.integers(0, 1500)), "label_fee_waived": data.draw(st.booleans()),
        "claw_back": data.draw(st.integers(0, 3000)), "fee_cap": data.draw(CAPS),
        "refund_order": data.draw(st.sampled_from(["last_first", "first_first", ("blik", "gift_card")])),
        "tender": data.draw(st.sampled_from(["original", "bank_transfer", "cash"])),
    }  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(ORDERS, st.data())
def test_r3_whatever_is_asked_nothing_exceeds_what_is_left(pair: Pair, data: st.DataObject) -> None:
    shop = book_of(pair)
    for _turn in range(data.draw(st.integers(1, 4))):
        wishes = wishes_of(data, shop)
        before = {id: payment.rest for id, payment in shop.payments.items()}
        try:
            quote = shop.reimburse(**wishes)
        except OverAmount:
            continue
        check(shop, quote)
        check_books(shop)
        assert all(amount <= before[payment] for payment, amount in quote.split)
        if wishes["fee_cap"] is not None:
            assert quote.fee <= wishes["fee_cap"]
        for claim in wishes["claims"]:
            mine = [line for line in quote.lines if line.item == claim.item]
            assert sum(line.gross for line in mine) >= 0
            assert sum(line.tax for line in mine) >= 0
            fee = -sum(line.gross for line in mine if line.kind == "restocking_fee")
            assert claim.fee_cap is None or fee <= claim.fee_cap


@settings(max_examples=60, deadline=None)
@given(ORDERS, st.integers(0, 10**6), STEPS)
def test_r3_a_part_paid_order_gives_back_what_was_paid(pair: Pair, paid: int, steps: Random) -> None:
    shop = book_of(pair)
    ceiling = min(paid, shop.priced.captured)
    received = 0
    while open_claims(shop):
        quote = shop.reimburse(claims=(some_claim(steps, shop),), ceiling=ceiling - received, clip=True)
        check(shop, quote)
        received += quote.total
        assert received <= ceiling
    received += shop.reimburse(shipping="all", ceiling=ceiling - received, clip=True).total
    assert received == ceiling


@settings(max_examples=50, deadline=None)
@given(ORDERS, STEPS)
def test_store_credit_is_worth_the_money_and_its_bonus(pair: Pair, steps: Random) -> None:
    shop = book_of(pair)
    claim = some_claim(steps, shop)
    plain = shop.quote(claims=(claim,))
    credit = shop.quote(claims=(claim,), tender="store_credit", bonus_percent=Decimal(10))
    assert credit.credit == credit.total
    assert abs(credit.total - plain.total * Fraction(11, 10)) <= Fraction(1, 2)
    assert credit.tax == plain.tax
