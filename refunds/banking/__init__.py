"""Files of payments as banks read them; data in, bytes out."""

from refunds.banking.accounts import BadAccount, israeli_parts, polish_number, whole_iban
from refunds.banking.batch import Batch, Payer, Transfer
from refunds.banking.elixir import elixir_file
from refunds.banking.masav import masav_file
from refunds.banking.sepa import sepa_file

__all__ = [
    "BadAccount",
    "Batch",
    "Payer",
    "Transfer",
    "elixir_file",
    "israeli_parts",
    "masav_file",
    "polish_number",
    "sepa_file",
    "whole_iban",
]
