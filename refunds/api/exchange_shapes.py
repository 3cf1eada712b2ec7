"""What the operations on exchanges take and give."""

from __future__ import annotations

from rest_framework import serializers

from accounts.wire import Flag, Out, PageQuery, Strict, Text
from refunds.models import Charge, Exchange
from returns.api.shapes import MAX_ROWS, Replacement


class ExchangeIn(Strict):
    """What should leave, and whether it leaves first."""

    advance = Flag(required=False)
    exchange_for = serializers.ListField(
        child=Replacement(), required=False, allow_null=True, min_length=1, max_length=MAX_ROWS
    )


class ExchangeQuery(PageQuery):
    """Filters of the list."""

    status = serializers.ChoiceField(choices=Exchange.State.values, required=False)


# `return` is a word of the language, so the field cannot be written in the class
ExchangeQuery._declared_fields["return"] = Text(required=False, max_length=40)


class ShipIn(Strict):
    """How the replacement travels."""

    carrier = Text(max_length=40, required=False, allow_blank=True)
    tracking_number = Text(max_length=100, required=False, allow_blank=True)


class WhyIn(Strict):
    """Why."""

    reason = Text(max_length=300, required=False, allow_blank=True)


class NotedIn(Strict):
    """The reference of a payment by hand, if there is one."""

    reference = Text(max_length=200, required=False, allow_blank=True)


class ExchangeLineOut(Out):
    """Units of one product that leave."""

    sku = serializers.CharField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = serializers.CharField()
    shipped = serializers.IntegerField()


class ExchangeShippingOut(Out):
    """How the replacement travels."""

    carrier = serializers.CharField(allow_blank=True)
    tracking_number = serializers.CharField(allow_blank=True)
    shipped_at = serializers.DateTimeField()


class ChargeOut(Out):
    """Money asked of the customer."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Charge.Kind.values)
    purpose = serializers.ChoiceField(choices=Charge.Purpose.values)
    status = serializers.ChoiceField(choices=Charge.State.values)
    amount = serializers.CharField()
    captured = serializers.CharField()
    refunded = serializers.CharField()
    currency = serializers.CharField()
    url = serializers.CharField(allow_null=True)


class ExchangeOut(Out):
    """Goods for goods."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Exchange.State.values)
    advance = serializers.BooleanField()
    currency = serializers.CharField()
    lines = serializers.ListField(child=ExchangeLineOut())
    shipping = ExchangeShippingOut(allow_null=True)
    value = serializers.CharField()
    bonus = serializers.CharField()
    price_difference = serializers.CharField()
    due = serializers.CharField()
    refund = serializers.CharField()
    deposit = serializers.CharField()
    goods_due_on = serializers.DateField(allow_null=True)
    held_for = serializers.CharField(allow_null=True)
    charges = serializers.ListField(child=ChargeOut())
    created_at = serializers.DateTimeField()


ExchangeOut._declared_fields["return"] = serializers.CharField()
