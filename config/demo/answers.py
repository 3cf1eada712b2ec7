"""Returns of the demo that people talked about: a question, a call, a no, a change of mind."""

from __future__ import annotations

from accounts.actors import customer_actor
from config.demo.stage import Stage, Story
from returns.actions import (
    add_note,
    authorize_return,
    cancel_return,
    close_return,
    decline_return,
)


def dented_mug(stage: Stage, number: str) -> Story:
    """A photo that does not show the damage: a person asks, the customer answers."""
    yield stage.day(0.4)
    rma = stage.ask(number, {"A": "other"}, comment="The enamel is chipped, I think it was like that.")
    stage.photo(rma, "parcel", "customer", "A")
    yield stage.day(0.3)
    question = "Thank you. The photo shows the parcel only; could you send one of the chip?"
    add_note(rma, question, visible_to_customer=True, actor=stage.staff["agent"])


def wrong_item(stage: Stage, number: str) -> Story:
    """A call to the desk: the agent makes the return, the label goes out by mail."""
    yield stage.at("asked", 1, number)
    rma = stage.ask(number, {"A": "wrong_item"}, by="staff", comment="Got the floor lamp.")
    add_note(rma, "Called at nine. Picking error in aisle 7, told Kasia.", actor=stage.staff["agent"])


def given_up(stage: Stage, number: str) -> Story:
    """Never sent, and the customer kept it after a talk: closed, nothing is paid."""
    yield stage.at("asked", 8, number)
    rma = stage.ask(number, {"A": "change_of_mind"})
    yield stage.day(3, "16:00")
    close_return(rma, actor=stage.staff["agent"], reason="Keeps it, agreed on the phone")


def told_no(stage: Stage, number: str) -> Story:
    """A person looked at it and said no, in words."""
    yield stage.at("asked", 3, number)
    rma = stage.ask(number, {"A": "other"}, comment="Shrank in the dryer.")
    yield stage.day(2, "11:40")
    words = "The label says wash by hand and dry flat, so we cannot take it back. Our repair desk may help."
    decline_return(rma, reason="used", message=words, actor=stage.staff["agent"])


def taken_back(stage: Stage, number: str, by: str) -> Story:
    """Asked for and cancelled, by the customer or by the desk for them."""
    yield stage.at("asked", 6, number)
    rma = stage.ask(number, {"A": "change_of_mind"})
    yield stage.day(5, "18:05")
    actor = customer_actor() if by == "customer" else stage.staff["agent"]
    cancel_return(rma, actor=actor, requested_by=by)


def oak_yes(stage: Stage, number: str) -> Story:
    """The other shop decides every return by hand."""
    yield stage.at("asked", 4, number)
    rma = stage.ask(number, {"A": "damaged_in_transit"}, units={"A": 2})
    yield stage.day(3, "09:10")
    authorize_return(rma, actor=stage.staff["manager"])
