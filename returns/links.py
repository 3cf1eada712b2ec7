"""The customer's address of a return: an HMAC of return and generation, revoked by raising the generation."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlsafe_base64_encode

from returns.codes import clean_code
from returns.models import Return, Withdrawal

SALT = "returns.portal"
RECEIPT_SALT = "returns.withdrawal"


def token_for(rma: Return) -> str:
    """The token of `/r/<token>`: the code, then 132 bits of HMAC."""
    return f"{rma.code.replace('-', '').lower()}.{_signature(rma.code, rma.link_generation)}"


def _signature(code: str, generation: int) -> str:
    digest = salted_hmac(SALT, f"{code}:{generation}", algorithm="sha256").digest()
    return urlsafe_base64_encode(digest)[:22]


def portal_url(rma: Return) -> str:
    """The whole address, as mails and the API give it."""
    return f"{settings.BASE_URL}/r/{token_for(rma)}"


def return_by_token(token: str) -> Return | None:
    """The return of a token, or None; a wrong signature takes as long as a right one."""
    body, _dot, signature = token.partition(".")
    code = clean_code(body)
    if code is None:
        return None
    rma = Return.objects.select_related("order", "shop", "customer", "channel").filter(code=code).first()
    expected = _signature(code, rma.link_generation if rma else 0)
    return rma if constant_time_compare(signature, expected) and rma is not None else None


def receipt_token(row: Withdrawal) -> str:
    """The token of `/withdraw/received/<token>`: the reference, then 132 bits of HMAC."""
    return f"{row.ref.lower()}.{_receipt_signature(row.ref)}"


def _receipt_signature(ref: str) -> str:
    return urlsafe_base64_encode(salted_hmac(RECEIPT_SALT, ref, algorithm="sha256").digest())[:22]


def receipt_url(row: Withdrawal) -> str:
    """The whole address of a statement's receipt."""
    return f"{settings.BASE_URL}/withdraw/received/{receipt_token(row)}"


def withdrawal_by_token(token: str) -> Withdrawal | None:
    """The statement of a receipt's token, or None."""
    body, _dot, signature = token.partition(".")
    ref = body.upper()
    if not constant_time_compare(signature, _receipt_signature(ref)):
        return None
    return Withdrawal.objects.select_related("shop", "order__channel", "rma").filter(ref=ref).first()
