"""A statement on its way in: as typed, with the content that is hashed and the key that makes a double click one."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings

from customers.models import Order, Shop
from returns.codes import ALPHABET
from returns.models import Withdrawal
from returns.policy.withdrawal import IL, fingerprint, words

Item = str | Mapping[str, Any]
ANSWER_DAYS = 7
_ZONES = {
    "pl": "Europe/Warsaw", "de": "Europe/Berlin", "he": "Asia/Jerusalem", "cs": "Europe/Prague", "fr": "Europe/Paris",
    "es": "Europe/Madrid", "it": "Europe/Rome", "nl": "Europe/Amsterdam", "sk": "Europe/Bratislava",
    "sv": "Europe/Stockholm",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What somebody said, unchanged. `text` is the wording of a letter or mail; without it, that of the function.

    `submit` is the one-time id of the form; `received_at` is only given where staff record what came before.
    """

    name: str
    contract: str
    means: str
    items: Sequence[Item] = ()
    law: str = ""
    locale: str = "en"
    channel: str = "function_web"
    id_number: str = ""
    text: str = ""
    dispatched_at: datetime | None = None
    received_at: datetime | None = None
    submit: str = ""
    ui: Mapping[str, Any] = field(default_factory=dict)

    @property
    def by_mail(self) -> bool:
        """Whether the acknowledgement can go by e-mail."""
        return "@" in self.means

    def key(self) -> str:
        """Equal for the same content under the same one-time id; another content is another statement."""
        said = [self.submit or secrets.token_hex(16), self.name, self.contract, self.means, self.text]
        said += [str(item) for item in self.items]
        return hashlib.sha256("\x00".join(said).encode()).hexdigest()


def law_of(said: Statement, order: Order | None) -> str:
    """The law as the door knew it, else by where the goods went."""
    if said.law:
        return said.law
    return "il" if order is not None and order.country == "IL" else "eu"


def zone_of(said: Statement, law: str, shop: Shop, order: Order | None, document: Mapping[str, Any]) -> str:
    """The zone of the wall clock in the acknowledgement: of the delivery address, else of the shop or the language."""
    found = (document.get("ship_to") or {}).get("time_zone") if order is not None else None
    spoken = "he" if law == IL else said.locale[:2]
    return str(found or shop.address.get("time_zone") or _ZONES.get(spoken) or settings.TIME_ZONE)


def new_ref() -> str:
    """A reference that people can read aloud and nobody can guess: 56 random bits, such as `WD-7F3K-Q2X9-H4TM`."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return f"WD-{body[:4]}-{body[4:8]}-{body[8:]}"


def clean_ref(text: str) -> str:
    """A reference as stored, from however it was typed."""
    body = "".join(character for character in text.upper() if character.isalnum())[2:14]
    return f"WD-{body[:4]}-{body[4:8]}-{body[8:]}"


def _box() -> Fernet:
    digest = hashlib.sha256(b"returns.withdrawal:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def seal(id_number: str) -> str:
    """An identity number encrypted for the database; empty stays empty."""
    return _box().encrypt(id_number.encode()).decode() if id_number else ""


def unseal(text: str) -> str:
    """The identity number that `seal` hid."""
    return _box().decrypt(text.encode()).decode() if text else ""


def mask(id_number: str) -> str:
    """What may be shown: the last three."""
    return f"•••• {id_number[-3:]}" if id_number else ""


def instant(moment: datetime | None) -> str | None:
    """An instant as it is hashed and shown: UTC, microseconds only where there are some."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def content_of(row: Withdrawal) -> dict[str, Any]:
    """What the fingerprint is over. The nonce keeps the fingerprint from telling anything once the row is erased."""
    number = unseal(row.id_number)
    return {
        "ref": row.ref,
        "received_at": instant(row.received_at),
        "received_local": row.received_local,
        "zone": row.zone,
        "channel": row.channel,
        "law": row.law,
        "locale": row.locale,
        "as_typed": {"name": row.name, "contract_details": row.contract, "means": row.means},
        "id_number_sha256": hashlib.sha256(f"{row.nonce}:{number}".encode()).hexdigest() if number else None,
        "statement": {"verbatim": row.statement, "scope_items": row.scope},
        "dispatched_at": instant(row.dispatched_at),
        "ui_evidence": row.ui,
        "nonce": row.nonce,
    }


def hash_of_content(row: Withdrawal) -> str:
    """The fingerprint of a statement as it is stored now."""
    return fingerprint(content_of(row))


def words_of(row: Withdrawal) -> Any:
    """The words in which this statement was made."""
    return words(row.law, row.locale)
