"""Facts about orders and policies in the form that decisions take, and finding returns."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from django.db.models import Case, OuterRef, Q, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.problems import NotFound
from customers.models import Customer, Order, OrderLine
from customers.money import parse
from returns.codes import clean_code
from returns.models import Return, ReturnItem, ReturnPolicy
from returns.models.rma import FREE
from returns.policy.assignment import is_assigned
from returns.policy.document import Policy, load
from returns.policy.facts import LineFacts, OrderFacts, Parcel
from returns.policy.floor_report import Finding, floor_report
from returns.policy.law import LawFacts, book

# what may still be changed, or may become a draft again
UNDECIDED = (ReturnPolicy.State.DRAFT, ReturnPolicy.State.SCHEDULED)


@lru_cache(maxsize=256)
def _loaded(pk: int, uid: uuid.UUID) -> Policy:
    """A version is immutable once published, so it is read once."""
    return load(ReturnPolicy.objects.only("document").get(pk=pk).document)


def policy_of(row: ReturnPolicy) -> Policy:
    """The policy in its frozen form."""
    return load(row.document) if row.state in UNDECIDED else _loaded(row.pk, row.uid)


@lru_cache(maxsize=512)
def _reported(pk: int, uid: uuid.UUID) -> tuple[Finding, ...]:
    return tuple(floor_report(_loaded(pk, uid)))


def floor_findings(row: ReturnPolicy) -> tuple[Finding, ...]:
    """Where a version lies below the law; worked out once for what never changes."""
    if row.state in UNDECIDED:
        return tuple(floor_report(policy_of(row)))
    return _reported(row.pk, row.uid)


def _started() -> Q:
    """In force, or due to be since a moment ago: the state follows within seconds, the start counts to the instant."""
    due = Q(state=ReturnPolicy.State.SCHEDULED, starts_at__lte=timezone.now())
    return Q(state=ReturnPolicy.State.PUBLISHED) | due


def published_policy(shop_id: int) -> ReturnPolicy:
    """The version in force for a shop; a shop without one of its own follows the main shop's."""
    rows = ReturnPolicy.objects.filter(Q(shop_id=shop_id) | Q(shop__code="main"), _started())
    return _in_force(shop_id, list(rows.defer("document")))


def policy_for(shop_id: int, customer: Customer) -> tuple[ReturnPolicy, ReturnPolicy | None]:
    """The version that decides for a customer, and the trial that is on in the shop, whoever it decides for."""
    deciding = _started() | Q(state=ReturnPolicy.State.TRIAL)
    rows = list(ReturnPolicy.objects.filter(Q(shop_id=shop_id) | Q(shop__code="main"), deciding).defer("document"))
    trial = next((row for row in rows if row.shop_id == shop_id and row.state == ReturnPolicy.State.TRIAL), None)
    if trial is not None and is_assigned(str(trial.uid), str(customer.uid), trial.share or 0):
        return trial, trial
    return _in_force(shop_id, [row for row in rows if row.state != ReturnPolicy.State.TRIAL]), trial


def is_trial_on(shop_id: int) -> bool:
    """Whether some customers of a shop are decided by a version on trial."""
    return ReturnPolicy.objects.filter(shop_id=shop_id, state=ReturnPolicy.State.TRIAL).exists()


def _in_force(shop_id: int, found: list[ReturnPolicy]) -> ReturnPolicy:
    own = [row for row in found if row.shop_id == shop_id]
    if not found:
        raise NotFound(_("No policy is published. Publish one under Policy."))
    return max(own or found, key=lambda row: row.starts_at or row.created_at)


def policy_at(shop_id: int, moment: datetime) -> Policy | None:
    """The version that was in force for a shop at an instant, None when there was none of its own."""
    rows = ReturnPolicy.objects.filter(shop_id=shop_id, starts_at__lte=moment, share=None).order_by(
        "-starts_at", "-version"
    )
    row = rows.defer("document").first()
    return policy_of(row) if row is not None else None


def policy_on(shop_id: int, moment: datetime) -> ReturnPolicy:
    """The version that decided for everybody in a shop at an instant, or will as far as is known today; a shop without
    one of its own then follows the main shop's, and before its first version the one in force today stands in.

    Raises NotFound.
    """
    rows = ReturnPolicy.objects.filter(Q(shop_id=shop_id) | Q(shop__code="main"), starts_at__lte=moment, share=None)
    if moment >= timezone.now():
        rows = rows.exclude(state=ReturnPolicy.State.RETIRED)
    own_first = Case(When(shop_id=shop_id, then=0), default=1)
    row = rows.order_by(own_first, "-starts_at", "-version").defer("document").first()
    return row or published_policy(shop_id)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def order_facts(order: Order, document: Mapping[str, Any]) -> OrderFacts:
    """What a decision looks at in an order; `document` is the version that counts."""
    customer, ship_to = document.get("customer") or {}, document.get("ship_to") or {}
    deliveries = document.get("deliveries")
    return OrderFacts(
        currency=order.currency,
        placed_at=order.placed_at,
        total=order.total,
        shop=order.shop.code,
        channel=order.channel.code,
        sale_channel=order.sale_channel,
        customer_kind=customer.get("kind"),
        customer_tags=frozenset(customer.get("tags") or ()),
        country=ship_to.get("country"),
        time_zone=ship_to.get("time_zone"),
        payment_kinds=frozenset(payment.get("kind") or "other" for payment in document.get("payments") or ()),
        parcels=None if deliveries is None else tuple(_parcel(row, document) for row in deliveries),
    )


def _parcel(row: Mapping[str, Any], document: Mapping[str, Any]) -> Parcel:
    """A delivery; a kit travels with its components, whichever of the two it names."""
    lines = set(row["lines"])
    for line in document["lines"]:
        if line.get("parent") in row["lines"]:
            lines.add(line["id"])
        elif line["id"] in row["lines"] and line.get("parent"):
            lines.add(line["parent"])
    return Parcel(frozenset(lines), _instant(row.get("shipped_at")), _instant(row.get("delivered_at")))


def line_facts(line: OrderLine, document: Mapping[str, Any]) -> LineFacts:
    """What a decision looks at in a line; the unit price is what was paid, gross, rounded down."""
    sold: Mapping[str, Any] = next((row for row in document["lines"] if row["id"] == line.external_id), {})
    return LineFacts(
        id=line.external_id,
        sku=line.sku,
        unit_price=line.gross // line.quantity,
        category=line.category or None,
        tags=frozenset(line.tags),
        supplier=sold.get("supplier"),
    )


class PaidShipping(Protocol):
    """A delivery charge with what was paid and what the cheapest standard way would have cost, minor units gross."""

    @property
    def gross(self) -> int: ...
    @property
    def cheapest_standard(self) -> int | None: ...


def law_facts(
    document: Mapping[str, Any],
    line_id: str,
    *,
    shipping: Iterable[PaidShipping] = (),
    quantity: int = 1,
    told: Mapping[str, Any] | None = None,
) -> LawFacts:
    """What the law looks at beside order and line, from the document; `told` is what the customer or caller adds.

    This is the only reader of these facts, for requests, statements of withdrawal and questions alike. They are read
    for the newest version of the law and name it, so that what is stored of them replays under it.
    """
    contract, ship_to = document.get("contract") or {}, document.get("ship_to") or {}
    sold: Mapping[str, Any] = next((row for row in document["lines"] if row["id"] == line_id), {})
    protected = (document.get("customer") or {}).get("protected_person")
    charges = [(row.gross, row.cheapest_standard) for row in shipping]
    known = any(cheapest is not None for _paid, cheapest in charges)
    proven = contract.get("proven_processing_fee")
    cheapest = sum(paid if least is None else min(paid, least) for paid, least in charges)
    facts = LawFacts(
        region=ship_to.get("region"),
        legal_group=sold.get("legal_group"),
        exclusions=frozenset(sold.get("exclusions") or ()),
        protected_person=None if protected is None else True,
        had_conversation=contract.get("had_conversation"),
        unsolicited_visit=contract.get("unsolicited_visit"),
        regular_delivery=contract.get("regular_delivery"),
        collection_offered=contract.get("collection_offered"),
        policy_displayed=contract.get("policy_displayed"),
        information_given_at=_instant(contract.get("withdrawal_information_given_at")),
        shipping_paid=sum(paid for paid, _least in charges),
        cheapest_standard=cheapest if known else None,
        proven_processing_fee=None if proven is None else parse(proven, document["currency"]),
        quantity=quantity,
        law_version=book().version,
    )
    return replace(facts, **{name: value for name, value in (told or {}).items() if value is not None})


def lines_of(order_id: int) -> list[OrderLine]:
    """The lines of an order in its sequence, each with the repair that was agreed for it before, in one statement."""
    asked = Q(resolution="repair") | Q(resolution="", rma__resolution="repair")
    agreed = ReturnItem.objects.filter(asked, line=OuterRef("pk"), rma__decided_at__isnull=False)
    last = agreed.exclude(rma__status__in=FREE).order_by("-rma__decided_at")
    rows = OrderLine.objects.filter(order=order_id).annotate(
        repair_chosen_at=Subquery(last.values("rma__decided_at")[:1]),
        repair_ended_at=Subquery(last.values("rma__resolved_at")[:1]),
    )
    return list(rows.order_by("position"))


def repairs_told(line: OrderLine) -> dict[str, datetime]:
    """What the law looks at of the repair before, of a line from `lines_of`; nothing for one from elsewhere."""
    known = {name: getattr(line, name, None) for name in ("repair_chosen_at", "repair_ended_at")}
    return {name: at for name, at in known.items() if at is not None}


# what a customer may say of the goods, in the answers to a request
DECLARED = ("seal_broken", "used", "damaged", "tag_on")


def declared(answers: Mapping[str, Any]) -> dict[str, bool]:
    """The facts about the goods among the answers of a request."""
    return {name: answers[name] for name in DECLARED if isinstance(answers.get(name), bool)}


def find_return(code: str, actor: Any, shape: Callable[[Any], Any] | None = None) -> Return:
    """The return with this code that the actor may see, annotated by `shape`.

    Raises NotFound, alike for none and for somebody else's.
    """
    cleaned = clean_code(code)
    rows = Return.objects.visible_to(actor).select_related("order", "shop", "channel", "customer")
    rows = shape(rows) if shape else rows
    found: Return | None = rows.filter(code=cleaned).first() if cleaned else None
    if found is None:
        raise NotFound(_("There is no return %(code)s.") % {"code": code[:40]})
    return found


def search(rows: Any, text: str) -> Any:
    """Returns that match anything a person may type: RMA, order, e-mail, name, SKU, tracking number."""
    text = text.strip()
    code = clean_code(text)
    if code and rows.filter(code=code).exists():
        return rows.filter(code=code)
    words = text.lower().split()[:6]
    for word in words:
        rows = rows.filter(search_text__contains=word)
    return rows


def search_text(rma: Return, lines: list[OrderLine], tracking: str = "") -> str:
    """The lower-case text that search looks through; erasure clears it."""
    order = rma.order
    parts = [rma.code, rma.code.replace("-", ""), order.number, order.email, order.phone, order.name]
    parts += [f"{line.sku} {line.title}" for line in lines]
    return " ".join(filter(None, [*parts, tracking])).lower()[:2000]
