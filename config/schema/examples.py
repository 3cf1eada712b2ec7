"""Examples in the OpenAPI document: one order and one return through its life; a test sends and compares them."""

from __future__ import annotations

from typing import Any

from config.schema import questions

Shape = dict[str, Any]

ORDER_ID = "0f8a1c1e-7a64-4c5b-9d0e-6d1f5f7c2a10"
ITEM_ID = "5b0f3c58-2c33-4a0b-8a5c-0c5a5f6d7e21"
SHIPMENT_ID = "c1d7d3a6-51c4-4a50-a0de-2f0c6a6f9b32"
RECEIPT_ID = "a3f0a0a4-93e5-4d0c-8e19-5f2d1f3b4c43"
INSPECTION_ID = "d9b2e9f6-0c1c-4e6f-b1f5-3a1b2c3d4e54"
REIMBURSEMENT_ID = "e7c6b5a4-9382-4716-8f0e-1d2c3b4a5f65"
REFUND_ID = "b6a5c4d3-e2f1-4a0b-9c8d-7e6f5a4b3c76"
RMA = "RMA-7F3K-Q2X9"
UNITS = [{"item": ITEM_ID, "quantity": 1}]

ORDER: Shape = {
    "channel": "web",
    "number": "1001",
    "currency": "EUR",
    "prices_include_tax": True,
    "sale_channel": "distance",
    "placed_at": "2026-10-01T09:00:00Z",
    "locale": "pl",
    "total": "329.98",
    "customer": {"email": "a@example.com", "name": "A. Nowak", "kind": "consumer", "tags": ["vip"]},
    "ship_to": {
        "name": "A. Nowak",
        "line1": "Prosta 1",
        "city": "Warszawa",
        "postal_code": "00-001",
        "country": "PL",
        "time_zone": "Europe/Warsaw",
    },
    "lines": [
        {
            "id": "A",
            "sku": "TEE-M",
            "title": "Tee",
            "quantity": 3,
            "unit_price": "100.00",
            "tax_rate": "0.23",
            "category": "apparel",
        }
    ],
    "discount": "10.00",
    "shipping": [{"id": "S", "method": "express", "amount": "39.98", "tax_rate": "0.23", "cheapest_standard": "14.99"}],
    "payments": [{"id": "P1", "gateway": "manual", "reference": "pay_1", "captured": "329.98", "kind": "card"}],
    "deliveries": [
        {
            "id": "D1",
            "lines": {"A": 3},
            "shipped_at": "2026-10-02T08:00:00Z",
            "delivered_at": "2026-10-05T15:00:00Z",
        }
    ],
    "contract": {"withdrawal_information_given_at": "2026-10-01T09:00:00Z", "regular_delivery": False},
}
PRODUCT: Shape = {
    "sku": "TEE-L",
    "title": "Tee, large",
    "price": "100.00",
    "currency": "EUR",
    "tax_rate": "0.23",
    "category": "apparel",
    "stock": 12,
    "variant_of": "TEE",
    "options": {"size": "L"},
    "weight_g": 210,
}

ASKED: dict[str, Any] = {
    **questions.ASKED,
    "orders_create": ORDER,
    "products_create": PRODUCT,
    "returns_create": {
        "order": {"channel": "web", "number": "1001"},
        "items": [{"line": "A", "quantity": 1, "reason": "too_small", "comment": "Tight at the shoulders"}],
        "resolution": "refund",
        "method": "label",
        "requested_by": "customer",
    },
    "returns_authorize": {"items": UNITS, "override": None},
    "returns_decline": {"reason": "worn", "message": "The tee was worn and washed."},
    "returns_cancel": {"items": None, "requested_by": "customer"},
    "returns_close_short": {"items": UNITS},
    "returns_lost": {"items": UNITS, "pay": True, "reason": "The carrier confirmed the loss."},
    "returns_close": {"reason": "The customer keeps it."},
    "returns_notes": {"text": "Called back, will send tomorrow.", "visible_to_customer": False},
    "returns_shipments_create": {"carrier": "manual", "parcels": 1},
    "returns_own_shipment_create": {"carrier": "Poczta Polska", "tracking_number": "PX123456789PL", "cost": "12.50"},
    "shipments_tracking": {"events": [{"code": "accepted", "at": "2026-10-12T10:00:00+02:00", "location": "Warszawa"}]},
    "receipts_lookup": {"scan": RMA},
    "receipts_create": {
        "location": "MAIN",
        "parcel": "PX987654321PL",
        "unexpected": [{"sku": "", "quantity": 1, "note": "A grey tee without papers"}],
    },
    "receipts_match": {"rma": RMA, "items": [{"item": ITEM_ID, "quantity": 1, "damaged": 0}]},
    "returns_receipts_create": {
        "location": "MAIN",
        "parcel": "PX123456789PL",
        "items": [{"item": ITEM_ID, "quantity": 1, "damaged": 0}],
        "unexpected": [],
    },
    "returns_inspections_create": {
        "items": [
            {
                "item": ITEM_ID,
                "quantity": 1,
                "checklist": {"tags_on": True},
                "grade": "A",
                "outcome": "accepted",
                "disposition": "restock",
                "note": "As new",
                "photos": [],
            }
        ]
    },
    "inspections_disposition": {"disposition": "refurbish", "reason": "A seam is loose."},
    "locations_create": {"code": "LODZ", "name": "Łódź", "kind": "third_party", "country": "PL"},
    "returns_reimbursements_preview": {"items": UNITS, "shipping": "none", "tender": "original"},
    "returns_reimbursements_create": {
        "items": UNITS,
        "shipping": "none",
        "tender": "original",
        "expected_total": "96.67",
    },
    "refunds_mark_paid": {"reference": "bank transfer 2026/118"},
}

REFUND: Shape = {
    "id": REFUND_ID,
    "payment": "P1",
    "amount": "96.67",
    "currency": "EUR",
    "status": "processing",
    "gateway": "manual",
    "gateway_reference": None,
}
REIMBURSEMENT: Shape = {
    "id": REIMBURSEMENT_ID,
    "status": "processing",
    "currency": "EUR",
    "lines": [
        {
            "kind": "item",
            "item": ITEM_ID,
            "line": "A",
            "shipping": None,
            "quantity": 1,
            "net": "78.59",
            "tax": "18.08",
            "gross": "96.67",
            "reason": "",
            "evidence": None,
        }
    ],
    "net": "78.59",
    "tax": "18.08",
    "tax_by_rate": {"0.23": "18.08"},
    "fee": "0.00",
    "total": "96.67",
    "tender": "original",
    "payout": None,
    "refunds": [REFUND],
    "store_credit": None,
    "exchange": None,
    "kind": "return",
    "reason": "",
    "held_for": None,
    "account_wanted": False,
    "reverses": None,
    "prepared_by": "Ruth Adler",
    "approved_by": None,
    "approved_at": None,
    "rejected_because": None,
    "documents": [
        {
            "kind": "credit_note",
            "number": "CN-2026-0101",
            "issued_on": "2026-10-16",
            "ksef_number": None,
            "allocation_number": None,
        }
    ],
    "created_at": "2026-10-15T11:20:00Z",
}
RECEIPT: Shape = {
    "id": RECEIPT_ID,
    "rma": RMA,
    "location": "MAIN",
    "parcel": "PX123456789PL",
    "items": [{"item": ITEM_ID, "quantity": 1, "damaged": 0}],
    "unexpected": [],
    "note": "",
    "received_at": "2026-10-14T09:30:00Z",
}
INSPECTION: Shape = {
    "id": INSPECTION_ID,
    "item": ITEM_ID,
    "quantity": 1,
    "checklist": {"tags_on": True},
    "grade": "A",
    "outcome": "accepted",
    "disposition": "restock",
    "note": "As new",
    "photos": [],
    "inspected_at": "2026-10-14T10:05:00Z",
}
LABEL = f"https://returns.example.com/api/v1/shipments/{SHIPMENT_ID}/label"
SHIPMENT: Shape = {
    "id": SHIPMENT_ID,
    "carrier": "manual",
    "service": "",
    "status": "delivered",
    "tracking_number": "PX123456789PL",
    "parcels": 1,
    "by_customer": False,
    "label": {kind: f"{LABEL}.{kind}" for kind in ("pdf", "zpl", "png")},
    "error": None,
    "created_at": "2026-10-10T12:00:00Z",
}
QUANTITY = dict.fromkeys(
    (
        "requested", "authorized", "received", "accepted", "rejected", "cancelled", "missing", "waived", "refunded",
        "exchanged",
    ),
    0,
)  # fmt: skip
RETURN: Shape = {
    "rma": RMA,
    "status": "inspected",
    "order": {"id": ORDER_ID, "channel": "web", "number": "1001"},
    "resolution": "refund",
    "method": "label",
    "basis_claimed": None,
    "requested_by": "customer",
    "exchange_for": [],
    "locale": "pl",
    "currency": "EUR",
    "refund_due": {
        "operational": "2026-10-24",
        "latest": "2026-10-24",
        "withhold": "allowed",
        "blocked_by": "customer",
    },
    "answer_due": None,
    "amounts": {"expected": "96.67", "refunded": "96.67", "refundable": "0.00"},
    "declined": None,
    "items": [
        {
            "id": ITEM_ID,
            "line": "A",
            "sku": "TEE-M",
            "title": "Tee",
            "reason": "too_small",
            "comment": "Tight at the shoulders",
            "answers": {},
            "resolution": None,
            "exchange_for": [],
            "quantity": QUANTITY | dict.fromkeys(("requested", "authorized", "received", "accepted", "refunded"), 1),
            "decision": {
                "outcome": "authorized",
                "basis": "policy",
                "codes": ["in_window"],
                "explanation": "Within 30 days of delivery.",
                "override": None,
            },
        }
    ],
    "shipments": [SHIPMENT],
    "receipts": [RECEIPT],
    "inspections": [INSPECTION],
    "reimbursements": [REIMBURSEMENT],
    "exchanges": [],
    "coupons": [],
    "portal_url": "https://returns.example.com/r/RMA-7F3K-Q2X9/...",
    "expires_at": "2026-11-09T12:00:00Z",
    "created_at": "2026-10-10T12:00:00Z",
    "updated_at": "2026-10-15T11:20:00Z",
}

ANSWERED: dict[str, Shape] = {
    **questions.ANSWERED,
    "returns_read": RETURN,
    "returns_list": {"results": [RETURN], "next": None, "previous": None},
    "shipments_read": SHIPMENT,
    "returns_receipts_create": RECEIPT,
    "returns_reimbursements_create": REIMBURSEMENT,
    "returns_reimbursements_preview": REIMBURSEMENT
    | {"id": None, "status": "preview", "created_at": None, "refunds": [REFUND | {"id": None, "status": "preview"}]},
    "reimbursements_read": REIMBURSEMENT,
    "refunds_read": REFUND,
    "receipts_lookup": {
        "results": [{"kind": "return", "rma": RMA, "receipt": None, "order": "1001", "score": 100, "why": "RMA code"}]
    },
    "orders_refundable": {
        "currency": "EUR",
        "order": "233.31",
        "lines": [{"line": "A", "quantity": 2, "amount": "193.33"}],
        "shipping": [{"id": "S", "amount": "39.98"}],
        "payments": [{"id": "P1", "amount": "233.31"}],
    },
}
