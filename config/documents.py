"""Which app owns which section of the API's return document, and what its members are called in OpenAPI."""

SECTIONS = {
    "items": "returns.documents.ITEMS",
    "shipments": "returns.documents.SHIPMENTS",
    "receipts": "inspections.documents.RECEIPTS",
    "inspections": "inspections.documents.INSPECTIONS",
    "reimbursements": "refunds.documents.REIMBURSEMENTS",
    "exchanges": "refunds.documents.EXCHANGES",
    "coupons": "refunds.documents.COUPONS",
}
SHAPES = {
    "receipts": "Receipt",
    "inspections": "Inspection",
    "reimbursements": "Reimbursement",
    "exchanges": "Exchange",
    "coupons": "Coupon",
}
