"""Past returns as backtests and questions read them: a fixed number of statements, however long the history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from insights.calculator import PastItem, PastReturn
from inspections.models import Receipt
from refunds.models import Reimbursement, ReimbursementLine
from returns.models import PolicyDecision, Return, ReturnItem
from returns.models.rma import Status
from returns.policy.answers import Figures
from returns.policy.document import Policy
from returns.policy.eligibility import replay

BATCH = 500
NEWEST = 500
ENOUGH = 20
GOODS, FEES = "item", ("restocking_fee",)


def past_returns(shop_id: int, start: datetime, end: datetime) -> QuerySet[Return]:
    """The returns that were asked for in [start, end), without those that moved in and were never decided here."""
    return Return.objects.filter(shop_id=shop_id, created_at__gte=start, created_at__lt=end, imported_from="")


def slices(rows: QuerySet[Return], size: int) -> Iterator[tuple[int, int]]:
    """The keys (after, last] that divide some returns into runs of `size`, one statement for each."""
    after, keys = 0, rows.order_by("pk").values_list("pk", flat=True)
    while run := list(keys.filter(pk__gt=after)[size - 1 : size]):
        yield after, run[0]
        after = run[0]
    if rest := keys.filter(pk__gt=after).order_by("-pk").first():
        yield after, rest


def decided_again(rows: QuerySet[Return], policy: Policy) -> Iterator[tuple[list[PastReturn], int]]:
    """The returns with what `policy` would have said of them, batch by batch; and how many could not be replayed."""
    last = 0
    needed = rows.only("code", "customer_id", "created_at", "currency", "method", "label_fee").order_by("pk")
    while batch := list(needed.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        yield _replayed(batch, policy)


def _replayed(batch: list[Return], policy: Policy) -> tuple[list[PastReturn], int]:
    decisions = {
        item: (outcome, looked_at)
        for item, outcome, looked_at in PolicyDecision.objects.filter(rma__in=batch)
        .order_by("pk")
        .values_list("item_id", "outcome", "inputs")
    }
    paid = _paid(batch)
    by_return: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    rows = ReturnItem.objects.filter(rma__in=batch).order_by("rma_id", "pk")
    for rma, item, requested, reason in rows.values_list("rma_id", "pk", "requested", "reason"):
        by_return[rma].append((item, requested, reason))
    found, skipped = [], 0
    for one in batch:
        pairs = []
        for item, requested, reason in by_return[one.pk]:
            outcome, looked_at = decisions.get(item, ("", None))
            if not looked_at:
                skipped += 1
                continue
            past = _past(item, requested, reason, outcome, looked_at, paid.get(item, {}))
            pairs.append((past, replay(policy, looked_at)))
        if pairs:
            found.append(_return(one, tuple(pairs)))
    return found, skipped


def _paid(batch: list[Return]) -> dict[int, dict[str, int]]:
    """Gross by kind for every item of some returns, rejected reimbursements left out."""
    lines = ReimbursementLine.objects.filter(reimbursement__rma__in=batch, item__isnull=False)
    lines = lines.exclude(reimbursement__state=Reimbursement.State.REJECTED)
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for item, kind, gross in lines.values_list("item", "kind").annotate(total=Sum("gross")).order_by():
        sums[item][kind] += gross
    return sums


def _past(
    item: int, requested: int, reason: str, outcome: str, looked_at: Mapping[str, Any], paid: Mapping[str, int]
) -> PastItem:
    return PastItem(
        item=item,
        outcome=outcome,
        worth=int(looked_at["line"]["unit_price"]) * requested,
        paid=paid.get(GOODS, 0),
        fees=-sum(paid.get(kind, 0) for kind in FEES),
        reason=reason,
    )


def _return(rma: Return, items: tuple[Any, ...]) -> PastReturn:
    return PastReturn(
        code=rma.code,
        customer=rma.customer_id,
        day=rma.created_at.date(),
        currency=rma.currency,
        method=rma.method,
        label_fee=rma.label_fee,
        items=items,
    )


def figures_of(shop_id: int) -> Figures:
    """How the shop's newest finished returns went: medians over at most 500 of them, none below twenty."""
    rows = Return.objects.filter(shop_id=shop_id, status=Status.RESOLVED, imported_from="").order_by("-id")
    arrived = Receipt.objects.filter(rma=OuterRef("pk")).order_by("received_at").values("received_at")[:1]
    columns = ("created_at", "decided_at", "arrived_at", "resolved_at")
    newest = list(rows.annotate(arrived_at=Subquery(arrived)).values_list(*columns)[:NEWEST])
    decided = [_days(asked, said) for asked, said, _arrived, _done in newest if said]
    paid = [_days(here, done) for _asked, _said, here, done in newest if here and done and done >= here]
    return Figures(len(newest), _median(decided), _median(paid))


def _days(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() / 86_400)


def _median(found: list[float]) -> float | None:
    return median(found) if len(found) >= ENOUGH else None
