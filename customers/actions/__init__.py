"""What customers' side can do: take orders and products in, claim and free units."""

from customers.actions.order_rows import OrderConflict
from customers.actions.orders import upsert_order
from customers.actions.pool import Claim, OverQuantity, check_claims, claim_units, free_units, returnable
from customers.actions.products import upsert_product

__all__ = [
    "Claim",
    "OrderConflict",
    "OverQuantity",
    "check_claims",
    "claim_units",
    "free_units",
    "returnable",
    "upsert_order",
    "upsert_product",
]
