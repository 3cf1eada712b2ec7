"""What customers ask about a policy, answered from the document in force and from how it went lately."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns.policy.document import Policy, plain
from returns.policy.reasons import METHODS, RESOLUTIONS
from returns.policy.told import effect_told, start, window
from returns.policy.told_terms import way_back


@dataclass(frozen=True, slots=True)
class Figures:
    """How it went lately: medians in days, None where too few returns say so."""

    returns: int = 0
    days_to_decide: float | None = None
    days_to_money: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its answer."""

    question: str
    text: str


def answers(policy: Policy, figures: Figures) -> list[Answer]:
    """The questions that every shop is asked, most asked first."""
    terms = policy.defaults
    found = [
        Answer(_("How long do I have?"), _window(policy)),
        Answer(_("When do I get my money?"), _money(figures)),
        Answer(_("What does it cost to send it back?"), _postage(policy)),
        Answer(_("How can I send it?"), _listed([str(METHODS[code]) for code in terms["methods"]])),
        Answer(_("What can I get for it?"), _offers(policy)),
        *_kept(policy),
        Answer(_("Do you tell me how it goes?"), _told()),
        Answer(_("It is faulty or not what I ordered. What now?"), _faulty()),
    ]
    if figures.days_to_decide is not None:
        found.insert(2, Answer(_("How soon do you decide?"), _decided(figures.days_to_decide)))
    return found


def _window(policy: Policy) -> str:
    days = policy.defaults["window_days"]
    if days is None:
        return window(days)
    more = _("Some things have other terms; the page of an order says which.")
    return " ".join([window(days), start(policy.defaults["window_from"]), *([more] if policy.rules else [])])


def _money(figures: Figures) -> str:
    promise = _("At the latest on the day that the law sets; your return's page names it.")
    if figures.days_to_money is None:
        return promise
    usual = round(figures.days_to_money)
    if usual < 1:
        return _("Lately mostly on the day it arrived back.") + " " + promise
    text = ngettext(
        "Lately mostly %(days)d day after it arrived back.", "Lately mostly %(days)d days after it arrived back.", usual
    )
    return text % {"days": usual} + " " + promise


def _decided(days: float) -> str:
    usual = round(days)
    if usual < 1:
        return _("Mostly at once, on the page where you ask.")
    return ngettext("Lately mostly within %(days)d day.", "Lately mostly within %(days)d days.", usual) % {
        "days": usual
    }


def _postage(policy: Policy) -> str:
    if policy.defaults["return_shipping_payer"] == "shop":
        return _("Nothing. We pay for the way back.")
    return way_back(policy.defaults)


def _kept(policy: Policy) -> list[Answer]:
    """Whether anything is kept of the money, where the policy says so for everything."""
    texts = [
        effect_told(key, plain(policy.defaults[key])) for key in ("fee", "fee_waived_for") if policy.defaults.get(key)
    ]
    return [Answer(_("Do you keep a fee?"), " ".join(texts))] if policy.defaults.get("fee") else []


def _offers(policy: Policy) -> str:
    text = _listed([str(RESOLUTIONS[code]) for code in policy.defaults["resolutions"]])
    bonuses = [
        effect_told(key, policy.defaults.get(key, 0)) for key in ("bonus_credit_percent", "exchange_bonus_percent")
    ]
    return " ".join(filter(None, [text, *bonuses]))


def _told() -> str:
    return _("By mail at every step, and on a page of its own that needs no login.")


def _faulty() -> str:
    return _("Tell us so when you ask. That is covered for longer than the days above, and it costs you nothing.")


def _listed(parts: list[str]) -> str:
    return ", ".join(parts) + "."
