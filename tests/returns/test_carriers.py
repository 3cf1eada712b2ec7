"""The carriers' registry and the shop's own tracking numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns import carriers
from returns.carriers.base import (
    Carrier,
    CarrierRefused,
    LabelRequest,
    TrackingCode,
    VoidOutcome,
    VoidRequest,
)
from returns.carriers.manual import ManualCarrier, is_own_number, tracking_number
from returns.labels import codes

SERIALS = st.integers(min_value=0, max_value=10**13 - 1)


def request(serial: int) -> LabelRequest:
    return LabelRequest(serial=serial, rma="RMA-7F3K-Q2X9", service="standard", sender={}, recipient={})


def test_manual_carrier_is_known_and_local() -> None:
    carrier: Carrier = carriers.get("manual")
    assert (carrier.code, carrier.local) == ("manual", True)
    assert carrier.name
    assert carrier.track_url("CBK1") is None
    assert carriers.service(carrier, None) == "standard"
    assert carriers.service(carrier, "standard") == "standard"


def test_unknown_carrier_is_refused_with_those_there_are() -> None:
    with pytest.raises(carriers.UnknownCarrier) as refusal:
        carriers.get("pigeon")
    assert refusal.value.status == 422
    assert "pigeon" in refusal.value.detail
    assert "manual" in refusal.value.detail
    assert refusal.value.errors[0].pointer == "/carrier"


@pytest.mark.parametrize("wanted", ["", "express"])
def test_unknown_service_is_refused_with_those_there_are(wanted: str) -> None:
    with pytest.raises(carriers.UnknownCarrier) as refusal:
        carriers.service(carriers.get("manual"), wanted)
    assert "standard" in refusal.value.detail
    assert refusal.value.errors[0].pointer == "/service"


def test_every_carrier_is_registered_by_its_code() -> None:
    assert all(code == carrier.code and carrier.services for code, carrier in carriers.KNOWN.items())


def test_asking_again_gives_the_same_label() -> None:
    carrier = ManualCarrier()
    first = carrier.issue(request(4217))
    assert first == carrier.issue(request(4217))
    assert first != carrier.issue(request(4218))
    assert first.document is None


@given(SERIALS, SERIALS)
def test_one_number_for_one_serial(one: int, other: int) -> None:
    assert (tracking_number(one) == tracking_number(other)) is (one == other)


@given(SERIALS)
def test_number_fits_every_code(serial: int) -> None:
    number = tracking_number(serial)
    assert len(number) == 17
    assert is_own_number(number)
    assert is_own_number(f" {number[:4].lower()} {number[4:]} ")
    assert codes.module_for(codes.code128(number), 812) == 4


@given(SERIALS, st.integers(min_value=3, max_value=16), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_is_noticed(serial: int, place: int, by: int) -> None:
    number = tracking_number(serial)
    wrong = f"{number[:place]}{(int(number[place]) + by) % 10}{number[place + 1 :]}"
    assert not is_own_number(wrong)


@given(SERIALS, st.integers(min_value=3, max_value=15))
def test_two_digits_in_the_wrong_order_are_noticed(serial: int, place: int) -> None:
    number = tracking_number(serial)
    pair = number[place : place + 2]
    swapped = f"{number[:place]}{pair[::-1]}{number[place + 2 :]}"
    # Luhn's one blind spot is 09 against 90.
    assert is_own_number(swapped) is (pair[0] == pair[1] or set(pair) == {"0", "9"})


@pytest.mark.parametrize(
    "text", ["", "CBK", "RMA-7F3K-Q2X9", "1Z999AA10123456784", "00000000000000", "CBK٣٣٣٣٣٣٣٣٣٣٣٣٣٣"]
)
def test_other_scans_are_not_ours(text: str) -> None:
    assert not is_own_number(text)


@pytest.mark.parametrize("serial", [-1, 10**13])
def test_serial_outside_the_range_is_a_mistake_of_the_caller(serial: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        tracking_number(serial)


def test_void_until_the_first_scan() -> None:
    carrier = ManualCarrier()
    number = carrier.issue(request(1)).tracking_number
    assert carrier.void(VoidRequest(number, "standard", scanned=False)).outcome is VoidOutcome.VOIDED
    answer = carrier.void(VoidRequest(number, "standard", scanned=True))
    assert answer.outcome is VoidOutcome.REFUSED
    assert answer.reason


def test_words_of_the_api() -> None:
    assert [str(code) for code in TrackingCode] == [
        "accepted",
        "in_transit",
        "exception",
        "delivered",
        "returned_to_sender",
    ]
    assert CarrierRefused("no").code == "carrier_refused"
