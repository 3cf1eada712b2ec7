"""The policy for machines: schema.org MerchantReturnPolicy as JSON-LD, one for each group of countries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from returns.policy.by_country import Local
from returns.policy.days import YearlyDay
from returns.policy.document import Policy, Rule
from returns.policy.reasons import SHOP_CARRIED

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
_LABELS = ("label", "qr")
_SCHEMA = "https://schema.org/"
# what a rule may look at and still be a season for everybody
_SEASON = {"ordered_between", "shops"}


def merchant_return_policies(policy: Policy, found: Iterable[Local], *, url: str, name: str) -> dict[str, Any]:
    """What holds for everything, in the words of https://schema.org/MerchantReturnPolicy, by country.

    `found` are the groups of `by_country`. Rules for some goods have no words there; the page at `url` says them.
    """
    graph = [_policy(policy, local, url, name) for local in found]
    return {"@context": _SCHEMA.rstrip("/"), "@graph": graph}


def _policy(policy: Policy, local: Local, url: str, name: str) -> dict[str, Any]:
    terms = policy.defaults
    return {
        "@type": "MerchantReturnPolicy",
        "name": name,
        "merchantReturnLink": url,
        "applicableCountry": list(local.countries),
        **_window(local),
        "returnMethod": _named(_METHODS, terms["methods"]),
        "refundType": _named(_REFUNDS, terms["resolutions"]),
        **_fees(policy, local),
        "itemDefectReturnFees": _SCHEMA + "FreeReturn",
        "inStoreReturnsOffered": "in_store" in terms["methods"],
        **_seasons(policy),
    }


def _window(local: Local) -> dict[str, Any]:
    if not local.taken_back or local.days == 0:
        return {"returnPolicyCategory": _SCHEMA + "MerchantReturnNotPermitted"}
    if local.days is None:
        return {"returnPolicyCategory": _SCHEMA + "MerchantReturnUnlimitedWindow"}
    return {"returnPolicyCategory": _SCHEMA + "MerchantReturnFiniteReturnWindow", "merchantReturnDays": local.days}


def _fees(policy: Policy, local: Local) -> dict[str, Any]:
    """Who pays for the way back, and what is kept: a share of the price as a number, a fixed sum as money."""
    methods = policy.defaults["methods"]
    found: dict[str, Any] = {}
    if local.by_shop:
        found["returnFees"] = _SCHEMA + "FreeReturn"
    elif local.label_fee:
        found["returnFees"] = _SCHEMA + "ReturnShippingFees"
        found["returnShippingFeesAmount"] = _amount(*local.label_fee)
    else:
        ours = not SHOP_CARRIED.isdisjoint(methods)
        found["returnFees"] = _SCHEMA + ("FreeReturn" if ours else "ReturnFeesCustomerResponsibility")
    if not set(_LABELS).isdisjoint(methods):
        found["returnLabelSource"] = _SCHEMA + "ReturnLabelDownloadAndPrint"
    elif "own_carrier" in methods:
        found["returnLabelSource"] = _SCHEMA + "ReturnLabelCustomerResponsibility"
    return found | _restocking(policy, local)


def _restocking(policy: Policy, local: Local) -> dict[str, Any]:
    """The fee as it is kept in these countries; a law that caps it at a share leaves that share."""
    fee = policy.defaults.get("fee")
    if fee is None or local.fee is None:
        return {}
    if fee.percent and not fee.fixed.minor(local.fee[1]):
        return {"restockingFee": float(local.fee[0])}  # of goods of a hundred, so the amount is the percentage
    return {"restockingFee": _amount(*local.fee)}


def _amount(value: str, currency: str) -> dict[str, Any]:
    return {"@type": "MonetaryAmount", "value": float(value), "currency": currency}


def _seasons(policy: Policy) -> dict[str, Any]:
    """Longer times for orders of some days of a year, such as a holiday window."""
    found = [season for rule in policy.rules if (season := _season(rule))]
    return {"returnPolicySeasonalOverride": found} if found else {}


def _season(rule: Rule) -> Mapping[str, Any] | None:
    days, until = rule.when.get("ordered_between"), rule.then.get("return_until")
    if days is None or until is None or not set(rule.when) <= _SEASON:
        return None
    if isinstance(days.first, YearlyDay) or isinstance(until, YearlyDay):
        return None
    return {
        "@type": "MerchantReturnPolicySeasonalOverride",
        "startDate": days.first.isoformat(),
        "endDate": days.last.isoformat(),
        "returnPolicyCategory": _SCHEMA + "MerchantReturnFiniteReturnWindow",
        "merchantReturnDays": until.isoformat(),
    }


def _named(words: dict[str, str], codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(_SCHEMA + words[code] for code in codes if code in words))
