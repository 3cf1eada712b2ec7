"""Finding store credit and coupon pools for somebody, and checking every ledger against its balance."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid, NotFound
from customers.models import Shop
from refunds.models import (
    CouponPool,
    Exchange,
    PayoutFile,
    Refund,
    Reimbursement,
    StoreCredit,
    StoreCreditEntry,
)
from returns.codes import clean_code

NUL = "\x00"
"""No text in the database holds it, and PostgreSQL refuses to look for it."""


def find_credit(code: str, actor: Actor) -> StoreCredit:
    """The store credit with this code, however it was typed, that the actor may see. Raises NotFound."""
    found = credit_named(code, StoreCredit.objects.visible_to(actor))
    if found is None:
        raise NotFound(_("There is no such store credit, or it is not yours to see."))
    return found


def credit_named(code: str, rows: object = None) -> StoreCredit | None:
    """The store credit with this code, ours in any spelling, another system's as it is."""
    if NUL in code:
        return None
    chosen = StoreCredit.objects.all() if rows is None else rows
    spelled = {code.strip(), code.strip().upper(), clean_code(code) or ""} - {""}
    found: StoreCredit | None = (
        chosen.select_related("shop", "customer", "order", "reimbursement__rma")  # type: ignore[attr-defined]
        .filter(code__in=spelled)
        .order_by("pk")
        .first()
    )
    return found


def shop_of_call(code: str | None, actor: Actor) -> Shop:
    """The shop that a call is about: the one it names, else the one the actor is bound to, else main. Raises Invalid.

    A shop of others answers like one that does not exist.
    """
    wanted = code or (next(iter(actor.shops)) if len(actor.shops) == 1 else "main")
    shop = Shop.objects.filter(code=wanted).first()
    if shop is None or (actor.shops and shop.code not in actor.shops):
        detail = _("There is no shop %(code)s.") % {"code": wanted[:60]}
        raise Invalid(detail, errors=[FieldError("/shop", "unknown", detail)])
    return shop


def find_pool(code: str, shop: Shop) -> CouponPool:
    """A shop's pool of coupons. Raises NotFound."""
    pool = None if NUL in code else CouponPool.objects.select_related("shop").filter(shop=shop, code=code).first()
    if pool is None:
        raise NotFound(_("There is no coupon pool %(code)s.") % {"code": code[:60]})
    return pool


def unbalanced_credits() -> Iterator[tuple[str, int, int]]:
    """(code, balance, sum of its ledger) of every credit where the two differ, in minor units; none is right."""
    lines = StoreCreditEntry.objects.filter(credit=OuterRef("pk")).order_by().values("credit")
    booked = Coalesce(Subquery(lines.annotate(total=Sum("amount")).values("total")), 0)
    rows = StoreCredit.objects.annotate(booked=booked).exclude(balance=F("booked"))
    yield from rows.order_by("pk").values_list("code", "balance", "booked").iterator()


def broken_lines() -> Iterator[tuple[str, int]]:
    """(code, place) of every ledger line whose balance is not that of the line before plus its amount."""
    code, balance = "", 0
    rows = StoreCreditEntry.objects.order_by("credit_id", "seq").values_list(
        "credit__code", "seq", "amount", "balance_after"
    )
    for name, seq, amount, after in rows.iterator():
        balance = (balance if name == code else 0) + amount
        code = name
        if after is not None and after != balance:
            yield code, seq


def visible_payout_files(actor: Actor) -> QuerySet[PayoutFile]:
    """Payment files of the actor's shops; they hold whole shops, so keys that are bound to channels see none."""
    rows = PayoutFile.objects.select_related("shop")
    if actor.channels:
        return rows.none()
    return rows.filter(shop__code__in=actor.shops) if actor.shops else rows


def find_payout_file(uid: uuid.UUID, actor: Actor) -> PayoutFile:
    """The payment file, if the actor may see its shop. Raises NotFound."""
    found = visible_payout_files(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such payment file, or it is not yours to see."))
    return found


def money_hold() -> Case:
    """What holds up the money of a return that was decided on, as a column: ours to do before others' to do.

    approval, refused, by_hand, exchange_held, exchange, difference; empty when at most a gateway is waited for.
    """
    of_return = Q(reimbursement__rma=OuterRef("pk"))
    refunds = Refund.objects.filter(of_return, replacement=None)
    exchanges = Exchange.objects.filter(rma=OuterRef("pk"))
    waiting = Reimbursement.objects.filter(rma=OuterRef("pk"), state=Reimbursement.State.AWAITING_APPROVAL)
    held = exchanges.filter(state=Exchange.State.AWAITING_GOODS).exclude(held_for="")
    found = {
        "approval": waiting,
        "refused": refunds.filter(state=Refund.State.FAILED),
        "by_hand": refunds.filter(state=Refund.State.MANUAL_PENDING),
        "exchange_held": held,
        "exchange": exchanges.filter(state=Exchange.State.READY),
        "difference": exchanges.filter(state=Exchange.State.AWAITING_PAYMENT),
    }
    whens = [When(Exists(rows), then=Value(name)) for name, rows in found.items()]
    return Case(*whens, default=Value(""), output_field=CharField())
