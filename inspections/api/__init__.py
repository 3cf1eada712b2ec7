"""The REST operations of the warehouse."""

from inspections.api.bench import Correct, Inspections, Movements
from inspections.api.dock import Locations, Lookup, Match, ParkedReceipts, ReceiptPhotos, Receipts

__all__ = [
    "Correct",
    "Inspections",
    "Locations",
    "Lookup",
    "Match",
    "Movements",
    "ParkedReceipts",
    "ReceiptPhotos",
    "Receipts",
]
