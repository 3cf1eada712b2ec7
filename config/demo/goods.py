"""What the demo shops sell, with our own drawings."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from config.demo.shop import picture
from customers.models import OrderLine, Product


@dataclass(frozen=True, slots=True)
class Good:
    """One product: its title by language and its price by currency, tax included."""

    titles: tuple[str, str, str]
    prices: tuple[str, str, str]
    image: str
    category: str = "outdoor"
    tags: tuple[str, ...] = ()
    stock: int = 40
    weight_g: int = 400
    parts: tuple[tuple[str, int], ...] = ()

    def title(self, locale: str) -> str:
        """What the customer read when they bought it."""
        return self.titles[("en", "he", "pl").index(locale)]

    def price(self, currency: str) -> Decimal:
        """Gross, for one."""
        return Decimal(self.prices[("EUR", "ILS", "PLN").index(currency)])


JACKET: Final = ("Harbour waxed jacket", "מעיל שעווה Harbour", "Kurtka woskowana Harbour")
GOODS: Final = {
    "HWJ-MOS-M": Good(JACKET, ("189.00", "749.00", "799.00"), "jacket", "apparel", weight_g=1400),
    "HWJ-NAV-L": Good(JACKET, ("189.00", "749.00", "799.00"), "jacket-navy", "apparel", stock=4, weight_g=1450),
    "HLC-MOS-L": Good(
        ("Harbour long coat", "מעיל ארוך Harbour", "Płaszcz Harbour"),
        ("378.00", "1490.00", "1599.00"),
        "jacket",
        "apparel",
        weight_g=2100,
    ),
    "MCJ-OAT-L": Good(
        ("Merino crew jumper", "סוודר מרינו", "Sweter z merynosa"),
        ("98.00", "389.00", "399.00"),
        "jumper",
        "apparel",
    ),
    "TRB-750-EMB": Good(
        ("Trail bottle 750 ml", "בקבוק Trail ‏750 מ״ל", "Butelka Trail 750 ml"),
        ("28.00", "119.00", "119.00"),
        "bottle",
    ),
    "ARI-HP": Good(
        ("Aria headphones", "אוזניות Aria", "Słuchawki Aria"),
        ("289.00", "1249.00", "1299.00"),
        "headphones",
        "electronics",
    ),
    "FLD-LMP": Good(("Fold lamp", "מנורה מתקפלת Fold", "Lampa Fold"), ("60.00", "239.00", "242.00"), "lamp", "home"),
    "MUG-ENA": Good(
        ("Enamel mug", "ספל אמייל", "Kubek emaliowany"), ("9.50", "39.00", "39.90"), "mug", "home", stock=120
    ),
    "MUG-SALE": Good(
        ("Enamel mug, last season", "ספל אמייל, עונה קודמת", "Kubek emaliowany, poprzedni sezon"),
        ("6.00", "24.00", "25.90"),
        "mug",
        "home",
        tags=("final-sale",),
    ),
    "GIFT-50": Good(
        ("Gift card", "כרטיס מתנה", "Karta podarunkowa"),
        ("50.00", "200.00", "200.00"),
        "giftcard",
        "gift-card",
        weight_g=5,
    ),
    "CAMP-SET": Good(
        ("Camp evening set", "ערכת ערב במחנה", "Zestaw na biwak"),
        ("72.00", "289.00", "299.00"),
        "lamp",
        "home",
        parts=(("FLD-LMP", 1), ("MUG-ENA", 2)),
    ),
}


def documents() -> list[dict[str, Any]]:
    """The products as `POST /products` takes them, priced in euros."""
    return [
        {
            "sku": sku,
            "title": good.titles[0],
            "price": good.prices[0],
            "currency": "EUR",
            "tax_rate": Decimal("0.23"),
            "category": good.category,
            "stock": good.stock,
            "weight_g": good.weight_g,
            "image_url": picture(good.image),
            "brand": "Tidewell",
        }
        for sku, good in GOODS.items()
    ]


def hang_pictures() -> None:
    """Point every picture to where this installation is now: the port may be another than last time."""
    for image in {good.image for good in GOODS.values()}:
        for table in (Product, OrderLine):
            rows = table.objects.filter(image_url__endswith=f"/demo/{image}.svg")
            rows.exclude(image_url=picture(image)).update(image_url=picture(image))
