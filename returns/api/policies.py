"""Policies: drafted by posting the document itself, then published."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.endpoints import Endpoint
from accounts.problems import FieldError, Invalid, NotFound
from accounts.wire import Nothing, PageQuery, page_of, query, read
from returns import actions
from returns.api import shapes
from returns.documents import instant
from returns.models import ReturnPolicy
from returns.queries import floor_findings


def present_policy(row: ReturnPolicy) -> dict[str, Any]:
    """A policy version as the API shows it."""
    return {
        "id": str(row.uid),
        "version": row.version,
        "status": row.state,
        "name": row.name,
        "shop": row.shop.code,
        "starts_at": instant(row.starts_at),
        "share": row.share,
        "document": row.document,
        "floor_report": [finding.as_dict() for finding in floor_findings(row)],
    }


class Policies(Endpoint):
    """The policies."""

    scopes: ClassVar = {"GET": "policy:read", "POST": "policy:write"}

    @extend_schema(parameters=[PageQuery], responses=page_of(shapes.PolicyOut))
    def get(self, request: Request) -> Response:
        """List policy versions, newest first."""
        query(PageQuery, request.query_params)
        rows = ReturnPolicy.objects.select_related("shop").order_by("-id")
        if self.actor.shops:
            rows = rows.filter(shop__code__in=self.actor.shops)
        return self.page(rows, present_policy)

    @extend_schema(request={"application/json": {"type": "object"}}, responses={201: shapes.PolicyOut})
    def post(self, request: Request) -> Response:
        """Draft a version; the body is the policy document itself."""
        if not isinstance(request.data, dict):
            detail = _("The policy document is a JSON object.")
            raise Invalid(detail, errors=[FieldError("", "invalid", detail)])
        return Response(present_policy(actions.draft_policy(request.data, actor=self.actor)), status=201)


def find_policy(uid: uuid.UUID, actor: Actor) -> ReturnPolicy:
    """The version, if the actor may see its shop. Raises NotFound."""
    rows = ReturnPolicy.objects.filter(uid=uid)
    row = (rows.filter(shop__code__in=actor.shops) if actor.shops else rows).first()
    if row is None:
        raise NotFound(_("There is no such policy, or it is not yours to see."))
    return row


class TryPolicy(Endpoint):
    """A draft for a part of the customers."""

    scopes: ClassVar = {"POST": "policy:write"}

    @extend_schema(request=shapes.TrialIn, responses=shapes.PolicyOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Let a draft decide for a share of the customers, always the same ones; one trial per shop at a time."""
        body = read(shapes.TrialIn, request.data)
        row = actions.try_policy(find_policy(uid, self.actor), share=body["share"], actor=self.actor)
        return Response(present_policy(row))


class StopTrial(Endpoint):
    """The end of a trial."""

    scopes: ClassVar = {"POST": "policy:write"}

    @extend_schema(request=Nothing, responses=shapes.PolicyOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """End a trial: everybody is decided by the published version again."""
        read(Nothing, request.data)
        return Response(present_policy(actions.stop_trial(find_policy(uid, self.actor), actor=self.actor)))


class PublishPolicy(Endpoint):
    """Putting a draft in force."""

    scopes: ClassVar = {"POST": "policy:write"}

    @extend_schema(request=Nothing, responses=shapes.PolicyOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Publish a draft; every request made from now on is decided by it."""
        read(Nothing, request.data)
        row = find_policy(uid, self.actor)
        return Response(present_policy(actions.publish_policy(row, actor=self.actor)))
