"""Every operation of the API with the scope that the contract names, and a world of objects to try them on."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image

from accounts.actors import SYSTEM_ACTOR
from customers.models import Shop
from refunds.actions.register import enter_returns_of
from refunds.models import RegisterEntry
from returns.models import Return
from tests.builders import (
    Api,
    Json,
    ask,
    command,
    inspect,
    label,
    order_document,
    place,
    receive,
    reimburse,
    review,
    whole_life,
)

NOBODY = "00000000-0000-4000-8000-000000000000"
NO_RMA = "RMA-2222-2222"


@dataclass(frozen=True)
class Operation:
    """One method on one path; `about` names the kind of object that the path is about."""

    method: str
    path: str
    scope: str
    about: str = ""
    form: bool = False

    def on(self, ids: dict[str, str]) -> str:
        """The path for these objects."""
        return self.path.format(**ids)


def _op(method: str, path: str, scope: str, about: str = "", *, form: bool = False) -> Operation:
    return Operation(method, path, scope, about, form)


OPERATIONS = [
    _op("GET", "/orders", "orders:read"),
    _op("POST", "/orders", "orders:write"),
    _op("POST", "/orders/import", "orders:write", form=True),
    _op("GET", "/orders/{order}", "orders:read", "order"),
    _op("GET", "/orders/{order}/refundable", "refunds:read", "order"),
    _op("POST", "/orders/{order}/goodwill", "refunds:write", "order"),
    _op("POST", "/orders/{order}/goodwill/preview", "refunds:read", "order"),
    _op("GET", "/jobs/{job}", "orders:read", "job"),
    _op("GET", "/products", "orders:read"),
    _op("POST", "/products", "orders:write"),
    _op("GET", "/returns", "returns:read"),
    _op("POST", "/returns", "returns:write"),
    _op("GET", "/returns/{rma}", "returns:read", "rma"),
    _op("GET", "/returns/{rma}/events", "returns:read", "rma"),
    *(
        _op("POST", f"/returns/{{rma}}/{verb}", "returns:write", "rma")
        for verb in ("authorize", "decline", "cancel", "close-short", "lost", "keep", "close", "reopen", "notes")
    ),
    _op("POST", "/returns/{rma}/shipments", "returns:write", "rma"),
    _op("POST", "/returns/{rma}/own-shipment", "returns:write", "rma"),
    _op("GET", "/shipments/{shipment}", "returns:read", "shipment"),
    *(
        _op("GET", f"/shipments/{{shipment}}/label.{kind}", "returns:read", "shipment")
        for kind in ("pdf", "zpl", "png")
    ),
    _op("POST", "/shipments/{shipment}/void", "returns:write", "shipment"),
    _op("POST", "/shipments/{shipment}/tracking", "returns:write", "shipment"),
    _op("POST", "/returns/{rma}/photos", "warehouse:write", "rma", form=True),
    _op("POST", "/returns/{rma}/receipts", "warehouse:write", "rma"),
    _op("POST", "/returns/{rma}/inspections", "warehouse:write", "rma"),
    _op("GET", "/receipts", "warehouse:read"),
    _op("POST", "/receipts", "warehouse:write"),
    _op("POST", "/receipts/lookup", "warehouse:read"),
    _op("POST", "/receipts/{receipt}/match", "warehouse:write", "receipt"),
    _op("POST", "/receipts/{receipt}/photos", "warehouse:write", "receipt", form=True),
    _op("POST", "/inspections/{inspection}/disposition", "warehouse:write", "inspection"),
    _op("GET", "/locations", "warehouse:read"),
    _op("POST", "/locations", "warehouse:write"),
    _op("GET", "/stock-movements", "warehouse:read"),
    _op("POST", "/returns/{rma}/reimbursements", "refunds:write", "rma"),
    _op("POST", "/returns/{rma}/reimbursements/preview", "refunds:read", "rma"),
    _op("POST", "/returns/{rma}/price-reduction", "refunds:write", "rma"),
    _op("POST", "/returns/{rma}/price-reduction/preview", "refunds:read", "rma"),
    _op("POST", "/reimbursements/{reimbursement}/approve", "refunds:write", "reimbursement"),
    _op("POST", "/reimbursements/{reimbursement}/reject", "refunds:write", "reimbursement"),
    _op("GET", "/reimbursements", "refunds:read"),
    _op("GET", "/reimbursements/{reimbursement}", "refunds:read", "reimbursement"),
    _op("POST", "/reimbursements/{reimbursement}/documents", "refunds:write", "reimbursement"),
    _op("GET", "/ledger", "refunds:read"),
    _op("GET", "/ledger/totals", "refunds:read"),
    _op("GET", "/register", "refunds:read"),
    _op("GET", "/register/{entry}/protocol.pdf", "refunds:read", "entry"),
    _op("GET", "/refunds/{refund}", "refunds:read", "refund"),
    _op("POST", "/refunds/{refund}/mark-paid", "refunds:write", "refund"),
    _op("POST", "/refunds/{refund}/retry", "refunds:write", "refund"),
    _op("POST", "/refunds/{refund}/pay-otherwise", "refunds:write", "refund"),
    _op("POST", "/reimbursements/{reimbursement}/payout", "refunds:write", "reimbursement"),
    _op("GET", "/payout-files", "refunds:read"),
    _op("POST", "/payout-files", "refunds:write"),
    _op("GET", "/payout-files/{file}", "refunds:read", "file"),
    _op("GET", "/payout-files/{file}/content", "refunds:write", "file"),
    _op("POST", "/payout-files/{file}/paid", "refunds:write", "file"),
    _op("POST", "/payout-files/{file}/cancel", "refunds:write", "file"),
    _op("GET", "/coupons/pools", "refunds:read"),
    _op("POST", "/coupons/pools", "refunds:write"),
    _op("POST", "/coupons/pools/{pool}/codes", "refunds:write", "pool"),
    _op("POST", "/returns/{rma}/coupons", "refunds:write", "rma"),
    _op("GET", "/store-credits", "refunds:read"),
    _op("POST", "/store-credits", "refunds:write"),
    _op("GET", "/store-credits/{credit}", "refunds:read", "credit"),
    _op("GET", "/store-credits/{credit}/entries", "refunds:read", "credit"),
    _op("POST", "/store-credits/{credit}/redemptions", "refunds:write", "credit"),
    _op("POST", "/store-credits/{credit}/redemptions/{reference}/reverse", "refunds:write", "credit"),
    _op("POST", "/store-credits/{credit}/void", "refunds:write", "credit"),
    _op("POST", "/store-credits/{credit}/approve", "refunds:write", "credit"),
    _op("POST", "/store-credits/{credit}/cash-out", "refunds:write", "credit"),
    _op("POST", "/withdrawals", "returns:write"),
    _op("GET", "/withdrawals/{withdrawal}", "returns:read", "withdrawal"),
    _op("GET", "/withdrawals/{withdrawal}/proof", "returns:read", "withdrawal"),
    _op("GET", "/withdrawals/{withdrawal}/proof.pdf", "returns:read", "withdrawal"),
    _op("POST", "/returns/{rma}/exchange", "refunds:write", "rma"),
    _op("GET", "/exchanges", "refunds:read"),
    _op("GET", "/exchanges/{exchange}", "refunds:read", "exchange"),
    _op("POST", "/exchanges/{exchange}/ship", "warehouse:write", "exchange"),
    _op("POST", "/exchanges/{exchange}/cancel", "refunds:write", "exchange"),
    _op("POST", "/exchanges/{exchange}/convert", "refunds:write", "exchange"),
    _op("POST", "/charges/{charge}/paid", "refunds:write", "charge"),
    _op("POST", "/charges/{charge}/given-back", "refunds:write", "charge"),
    _op("POST", "/returns/{rma}/repairs", "warehouse:write", "rma"),
    _op("GET", "/repairs", "warehouse:read"),
    _op("GET", "/repairs/{repair}", "warehouse:read", "repair"),
    *(
        _op("POST", f"/repairs/{{repair}}/{verb}", "warehouse:write", "repair")
        for verb in ("start", "done", "failed", "ship")
    ),
    _op("GET", "/policies", "policy:read"),
    _op("POST", "/policies", "policy:write"),
    _op("POST", "/policies/check", "policy:read"),
    _op("GET", "/policies/{policy}", "policy:read", "policy"),
    _op("GET", "/policies/{policy}/changes", "policy:read", "policy"),
    *(
        _op("POST", f"/policies/{{policy}}/{verb}", "policy:write", "policy")
        for verb in ("publish", "restore", "trial", "stop")
    ),
    _op("GET", "/policies/{policy}/backtest", "policy:read", "policy"),
    _op("POST", "/policies/{policy}/backtest", "policy:write", "policy"),
    _op("POST", "/eligibility", "returns:write"),
]
NOTHING = {
    "order": NOBODY, "job": NOBODY, "rma": NO_RMA, "shipment": NOBODY, "receipt": NOBODY, "inspection": NOBODY,
    "reimbursement": NOBODY, "refund": NOBODY, "credit": "SC-2222-2222", "pool": "NONE", "policy": NOBODY,
    "entry": "999999999", "withdrawal": "WD-2222-2222-2222", "exchange": NOBODY, "charge": NOBODY, "repair": NOBODY,
    "file": NOBODY, "reference": "R1",
}  # fmt: skip


@dataclass
class World:
    """One object of every kind in a shop, and a body that each operation would take."""

    ids: dict[str, str]
    order: Json
    rma: Json
    bodies: dict[str, Any] = field(default_factory=dict)


def build_world(api: Api, shop: str = "main", channel: str = "web") -> World:
    """Live one return and then some in a shop."""
    Shop.objects.get_or_create(code=shop, defaults={"name": shop})
    review(api)
    order = place(api, shop=shop, channel=channel)
    rma = ask(api, order, ("A", 1))
    item = rma["items"][0]["id"]
    command(api, rma, "authorize")
    shipment = label(api, rma)
    receipt = receive(api, rma)
    inspection = inspect(api, rma)["inspections"][0]
    made = reimburse(api, rma)
    other = ask(api, order, ("A", 1), resolution="store_credit")
    command(api, other, "authorize")
    receive(api, other)
    inspect(api, other)
    credit = reimburse(api, other)["store_credit"]["code"]
    pool = {"code": f"SORRY-{shop}", "name": "Sorry", "worth": "5 EUR off", "shop": shop}
    api.post("/coupons/pools", pool).made()
    policy = api.post("/policies", {"name": "Draft", "shop": shop, "window": {"days": 1}}).made()
    job = api.send("POST", "/orders/import", b"", Content_Type="application/x-ndjson").ok(202)
    said = {"name": "A. Nowak", "contract": order["number"], "acknowledge_to": order["customer"]["email"],
            "items": ["the red one"]}  # fmt: skip
    withdrawal = api.post("/withdrawals", said).made()
    exchange, repair = _exchange(api, shop, channel), _repair(api, shop, channel)
    ids = {
        "entry": _entry(api, shop, channel), "file": _payout_file(api, shop, channel),
        "exchange": exchange["id"], "charge": exchange["charges"][0]["id"], "repair": repair["id"],
        "order": order["id"], "withdrawal": withdrawal["ref"], "job": job["id"], "rma": rma["rma"],
        "shipment": shipment["id"],
        "receipt": receipt["id"], "inspection": inspection["id"], "reimbursement": made["id"],
        "refund": made["refunds"][0]["id"], "credit": credit, "pool": pool["code"], "policy": policy["id"],
        "reference": "R1",
    }  # fmt: skip
    return World(ids, order, rma, bodies_for(order, rma, item))


def _exchange(api: Api, shop: str, channel: str) -> Json:
    """An exchange whose replacement leaves first, and its deposit."""
    api.post("/products", {"sku": "SWAP", "title": "Swap", "price": "100.00", "currency": "EUR"})
    wish = {"resolution": "exchange", "exchange_for": [{"sku": "SWAP", "quantity": 1}]}
    rma = ask(api, place(api, shop=shop, channel=channel), ("A", 1), **wish)
    command(api, rma, "authorize")
    return api.post(f"/returns/{rma['rma']}/exchange", {"advance": True}).made()  # type: ignore[no-any-return]


def _payout_file(api: Api, shop: str, channel: str) -> str:
    """A payment file of one refund to a bank account."""
    Shop.objects.filter(code=shop).update(gateways={"payouts": {"sepa": {"iban": "DE89370400440532013000"}}})
    rma = ask(api, place(api, shop=shop, channel=channel), ("A", 1))
    command(api, rma, "authorize")
    receive(api, rma)
    inspect(api, rma)
    account = {"holder": "A. Nowak", "iban": "DE89370400440532013000"}
    refunds = reimburse(api, rma, tender="bank_transfer", payout=account)["refunds"]
    body = {"shop": shop, "format": "sepa", "refunds": [refunds[0]["id"]]}
    return str(api.post("/payout-files", body).made()["id"])


def _entry(api: Api, shop: str, channel: str) -> str:
    """An entry in the register of returns."""
    receipt = {"kind": "receipt", "number": "0001/0002", "issued_on": None}
    order = place(api, shop=shop, channel=channel, currency="PLN", documents=[receipt])
    rma = Return.objects.get(code=whole_life(api, order)["rma"])
    enter_returns_of(rma, actor=SYSTEM_ACTOR)
    return str(RegisterEntry.objects.get(reimbursement__rma=rma).pk)


def _repair(api: Api, shop: str, channel: str) -> Json:
    """A repair of a unit that is here."""
    rma = ask(api, place(api, shop=shop, channel=channel), ("A", 1))
    command(api, rma, "authorize")
    receive(api, rma)
    body = {"item": rma["items"][0]["id"], "quantity": 1}
    return api.post(f"/returns/{rma['rma']}/repairs", body).made()  # type: ignore[no-any-return]


def bodies_for(order: Json, rma: Json, item: str) -> dict[str, Any]:
    """A body by path template that is right in form for every POST with JSON."""
    some = [{"item": item, "quantity": 1}]
    finding = {"item": item, "quantity": 1, "grade": "A", "outcome": "accepted", "disposition": "restock"}
    on = "/returns/{rma}/"
    return {
        "/orders": order_document(),
        "/products": {"sku": "P", "title": "P", "price": "1.00", "currency": "EUR"},
        "/returns": {"order": {"id": order["id"]}, "items": [{"line": "A", "quantity": 1, "reason": "style"}]},
        "/orders/{order}/goodwill": {"target": "order", "amount": "1.00", "reason": "sorry"},
        "/orders/{order}/goodwill/preview": {"target": "order", "amount": "1.00", "reason": "sorry"},
        on + "price-reduction": {"items": [{"item": item, "percent": "10"}], "reason": "scratched"},
        on + "price-reduction/preview": {"items": [{"item": item, "percent": "10"}], "reason": "scratched"},
        "/reimbursements/{reimbursement}/approve": {},
        "/reimbursements/{reimbursement}/reject": {"reason": "no"},
        "/reimbursements/{reimbursement}/documents": {
            "kind": "credit_note",
            "number": "CN-1",
            "issued_on": "2026-10-01",
        },
        on + "authorize": {"items": some},
        on + "decline": {"reason": "worn"},
        on + "cancel": {"items": some},
        on + "close-short": {"items": some},
        on + "lost": {"items": some, "reason": "carrier"},
        on + "keep": {"items": some, "reason": "not worth it"},
        on + "close": {"reason": "agreed"},
        on + "reopen": {},
        on + "notes": {"text": "Called."},
        on + "shipments": {"carrier": "manual"},
        on + "own-shipment": {"carrier": "Poczta"},
        on + "receipts": {"items": some},
        on + "inspections": {"items": [finding]},
        on + "reimbursements": {"items": some},
        on + "reimbursements/preview": {"items": some},
        "/shipments/{shipment}/void": {},
        "/shipments/{shipment}/tracking": {"events": [{"code": "accepted", "at": "2026-10-01T09:00:00Z"}]},
        "/receipts": {"parcel": "P"},
        "/receipts/lookup": {"scan": rma["rma"]},
        "/receipts/{receipt}/match": {"rma": rma["rma"]},
        "/inspections/{inspection}/disposition": {"disposition": "scrap", "reason": "hole"},
        "/locations": {"code": "NORTH"},
        "/refunds/{refund}/mark-paid": {},
        "/reimbursements/{reimbursement}/payout": {"holder": "A. Nowak", "iban": "DE89370400440532013000"},
        "/payout-files": {"format": "sepa", "refunds": [NOBODY]},
        "/payout-files/{file}/paid": {},
        "/payout-files/{file}/cancel": {},
        "/refunds/{refund}/retry": {},
        "/coupons/pools": {"code": "THANKS", "name": "Thank you", "worth": "10 EUR off"},
        "/coupons/pools/{pool}/codes": {"codes": ["CODE-1"]},
        on + "coupons": {"pool": "SORRY"},
        "/store-credits": {"amount": "5.00", "currency": "EUR", "reason": "Sorry."},
        "/store-credits/{credit}/redemptions": {"amount": "1.00", "reference": "R1"},
        "/store-credits/{credit}/redemptions/{reference}/reverse": {},
        "/store-credits/{credit}/void": {"reason": "Lost."},
        "/store-credits/{credit}/approve": {},
        "/store-credits/{credit}/cash-out": {},
        "/withdrawals": {"name": "A. Nowak", "contract": "1001", "acknowledge_to": "a@example.com"},
        on + "exchange": {},
        "/exchanges/{exchange}/ship": {"tracking_number": "T-1"},
        "/exchanges/{exchange}/cancel": {},
        "/exchanges/{exchange}/convert": {},
        "/charges/{charge}/paid": {},
        "/charges/{charge}/given-back": {},
        on + "repairs": some[0],
        **{f"/repairs/{{repair}}/{verb}": {} for verb in ("start", "done", "failed", "ship")},
        "/policies": {"name": "Draft", "window": {"days": 1}},
        "/policies/check": {"name": "Draft", "window": {"days": 1}},
        "/policies/{policy}/publish": {},
        "/policies/{policy}/restore": {},
        "/policies/{policy}/trial": {"share": 20},
        "/policies/{policy}/stop": {},
        "/policies/{policy}/backtest": {"from": "2026-01-01", "to": "2026-01-31"},
        "/eligibility": {
            "order": {"id": order["id"]},
            "items": [{"line": "A", "quantity": 1, "reason": "too_small"}],
        },
        "/refunds/{refund}/pay-otherwise": {"tender": "cash"},
    }


def picture(colour: str = "red", form: str = "JPEG") -> BytesIO:
    """A small photo as a file to upload."""
    data = BytesIO()
    Image.new("RGB", (80, 60), colour).save(data, form)
    data.seek(0)
    data.name = f"a.{form.lower()}"
    return data
