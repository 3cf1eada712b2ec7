"""The sums of an exchange: nothing is lost between what comes back, what leaves, and what is paid."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refunds.calculator import Claim, Leaf, OverAmount, Payment, Request, bear, calculate


def asked(gross: int, price: int | None, bonus: Decimal = Decimal(0), fee: int = 0) -> Request:
    """One unit of `gross`, paid in two payments, against a replacement of `price`."""
    return Request(
        currency="EUR",
        leaves=(Leaf(id="A", quantity=1, gross=gross, tax=0, tax_rate=Decimal(0)),),
        claims=(Claim(item="i", line="A", units=1, parts=(("A", 1),)),),
        label_fee=fee,
        bonus_percent=bonus,
        payments=(
            Payment(id="P1", kind="card", captured=gross // 3, position=0),
            Payment(id="P2", kind="blik", captured=gross - gross // 3, position=1),
        ),
        tender="exchange",
        exchange_price=price,
    )


@pytest.mark.parametrize(
    ("gross", "price", "bonus", "fee", "kept", "back", "extra"),
    [
        (10000, 10000, 0, 0, 10000, 0, 0),
        (10000, 7000, 0, 0, 7000, 3000, 0),
        (10000, 13000, 0, 0, 10000, 0, 0),
        (10000, 10400, 10, 0, 10400, 0, 400),
        (10000, 13000, 10, 0, 11000, 0, 1000),
        (10000, 7000, 10, 0, 7000, 3000, 0),
        (10000, 10000, 0, 500, 9500, 0, 0),
        (10000, 10000, 10, 500, 10000, 0, 500),
        (10000, 0, 0, 0, 0, 10000, 0),
    ],
)
def test_up_even_and_down(gross: int, price: int, bonus: int, fee: int, kept: int, back: int, extra: int) -> None:
    quote = calculate(asked(gross, price, Decimal(bonus), fee))
    assert quote.credit == kept
    assert sum(amount for _name, amount in quote.split) == back
    assert sum(line.gross for line in quote.lines if line.kind == "bonus") == extra


@given(
    gross=st.integers(1, 10**7), price=st.integers(0, 2 * 10**7), bonus=st.decimals(0, 50, places=2),
    fee=st.integers(0, 5000),
)  # fmt: skip
def test_conservation(gross: int, price: int, bonus: Decimal, fee: int) -> None:
    quote = calculate(asked(gross, price, bonus, fee))
    back = sum(amount for _name, amount in quote.split)
    extra = sum(line.gross for line in quote.lines if line.kind == "bonus")
    assert quote.credit + back == quote.total
    assert 0 <= quote.credit <= price
    assert back <= gross
    # the bonus is never paid out: money goes back only where none was needed
    assert not (extra and back)
    assert quote.credit + max(0, price - quote.total) == price


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5), st.data())
def test_what_was_decided_is_borne_to_the_cent(captured: list[int], data: st.DataObject) -> None:
    payments = [Payment(id=f"P{n}", kind="card", captured=each, position=n) for n, each in enumerate(captured)]
    amount = data.draw(st.integers(0, sum(captured)))
    parts = bear(payments, amount, order="last_first", currency="EUR")
    assert sum(part for _name, part in parts) == amount
    assert all(0 < part <= captured[int(name[1:])] for name, part in parts)
    with pytest.raises(OverAmount):
        bear(payments, sum(captured) + 1, order="last_first", currency="EUR")
