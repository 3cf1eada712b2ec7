"""What a scan may mean, ranked, with the reason for each candidate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from customers.models import Order, Product
from inspections.models import Receipt
from returns.codes import ALPHABET, clean_code
from returns.models import Return
from returns.models.rma import FREE, Status

EXPECTED = (Status.REQUESTED, Status.AUTHORIZED, Status.IN_TRANSIT, Status.PARTIALLY_RECEIVED)
MOST = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that a scan may mean; a higher score is better."""

    kind: str
    score: int
    why: str
    rma: str | None = None
    receipt: str | None = None
    order: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For the API."""
        return {
            "kind": self.kind,
            "rma": self.rma,
            "receipt": self.receipt,
            "order": self.order,
            "score": self.score,
            "why": self.why,
        }


def code_in(scan: str) -> str:
    """The code inside a scan: our QR holds the customer's address of the return, others the plain text."""
    text = scan.strip()
    if "/r/" in text:
        text = text.rsplit("/r/", 1)[1].partition(".")[0]
    return text


def lookup(scan: str, actor: Any) -> list[Candidate]:
    """Candidates for anything that a scanner reads, best first: RMA, tracking, order, SKU or EAN, parked parcel."""
    text = code_in(scan)
    if not text:
        return []
    rows = Return.objects.visible_to(actor).select_related("order")
    code = clean_code(text)
    exact = rows.filter(code=code) if code else rows.none()
    found = [_of_return(rma, 100, _("RMA code")) for rma in exact]
    if not found:
        found = [
            *_by_tracking(rows, text),
            *_by_parcel(text, actor),
            *_by_order(rows, text, actor),
            *_by_sku(rows, text),
        ]
    best: dict[tuple[str | None, str | None, str | None], Candidate] = {}
    for candidate in found:
        key = (candidate.rma, candidate.receipt, candidate.order if candidate.rma is None else None)
        if key not in best or best[key].score < candidate.score:
            best[key] = candidate
    return sorted(best.values(), key=lambda c: -c.score)[:MOST]


def _of_return(rma: Return, score: int, why: str) -> Candidate:
    late = 30 if rma.status in FREE else 0
    return Candidate("return", score - late, why, rma=rma.code, order=rma.order.number)


def _by_tracking(rows: Any, text: str) -> list[Candidate]:
    found = rows.filter(shipments__tracking_number__in=[text, text.upper()])[:MOST]
    return [_of_return(rma, 95, _("Tracking number")) for rma in found]


def _by_parcel(text: str, actor: Any) -> list[Candidate]:
    parked = Receipt.objects.visible_to(actor).parked().filter(parcel__iexact=text)[:MOST]
    return [Candidate("receipt", 85, _("Parked parcel"), receipt=str(row.uid)) for row in parked]


def _by_order(rows: Any, text: str, actor: Any) -> list[Candidate]:
    found = [_of_return(rma, 80, _("Order number")) for rma in rows.filter(order__number=text)[:MOST]]
    if found:
        return found
    orders = Order.objects.visible_to(actor).filter(number=text)[:MOST]
    return [Candidate("order", 40, _("Order without a return"), order=order.number) for order in orders]


def _by_sku(rows: Any, text: str) -> list[Candidate]:
    skus = [text, text.upper()]
    if text.isdigit() and len(text) in (8, 12, 13, 14):
        skus += Product.objects.filter(gtin=text).values_list("sku", flat=True)[:10]
    waiting = rows.filter(Q(items__line__sku__in=skus), status__in=EXPECTED).order_by("-pk").distinct()[:MOST]
    return [
        _of_return(rma, 60 if rma.status != Status.REQUESTED else 50, _("Awaited with this SKU")) for rma in waiting
    ]


def nearest(scan: str, actor: Any) -> Return | None:
    """The one return whose code differs in a single character from what was read, if there is just one."""
    compact = "".join(character for character in code_in(scan).upper() if character.isalnum())
    series, body = compact[:-8], compact[-8:]
    if not series or len(body) < 8 or clean_code(compact):
        return None
    near = (series + body[:at] + letter + body[at + 1 :] for at in range(8) for letter in ALPHABET)
    codes = {code for text in near if (code := clean_code(text))}
    found = list(Return.objects.visible_to(actor).filter(code__in=codes)[:2])
    return found[0] if len(found) == 1 else None


def candidates_for(receipt: Receipt, actor: Any) -> list[Candidate]:
    """Returns that a parked parcel may belong to, by its name and by what was read inside; best first."""
    scans = [receipt.parcel, *[line.sku for line in receipt.lines.all() if line.sku][:3]]
    best: dict[str, Candidate] = {}
    for candidate in (found for scan in scans for found in lookup(scan, actor)):
        if candidate.rma and (candidate.rma not in best or best[candidate.rma].score < candidate.score):
            best[candidate.rma] = candidate
    return sorted(best.values(), key=lambda candidate: -candidate.score)[:MOST]
