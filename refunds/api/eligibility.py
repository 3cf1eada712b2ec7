"""Asking what would become of a request, on an order that is stored or only described; nothing is written."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.wire import read
from customers import money
from refunds.actions.eligibility import Answer, Asked, Question, Verdict, judge_request
from refunds.api.eligibility_shapes import EligibilityIn, EligibilityOut
from refunds.calculator import Quote
from refunds.documents import rate_text
from returns.policy.explain import for_customer


class Eligibility(Endpoint):
    """What would become of a request."""

    scopes: ClassVar = {"POST": "returns:write"}

    @extend_schema(request=EligibilityIn, responses=EligibilityOut)
    def post(self, request: Request) -> Response:
        """Decide and quote a request as if it were made now, or at `as_of`; nothing is written."""
        body = {name: value for name, value in read(EligibilityIn, request.data).items() if value is not None}
        items = [Asked(**{name: value for name, value in row.items() if value is not None}) for row in body["items"]]
        return Response(present_answer(judge_request(Question(**(body | {"items": items})), actor=self.actor)))


def present_answer(answer: Answer) -> dict[str, Any]:
    """The answer as the API shows it."""
    policy = answer.policy
    return {
        "currency": answer.currency,
        "policy": {"id": str(policy.uid) if policy else None, "version": policy.version if policy else None},
        "items": [_item(verdict, answer.currency) for verdict in answer.verdicts],
        "quote": present_quote(answer.quote),
    }


PLAIN = ("clipped", "return_shipping_payer", "resolutions", "methods", "required_photos", "questions", "trace")


def _item(verdict: Verdict, currency: str) -> dict[str, Any]:
    decided = verdict.decision.as_dict()
    terms = verdict.decision.terms
    return {
        "line": verdict.asked.line,
        "quantity": verdict.asked.quantity,
        "outcome": decided["outcome"],
        "basis": decided["basis"],
        "codes": decided["codes"],
        "explanation": for_customer(decided),
        "window": {name: decided["window"][name] for name in ("start", "last_day", "closes_at")},
        "law": decided["law"],
        "fee": money.to_text(terms.fee.on(verdict.gross), currency),
        "label_fee": money.to_text(terms.label_fee_for(None), currency),
        **{name: decided[name] for name in PLAIN},
    }


def present_quote(quote: Quote) -> dict[str, Any]:
    """A quote with every line of it; signed lines whose sums give the totals, `fee` positive."""

    def text(amount: int) -> str:
        return money.to_text(amount, quote.currency)

    lines = [
        {
            "kind": line.kind, "line": line.line, "shipping": line.shipping, "quantity": line.quantity,
            "net": text(line.net), "tax": text(line.tax), "gross": text(line.gross), "reason": line.reason,
        }
        for line in quote.lines
    ]  # fmt: skip
    return {
        "lines": lines,
        "net": text(quote.net),
        "tax": text(quote.tax),
        "tax_by_rate": {rate_text(rate): text(amount) for rate, amount in quote.tax_by_rate.items()},
        "fee": text(quote.fee),
        "total": text(quote.total),
    }
