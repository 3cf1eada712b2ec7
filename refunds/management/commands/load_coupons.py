"""`load_coupons POOL FILE`: put the shop's own coupon codes into a pool, one code a line."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.problems import Refused
from customers.models import Shop
from refunds.actions.coupons import free_codes, load_codes, open_pool
from refunds.models import CouponPool


class Command(BaseCommand):
    """Load coupon codes."""

    help = "Load coupon codes, one a line, into a pool. Codes that are there already stay as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """POOL, FILE, and what a new pool needs."""
        parser.add_argument("pool", help="code of the pool")
        parser.add_argument("file", type=Path)
        parser.add_argument("--shop", default="main")
        parser.add_argument("--worth", default="", help='what a coupon gives, such as "10 EUR off"; makes a new pool')
        parser.add_argument("--name", default="", help="of a new pool; its code when left out")
        parser.add_argument("--valid-until", type=date.fromisoformat, default=None, help="of a new pool: 2027-12-31")

    def handle(self, *args: Any, pool: str, file: Path, shop: str, **options: Any) -> None:
        """Load and say how many are new and free. Raises CommandError."""
        try:
            found = self._pool(pool, shop, options)
            added, known = load_codes(
                found, (line for line in file.read_text("utf-8-sig").splitlines() if line.strip())
            )
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        except Refused as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(f"{added} new, {known} known, {free_codes(found)} free")

    def _pool(self, code: str, shop: str, options: dict[str, Any]) -> CouponPool:
        owner = Shop.objects.filter(code=shop).first()
        if owner is None:
            raise CommandError(f"There is no shop {shop}.")
        if options["worth"]:
            name = options["name"] or code
            return open_pool(owner, code, name=name, worth=options["worth"], valid_until=options["valid_until"])
        found = CouponPool.objects.filter(shop=owner, code=code).first()
        if found is None:
            raise CommandError(f"There is no pool {code}. Make it with --worth.")
        return found
