"""Israeli credit transfers: Masav's payments file, records of 128 letters (Masav, "Specification of credits")."""

from __future__ import annotations

from datetime import date

from refunds.banking.accounts import BadAccount, israeli_parts
from refunds.banking.batch import Batch, Payer, Transfer
from refunds.banking.letters import in_code_page

# The old Hebrew code page, in which alef is 128; texts are written in the order in which they are seen.
PAGE = "cp862"
RECORD = 128
SHEKELS = "00"
CREDIT = "006"
ONE_FILE = "001"
MOST = 10**13 - 1


def masav_file(batch: Batch) -> bytes:
    """Header, one record per transfer, total and end, with CR LF; amounts in agorot. Raises BadAccount."""
    head = f"{_digits('institution', batch.payer.institution, 8)}{SHEKELS}"
    records = [
        _header(batch, head),
        *(_record(head, transfer) for transfer in batch.transfers),
        _total(batch, head),
        "9" * RECORD,
    ]
    return "".join(f"{record}\r\n" for record in records).encode(PAGE)


def _header(batch: Batch, head: str) -> str:
    payer: Payer = batch.payer
    made, sender = _day(batch.made_at.date()), _digits("sender", payer.sender, 5)
    return f"K{head}{_day(batch.pay_on)}0{ONE_FILE}0{made}{sender}{'0' * 6}{_seen(payer.name, 30)}{' ' * 56}KOT"


def _record(head: str, transfer: Transfer) -> str:
    bank, branch, account = israeli_parts(transfer.bank, transfer.branch, transfer.account, transfer.iban)
    if transfer.amount > MOST:
        raise BadAccount("amount")
    return (
        f"1{head}{'0' * 6}{bank}{branch}0000{account}0{'0' * 9}{_seen(transfer.holder, 16)}{transfer.amount:013d}"
        f"{_number(transfer.reference):020d}{'0' * 8}000{CREDIT}{'0' * 18}  "
    )


def _total(batch: Batch, head: str) -> str:
    count = f"{len(batch.transfers):07d}"
    return f"5{head}{_day(batch.pay_on)}0{ONE_FILE}{batch.total:015d}{'0' * 15}{count}{'0' * 7}{' ' * 63}"


def _number(reference: str) -> int:
    """Our reference as digits: Masav keeps twenty."""
    return int(reference, 16) % 10**20


def _day(day: date) -> str:
    return f"{day:%y%m%d}"


def _digits(part: str, text: str, most: int) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= most):
        raise BadAccount(part)
    return text.zfill(most)


def _seen(text: str, width: int) -> str:
    """A text of fixed width, aligned right; with Hebrew in it as it is seen: last letter first, figures as they are."""
    plain = in_code_page(text, PAGE)[:width]
    if any("א" <= letter <= "ת" for letter in plain):
        plain = _turned(plain)
    return plain.rjust(width)


def _turned(text: str) -> str:
    runs: list[str] = []
    for letter in text:
        if runs and letter.isascii() and letter.isalnum() and runs[-1][-1].isascii() and runs[-1][-1].isalnum():
            runs[-1] += letter
        else:
            runs.append(letter)
    return "".join(reversed(runs))
