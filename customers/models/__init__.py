"""Shops, customers, products and orders: what was sold, frozen as it was sold."""

from customers.models.goods import Customer, Product
from customers.models.order import Order, OrderQuerySet, OrderVersion
from customers.models.paid import Delivery, OrderLine, OrderPayment, OrderShipping
from customers.models.portal import LookupAttempt, PortalToken
from customers.models.shop import Channel, Shop, ShopMembership

__all__ = [
    "Channel",
    "Customer",
    "Delivery",
    "LookupAttempt",
    "Order",
    "OrderLine",
    "OrderPayment",
    "OrderQuerySet",
    "OrderShipping",
    "OrderVersion",
    "PortalToken",
    "Product",
    "Shop",
    "ShopMembership",
]
