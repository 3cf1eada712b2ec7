"""Daily totals that tie out three ways: what was decided, what we hold for paid, what the gateway's ledger says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from refunds.actions.gates import remote_gateways
from refunds.actions.ledger_rows import decisions, movements
from refunds.actions.span import Span
from refunds.models import GatewayEntry, Refund, Reimbursement, ReimbursementLine, StoreCreditEntry

MOST = 200
"""Differences that are listed at most; who has more has another problem than reading them."""
LEEWAY = timedelta(days=3)
"""How far a gateway's clock for a refund may lie from ours."""
Key = tuple[date, str, str]


@dataclass(slots=True)
class Difference:
    """One thing that keeps a day from tying out; amounts in minor units, None where there is none.

    `kind` is lines (the lines do not make the total), unpaid (refunds and credit do not make it), unsettled (paid,
    but other parts of the reimbursement are not), only_here, only_there or amount (against the gateway's ledger).
    """

    day: date
    currency: str
    gateway: str
    kind: str
    subject: str
    ours: int | None
    theirs: int | None


@dataclass(slots=True)
class Day:
    """One day of one gateway in one currency, minor units; `ledger` is None where no ledger can be read."""

    day: date
    currency: str
    gateway: str
    decided: int = 0
    refunded: int = 0
    ledger: int | None = None

    @property
    def ties(self) -> bool:
        """Whether all figures are the same."""
        return self.decided == self.refunded and self.ledger in (None, self.refunded)


@dataclass(slots=True)
class Totals:
    """The days of a span and what keeps them from tying out."""

    days: list[Day] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


def daily_totals(span: Span) -> Totals:
    """The three figures of every day, currency and gateway; a number of statements that no row adds to."""
    days: dict[Key, Day] = {}

    def day_of(key: Key) -> Day:
        return days.setdefault(key, Day(*key))

    differences = [*_decisions_that_differ(span), *_reversals_that_differ(span), *_unsettled(span)]
    for key, amount in _by_day(movements(span).annotate(day=TruncDate("succeeded_at"))):
        day_of(key).decided += amount
        day_of(key).refunded += amount
    for found in differences:
        day_of((found.day, found.currency, found.gateway)).decided += (found.ours or 0) - (found.theirs or 0)
    for key, amount in _by_day(_entries(span)):
        day_of(key).ledger = amount
    _fill_ledgers(days)
    differences += [*_only_here(span), *_not_ours(span)]
    ordered = sorted(days.values(), key=lambda row: (row.day, row.currency, row.gateway))
    return Totals(ordered, differences[:MOST])


def _by_day(rows: QuerySet[Any]) -> Iterator[tuple[Key, int]]:
    for row in rows.values("day", "currency", "gateway").annotate(sum=Sum("amount")).order_by():
        yield (row["day"], row["currency"], row["gateway"]), row["sum"]


def readable() -> set[str]:
    """Gateways whose ledger was read at least once."""
    return set(GatewayEntry.objects.order_by().values_list("gateway", flat=True).distinct())


def _fill_ledgers(days: dict[Key, Day]) -> None:
    """Where a ledger can be read, no entry is nothing; where people pay, what they marked as paid is the ledger."""
    read = readable()
    called = {gateway.code for gateway in remote_gateways()}
    for row in days.values():
        if row.gateway in read:
            row.ledger = row.ledger or 0
        elif row.gateway not in called:
            row.ledger = row.refunded


def _sum(rows: QuerySet[Any], name: str) -> Coalesce:
    """A sum over rows that point to a reimbursement; none is 0."""
    total = rows.order_by().values(one=F(name)).values("one")
    grouped = total.annotate(sum=Sum("gross" if rows.model is ReimbursementLine else "amount")).values("sum")
    return Coalesce(Subquery(grouped, output_field=BigIntegerField()), 0)


def _decisions_that_differ(span: Span) -> list[Difference]:
    """Settled reimbursements whose lines, refunds and credit do not add up to their total."""
    mine = {"reimbursement": OuterRef("pk")}
    paid = Refund.objects.filter(**mine, state=Refund.State.SUCCEEDED)
    credit = StoreCreditEntry.objects.filter(
        credit__reimbursement=OuterRef("pk"), kind__in=("issued", "bonus"), amount__gt=0
    )
    rows = (
        decisions(span)
        .filter(reverses=None)
        .annotate(
            made=_sum(ReimbursementLine.objects.filter(**mine), "reimbursement"),
            paid=_sum(paid, "reimbursement"),
            credited=_sum(credit, "credit__reimbursement"),
            through=Subquery(paid.order_by("pk").values("gateway")[:1]),
        )
    )
    kept = Q(tender="exchange", paid__lte=F("total"))
    wrong = rows.filter(~Q(made=F("total")) | (~Q(total=F("paid") + F("credited")) & ~kept))
    return [_of_decision(row) for row in wrong.order_by("settled_at", "pk")[:MOST]]


def _reversals_that_differ(span: Span) -> list[Difference]:
    """Reversals whose lines are not their total, or that voided and claimed something else than it."""
    voided = StoreCreditEntry.objects.filter(credit__reimbursement=OuterRef("reverses"), kind="voided")
    rows: QuerySet[Any] = decisions(span).exclude(reverses=None)
    rows = rows.annotate(
        made=_sum(ReimbursementLine.objects.filter(reimbursement=OuterRef("pk")), "reimbursement"),
        paid=_sum(voided, "credit__reimbursement"),
        credited=Value(0),
        through=Value(""),
    )
    found = []
    for row in rows.order_by("settled_at", "pk").iterator():
        row.paid -= row.taken["claim"]
        if row.made != row.total or row.paid != row.total:
            found.append(_of_decision(row))
    return found[:MOST]


def _of_decision(row: Any) -> Difference:
    lines = row.made != row.total
    theirs = row.made if lines else row.paid + row.credited
    kind = "lines" if lines else "unpaid"
    day = timezone.localtime(row.settled_at).date()
    return Difference(day, row.currency, row.through or "", kind, str(row.uid), row.total, theirs)


def _unsettled(span: Span) -> list[Difference]:
    """Refunds that succeeded for reimbursements that are not settled: counted as refunded, not yet as decided."""
    rows = movements(span).exclude(reimbursement__state=Reimbursement.State.SETTLED)
    return [
        Difference(_day(row.succeeded_at), row.currency, row.gateway, "unsettled", str(row.uid), None, row.amount)
        for row in rows.order_by("succeeded_at", "pk")[:MOST]
    ]


def _day(at: datetime | None) -> date:
    assert at is not None
    return timezone.localtime(at).date()


def _entries(span: Span) -> QuerySet[GatewayEntry]:
    """Entries of gateways' ledgers, each on the day that our own refund has, if there is one."""
    ours = Refund.objects.filter(gateway=OuterRef("gateway"), gateway_refund_id=OuterRef("gateway_id"))
    near = Q(at__gte=span.start - LEEWAY, at__lt=span.end + LEEWAY)
    rows = GatewayEntry.objects.filter(near, span.priced(), outcome="succeeded")
    rows = rows.annotate(
        ours_at=Subquery(ours.values("succeeded_at")[:1]),
        order_id=Subquery(ours.values("reimbursement__order_id")[:1]),
        counted_at=Coalesce("ours_at", "at"),
    )
    # who is bound to some shops sees no entry that is nobody's
    return rows.filter(span.within("counted_at"), span.orders("order_id")).annotate(day=TruncDate("counted_at"))


def _only_here(span: Span) -> list[Difference]:
    """Refunds that we hold for paid, which the gateway's ledger lacks or has with another amount."""
    entry = GatewayEntry.objects.filter(
        gateway=OuterRef("gateway"), gateway_id=OuterRef("gateway_refund_id"), outcome="succeeded"
    )
    rows = movements(span).filter(gateway__in=readable()).annotate(theirs=Subquery(entry.values("amount")[:1]))
    wrong = rows.filter(Q(theirs=None) | ~Q(theirs=F("amount"))).order_by("succeeded_at", "pk")[:MOST]
    return [
        Difference(
            _day(row.succeeded_at), row.currency, row.gateway, "only_here" if row.theirs is None else "amount",
            str(row.uid), row.amount, row.theirs,
        )
        for row in wrong
    ]  # fmt: skip


def _not_ours(span: Span) -> list[Difference]:
    """Entries of a gateway's ledger without a refund of ours that succeeded."""
    rows = _entries(span).filter(Q(ours_at=None)).order_by("at", "pk")[:MOST]
    return [
        Difference(_day(row.at), row.currency, row.gateway, "only_there", row.gateway_id, None, row.amount)
        for row in rows
    ]
