"""What /eligibility answers is what POST /returns then decides: for any order, reason, resolution, date and policy."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from customers.pricing import EXCLUSIONS
from returns.policy.reasons import BASES, CUSTOMER_KINDS, METHODS, REASONS, RESOLUTIONS, SALE_CHANNELS
from tests.builders import NUMBERS, Api, Json, api_client, days_ago, order_document

pytestmark = pytest.mark.django_db

FULL = bool(os.environ.get("FULL"))
HOMES = {
    "PL": ("Europe/Warsaw", "PLN"), "DE": ("Europe/Berlin", "EUR"), "GB": ("Europe/London", "GBP"),
    "IL": ("Asia/Jerusalem", "ILS"), "US": ("America/New_York", "USD"), "JP": ("Asia/Tokyo", "JPY"),
}  # fmt: skip
POLICIES: list[Json] = [
    {},
    {"label_fee": {"gross": "4.99"}, "fee": {"percent": 15, "fixed": "1.00"}, "fee_waived_for": ["defective"]},
    {"decision": "decline", "message": "Final sale."},
    {"decision": "review", "resolutions": ["exchange"], "methods": ["keep", "own_carrier"]},
    {"rules": [
        {"name": "Risky", "when": {"risk_at_least": "medium"}, "then": {"decision": "review"}},
        {"name": "Sale", "when": {"tags_any": ["sale"], "reasons_not": ["defective"]}, "then": {"decision": "decline"}},
        {"name": "Old", "when": {"days_since_delivery_over": 20}, "then": {"fee": {"percent": 30}}},
    ]},
]  # fmt: skip
FACTS = ("seal_broken", "used", "damaged", "tag_on")


def some(words: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(list(words))


@st.composite
def orders(draw: st.DrawFn) -> Json:
    """An order of up to two lines or a kit, somewhere between not sent and delivered years ago."""
    country = draw(some(HOMES))
    zone, currency = HOMES[country]
    age = draw(st.sampled_from([0, 1, 3, 5, 12, 14, 15, 29, 31, 60, 366, 740, 1200]))
    price = draw(st.sampled_from(["9", "49", "101", "3100"])) + ("" if currency == "JPY" else ".00")
    line = {
        "id": "A", "sku": "A", "quantity": draw(st.integers(1, 3)), "unit_price": price, "tax_rate": "0.23",
        "exclusions": draw(st.one_of(st.just([]), st.just([]), some(EXCLUSIONS).map(lambda each: [each]))),
        "tags": draw(st.sampled_from([[], ["sale"]])),
        "legal_group": draw(st.sampled_from([None, None, "il_clothing_footwear", "il_electronics", "il_jewellery"])),
    }  # fmt: skip
    lines = [line, {"id": "B", "sku": "B", "quantity": 2, "unit_price": price}][: draw(st.integers(1, 2))]
    if draw(st.booleans()):
        part = {"unit_price": "0" if currency == "JPY" else "0.00", "parent": "A", "quantity": line["quantity"]}
        lines += [{**part, "id": "A1", "sku": "A1"}, {**part, "id": "A2", "sku": "A2"}]
    told = draw(st.sampled_from([None, *[days_ago(age + 4)] * 3]))
    yes_no = st.sampled_from([None, True, False])
    return order_document(
        *lines,
        currency=currency,
        sale_channel=draw(some([*SALE_CHANNELS, *["distance"] * 3])),
        placed_at=days_ago(age + 4),
        customer={
            "email": draw(st.sampled_from(["often@example.com", "other@example.com"])), "name": "A. B.",
            "kind": draw(some([*CUSTOMER_KINDS, *["consumer"] * 4])),
            "protected_person": draw(st.sampled_from([None, {"type": "senior", "verified_on": "2026-01-01"}])),
        },
        ship_to={"line1": "1", "city": "C", "country": country, "time_zone": draw(st.sampled_from([zone, None]))},
        deliveries=draw(deliveries(lines, age)),
        contract={"withdrawal_information_given_at": told, "regular_delivery": draw(yes_no),
                  "had_conversation": draw(yes_no), "collection_offered": draw(yes_no)},
    )  # fmt: skip


@st.composite
def deliveries(draw: st.DrawFn, lines: list[Json], age: int) -> list[Json] | None:
    """Unknown, none, sent, or all or a part of it handed over."""
    kind = draw(st.sampled_from(["unknown", "none", "sent", "part", "part", *["all"] * 7]))
    if kind in ("unknown", "none"):
        return None if kind == "unknown" else []
    units = {row["id"]: 1 if kind == "part" else row["quantity"] for row in lines if not row.get("parent")}
    when = None if kind == "sent" else days_ago(age)
    return [{"id": "D", "lines": units, "shipped_at": days_ago(age + 2), "delivered_at": when}]


@st.composite
def requests(draw: st.DrawFn) -> Json:
    """What is asked of an order that has these lines."""
    wish = st.fixed_dictionaries(
        {"quantity": st.integers(1, 3), "reason": some(REASONS)},
        optional={
            "resolution": some(RESOLUTIONS),
            "answers": st.dictionaries(some(FACTS), st.booleans(), max_size=2),
        },
    )
    asked = st.fixed_dictionaries({}, optional={"resolution": some(RESOLUTIONS), "basis_claimed": some(BASES)})
    return draw(asked) | {
        "wishes": draw(st.lists(wish, min_size=1, max_size=2)),
        "method": draw(st.none() | st.none() | some(METHODS)),
    }


def body_of(order: Json, asked: Json) -> Json:
    """The same body for both operations."""
    rows = [row for row in order["lines"] if not row.get("parent")]
    items = [
        {**wish, "line": row["id"], "quantity": min(wish["quantity"], row["quantity"])}
        for wish, row in zip(asked["wishes"], rows, strict=False)
    ]
    rest = {name: value for name, value in asked.items() if name != "wishes"}
    return {"order": {"channel": order["channel"], "number": order["number"]}, "items": items, **rest}


class Sides:
    """A shop with both doors, whose policy changes only when another one is asked for."""

    def __init__(self) -> None:
        self.api: Api = api_client("admin")
        self.live: tuple[int, bool, bool] | None = None

    def follow(self, number: int, honour: bool, trial: bool) -> None:
        """Put one of the policies in force, or on trial with half of the customers."""
        if self.live == (number, honour, trial):
            return
        for row in self.api.get("/policies?status=trial").ok()["results"]:
            self.api.post(f"/policies/{row['id']}/stop").ok()
        defaults = dict(POLICIES[number])
        document = {"rules": defaults.pop("rules", []), "defaults": defaults, "honour_terms_at_purchase": honour}
        made = self.api.post("/policies", document).made()
        self.api.post(f"/policies/{made['id']}/{'trial' if trial else 'publish'}", {"share": 50} if trial else {}).ok()
        self.live = (number, honour, trial)


@pytest.fixture
def sides() -> Sides:
    return Sides()


@settings(
    max_examples=1000 if FULL else 60, deadline=None, derandomize=not FULL,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(orders(), requests(), st.integers(0, len(POLICIES) - 1), st.booleans(), st.booleans())
def test_both_doors_decide_alike(
    sides: Sides, order: Json, asked: Json, number: int, honour: bool, trial: bool
) -> None:
    sides.follow(number, honour, trial)
    order["number"] = f"{order['number']}-{next(NUMBERS)}"
    sides.api.post("/orders", order).made()
    body = body_of(order, asked)
    answer = sides.api.post("/eligibility", body).ok()
    made = sides.api.post("/returns", body)
    event(f"{made.status}")
    if made.status == 422:
        refused_alike(answer, made.refused(422, "not_eligible"), body)
        return
    rma = made.made()
    decided_alike(answer, rma)
    assert rma["status"] == status_of([item["outcome"] for item in answer["items"]])
    assert Decimal(rma["amounts"]["expected"]) == promised(answer)


def decided_alike(answer: Json, rma: Json) -> None:
    for said, item in zip(answer["items"], rma["items"], strict=True):
        done = item["decision"]
        event(f"{done['outcome']} {done['basis']}")
        for name in ("outcome", "basis", "codes", "explanation"):
            assert said[name] == done[name], name
    laws = [item["law"] for item in answer["items"]]
    if len(laws) == 1 and laws[0]["right"] == "accept" and laws[0]["refund_due"] and rma["status"] == "authorized":
        event("refund due")  # where the clock runs from the agreement, it runs only once there is one
        due = rma["refund_due"]
        assert (due["operational"], due["latest"]) == (laws[0]["refund_due"], laws[0]["refund_latest"])
        assert due["withhold"] == laws[0]["withhold"]


def refused_alike(answer: Json, problem: Json, body: Json) -> None:
    """A request is refused for units that have not left, and for a way back that is not offered."""
    pointer = problem["errors"][0]["pointer"]
    if pointer == "/method":
        assert any(body["method"] not in item["methods"] for item in answer["items"])
        return
    number = int(pointer.split("/")[2])
    assert (answer["items"][number]["outcome"], answer["items"][number]["codes"][0]) == ("declined", "not_delivered")


def status_of(outcomes: list[str]) -> str:
    if "review" in outcomes:
        return "requested"
    return "authorized" if "authorized" in outcomes else "declined"


def promised(answer: Json) -> Decimal:
    """What is quoted for the goods themselves, fees taken off; delivery is counted when the money goes."""
    kinds = ("item", "restocking_fee", "label_fee")
    lines = [line for line in answer["quote"]["lines"] if line["kind"] in kinds and not line["shipping"]]
    return sum((Decimal(line["gross"]) for line in lines), Decimal(0))
