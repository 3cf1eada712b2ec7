"""A version over the past, beside its rules on the desk: ask for it, watch it, read it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
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
from returns.models import ReturnPolicy
from returns.policy.explain import EFFECT_LABELS, OUTCOME_LABELS
from returns.policy.reasons import REASONS
from returns.views.desk.policies import Panels, find, version_page

Context = dict[str, Any]
QUARTER = timedelta(days=91)
PLOT_HEIGHT, PLOT_WIDTH, FOOT = 160, 526, 180
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
    return {
        "result": result,
        "money": [_money(currency, sums) for currency, sums in result["money"].items()],
        "matrix": [
            {"was": OUTCOME_LABELS[row["was"]], "would": OUTCOME_LABELS[row["would"]], "items": row["items"]}
            for row in result["decisions"]["matrix"]
            if row["was"] != row["would"]
        ],
        "reasons": [
            {"word": REASONS.get(row["reason"], row["reason"]), **row} for row in result["by_reason"] if row["changed"]
        ],
        "clipped": [
            {"word": EFFECT_LABELS.get(name, name), "items": count}
            for name, count in result["floor"]["by_effect"].items()
        ],
        "plot": _plot(result["by_month"]),
    }


def _money(currency: str, sums: Context) -> Context:
    def minor(text: str) -> int:
        sign = -1 if text.startswith("-") else 1
        return sign * money.parse(text.lstrip("-"), currency)

    rows: dict[str, dict[str, Any]] = {
        name: {side: minor(text) for side, text in sums[name].items()} for name in MONEY_WORDS
    }
    for row in rows.values():
        row["words"] = _change(row["change"], currency)
    return {"currency": currency, **rows}


def _change(minor: int, currency: str) -> str:
    if not minor:
        return _("no change")
    return f"{'+' if minor > 0 else '−'}{money_text(abs(minor), currency)}"


def _plot(months: list[Context]) -> Context:
    """Bars of declined items per month, then and with this version; heights in the plot's own units."""
    months = months[-12:]
    most = max((max(row["was_declined"], row["would_declined"]) for row in months), default=0)
    step = PLOT_WIDTH / max(1, len(months))
    bars = []
    for place, row in enumerate(months):
        left = 34 + place * step
        was, would = (_height(row[f"{side}_declined"], most) for side in ("was", "would"))
        bars.append(
            {
                "month": row["month"],
                "was": {"x": round(left + 4, 1), "y": FOOT - was, "h": was},
                "would": {"x": round(left + 19, 1), "y": FOOT - would, "h": would},
                "label": round(left + 18, 1),
                **{f"n_{side}": row[f"{side}_declined"] for side in ("was", "would")},
            }
        )
    return {"bars": bars, "most": most}


def _height(count: int, most: int) -> int:
    return PLOT_HEIGHT * count // most if most else 0


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
