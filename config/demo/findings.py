"""Returns of the demo whose goods are not as they were sold: what the bench saw and what it cost."""

from __future__ import annotations

from typing import Final

from config.demo.stage import Found, Stage, Story, post_office
from returns.actions import (
    add_note,
    authorize_return,
)

STAIN: Final = {
    "TW-48213": (
        "Left cuff, 3 cm stain",
        "There is an oily stain on the left cuff. It goes beyond trying the jacket on, so we cannot sell it as new.",
        "The bottle was dented on the way to you, as you said. Sorry about that.",
        "Bottle is in the jacket’s hood.",
    ),
    "TW-48211": (
        "שרוול שמאל, כתם באורך 3 ס״מ",
        "יש כתם שמנוני על השרוול השמאלי. הוא חורג ממדידה רגילה, ולכן אי אפשר למכור את המעיל כחדש.",
        "הבקבוק נפגע במשלוח אליך, כפי שדיווחת. מצטערים על כך.",
        "הבקבוק בתוך הכובע של המעיל.",
    ),
    "TW-48209": (
        "Lewy mankiet, plama 3 cm",
        "Na lewym mankiecie jest tłusta plama. To więcej niż przymierzenie, więc kurtki nie sprzedamy jako nowej.",
        "Butelka wgniotła się w drodze do Ciebie, tak jak napisałaś. Przepraszamy.",
        "Butelka jest w kapturze kurtki.",
    ),
}
"""Caption, finding on the jacket, finding on the bottle, what the customer wrote; in the customer's language."""

WORN = Found(
    "D",
    "return_to_customer",
    "Worn outdoors for weeks: mud in the seams, both pockets torn. It comes back to you.",
    outcome="rejected",
    checklist={"tags_on": False, "free_of_marks": False},
)


def stain(stage: Stage, number: str, *, off: tuple[str, str] | None = None, paid: bool = False) -> Story:
    """The jacket with the stained cuff and the dented bottle; told three times, each time to another point.

    `off` is what is kept of the jacket and the total; nothing is kept where the law leaves it to a claim of its own.
    """
    caption, jacket, bottle, words = STAIN[number]
    yield stage.at("asked", 6, number)
    wants = {"A": "too_small", "B": "damaged_in_transit"}
    rma = stage.ask(number, wants, units={"B": 1}, comment=words)
    stage.photo(rma, "dented-bottle", "customer", "B")
    yield stage.at("sent", 4, number)
    stage.scan(rma, "accepted", place=post_office(rma))
    yield stage.at("came", 2, number)
    stage.scan(rma, "delivered", place="Ballymount")
    stage.photo(rma, "parcel", "receipt")
    stage.receive(rma, note="2.1 kg, corner crushed")
    yield stage.at("checked", 2, number)
    whole = stage.photo(rma, "jacket-received", "inspection", "A")
    close = stage.photo(rma, "stained-cuff", "inspection", "A", caption)
    dent = stage.photo(rma, "bottle-received", "inspection", "B")
    marks = {"tags_on": True, "dust_bag": True, "zip_and_snaps": True, "free_of_marks": False}
    found = {
        "A": Found("B", "liquidate", jacket, (whole, close), checklist=marks),
        "B": Found("C", "recycle", bottle, (dent,), checklist={"free_of_marks": False}),
    }
    stage.check(rma, found)
    add_note(rma, "Stain is oil, dry-clean won’t take it out of wax. B or C?", actor=stage.staff["warehouse"])
    yield stage.day(1.0, "08:30", 6)
    add_note(rma, "B. It sells as second choice.", actor=stage.staff["agent"])
    if off is None:
        return
    kept, total = off
    stage.decide_money(rma, {"A": (kept, caption)} if kept else {}, expected=total)
    if paid:
        yield stage.day(0.1)
        stage.pay(rma)


def worn_jacket(stage: Stage, number: str) -> Story:
    """One item accepted, the other rejected and on its way back to the customer."""
    yield stage.at("asked", 9, number)
    rma = stage.ask(number, {"A": "not_as_described", "B": "change_of_mind"})
    yield stage.at("sent", 7, number)
    stage.scan(rma, "accepted", place=post_office(rma))
    yield stage.at("came", 3, number)
    stage.receive(rma)
    yield stage.at("checked", 1, number)
    stage.check(rma, {"A": WORN})


def long_coat(stage: Stage, number: str) -> Story:
    """Above the amount that a person looks at, twice: before the parcel and before the money."""
    yield stage.at("asked", 9, number)
    rma = stage.ask(number, {"A": "too_large"})
    yield stage.day(8, "15:20")
    authorize_return(rma, actor=stage.staff["manager"])
    yield stage.at("sent", 6, number)
    stage.scan(rma, "accepted", place=post_office(rma))
    yield stage.at("came", 3, number)
    stage.receive(rma)
    yield stage.at("checked", 1, number)
    stage.check(rma)
