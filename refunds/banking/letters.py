"""Names and titles in the letters that a bank's file may hold."""

from __future__ import annotations

import unicodedata

# The basic Latin set that every bank takes (European Payments Council, EPC217-08).
SEPA_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
# Letters that do not come apart into a base and an accent; Hebrew by sound (simplified rules of the Academy).
SPELLED = {
    "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "þ": "th", "ı": "i",
    "&": "+", "_": "-", "–": "-", "—": "-", "’": "'", "„": "'", "”": "'", '"': "'", "״": "'", "׳": "'", "־": "-",
    "א": "a", "ב": "b", "ג": "g", "ד": "d", "ה": "h", "ו": "v", "ז": "z", "ח": "ch", "ט": "t", "י": "y", "כ": "k",
    "ך": "k", "ל": "l", "מ": "m", "ם": "m", "נ": "n", "ן": "n", "ס": "s", "ע": "a", "פ": "p", "ף": "f", "צ": "ts",
    "ץ": "ts", "ק": "k", "ר": "r", "ש": "sh", "ת": "t",
}  # fmt: skip


def latin(text: str, most: int) -> str:
    """The text in the basic Latin set, cut to `most`; what cannot be written becomes a full stop."""
    spelled = "".join(SPELLED.get(letter, letter) for letter in text)
    plain = (letter for letter in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(letter))
    words = "".join(letter if letter in SEPA_LETTERS else " " if letter.isspace() else "." for letter in plain)
    # a text must not begin with a slash nor hold two of them (EPC)
    return " ".join(words.split()).replace("//", "/").lstrip("/")[:most].strip() or "-"


def in_code_page(text: str, page: str) -> str:
    """The text with only such letters as the code page has; others in basic Latin."""
    return "".join(letter if _fits(letter, page) else latin(letter, 3) for letter in " ".join(text.split()))


def _fits(letter: str, page: str) -> bool:
    try:
        letter.encode(page)
    except UnicodeEncodeError:
        return False
    return letter.isprintable()
