"""What every file of payments holds: who pays, whom, how much and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Payer:
    """The shop's side: an IBAN for SEPA and Elixir-0, the two numbers that Masav gave for Masav."""

    name: str
    iban: str = ""
    bic: str = ""
    institution: str = ""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment: `amount` in minor units, `reference` ours and unique, `title` what the customer reads.

    The account is an IBAN, or an Israeli bank, branch and account.
    """

    reference: str
    holder: str
    amount: int
    title: str
    iban: str = ""
    bank: str = ""
    branch: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """One file: its own name (unique, at most 35 letters and digits), its payments and the day they are made on."""

    name: str
    payer: Payer
    transfers: tuple[Transfer, ...]
    made_at: datetime
    pay_on: date

    @property
    def total(self) -> int:
        """The sum in minor units."""
        return sum(transfer.amount for transfer in self.transfers)
