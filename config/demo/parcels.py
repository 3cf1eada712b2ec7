"""Returns of the demo whose parcels went their own way, and parcels of nobody."""

from __future__ import annotations

from accounts.actors import customer_actor
from config.demo.stage import PHOTOS, Stage, Story
from inspections.actions import Unexpected, park_parcel, photograph_parcel, receive_parcel
from returns.actions import (
    announce_own_shipment,
    report_lost,
)


def own_parcel(stage: Stage, number: str) -> Story:
    """A customer who sends it by a carrier of their own."""
    yield stage.at("asked", 4, number)
    rma = stage.ask(number, {"A": "too_large"}, method="own_carrier")
    yield stage.at("sent", 2, number)
    number_on_it = "CE418772095IE"
    announce_own_shipment(rma, actor=customer_actor(), carrier="An Post", tracking_number=number_on_it, cost=690)


def half_a_parcel(stage: Stage, number: str) -> Story:
    """Four things announced, three in the parcel."""
    yield stage.at("asked", 7, number)
    rma = stage.ask(number, {"A": "change_of_mind", "B": "change_of_mind"})
    yield stage.at("sent", 5, number)
    stage.scan(rma, "accepted", place="Sligo")
    yield stage.at("came", 2, number)
    stage.receive(rma, {"A": (2, 0), "B": (1, 0)}, note="One mug is not in the parcel.")


def crushed(stage: Stage, number: str) -> Story:
    """Damaged at the door, photographed before anybody opened it."""
    yield stage.at("asked", 5, number)
    rma = stage.ask(number, {"A": "change_of_mind"})
    yield stage.day(0.17)
    stage.photo(rma, "parcel", "receipt")
    stage.receive(rma, {"A": (1, 1)}, note="Corner is crushed.")


def stowaway(stage: Stage, number: str) -> Story:
    """Something in the parcel that nobody announced."""
    yield stage.at("asked", 5, number)
    rma = stage.ask(number, {"A": "style"})
    yield stage.at("came", 1, number)
    extra = [Unexpected("MCJ-OAT-L", 1, "A jumper of ours, worn; whose is it?")]
    receive_parcel(rma, actor=stage.staff["warehouse"], unexpected=extra)


def lost(stage: Stage, number: str) -> Story:
    """The carrier lost it, the customer is paid all the same."""
    yield stage.at("asked", 14, number)
    rma = stage.ask(number, {"A": "too_small"})
    yield stage.at("sent", 12, number)
    stage.scan(rma, "accepted", place="Dublin")
    yield stage.day(4, "11:15")
    stage.scan(rma, "exception", place="Portlaoise hub")
    report_lost(rma, actor=stage.staff["agent"], reason="The carrier cannot find it")
    yield stage.day(3, "08:30")
    stage.pay(rma)


def nobodys_parcels(stage: Stage) -> Story:
    """Parcels without a number, parked with what can be said of them."""
    yield stage.day(3, "16:45")
    _park(stage, "No slip inside. Sender’s name is smudged, ends in “…ska”.", [Unexpected("FLD-LMP", 1)])
    yield stage.day(1, "10:05")
    _park(stage, "A mug of another shop, maybe sent to us by mistake.", [Unexpected("?", 1, "blue mug")])
    yield stage.day(0.05)
    _park(stage, "Postmark Cork, no name.", [Unexpected("TRB-750-EMB", 1), Unexpected("MCJ-OAT-L", 1)])


def _park(stage: Stage, note: str, inside: list[Unexpected]) -> None:
    receipt = park_parcel(actor=stage.staff["warehouse"], note=note, unexpected=inside)
    photograph_parcel(receipt, (PHOTOS / "parcel.jpg").read_bytes(), actor=stage.staff["warehouse"])
