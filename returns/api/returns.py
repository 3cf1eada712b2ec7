"""Asking for returns, reading them, and every command on one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.wire import Nothing, PageQuery, Strict, page_of, query, read
from customers.models import Order
from returns import actions
from returns.actions.wish import Wanted, Wish
from returns.api import shapes
from returns.documents import document_of, instant, present, with_documents
from returns.models import Event, Return
from returns.queries import find_return, search

READ, WRITE = "returns:read", "returns:write"


def find_order(ref: dict[str, Any], actor: Any) -> QuerySet[Order]:
    """The queryset that finds the order of a request."""
    rows = Order.objects.visible_to(actor)
    if "id" not in ref:
        return rows.filter(channel__code=ref["channel"], number=ref["number"])
    return rows.filter(uid=ref["id"])


class Returns(Endpoint):
    """The returns."""

    scopes: ClassVar = {"GET": READ, "POST": WRITE}

    @extend_schema(parameters=[shapes.ReturnQuery], responses=page_of(shapes.ReturnOut))
    def get(self, request: Request) -> Response:
        """List returns, newest first, by any of the filters."""
        wanted = query(shapes.ReturnQuery, request.query_params)
        rows = _narrow(Return.objects.visible_to(self.actor), wanted)
        ordering = wanted.get("ordering", "-created_at")
        tie = "-id" if ordering.startswith("-") else "id"
        rows = rows.order_by(tie) if ordering.endswith("created_at") else rows.order_by(ordering, tie)
        return self.page(with_documents(rows), present)

    @extend_schema(request=shapes.ReturnIn, responses={201: shapes.ReturnOut})
    def post(self, request: Request) -> Response:
        """Ask for a return. What the policy refuses is kept as `declined`; what is impossible is a 422."""
        body = read(shapes.ReturnIn, request.data)
        wishes = [Wish(**{**row, "comment": row.get("comment", "")}) for row in body["items"]]
        wanted = Wanted(
            wishes,
            resolution=body.get("resolution", "refund"),
            method=body.get("method"),
            basis_claimed=body.get("basis_claimed"),
            requested_by=body.get("requested_by", "integration"),
            exchange_for=body.get("exchange_for", []),
        )
        rma = actions.request_return(find_order(body["order"], self.actor), wanted, actor=self.actor)
        if body.get("note"):
            actions.add_note(rma, body["note"], actor=self.actor)
        return Response(document_of(rma), status=201)


FILTERS: dict[str, Callable[[QuerySet[Return], Any], QuerySet[Return]]] = {
    "order": lambda rows, value: rows.filter(order__uid=value),
    "status": lambda rows, value: rows.filter(status=value),
    "order_number": lambda rows, value: rows.filter(order__number=value),
    "email": lambda rows, value: rows.filter(order__email=value.strip().lower()),
    "sku": lambda rows, value: rows.filter(items__line__sku=value).distinct(),
    "reason": lambda rows, value: rows.filter(items__reason=value).distinct(),
    "created_after": lambda rows, value: rows.filter(created_at__gt=value),
    "updated_after": lambda rows, value: rows.filter(updated_at__gt=value),
    "q": search,
}


def _narrow(rows: Any, wanted: dict[str, Any]) -> Any:
    for name, narrow in FILTERS.items():
        if name in wanted:
            rows = narrow(rows, wanted[name])
    return rows


class OneReturn(Endpoint):
    """A return."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(responses=shapes.ReturnOut)
    def get(self, request: Request, rma: str) -> Response:
        """Read a return with everything about it."""
        found = find_return(rma, self.actor, with_documents)
        return Response(present(found))


class ReturnEvents(Endpoint):
    """The log of a return."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(parameters=[PageQuery], responses=page_of(shapes.EventOut))
    def get(self, request: Request, rma: str) -> Response:
        """List what happened, oldest first."""
        query(PageQuery, request.query_params)
        found = find_return(rma, self.actor)
        return self.page(Event.objects.filter(rma=found).order_by("id"), present_event)


def present_event(event: Event) -> dict[str, Any]:
    """An event as the API shows it."""
    return {
        "id": event.pk,
        "kind": event.kind,
        "at": instant(event.at),
        "actor": {"kind": event.actor_kind, "ref": event.actor_ref, "name": event.actor_name},
        "data": event.data,
    }


def command(
    name: str, shape: type[Strict], act: Callable[[Return, dict[str, Any], Any], object], summary: str
) -> type[Endpoint]:
    """An endpoint for one command on a return; it answers with the return."""

    class Command(Endpoint):
        scopes: ClassVar = {"POST": WRITE}

        @extend_schema(operation_id=f"returns_{name}", summary=summary, request=shape, responses=shapes.ReturnOut)
        def post(self, request: Request, rma: str) -> Response:
            body = read(shape, request.data)
            found = find_return(rma, self.actor)
            act(found, body, self.actor)
            return Response(document_of(found))

    Command.__doc__ = Command.post.__doc__ = summary
    Command.__name__ = name.title().replace("_", "")
    return Command


Authorize = command(
    "authorize",
    shapes.AuthorizeIn,
    lambda rma, body, actor: actions.authorize_return(
        rma, actor=actor, items=body.get("items"), override=(body.get("override") or {}).get("reason")
    ),
    "Say yes to all or some units.",
)
Decline = command(
    "decline",
    shapes.DeclineIn,
    lambda rma, body, actor: actions.decline_return(
        rma, actor=actor, reason=body["reason"], message=body.get("message", "")
    ),
    "Say no, with a reason; a complaint that has an `answer_due` needs the `message` too.",
)
Cancel = command(
    "cancel",
    shapes.CancelIn,
    lambda rma, body, actor: actions.cancel_return(
        rma, actor=actor, items=body.get("items"), requested_by=body.get("requested_by", "staff")
    ),
    "Take a return, or some units of it, back.",
)
CloseShort = command(
    "close_short",
    shapes.CloseShortIn,
    lambda rma, body, actor: actions.close_short(rma, actor=actor, items=body.get("items")),
    "Stop waiting for what never came; its units are free again.",
)
Lost = command(
    "lost",
    shapes.LostIn,
    lambda rma, body, actor: actions.report_lost(
        rma, actor=actor, items=body.get("items"), pay=body.get("pay", True), reason=body["reason"]
    ),
    "Lost on the way: pay all the same, or not.",
)
Keep = command(
    "keep",
    shapes.KeepIn,
    lambda rma, body, actor: actions.let_keep(rma, actor=actor, items=body.get("items"), reason=body["reason"]),
    "Let the customer keep it, and pay all the same.",
)
Close = command(
    "close",
    shapes.CloseIn,
    lambda rma, body, actor: actions.close_return(rma, actor=actor, reason=body["reason"]),
    "Nothing more will be paid; what is open is written off.",
)
Reopen = command(
    "reopen",
    Nothing,
    lambda rma, body, actor: actions.reopen_return(rma, actor=actor),
    "Bring a finished return back.",
)
Notes = command(
    "notes",
    shapes.NoteIn,
    lambda rma, body, actor: actions.add_note(
        rma, body["text"], visible_to_customer=body.get("visible_to_customer", False), actor=actor
    ),
    "Write a note, or a comment that the customer sees.",
)
