"""Past returns as backtests and questions read them: a fixed number of statements, however long the history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
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


def decided_again(rows: QuerySet[Return], policy: Policy) -> Iterator[tuple[list[PastReturn], int]]:
    """The returns with what `policy` would have said of them, batch by batch; and how many could not be replayed."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        yield _replayed(batch, policy)


def _replayed(batch: list[Return], policy: Policy) -> tuple[list[PastReturn], int]:
    items = list(ReturnItem.objects.filter(rma__in=batch).select_related("line").order_by("rma_id", "pk"))
    decisions = {row.item_id: row for row in PolicyDecision.objects.filter(rma__in=batch).order_by("pk").iterator()}
    paid = _paid(batch)
    by_return: dict[int, list[ReturnItem]] = defaultdict(list)
    for item in items:
        by_return[item.rma_id].append(item)
    found, skipped = [], 0
    for rma in batch:
        pairs = []
        for item in by_return[rma.pk]:
            decision = decisions.get(item.pk)
            if decision is None or not decision.inputs:
                skipped += 1
                continue
            pairs.append((_past(item, decision, paid[item.pk]), replay(policy, decision.inputs)))
        if pairs:
            found.append(_return(rma, tuple(pairs)))
    return found, skipped


def _paid(batch: list[Return]) -> dict[int, dict[str, int]]:
    """Gross by kind for every item of some returns, rejected reimbursements left out."""
    lines = ReimbursementLine.objects.filter(reimbursement__rma__in=batch, item__isnull=False)
    lines = lines.exclude(reimbursement__state=Reimbursement.State.REJECTED)
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for item, kind, gross in lines.values_list("item", "kind").annotate(total=Sum("gross")).order_by():
        sums[item][kind] += gross
    return sums


def _past(item: ReturnItem, decision: PolicyDecision, paid: dict[str, int]) -> PastItem:
    unit_price = int(decision.inputs["line"]["unit_price"])
    return PastItem(
        item=item.pk,
        outcome=decision.outcome,
        worth=unit_price * item.requested,
        paid=paid[GOODS],
        fees=-sum(paid[kind] for kind in FEES),
        reason=item.reason,
    )


def _return(rma: Return, items: tuple[Any, ...]) -> PastReturn:
    return PastReturn(
        code=rma.code,
        customer=rma.customer_id,
        month=rma.created_at.strftime("%Y-%m"),
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
