"""/metrics for Prometheus: the process, and how much work waits in the rows that are the queues."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.models import Job
from notifications.models import Message
from refunds.models import Break, Refund
from returns.models import Event, Shipment

MOST = 10_000


class Backlog(Collector):
    """Rows that wait; counted up to ten thousand each, so that a scrape stays cheap."""

    def collect(self) -> Iterable[Metric]:
        """Count, one small indexed statement per queue."""
        waiting = {
            "events": Event.objects.filter(dispatched_at__isnull=True, parked_at__isnull=True),
            "parked_events": Event.objects.filter(parked_at__isnull=False),
            "messages": Message.objects.filter(state__in=["queued", "sending"]),
            "parked_messages": Message.objects.filter(state="parked"),
            "labels": Shipment.objects.filter(state__in=["label_pending", "void_pending"]),
            "refunds_by_hand": Refund.objects.filter(state="manual_pending"),
            "refunds_to_send": Refund.objects.filter(
                state__in=["created", "processing"], next_attempt_at__isnull=False
            ),
            "refunds_failed": Refund.objects.filter(state="failed", replacement=None),
            "breaks": Break.objects.filter(closed_at=None),
            "jobs": Job.objects.filter(status__in=["queued", "running"]),
        }
        family = GaugeMetricFamily("comeback_waiting", "Rows that wait for work.", labels=["queue"])
        for name, rows in waiting.items():
            family.add_metric([name], rows[:MOST].count())
        yield family
        oldest = Event.objects.filter(dispatched_at__isnull=True, parked_at__isnull=True).aggregate(Min("at"))[
            "at__min"
        ]
        lag = (timezone.now() - oldest).total_seconds() if oldest else 0
        yield GaugeMetricFamily("comeback_outbox_lag_seconds", "Age of the oldest event not dispatched.", value=lag)


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures; outside of DEBUG only for who holds METRICS_TOKEN."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.DEBUG and not (settings.METRICS_TOKEN and constant_time_compare(given, settings.METRICS_TOKEN)):
        raise Http404
    waiting = CollectorRegistry()
    waiting.register(Backlog())
    return HttpResponse(generate_latest(REGISTRY) + generate_latest(waiting), content_type=CONTENT_TYPE_LATEST)
