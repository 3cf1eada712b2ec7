"""Files of payments, letter by letter: SEPA, Elixir-0, Masav, and the numbers of accounts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refunds.banking import (
    BadAccount,
    Batch,
    Payer,
    Transfer,
    elixir_file,
    israeli_parts,
    masav_file,
    polish_number,
    sepa_file,
    whole_iban,
)
from refunds.banking.letters import SEPA_LETTERS, latin

MADE = datetime(2026, 11, 20, 9, 30, 15, 123, tzinfo=UTC)
DAY = date(2026, 11, 23)
PL_OURS, PL_THEIRS = "PL61109010140000071219812874", "27114020040000300201355387"
NAMES = {"": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
REFERENCE = "0123456789abcdef0123456789abcdef"


def transfer(**given: object) -> Transfer:
    """One payment of 12.34."""
    base = {"reference": REFERENCE, "holder": "Aoife Byrne", "amount": 1234, "title": "Refund 1001"}
    return Transfer(**{**base, **given})  # type: ignore[arg-type]


def batch(payer: Payer, *transfers: Transfer) -> Batch:
    """A file of these."""
    return Batch("f" * 32, payer, transfers, MADE, DAY)


def sepa(*transfers: Transfer, bic: str = "AIBKIE2D") -> Element:
    """The file, read again."""
    payer = Payer("Łąka & Söhne", iban="DE89 3704 0044 0532 0130 00", bic=bic)
    return fromstring(sepa_file(batch(payer, *transfers)))


def text(root: Element, path: str) -> str:
    """The text at a path, which must be there once."""
    found = root.findall(path, NAMES)
    assert len(found) == 1, path
    return found[0].text or ""


IRISH = {"iban": "IE29AIBK93115212345678"}


def test_sepa_has_what_the_guidelines_require() -> None:
    root = sepa(transfer(**IRISH), transfer(reference="b" * 32, amount=1_000_005, **IRISH))
    head, pay = "CstmrCdtTrfInitn/GrpHdr/", "CstmrCdtTrfInitn/PmtInf/"
    assert root.tag == "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}Document"
    assert text(root, head + "MsgId") == "f" * 32
    assert text(root, head + "CreDtTm") == "2026-11-20T09:30:15"
    assert (text(root, head + "NbOfTxs"), text(root, head + "CtrlSum")) == ("2", "10012.39")
    assert (text(root, pay + "NbOfTxs"), text(root, pay + "CtrlSum")) == ("2", "10012.39")
    assert (text(root, pay + "PmtMtd"), text(root, pay + "ChrgBr")) == ("TRF", "SLEV")
    assert text(root, pay + "PmtTpInf/SvcLvl/Cd") == "SEPA"
    assert text(root, pay + "ReqdExctnDt/Dt") == "2026-11-23"
    assert text(root, pay + "Dbtr/Nm") == "Laka + Sohne"
    assert text(root, pay + "DbtrAcct/Id/IBAN") == "DE89370400440532013000"
    assert text(root, pay + "DbtrAgt/FinInstnId/BICFI") == "AIBKIE2D"
    amounts = root.findall(pay + "CdtTrfTxInf/Amt/InstdAmt", NAMES)
    assert [(row.text, row.attrib) for row in amounts] == [("12.34", {"Ccy": "EUR"}), ("10000.05", {"Ccy": "EUR"})]
    ends = [row.text for row in root.findall(pay + "CdtTrfTxInf/PmtId/EndToEndId", NAMES)]
    assert ends == [REFERENCE, "b" * 32]


def test_sepa_puts_elements_in_the_order_of_the_schema() -> None:
    payment = sepa(transfer(**IRISH), bic="").find("CstmrCdtTrfInitn/PmtInf", NAMES)
    assert payment is not None

    def inside(row: Element) -> list[str]:
        return [child.tag.rpartition("}")[2] for child in row]

    assert inside(payment) == [
        "PmtInfId", "PmtMtd", "NbOfTxs", "CtrlSum", "PmtTpInf", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt", "ChrgBr",
        "CdtTrfTxInf",
    ]  # fmt: skip
    assert inside(payment[-1]) == ["PmtId", "Amt", "Cdtr", "CdtrAcct", "RmtInf"]
    assert text(payment, "DbtrAgt/FinInstnId/Othr/Id") == "NOTPROVIDED"


@given(st.text(max_size=200))
def test_any_name_becomes_letters_that_every_bank_takes(name: str) -> None:
    plain = latin(name, 70)
    assert plain
    assert len(plain) <= 70
    assert set(plain) <= SEPA_LETTERS
    assert not plain.startswith("/")
    assert "//" not in plain


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Żaneta Wójcik-Łęcka", "Zaneta Wojcik-Lecka"), ("נועה כהן", "nvah khn"), ("a\tb\n<c>", "a b .c."), ("", "-")],
)
def test_names_are_spelled_in_latin(name: str, plain: str) -> None:
    assert latin(name, 70) == plain


def test_elixir_line_by_line() -> None:
    payer = Payer('Sklep "Łąka" | sp. z o.o., ul. Bardzo Długa 12345, 00-001 Warszawa', iban=PL_OURS)
    rows = elixir_file(batch(payer, transfer(iban=PL_THEIRS, holder="Żaneta נ Wójcik", title="Zwrot\n1001")))
    assert rows.endswith(b"\r\n")
    assert rows.decode("cp1250") == (
        '110,20261123,1234,10901014,0,"61109010140000071219812874","27114020040000300201355387",'
        '"Sklep \'Łąka\' / sp. z o.o., ul. Bard|zo Długa 12345, 00-001 Warszawa","Żaneta n Wójcik",0,11402004,'
        '"Zwrot 1001","","","51","0123456789abcdef"\r\n'
    )


@pytest.mark.parametrize("number", ["IE29AIBK93115212345678", "27114020040000300201355388", "2711402004", ""])
def test_elixir_refuses_what_is_no_polish_account(number: str) -> None:
    with pytest.raises(BadAccount):
        elixir_file(batch(Payer("Sklep", iban=PL_OURS), transfer(iban=number)))


def masav(*transfers: Transfer) -> list[str]:
    """The records."""
    payer = Payer("חנות Harbour", institution="12345678", sender="54321")
    whole = masav_file(batch(payer, *transfers)).decode("cp862")
    assert whole.endswith("\r\n")
    return whole.split("\r\n")[:-1]


ISRAELI = {"bank": "31", "branch": "7", "account": "123456"}


def test_masav_field_by_field() -> None:
    records = masav(transfer(**ISRAELI, holder="נועה כהן 12"), transfer(**ISRAELI, amount=100_000_000))
    assert [len(record) for record in records] == [128] * 5
    head, first, second, total, end = records
    assert head[:45] == "K1234567800" + "261123" + "0" + "001" + "0" + "261120" + "54321" + "000000" + " " * 6
    assert head[39:69] == "Harbour תונח".rjust(30)
    assert head[69:] == " " * 56 + "KOT"
    assert first[:45] == "1" + "12345678" + "00" + "000000" + "31" + "007" + "0000" + "000123456" + "0" + "000000000"
    assert first[45:61] == "12 ןהכ העונ".rjust(16)
    assert first[61:74] == "0000000001234"
    assert first[74:94].isdigit()
    assert first[94:] == "00000000" + "000" + "006" + "0" * 18 + "  "
    assert second[61:74] == "0000100000000"
    assert total[:36] == "5" + "12345678" + "00" + "261123" + "0" + "001" + "000000100001234"
    assert total[36:65] == "0" * 15 + "0000002" + "0" * 7
    assert total[65:] == " " * 63
    assert end == "9" * 128


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=20), st.text(max_size=40))
def test_sums_and_widths_hold_for_any_file(amounts: list[int], name: str) -> None:
    records = masav(*(transfer(**ISRAELI, amount=amount, holder=name) for amount in amounts))
    assert {len(record) for record in records} == {128}
    assert sum(int(record[61:74]) for record in records[1:-2]) == sum(amounts) == int(records[-2][21:36])
    rows = sepa(*(transfer(**IRISH, amount=amount, holder=name) for amount in amounts))
    cents = [re.sub(r"\D", "", row.text or "") for row in rows.iterfind(".//InstdAmt", NAMES)]
    assert sum(map(int, cents)) == sum(amounts)
    assert text(rows, "CstmrCdtTrfInitn/GrpHdr/CtrlSum").replace(".", "") == f"{sum(amounts):03d}"


@pytest.mark.parametrize(
    ("change", "part"),
    [({"bank": "123"}, "bank"), ({"branch": "12a"}, "branch"), ({"account": "1234567890"}, "account"),
     ({"account": "0"}, "account"), ({"amount": 10**13}, "amount")],
)  # fmt: skip
def test_masav_refuses_what_does_not_fit(change: dict[str, object], part: str) -> None:
    with pytest.raises(BadAccount) as refusal:
        masav(transfer(**{**ISRAELI, **change}))
    assert refusal.value.part == part


@pytest.mark.parametrize(("institution", "sender"), [("", "1"), ("123456789", "1"), ("1", "x")])
def test_masav_needs_its_own_numbers(institution: str, sender: str) -> None:
    payer = Payer("Shop", institution=institution, sender=sender)
    with pytest.raises(BadAccount):
        masav_file(batch(payer, transfer(**ISRAELI)))


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("ie29 aibk 9311 5212 3456 78", "IE29AIBK93115212345678"),
        ("27 1140 2004 0000 3002 0135 5387", "PL27114020040000300201355387"),
        ("IL62-0108-0000-0009-9999-999", "IL620108000000099999999"),
    ],
)
def test_ibans_as_people_write_them(written: str, whole: str) -> None:
    assert whole_iban(written) == whole


def test_a_polish_number_is_the_26_digits() -> None:
    assert polish_number("PL27 1140 2004 0000 3002 0135 5387") == PL_THEIRS
    with pytest.raises(BadAccount):
        polish_number("DE89370400440532013000")


@pytest.mark.parametrize(
    ("bank", "branch", "account", "right"),
    [
        # 6*1 + 5*2 + 4*3 + 3*4 + 2*5 + 1*6 + 1*7 + 0*8 + 6*9 = 117, 117 % 11 = 7
        ("12", "601", "123456", False),
        # ... + 5*7 + 0*8 + 6*9 = 145, 145 % 11 = 2
        ("12", "605", "123456", True),
        # the branch counts as 601 - 400 = 201: 56 + 7 + 0 + 18 = 81, 81 % 11 = 4
        ("20", "601", "123456", True),
        ("20", "603", "123456", False),
        # 9 + 16 + 21 + 24 + 25 + 24 + 21 + 16 + 9 = 165 = 15 * 11
        ("11", "1", "123456789", True),
        ("17", "1", "123456788", False),
        ("9", "1", "000000109", False),
        ("9", "1", "000000108", False),
        ("9", "1", "000000043", False),
        ("9", "1", "000000042", True),
        # no rule that holds for every account of the bank: only the length
        ("31", "1", "123456", True),
    ],
)
def test_israeli_accounts_by_the_rule_of_their_bank(bank: str, branch: str, account: str, right: bool) -> None:
    if right:
        assert israeli_parts(bank, branch, account)[2] == account.zfill(9)
    else:
        with pytest.raises(BadAccount):
            israeli_parts(bank, branch, account)


def test_an_israeli_iban_comes_apart() -> None:
    assert israeli_parts("", "", "", "IL620108000000099999999") == ("10", "800", "099999999")
    with pytest.raises(BadAccount):
        israeli_parts("", "", "", "DE89370400440532013000")
