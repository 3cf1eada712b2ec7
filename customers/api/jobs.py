"""Jobs: how far the long work is."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.models import Job
from accounts.problems import NotFound
from customers.api import shapes


def present_job(job: Job) -> dict[str, Any]:
    """A job as the API shows it; at most a thousand errors are listed, `refused` counts all."""
    return {
        "id": str(job.uid),
        "kind": job.kind,
        "status": job.status,
        "done": job.done,
        "total": job.total,
        "errors": job.errors,
        "result": job.result,
    }


class OneJob(Endpoint):
    """A job."""

    scopes: ClassVar = {"GET": "orders:read"}

    @extend_schema(responses=shapes.JobOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Read how far a job is and what it refused."""
        job = Job.objects.filter(uid=uid).first()
        sees_all = self.actor.may("admin") and not (self.actor.shops or self.actor.channels)
        if job is None or not (sees_all or job.created_by == self.actor.identity):
            raise NotFound(_("There is no such job, or it is not yours to see."))
        return Response(present_job(job))
