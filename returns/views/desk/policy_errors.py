"""Where in the editor of a policy something is wrong: the field of the form, or the line of the YAML."""

from __future__ import annotations

from typing import Any

from accounts.problems import FieldError, Refused
from returns.forms.policy import Sheet
from returns.forms.policy_text import line_of


def is_in(pointer: str, at: str) -> bool:
    """Whether a JSON pointer is a place or lies below it."""
    return pointer == at or pointer.startswith(f"{at}/")


def said_at(wrong: list[FieldError], at: str) -> list[str]:
    """What is wrong at a place or below it."""
    return [error.detail for error in wrong if is_in(error.pointer, at)]


def linked(wrong: list[FieldError], sheet: Sheet) -> list[dict[str, Any]]:
    """What is wrong with the form, each with the field that it is about."""
    places = {"/name": "name", "/window/days": "days", "/window/from": "from"}
    places |= {f"/defaults/{row.key}": f"d{n}" for n, row in enumerate(sheet.defaults)}
    for n, rule in enumerate(sheet.rules):
        places[f"/rules/{n}/name"] = f"r{n}-name"
        for part, rows in (("when", rule.when), ("then", rule.then)):
            places |= {f"/rules/{n}/{part}/{row.key}": f"r{n}{part[0]}{m}" for m, row in enumerate(rows)}
        places[f"/rules/{n}"] = f"r{n}"
    return [
        {
            "detail": error.detail,
            "pointer": error.pointer,
            "field": next((field for at, field in places.items() if is_in(error.pointer, at)), ""),
        }
        for error in wrong
    ]


def pointed(refusal: Refused | None, text: str) -> list[dict[str, Any]]:
    """What is wrong with the YAML, each with the line that it is about."""
    errors = refusal.errors if refusal else []
    return [
        {"detail": error.detail, "pointer": error.pointer, "line": line_of(text, error.pointer)} for error in errors
    ]
