"""SEPA credit transfers: ISO 20022 pain.001.001.09, as the EPC's customer-to-bank guidelines (EPC132-08) want it."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from customers import money
from refunds.banking.accounts import whole_iban
from refunds.banking.batch import Batch, Transfer
from refunds.banking.letters import latin

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
CURRENCY = "EUR"
Tree = Mapping[str, "str | Tree"]


def sepa_file(batch: Batch) -> bytes:
    """The file as UTF-8; one payment order with a credit transfer per refund. Raises BadAccount."""
    root = Element("Document", xmlns=NAMESPACE)
    order = SubElement(root, "CstmrCdtTrfInitn")
    _grow(order, {"GrpHdr": _header(batch)})
    payment = SubElement(order, "PmtInf")
    _grow(payment, _payment(batch))
    for transfer in batch.transfers:
        _transfer(payment, transfer)
    indent(root)
    written: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _grow(parent: Element, tree: Tree) -> None:
    for name, inside in tree.items():
        child = SubElement(parent, name)
        if isinstance(inside, str):
            child.text = inside
        else:
            _grow(child, inside)


def _sums(batch: Batch) -> dict[str, str]:
    return {"NbOfTxs": str(len(batch.transfers)), "CtrlSum": money.to_text(batch.total, CURRENCY)}


def _header(batch: Batch) -> Tree:
    made = batch.made_at.replace(microsecond=0, tzinfo=None).isoformat()
    return {"MsgId": batch.name, "CreDtTm": made, **_sums(batch), "InitgPty": {"Nm": latin(batch.payer.name, 70)}}


def _payment(batch: Batch) -> Tree:
    bank: Tree = {"BICFI": batch.payer.bic} if batch.payer.bic else {"Othr": {"Id": "NOTPROVIDED"}}
    return {
        "PmtInfId": batch.name,
        "PmtMtd": "TRF",
        **_sums(batch),
        "PmtTpInf": {"SvcLvl": {"Cd": "SEPA"}},
        "ReqdExctnDt": {"Dt": batch.pay_on.isoformat()},
        "Dbtr": {"Nm": latin(batch.payer.name, 70)},
        "DbtrAcct": {"Id": {"IBAN": whole_iban(batch.payer.iban)}},
        "DbtrAgt": {"FinInstnId": bank},
        "ChrgBr": "SLEV",
    }


def _transfer(payment: Element, transfer: Transfer) -> None:
    row = SubElement(payment, "CdtTrfTxInf")
    _grow(row, {"PmtId": {"EndToEndId": transfer.reference}})
    amount = SubElement(SubElement(row, "Amt"), "InstdAmt", Ccy=CURRENCY)
    amount.text = money.to_text(transfer.amount, CURRENCY)
    _grow(
        row,
        {
            "Cdtr": {"Nm": latin(transfer.holder, 70)},
            "CdtrAcct": {"Id": {"IBAN": whole_iban(transfer.iban)}},
            "RmtInf": {"Ustrd": latin(transfer.title, 140)},
        },
    )
