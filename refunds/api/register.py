"""The Polish register of returns over the API: its entries, and the protocol of each."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.endpoints import Endpoint, OneFormat
from accounts.problems import FieldError, Invalid
from accounts.wire import page_of, query
from refunds.actions import register
from refunds.actions.ledger_file import csv_lines
from refunds.actions.register_rows import COLUMNS, FIGURES, entry_rows, present_entry
from refunds.actions.span import in_batches
from refunds.api import books_shapes as shapes
from refunds.printing import as_file, protocol_file

READ = "refunds:read"


class RegisterEntries(Endpoint):
    """The Polish register of returns."""

    scopes: ClassVar = {"GET": READ}
    content_negotiation_class = OneFormat

    @extend_schema(
        parameters=[shapes.RegisterQuery],
        responses={200: page_of(shapes.EntryOut), (200, "text/csv"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """A shop's register of returned goods and accepted complaints of a year; CSV has a row for each rate."""
        wanted = query(shapes.RegisterQuery, request.query_params)
        shop, year = wanted.get("shop", "main"), _year(wanted["year"])
        rows = register.register_of(shop, year, self.actor).select_related("shop")
        if wanted.get("format") == "csv":
            entries = in_batches(rows, "number")
            lines = (line for entry in entries for line in entry_rows(entry))
            name = f"register-{year}.csv"
            return as_file(csv_lines(COLUMNS, lines, figures=FIGURES), name)
        return self.page(rows, present_entry)


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 2000 <= int(text) <= timezone.localdate().year + 1):
        detail = _("Write the year with four digits, for example 2026.")
        raise Invalid(detail, errors=[FieldError("/year", "invalid", detail)])
    return int(text)


class Protocol(Endpoint):
    """The protocol of an entry."""

    scopes: ClassVar = {"GET": READ}
    content_negotiation_class = OneFormat

    @extend_schema(operation_id="register_protocol", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The protocol of acceptance of a return or complaint, to be signed by seller and buyer, as PDF."""
        return protocol_file(register.find_entry(pk, self.actor))
