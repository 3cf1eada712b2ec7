"""Cancellations find the line they give back, each unit once."""

from __future__ import annotations

from pathlib import Path

from benchmarks.cancellations import Match, Shelf, matched
from customers.sources.csv_orders import CsvOrders
from customers.sources.mapping import load_mapping
from customers.sources.results import SourceOrder

MAPPING = Path(__file__).resolve().parents[2] / "docs" / "mappings" / "online_retail.yaml"
MONTH = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,A,Lamp,6,12/1/10 8:00,2.55,100,France
1,X,Cup,4,12/1/10 8:00,1.0,100,France
2,A,Lamp,3,12/5/10 8:00,2.55,100,France
C3,A,Lamp,-2,12/3/10 8:00,2.55,100,France
C4,A,Lamp,-3,12/6/10 8:00,2.55,100,France
C5,A,Lamp,-3,12/6/10 9:00,2.55,100,France
C6,A,Lamp,-3,12/6/10 10:00,2.55,100,France
C7,A,Lamp,-1,12/6/10 8:00,2.5,100,France
C8,A,Lamp,-1,12/6/10 8:00,2.55,101,France
C9,A,Lamp,-1,12/6/10 8:00,2.55,,France
C10,X,Cup,-1,11/30/10 8:00,1.00,100,France
C11,X,Cup,1,12/6/10 8:00,1.00,100,France
"""


def test_each_unit_is_given_back_once_to_the_latest_earlier_order(tmp_path: Path) -> None:
    file, mapping, shelf = tmp_path / "month.csv", load_mapping(MAPPING), Shelf()
    file.write_text(MONTH)
    with file.open("rb") as binary:
        for result in CsvOrders(binary, mapping):
            if isinstance(result, SourceOrder):
                shelf.add(result.document)
    results = [
        (result.order, result.line, result.cancellation.quantity) if isinstance(result, Match) else result
        for result in matched(file, mapping, shelf)
    ]
    assert results == [
        *(("1", "A", 2), ("2", "A", 3), ("1", "A", 3), "too_few_units", "other_price", "never_bought"),
        *("no_customer", "bought_later", "nothing_to_give_back"),
    ]
