"""The demo's orders, and the returns that go the ordinary way, as far as each has come today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from config.demo.orders import Sale
from config.demo.people import BUYERS
from config.demo.stage import Stage, Story, post_office

TRY: Final = {"en": "TW-48250", "he": "TW-48251", "pl": "TW-48252"}
"""Orders that nobody has returned anything of: numbers to try in the portal, by language."""

JUMPER, BOTTLE, JACKET = ("MCJ-OAT-L", 1), ("TRB-750-EMB", 1), ("HWJ-MOS-M", 1)
LAMP, MUG = ("FLD-LMP", 1), ("MUG-ENA", 1)
STORY: Final = (JACKET, ("TRB-750-EMB", 2), JUMPER)
# no consumer, so no right to change one's mind: only the policy decides
TRADE: Final = {"buyer_kind": "business"}

# number, buyer, days since it was placed, basket, what else is special
SALES: Final[tuple[tuple[str, str, int, tuple[tuple[str, int], ...], dict[str, Any]], ...]] = (
    ("TW-48170", "marek", 64, (JUMPER,), {}),
    ("TW-48174", "hugo", 52, (LAMP,), TRADE),
    ("TW-48178", "zofia", 48, (("ARI-HP", 1),), {}),
    ("TW-48180", "finn", 26, (BOTTLE,), {"shipping": "4.90"}),
    ("TW-48186", "hanna", 30, (LAMP,), {}),
    ("TW-48188", "daniel", 28, (JUMPER,), {}),
    ("TW-48190", "niamh", 27, (BOTTLE, MUG), {"shipping": "4.90"}),
    ("TW-48191", "noa", 26, (JUMPER,), {}),
    ("TW-48192", "tom", 26, (("CAMP-SET", 1), BOTTLE), {"percent_off": 10}),
    ("TW-48193", "owen", 25, (("MUG-ENA", 2),), {}),
    ("TW-48194", "piotr", 25, (JUMPER,), {"receipt": "000482/0193 ZBI2301987654"}),
    ("TW-48195", "jonas", 24, (("HLC-MOS-L", 1),), {"percent_off": 10}),
    ("TW-48199", "agnieszka", 22, (LAMP,), {"kind": "cod"}),
    ("TW-48201", "maya", 19, (("ARI-HP", 1),), {}),
    ("TW-48202", "hugo", 22, (JUMPER, BOTTLE), {}),
    ("TW-48204", "zofia", 22, (JUMPER,), {"gift_card": "100.00", "kind": "blik"}),
    ("TW-48205", "daniel", 20, (("HWJ-NAV-L", 1),), {"percent_off": 10}),
    ("TW-48206", "jonas", 21, (JACKET, BOTTLE), {}),
    ("TW-48208", "aisling", 21, (("HLC-MOS-L", 1),), {}),
    ("TW-48209", "agnieszka", 19, STORY, {"percent_off": 10, "kind": "blik"}),
    ("TW-48210", "hanna", 18, (JUMPER,), {}),
    ("TW-48211", "tamar", 18, STORY, {"percent_off": 10}),
    ("TW-48212", "finn", 18, (("MUG-ENA", 4),), {}),
    ("TW-48213", "aoife", 18, STORY, {"percent_off": 10}),
    ("TW-48214", "owen", 17, (("TRB-750-EMB", 2), ("MUG-ENA", 2)), {}),
    ("TW-48216", "clara", 16, (JACKET,), {}),
    ("TW-48217", "itai", 16, (LAMP,), {}),
    ("TW-48218", "grace", 16, (BOTTLE,), {}),
    ("TW-48219", "marek", 15, (JACKET,), {}),
    ("TW-48220", "yael", 15, (BOTTLE,), {}),
    ("TW-48221", "eva", 15, (LAMP,), {}),
    ("TW-48222", "clara", 14, (JUMPER,), {}),
    ("TW-48223", "yael", 14, (("TRB-750-EMB", 2),), {}),
    ("TW-48225", "finn", 13, (JUMPER,), {}),
    ("TW-48226", "piotr", 13, (("MUG-SALE", 2),), TRADE),
    ("TW-48227", "aisling", 13, (JUMPER,), {}),
    ("TW-48228", "niamh", 12, (("GIFT-50", 1),), TRADE),
    ("TW-48230", "aisling", 11, (LAMP,), {}),
    ("TW-48231", "piotr", 11, (("TRB-750-EMB", 2),), {}),
    ("TW-48233", "noa", 10, (("TRB-750-EMB", 3),), {}),
    ("TW-48236", "eva", 9, (("MCJ-OAT-L", 2),), {}),
    ("TW-48238", "hugo", 9, (JUMPER,), {"arrived": "unknown"}),
    ("TW-48240", "tom", 8, (BOTTLE, JUMPER), {"percent_off": 10}),
    ("TW-48243", "grace", 8, (MUG, BOTTLE), {}),
    ("TW-48250", "niamh", 8, (JUMPER, BOTTLE, LAMP), {"percent_off": 10, "shipping": "4.90"}),
    ("TW-48251", "tamar", 8, (JUMPER, ("TRB-750-EMB", 2)), {}),
    ("TW-48252", "zofia", 8, (JUMPER, LAMP), {"percent_off": 10}),
    ("TW-48253", "daniel", 1, (JACKET,), {"arrived": "no"}),
    ("TW-48255", "itai", 6, (("CAMP-SET", 2),), {}),
    ("TW-48256", "hanna", 5, (("ARI-HP", 1),), {}),
    # withdrawn from: in time, in time under Israel's law, and too late for the law
    ("TW-48257", "jonas", 6, (BOTTLE, MUG), {"shipping": "4.90"}),
    ("TW-48258", "yael", 7, (LAMP,), {}),
    ("TW-48259", "clara", 39, (LAMP,), {}),
    # paid through the gateway that `make run` brings along
    ("TW-48203", "hugo", 21, (JUMPER,), {"gateway": "fake", "gift_card": "20.00"}),
    ("TW-48215", "grace", 19, (BOTTLE, MUG), {"gateway": "fake", "mode": "decline_once"}),
    ("TW-48232", "owen", 12, (LAMP,), {"gateway": "fake"}),
    ("TW-48260", "niamh", 14, (("HWJ-NAV-L", 1),), {}),
    ("TW-48261", "owen", 14, (JUMPER,), {}),
    ("TW-48262", "eva", 16, (LAMP,), {}),
    ("OAK-1001", "grace", 10, (LAMP,), {"channel": "oak-web"}),
    ("OAK-1002", "owen", 12, (("MUG-ENA", 6),), {"channel": "oak-web"}),
)


def sales(stage: Stage) -> Iterator[Sale]:
    """The orders, each placed its number of days ago."""
    for number, buyer, days, basket, more in SALES:
        placed = stage.day(days, "19:30", int(number[-2:]) % 47) - timedelta(hours=days % 5)
        yield Sale(number, BUYERS[buyer], basket, placed, **more)


@dataclass(frozen=True, slots=True)
class Usual:
    """A return that nobody has to think about: days ago of each step that was taken."""

    number: str
    wants: dict[str, str]
    asked: float
    sent: float | None = None
    came: float | None = None
    checked: float | None = None
    paid: float | None = None
    ask: Mapping[str, Any] = field(default_factory=dict)


USUAL: Final = (
    # waiting for a person to say yes or no
    Usual("TW-48195", {"A": "too_large"}, 15),
    Usual("TW-48201", {"A": "not_as_described"}, 14, ask={"comment": "מספר הסדרה על הקופסה שונה."}),
    # a complaint in Poland: unanswered after fourteen days it is accepted (Consumer Rights Act art. 7a)
    Usual("TW-48178", {"A": "defective"}, 12, ask={"comment": "Po miesiącu przestały się ładować."}),
    Usual("TW-48174", {"A": "defective"}, 0.3, ask={"comment": "The switch in our showroom sticks."}),
    Usual("TW-48236", {"A": "other"}, 0.2, ask={"comment": "The wool itches."}),
    Usual("TW-48238", {"A": "too_large"}, 1),
    Usual("TW-48240", {"A": "other", "B": "other"}, 0.09, ask={"comment": "We moved, and have both already."}),
    Usual("OAK-1001", {"A": "style"}, 1),
    # authorized, the parcel is the customer's turn
    Usual("TW-48231", {"A": "change_of_mind"}, 2, ask={"method": "qr"}),
    Usual("TW-48233", {"A": "change_of_mind"}, 1, ask={"units": {"A": 2}}),
    Usual("TW-48205", {"A": "too_small"}, 10, ask={"resolution": "exchange", "instead": "HWJ-MOS-M"}),
    # on its way
    Usual("TW-48222", {"A": "too_small"}, 5, 3),
    Usual("TW-48223", {"A": "gift"}, 4, 2, ask={"units": {"A": 1}}),
    Usual("TW-48219", {"A": "too_large"}, 5, 2),
    # at the bench
    Usual("TW-48210", {"A": "style"}, 5, 3, 1),
    Usual("TW-48217", {"A": "change_of_mind"}, 5, 3, 0.12),
    Usual("TW-48216", {"A": "too_small"}, 4, 2, 0.04),
    # the refund waits to be paid by hand, or to be decided: cash on delivery has no card to go back to
    Usual("TW-48202", {"A": "too_large"}, 8, 6, 3, 2),
    Usual("TW-48204", {"A": "style"}, 8, 6, 3, 1),
    Usual("TW-48199", {"A": "change_of_mind"}, 9, 7, 4, 2),
    # a gateway pays: one goes through, one is refused and waits to be tried again
    Usual("TW-48203", {"A": "too_large"}, 6, 5, 2, 1),
    Usual("TW-48215", {"A": "change_of_mind"}, 6, 4, 2, 1),
    # over
    Usual("TW-48190", {"A": "change_of_mind"}, 12, 10, 7, 6, 5),
    Usual("TW-48191", {"A": "too_small"}, 11, 9, 6, 5, ask={"resolution": "store_credit"}),
    Usual("TW-48192", {"A": "change_of_mind"}, 11, 9, 6, 5, 4),
    Usual("TW-48194", {"A": "too_large"}, 12, 10, 7, 6, 5),
    Usual("TW-48193", {"A": "defective"}, 6, paid=4, ask={"units": {"A": 1}, "method": "keep"}),
    # declined by the policy: final sale, too late, gift card
    Usual("TW-48226", {"A": "change_of_mind"}, 3),
    Usual("TW-48170", {"A": "change_of_mind"}, 2),
    Usual("TW-48228", {"A": "change_of_mind"}, 4),
    # authorized and never sent, so it expires by itself
    Usual("TW-48180", {"A": "change_of_mind"}, 15),
)


def usual(stage: Stage, plan: Usual) -> Story:
    """One ordinary return, step by step."""
    yield stage.at("asked", plan.asked, plan.number)
    rma = stage.ask(plan.number, plan.wants, **plan.ask)
    if plan.sent is not None:
        yield stage.at("sent", plan.sent, plan.number)
        stage.scan(rma, "accepted", place=post_office(rma))
    if plan.came is not None:
        yield stage.at("came", plan.came, plan.number)
        stage.scan(rma, "delivered", place="Ballymount")
        stage.receive(rma)
    if plan.checked is not None:
        yield stage.at("checked", plan.checked, plan.number)
        stage.check(rma)
    if plan.paid is not None:
        yield stage.at("paid", plan.paid, plan.number)
        stage.pay(rma)
