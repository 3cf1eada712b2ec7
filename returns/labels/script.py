"""Text in the order in which it is drawn: cleaned, and right-to-left where the script is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from bidi.algorithm import get_display

RTL_LANGUAGES = frozenset({"ar", "fa", "he", "yi"})
_EMBED_LTR, _POP = "\u202a", "\u202c"
_MARKS = {True: "\u200f", False: "\u200e"}
_PAIRS = {")": "(", "]": "[", "}": "{"}


def clean(text: str) -> str:
    """One line that fonts can draw: composed, without control or direction characters and Hebrew points."""
    composed = unicodedata.normalize("NFC", text)
    kept = (" " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Zs"} else char for char in composed)
    return " ".join("".join(char for char in kept if not _invisible(char)).split())


def is_rtl(texts: Iterable[str]) -> bool:
    """Whether the first letter with a direction runs from right to left (UAX 9, rule P2)."""
    for char in "".join(texts):
        direction = unicodedata.bidirectional(char)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


def locale_is_rtl(locale: str) -> bool:
    """Whether the language of a locale such as `he` or `he_IL` is written from right to left."""
    return locale.replace("_", "-").split("-")[0].lower() in RTL_LANGUAGES


def isolated(code: str) -> str:
    """A code that keeps its own left-to-right order inside a right-to-left sentence."""
    return f"{_EMBED_LTR}{code}{_POP}"


def visual(line: str, rtl: bool) -> str:
    """The line's characters from left to right as they stand on paper (Unicode bidirectional algorithm)."""
    # The package's newer, compiled get_display does not mirror brackets.
    drawn = str(get_display(_with_directed_brackets(line, rtl), base_dir="R" if rtl else "L"))
    return "".join(char for char in drawn if char not in _MARKS.values())


def _with_directed_brackets(line: str, rtl: bool) -> str:
    """Both brackets of each pair held to one direction (UAX 9, rule N0), which the package lacks."""
    sides = _sides(line, rtl)
    directions: dict[int, bool] = {}
    for start, end in _bracket_pairs(line):
        inside = [side for side in sides[start + 1 : end] if side is not None]
        before = [side for side in sides[:start] if side is not None]
        follows = bool(inside) and rtl not in inside and bool(before) and before[-1] != rtl
        if inside:
            directions[start] = directions[end] = rtl != follows
    marked = ((_MARKS[directions[at]] if at in directions else "", char) for at, char in enumerate(line))
    return "".join(f"{mark}{char}{mark}" for mark, char in marked)


def _bracket_pairs(line: str) -> list[tuple[int, int]]:
    waiting: list[tuple[str, int]] = []
    pairs = []
    for at, char in enumerate(line):
        if char in _PAIRS.values():
            waiting.append((char, at))
        elif char in _PAIRS and any(opening == _PAIRS[char] for opening, _ in waiting):
            while (top := waiting.pop())[0] != _PAIRS[char]:
                pass
            pairs.append((top[1], at))
    return pairs


def _sides(line: str, rtl: bool) -> list[bool | None]:
    """Per character: right to left, left to right (False) or neutral (None); digits follow letters."""
    sides: list[bool | None] = []
    last = rtl
    for char in line:
        kind = unicodedata.bidirectional(char)
        if kind in {"L", "R", "AL"}:
            last = kind != "L"
        sides.append(last if kind in {"L", "R", "AL", "EN"} else None)
    return sides


def _invisible(char: str) -> bool:
    category = unicodedata.category(char)
    return category in {"Cf", "Cs", "Co", "Cn"} or (category == "Mn" and "\u0591" <= char <= "\u05c7")
