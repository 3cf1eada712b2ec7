"""What the warehouse operations take and give."""

from __future__ import annotations

from rest_framework import serializers

from accounts.wire import FreeObject, Out, PageQuery, Strict, Text, Uid, Whole
from inspections.models import Disposition, Grade, Location, Outcome

MAX_ROWS = 500
MAX_UNITS = 1_000_000


class LookupIn(Strict):
    """Anything that a scanner reads."""

    scan = Text(max_length=500)


class ArrivedIn(Strict):
    """Units of an item in the parcel; `quantity` includes `damaged`."""

    item = Uid()
    quantity = Whole(min_value=0, max_value=MAX_UNITS)
    damaged = Whole(min_value=0, max_value=MAX_UNITS, required=False)


class UnexpectedIn(Strict):
    """Something that nobody announced."""

    sku = Text(max_length=100, required=False, allow_blank=True)
    quantity = Whole(min_value=1, max_value=MAX_UNITS)
    note = Text(max_length=2000, required=False, allow_blank=True, allow_null=True)


class ReceiptIn(Strict):
    """A parcel at a dock; `items` left out means all that was announced."""

    location = Text(max_length=40, required=False)
    parcel = Text(max_length=120, required=False, allow_null=True)
    items = serializers.ListField(child=ArrivedIn(), required=False, allow_null=True, max_length=MAX_ROWS)
    unexpected = serializers.ListField(child=UnexpectedIn(), required=False, max_length=MAX_ROWS)
    note = Text(max_length=2000, required=False, allow_blank=True, allow_null=True)


class ParkedIn(Strict):
    """A parcel that nobody can tell where it belongs."""

    location = Text(max_length=40, required=False)
    parcel = Text(max_length=120, required=False, allow_null=True)
    unexpected = serializers.ListField(child=UnexpectedIn(), required=False, max_length=MAX_ROWS)
    note = Text(max_length=2000, required=False, allow_blank=True, allow_null=True)


class MatchIn(Strict):
    """Where a parked parcel belongs."""

    rma = Text(max_length=40)
    items = serializers.ListField(child=ArrivedIn(), required=False, allow_null=True, max_length=MAX_ROWS)


class FindingIn(Strict):
    """What was found on some units."""

    item = Uid()
    quantity = Whole(min_value=1, max_value=MAX_UNITS)
    checklist = FreeObject(required=False)
    grade = serializers.ChoiceField(choices=Grade.values)
    outcome = serializers.ChoiceField(choices=Outcome.values)
    disposition = serializers.ChoiceField(choices=Disposition.values)
    note = Text(max_length=4000, required=False, allow_blank=True, allow_null=True)
    photos = serializers.ListField(child=Uid(), required=False, max_length=60)


class InspectionsIn(Strict):
    """Findings, one row per grade."""

    items = serializers.ListField(child=FindingIn(), min_length=1, max_length=MAX_ROWS)


class CorrectionIn(Strict):
    """Where the goods go after all."""

    disposition = serializers.ChoiceField(choices=Disposition.values)
    reason = Text(max_length=200)


class LocationIn(Strict):
    """A place where parcels arrive."""

    code = Text(max_length=40)
    name = Text(max_length=120, required=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=Location.Kind.values, required=False)
    address = serializers.DictField(required=False, child=Text(allow_blank=True, allow_null=True, max_length=200))
    country = Text(min_length=2, max_length=2, required=False)
    opening_days = serializers.ListField(child=Text(max_length=40), required=False, max_length=400)
    customs = serializers.DictField(required=False, child=Text(allow_blank=True, max_length=200))


class MovementQuery(PageQuery):
    """How to narrow stock movements."""

    sku = Text(required=False, max_length=100)


class ArrivedOut(Out):
    """Units of an item in a parcel."""

    item = serializers.UUIDField()
    quantity = serializers.IntegerField()
    damaged = serializers.IntegerField()


class UnexpectedOut(Out):
    """Something nobody announced."""

    sku = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)


class ReceiptOut(Out):
    """A parcel as received."""

    id = serializers.UUIDField()
    rma = serializers.CharField(allow_null=True)
    location = serializers.CharField()
    parcel = serializers.CharField()
    items = serializers.ListField(child=ArrivedOut())
    unexpected = serializers.ListField(child=UnexpectedOut())
    note = serializers.CharField(allow_blank=True)
    received_at = serializers.DateTimeField()


class InspectionOut(Out):
    """A finding as recorded."""

    id = serializers.UUIDField()
    item = serializers.UUIDField()
    quantity = serializers.IntegerField()
    checklist = serializers.DictField()
    grade = serializers.ChoiceField(choices=Grade.values)
    outcome = serializers.ChoiceField(choices=Outcome.values)
    disposition = serializers.ChoiceField(choices=Disposition.values)
    note = serializers.CharField(allow_blank=True)
    photos = serializers.ListField(child=serializers.UUIDField())
    inspected_at = serializers.DateTimeField()


class InspectionsOut(Out):
    """The findings of one call, and where the return stands after it."""

    rma = serializers.CharField()
    status = serializers.CharField()
    inspections = serializers.ListField(child=InspectionOut())


class CandidateOut(Out):
    """Something that a scan may mean, best first."""

    kind = serializers.ChoiceField(choices=["return", "receipt", "order"])
    rma = serializers.CharField(allow_null=True)
    receipt = serializers.UUIDField(allow_null=True)
    order = serializers.CharField(allow_null=True)
    score = serializers.IntegerField()
    why = serializers.CharField()


class LookupOut(Out):
    """What a scan may mean."""

    results = serializers.ListField(child=CandidateOut())


class LocationOut(Out):
    """A place where parcels arrive."""

    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=Location.Kind.values)
    address = serializers.DictField()
    country = serializers.CharField(allow_blank=True)
    opening_days = serializers.ListField(child=serializers.CharField())
    customs = serializers.DictField()


class MovementOut(Out):
    """Units into (positive) or out of stock."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    disposition = serializers.CharField()
    inspection = serializers.UUIDField()
    at = serializers.DateTimeField()
