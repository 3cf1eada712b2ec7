"""`seed_demo`: a shop's week, made by the same actions as a real one."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from config.demo import clock, goods, orders, shop, special, week
from config.demo.people import STAFF
from config.demo.stage import Stage
from customers.actions import upsert_order, upsert_product
from customers.models import Order
from returns.links import portal_url
from returns.models import Return

SHOWN = {"en": "TW-48213", "he": "TW-48211", "pl": "TW-48209"}


class Command(BaseCommand):
    """Fill an empty installation with the demo; on a filled one only the staff's passwords are set again."""

    help = "Build the demo shop: orders, returns in every state, staff. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--password."""
        parser.add_argument("--password", help="for the four demo logins; made up and printed when left out")

    def handle(self, *args: Any, password: str | None = None, **options: Any) -> None:
        """Seed once, staff every time, then say what to open. Raises CommandError where real orders are."""
        seeded = Order.objects.filter(channel__code="web", number=week.SALES[0][0]).exists()
        if not seeded and not settings.DEBUG and Order.objects.exists():
            raise CommandError("This installation has orders of its own; the demo wants an empty one.")
        chosen = password or secrets.token_urlsafe(9)
        with transaction.atomic():
            staff = shop.hire(chosen)
            if not seeded:
                build(Stage(timezone.now(), staff))
            goods.hang_pictures()
        self.stdout.write("\n".join(addresses()))
        if password is None:
            self.stdout.write("\n".join(["", *(email for email, _name in STAFF.values()), f"password: {chosen}"]))


def build(stage: Stage) -> None:
    """Shops, goods and policies first, then every order at its time, then all stories at once."""
    with clock.at(stage.now - timedelta(days=70)):
        shop.open_shops()
        shop.publish(stage.staff["manager"])
        for document in goods.documents():
            upsert_product(document)
    for sale in week.sales(stage):
        with clock.at(sale.placed_at):
            upsert_order(orders.order_document(sale), actor=stage.staff["admin"])
    stage.play([*(week.usual(stage, plan) for plan in week.USUAL), *special.special(stage)])


def addresses() -> list[str]:
    """What to open first."""
    lines = ["", "To look at:", f"  {'Queue':<10} {settings.BASE_URL}/desk/"]
    for language, number in SHOWN.items():
        rma = Return.objects.select_related("order").get(order__number=number)
        lines.append(f"  {'Return ' + language:<10} {portal_url(rma)}")
    lines += ["", "To try in the portal:"]
    for language, number in week.TRY.items():
        order = Order.objects.get(number=number, channel__code="web")
        lines.append(f"  {'Order ' + language:<10} {order.number}  {order.email}")
    return lines
