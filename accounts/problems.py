"""The base of every refusal: what a person reads and what a program can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one place of the input; `pointer` is a JSON pointer (RFC 6901)."""

    pointer: str
    code: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        """The member of `errors` in a problem document."""
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


class Refused(Exception):
    """A request that cannot be done; nothing was changed. `detail` says what to do about it (RFC 9457)."""

    code = "invalid"
    status = 422

    def __init__(
        self, detail: str, *, errors: Iterable[FieldError] = (), code: str | None = None, **extra: Any
    ) -> None:
        super().__init__(detail)
        self.detail = str(detail)
        self.errors = list(errors)
        self.extra = extra
        if code is not None:
            self.code = code


class Invalid(Refused):
    """The input itself is wrong."""


class NotFound(Refused):
    """No such thing, or somebody else's: the answer is the same."""

    code = "not_found"
    status = 404


class Forbidden(Refused):
    """The caller is known and may not do this."""

    code = "forbidden"
    status = 403


class Conflict(Refused):
    """The thing is in the way of itself: it exists already or changed meanwhile."""

    code = "conflict"
    status = 409


class WrongState(Conflict):
    """The move does not exist from where the thing stands."""

    code = "wrong_state"
