"""Balances that customers hold elsewhere come in once, under the codes they know."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.actors import SYSTEM_ACTOR
from customers.models import Customer, Shop
from refunds.actions import import_store_credit
from refunds.models import StoreCredit

pytestmark = pytest.mark.django_db
HEAD = "code,amount,currency,email,expires_on,reference,shop"


def run(tmp_path: Path, *rows: str, head: str = HEAD) -> tuple[str, list[tuple[str, ...]]]:
    """What the command says, and the refused rows: line, code of the credit, code of the refusal, detail."""
    file, report, said = tmp_path / "credits.csv", tmp_path / "refused.csv", io.StringIO()
    file.write_text("\n".join([head, *rows]))
    call_command("import_store_credits", file, report=report, stdout=said)
    if not report.exists():
        return said.getvalue(), []
    with report.open() as text:
        return said.getvalue(), [tuple(row.values()) for row in csv.DictReader(text)]


def test_a_balance_comes_in_under_its_code(tmp_path: Path) -> None:
    said, refused = run(
        tmp_path,
        "OLD-1,25.00,EUR,A@example.com,2031-12-31,voucher 17,",
        "OLD-2,5000,JPY,,,,main",
    )
    assert said.startswith("Store credits: 2 new, in ")
    assert refused == []
    first, second = StoreCredit.objects.order_by("code")
    assert (first.balance, first.currency, first.expires_on) == (2500, "EUR", date(2031, 12, 31))
    assert first.customer == Customer.objects.get(email="a@example.com")
    entry = first.entries.get()
    assert (entry.kind, entry.amount, entry.reference) == ("imported", 2500, "voucher 17")
    assert (second.balance, second.customer, second.expires_on) == (5000, None, None)


def test_again_changes_nothing_even_when_some_was_spent(tmp_path: Path) -> None:
    run(tmp_path, "OLD-1,25.00,EUR,,,,")
    StoreCredit.objects.update(balance=1000)
    said, refused = run(tmp_path, "OLD-1,25.00,EUR,,,,")
    assert said.startswith("Store credits: 1 known, in ")
    assert refused == []
    assert StoreCredit.objects.get().balance == 1000


def test_another_amount_under_a_known_code_is_refused(tmp_path: Path) -> None:
    import_store_credit(shop=Shop.objects.get(), code="OLD-1", amount=2500, currency="EUR", actor=SYSTEM_ACTOR)
    said, refused = run(tmp_path, "OLD-1,26.00,EUR,new@example.com,,,", "OLD-2,1.00,EUR,,,,")
    assert "1 new" in said
    assert [row[:3] for row in refused] == [("2", "OLD-1", "conflict")]
    assert StoreCredit.objects.get(code="OLD-1").balance == 2500
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",1.00,EUR,,,,", "/code"),
        (f"{'X' * 25},1.00,EUR,,,,", "/code"),
        ("A,1.005,EUR,,,,", "/amount"),
        ("A,-1.00,EUR,,,,", "/amount"),
        ("A,0.00,EUR,,,,", "/amount"),
        ("A,,EUR,,,,", "/amount"),
        ("A,1.00,EURO,,,,", "/currency"),
        ("A,1.00,,,,,", "/currency"),
        ("A,1.00,EUR,nobody,,,", "/email"),
        ("A,1.00,EUR,,31.12.2027,,", "/expires_on"),
        ("A,1.00,EUR,,,,nowhere", "/shop"),
        ("A,1.00,EUR", "cells"),
    ],
)
def test_a_row_that_cannot_be_used_costs_only_itself(tmp_path: Path, row: str, words: str) -> None:
    said, refused = run(tmp_path, row, "GOOD,1.00,EUR,,,,")
    assert "1 new" in said
    assert [each[0] for each in refused] == ["2"]
    assert words in refused[0][3]
    assert StoreCredit.objects.get().code == "GOOD"


def test_the_columns_that_may_be_missing(tmp_path: Path) -> None:
    said, _refused = run(tmp_path, "OLD-1,25.00,EUR", head="code,amount,currency")
    assert "1 new" in said


@pytest.mark.parametrize(("head", "words"), [("code,amount", "no column currency"), (HEAD + ",colour", "colour")])
def test_wrong_columns_end_the_command(tmp_path: Path, head: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(tmp_path, head=head)
