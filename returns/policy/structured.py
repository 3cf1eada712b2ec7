"""The policy for machines: schema.org MerchantReturnPolicy as JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from returns.policy.document import Fee, Policy

_METHODS = {
    "label": "ReturnByMail",
    "qr": "ReturnByMail",
    "own_carrier": "ReturnByMail",
    "pickup": "ReturnByMail",
    "drop_off": "ReturnAtKiosk",
    "in_store": "ReturnInStore",
    "keep": "KeepProduct",
}
_REFUNDS = {"refund": "FullRefund", "exchange": "ExchangeRefund", "store_credit": "StoreCreditRefund"}
_SCHEMA = "https://schema.org/"


def merchant_return_policy(
    policy: Policy, *, url: str, name: str, language: str, countries: Iterable[str] = ()
) -> dict[str, Any]:
    """What holds for everything, in the words of https://schema.org/MerchantReturnPolicy.

    Rules for some goods have no words there; the page at `url` says them.
    """
    terms = policy.defaults
    by_shop = terms["return_shipping_payer"] == "shop"
    found: dict[str, Any] = {
        "@context": _SCHEMA.rstrip("/"),
        "@type": "MerchantReturnPolicy",
        "name": name,
        "merchantReturnLink": url,
        "inLanguage": language,
        "returnPolicyCategory": _SCHEMA + _category(policy),
        "returnMethod": _named(_METHODS, terms["methods"]),
        "refundType": _named(_REFUNDS, terms["resolutions"]),
        "returnFees": _SCHEMA + ("FreeReturn" if by_shop else "ReturnFeesCustomerResponsibility"),
        "itemDefectReturnFees": _SCHEMA + "FreeReturn",
    }
    if terms["window_days"] is not None:
        found["merchantReturnDays"] = terms["window_days"]
    if listed := sorted(set(countries)):
        found["applicableCountry"] = listed
    fee: Fee | None = terms.get("fee")
    if fee is not None and fee.percent:
        found["restockingFee"] = float(fee.percent)
    return found


def _category(policy: Policy) -> str:
    if policy.defaults["decision"] == "decline" or policy.defaults["window_days"] == 0:
        return "MerchantReturnNotPermitted"
    unlimited = policy.defaults["window_days"] is None
    return "MerchantReturnUnlimitedWindow" if unlimited else "MerchantReturnFiniteReturnWindow"


def _named(words: dict[str, str], codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(_SCHEMA + words[code] for code in codes if code in words))
