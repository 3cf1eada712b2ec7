"""The words of the withdrawal function by law and language, with the version and fingerprint that proofs quote."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml
from babel import Locale
from babel.dates import format_date, format_time

EU: Final = "eu"
IL: Final = "il"
LAWS: Final = (EU, IL)
RTL: Final = frozenset({"he"})
_FILE: Final = Path(__file__).with_name("texts.yaml")
_LABELS: Final = {EU: "labels", IL: "il_labels"}
_DEFAULT: Final = {EU: "en", IL: "he"}
_DATES: Final = {"en": "d MMM y", "pl": "dd.MM.y", "de": "dd.MM.y", "he": "d.M.y"}


@dataclass(frozen=True)
class Words:
    """The words for one reader: `language` of the labels, `base` of everything else."""

    law: str
    language: str
    base: str
    function: str
    confirm: str
    texts: Mapping[str, Any]

    @property
    def dir(self) -> str:
        """The direction in which the page is read."""
        return "rtl" if self.base in RTL else "ltr"

    @property
    def same(self) -> bool:
        """Whether the labels are in the language of the rest."""
        return self.language == self.base

    def __getitem__(self, key: str) -> Any:
        return self.texts[key]

    def get(self, key: str) -> Any:
        """A text that not every law has, else empty."""
        return self.texts.get(key, "")

    def day(self, moment: Any) -> str:
        """A date as this language writes it: 19.10.2026, 19 Oct 2026."""
        return format_date(moment, _DATES[self.base], locale=Locale.parse(self.base))

    def clock(self, moment: datetime, zone: str) -> dict[str, str]:
        """The wall clock of an instant: date, time to the second, and the zone with its offset."""
        local = moment.astimezone(ZoneInfo(zone))
        offset = local.strftime("%z")
        time = format_time(local, "HH:mm:ss", locale=Locale.parse(self.base))
        return {"date": self.day(local.date()), "time": time, "zone": f"{zone}, UTC{offset[:3]}:{offset[3:]}"}


@cache
def _book() -> dict[str, Any]:
    return dict(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


@cache
def version_of() -> tuple[str, str]:
    """The version of the words, and the SHA-256 of the file that holds them."""
    return str(_book()["version"]), hashlib.sha256(_FILE.read_bytes()).hexdigest()


def languages_of(law: str) -> list[str]:
    """The languages in which the function is offered under a law, best known first."""
    return list(_book()[_LABELS[law]])


@cache
def _words(law: str, language: str) -> Words:
    book = _book()
    label = book[_LABELS[law]][language]
    base = language if language in book[law] else "en"
    return Words(law, language, base, label["function"], label["confirm"], book[law][base])


def words(law: str, locale: str) -> Words:
    """The words for a locale such as `pl` or `he-IL`; where it is not offered, English, under Israeli law Hebrew."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return _words(law, language if language in _book()[_LABELS[law]] else _DEFAULT[law])
