"""What the dock and the bench do: receive, park, match, inspect, correct."""

from inspections.actions.bench import Finding, correct_disposition, inspect_items
from inspections.actions.dock import (
    Arrived,
    Unexpected,
    hold_photo,
    match_receipt,
    park_parcel,
    photograph_parcel,
    receive_parcel,
)

__all__ = [
    "Arrived",
    "Finding",
    "Unexpected",
    "correct_disposition",
    "hold_photo",
    "inspect_items",
    "match_receipt",
    "park_parcel",
    "photograph_parcel",
    "receive_parcel",
]
