"""Exchanges and a repair of the demo: one to ship, one that waits for its difference, one on the bench."""

from __future__ import annotations

from config.demo.stage import Stage, Story
from inspections.actions.repairs import open_repair


def ready(stage: Stage, number: str, instead: str) -> Story:
    """Another colour at the same price: checked, so the replacement can leave."""
    yield from _swapped(stage, number, instead)


def dearer(stage: Stage, number: str, instead: str) -> Story:
    """Something dearer: the customer is asked for the difference."""
    yield from _swapped(stage, number, instead)


def _swapped(stage: Stage, number: str, instead: str) -> Story:
    yield stage.at("asked", 7, number)
    rma = stage.ask(number, {"A": "style"}, resolution="exchange", instead=instead)
    yield stage.at("sent", 5, number)
    stage.scan(rma, "accepted")
    yield stage.at("came", 2, number)
    stage.receive(rma)
    yield stage.at("checked", 1, number)
    stage.check(rma)


def repair(stage: Stage, number: str) -> Story:
    """A lamp that does not charge goes to the service centre."""
    yield stage.at("asked", 9, number)
    rma = stage.ask(number, {"A": "defective"}, comment="It does not charge any more.")
    yield stage.at("sent", 7, number)
    stage.scan(rma, "accepted")
    yield stage.at("came", 4, number)
    stage.receive(rma)
    yield stage.at("checked", 3, number)
    item = stage.item(rma, "A")
    open_repair(
        rma, item=str(item.uid), quantity=item.uninspected, place="service_centre",
        note="Charger port loose", actor=stage.staff["warehouse"],
    )  # fmt: skip
