"""Questions at the dock and at the bench: what a scan means, and what waits."""

from inspections.queries.scans import Candidate, candidates_for, code_in, lookup, nearest
from inspections.queries.waiting import (
    Head,
    find_inspection,
    find_receipt,
    head,
    inspected_since,
    locations_of,
    parked,
    recent_receipts,
    to_inspect,
    to_receive,
)

__all__ = [
    "Candidate",
    "Head",
    "candidates_for",
    "code_in",
    "find_inspection",
    "find_receipt",
    "head",
    "inspected_since",
    "locations_of",
    "lookup",
    "nearest",
    "parked",
    "recent_receipts",
    "to_inspect",
    "to_receive",
]
