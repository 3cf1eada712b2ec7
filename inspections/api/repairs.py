"""Repairs over REST: plan, start, done, given up, sent back; and the list with what is overdue."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.problems import FieldError, Invalid, NotFound
from accounts.wire import Nothing, Out, PageQuery, Strict, Text, Uid, Whole, page_of, query, read
from inspections.actions import repairs
from inspections.models import RepairJob
from returns.documents import instant
from returns.models import Return
from returns.queries import find_return

READ, WRITE = "warehouse:read", "warehouse:write"


class RepairIn(Strict):
    """A repair to plan."""

    item = Uid()
    quantity = Whole(min_value=1, max_value=1_000_000)
    place = serializers.ChoiceField(choices=RepairJob.Place.values, required=False)
    due_on = Text(required=False, allow_null=True, max_length=10)
    note = Text(required=False, allow_blank=True, max_length=1000)


class DoneIn(Strict):
    """What was done."""

    note = Text(required=False, allow_blank=True, max_length=1000)


class FailedIn(Strict):
    """What follows when it cannot be repaired."""

    instead = serializers.ChoiceField(choices=list(repairs.INSTEAD), required=False)
    note = Text(required=False, allow_blank=True, max_length=1000)


class SentIn(Strict):
    """How it travels back."""

    carrier = Text(required=False, allow_blank=True, max_length=40)
    tracking_number = Text(required=False, allow_blank=True, max_length=100)


class RepairQuery(PageQuery):
    """Filters of the list."""

    status = serializers.ChoiceField(choices=RepairJob.State.values, required=False)
    overdue = serializers.ChoiceField(choices=["true", "false"], required=False)


class RepairOut(Out):
    """A repair."""

    id = serializers.UUIDField()
    item = serializers.UUIDField()
    quantity = serializers.IntegerField()
    place = serializers.ChoiceField(choices=RepairJob.Place.values)
    status = serializers.ChoiceField(choices=RepairJob.State.values)
    due_on = serializers.DateField()
    overdue = serializers.BooleanField()
    note = serializers.CharField(allow_blank=True)
    instead = serializers.CharField(allow_null=True)
    carrier = serializers.CharField(allow_blank=True)
    tracking_number = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


# `return` is a word of the language, so the field cannot be written in the class
RepairOut._declared_fields["return"] = serializers.CharField()


def repairs_of(actor: Any) -> QuerySet[RepairJob]:
    """The repairs that an actor may see."""
    rows = RepairJob.objects.select_related("rma", "item")
    return rows.filter(rma__in=Return.objects.visible_to(actor)) if actor.shops or actor.channels else rows


def find_repair(uid: uuid.UUID, actor: Any) -> RepairJob:
    """The repair with this id. Raises NotFound, for somebody else's too."""
    found = repairs_of(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such repair, or it is not yours to see."))
    return found


def present_repair(job: RepairJob) -> dict[str, Any]:
    """A repair as the API shows it."""
    return {
        "id": str(job.uid),
        "return": job.rma.code,
        "item": str(job.item.uid),
        "quantity": job.quantity,
        "place": job.place,
        "status": job.state,
        "due_on": job.due_on.isoformat(),
        "overdue": job.state in repairs.GOING and job.due_on < timezone.localdate(),
        "note": job.note,
        "instead": job.instead or None,
        "carrier": job.carrier,
        "tracking_number": job.tracking_number,
        "created_at": instant(job.created_at),
    }


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        detail = _("Write the date as YYYY-MM-DD.")
        raise Invalid(detail, errors=[FieldError("/due_on", "invalid", detail)]) from error


class RepairsOfReturn(Endpoint):
    """The repairs of a return."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=RepairIn, responses={201: RepairOut})
    def post(self, request: Request, rma: str) -> Response:
        """Plan the repair of units that are here."""
        body = read(RepairIn, request.data)
        body["due_on"] = _day(body.get("due_on"))
        job = repairs.open_repair(find_return(rma, self.actor), actor=self.actor, **body)
        return Response(present_repair(find_repair(job.uid, self.actor)), status=201)


class Repairs(Endpoint):
    """The repairs."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(parameters=[RepairQuery], responses=page_of(RepairOut))
    def get(self, request: Request) -> Response:
        """List repairs, newest first, by status and by being overdue."""
        wanted = query(RepairQuery, request.query_params)
        rows = repairs_of(self.actor).order_by("-id")
        if "status" in wanted:
            rows = rows.filter(state=wanted["status"])
        if wanted.get("overdue") == "true":
            rows = rows.filter(state__in=repairs.GOING, due_on__lt=timezone.localdate())
        return self.page(rows, present_repair)


class OneRepair(Endpoint):
    """A repair."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=RepairOut)
    def get(self, request: Request, uid: uuid.UUID) -> Response:
        """Read a repair."""
        return Response(present_repair(find_repair(uid, self.actor)))


class StartRepair(Endpoint):
    """Being repaired."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=Nothing, responses=RepairOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Say that somebody works on it."""
        read(Nothing, request.data)
        repairs.start_repair(find_repair(uid, self.actor), actor=self.actor)
        return Response(present_repair(find_repair(uid, self.actor)))


class RepairDone(Endpoint):
    """Repaired."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=DoneIn, responses=RepairOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Say that it works again."""
        body = read(DoneIn, request.data)
        repairs.finish_repair(find_repair(uid, self.actor), actor=self.actor, note=body.get("note", ""))
        return Response(present_repair(find_repair(uid, self.actor)))


class RepairFailed(Endpoint):
    """Cannot be repaired."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=FailedIn, responses=RepairOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Say that it cannot be repaired; it is refunded or replaced instead."""
        body = read(FailedIn, request.data)
        repairs.fail_repair(
            find_repair(uid, self.actor),
            instead=body.get("instead", "refund"),
            note=body.get("note", ""),
            actor=self.actor,
        )
        return Response(present_repair(find_repair(uid, self.actor)))


class ShipRepair(Endpoint):
    """On its way back."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(request=SentIn, responses=RepairOut)
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Send the repaired units back to the customer."""
        body = read(SentIn, request.data)
        repairs.ship_repair(find_repair(uid, self.actor), actor=self.actor, **body)
        return Response(present_repair(find_repair(uid, self.actor)))
