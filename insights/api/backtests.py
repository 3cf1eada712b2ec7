"""Backtests over the API: a job whose result compares a policy with what happened."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.endpoints import Endpoint
from accounts.problems import NotFound
from accounts.wire import Strict, Text, read
from customers.api.jobs import present_job
from customers.api.shapes import JobOut
from insights import actions
from returns.models import ReturnPolicy


class Day(Text):
    """A date, ISO 8601."""

    shape: ClassVar = {"type": "string", "format": "date"}
    default_error_messages = {"day": gettext_lazy("Write the day as 2026-10-01.")}

    def to_internal_value(self, data: Any) -> date:  # type: ignore[override]
        """Parse year, month and day."""
        text = super().to_internal_value(data)
        try:
            return date.fromisoformat(text) if len(text) == len("2026-10-01") else self.fail("day")
        except ValueError:
            self.fail("day")


class PeriodIn(Strict):
    """Which requests to look at again: both days are part of it, in UTC."""

    to = Day()

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's own."""
        return {"from": Day(), **super().get_fields()}


def find_policy(uid: uuid.UUID, actor: Actor) -> ReturnPolicy:
    """The version, if the actor may see its shop. Raises NotFound."""
    rows = ReturnPolicy.objects.select_related("shop").filter(uid=uid)
    row = (rows.filter(shop__code__in=actor.shops) if actor.shops else rows).first()
    if row is None:
        raise NotFound(_("There is no such policy, or it is not yours to see."))
    return row


class BacktestPolicy(Endpoint):
    """A version over the past."""

    scopes: ClassVar = {"POST": "policy:write"}

    @extend_schema(request=PeriodIn, responses={202: JobOut})
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Decide the requests of a period again by this version; the job's result compares both, nothing changes."""
        row = find_policy(uid, self.actor)
        body = read(PeriodIn, request.data)
        job = actions.start_backtest(row, start=body["from"], end=body["to"], actor=self.actor)
        return Response(present_job(job), status=202)
