"""Policies: drafted by posting the document itself, then published."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.endpoints import Endpoint
from accounts.problems import FieldError, Invalid, NotFound
from accounts.wire import Nothing, page_of, query, read
from customers.models import Channel
from returns import actions
from returns.api import policies_shapes as shapes
from returns.documents import instant
from returns.models import ReturnPolicy
from returns.policy.compare import compare
from returns.policy.document import canonical, load
from returns.policy.floor_report import floor_report
from returns.queries import floor_findings, published_policy


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


def visible_policies(actor: Actor) -> QuerySet[ReturnPolicy]:
    """The versions of the shops that the actor is bound to, by themselves or by their channels; no bounds means all."""
    rows = ReturnPolicy.objects.select_related("shop")
    if actor.shops:
        rows = rows.filter(shop__code__in=actor.shops)
    if actor.channels:
        rows = rows.filter(shop__in=Channel.objects.filter(code__in=actor.channels).values("shop"))
    return rows


def find_policy(uid: uuid.UUID | str, actor: Actor) -> ReturnPolicy:
    """The version, if the actor may see its shop. Raises NotFound."""
    row = visible_policies(actor).filter(uid=uid).first()
    if row is None:
        raise NotFound(_("There is no such policy, or it is not yours to see."))
    return row


def document_in(request: Request) -> dict[str, Any]:
    """The policy document that a body is. Raises Invalid."""
    if not isinstance(request.data, dict):
        detail = _("The policy document is a JSON object.")
        raise Invalid(detail, errors=[FieldError("", "invalid", detail)])
    return request.data


class Policies(Endpoint):
    """The policies."""

    scopes: ClassVar = {"GET": "policy:read", "POST": "policy:write"}

    @extend_schema(parameters=[shapes.PolicyQuery], responses=page_of(shapes.PolicyOut))
    def get(self, request: Request) -> Response:
        """List policy versions, newest first."""
        wanted = query(shapes.PolicyQuery, request.query_params)
        rows = visible_policies(self.actor).order_by("-id")
        if "shop" in wanted:
            rows = rows.filter(shop__code=wanted["shop"])
        if "status" in wanted:
            rows = rows.filter(state=wanted["status"])
        return self.page(rows, present_policy)

    @extend_schema(request=shapes.PolicyDocumentIn, responses={201: shapes.PolicyOut})
    def post(self, request: Request) -> Response:
        """Draft a version; the body is the policy document itself."""
        return Response(present_policy(actions.draft_policy(document_in(request), actor=self.actor)), status=201)


class CheckPolicy(Endpoint):
    """A document before it is a draft."""

    scopes: ClassVar = {"POST": "policy:read"}

    @extend_schema(request=shapes.PolicyDocumentIn, responses=shapes.CheckedOut)
    def post(self, request: Request) -> Response:
        """Say what is wrong with a document, or where the law would lift it; nothing is written."""
        document = document_in(request)
        report = [finding.as_dict() for finding in floor_report(load(document))]
        return Response({"document": canonical(document), "floor_report": report})


class OnePolicy(Endpoint):
    """A version of a policy."""

    scopes: ClassVar = {"GET": "policy:read"}

    @extend_schema(responses=shapes.PolicyOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Read a version with its document and where it lies below the law."""
        return Response(present_policy(find_policy(uid, self.actor)))


class PolicyChanges(Endpoint):
    """What a version changes."""

    scopes: ClassVar = {"GET": "policy:read"}

    @extend_schema(parameters=[shapes.SinceQuery], responses=shapes.ChangesOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Say in words how a version differs from another of its shop, from the one in force unless `since` says."""
        wanted = query(shapes.SinceQuery, request.query_params)
        row = find_policy(uid, self.actor)
        since = wanted.get("since")
        earlier = find_policy(since, self.actor) if since else published_policy(row.shop_id)
        found = [change.as_dict() for change in compare(earlier.document, row.document)]
        return Response({"since": {"id": str(earlier.uid), "version": earlier.version}, "changes": found})


class RestorePolicy(Endpoint):
    """Going back."""

    scopes: ClassVar = {"POST": "policy:write"}

    @extend_schema(request=Nothing, responses={201: shapes.PolicyOut})
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Put the document of a version that was in force before in force again, as a new version."""
        read(Nothing, request.data)
        row = actions.restore_policy(find_policy(uid, self.actor), actor=self.actor)
        return Response(present_policy(row), status=201)


class TryPolicy(Endpoint):
    """A draft for a part of the customers."""

    scopes: ClassVar = {"POST": "policy:write"}

    @extend_schema(request=shapes.TrialIn, responses=shapes.PolicyOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Let a draft decide for a share of the customers, always the same ones; one trial per shop at a time."""
        body = read(shapes.TrialIn, request.data)
        row = actions.try_policy(find_policy(uid, self.actor), share=body["share"], actor=self.actor)
        return Response(present_policy(row))


class StopPolicy(Endpoint):
    """The end of a trial, or of waiting for a start."""

    scopes: ClassVar = {"POST": "policy:write"}

    @extend_schema(request=Nothing, responses=shapes.PolicyOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """End a trial, so that the published version decides for all again; a start to come is taken back."""
        read(Nothing, request.data)
        return Response(present_policy(actions.stop_policy(find_policy(uid, self.actor), actor=self.actor)))


class PublishPolicy(Endpoint):
    """Putting a draft in force."""

    scopes: ClassVar = {"POST": "policy:write"}

    @extend_schema(request=shapes.PublishIn, responses=shapes.PolicyOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Publish a draft; every request made from now on, or from its start on, is decided by it."""
        starts_at = read(shapes.PublishIn, request.data).get("starts_at")
        row = find_policy(uid, self.actor)
        return Response(present_policy(actions.publish_policy(row, actor=self.actor, starts_at=starts_at)))
