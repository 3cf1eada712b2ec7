"""The returns of the demo that need a person, and what the clock does by itself."""

from __future__ import annotations

from collections.abc import Sequence

from config.demo import answers, books, drafts, findings, gestures, parcels, statements, swaps, vouchers
from config.demo.stage import Stage, Story
from returns.actions import expire_returns, warn_of_expiry


def sweeps(stage: Stage) -> Story:
    """What the clock does every day."""
    for days in (3, 2, 1):
        yield stage.day(days, "23:00")
        warn_of_expiry()
        expire_returns()


def special(stage: Stage) -> Sequence[Story]:
    """All of them."""
    return [
        findings.stain(stage, "TW-48213", off=("25.51", "169.79"), paid=True),
        findings.stain(stage, "TW-48211", off=("", "781.20")),
        findings.stain(stage, "TW-48209"),
        answers.dented_mug(stage, "TW-48243"),
        answers.wrong_item(stage, "TW-48230"),
        parcels.own_parcel(stage, "TW-48225"),
        parcels.half_a_parcel(stage, "TW-48214"),
        parcels.crushed(stage, "TW-48218"),
        parcels.stowaway(stage, "TW-48212"),
        findings.long_coat(stage, "TW-48208"),
        findings.worn_jacket(stage, "TW-48206"),
        parcels.lost(stage, "TW-48188"),
        answers.given_up(stage, "TW-48186"),
        answers.told_no(stage, "TW-48227"),
        answers.taken_back(stage, "TW-48220", "customer"),
        answers.taken_back(stage, "TW-48221", "staff"),
        answers.oak_yes(stage, "OAK-1002"),
        parcels.nobodys_parcels(stage),
        vouchers.spent_credit(stage, "TW-48191"),
        vouchers.by_hand(stage),
        vouchers.thanks(stage, "TW-48209"),
        vouchers.not_worth_the_way(stage, "TW-48255"),
        swaps.ready(stage, "TW-48260", "HWJ-MOS-M"),
        swaps.dearer(stage, "TW-48261", "HWJ-MOS-M"),
        swaps.repair(stage, "TW-48262"),
        gestures.late_parcel(stage, "TW-48190"),
        gestures.ruined_trip(stage, "TW-48206"),
        books.credit_notes(stage),
        statements.by_function(stage, "TW-48256", "pl", 0.4),
        statements.by_function(stage, "TW-48257", "de", 1),
        statements.by_function(stage, "TW-48258", "he", 1.3),
        statements.by_function(stage, "TW-48259", "de", 0.8),
        statements.lost(stage),
        statements.letter(stage),
        drafts.dearer_labels(stage),
        sweeps(stage),
    ]
