"""What the returns operations take and give; the giving side describes, it does not serialise."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.wire import Amount, Flag, FreeObject, Instant, Out, PageQuery, Strict, Text, Uid, Whole
from returns.carriers.base import TrackingCode
from returns.documents import QUANTITIES
from returns.models import Shipment
from returns.models.rma import Status
from returns.policy.reasons import BASES, METHODS, REASONS, RESOLUTIONS

MAX_ROWS = 500
MAX_UNITS = 1_000_000
REQUESTERS = ("customer", "staff", "integration")


def word(choices: Any, **kwargs: Any) -> serializers.ChoiceField:
    """One of a closed list of words."""
    return serializers.ChoiceField(choices=list(choices), **kwargs)


class OrderRef(Strict):
    """An order by its id, or by channel and number."""

    id = Uid(required=False)
    channel = Text(required=False, max_length=60)
    number = Text(required=False, max_length=100)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two ways, whole."""
        if ("id" in attrs) == ("channel" in attrs or "number" in attrs):
            raise serializers.ValidationError("Name the order by id, or by channel and number.")
        if "id" not in attrs and not {"channel", "number"} <= set(attrs):
            raise serializers.ValidationError("Give both channel and number.")
        return attrs


class Replacement(Strict):
    """What the customer would like instead."""

    sku = Text(max_length=100)
    quantity = Whole(min_value=1, max_value=MAX_UNITS)
    unit_price = Amount(required=False)


class WishIn(Strict):
    """One wanted item."""

    line = Text(max_length=100)
    quantity = Whole(min_value=1, max_value=MAX_UNITS)
    reason = word(REASONS)
    comment = Text(required=False, allow_blank=True, max_length=4000)
    answers = FreeObject(required=False)
    resolution = word(RESOLUTIONS, required=False, allow_null=True)
    exchange_for = Replacement(many=True, required=False)


class ReturnIn(Strict):
    """A request for a return."""

    order = OrderRef()
    items = serializers.ListField(child=WishIn(), min_length=1, max_length=MAX_ROWS)
    resolution = word(RESOLUTIONS, required=False)
    basis_claimed = word(BASES, required=False, allow_null=True)
    method = word(METHODS, required=False, allow_null=True)
    requested_by = word(REQUESTERS, required=False)
    exchange_for = serializers.ListField(child=Replacement(), required=False, max_length=MAX_ROWS)
    note = Text(required=False, allow_blank=True, allow_null=True, max_length=4000)


class ItemUnits(Strict):
    """Some units of an item."""

    item = Uid()
    quantity = Whole(min_value=0, max_value=MAX_UNITS)


class OptionalItemUnits(Strict):
    """Some units of an item; all that is possible when the quantity is left out."""

    item = Uid()
    quantity = Whole(min_value=1, max_value=MAX_UNITS, required=False)


class OverrideIn(Strict):
    """Why a person decides otherwise than the policy."""

    reason = Text(max_length=1000)


class AuthorizeIn(Strict):
    """Yes, to all or to some."""

    items = serializers.ListField(child=ItemUnits(), required=False, allow_null=True, max_length=MAX_ROWS)
    override = OverrideIn(required=False, allow_null=True)


class DeclineIn(Strict):
    """No, and why."""

    reason = Text(max_length=200)
    message = Text(required=False, allow_blank=True, max_length=4000)


class CancelIn(Strict):
    """Taken back, all or some."""

    items = serializers.ListField(child=OptionalItemUnits(), required=False, allow_null=True, max_length=MAX_ROWS)
    requested_by = word(REQUESTERS, required=False)


class CloseShortIn(Strict):
    """What will never come; all that is missing when left out."""

    items = serializers.ListField(child=OptionalItemUnits(), required=False, allow_null=True, max_length=MAX_ROWS)


class LostIn(Strict):
    """Lost on the way."""

    items = serializers.ListField(child=OptionalItemUnits(), required=False, allow_null=True, max_length=MAX_ROWS)
    pay = Flag(required=False)
    reason = Text(max_length=200)


class KeepIn(Strict):
    """What the customer may keep, all that has not come unless `items` says which, and why."""

    items = serializers.ListField(child=OptionalItemUnits(), required=False, allow_null=True, max_length=MAX_ROWS)
    reason = Text(max_length=200)


class CloseIn(Strict):
    """Nothing more will be paid."""

    reason = Text(max_length=200)


class NoteIn(Strict):
    """A note for staff, or a comment for the customer."""

    text = Text(max_length=4000)
    visible_to_customer = Flag(required=False)


class ShipmentIn(Strict):
    """A label wanted."""

    carrier = Text(required=False, max_length=60)
    service = Text(required=False, allow_null=True, max_length=60)
    parcels = Whole(min_value=1, max_value=20, required=False)


class OwnShipmentIn(Strict):
    """The customer posted it themselves."""

    carrier = Text(max_length=60)
    tracking_number = Text(max_length=100, required=False, allow_blank=True, allow_null=True)
    proof_photo = Uid(required=False, allow_null=True)
    cost = Amount(required=False, allow_null=True)


PHOTO_KINDS = ("customer", "receipt", "inspection")


class PhotoIn(Strict):
    """What goes with an uploaded picture."""

    item = Uid(required=False)
    kind = word(PHOTO_KINDS, required=False)
    caption = Text(required=False, allow_blank=True, max_length=300)


class ScanIn(Strict):
    """What a carrier said."""

    code = word([str(code) for code in TrackingCode])
    at = Instant()
    location = Text(required=False, allow_blank=True, allow_null=True, max_length=200)


class TrackingIn(Strict):
    """Scans in any order."""

    events = serializers.ListField(child=ScanIn(), min_length=1, max_length=MAX_ROWS)


ORDERINGS = ("created_at", "-created_at", "updated_at", "-updated_at")


class ReturnQuery(PageQuery):
    """How to narrow the list of returns."""

    status = word(Status.values, required=False)
    order = Uid(required=False)
    order_number = Text(required=False, max_length=100)
    email = Text(required=False, max_length=254)
    sku = Text(required=False, max_length=100)
    reason = word(REASONS, required=False)
    created_after = Instant(required=False)
    updated_after = Instant(required=False)
    q = Text(required=False, max_length=200)
    ordering = word(ORDERINGS, required=False)


class ReturnedOrderOut(Out):
    """The order a return is from."""

    id = serializers.UUIDField()
    channel = serializers.CharField()
    number = serializers.CharField()


class OverrideOut(Out):
    """Why a person decided otherwise."""

    reason = serializers.CharField()


class DecisionOut(Out):
    """What the policy said of an item."""

    outcome = word(["authorized", "review", "declined"])
    basis = word(["statutory", "policy", "none"])
    codes = serializers.ListField(child=serializers.CharField())
    explanation = serializers.CharField(allow_blank=True)
    override = OverrideOut(allow_null=True)


class QuantityOut(Out):
    """The axes of an item, in units."""


for _name in QUANTITIES:
    QuantityOut._declared_fields[_name] = serializers.IntegerField()


class ReturnItemOut(Out):
    """An item of a return."""

    id = serializers.UUIDField()
    line = serializers.CharField()
    sku = serializers.CharField()
    title = serializers.CharField()
    reason = serializers.CharField()
    comment = serializers.CharField(allow_blank=True)
    answers = serializers.DictField()
    resolution = serializers.CharField(allow_null=True)
    exchange_for = serializers.ListField(child=Replacement())
    quantity = QuantityOut()
    decision = DecisionOut(allow_null=True)


class RefundDueOut(Out):
    """When the money is due."""

    operational = serializers.DateField()
    latest = serializers.DateField()
    withhold = serializers.CharField()
    blocked_by = serializers.CharField(allow_null=True)


class AnswerDueOut(Out):
    """By when a complaint is answered; unanswered after `latest` it counts as accepted by law."""

    operational = serializers.DateField()
    latest = serializers.DateField()
    answered = serializers.BooleanField()


class AmountsOut(Out):
    """Decimal strings in the return's currency."""

    expected = serializers.CharField()
    refunded = serializers.CharField()
    refundable = serializers.CharField()


class LabelOut(Out):
    """Where the label is."""

    pdf = serializers.CharField()
    zpl = serializers.CharField()
    png = serializers.CharField()


class ShipmentOut(Out):
    """A parcel on its way back."""

    id = serializers.UUIDField()
    carrier = serializers.CharField()
    service = serializers.CharField(allow_blank=True)
    status = word(Shipment.State.values)
    tracking_number = serializers.CharField(allow_null=True)
    parcels = serializers.IntegerField()
    by_customer = serializers.BooleanField()
    label = LabelOut(allow_null=True)  # type: ignore[assignment]
    error = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class DeclinedOut(Out):
    """Why it was declined by a person."""

    reason = serializers.CharField()
    message = serializers.CharField(allow_blank=True)


class ReturnOut(Out):
    """A return, whole."""

    rma = serializers.CharField()
    status = word(Status.values)
    order = ReturnedOrderOut()
    resolution = serializers.CharField()
    method = serializers.CharField()
    basis_claimed = serializers.CharField(allow_null=True)
    requested_by = serializers.CharField()
    exchange_for = serializers.ListField(child=Replacement())
    locale = serializers.CharField()
    currency = serializers.CharField()
    refund_due = RefundDueOut(allow_null=True)
    answer_due = AnswerDueOut(allow_null=True)
    amounts = AmountsOut()
    declined = DeclinedOut(allow_null=True)
    items = serializers.ListField(child=ReturnItemOut())
    shipments = serializers.ListField(child=ShipmentOut())
    # what these hold belongs to apps further on; config.documents names their shapes
    receipts = serializers.ListField(child=serializers.DictField())
    inspections = serializers.ListField(child=serializers.DictField())
    reimbursements = serializers.ListField(child=serializers.DictField())
    exchanges = serializers.ListField(child=serializers.DictField())
    coupons = serializers.ListField(child=serializers.DictField())
    portal_url = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ActorOut(Out):
    """Who did it."""

    kind = word(["staff", "customer", "integration", "system"])
    ref = serializers.CharField()
    name = serializers.CharField()


class EventOut(Out):
    """Something that happened."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    actor = ActorOut()
    data = serializers.DictField()  # type: ignore[assignment]


class NoteOut(Out):
    """A note as written."""

    text = serializers.CharField()
    author = serializers.CharField()
    visible_to_customer = serializers.BooleanField()


class PhotoOut(Out):
    """A clean picture."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    thumbnail_url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    sha256 = serializers.CharField()
