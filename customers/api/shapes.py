"""What the operations on orders, products and jobs take and give."""

from __future__ import annotations

from typing import Any, ClassVar

from babel.numbers import is_currency
from rest_framework import serializers

from accounts.wire import Amount, FreeObject, Out, PageQuery, Strict, Text, Whole
from customers.pricing import ORDER

MAX_INT = 2_147_483_647


def word(choices: Any, **kwargs: Any) -> serializers.ChoiceField:
    """One of a closed list of words."""
    return serializers.ChoiceField(choices=list(choices), **kwargs)


class OrderQuery(PageQuery):
    """How to find orders."""

    channel = Text(required=False, max_length=60)
    number = Text(required=False, max_length=100)
    email = Text(required=False, max_length=254)


class ProductQuery(PageQuery):
    """How to find products."""

    q = Text(required=False, max_length=200)
    variant_of = Text(required=False, max_length=100)


class Rate(Text):
    """A tax rate as a decimal string, 0.23 for 23 percent."""

    shape: ClassVar = {"type": "string", "pattern": r"^[0-9](\.[0-9]{1,6})?$", "examples": ["0.23"]}

    def to_internal_value(self, data: Any) -> Any:
        """Accept 0 up to but not including 10, with at most six decimals."""
        text = super().to_internal_value(data)
        whole, _dot, fraction = text.partition(".")
        if not (len(whole) == 1 and whole.isascii() and whole.isdigit() and len(fraction) <= 6):
            self.fail("invalid")
        if _dot and not (fraction.isascii() and fraction.isdigit()):
            self.fail("invalid")
        return text


class ProductIn(Strict):
    """A product document."""

    sku = Text(max_length=100)
    title = Text(max_length=300)
    price = Amount()
    currency = Text(min_length=3, max_length=3)
    tax_rate = Rate(required=False, allow_null=True)
    category = Text(required=False, allow_null=True, allow_blank=True, max_length=100)
    stock = Whole(required=False, allow_null=True, min_value=-MAX_INT, max_value=MAX_INT)
    variant_of = Text(required=False, allow_null=True, max_length=100)
    options = serializers.DictField(required=False, child=Text(allow_blank=True, max_length=200))
    gtin = Text(required=False, allow_null=True, max_length=14)
    image_url = Text(required=False, allow_null=True, max_length=1000)
    model_url = Text(required=False, allow_null=True, max_length=1000)
    weight_g = Whole(required=False, allow_null=True, min_value=0, max_value=MAX_INT)
    supplier = Text(required=False, allow_null=True, max_length=200)
    brand = Text(required=False, allow_null=True, max_length=200)
    cost = Amount(required=False, allow_null=True)
    warranty_months = Whole(required=False, allow_null=True, min_value=0, max_value=1200)
    measurements = FreeObject(required=False)
    condition = Text(required=False, max_length=40)

    def validate_currency(self, value: str) -> str:
        """A currency that ISO 4217 knows."""
        if not is_currency(value):
            raise serializers.ValidationError("Use an ISO 4217 code such as EUR.")
        return value


class ProductOut(Out):
    """A product."""

    sku = serializers.CharField()
    title = serializers.CharField()
    price = serializers.CharField()
    currency = serializers.CharField()
    tax_rate = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_null=True)
    stock = serializers.IntegerField(allow_null=True)
    variant_of = serializers.CharField(allow_null=True)
    options = serializers.DictField()
    gtin = serializers.CharField(allow_null=True)
    image_url = serializers.CharField(allow_null=True)
    model_url = serializers.CharField(allow_null=True)
    weight_g = serializers.IntegerField(allow_null=True)
    supplier = serializers.CharField(allow_null=True)
    brand = serializers.CharField(allow_null=True)
    cost = serializers.CharField(allow_null=True)
    warranty_months = serializers.IntegerField(allow_null=True)
    measurements = serializers.DictField()
    condition = serializers.CharField()


class RefusedRowOut(Out):
    """A row that was not used, and why."""

    row = serializers.IntegerField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class JobOut(Out):
    """A job."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    status = word(["queued", "running", "done", "failed"])
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    errors = serializers.ListField(child=RefusedRowOut())  # type: ignore[assignment]
    result = serializers.DictField(child=serializers.JSONField())


class OrderIn(Strict):
    """An order document; its members are those of the table in `customers.pricing`."""

    shape: ClassVar = ORDER.shape()


class OrderOut(Out):
    """An order in its normal form: every member written out, with its id and version."""

    shape: ClassVar = ORDER.shape(written=True)
    id = serializers.UUIDField()
    version = serializers.IntegerField()
