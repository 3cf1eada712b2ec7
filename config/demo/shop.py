"""What the demo's two shops are: brand, staff, warehouse, policy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.access import staff_actor
from accounts.actors import Actor
from accounts.models import User
from config.demo.people import STAFF
from customers.models import Channel, Shop
from inspections.models import Location
from returns.actions import draft_policy, publish_policy
from returns.models import ReturnPolicy

FAULTS: Final = ["defective", "wrong_item", "not_as_described", "damaged_in_transit", "missing_parts"]
SHOPS: Final[dict[str, dict[str, Any]]] = {
    "main": {
        "name": "Tidewell",
        "legal_name": "Tidewell Outdoor Ltd",
        "registration_number": "IE 000417",
        "tax_number": "IE0000417TW",
        "address": {
            "line1": "Unit 6, Ballymount Avenue",
            "city": "Dublin",
            "postal_code": "D12 T2W6",
            "country": "IE",
            "time_zone": "Europe/Dublin",
        },
        "languages": ["en", "he", "pl"],
        "brand": {"color": "#0e5a6b", "on_color": "#ffffff", "cap": "#0c3d49", "on_cap": "#ffffff"},
        "sender_name": "Tidewell",
        "sender_email": "returns@tidewell.example",
        "support_email": "help@tidewell.example",
        "support_phone": "+353 1 555 0147",
        "document_series": "RMA",
    },
    "oak": {
        "name": "Oak & Oriole",
        "legal_name": "Oak and Oriole Ltd",
        "address": {
            "line1": "4 Fumbally Lane",
            "city": "Dublin",
            "postal_code": "D08 C2V9",
            "country": "IE",
            "time_zone": "Europe/Dublin",
        },
        "languages": ["en"],
        "brand": {
            "color": "#8a2c4c",
            "on_color": "#ffffff",
            "cap": "#43132a",
            "on_cap": "#ffffff",
            "radius": "3px",
        },
        "sender_name": "Oak & Oriole",
        "sender_email": "returns@oakoriole.example",
        "support_email": "hello@oakoriole.example",
        "document_series": "OAK",
    },
}
CHANNELS: Final = {"web": "main", "oak-web": "oak"}
FINAL_SALE: Final = {
    "en": "Final-sale items cannot be returned, unless something is wrong with them.",
    "he": "מוצרים ממכירה סופית אינם ניתנים להחזרה, אלא אם נפל בהם פגם.",
    "pl": "Towarów z wyprzedaży końcowej nie przyjmujemy z powrotem, chyba że są wadliwe.",
}
POLICIES: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "Tidewell returns",
        "window": {"days": 30, "from": "delivered"},
        "defaults": {
            "methods": ["label", "qr", "drop_off", "own_carrier", "in_store"],
            "return_shipping_payer": "shop",
            "expire_after_days": 14,
            "bonus_credit_percent": 10,
            "deduction_by_grade": {"B": 15, "C": 35, "D": 100},
        },
        "rules": [
            {
                "name": "Final sale",
                "when": {"tags_any": ["final-sale"], "reasons_not": FAULTS},
                "then": {"decision": "decline", "message": FINAL_SALE},
            },
            {"name": "Gift cards", "when": {"categories": ["gift-card"]}, "then": {"decision": "decline"}},
            {
                "name": "A second look above 300 euros",
                "when": {"min_price": {"EUR": "300.00", "PLN": "1250.00", "ILS": "1200.00"}},
                "then": {"decision": "review"},
            },
            {"name": "Another reason", "when": {"reasons": ["other"]}, "then": {"decision": "review"}},
            {
                "name": "Electronics",
                "when": {"categories": ["electronics"]},
                "then": {"window_days": 14, "questions": ["serial_number", "was_opened"]},
            },
            {
                "name": "Not worth shipping back",
                "when": {
                    "max_price": {"EUR": "10.00", "PLN": "45.00", "ILS": "40.00"},
                    "reasons": ["defective", "damaged_in_transit"],
                },
                "then": {"methods": ["keep"]},
            },
            {
                "name": "A person looks at large refunds",
                "when": {"min_price": {"EUR": "150.00", "PLN": "600.00", "ILS": "600.00"}},
                "then": {"auto_reimburse": False},
            },
        ],
    },
    {
        "name": "Oak & Oriole returns",
        "shop": "oak",
        "window": {"days": 21, "from": "delivered"},
        "defaults": {
            "methods": ["label", "in_store"],
            "label_fee": {"gross": {"EUR": "3.90"}},
            "fee_waived_for": FAULTS,
        },
        "rules": [{"name": "We look at every return", "then": {"decision": "review"}}],
    },
)


def open_shops() -> None:
    """Name the main shop, open the small one beside it, give both their channels and the warehouse its name."""
    for code, facts in SHOPS.items():
        Shop.objects.update_or_create(code=code, defaults=facts)
    for code, shop in CHANNELS.items():
        Channel.objects.get_or_create(code=code, defaults={"shop": Shop.objects.get(code=shop)})
    Location.objects.filter(code="MAIN").update(
        name="Ballymount", country="IE", address=SHOPS["main"]["address"], opening_days=["mon-fri"]
    )


def hire(password: str) -> dict[str, Actor]:
    """The demo's staff by role; whoever exists gets the role and the password again."""
    actors = {}
    stored = make_password(password)
    for role, (email, name) in STAFF.items():
        user = User.objects.filter(email=email).first() or User(email=email)
        user.name, user.is_active, user.is_staff = name, True, role == "admin"
        user.password = stored
        user.save()
        user.groups.set([Group.objects.get(name=role)])
        actors[role] = staff_actor(User.objects.get(pk=user.pk))
    return actors


def publish(actor: Actor) -> None:
    """Put the demo's policies in force; the one that came with the installation had its days before."""
    ReturnPolicy.objects.filter(shop__code="main", version=1).update(starts_at=timezone.now() - timedelta(days=30))
    for document in POLICIES:
        publish_policy(draft_policy(document, actor=actor), actor=actor)


def picture(name: str) -> str:
    """The address of one of our own drawings."""
    return f"{settings.BASE_URL}{settings.STATIC_URL}demo/{name}.svg"
