"""Policy versions: drafted, then published, then never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, FieldError, Forbidden, Invalid, WrongState
from customers.models import Shop
from returns.models import ReturnPolicy
from returns.policy.document import canonical, load

PUBLISHABLE = (ReturnPolicy.State.DRAFT, ReturnPolicy.State.TRIAL, ReturnPolicy.State.SCHEDULED)
FURTHEST_START = timedelta(days=731)


def draft_policy(document: Mapping[str, Any], *, actor: Actor) -> ReturnPolicy:
    """Validate a document and keep it as the shop's next version, not in force. Raises Invalid."""
    policy = load(document)
    with transaction.atomic():
        shop = Shop.objects.select_for_update().filter(code=policy.shop).first()
        if shop is None:
            detail = _("There is no shop %(code)s.") % {"code": policy.shop}
            raise Invalid(detail, errors=[FieldError("/shop", "unknown", detail)])
        _refuse_foreign(shop, actor)
        latest = ReturnPolicy.objects.filter(shop=shop).aggregate(Max("version"))["version__max"] or 0
        return ReturnPolicy.objects.create(
            shop=shop,
            version=latest + 1,
            name=policy.name,
            document=canonical(document),
            created_by=actor.name,
        )


def revise_draft(row: ReturnPolicy, document: Mapping[str, Any], *, actor: Actor) -> ReturnPolicy:
    """Write another document into a draft. Raises Invalid, and WrongState once it was published."""
    policy = load(document)
    with transaction.atomic():
        row = ReturnPolicy.objects.select_for_update(of=("self",)).select_related("shop").get(pk=row.pk)
        if row.state != ReturnPolicy.State.DRAFT:
            raise WrongState(_("This version is in force or was. Draft a new one to change it."))
        if policy.shop != row.shop.code:
            detail = _("A draft stays with its shop, %(code)s.") % {"code": row.shop.code}
            raise Invalid(detail, errors=[FieldError("/shop", "invalid", detail)])
        row.name, row.document, row.created_by = policy.name, canonical(document), actor.name
        row.save(update_fields=["name", "document", "created_by"])
    return row


def restore_policy(row: ReturnPolicy, *, actor: Actor) -> ReturnPolicy:
    """Put an earlier version's document back in force, as a new version. Raises WrongState for what never was."""
    if row.state != ReturnPolicy.State.RETIRED:
        raise WrongState(_("Only a version that was in force before can be brought back."))
    with transaction.atomic():
        return publish_policy(draft_policy({**row.document, "shop": row.shop.code}, actor=actor), actor=actor)


def publish_policy(row: ReturnPolicy, *, actor: Actor, starts_at: datetime | None = None) -> ReturnPolicy:
    """Put a version in force for everybody, from `starts_at` on or now; the one before it is retired then.

    Requests are decided by it from that instant on, however late the state follows. Raises Invalid for a start that
    is no time to come, WrongState, and Conflict while another version waits for its start.
    """
    if starts_at is not None:
        return _schedule(row, starts_at, actor)
    with transaction.atomic():
        row = _locked(row, actor)
        if row.state not in PUBLISHABLE:
            raise WrongState(_("Only a draft can be published. Draft the document again to bring an old one back."))
        _put_in_force(row, timezone.now())
    return row


def _put_in_force(row: ReturnPolicy, starts_at: datetime) -> None:
    live = ReturnPolicy.objects.filter(shop_id=row.shop_id, state=ReturnPolicy.State.PUBLISHED)
    live.update(state=ReturnPolicy.State.RETIRED)
    row.state, row.starts_at, row.share = ReturnPolicy.State.PUBLISHED, starts_at, None
    row.save(update_fields=["state", "starts_at", "share"])


def _schedule(row: ReturnPolicy, starts_at: datetime, actor: Actor) -> ReturnPolicy:
    now = timezone.now()
    if not now < starts_at <= now + FURTHEST_START:
        detail = _("Choose a time to come, within two years. To start now, leave it out.")
        raise Invalid(detail, errors=[FieldError("/starts_at", "invalid", detail)])
    with transaction.atomic():
        row = _locked(row, actor)
        if row.state != ReturnPolicy.State.DRAFT:
            raise WrongState(_("Only a draft can be given a time to start. Draft the document again."))
        if ReturnPolicy.objects.filter(shop=row.shop, state=ReturnPolicy.State.SCHEDULED).exists():
            raise Conflict(_("Another version waits for its start in this shop. Take that one back first."))
        row.state, row.starts_at = ReturnPolicy.State.SCHEDULED, starts_at
        row.save(update_fields=["state", "starts_at"])
    return row


def start_due_policies(now: datetime | None = None) -> int:
    """Put every version in force whose start has come; how many there were."""
    due = ReturnPolicy.objects.filter(state=ReturnPolicy.State.SCHEDULED, starts_at__lte=now or timezone.now())
    started = 0
    for pk, shop in due.values_list("pk", "shop_id"):
        with transaction.atomic():
            Shop.objects.select_for_update().get(pk=shop)
            row = due.filter(pk=pk).first()
            if row is not None and row.starts_at is not None:
                _put_in_force(row, row.starts_at)
                started += 1
    return started


def _locked(row: ReturnPolicy, actor: Actor) -> ReturnPolicy:
    """The version as it is now, nobody else changing this shop's policies. Raises Forbidden."""
    Shop.objects.select_for_update().get(pk=row.shop_id)
    row = ReturnPolicy.objects.select_for_update(of=("self",)).select_related("shop").get(pk=row.pk)
    _refuse_foreign(row.shop, actor)
    return row


def _refuse_foreign(shop: Shop, actor: Actor) -> None:
    """A policy holds for its whole shop, so who is bound to some channels of it changes none."""
    if actor.shops and shop.code not in actor.shops:
        raise Forbidden(_("This key is not for this shop."))
    if actor.channels:
        raise Forbidden(_("This key is bound to channels, and a policy holds for the whole shop."))


def try_policy(row: ReturnPolicy, *, share: int, actor: Actor) -> ReturnPolicy:
    """Let a draft decide for `share` percent of the shop's customers, always the same ones (1 to 99).

    Every request made meanwhile says in the log which version its customer was assigned to. Raises Invalid, WrongState
    for what is no draft, and Conflict while another trial is on.
    """
    if not 1 <= share <= 99:
        detail = _("Choose a share from 1 to 99 percent. For everybody, publish it.")
        raise Invalid(detail, errors=[FieldError("/share", "invalid", detail)])
    with transaction.atomic():
        row = _locked(row, actor)
        if row.state != ReturnPolicy.State.DRAFT:
            raise WrongState(_("Only a draft can be tried. Draft the document again."))
        if ReturnPolicy.objects.filter(shop=row.shop, state=ReturnPolicy.State.TRIAL).exists():
            raise Conflict(_("Another version is on trial in this shop. Publish or stop that one first."))
        row.state, row.starts_at, row.share = ReturnPolicy.State.TRIAL, timezone.now(), share
        row.save(update_fields=["state", "starts_at", "share"])
    return row


def stop_policy(row: ReturnPolicy, *, actor: Actor) -> ReturnPolicy:
    """End a trial, so that everybody is decided by the version in force again; or take back a start to come, which
    makes the version a draft again.

    Raises WrongState for a version that is neither.
    """
    with transaction.atomic():
        row = _locked(row, actor)
        if row.state == ReturnPolicy.State.TRIAL:
            row.state = ReturnPolicy.State.RETIRED
        elif row.state == ReturnPolicy.State.SCHEDULED and row.starts_at and row.starts_at > timezone.now():
            row.state, row.starts_at = ReturnPolicy.State.DRAFT, None
        else:
            raise WrongState(_("This version is neither on trial nor waiting for its start."))
        row.save(update_fields=["state", "starts_at"])
    return row
