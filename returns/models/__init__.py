"""What a return is: the request, its parcels, its log, its policy."""

from returns.models.event import Event
from returns.models.parcel import Label, Photo, Shipment, ShipmentReturn, TrackingEvent
from returns.models.policy import PolicyDecision, ReturnPolicy
from returns.models.rma import Note, Return, ReturnItem
from returns.models.withdrawal import Withdrawal

__all__ = [
    "Event",
    "Label",
    "Note",
    "Photo",
    "PolicyDecision",
    "Return",
    "ReturnItem",
    "ReturnPolicy",
    "Shipment",
    "ShipmentReturn",
    "TrackingEvent",
    "Withdrawal",
]
