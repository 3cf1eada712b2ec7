"""Polish domestic transfers: Elixir-0, the text format of the Polish banks for orders of type 110."""

from __future__ import annotations

from refunds.banking.accounts import polish_number
from refunds.banking.batch import Batch, Transfer
from refunds.banking.letters import in_code_page

PAGE = "cp1250"
CREDIT_TRANSFER, ORDINARY_MODE, ORDINARY_ORDER = "110", "0", "51"
ROW, ROWS = 35, 4


def elixir_file(batch: Batch) -> bytes:
    """One line per transfer in Windows-1250 with CR LF; amounts in grosze. Raises BadAccount."""
    lines = [_line(batch, transfer) + "\r\n" for transfer in batch.transfers]
    return "".join(lines).encode(PAGE)


def _line(batch: Batch, transfer: Transfer) -> str:
    ours, theirs = polish_number(batch.payer.iban), polish_number(transfer.iban)
    return ",".join(
        [
            CREDIT_TRANSFER,
            f"{batch.pay_on:%Y%m%d}",
            str(transfer.amount),
            _settlement(ours),
            ORDINARY_MODE,
            _quoted(ours),
            _quoted(theirs),
            _quoted(_rows(batch.payer.name)),
            _quoted(_rows(transfer.holder)),
            "0",
            _settlement(theirs),
            _quoted(_rows(transfer.title)),
            '""',
            '""',
            _quoted(ORDINARY_ORDER),
            _quoted(transfer.reference[:16]),
        ]
    )


def _settlement(nrb: str) -> str:
    """The settlement number of the account's bank: the eight digits after the two check digits."""
    return nrb[2:10]


def _rows(text: str) -> str:
    """Up to four rows of 35 letters; a bar parts them, so that no text may hold one."""
    words = in_code_page(text, PAGE).replace("|", "/").replace('"', "'").replace("\\", "/")
    return "|".join(words[at : at + ROW] for at in range(0, min(len(words), ROW * ROWS), ROW))


def _quoted(text: str) -> str:
    return f'"{text}"'
