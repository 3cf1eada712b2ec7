"""Coupons from the shop's own pool: loaded as the shop brings them, each handed out once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, FieldError, Invalid
from customers.models import Shop
from refunds.models import Coupon, CouponPool
from returns import events
from returns.lifecycle import lock_return
from returns.models import Return

LONGEST_CODE = 60
BATCH = 1000


class PoolEmpty(Conflict):
    """No coupon is left, or the pool's time is over."""


def open_pool(shop: Shop, code: str, *, name: str, worth: str, valid_until: date | None = None) -> CouponPool:
    """A pool for codes to come; the same again is the same pool. Raises Conflict where its terms differ."""
    pool, new = CouponPool.objects.get_or_create(
        shop=shop, code=code, defaults={"name": name, "worth": worth, "valid_until": valid_until}
    )
    if not new and (pool.name, pool.worth, pool.valid_until) != (name, worth, valid_until):
        raise Conflict(_("The pool %(code)s exists already with other terms. Choose another code.") % {"code": code})
    return pool


def load_codes(pool: CouponPool, codes: Iterable[str]) -> tuple[int, int]:
    """Put codes into a pool; returns how many are new and how many it had. Raises Invalid for what is no code."""
    wanted = list(dict.fromkeys(code.strip() for code in codes))
    for index, code in enumerate(wanted):
        if not code or len(code) > LONGEST_CODE:
            detail = _("A coupon code has 1 to %(most)d characters.") % {"most": LONGEST_CODE}
            raise Invalid(detail, errors=[FieldError(f"/codes/{index}", "invalid", detail)])
    with transaction.atomic():
        before = pool.coupons.count()
        rows = [Coupon(pool=pool, code=code) for code in wanted]
        Coupon.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
        added = pool.coupons.count() - before
    return added, len(wanted) - added


def free_codes(pool: CouponPool) -> int:
    """How many coupons a pool has left."""
    return pool.coupons.filter(issued_at=None).count()


def issue_coupon(rma: Return, pool: CouponPool, *, actor: Actor, reason: str = "") -> tuple[Coupon, bool]:
    """Give a return's customer the next coupon of a pool, one for each return and pool; and whether it is new.

    Raises PoolEmpty with what to do, and Invalid for a pool of another shop.
    """
    if pool.shop_id != rma.shop_id:
        detail = _("This pool belongs to another shop.")
        raise Invalid(detail, errors=[FieldError("/pool", "invalid", detail)])
    with transaction.atomic():
        rma = lock_return(rma)
        given = Coupon.objects.filter(pool=pool, rma=rma).first()
        if given is not None:
            return given, False
        coupon = _take(pool)
        coupon.rma, coupon.order_id, coupon.reason = rma, rma.order_id, reason[:300]
        coupon.issued_at, coupon.issued_by = timezone.now(), actor.name[:120]
        coupon.save(update_fields=["rma", "order_id", "reason", "issued_at", "issued_by"])
        events.log(rma, "coupon.issued", actor=actor, coupon=coupon.pk, pool=pool.code)
    return coupon, True


def _take(pool: CouponPool) -> Coupon:
    """The first free coupon that nobody else is taking right now."""
    if pool.valid_until is not None and pool.valid_until < timezone.now().date():
        raise PoolEmpty(_("The coupons of %(pool)s are over. Load a pool that still counts.") % {"pool": pool.name})
    free = Coupon.objects.filter(pool=pool, issued_at=None).order_by("pk")
    coupon = free.select_for_update(skip_locked=True).first()
    if coupon is None:
        raise PoolEmpty(_("No coupon of %(pool)s is left. Load more codes, then try again.") % {"pool": pool.name})
    return coupon
