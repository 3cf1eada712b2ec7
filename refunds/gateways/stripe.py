"""Stripe, through its official package, which is an extra: `pip install -r requirements/extras.txt`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from customers import money
from refunds.gateways.base import (
    BadSignature,
    GatewayNotice,
    GatewayRefund,
    LedgerAway,
    RefundAnswer,
    RefundCall,
    RefundOutcome,
)

try:
    import stripe as _package
except ImportError:  # pragma: no cover  the package is an extra
    _package = None  # type: ignore[assignment]

sdk: Any = _package
MISSING = "The package “stripe” is not installed. Install requirements/extras.txt, or take STRIPE_SECRET_KEY away."
KEY = "comeback_key"
LIVE = "https://api.stripe.com"
TIMEOUT = 10
# Keys are kept for at least 24 hours (Stripe, "Idempotent requests").
WINDOW = timedelta(hours=24)
PAGE = 100
# Where Stripe's minor unit is not that of CLDR (Stripe, "Supported currencies", zero- and three-decimal currencies).
ZERO = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THREE = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
OUTCOMES = {
    "succeeded": RefundOutcome.SUCCEEDED,
    "pending": RefundOutcome.PENDING,
    "requires_action": RefundOutcome.PENDING,
    "failed": RefundOutcome.FAILED,
    "canceled": RefundOutcome.FAILED,
}
REFUND_EVENTS = ("refund.", "charge.refund.")
DEFINITE = (400, 401, 402, 403, 404)


def exponent(currency: str) -> int:
    """Number of decimals of Stripe's minor unit."""
    return 0 if currency in ZERO else 3 if currency in THREE else 2


def to_theirs(amount: int, currency: str) -> int | None:
    """Our minor units in Stripe's; None for what Stripe cannot express. Three decimals end in a zero there."""
    more = exponent(currency) - money.exponent(currency)
    theirs, rest = (amount * 10**more, 0) if more >= 0 else divmod(amount, 10**-more)
    return None if rest or (currency in THREE and theirs % 10) else theirs


def to_ours(amount: int, currency: str) -> int:
    """Stripe's minor units in ours; -1, which equals no amount of ours, where they do not fit."""
    more = money.exponent(currency) - exponent(currency)
    ours, rest = (amount * 10**more, 0) if more >= 0 else divmod(amount, 10**-more)
    return -1 if rest else ours


@dataclass(frozen=True, slots=True)
class StripeGateway:
    """Refunds of payment intents (`pi_...`) and charges (`ch_...`)."""

    secret: str
    api_base: str = LIVE
    webhook_secret: str = ""
    code: str = "stripe"
    local: bool = False
    key_window: timedelta | None = WINDOW

    def refund(self, call: RefundCall) -> RefundAnswer:
        """Move the money back once per key."""
        amount = to_theirs(call.amount, call.currency)
        if amount is None:
            return RefundAnswer(RefundOutcome.FAILED, reason="Stripe has no such amount.", code="amount")
        params: Any = {
            **_payment(call.payment_reference),
            "amount": amount,
            "metadata": {KEY: call.key, "order": call.order_number},
        }
        try:
            made = self._client().v1.refunds.create(params, {"idempotency_key": call.key})
        except sdk.StripeError as error:
            return _failed(error)
        return _answer(made.to_dict())

    def look_up(self, call: RefundCall) -> RefundAnswer:
        """Ask by Stripe's id, else search the payment's refunds for our key."""
        try:
            if call.gateway_id:
                return _answer(self._client().v1.refunds.retrieve(call.gateway_id).to_dict())
            params: Any = {**_payment(call.payment_reference), "limit": PAGE}
            for row in self._pages(params):
                if (row.get("metadata") or {}).get(KEY) == call.key:
                    return _answer(row)
        except sdk.StripeError as error:
            if call.gateway_id and error.http_status == 404:
                return RefundAnswer(RefundOutcome.UNKNOWN)
            return RefundAnswer(RefundOutcome.UNCLEAR, reason=_words(error))
        return RefundAnswer(RefundOutcome.UNKNOWN)

    def refunds_since(self, since: datetime) -> Iterable[GatewayRefund] | None:
        """Stripe lists newest first, so it is read until what is older. Raises LedgerAway."""
        return self._ledger(since)

    def _ledger(self, since: datetime) -> Iterator[GatewayRefund]:
        try:
            for row in self._pages({"limit": PAGE}):
                if row["created"] < since.timestamp():
                    return
                yield _ledger_row(row)
        except sdk.StripeError as error:
            raise LedgerAway(_words(error)) from error

    def notices(self, body: bytes, headers: Mapping[str, str]) -> Sequence[GatewayNotice]:
        """The refund that an event is about; other events are none of ours. Raises BadSignature."""
        if not self.webhook_secret:
            raise BadSignature
        given = {name.lower(): text for name, text in headers.items()}.get("stripe-signature", "")
        try:
            event = self._client().construct_event(body, given, self.webhook_secret).to_dict()
        except (sdk.SignatureVerificationError, ValueError) as error:
            raise BadSignature from error
        row = event["data"]["object"]
        if not event["type"].startswith(REFUND_EVENTS) or row.get("object") != "refund":
            return []
        facts = _ledger_row(row)
        return [
            GatewayNotice(
                event_id=event["id"],
                kind=event["type"],
                about="refund",
                key=facts.key,
                gateway_id=facts.gateway_id,
                outcome=facts.outcome,
                amount=facts.amount,
                currency=facts.currency,
                reason=str(row.get("failure_reason") or ""),
            )
        ]

    def _client(self) -> Any:
        if sdk is None:
            raise RuntimeError(MISSING)
        # tries again are the worker's business: it looks up first
        return sdk.StripeClient(
            self.secret,
            base_addresses={"api": self.api_base},
            max_network_retries=0,
            http_client=sdk.RequestsClient(timeout=TIMEOUT),
        )

    def _pages(self, params: Any) -> Iterator[dict[str, Any]]:
        for row in self._client().v1.refunds.list(params).auto_paging_iter():
            yield row.to_dict()


def _payment(reference: str) -> dict[str, str]:
    return {"charge" if reference.startswith("ch_") else "payment_intent": reference}


def _answer(row: dict[str, Any]) -> RefundAnswer:
    outcome = OUTCOMES.get(row.get("status") or "", RefundOutcome.UNCLEAR)
    reason = str(row.get("failure_reason") or "")
    return RefundAnswer(outcome, gateway_id=row["id"], reason=reason, code=reason[:60])


def _failed(error: Any) -> RefundAnswer:
    """Definite is only what Stripe refused before it did anything; a key in use or asked too often is not."""
    definite = error.http_status in DEFINITE and not isinstance(error, sdk.IdempotencyError | sdk.RateLimitError)
    outcome = RefundOutcome.FAILED if definite else RefundOutcome.UNCLEAR
    return RefundAnswer(outcome, reason=_words(error), code=str(error.code or "")[:60])


def _words(error: Any) -> str:
    return str(error.user_message or error)[:500]


def _ledger_row(row: dict[str, Any]) -> GatewayRefund:
    currency = str(row["currency"]).upper()
    return GatewayRefund(
        gateway_id=row["id"],
        key=(row.get("metadata") or {}).get(KEY, ""),
        payment_reference=row.get("payment_intent") or row.get("charge") or "",
        amount=to_ours(row["amount"], currency),
        currency=currency,
        outcome=OUTCOMES.get(row.get("status") or "", RefundOutcome.UNCLEAR),
        at=datetime.fromtimestamp(row["created"], UTC),
    )


def configured() -> StripeGateway | None:
    """Stripe as the settings have it; None without STRIPE_SECRET_KEY or without the package."""
    if not settings.STRIPE_SECRET_KEY or sdk is None:
        return None
    return StripeGateway(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.STRIPE_WEBHOOK_SECRET)


def installed() -> bool:
    """Whether the package is here."""
    return sdk is not None


def check(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A second account of Stripe needs no more than the secret of its webhook. Raises Invalid."""
    if sdk is None:
        raise Invalid(MISSING, errors=[FieldError("/kind", "not_installed", MISSING)])
    unknown = sorted(set(definition) - {"webhook_secret", "api_base"})
    if unknown:
        raise Invalid(_("Unknown field."), errors=[FieldError(f"/{unknown[0]}", "unknown", _("Unknown field."))])
    return {str(name): str(value) for name, value in definition.items()}


def from_account(code: str, definition: Mapping[str, Any], secret: str) -> StripeGateway:
    """The gateway of an account."""
    base = str(definition.get("api_base") or LIVE)
    return StripeGateway(secret, base, str(definition.get("webhook_secret", "")), code=code)
