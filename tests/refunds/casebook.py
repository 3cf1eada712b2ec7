"""Cases in YAML: orders, steps and hand-made expectations, read into the calculator's terms.

Every scalar is read as text, so amounts keep their decimals. An order says

    lines: {A: {n: 3, price: 100.00, vat: 23, off: 5.00}}     off: of the whole line; total: instead of price
    kits:  {part: {n: 4, part_of: K, pieces: 2, share: 20.00}}
    shipping: {S: {amount: 9.99, vat: 23}}      payments: {P1: {kind: card, captured: 100.00, refundability: none}}
    elsewhere: {P1: 10.00}                      refunds that were made outside of Comeback

A line of an expectation reads `kind target xUnits gross (tax)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from customers import money
from customers.pricing import price, validate
from refunds.calculator import Allowance, Deduction, FeeRule, Quote
from tests.customers.orders import order
from tests.refunds.books import Book

Case = dict[str, Any]
Expected = tuple[str, str | None, int, int, int]
HERE = Path(__file__).parent / "cases"
LINE = re.compile(
    r"(?P<kind>[a-z_]+)(?: (?P<target>[A-Za-z]\w*))?(?: x(?P<n>\d+))? (?P<gross>-?[\d.]+) \((?P<tax>-?[\d.]+)\)"
)


def load_cases() -> Iterator[Case]:
    """Every case of every file, with `theme` set to the file's name."""
    for path in sorted(HERE.glob("*.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader):
            yield {"theme": path.stem, **case}


def rate_of(percent: str) -> Decimal:
    """23 as 0.23."""
    return Decimal(percent) / 100


def amount(text: str, case: Case) -> int:
    """Minor units in the case's currency."""
    return money.parse(text, case.get("currency", "EUR"), allow_negative=True)


def document_of(case: Case) -> dict[str, Any]:
    """The order document; an order without payments was paid in full by one card."""
    told = case["order"]
    lines = [_line(name, row) for name, row in told["lines"].items()]
    shipping = [
        {"id": name, "amount": row["amount"], "tax_rate": str(rate_of(row["vat"])), "discount": row.get("off", "0")}
        for name, row in told.get("shipping", {}).items()
    ]
    document = order(
        *lines,
        currency=case.get("currency", "EUR"),
        prices_include_tax=told.get("tax", "in") == "in",
        discount=told.get("discount", "0"),
        shipping=shipping,
    )
    payments = told.get("payments")
    if payments is None:
        total = money.to_text(price(validate(document)).total, document["currency"])
        payments = {"P1": {"kind": "card", "captured": total}}
    document["payments"] = [{"id": name, **row} for name, row in payments.items()]
    document["refunds"] = [{"payment": name, "amount": text} for name, text in told.get("elsewhere", {}).items()]
    return document


def _line(name: str, row: Case) -> dict[str, Any]:
    plain: dict[str, Any] = {"id": name, "sku": f"SKU-{name}", "quantity": int(row["n"])}
    if "part_of" in row:
        return plain | {
            "unit_price": "0", "parent": row["part_of"], "pieces": int(row["pieces"]), "share": row.get("share"),
        }  # fmt: skip
    plain |= {"tax_rate": str(rate_of(row["vat"])), "discount": row.get("off", "0")}
    return plain | ({"total": row["total"]} if "total" in row else {"unit_price": row["price"]})


class CaseBook(Book):
    """The books of a case: also what fees kept of each line, and refunds made elsewhere."""

    def __init__(self, case: Case) -> None:
        read = validate(document_of(case))
        super().__init__(read, price(read))
        self.case = case
        self.postage_borne = 0
        for name, text in case["order"].get("elsewhere", {}).items():
            gone = self.amount(text)
            self.payments[name] = replace(self.payments[name], taken=gone)
            self.received += gone

    def amount(self, text: str) -> int:
        """Minor units."""
        return amount(text, self.case)

    def wishes(self, step: Case) -> dict[str, Any]:
        """What the calculator is asked for in a step."""
        plain = ("label_fee", "claw_back", "return_postage", "fee_cap", "exchange_price")
        found: dict[str, Any] = {name: self.amount(step[name]) for name in plain if name in step}
        found["claims"] = tuple(self._claim(step, *row) for row in step.get("units", {}).items())
        found["deductions"] = tuple(
            Deduction(item=f"item-{line}", amount=self.amount(text), reason="worn")
            for line, text in step.get("deduct", {}).items()
        )
        found["allowances"] = tuple(self._allowance(row) for row in step.get("allow", ()))
        wish = step.get("shipping", "none")
        found["shipping"] = wish if wish in ("none", "all") else self.amount(wish)
        found["tender"] = step.get("tender", "original")
        found["bonus_percent"] = Decimal(step.get("bonus", "0"))
        wanted = step.get("refund_order", "last_first")
        found["refund_order"] = tuple(wanted) if isinstance(wanted, list) else wanted
        found["label_fee_waived"] = step.get("label_fee_waived") == "yes"
        found["clip"] = step.get("clip") == "yes"
        found["postage_borne"] = self.postage_borne
        return found

    def _claim(self, step: Case, line: str, units: str) -> Any:
        told = step.get("fee", {}).get(line)
        if told is None:
            return self.claim(line, int(units))
        rule = FeeRule(
            fixed=self.amount(told.get("fixed", "0")),
            percent=Decimal(told.get("percent", "0")),
            keep_shipping=told.get("keep_shipping") == "yes",
        )
        more: dict[str, Any] = {"fee_cap": self.amount(told["cap"])} if "cap" in told else {}
        waived, taken = told.get("waived") == "yes", told.get("taken") == "yes"
        return self.claim(line, int(units), fee=rule, fee_waived=waived, fixed_taken=taken, **more)

    def _allowance(self, told: Case) -> Allowance:
        return Allowance(
            kind=told.get("kind", "goodwill"),
            amount="rest" if told["amount"] == "rest" else self.amount(told["amount"]),
            leaves=tuple(told.get("lines", ())),
            shipping=tuple(told.get("shipping", ())),
            limit=self.amount(told["limit"]) if "limit" in told else None,
        )

    def reimburse(self, **wishes: Any) -> Quote:
        """As the database does: what was kept of a line can come back as goodwill; credit leaves payments alone."""
        quote = super().reimburse(**wishes)
        outside = sum(line.gross for line in quote.lines if line.kind in ("bonus", "return_postage"))
        self.received -= outside
        postage = sum(line.gross for line in quote.lines if line.kind == "return_postage")
        self.postage_borne += postage - quote.payout
        for line in quote.lines:
            if line.kind in ("restocking_fee", "deduction") and line.line in self.leaves and line.item is not None:
                leaf = self.leaves[line.line]
                self.leaves[line.line] = replace(
                    leaf, withheld_gross=leaf.withheld_gross - line.gross, withheld_tax=leaf.withheld_tax - line.tax
                )
        return quote


def expected_lines(step: Case, case: Case) -> list[Expected]:
    """(kind, target, units, tax, gross) of each line that a step expects."""
    found: list[Expected] = []
    for text in step["lines"]:
        read = LINE.fullmatch(text)
        assert read is not None, f"{case['name']}: cannot read {text!r}"
        gross, tax = amount(read["gross"], case), amount(read["tax"], case)
        found.append((read["kind"], read["target"], int(read["n"] or 0), tax, gross))
    return found


def quoted_lines(quote: Quote) -> list[Expected]:
    """The same of a quote."""
    return [(row.kind, row.line or row.shipping, row.quantity, row.tax, row.gross) for row in quote.lines]


def expected_paid(step: Case, case: Case) -> dict[str, int]:
    """Which payment bears what; of an order with one payment and no word about it, that one bears the total."""
    if "paid" in step:
        return {name: amount(text, case) for name, text in step["paid"].items()}
    total = amount(step["total"], case)
    credited = step.get("tender") in ("store_credit", "exchange")
    payments = case["order"].get("payments", {"P1": {}})
    assert credited or len(payments) == 1, f"{case['name']}: say who pays"
    return {} if credited or not total else {next(iter(payments)): total}
