"""A version tried on any order of the shop: some of its lines, a reason and a day; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from customers.models import Order, OrderLine, OrderVersion
from returns.actions.judge import decision_on
from returns.actions.risk import risk_of, with_signals
from returns.actions.wish import Wanted, Wish
from returns.models import ReturnPolicy
from returns.policy import explain
from returns.policy.decision import DECLINED, Decision
from returns.policy.explain_law import law_lines
from returns.policy.quote import expected_gross
from returns.policy.reasons import METHODS, REASONS, RESOLUTIONS
from returns.policy.values import day, say
from returns.policy.wording import standing_label
from returns.queries import law_facts, line_facts, lines_of, order_facts, repairs_told

Context = dict[str, Any]
CANDIDATES = 8
LONGEST = 100
FURTHEST = timedelta(days=3660)


@dataclass
class Question:
    """What was typed into the form; `lines` empty asks for every line."""

    order: str = ""
    reason: str = "change_of_mind"
    resolution: str = "refund"
    on: str = ""
    lines: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, request: HttpRequest) -> Question:
        """Read the address."""
        data = request.GET
        return cls(
            data.get("order", "").strip()[:LONGEST],
            data.get("reason", "change_of_mind"),
            data.get("resolution", "refund"),
            data.get("on", "").strip()[:10],
            data.getlist("line")[:LONGEST],
        )

    def moment(self, now: datetime) -> datetime | None:
        """The chosen day at this time of day, now where none was chosen, None for what is no day near ours."""
        if not self.on:
            return now
        try:
            chosen = date.fromisoformat(self.on)
        except ValueError:
            return None
        found = now.replace(year=chosen.year, month=chosen.month, day=chosen.day)
        return found if abs(found - now) < FURTHEST else None


def tried(request: HttpRequest, actor: Actor, row: ReturnPolicy) -> Context:
    """What the page shows below the form: orders to choose from, a refusal, or what each line would be told."""
    question, now = Question.of(request), timezone.now()
    shown: Context = {
        "typed": question,
        "today": now.date().isoformat(),
        "reasons": REASONS.items(),
        "resolutions": RESOLUTIONS.items(),
    }
    if not question.order:
        return shown
    moment = question.moment(now)
    if moment is None or question.reason not in REASONS or question.resolution not in RESOLUTIONS:
        return shown | {"try_refusal": _("Choose a reason, a wish and a day from the lists.")}
    found = _orders(question.order, actor, row)
    if len(found) != 1:
        none = _("No order of this shop fits “%(text)s”. Type a number, an e-mail or a name.") % {
            "text": question.order
        }
        return shown | ({"candidates": found} if found else {"try_refusal": none})
    return shown | {"order": found[0], "tried": _decided(found[0], row, question, moment)}


def _orders(text: str, actor: Actor, row: ReturnPolicy) -> list[Order]:
    """The order with this number, else those that fit what was typed, newest first."""
    rows = Order.objects.visible_to(actor).filter(shop_id=row.shop_id).select_related("shop", "channel", "customer")
    exact = list(rows.filter(number=text)[:2])
    if exact:
        return exact
    fits = Q(number__icontains=text) | Q(email__icontains=text) | Q(name__icontains=text)
    return list(rows.filter(fits).order_by("-placed_at")[:CANDIDATES])


def _decided(order: Order, row: ReturnPolicy, question: Question, moment: datetime) -> list[Context]:
    versions = with_signals(OrderVersion.objects.all(), moment)
    version = versions.get(order=order, number=order.version)
    facts, shipping = order_facts(order, version.document), list(order.shipping.all())
    wanted = Wanted(items=[], resolution=question.resolution, risk=risk_of(version).level)
    lines = lines_of(order.pk)
    found = []
    for line in lines:
        if line.parent_id is not None:
            continue
        chosen = not question.lines or line.external_id in question.lines
        one: Context = {"line": line.external_id, "title": line.title or line.sku, "chosen": chosen}
        if chosen:
            law = law_facts(version.document, line.external_id, shipping=shipping, told=repairs_told(line))
            wish = Wish(line.external_id, 1, question.reason)
            decision, _inputs = decision_on(row, facts, line_facts(line, version.document), wish, wanted, moment, law)
            one |= _told(decision, line, lines, order.currency)
        found.append(one)
    return found


def _told(decision: Decision, line: OrderLine, lines: list[OrderLine], currency: str) -> Context:
    said = decision.as_dict()
    gross = expected_gross(line, lines, 1)
    fee, label_fee = decision.terms.fee.on(gross), decision.terms.label_fee_for(None)
    return {
        "outcome": decision.outcome,
        "reasons": explain.for_agent(said)[1:],
        "customer": explain.for_customer(said),
        "gross": gross,
        "fee": fee,
        "label_fee": label_fee,
        "refund": 0 if decision.outcome == DECLINED else gross - fee,
        "currency": currency,
        "methods": [METHODS[code] for code in decision.terms.methods],
        "trace": explain.trace_lines(said),
        "clipped": [
            {"what": standing_label(each["effect"]), "policy": say(each["effect"], each["policy"]),
             "law": say(each["effect"], each["law"])}
            for each in said["clipped"]
        ],
        "law": law_lines(said["law"], day),
    }  # fmt: skip
