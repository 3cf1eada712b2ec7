"""Store credit: issued over an append-only ledger, by a reimbursement, by hand, or moved in from elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, FieldError, Forbidden, Invalid, WrongState
from customers.models import Customer, Order, Shop
from refunds.actions.ledger import is_dead, lock_credit, post, tell
from refunds.calculator import validity
from refunds.models import Reimbursement, StoreCredit
from returns.codes import new_code
from returns.policy.document import Policy
from returns.queries import policy_of, published_policy

SERIES = "SC"
APPROVE = "approve_reimbursement"


def country_of(shop: Shop, order: Order | None) -> str:
    """Whose law counts: the country the order went to, else the shop's own."""
    at_home = shop.address.get("country") if isinstance(shop.address, dict) else None
    return (order.country if order and order.country else at_home) or ""


def open_credit(shop: Shop, currency: str, *, actor: Actor, valid_days: int | None, **more: Any) -> StoreCredit:
    """An empty credit under a fresh code; by policy's validity, raised to the law's. `more` are its columns."""
    law = validity.law_for(country_of(shop, more.get("order")))
    more.setdefault("expires_on", validity.last_day(timezone.now().date(), valid_days, law))
    for _try in range(5):
        try:
            with transaction.atomic():
                return StoreCredit.objects.create(
                    code=new_code(SERIES),
                    shop=shop,
                    currency=currency,
                    law=law.id if law else "",
                    created_by=actor.identity,
                    created_by_name=actor.name[:120],
                    **more,
                )
        except IntegrityError:
            continue
    raise RuntimeError("no free store credit code in five tries")


def issue_store_credit(row: Reimbursement, *, actor: Actor, policy: Policy) -> StoreCredit:
    """Turn a reimbursement into a balance under a code; a bonus is a line of its own in the ledger."""
    order = row.order
    credit = open_credit(
        order.shop,
        row.currency,
        actor=actor,
        valid_days=policy.standing.store_credit_valid_days,
        customer=order.customer,
        order=order,
        reimbursement=row,
    )
    lines = getattr(row, "drafted_lines", None) or row.lines.all()
    bonus = sum(line.gross for line in lines if line.kind == "bonus")
    reference = row.rma.code if row.rma is not None else order.number
    for kind, amount in (("issued", row.total - bonus), ("bonus", bonus)):
        if amount:
            post(credit, kind, amount, actor=actor, reference=reference)
    return credit


def grant_store_credit(
    shop: Shop,
    amount: int,
    currency: str,
    *,
    actor: Actor,
    reason: str,
    email: str = "",
    expires_on: date | None = None,
    order: Order | None = None,
) -> StoreCredit:
    """Issue store credit by hand, with a reason; above the policy's limit it waits for a second person.

    `amount` in minor units. Raises Invalid for nothing, or for an end before the law's (`earliest`).
    """
    if amount <= 0:
        detail = _("Give an amount above zero.")
        raise Invalid(detail, errors=[FieldError("/amount", "invalid", detail)])
    standing = policy_of(published_policy(shop.pk)).standing
    email = email.strip().lower()
    more: dict[str, Any] = {"order": order, "email": email, "reason": reason[:300]}
    more["customer"] = order.customer if order else Customer.objects.filter(shop=shop, email=email or None).first()
    if expires_on is not None:
        _check_end(expires_on, country_of(shop, order))
        more["expires_on"] = expires_on
    above = standing.goodwill_second_person_above.compare(amount, currency)
    with transaction.atomic():
        credit = open_credit(shop, currency, actor=actor, valid_days=standing.store_credit_valid_days, **more)
        if above is None or above > 0:
            credit.pending = amount
            credit.save(update_fields=["pending"])
            tell(credit, "store_credit.requested", actor=actor, amount=amount)
        else:
            _issue(credit, amount, actor)
    return credit


def _issue(credit: StoreCredit, amount: int, actor: Actor) -> None:
    post(credit, "issued", amount, actor=actor, reference=credit.reason[:200])
    tell(credit, "store_credit.issued", actor=actor, amount=amount)


def _check_end(expires_on: date, country: str) -> None:
    today = timezone.now().date()
    law = validity.law_for(country)
    least = validity.earliest_end(today, law)
    if law is not None and least is not None and expires_on < least:
        detail = _("By law (%(law)s) it must be good until %(earliest)s at least. Choose that day or a later one.") % {
            "law": law.source,
            "earliest": least.isoformat(),
        }
        errors = [FieldError("/expires_on", "invalid", detail)]
        raise Invalid(detail, errors=errors, earliest=least.isoformat())
    if expires_on <= today:
        detail = _("The last day must be after today.")
        raise Invalid(detail, errors=[FieldError("/expires_on", "invalid", detail)])


def approve_store_credit(credit: StoreCredit, *, actor: Actor) -> StoreCredit:
    """A second person says yes to credit above the limit. Raises Forbidden for the one who asked, and WrongState."""
    with transaction.atomic():
        credit = lock_credit(credit)
        if not credit.pending:
            raise WrongState(_("This store credit waits for nobody."))
        if not actor.may(APPROVE) or actor.identity == credit.created_by:
            raise Forbidden(_("Somebody else has to approve this: a person who may, and who did not ask for it."))
        if is_dead(credit):
            raise WrongState(_("Its last day has passed meanwhile. Void it and issue a new one."))
        amount, credit.pending = credit.pending, 0
        credit.approved_by_name = actor.name[:120]
        credit.save(update_fields=["pending", "approved_by_name"])
        _issue(credit, amount, actor)
    return credit


def void_store_credit(credit: StoreCredit, *, actor: Actor, reason: str) -> StoreCredit:
    """Take a credit out of use with what is left on it. Saying it twice changes nothing. Raises WrongState."""
    with transaction.atomic():
        credit = lock_credit(credit)
        if credit.voided_at is not None:
            return credit
        if credit.expired_at is not None:
            raise WrongState(_("It has expired and nothing is left on it, so there is nothing to void."))
        taken, credit.voided_at, credit.pending = credit.balance, timezone.now(), 0
        credit.save(update_fields=["voided_at", "pending"])
        if taken:
            post(credit, "voided", -taken, actor=actor, reference=reason[:200])
        tell(credit, "store_credit.voided", actor=actor, amount=taken, reason=reason[:200])
    return credit


def import_store_credit(
    *,
    shop: Shop,
    code: str,
    amount: int,
    currency: str,
    actor: Actor,
    customer: Customer | None = None,
    expires_on: date | None = None,
    reference: str = "",
) -> StoreCredit:
    """Move a balance in from another system, under the code the customer holds. Raises Conflict when it exists."""
    try:
        with transaction.atomic():
            credit = StoreCredit.objects.create(
                code=code,
                shop=shop,
                customer=customer,
                currency=currency,
                expires_on=expires_on,
            )
            post(credit, "imported", amount, actor=actor, reference=reference)
    except IntegrityError as error:
        raise Conflict(_("Store credit %(code)s exists already.") % {"code": code}) from error
    return credit
