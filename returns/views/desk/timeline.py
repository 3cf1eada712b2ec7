"""The event log of a return in plain words: what happened, to what, by whom; then what is promised next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actors import CUSTOMER, INTEGRATION, SYSTEM
from customers.money import BadAmount, parse
from customers.templatetags.comeback import date_day, date_time, money_text
from returns import carriers
from returns.models import Event, Return, ReturnItem
from returns.models.rma import Status
from returns.templatetags.rma import disposition_word, event_icon, event_mark, event_word, grade_word, outcome_look
from returns.views.desk.shell import listed

KNOTS = 8
# steps between two others that say the same: shown when the whole log is opened
MINOR = ("label.requested", "parcel.counted", "photo.added", "note.added", "parcel.scanned")
SCANS = {
    "accepted": gettext_lazy("handed over"),
    "in_transit": gettext_lazy("under way"),
    "out_for_delivery": gettext_lazy("out for delivery"),
    "delivered": gettext_lazy("delivered to us"),
    "exception": gettext_lazy("a problem on the way"),
    "returned_to_sender": gettext_lazy("sent back to the customer"),
}


def carrier_name(code: str) -> str:
    """A carrier as people call it; one that only the customer knows as they wrote it."""
    return str(carriers.KNOWN[code].name) if code in carriers.KNOWN else code


@dataclass(frozen=True)
class Names:
    """What ids in events stand for on this return."""

    currency: str
    titles: Mapping[str, str]

    @classmethod
    def of(cls, rma: Return, items: list[ReturnItem]) -> Names:
        """The names of a return's items."""
        return cls(rma.currency, {str(item.uid): item.line.title for item in items})

    def money(self, text: str) -> str:
        """A decimal text of the log as the reader writes money."""
        try:
            return money_text(parse(text, self.currency), self.currency)
        except BadAmount:
            return text

    def items(self, rows: Any) -> str:
        """Such as "2 × Jacket, Bottle" of the rows that events carry."""
        words = []
        for row in rows or []:
            title = self.titles.get(str(row.get("item")), "")
            quantity = row.get("quantity")
            words.append(f"{quantity} × {title}" if quantity and quantity > 1 else title)
        return listed(filter(None, words), limit=4)


@dataclass
class Step:
    """One knot of the thread (see partials/thread.html)."""

    what: Any
    when: Any = ""
    who: str = ""
    detail: str = ""
    mark: str = ""
    icon: str = ""
    before_next: bool = False
    minor: bool = False


Data = Mapping[str, Any]


def _items(data: Data, names: Names) -> str:
    return names.items(data.get("items"))


def _decided(data: Data, names: Names) -> str:
    by = _("By the policy.") if data.get("by") == "policy" else ""
    against = _("Against the policy, with a reason.") if data.get("override") else ""
    return " ".join(filter(None, [by, against, names.items(data.get("items"))]))


def _declined(data: Data, names: Names) -> str:
    return _("By the policy.") if data.get("by") == "policy" else listed(data.get("codes") or [])


def _scans(data: Data, names: Names) -> str:
    return listed(SCANS.get(code, code) for code in data.get("codes") or [])


def _arrived(data: Data, names: Names) -> str:
    damaged = sum(row.get("damaged") or 0 for row in data.get("items") or [])
    words = ngettext("%(n)d damaged at the door", "%(n)d damaged at the door", damaged) % {"n": damaged}
    return ", ".join(filter(None, [names.items(data.get("items")), words if damaged else ""]))


def _found(data: Data, names: Names) -> str:
    lines = []
    for row in data.get("items") or []:
        grade = _("grade %(grade)s, %(words)s") % {"grade": row.get("grade"), "words": grade_word(row.get("grade", ""))}
        outcome = outcome_look(row.get("outcome", ""))[0]
        lines.append(f"{names.items([row])}: {outcome}, {grade}")
    return "\n".join(lines)


def _lost(data: Data, names: Names) -> str:
    paid = _("Paid all the same.") if data.get("pay") else _("Not paid.")
    return " ".join(filter(None, [names.items(data.get("items")), paid, str(data.get("reason") or "")]))


def _moved(data: Data, names: Names) -> str:
    change = _("%(was)s, now %(is)s.") % {
        "was": disposition_word(data.get("was", "")),
        "is": disposition_word(data.get("is", "")),
    }
    return f"{change} {data.get('reason') or ''}".strip()


DETAILS: dict[str, Callable[[Data, Names], str]] = {
    "return.requested": _items,
    "return.authorized": _decided,
    "return.declined": _declined,
    "return.cancelled": _items,
    "return.closed": lambda data, names: str(data.get("reason") or ""),
    "items.cancelled": _items,
    "items.closed_short": _items,
    "items.kept": _items,
    "items.lost": _lost,
    "label.issued": lambda data, names: carrier_name(str(data.get("carrier") or "")),
    "parcel.in_transit": _scans,
    "parcel.scanned": _scans,
    "parcel.received": _arrived,
    "inspection.recorded": _found,
    "inspection.completed": _found,
    "disposition.corrected": _moved,
    "reimbursement.opened": lambda data, names: names.money(str(data.get("total") or "0")),
    "refund.succeeded": lambda data, names: names.money(str(data.get("amount") or "0")),
    "message.resent": lambda data, names: str(event_word(data.get("of", ""))),
}


def steps_of(rma: Return, events: list[Event], names: Names) -> tuple[list[Step], list[Step]]:
    """The last steps with what is promised next, and the older and smaller ones that the page folds away."""
    steps = [_step(event, names) for event in events]
    main = [step for step in steps if not step.minor][-KNOTS:]
    promise = _promise(rma)
    if promise and main:
        main[-1].before_next = True
        main.append(promise)
    return main, (steps if len(steps) > len(main) - bool(promise) else [])


def _step(event: Event, names: Names) -> Step:
    tell = DETAILS.get(event.kind)
    return Step(
        what=_("Message sent again") if event.kind == "message.resent" else event_word(event.kind),
        when=date_time(event.at),
        who=who_did(event),
        detail=tell(event.data, names) if tell else "",
        mark=event_mark(event.kind),
        icon=event_icon(event.kind),
        minor=event.kind in MINOR,
    )


def who_did(event: Event) -> str:
    """The acting person's name; the customer, the house itself, or an integration by its name."""
    known = {CUSTOMER: _("customer"), SYSTEM: "Comeback"}
    words = known.get(event.actor_kind, event.actor_name)
    return f"{words} (API)" if event.actor_kind == INTEGRATION else words


def _promise(rma: Return) -> Step | None:
    if not rma.is_open:
        return None
    if rma.status == Status.AUTHORIZED and rma.expires_at and not rma.proof_of_sending_at:
        return Step(_("Parcel handed over"), format_html(_("by {date}"), date=date_day(rma.expires_at)), mark="is-next")
    if rma.refund_due_on:
        return Step(_("Refund"), format_html(_("due {date}"), date=date_day(rma.refund_due_on)), mark="is-next")
    return None
