"""The table of cases that people worked out by hand, against the calculator and through the API."""

from __future__ import annotations

import os
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from accounts.problems import Refused
from customers import money
from refunds.calculator import Quote
from tests.builders import Api, Json, api_client, ask, days_ago, delivered, inspect, publish, receive, units
from tests.refunds.casebook import (
    Case,
    CaseBook,
    amount,
    document_of,
    expected_lines,
    expected_paid,
    load_cases,
    quoted_lines,
    rate_of,
)

CASES = list(load_cases())
NAMES = ("tax", "gross")
BOTH = [case for case in CASES if case.get("api") == "yes"]
THROUGH_THE_DOORS = BOTH if os.environ.get("FULL") else BOTH[::2]


def _param(case: Case) -> Any:
    return pytest.param(case, id=f"{case['theme']}: {case['name']}")


@pytest.mark.parametrize("case", [_param(case) for case in CASES])
def test_case(case: Case) -> None:
    book = CaseBook(case)
    for step in case["steps"]:
        if "refused" in step:
            check_refusal(book, step)
        else:
            check_quote(book.reimburse(**book.wishes(step)), step, case)
    if case.get("closes") == "yes":
        assert book.received == book.priced.captured == book.priced.total


def check_quote(quote: Quote, step: Case, case: Case) -> None:
    """A quote is what was worked out by hand, and its own figures hang together."""
    assert quoted_lines(quote) == expected_lines(step, case)
    assert quote.total == amount(step["total"], case)
    taxes = {rate_of(rate): amount(text, case) for rate, text in step.get("tax", {}).items()}
    assert {rate: tax for rate, tax in quote.tax_by_rate.items() if tax} == taxes
    assert dict(quote.split) == expected_paid(step, case)
    credited = step.get("tender") in ("store_credit", "exchange")
    assert quote.credit == amount(str(step.get("credit", step["total"] if credited else "0")), case)
    assert quote.payout == amount(step.get("by_hand", "0"), case)
    assert sum(dict(quote.split).values()) + quote.credit + quote.payout == quote.total
    assert all(line.net + line.tax == line.gross for line in quote.lines)


def check_refusal(book: CaseBook, step: Case) -> None:
    """A refusal says the most that is possible, and the books stay as they were."""
    before = (dict(book.leaves), dict(book.shipping), dict(book.payments), book.received)
    with pytest.raises(Refused) as refusal:
        book.reimburse(**book.wishes(step))
    assert refusal.value.code == step["refused"]
    if "max" in step:
        assert str(refusal.value.extra["max"]) == step["max"]
    assert (book.leaves, book.shipping, book.payments, book.received) == before


def test_there_are_cases_enough_and_each_says_why() -> None:
    assert len(CASES) >= 150
    assert len(THROUGH_THE_DOORS) >= 20
    names = Counter(case["name"] for case in CASES)
    assert [name for name, times in names.items() if times > 1] == []
    assert [case["name"] for case in CASES if len(case.get("why", "")) < 15] == []


def test_a_wrong_figure_is_seen() -> None:
    case = next(case for case in CASES if case["steps"][0].get("lines"))
    book, step = CaseBook(case), case["steps"][0]
    quote = book.reimburse(**book.wishes(step))
    off_by_one = money.to_text(amount(step["total"], case) + 1, book.priced.currency)
    with pytest.raises(AssertionError):
        check_quote(quote, {**step, "total": off_by_one}, case)


@pytest.fixture
def api(db: None) -> Api:
    return api_client("admin")


@pytest.mark.parametrize("case", [_param(case) for case in THROUGH_THE_DOORS])
def test_case_through_the_doors(api: Api, case: Case) -> None:
    publish(api, **terms_of(case))
    order = api.post("/orders", sold(case)).made()
    rma: Json | None = None
    for step in case["steps"]:
        if step.get("pure") == "yes":
            continue
        wanted = [(line, int(n)) for line, n in step["units"].items()]
        if rma is None or case.get("one_return") != "yes":
            rma = back(api, order, wanted_of(case) if case.get("one_return") == "yes" else wanted)
        wish = wish_of(rma, wanted, step)
        if case.get("one_return") == "yes" and step is case["steps"][-1]:
            del wish["items"]  # all that is left; the same units named again would be the same wish again
        made = api.post(f"/returns/{rma['rma']}/reimbursements", wish).made()
        check_answer(made, step, case)


def terms_of(case: Case) -> Json:
    """The policy's terms that a case supposes."""
    rules = [
        {"name": f"Fee of {line}", "when": {"skus": [f"SKU-{line}"]}, "then": {"fee": fee_of(told)}}
        for line, told in case.get("policy", {}).items()
    ]
    terms: Json = {"rules": rules, "auto_reimburse": False, "bonus_credit_percent": int(case.get("bonus", "0"))}
    if "label_fee" in case:
        terms["label_fee"] = {"gross": case["label_fee"]}
    return terms | ({"refund_order": case["refund_order"]} if "refund_order" in case else {})


def fee_of(told: Case) -> Json:
    """A fee as the policy writes it."""
    fee: Json = {"fixed": told.get("fixed", "0"), "percent": int(told.get("percent", "0"))}
    return fee | {"keep_shipping": told["keep_shipping"] == "true"}


def sold(case: Case) -> Json:
    """The case's order, bought by a business, whose fees no consumer law clips."""
    document = document_of(case)
    document |= {"placed_at": days_ago(9), "deliveries": delivered(document["lines"])}
    document["customer"] = {"email": "buyer@example.com", "name": "A. Nowak", "kind": "business"}
    return document


def wanted_of(case: Case) -> list[tuple[str, int]]:
    """All units of all steps."""
    found: Counter[str] = Counter()
    for step in case["steps"]:
        found.update({line: int(n) for line, n in step["units"].items()})
    return list(found.items())


def back(api: Api, order: Json, wanted: list[tuple[str, int]]) -> Json:
    """The goods, accepted at the bench."""
    rma = ask(api, order, *wanted, method="label")
    receive(api, rma)
    inspect(api, rma, *wanted)
    return rma


def wish_of(rma: Json, wanted: list[tuple[str, int]], step: Case) -> Json:
    """The body that asks for a step."""
    taken = {line: text for line, text in step.get("deduct", {}).items()}
    deductions = [{**units(rma, (line, 1))[0], "amount": text, "reason": "worn"} for line, text in taken.items()]
    for row in deductions:
        del row["quantity"]
    return {
        "items": units(rma, *wanted),
        "shipping": step.get("shipping", "none"),
        "tender": step.get("tender", "original"),
        "deductions": deductions,
    }


def check_answer(made: Json, step: Case, case: Case) -> None:
    """The API's answer is what was worked out by hand, to the letter."""
    found = [
        (
            row["kind"],
            row["line"] or row["shipping"],
            row["quantity"],
            amount(row["tax"], case),
            amount(row["gross"], case),
        )
        for row in made["lines"]
    ]
    assert found == expected_lines(step, case)
    assert amount(made["total"], case) == amount(step["total"], case)
    taxes = {rate_of(rate): amount(text, case) for rate, text in step.get("tax", {}).items()}
    told = {Decimal(rate): amount(text, case) for rate, text in made["tax_by_rate"].items()}
    assert {rate: tax for rate, tax in told.items() if tax} == taxes
    assert {row["payment"]: amount(row["amount"], case) for row in made["refunds"]} == expected_paid(step, case)
    if step.get("tender") == "store_credit":
        assert made["store_credit"]["amount"] == made["total"]
