"""Backtests over the API: a job whose result compares a policy with what happened."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.problems import NotFound
from accounts.wire import Strict, Text, read
from customers.api.jobs import present_job
from customers.api.shapes import JobOut
from insights import actions
from returns.api.policies import find_policy

# ISO 8601 has weeks and ordinal days too
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Day(Text):
    """A date, ISO 8601."""

    shape: ClassVar = {"type": "string", "format": "date"}
    default_error_messages = {"day": gettext_lazy("Write the day as 2026-10-01.")}

    def to_internal_value(self, data: Any) -> date:  # type: ignore[override]
        """Parse year, month and day."""
        text = super().to_internal_value(data)
        try:
            return date.fromisoformat(text) if _DAY.fullmatch(text) else self.fail("day")
        except ValueError:
            self.fail("day")


class PeriodIn(Strict):
    """Which requests to look at again: both days are part of it, in UTC."""

    to = Day()

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's own."""
        return {"from": Day(), **super().get_fields()}


class BacktestPolicy(Endpoint):
    """A version over the past."""

    scopes: ClassVar = {"GET": "policy:read", "POST": "policy:write"}

    @extend_schema(operation_id="policies_backtest_read", responses=JobOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Read how far the newest backtest of a version is, with its result once it is done."""
        job = actions.latest_backtest(find_policy(uid, self.actor))
        if job is None:
            raise NotFound(_("This version has no backtest yet. Start one."))
        return Response(present_job(job))

    @extend_schema(request=PeriodIn, responses={202: JobOut})
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Decide the requests of a period again by this version; the job's result compares both, nothing changes."""
        row = find_policy(uid, self.actor)
        body = read(PeriodIn, request.data)
        job = actions.start_backtest(row, start=body["from"], end=body["to"], actor=self.actor)
        return Response(present_job(job), status=202)
