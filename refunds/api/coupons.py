"""Coupons over the API: pools, the codes in them, and one for a return."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Count, Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.wire import Out, PageQuery, Strict, Text, page_of, query, read
from refunds.actions import coupons
from refunds.models import Coupon, CouponPool
from refunds.queries import find_pool, shop_of_call
from returns.documents import instant
from returns.queries import find_return

READ, WRITE = "refunds:read", "refunds:write"
MOST_CODES = 10_000


class PoolIn(Strict):
    """A pool of coupons; `worth` is what one gives, in the customer's words."""

    code = serializers.RegexField(r"^[A-Za-z0-9_-]{1,40}$")
    name = Text(max_length=120)
    worth = Text(max_length=120)
    valid_until = serializers.DateField(required=False, allow_null=True)
    shop = Text(required=False, allow_null=True, max_length=40)


class CodesIn(Strict):
    """Codes that the shop brings."""

    codes = serializers.ListField(child=Text(max_length=60), min_length=1, max_length=MOST_CODES)
    shop = Text(required=False, allow_null=True, max_length=40)


class CouponIn(Strict):
    """Which pool, and what the customer reads beside it."""

    pool = Text(max_length=40)
    reason = Text(max_length=300, required=False, allow_null=True)


class PoolOut(Out):
    """A pool and how many coupons are left in it."""

    code = serializers.CharField()
    shop = serializers.CharField()
    name = serializers.CharField()
    worth = serializers.CharField()
    valid_until = serializers.DateField(allow_null=True)
    free = serializers.IntegerField()


class LoadedOut(Out):
    """How many codes were new, known already, and how many are free now."""

    added = serializers.IntegerField()
    known = serializers.IntegerField()
    free = serializers.IntegerField()


class CouponOut(Out):
    """A coupon that was given."""

    code = serializers.CharField()
    pool = serializers.CharField()
    worth = serializers.CharField()
    valid_until = serializers.DateField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    issued_at = serializers.DateTimeField()


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def present_pool(pool: CouponPool) -> dict[str, Any]:
    """A pool as the API shows it; `free` counted with it where a list did."""
    free = getattr(pool, "free", None)
    return {
        "code": pool.code,
        "shop": pool.shop.code,
        "name": pool.name,
        "worth": pool.worth,
        "valid_until": _day(pool.valid_until),
        "free": coupons.free_codes(pool) if free is None else free,
    }


def present_coupon(coupon: Coupon) -> dict[str, Any]:
    """A coupon as the API shows it."""
    return {
        "code": coupon.code,
        "pool": coupon.pool.code,
        "worth": coupon.pool.worth,
        "valid_until": _day(coupon.pool.valid_until),
        "reason": coupon.reason,
        "issued_at": instant(coupon.issued_at),
    }


class Pools(Endpoint):
    """The shop's pools of coupons."""

    scopes: ClassVar = {"GET": READ, "POST": WRITE}

    @extend_schema(parameters=[PageQuery], responses=page_of(PoolOut))
    def get(self, request: Request) -> Response:
        """List the pools with how many coupons are left, newest first."""
        query(PageQuery, request.query_params)
        rows = CouponPool.objects.select_related("shop").order_by("-id")
        rows = rows.filter(shop__code__in=self.actor.shops) if self.actor.shops else rows
        return self.page(rows.annotate(free=Count("coupons", filter=Q(coupons__issued_at=None))), present_pool)

    @extend_schema(request=PoolIn, responses={201: PoolOut})
    def post(self, request: Request) -> Response:
        """Open a pool; the same again is the same pool."""
        body = read(PoolIn, request.data)
        shop = shop_of_call(body.get("shop"), self.actor)
        terms = {"name": body["name"], "worth": body["worth"], "valid_until": body.get("valid_until")}
        return Response(present_pool(coupons.open_pool(shop, body["code"], **terms)), status=201)


class PoolCodes(Endpoint):
    """The codes in a pool."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=CodesIn, responses=LoadedOut)
    def post(self, request: Request, code: str) -> Response:
        """Load codes; those that are there already stay as they are."""
        body = read(CodesIn, request.data)
        pool = find_pool(code, shop_of_call(body.get("shop"), self.actor))
        added, known = coupons.load_codes(pool, body["codes"])
        return Response({"added": added, "known": known, "free": coupons.free_codes(pool)})


class ReturnCoupons(Endpoint):
    """A coupon for the customer of a return."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=CouponIn, responses={200: CouponOut, 201: CouponOut})
    def post(self, request: Request, rma: str) -> Response:
        """Give the next coupon of a pool: 201 new, 200 the one that this return has from it."""
        body = read(CouponIn, request.data)
        found = find_return(rma, self.actor)
        pool = find_pool(body["pool"], found.shop)
        coupon, new = coupons.issue_coupon(found, pool, actor=self.actor, reason=body.get("reason") or "")
        return Response(present_coupon(coupon), status=201 if new else 200)
