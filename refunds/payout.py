"""The customer's account for a payout: checked, encrypted, masked."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from refunds.banking import BadAccount, israeli_parts, whole_iban

TO_ACCOUNTS = ("bank_transfer", "cod")
"""Kinds of payments that go back to an account of the customer's."""


def box(purpose: str) -> Fernet:
    """What encrypts for one purpose; nothing sealed for one opens for another."""
    digest = hashlib.sha256(purpose.encode() + b":" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def _box() -> Fernet:
    return box("refunds.payout")


def check(account: Mapping[str, Any]) -> dict[str, str]:
    """The account in normal form. Raises Invalid when a checksum or a part is wrong.

    An IBAN (ISO 13616), 26 digits of a Polish account, or an Israeli bank, branch and account.
    """
    holder = str(account.get("holder") or "").strip()
    if not holder:
        raise _wrong("/payout/holder", _("Name the holder of the account."))
    if account.get("iban"):
        try:
            return {"holder": holder, "iban": whole_iban(str(account["iban"]))}
        except BadAccount as error:
            raise _wrong("/payout/iban", _("This IBAN has a mistake in it. Check every digit.")) from error
    parts = {name: str(account.get(name) or "").strip() for name in ("bank", "branch", "account")}
    wrong = [name for name, text in parts.items() if not (text.isascii() and text.isdigit()) or len(text) > 12]
    if wrong:
        raise _wrong(f"/payout/{wrong[0]}", _("Give an IBAN, or bank, branch and account in digits."))
    try:
        israeli_parts(**parts)
    except BadAccount as error:
        detail = _("There is no such account at this bank. Check bank, branch and account digit by digit.")
        raise _wrong(f"/payout/{error.part}", detail) from error
    return {"holder": holder, **parts}


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(pointer, "invalid", detail)])


def seal(account: Mapping[str, str]) -> str:
    """The account encrypted for the database."""
    return _box().encrypt(json.dumps(dict(account)).encode()).decode()


def unseal(text: str) -> dict[str, str]:
    """The account that `seal` wrote."""
    return dict(json.loads(_box().decrypt(text.encode())))


def mask(account: Mapping[str, str]) -> str:
    """What may be shown: the last four."""
    return "•••• " + (account.get("iban") or account.get("account") or "")[-4:]
