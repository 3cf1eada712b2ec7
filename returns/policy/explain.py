"""A decision in words: for the customer, for the agent, in whatever language is active."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from returns.policy import explain_law as law
from returns.policy.choices import DECISIONS, PAYERS, PROMOTIONS, STARTS
from returns.policy.reasons import METHODS, REASONS, RESOLUTIONS, Label
from returns.policy.values import day, say

Params = Mapping[str, Any]
Sentence = Callable[[Params], str]

OUTCOME_LABELS: dict[str, Label] = {
    "authorized": pgettext_lazy("decision", "Approved"),
    "review": pgettext_lazy("decision", "A person decides"),
    "declined": pgettext_lazy("decision", "Declined"),
}

CODE_LABELS: dict[str, Label] = {
    "in_window": gettext_lazy("In time"),
    "no_limit": gettext_lazy("No time limit"),
    "window_not_started": gettext_lazy("Window not started"),
    "window_over": gettext_lazy("Window over"),
    "right_outlives_window": gettext_lazy("Covered beyond the window"),
    "delivery_estimated": gettext_lazy("Delivery day estimated"),
    "unknown_delivery": gettext_lazy("Delivery unknown"),
    "unknown_time_zone": gettext_lazy("Time zone unknown"),
    "not_delivered": gettext_lazy("Not delivered yet"),
    "rule_declined": gettext_lazy("Declined by a rule"),
    "rule_review": gettext_lazy("Review asked by a rule"),
    "resolution_not_offered": gettext_lazy("Resolution not offered"),
    "method_not_offered": gettext_lazy("Way of sending not offered"),
} | law.CODE_LABELS

EFFECT_LABELS: dict[str, Label] = {
    "decision": gettext_lazy("Decision"),
    "message": gettext_lazy("Message"),
    "window_days": gettext_lazy("Days to return"),
    "window_from": gettext_lazy("Days count from"),
    "return_until": gettext_lazy("Return until at least"),
    "fee": gettext_lazy("Restocking fee"),
    "fee_waived": gettext_lazy("Fees waived for"),
    "label_fee": gettext_lazy("Label fee"),
    "fee_waived_for": gettext_lazy("No fees for"),
    "required_photos": gettext_lazy("Photos needed"),
    "questions": gettext_lazy("Questions"),
    "resolutions": gettext_lazy("Resolutions"),
    "methods": gettext_lazy("Ways of sending"),
    "bonus_credit_percent": gettext_lazy("Bonus on store credit"),
    "return_shipping_payer": gettext_lazy("Return shipping paid by"),
    "return_postage_cap": gettext_lazy("Postage paid back up to"),
    "return_to": gettext_lazy("Return to"),
    "exchange_bonus_percent": gettext_lazy("Bonus on an exchange"),
    "refund_outbound_shipping": gettext_lazy("Outbound shipping refunded"),
    "promotion_on_return": gettext_lazy("Promotion after a return"),
    "auto_reimburse": gettext_lazy("Reimbursed without a click"),
    "deduction_by_grade": gettext_lazy("Suggested deduction by grade"),
    "honour_terms_at_purchase": gettext_lazy("Terms at purchase kept"),
}

_WORDS: dict[str, Label] = {
    "fixed": pgettext_lazy("fee", "fixed"),
    "percent": pgettext_lazy("fee", "percent"),
    "keep_shipping": pgettext_lazy("fee", "not on shipping"),
    "gross": pgettext_lazy("fee", "gross"),
} | {**PROMOTIONS, **STARTS, **PAYERS, **DECISIONS, **REASONS, **RESOLUTIONS, **METHODS}


def _in_window(params: Params) -> str:
    if params.get("last_day") is None:
        return _("You can send it back.")
    return _("You can send it back until %(date)s.") % {"date": day(params["last_day"])}


def _window_over(params: Params) -> str:
    words = {"days": params.get("days"), "date": day(params["last_day"])}
    if words["days"] is None:
        text = _("The time to send it back ended on %(date)s. Faulty? That's covered for longer, tell us.")
    else:
        text = _("The %(days)s days ended on %(date)s. Faulty? That's covered for longer, tell us.")
    return text % words


def _outlives(params: Params) -> str:
    text = _("The return window ended on %(date)s. This is covered for longer. Somebody here is looking at it.")
    return text % {"date": day(params["last_day"])}


def _offer(params: Params) -> str:
    options = ", ".join(_word(each) for each in params["offered"])
    text = _("%(asked)s is not possible for this one. You can still choose: %(options)s.")
    return text % {"asked": _word(params["asked"]), "options": options}


_CUSTOMER: dict[str, Sentence] = law.CUSTOMER | {
    "in_window": _in_window,
    "no_limit": lambda params: _("You can send it back whenever you like."),
    "window_not_started": lambda params: _("The days to send it back start when it arrives."),
    "window_over": _window_over,
    "right_outlives_window": _outlives,
    "delivery_estimated": lambda params: _("We don't know the day it arrived. Somebody is looking at it."),
    "unknown_delivery": lambda params: _("We don't know whether it arrived. Somebody is looking at it."),
    "unknown_time_zone": lambda params: _("The last day ends just now. Somebody here is looking at it."),
    "not_delivered": lambda params: _("This one is still on its way to you. Tell us if it never comes."),
    "rule_declined": lambda params: _("We can't take this one back. Faulty? That's covered, tell us."),
    "rule_review": lambda params: _("Somebody here is looking at it."),
    "resolution_not_offered": _offer,
    "method_not_offered": _offer,
}


def _agent_window(params: Params) -> str:
    if params.get("last_day") is None:
        return _("In time: no last day is set.")
    return _("In time: the last day is %(date)s.") % {"date": day(params["last_day"])}


def _agent_over(params: Params) -> str:
    return _("Window over: the last day was %(date)s.") % {"date": day(params["last_day"])}


_AGENT: dict[str, Sentence] = law.AGENT | {
    "in_window": _agent_window,
    "no_limit": lambda params: _("The policy sets no time limit."),
    "window_not_started": lambda params: _("A parcel is still to arrive, so the window has not started."),
    "window_over": _agent_over,
    "right_outlives_window": lambda params: _("This reason rests on rights that the window cannot end."),
    "delivery_estimated": lambda params: _("The delivery day is our estimate from the shipping day."),
    "unknown_delivery": lambda params: _("The order has no delivery data. Check whether the goods arrived."),
    "unknown_time_zone": lambda params: _("The address has no time zone, and the last day ends just now."),
    "not_delivered": lambda params: _("No parcel with this line has left yet."),
    "rule_declined": lambda params: _("Declined by the rule “%(rule)s”.") % _named(params),
    "rule_review": lambda params: _("The rule “%(rule)s” wants a person to decide.") % _named(params),
    "resolution_not_offered": _offer,
    "method_not_offered": _offer,
}


def for_customer(decided: Mapping[str, Any]) -> str:
    """What the customer reads about a decision; `decided` is `Decision.as_dict()`, fresh or stored."""
    first = decided["notes"][0]
    said = _said(decided.get("message"))
    if said and first["code"] in ("rule_declined", "rule_review"):
        return said
    sentence = _CUSTOMER[_main_code(decided)](first["params"])
    return f"{sentence} {said}" if said and decided["outcome"] == "authorized" else sentence


def _main_code(decided: Mapping[str, Any]) -> str:
    """An open window is told by why it is open."""
    codes: list[str] = decided["codes"]
    if codes[0] != "in_window":
        return codes[0]
    return next((code for code in ("no_limit", "window_not_started") if code in codes), codes[0])


def for_agent(decided: Mapping[str, Any]) -> list[str]:
    """What an agent reads: the outcome, then every reason, the deciding one first."""
    reasons = [_AGENT[note["code"]](note["params"]) for note in decided["notes"]]
    return [str(OUTCOME_LABELS[decided["outcome"]]), *reasons]


def trace_lines(decided: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The trace as rows for an agent: who set it, what, and to which value."""
    return [
        (author(entry["rule"]), _effect(entry["effect"]), say(entry["effect"], entry["value"]))
        for entry in decided["trace"]
    ]


def _effect(code: str) -> str:
    return str(EFFECT_LABELS.get(code, code))


def words(value: Any) -> str:
    """A value of a policy in words."""
    if value is None:
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(words(each) for each in value) or _("none")
    if isinstance(value, Mapping):
        return ", ".join(f"{_word(key)} {words(each)}" for key, each in value.items())
    return _word(value)


def _word(value: Any) -> str:
    return str(_WORDS.get(value, value))


def _named(params: Params) -> dict[str, str]:
    return {"rule": author(params["rule"])}


def author(rule: str) -> str:
    """Who set something, as people know it: a rule by its own name."""
    return {"defaults": _("Defaults"), "law": _("Law")}.get(rule, rule)


def _said(message: Any) -> str:
    """The shop's own words in the reader's language, else in the first it wrote."""
    if isinstance(message, Mapping):
        language = (get_language() or "en").partition("-")[0]
        return str(message.get(language) or next(iter(message.values())))
    return str(message or "")
