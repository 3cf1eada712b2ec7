"""A return told to the customer: headline, next step, findings, money, and the thread."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from customers.models import OrderLine
from customers.money import parse
from customers.templatetags.comeback import date_day, date_time, money
from returns.media import photo_url
from returns.models import Event, Photo, Return
from returns.models.rma import FREE, Status
from returns.templatetags.rma import event_for_customer, event_icon, event_mark, grade_word, line_word

SENT_BY_LABEL = ("label", "qr", "drop_off", "pickup")
MAX_FACTS = 8
Context = dict[str, Any]
Doc = dict[str, Any]


def is_uid(text: str) -> bool:
    """Whether this can be an id at all."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _name(item: Doc) -> str:
    return item["title"] or item["sku"] or ""


def headline(rma: Return) -> str:
    """The one sentence at the top."""
    words = {
        Status.REQUESTED: _("Somebody here is looking at it"),
        Status.AUTHORIZED: _("Approved. Pack it up."),
        Status.IN_TRANSIT: _("Your parcel is on its way"),
        Status.PARTIALLY_RECEIVED: _("Some of it has arrived"),
        Status.RECEIVED: _("It’s here. We check it now."),
        Status.INSPECTED: _("Checked. Your replacement comes next.")
        if rma.resolution in ("exchange", "replacement")
        else _("Checked. Your money comes next."),
        Status.RESOLVED: _("Your money is on its way") if rma.refunded else _("This return is done"),
        Status.DECLINED: _("We can’t take this one back"),
        Status.CANCELLED: _("This return is cancelled"),
        Status.EXPIRED: _("We closed this return"),
    }
    if rma.status == Status.AUTHORIZED and rma.method == "keep":
        return _("Approved. Keep it.")
    return words[Status(rma.status)]


def answer(rma: Return, doc: Doc) -> str:
    """What the headline means for the customer, in one sentence."""
    if rma.status == Status.DECLINED:
        return rma.decline_message or " ".join(dict.fromkeys(_explanations(doc)))
    if rma.status == Status.EXPIRED:
        return _("Nothing came in time. Already sent it? Show us the proof of posting and we open it again.")
    if rma.status == Status.REQUESTED:
        return _("You hear from us by e-mail.")
    if rma.status in FREE or rma.status == Status.RESOLVED or rma.refund_due_on is None:
        return ""
    return format_html(_("Due by {day} at the latest."), day=date_day(rma.refund_latest_on or rma.refund_due_on))


def _explanations(doc: Doc) -> list[str]:
    return [item["decision"]["explanation"] for item in doc["items"] if item["decision"]]


def amount(rma: Return, doc: Doc) -> int | None:
    """The one number: what is decided or paid, else what is expected; none when nothing will be. Minor units."""
    swap = exchange_in(doc)
    if swap is not None:
        return parse(swap["due"], rma.currency) or parse(swap["refund"], rma.currency) or None
    decided = _decided(doc)
    if decided:
        return sum(parse(row["total"], rma.currency) for row in decided)
    return rma.expected if rma.status not in (*FREE, Status.RESOLVED) else None


def exchange_in(doc: Doc) -> Doc | None:
    """The exchange that a return ends in, unless it was given up."""
    rows = [row for row in doc.get("exchanges", []) if row["status"] not in ("cancelled", "converted")]
    return rows[-1] if rows else None


def exchange_card(doc: Doc) -> Context | None:
    """How the replacement stands: what it is, what is still to pay and where, and its parcel."""
    swap = exchange_in(doc)
    if swap is None:
        return None
    asked = [row for row in swap["charges"] if row["status"] == "open"]
    words = {
        "awaiting_goods": _("It leaves when your parcel is here and checked."),
        "awaiting_payment": _("It leaves as soon as this is paid."),
        "ready": _("We pack it now."),
        "shipped": _("It is on its way to you."),
    }
    return {
        "titles": [
            f"{row['quantity']} × {row['title']}" if row["quantity"] > 1 else row["title"] for row in swap["lines"]
        ],
        "text": words[swap["status"]],
        "asked": [
            {
                "amount": parse(row["amount"], row["currency"]),
                "url": row["url"] or "",
                "is_deposit": row["purpose"] == "deposit",
            }
            for row in asked
        ],
        "tracking": (swap["shipping"] or {}).get("tracking_number", ""),
        "refund": parse(swap["refund"], swap["currency"]),
    }


def _decided(doc: Doc) -> list[Doc]:
    """What stands: neither turned down, nor taken back, nor waiting for a second person, who may still turn it down."""
    gone = {row["reverses"] for row in doc["reimbursements"]} - {None}
    return [
        row
        for row in doc["reimbursements"]
        if row["status"] not in ("rejected", "awaiting_approval") and not row["reverses"] and row["id"] not in gone
    ]


def todo(rma: Return, token: str, has_label: bool) -> Context:
    """Whether the customer has to do anything, and with what in hand."""
    if rma.status != Status.AUTHORIZED or rma.method == "keep":
        return {"title": _("Nothing for you to do"), "text": _("We write to you when something happens.")}
    until = format_html(_("By {day}. Put everything in that belongs to it."), day=date_day(rma.expires_at))
    context: Context = {
        "tone": "you",
        "title": _("Pack it and send it"),
        "text": until if rma.expires_at else "",
    }
    if rma.method == "in_store":
        return context | {"title": _("Bring it to the shop"), "text": until if rma.expires_at else ""}
    if not has_label:
        pending = rma.method in SENT_BY_LABEL
        return context | ({"text": _("Your label is being made. It appears here in a minute.")} if pending else {})
    context["label_url"] = reverse("portal:label", args=[token])
    if rma.method != "label":
        context["qr_url"] = reverse("portal:qr", args=[token])
    return context


def done(rma: Return, doc: Doc, token: str, has_label: bool) -> Context:
    """The page right after asking."""
    sent = todo(rma, token, has_label)
    waits_for_label = rma.status == Status.AUTHORIZED and rma.method in SENT_BY_LABEL and not has_label
    return {
        "code": rma.code,
        "status": rma.status,
        "headline": headline(rma),
        "by": rma.expires_at if rma.status == Status.AUTHORIZED and rma.method != "keep" else None,
        "explanation": "" if rma.status == Status.AUTHORIZED else answer(rma, doc),
        "email": masked(rma.order.email),
        "qr_url": sent.get("qr_url", ""),
        "label_url": sent.get("label_url", ""),
        "label_pending": waits_for_label,
        "tracking_url": reverse("portal:tracking", args=[token]),
        "checklist": _checklist(rma, doc),
        "steps": steps(rma),
    }


def masked(email: str) -> str:
    """An address that its owner recognises and nobody else learns."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}•••{at}{domain}" if at else ""


def _checklist(rma: Return, doc: Doc) -> list[str]:
    if rma.status != Status.AUTHORIZED or rma.method == "keep":
        return []
    rows = [(item["quantity"]["authorized"], _name(item)) for item in doc["items"]]
    things = [f"{count} × {title}" if count > 1 else title for count, title in rows if count]
    return [
        *things,
        _("Tags, manuals and everything that came with it"),
        _("Any box will do, closed with tape"),
    ]


def tracking(rma: Return, doc: Doc, token: str, has_label: bool) -> Context:
    """The page behind the return's link."""
    pictures = {line.external_id: line.image_url for line in OrderLine.objects.filter(order=rma.order_id)}
    notes = rma.notes.filter(visible_to_customer=True).order_by("pk")
    payout = _payout(doc, token)
    return {
        "code": rma.code,
        "status": rma.status,
        "headline": headline(rma),
        "amount": amount(rma, doc),
        "currency": rma.currency,
        "answer": answer(rma, doc),
        "todo": _account_first(todo(rma, token, has_label), payout),
        "findings": _findings(doc, pictures),
        "slip": _slip(rma, doc),
        "vouchers": vouchers(doc),
        "payout": payout if payout and payout["account"] else None,
        "exchange": exchange_card(doc),
        "steps": steps(rma),
        "notes": [{"text": note.text, "at": note.created_at, "by": note.author} for note in notes],
        "items_for_photos": [{"key": item["id"], "title": _name(item)} for item in doc["items"]],
    }


def _payout(doc: Doc, token: str) -> Context | None:
    """The account that a bank transfer waits to be paid to, masked, and where the customer gives or changes it."""
    for row in doc["reimbursements"]:
        if row["account_wanted"]:
            return {"account": row["payout"] or "", "url": reverse("portal:account", args=[token])}
    return None


def _account_first(sent: Context, payout: Context | None) -> Context:
    """What is to do once the goods are with us: an account that nobody knows holds the money up."""
    if payout is None or payout["account"] or sent.get("tone") == "you":
        return sent
    text = _("We pay by bank transfer and do not know your account yet.")
    return {"tone": "you", "title": _("Where should your money go?"), "text": text, "account_url": payout["url"]}


def vouchers(doc: Doc) -> list[Context]:
    """Codes that the customer has of this return: store credit with its balance page, and coupons."""
    credits = [row["store_credit"] for row in _decided(doc) if row["store_credit"]]
    rows = [
        {"title": _("Store credit"), "code": row["code"], "until": row["expires_on"], "url": f"/credit/{row['code']}"}
        for row in credits
    ]
    rows += [{"title": row["worth"], "code": row["code"], "until": row["valid_until"]} for row in doc["coupons"]]
    return [row | {"until": row["until"] and date.fromisoformat(row["until"])} for row in rows]


def _findings(doc: Doc, pictures: dict[str, str]) -> list[Context]:
    """What the bench found, each with its photos; nothing before somebody looked."""
    by_id = {item["id"]: item for item in doc["items"]}
    wanted = {uid for row in doc["inspections"] for uid in row["photos"]}
    photos = {str(photo.uid): photo for photo in Photo.objects.filter(uid__in=wanted)} if wanted else {}
    return [
        {
            "title": _name(by_id[row["item"]]),
            "sub": _("Grade %(grade)s, %(words)s") % {"grade": row["grade"], "words": grade_word(row["grade"])},
            "image": pictures.get(by_id[row["item"]]["line"], ""),
            "outcome": row["outcome"],
            "text": row["note"],
            **_taken_off(row, doc),
            "photos": [_photo(photos[uid], row["note"]) for uid in row["photos"] if uid in photos],
        }
        for row in doc["inspections"]
    ]


def _taken_off(finding: Doc, doc: Doc) -> Context:
    """What was kept because of a finding, minor units, and why."""
    lines = [
        (parse(line["gross"], row["currency"], allow_negative=True), line["reason"])
        for row in _decided(doc)
        for line in row["lines"]
        if line["kind"] == "deduction" and (line["evidence"] or {}).get("inspection") == finding["id"]
    ]
    said = [reason for _amount, reason in lines if reason and reason != finding["note"]]
    return {"deduction": sum(amount for amount, _reason in lines), "deduction_text": ", ".join(dict.fromkeys(said))}


def _photo(photo: Photo, note: str) -> Context:
    return {
        "url": photo_url(photo),
        "thumbnail_url": photo_url(photo, thumbnail=True),
        "alt": photo.caption or note or _("Photo from the inspection"),
        "caption": photo.caption,
        "at": photo.created_at,
    }


def _slip(rma: Return, doc: Doc) -> Context | None:
    """The newest reimbursement line by line."""
    rows = _decided(doc)
    if not rows:
        return None
    titles = {item["id"]: _name(item) for item in doc["items"]}
    lines = [
        {
            "label": titles.get(line["item"]) if line["kind"] == "item" else line_word(line["kind"]),
            "note": _why(line, titles),
            "amount": parse(line["gross"], rma.currency, allow_negative=True),
            "tone": "off" if line["gross"].startswith("-") else "",
        }
        for row in rows
        for line in row["lines"]
    ]
    total = sum(parse(row["total"], rma.currency) for row in rows)
    tax = sum(parse(row["tax"], rma.currency, allow_negative=True) for row in rows)
    credit = all(row["tender"] == "store_credit" for row in rows)
    foot = format_html(_("Includes {amount} VAT."), amount=money(tax, rma.currency)) if tax > 0 else ""
    words = _("Store credit") if credit else _("Back the way you paid")
    if all(row["tender"] == "exchange" for row in rows):
        words = _("Kept for your replacement")
    return {"lines": lines, "sum_label": words, "sum_amount": total, "foot": foot}


def _why(line: Doc, titles: dict[str, str]) -> str:
    """For which item a line is that no item line is, and why."""
    if line["kind"] == "item":
        return ""
    return ": ".join(filter(None, [titles.get(line["item"], ""), line["reason"]]))


def steps(rma: Return) -> list[Context]:
    """Facts from the log, solid; then what is promised, dashed and with a date where one binds us."""
    facts = [_fact(event) for event in Event.objects.filter(rma=rma).order_by("pk") if event_for_customer(event.kind)]
    ahead = promises(rma)
    if len(facts) > MAX_FACTS:
        facts = [facts[0], *facts[-(MAX_FACTS - 1) :]]
    if ahead and facts:
        facts[-1]["before_next"] = True
    return [*facts, *ahead]


def _fact(event: Event) -> Context:
    kind = event.kind
    return {
        "what": event_for_customer(kind),
        "when": date_time(event.at),
        "mark": event_mark(kind),
        "icon": event_icon(kind),
    }


def promises(rma: Return) -> list[Context]:
    """What comes next for an open return."""
    order = [Status.REQUESTED, Status.AUTHORIZED, Status.IN_TRANSIT, Status.RECEIVED, Status.INSPECTED]
    stands = Status.RECEIVED if rma.status == Status.PARTIALLY_RECEIVED else rma.status
    if stands not in order:
        return []
    at = order.index(Status(stands))
    rows: list[tuple[int, str, SafeString | str]] = [(0, _("We answer"), "")]
    if rma.method != "keep":
        rows += [(1, _("You send it"), _by(rma.expires_at)), (3, _("We check it"), "")]
    rows.append((4, _("Your money"), _by(rma.refund_latest_on or rma.refund_due_on)))
    return [
        {"what": what, "when": when, "mark": "is-next"}
        for step, what, when in rows
        if step >= at and not (step == 1 and at > 1)
    ]


def _by(day: date | datetime | None) -> SafeString | str:
    return format_html(_("by {day}"), day=date_day(day)) if day else ""
