"""A real month through the REST API: its orders in, and every cancellation as a whole return.

    python benchmarks/real_month.py --base-url http://127.0.0.1:8000 --key KEY --file december.csv.gz

The file is the UCI Online Retail data (doi 10.24432/C5BW33, CC BY 4.0), or a part of it; docs/mappings/
says how it is read. Running it again against the same system within 72 hours does nothing twice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.cancellations import Match, Shelf, matched  # noqa: E402
from benchmarks.client import Api, Refused  # noqa: E402
from customers.sources.csv_orders import CsvOrders  # noqa: E402
from customers.sources.mapping import OrderMapping, load_mapping  # noqa: E402
from customers.sources.results import RefusedRow, SourceOrder  # noqa: E402

POLICY = {
    "name": "Real month",
    "window": {"days": None},
    "defaults": {"decision": "review", "auto_reimburse": False},
}
NOT_RESOLVED_AFTER = 60
LABEL_PENDING_AFTER = 60


@dataclass
class Figures:
    """What happened; several threads add to it under its lock."""

    orders: int = 0
    order_rows: int = 0
    refused_rows: Counter[str] = field(default_factory=Counter)
    cancellations: int = 0
    unmatched: Counter[str] = field(default_factory=Counter)
    resolved: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    refunded: dict[str, Decimal] = field(default_factory=dict)
    by_file: Decimal = Decimal(0)
    violations: list[str] = field(default_factory=list)
    import_seconds: float = 0.0
    life_seconds: float = 0.0
    calls: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def paid_back(self, match: Match, amount: Decimal) -> None:
        """Note money refunded, beside what the file gives back: without discounts the two are equal."""
        wanted = match.cancellation
        with self.lock:
            self.resolved += 1
            self.by_file += wanted.quantity * Decimal(wanted.unit_price)
            self.refunded[match.order] = self.refunded.get(match.order, Decimal(0)) + amount

    def refuse(self, code: str, detail: str) -> None:
        """Note a return that did not come to its end."""
        with self.lock:
            self.refused[code] += 1
        print(f"refused: {code}: {detail}", file=sys.stderr)


def main() -> int:
    """Run the month; 0 when every return was resolved and no refund exceeds its payment."""
    options = _options()
    settings.configure(USE_I18N=False)
    digest = hashlib.sha256(options.file.read_bytes()).hexdigest()
    month = Month(options, uuid.uuid5(uuid.NAMESPACE_URL, f"{options.run}:{digest}"))
    figures = month.run()
    print(markdown(figures) if options.markdown else plain(figures))
    return 1 if figures.violations or figures.refused else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--key", required=True, help="an API key with every scope")
    parser.add_argument("--file", required=True, type=Path, help="the CSV, gzip or not")
    parser.add_argument("--mapping", type=Path, default=ROOT / "docs" / "mappings" / "online_retail.yaml")
    parser.add_argument("--limit", type=int, help="at most so many returns")
    parser.add_argument("--workers", type=int, default=2, help="returns worked on at the same time")
    parser.add_argument("--run", default="real-month", help="name of the run; another name does everything anew")
    parser.add_argument("--markdown", action="store_true", help="a table for docs/figures.md")
    return parser.parse_args()


class Month:
    """The run: orders, policy, returns, checks."""

    def __init__(self, options: argparse.Namespace, run: uuid.UUID) -> None:
        self._options = options
        self._run = run
        self._mapping: OrderMapping = load_mapping(options.mapping)
        self._api = Api(options.base_url, options.key, run)
        self._clients = threading.local()
        self._used: list[Api] = [self._api]
        self._figures = Figures()
        self._shelf = Shelf()
        self._captured: dict[str, Decimal] = {}

    def run(self) -> Figures:
        """Everything in its order."""
        figures = self._figures
        started = time.monotonic()
        self._import()
        figures.import_seconds = time.monotonic() - started
        self._publish_policy()
        started = time.monotonic()
        with ThreadPoolExecutor(self._options.workers) as pool:
            list(pool.map(self._live, self._matches()))
        figures.life_seconds = time.monotonic() - started
        self._check_ceilings()
        figures.calls = sum(api.calls for api in self._used)
        return figures

    def _import(self) -> None:
        orders: list[SourceOrder] = []
        with self._options.file.open("rb") as binary, tempfile.TemporaryFile() as body:
            for result in CsvOrders(binary, self._mapping):
                if isinstance(result, RefusedRow):
                    self._figures.refused_rows[result.code] += 1
                else:
                    body.write(json.dumps(result.document).encode() + b"\n")
                    orders.append(result)
            job = self._api.upload("/orders/import", body, step="import")
        refused = self._wait_for_import(str(job["id"]))
        for row, order in enumerate(orders, start=1):
            self._take_in(order, refused.get(row))

    def _take_in(self, order: SourceOrder, refused: str | None) -> None:
        if refused is not None:
            self._figures.refused_rows[refused] += len(order.rows)
            return
        self._figures.orders += 1
        self._figures.order_rows += len(order.rows)
        self._shelf.add(order.document)
        captured = (Decimal(payment["captured"]) for payment in order.document["payments"])
        self._captured[order.document["number"]] = sum(captured, Decimal(0))

    def _wait_for_import(self, job: str) -> dict[int, str]:
        """Line of the NDJSON to the code under which the server refused it."""
        while (state := self._api.get(f"/jobs/{job}"))["status"] not in ("done", "failed"):
            time.sleep(0.5)
        if state["status"] == "failed":
            raise SystemExit(f"the import failed: {state}")
        return {int(error["row"]): str(error["code"]) for error in state["errors"]}

    def _publish_policy(self) -> None:
        draft = self._api.post("/policies", POLICY, step="policy")
        self._api.post(f"/policies/{draft['id']}/publish", {}, step="publish")

    def _matches(self) -> Iterable[Match]:
        found: list[Match] = []
        for result in matched(self._options.file, self._mapping, self._shelf):
            self._figures.cancellations += 1
            if isinstance(result, str):
                self._figures.unmatched[result] += 1
            else:
                found.append(result)
        return found[: self._options.limit]

    def _client(self) -> Api:
        if not hasattr(self._clients, "api"):
            self._clients.api = Api(self._options.base_url, self._options.key, self._run)
            self._used.append(self._clients.api)
        api: Api = self._clients.api
        return api

    def _live(self, match: Match) -> None:
        try:
            amount = Life(self._client(), match, self._channel).live()
        except Refused as refused:
            self._figures.refuse(refused.code, f"row {match.cancellation.row}: {refused}")
        except Stuck as stuck:
            self._figures.refuse(stuck.code, f"row {match.cancellation.row}: {stuck}")
        else:
            self._figures.paid_back(match, amount)

    @property
    def _channel(self) -> str:
        [channel] = [field for field in self._mapping.sections["order"] if field.path == "channel"]
        return str(getattr(channel.expression.form, "value", ""))

    def _check_ceilings(self) -> None:
        """Refunds never exceed payments: refunded and left to refund are within what was captured."""
        for number, refunded in self._figures.refunded.items():
            [order] = self._api.get("/orders", channel=self._channel, number=number)["results"]
            rest = self._api.get(f"/orders/{order['id']}/refundable")
            left = sum((Decimal(payment["amount"]) for payment in rest["payments"]), Decimal(0))
            captured = self._captured[number]
            if left < 0 or Decimal(rest["order"]) < 0 or refunded + left > captured:
                self._figures.violations.append(f"{number}: captured {captured}, refunded {refunded}, left {left}")


class Stuck(Exception):
    """A return that does not go on although no call was refused."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Life:
    """One return from its request to the money, through the API."""

    def __init__(self, api: Api, match: Match, channel: str) -> None:
        self._api = api
        self._match = match
        self._channel = channel
        self._step = f"{match.cancellation.number}/{match.cancellation.row}"

    def live(self) -> Decimal:
        """The amount refunded. Raises Refused or Stuck."""
        rma, item = self._request()
        self._post(f"/returns/{rma}/authorize", {"items": None, "override": None})
        self._label(rma)
        self._receive(rma, item)
        amount = self._reimburse(rma)
        self._wait(rma)
        return amount

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._api.post(path, body, step=self._step)

    def _request(self) -> tuple[str, str]:
        item = {
            "line": self._match.line,
            "quantity": self._match.cancellation.quantity,
            "reason": "change_of_mind",
        }
        body = {
            "order": {"channel": self._channel, "number": self._match.order},
            "items": [item],
            "resolution": "refund",
            "method": "label",
            "requested_by": "integration",
        }
        rma = self._post("/returns", body)
        if rma["status"] != "requested":
            codes = rma["items"][0]["decision"]["codes"] if rma["items"] else []
            raise Stuck(f"request_{rma['status']}", ", ".join(codes))
        return str(rma["rma"]), str(rma["items"][0]["id"])

    def _label(self, rma: str) -> None:
        body = {"carrier": "manual", "service": "standard", "parcels": 1}
        shipment = self._post(f"/returns/{rma}/shipments", body)
        deadline = time.monotonic() + LABEL_PENDING_AFTER
        while True:
            try:
                label = self._api.file(f"/shipments/{shipment['id']}/label.pdf")
            except Refused:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
            else:
                break
        if not label.startswith(b"%PDF"):
            raise Stuck("no_label", f"{rma}: the label is no PDF")

    def _receive(self, rma: str, item: str) -> None:
        units = {"item": item, "quantity": self._match.cancellation.quantity}
        parcel = f"{rma}-1"
        receipt = {"location": "MAIN", "parcel": parcel, "items": [units | {"damaged": 0}], "unexpected": []}
        self._post(f"/returns/{rma}/receipts", receipt)
        finding = {
            "checklist": {},
            "grade": "A",
            "outcome": "accepted",
            "disposition": "restock",
            "note": "",
            "photos": [],
        }
        self._post(f"/returns/{rma}/inspections", {"items": [units | finding]})

    def _reimburse(self, rma: str) -> Decimal:
        body = {"items": None, "shipping": "none", "tender": "original"}
        reimbursement = self._post(f"/returns/{rma}/reimbursements", body)
        refunds = reimbursement["refunds"]
        paid = [self._post(f"/refunds/{refund['id']}/mark-paid", {}) for refund in refunds]
        if any(refund["status"] != "succeeded" for refund in paid):
            raise Stuck("not_paid", f"{rma}: {[refund['status'] for refund in paid]}")
        return sum((Decimal(refund["amount"]) for refund in paid), Decimal(0))

    def _wait(self, rma: str) -> None:
        deadline = time.monotonic() + NOT_RESOLVED_AFTER
        while (status := self._api.get(f"/returns/{rma}")["status"]) != "resolved":
            if time.monotonic() > deadline:
                raise Stuck("not_resolved", f"{rma} is still {status}")
            time.sleep(0.2)


def rows_of_table(figures: Figures) -> list[tuple[str, str]]:
    """What there is to tell, in order."""
    money = sum(figures.refunded.values(), Decimal(0))
    asked = figures.resolved + figures.refused.total()
    ceiling = "yes" if not figures.violations else f"NO: {'; '.join(figures.violations[:5])}"
    return [
        ("Orders imported", f"{figures.orders:,} from {figures.order_rows:,} rows"),
        ("Rows refused", f"{figures.refused_rows.total():,}: {_counts(figures.refused_rows)}"),
        ("Import", f"{figures.import_seconds:.1f} s"),
        ("Cancellation rows", f"{figures.cancellations:,}"),
        ("… without an imported line", f"{figures.unmatched.total():,}: {_counts(figures.unmatched)}"),
        ("Returns asked for", f"{asked:,}"),
        ("Returns resolved", f"{figures.resolved:,}"),
        ("Returns refused, by code", _counts(figures.refused)),
        ("Money refunded", f"GBP {money:,.2f} on {len(figures.refunded):,} orders"),
        ("The same cancellations in the file", f"GBP {figures.by_file:,.2f}"),
        ("Refunds never exceed payments", ceiling),
        ("Whole lives", f"{figures.life_seconds:.1f} s, {figures.calls:,} calls"),
    ]


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{code} {count:,}" for code, count in counter.most_common()) or "none"


def plain(figures: Figures) -> str:
    """The figures for a terminal."""
    return "\n".join(f"{name + ':':<36} {value}" for name, value in rows_of_table(figures))


def markdown(figures: Figures) -> str:
    """The figures as a table for docs/figures.md."""
    rows = [f"| {name} | {value} |" for name, value in rows_of_table(figures)]
    return "\n".join(["| December 2010 | |", "|---|---|", *rows])


if __name__ == "__main__":
    sys.exit(main())
