"""A version over the past, beside its rules on the desk: ask for it, watch it, read it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.models import Job
from accounts.problems import FieldError, Invalid, Refused
from customers import money
from customers.templatetags.comeback import money_text
from insights.actions import latest_backtest, start_backtest
from insights.views.desk.plots import Pair, name_of, plot
from returns.models import ReturnPolicy
from returns.policy.explain import EFFECT_LABELS, OUTCOME_LABELS, author
from returns.policy.reasons import REASONS
from returns.views.desk.policies import Panels, find, version_page

Context = dict[str, Any]
QUARTER = timedelta(days=91)
MONEY_WORDS = ("refunds", "fees", "retained")


def panel(row: ReturnPolicy, actor: Actor, request: HttpRequest) -> Context:
    """What a version's page shows of its latest backtest, and the days to ask for another."""
    job = latest_backtest(row)
    today = timezone.now().date()
    return {
        "backtest": {
            "job": job,
            "running": job is not None and job.status in (Job.Status.QUEUED, Job.Status.RUNNING),
            "failed": job is not None and job.status == Job.Status.FAILED,
            "from": (today - QUARTER).isoformat(),
            "to": today.isoformat(),
            "may": actor.may("policy:write"),
            **(_result(job.result) if job is not None and job.status == Job.Status.DONE else {}),
        }
    }


def _result(result: Context) -> Context:
    period = result.get("by_period", {"unit": "month", "rows": []})
    return {
        "result": result,
        "money": [_money(currency, sums) for currency, sums in result["money"].items()],
        "matrix": [
            {"was": OUTCOME_LABELS[row["was"]], "would": OUTCOME_LABELS[row["would"]], "items": row["items"]}
            for row in result["decisions"]["matrix"]
            if row["was"] != row["would"]
        ],
        "rules": [
            {"word": author(row["rule"]), "items": row["items"], "changed": row["changed"]} for row in result["by_rule"]
        ],
        "reasons": [
            {"word": REASONS.get(row["reason"], row["reason"]), **row} for row in result["by_reason"] if row["changed"]
        ],
        "clipped": [
            {"word": EFFECT_LABELS.get(name, name), "items": count}
            for name, count in result["floor"]["by_effect"].items()
        ],
        "examples": [
            {**row, "was": OUTCOME_LABELS[row["was"]], "would": OUTCOME_LABELS[row["would"]],
             "rule": author(row["rule"])}
            for row in result["examples"]
        ],
        "unit": period["unit"],
        "plots": [*_refunds(result, period), *_decisions(period)],
    }  # fmt: skip


def _refunds(result: Context, period: Context) -> list[Context]:
    """What was paid back and would have been, a plot for each currency."""
    titles = {
        "day": _("Refunded per day, %(currency)s"),
        "week": _("Refunded per week, %(currency)s"),
        "month": _("Refunded per month, %(currency)s"),
    }
    found = []
    for currency in result["money"]:
        rows = [{side: _minor(row["refunds"][currency][side], currency) for side in ("was", "would")}
                for row in period["rows"]]  # fmt: skip
        if any(row["was"] or row["would"] for row in rows):
            size = 10 ** money.exponent(currency)
            title = titles[period["unit"]] % {"currency": currency}
            found.append(_plot(title, period, rows, partial(money_text, currency=currency), size))
    return found


def _decisions(period: Context) -> list[Context]:
    """How many items were declined and would have been, and how many a person decided."""
    titles = {
        "declined": {
            "day": _("Items declined per day"),
            "week": _("Items declined per week"),
            "month": _("Items declined per month"),
        },
        "review": {
            "day": _("Items for a person per day"),
            "week": _("Items for a person per week"),
            "month": _("Items for a person per month"),
        },
    }
    found = []
    for outcome, by_unit in titles.items():
        rows = [{side: row[f"{side}_{outcome}"] for side in ("was", "would")} for row in period["rows"]]
        if any(row["was"] or row["would"] for row in rows):
            found.append(_plot(by_unit[period["unit"]], period, rows, str, 1))
    return found


def _plot(title: str, period: Context, rows: list[dict[str, int]], words: Callable[[int], str], size: int) -> Context:
    starts = [row["start"] for row in period["rows"]]
    pairs = [
        Pair(
            name_of(start, period["unit"]),
            row["was"] / size,
            row["would"] / size,
            words(row["was"]),
            words(row["would"]),
        )
        for start, row in zip(starts, rows, strict=True)
    ]
    return {"title": title, "rows": pairs, **plot(starts, pairs, period["unit"])}


def _minor(text: str, currency: str) -> int:
    sign = -1 if text.startswith("-") else 1
    return sign * money.parse(text.lstrip("-"), currency)


def _money(currency: str, sums: Context) -> Context:
    rows: dict[str, dict[str, Any]] = {
        name: {side: _minor(text, currency) for side, text in sums[name].items()} for name in MONEY_WORDS
    }
    for row in rows.values():
        row["words"] = _change(row["change"], currency)
    return {"currency": currency, **rows}


def _change(minor: int, currency: str) -> str:
    if not minor:
        return _("no change")
    return f"{'+' if minor > 0 else '−'}{money_text(abs(minor), currency)}"


@staff_page("policy:write", "POST")
def start(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """Ask for a backtest of a version."""
    row = find(uid, actor)

    def work() -> Context:
        job = start_backtest(row, start=_day(request, "from"), end=_day(request, "to"), actor=actor)
        return {"job": str(job.uid)}

    try:
        submit_once(request, f"backtest:{row.uid}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except Refused as refusal:
        return version_page(request, actor, row, panels, refusal=refusal, status=refusal.status)
    else:
        messages.success(request, _("On its way. The page shows how far it is."))
    return redirect("desk:policy", uid=row.uid)


def _day(request: HttpRequest, name: str) -> date:
    try:
        return date.fromisoformat(request.POST.get(name, ""))
    except ValueError as error:
        detail = _("Choose both days.")
        raise Invalid(detail, errors=[FieldError(f"/{name}", "invalid", detail)]) from error
