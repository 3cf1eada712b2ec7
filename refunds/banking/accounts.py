"""Numbers of accounts: IBAN (ISO 13616), Polish NRB, Israeli bank, branch and account."""

from __future__ import annotations

from stdnum import iban
from stdnum.exceptions import ValidationError

NRB_DIGITS = 26
# Where only one rule is in force for all accounts of a bank: the weights of branch and account from the last digit on,
# the modulus, and the remainders that are right (Masav, "Checking that an account is legal").
HAPOALIM, MIZRAHI, DISCOUNT, MERCANTILE, POST = 12, 20, 11, 17, 9
WITH_BRANCH = {HAPOALIM: {0, 2, 4, 6}, MIZRAHI: {0, 2, 4}}
ALONE = {DISCOUNT: (11, {0, 2, 4}), MERCANTILE: (11, {0, 2, 4}), POST: (10, {0})}
WITH_BRANCH_DIGITS = 6
SHIFTED_BRANCHES = 400


class BadAccount(ValueError):
    """A number that no bank has given out; `part` is the part that is wrong."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


def whole_iban(text: str) -> str:
    """An IBAN without blanks; 26 digits alone are a Polish NRB. Raises BadAccount."""
    plain = "".join(text.split()).replace("-", "").upper()
    if plain.isascii() and plain.isdigit() and len(plain) == NRB_DIGITS:
        plain = f"PL{plain}"
    try:
        return str(iban.validate(plain))
    except ValidationError as error:
        raise BadAccount("iban") from error


def polish_number(account: str) -> str:
    """The 26 digits of a Polish account (NRB). Raises BadAccount for an account elsewhere."""
    whole = whole_iban(account)
    if not whole.startswith("PL"):
        raise BadAccount("iban")
    return whole[2:]


def israeli_parts(bank: str, branch: str, account: str, whole: str = "") -> tuple[str, str, str]:
    """Bank (two digits), branch (three) and account (nine), also out of an Israeli IBAN. Raises BadAccount."""
    if whole:
        number = whole_iban(whole)
        if not number.startswith("IL"):
            raise BadAccount("iban")
        bank, branch, account = number[5:7], number[7:10], number[10:].lstrip("0")
    return _part("bank", bank, 2), _part("branch", branch, 3), _checked(bank, branch, _part("account", account, 9))


def _part(name: str, text: str, most: int) -> str:
    digits = text.strip().lstrip("0") if text.isascii() else ""
    if not digits.isdigit() or len(digits) > most:
        raise BadAccount(name)
    return digits.zfill(most)


def _checked(bank: str, branch: str, account: str) -> str:
    """The account, if its bank's rule allows it; banks whose rule is not the same for every account are not asked."""
    code, place = int(bank), int(branch)
    if code in WITH_BRANCH and int(account) < 10**WITH_BRANCH_DIGITS:
        place -= SHIFTED_BRANCHES if code == MIZRAHI and place > SHIFTED_BRANCHES else 0
        right = _weighed(f"{place:03d}{int(account):06d}") % 11 in WITH_BRANCH[code]
    elif code in ALONE:
        modulus, remainders = ALONE[code]
        right = _weighed(account) % modulus in remainders
    else:
        right = True
    if not right:
        raise BadAccount("account")
    return account


def _weighed(digits: str) -> int:
    """The digits weighed 1, 2, 3 ... from the last one."""
    return sum(weight * int(digit) for weight, digit in enumerate(reversed(digits), 1))
