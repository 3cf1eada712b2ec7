"""Codes that people read aloud: random, without vowels or look-alikes, with a check character."""

from __future__ import annotations

import secrets

# no vowels (no words by accident), no 0 O 1 I L, no 5 S 8 B pairs twice over
ALPHABET = "23456789BCDFGHJKMNPQRTVWXZ"


def check_character(body: str) -> str:
    """A weighted sum over the alphabet; catches every single mistyped character and most swaps."""
    total = sum((index + 1) * ALPHABET.index(character) for index, character in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def new_code(series: str = "RMA") -> str:
    """A fresh code such as `RMA-7F3K-Q2X9`; the last character checks the seven before it."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(7))
    return f"{series}-{body[:4]}-{body[4:]}{check_character(body)}"


def clean_code(text: str) -> str | None:
    """The code as stored, from however it was typed or scanned; None when it cannot be one of ours."""
    compact = "".join(character for character in text.upper() if character.isalnum())
    series, body = compact[:-8], compact[-8:]
    if not series or any(character not in ALPHABET for character in body):
        return None
    if check_character(body[:7]) != body[7]:
        return None
    return f"{series}-{body[:4]}-{body[4:]}"
