"""Order documents that cannot be used: every error at its place, all in one answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.problems import Invalid, Refused
from customers.pricing import price, validate
from tests.customers.orders import Document, line, order, tee

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def errors(document: Any, **how: Any) -> set[tuple[str, str]]:
    """The (pointer, code) pairs of a refusal."""
    with pytest.raises(Invalid) as refusal:
        validate(document, **how)
    assert (refusal.value.code, refusal.value.status) == ("invalid", 422)
    assert all(error.detail and "%(" not in error.detail for error in refusal.value.errors)
    return {(error.pointer, error.code) for error in refusal.value.errors}


@pytest.mark.parametrize("document", [None, [], "order", 5, True])
def test_not_an_object(document: Any) -> None:
    assert errors(document) == {("", "wrong_type")}


def test_an_order_needs_a_line() -> None:
    assert errors(order()) == {("/lines", "empty")}


def test_everything_needed_is_named_at_once() -> None:
    needed = ("channel", "number", "currency", "prices_include_tax", "placed_at", "customer", "lines")
    assert errors({}) == {(f"/{name}", "required") for name in needed}


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("channel", "", "empty"),
        ("channel", "  ", "empty"),
        ("channel", 7, "wrong_type"),
        ("channel", "x" * 65, "too_long"),
        ("number", "10\x0001", "bad_character"),
        ("number", "10\n01", "bad_character"),
        ("number", "\ud800", "bad_character"),
        ("number", "zażółć\x1b", "bad_character"),
        ("currency", "eur", "bad_currency"),
        ("currency", "EURO", "bad_currency"),
        ("currency", 978, "wrong_type"),
        ("prices_include_tax", 1, "wrong_type"),
        ("prices_include_tax", "true", "wrong_type"),
        ("sale_channel", "online", "not_a_choice"),
        ("source", "amazon", "not_a_choice"),
        ("placed_at", "2026-10-01", "bad_instant"),
        ("placed_at", "2026-10-01T09:00:00", "bad_instant"),
        ("placed_at", "2026-02-30T09:00:00Z", "bad_instant"),
        ("placed_at", "2026-10-01T25:00:00Z", "bad_instant"),
        ("placed_at", "2026-10-01T09:00:00+99:00", "bad_instant"),
        ("placed_at", "0001-01-01T00:00:00+14:00", "bad_instant"),
        ("placed_at", 1790000000, "wrong_type"),
        ("locale", "p", "bad_locale"),
        ("locale", "pl_PL.UTF-8", "bad_locale"),
        ("total", 329.98, "wrong_type"),
        ("total", "329.981", "too_many_decimals"),
        ("total", "-1.00", "negative"),
        ("total", "1e2", "bad_amount"),
        ("discount", "300.01", "above_price"),
        ("lines", {}, "wrong_type"),
        ("shipping", "S", "wrong_type"),
        ("deliveries", {}, "wrong_type"),
        ("contract", [], "wrong_type"),
        ("colour", "red", "unknown_field"),
    ],
)
def test_members_of_the_order(member: str, value: Any, code: str) -> None:
    assert errors(tee(**{member: value})) == {(f"/{member}", code)}


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"email": "a.example.com"}, "email", "bad_email"),
        ({"email": "a@b"}, "email", "bad_email"),
        ({"email": "a@b.c\r\nBcc: x@y.z"}, "email", "bad_character"),
        ({"email": "a@b..c"}, "email", "bad_email"),
        ({"email": f"a@{'b' * 260}.com"}, "email", "too_long"),
        ({"email": None}, "email", "contact_needed"),
        ({"phone": "600100200"}, "phone", "bad_phone"),
        ({"phone": "+48 600 100 200"}, "phone", "bad_phone"),
        ({"kind": "company"}, "kind", "not_a_choice"),
        ({"tags": "vip"}, "tags", "wrong_type"),
        ({"tags": [1]}, "tags", "wrong_type"),
        ({"protected_person": {"type": "child"}}, "protected_person/type", "not_a_choice"),
        (
            {"protected_person": {"type": "senior", "verified_on": "2026-13-01"}},
            "protected_person/verified_on",
            "bad_date",
        ),
        ({"vip": True}, "vip", "unknown_field"),
    ],
)
def test_members_of_the_customer(change: Document, pointer: str, code: str) -> None:
    document = tee()
    document["customer"].update(change)
    assert errors(document) == {(f"/customer/{pointer}", code)}


def test_a_phone_will_do_and_a_till_needs_neither() -> None:
    assert validate(tee(customer={"email": None, "phone": "+972541234567"})).customer.email is None
    assert validate(tee(customer={}, sale_channel="store")).customer.name == ""


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"country": "EU"}, "bad_country"),
        ({"country": "pl"}, "bad_country"),
        ({"country": "ZZ"}, "bad_country"),
        ({"time_zone": "Warsaw"}, "bad_time_zone"),
        ({"time_zone": "../etc/passwd"}, "bad_time_zone"),
        ({"line1": "\x00"}, "bad_character"),
        ({"phone": "1"}, "bad_phone"),
        ({"street": "x"}, "unknown_field"),
    ],
)
def test_members_of_the_address(change: Document, code: str) -> None:
    assert errors(tee(ship_to=change)) == {(f"/ship_to/{next(iter(change))}", code)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": None}, "required"),
        ({"sku": ""}, "empty"),
        ({"quantity": True}, "wrong_type"),
        ({"quantity": 1.0}, "wrong_type"),
        ({"quantity": "1"}, "wrong_type"),
        ({"quantity": 0}, "out_of_range"),
        ({"quantity": -1}, "out_of_range"),
        ({"quantity": 10**400}, "out_of_range"),
        ({"unit_price": 100}, "wrong_type"),
        ({"unit_price": "100.001"}, "too_many_decimals"),
        ({"unit_price": "-100.00"}, "negative"),
        ({"unit_price": None}, "price_needed"),
        ({"discount": "100.01"}, "above_price"),
        ({"tax_rate": 0.23}, "wrong_type"),
        ({"tax_rate": "23"}, "bad_rate"),
        ({"tax_rate": "1.01"}, "bad_rate"),
        ({"tax_rate": "-0.1"}, "bad_rate"),
        ({"image_url": "javascript:alert(1)"}, "bad_url"),
        ({"image_url": 'https://e.com/"><b'}, "bad_url"),
        ({"weight_g": -1}, "out_of_range"),
        ({"exclusions": ["because"]}, "not_a_choice"),
        ({"legal_group": "shoes"}, "bad_legal_group"),
        ({"parent": "A"}, "parent_missing"),
        ({"parent": "Z"}, "parent_missing"),
        ({"pieces": 2}, "pieces_without_parent"),
        ({"share": "2.00"}, "pieces_without_parent"),
        ({"serials": [""]}, "empty"),
        ({"tags": ["x"] * 101}, "too_long"),
        ({"colour": "red"}, "unknown_field"),
    ],
)
def test_members_of_a_line(change: Document, code: str) -> None:
    assert errors(order({**line("A"), **change})) == {(f"/lines/0/{next(iter(change))}", code)}


def component(**changes: Any) -> Document:
    """An order of two kits whose component has these changes."""
    whole = {"quantity": 4, "parent": "K", "pieces": 2, "unit_price": "0.00", "share": "1.00"}
    return order(line("K", quantity=2), line("C", **{**whole, **changes}))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"pieces": 3}, "bad_pieces"),
        ({"unit_price": "1.00"}, "component_priced"),
        ({"discount": "1.00"}, "component_priced"),
        ({"total": "1.00"}, "component_priced"),
        ({"parent": "X"}, "parent_missing"),
    ],
)
def test_members_of_a_component(change: Document, code: str) -> None:
    assert validate(component()).lines[1].pieces == 2
    assert errors(component(**change)) == {(f"/lines/1/{next(iter(change))}", code)}


def test_a_component_without_pieces_must_still_divide() -> None:
    assert validate(component(pieces=None)).lines[1].pieces is None
    assert errors(component(pieces=None, quantity=5)) == {("/lines/1/quantity", "bad_pieces")}


def test_kits_are_one_level_deep_and_shared_alike() -> None:
    document = component()
    document["lines"].append(line("D", quantity=4, parent="C", unit_price="0.00"))
    assert errors(document) == {("/lines/2/parent", "parent_nested")}
    document["lines"][2] = line("D", quantity=4, parent="K", unit_price="0.00")
    assert errors(document) == {("/lines/2/share", "share_needed")}


@pytest.mark.parametrize(
    ("member", "value", "pointer", "code"),
    [
        ("lines", [line("A"), line("A")], "/lines/1/id", "duplicate"),
        (
            "lines",
            [line("A", quantity=10**6, unit_price="9999999999.00")],
            "/lines/0/unit_price",
            "too_large",
        ),
        ("shipping", [{"id": "S", "amount": "1.00"}] * 2, "/shipping/1/id", "duplicate"),
        (
            "shipping",
            [{"id": "S", "amount": "1.00", "discount": "1.01"}],
            "/shipping/0/discount",
            "above_price",
        ),
        ("payments", [{"id": "P"}, {"id": "P"}], "/payments/1/id", "duplicate"),
        ("payments", [{"id": "P", "kind": "gold"}], "/payments/0/kind", "not_a_choice"),
        ("payments", [{"id": "P", "instalments": {}}], "/payments/0/instalments/count", "required"),
        ("refunds", [{"payment": "X", "amount": "1.00"}], "/refunds/0/payment", "unknown_payment"),
        ("deliveries", [{"id": "D", "lines": {"B": 1}}], "/deliveries/0/lines/B", "unknown_line"),
        ("deliveries", [{"id": "D", "lines": {"a/~": 1}}], "/deliveries/0/lines/a~1~0", "unknown_line"),
        ("deliveries", [{"id": "D", "lines": {"A": 2}}], "/deliveries/0/lines/A", "above_quantity"),
        ("deliveries", [{"id": "D", "lines": {"A": 0}}], "/deliveries/0/lines", "out_of_range"),
        ("deliveries", [{"id": "D", "lines": {"A": True}}], "/deliveries/0/lines", "wrong_type"),
        (
            "deliveries",
            [{"id": "D", "lines": {"A": 1}}, {"id": "E", "lines": {"A": 1}}],
            "/deliveries/1/lines/A",
            "above_quantity",
        ),
        ("deliveries", [{"id": "D", "lines": {}}] * 2, "/deliveries/1/id", "duplicate"),
        ("documents", [{"kind": "note", "number": "1"}], "/documents/0/kind", "not_a_choice"),
        ("contract", {"regular_delivery": "no"}, "/contract/regular_delivery", "wrong_type"),
        ("a/b~\ud800", 1, "/a~1b~0?", "unknown_field"),
    ],
)
def test_what_must_fit_together(member: str, value: Any, pointer: str, code: str) -> None:
    assert errors(order(line("A"), **({member: value} if member != "lines" else {"lines": value}))) == {(pointer, code)}


def test_refunds_elsewhere_stay_below_what_was_captured() -> None:
    refund = {"payment": "P1", "amount": "200.00"}
    assert errors(tee(refunds=[refund, refund])) == {("/refunds/1/amount", "above_captured")}


def test_a_channel_that_nobody_made() -> None:
    assert errors(tee(), known_channels={"shop"}) == {("/channel", "unknown_channel")}
    assert validate(tee(), known_channels={"web"}).channel == "web"


def test_all_errors_come_at_once() -> None:
    document = tee(currency="xx", placed_at="now", colour="red", deliveries=[{"id": "D", "lines": {"B": 1}}])
    document["customer"] = {"email": "x", "kind": "robot"}
    assert errors(document) == {
        ("/currency", "bad_currency"),
        ("/placed_at", "bad_instant"),
        ("/colour", "unknown_field"),
        ("/customer/email", "bad_email"),
        ("/customer/kind", "not_a_choice"),
        ("/deliveries/0/lines/B", "unknown_line"),
    }


def test_a_hostile_document_has_a_bounded_answer() -> None:
    with pytest.raises(Invalid) as refusal:
        validate({**tee(), **{"x" * 500 + str(index): 1 for index in range(5000)}})
    assert len(refusal.value.errors) == 1000
    assert all(len(error.pointer) <= 300 for error in refusal.value.errors)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    return [path, *(place for key, inner in members for place in _places(inner, (*path, key)))]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(_places(tee())[1:]), ANYTHING)
def test_anything_anywhere_is_read_or_refused(place: tuple[Any, ...], value: Any) -> None:
    document = tee()
    inner: Any = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    try:
        price(validate(document))
    except Refused as refusal:
        for error in refusal.errors:
            error.pointer.encode()
            error.detail.encode()
