"""What every carrier offers to the house, whoever moves the parcel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from accounts.problems import Refused


class TrackingCode(StrEnum):
    """What a scan on the way means, in the house's five words."""

    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    EXCEPTION = "exception"
    DELIVERED = "delivered"
    RETURNED_TO_SENDER = "returned_to_sender"


@dataclass(frozen=True)
class LabelRequest:
    """One label for one parcel.

    `serial` is an integer that belongs to this label alone; asking again with it must give the same label.
    `sender` and `recipient` have the members of an order's `ship_to`.
    """

    serial: int
    rma: str
    service: str
    sender: Mapping[str, str | None]
    recipient: Mapping[str, str | None]
    parcel: int = 1
    parcels: int = 1
    weight_g: int | None = None
    contents: str = ""


@dataclass(frozen=True)
class IssuedLabel:
    """A carrier's promise to take the parcel; `document` is its label, None when the shop prints one."""

    tracking_number: str
    service: str
    document: bytes | None = None
    document_type: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


class VoidOutcome(StrEnum):
    """How an attempt to take a label back ended; pending: the carrier answers later."""

    VOIDED = "voided"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(frozen=True)
class VoidRequest:
    """A label to take back; `scanned` tells whether anybody has scanned it on the way."""

    tracking_number: str
    service: str
    scanned: bool


@dataclass(frozen=True)
class VoidAnswer:
    """What the carrier said; `reason` is for the person who asked."""

    outcome: VoidOutcome
    reason: str = ""


class Carrier(Protocol):
    """One way to send a parcel; carriers that are not `local` are called by sender tasks only."""

    @property
    def code(self) -> str:
        """The name in the API."""

    @property
    def name(self) -> str:
        """What people read, translated."""

    @property
    def services(self) -> tuple[str, ...]:
        """The services that can be asked for, the default first."""

    @property
    def local(self) -> bool:
        """Whether it issues without the network, so that a label can be had at once."""

    def issue(self, request: LabelRequest) -> IssuedLabel:
        """A label for the parcel; the same for the same serial.

        Raises CarrierRefused when there will be none, CarrierUnclear when nobody knows whether there is one.
        """

    def void(self, request: VoidRequest) -> VoidAnswer:
        """Take a label back. Raises CarrierUnclear."""

    def track_url(self, tracking_number: str) -> str | None:
        """Where the customer can follow the parcel at the carrier's."""


class CarrierRefused(Refused):
    """The carrier said no; asking again with the same request gives the same answer."""

    code = "carrier_refused"


class CarrierUnclear(Exception):
    """No answer that can be relied on: a label may or may not exist; ask again with the same serial."""
