"""Money: every currency's decimals, strict parsing, rounding that loses nothing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers import money

CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD", "ILS", "PLN", "CLP", "BHD"])
MINOR = st.integers(min_value=0, max_value=10**12)


@pytest.mark.parametrize(("currency", "places"), [("JPY", 0), ("USD", 2), ("KWD", 3), ("ILS", 2), ("CLF", 4)])
def test_decimals_come_from_cldr(currency: str, places: int) -> None:
    assert money.exponent(currency) == places


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("96.67", "EUR", 9667),
        ("96.6", "EUR", 9660),
        ("96", "EUR", 9600),
        ("0", "EUR", 0),
        ("007.10", "EUR", 710),
        ("1500", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("1000000000000000", "JPY", 10**15),
    ],
)
def test_parse(text: str, currency: str, minor: int) -> None:
    assert money.parse(text, currency) == minor


@pytest.mark.parametrize(
    ("value", "currency", "code"),
    [
        (9.5, "EUR", "wrong_type"),
        (95, "EUR", "wrong_type"),
        (True, "EUR", "wrong_type"),
        (None, "EUR", "wrong_type"),
        (Decimal("9.50"), "EUR", "wrong_type"),
        ("", "EUR", "bad_amount"),
        (" 9.50", "EUR", "bad_amount"),
        ("9,50", "EUR", "bad_amount"),
        ("9.", "EUR", "bad_amount"),
        (".5", "EUR", "bad_amount"),
        ("+5", "EUR", "bad_amount"),
        ("1e3", "EUR", "bad_amount"),
        ("NaN", "EUR", "bad_amount"),
        ("Infinity", "EUR", "bad_amount"),
        ("1_000", "EUR", "bad_amount"),
        ("٣", "EUR", "bad_amount"),
        ("9.50\n", "EUR", "bad_amount"),
        ("9" * 5000, "EUR", "bad_amount"),
        ("9.501", "EUR", "too_many_decimals"),
        ("9.500", "EUR", "too_many_decimals"),
        ("9.0", "JPY", "too_many_decimals"),
        ("-0.01", "EUR", "negative"),
        ("10000000000000.01", "EUR", "too_large"),
        ("1000000000000001", "JPY", "too_large"),
    ],
)
def test_parse_refuses(value: object, currency: str, code: str) -> None:
    with pytest.raises(money.BadAmount) as refusal:
        money.parse(value, currency)
    assert refusal.value.code == code
    assert refusal.value.message


def test_negative_amounts_only_where_they_are_expected() -> None:
    assert money.parse("-0.05", "EUR", allow_negative=True) == -5
    assert money.to_text(-5, "EUR") == "-0.05"


@given(st.integers(min_value=-(10**15), max_value=10**15), CURRENCIES)
def test_text_and_back(minor: int, currency: str) -> None:
    assert money.parse(money.to_text(minor, currency), currency, allow_negative=True) == minor


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Decimal("2.5"), 3),
        (Decimal("2.4999"), 2),
        (Fraction(-7, 3), -2),
        (7, 7),
    ],
)
def test_half_goes_away_from_zero(value: Fraction | Decimal | int, rounded: int) -> None:
    assert money.round_half_up(value) == rounded


def test_fifteen_per_cent_of_the_jacket_rounds_down() -> None:
    assert money.share_down(17010, 15) == 2551
    assert money.share_down(17010, Decimal("15")) == 2551
    assert money.share_down(999, Decimal("12.5")) == 124


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (1000, [30000], [1000]),
        (100, [0, 1], [0, 100]),
        (5, [2, 3, 5], [1, 2, 2]),
        (-10, [1, 1, 1], [-4, -3, -3]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
    ],
)
def test_spread(total: int, weights: list[int], parts: list[int]) -> None:
    assert money.spread(total, weights) == parts


def test_spread_needs_something_to_carry_the_money() -> None:
    with pytest.raises(ValueError, match="nothing to spread"):
        money.spread(1, [0, 0])


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_spread_adds_up_and_is_fair(total: int, weights: list[int]) -> None:
    whole = sum(weights)
    if not whole:
        return
    parts = money.spread(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, whole)) < 1


def test_thirds_of_ten() -> None:
    assert [money.unit_share(1000, 3, j, 1) for j in range(3)] == [333, 334, 333]


@given(MINOR, st.integers(1, 500), st.data())
def test_unit_shares_close_the_line(total: int, n: int, data: st.DataObject) -> None:
    already, paid = 0, 0
    while already < n:
        k = data.draw(st.integers(1, n - already))
        share = money.unit_share(total, n, already, k)
        assert abs(share - Fraction(total * k, n)) <= 1
        already, paid = already + k, paid + share
    assert paid == total


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [(17010, "0.23", 3181), (2520, "0.23", 471), (16979, "0.23", 3175), (1170, "0.17", 170), (100, "0", 0)],
)
def test_tax_inside(gross: int, rate: str, tax: int) -> None:
    assert money.tax_inside(gross, Decimal(rate)) == tax


@given(MINOR, st.sampled_from(["0.23", "0.08", "0.05", "0.17", "0.0825", "0.2", "0"]))
def test_tax_on_top_is_found_inside_again(net: int, rate: str) -> None:
    tax = money.tax_on(net, Decimal(rate))
    assert abs(tax - Fraction(rate) * net) <= Fraction(1, 2)
    assert abs(money.tax_inside(net + tax, Decimal(rate)) - tax) <= 1


@pytest.mark.parametrize(
    ("rate", "text"), [("0.23", "0.23"), ("0.2", "0.20"), ("0.0825", "0.0825"), ("0", "0.00"), ("1", "1.00")]
)
def test_rate_text(rate: str, text: str) -> None:
    assert money.rate_text(Decimal(rate)) == text


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "shown"),
    [
        (16979, "EUR", "en", "€169.79"),
        (-2551, "EUR", "en", "−€25.51"),
        (24200, "PLN", "en", "PLN\u00a0242.00"),
        (24200, "PLN", "pl", "242,00\u00a0zł"),
        (-24200, "PLN", "pl", "−242,00\u00a0zł"),
        (10111, "ILS", "he", "\u200f101.11\u00a0\u200f₪"),
        (-10111, "ILS", "he", "\u200f\u200e−101.11\u00a0\u200f₪"),
        (1500, "JPY", "en", "¥1,500"),
        (1234, "KWD", "en", "KWD\u00a01.234"),
        (100, "EUR", "no such place", "€1.00"),
        (100, "EUR", "en-GB", "€1.00"),
    ],
)
def test_display(minor: int, currency: str, locale: str, shown: str) -> None:
    assert money.display(minor, currency, locale) == shown
