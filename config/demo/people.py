"""Who buys and who works in the demo; every address is one that can never get mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TAX: Final = {"IE": "0.23", "PL": "0.23", "IL": "0.18", "DE": "0.19", "FR": "0.20", "SE": "0.25"}
CURRENCY: Final = {"PL": "PLN", "IL": "ILS"}
ZONE: Final = {
    "IE": "Europe/Dublin",
    "PL": "Europe/Warsaw",
    "IL": "Asia/Jerusalem",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "SE": "Europe/Stockholm",
}
STAFF: Final = {
    "agent": ("agent@demo.test", "Ruth Adler"),
    "warehouse": ("warehouse@demo.test", "Kasia Nowak"),
    "manager": ("manager@demo.test", "Daniel Okafor"),
    "admin": ("admin@demo.test", "Ada Stone"),
}
"""Role: e-mail and name."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer with the one address that their parcels go to."""

    name: str
    email: str
    locale: str
    line1: str
    city: str
    postal_code: str
    country: str
    phone: str = ""
    tags: tuple[str, ...] = ()

    @property
    def currency(self) -> str:
        """What they pay in."""
        return CURRENCY.get(self.country, "EUR")


_ROWS: Final = (
    ("aoife", "Aoife Brennan", "en", "14 Iona Road", "Dublin", "D09 X2A4", "IE", "+353851112201", ("vip",)),
    ("tom", "Tom Hartigan", "en", "3 Evergreen Street", "Cork", "T12 K3F8", "IE", "+353851112202", ()),
    ("aisling", "Aisling Moore", "en", "27 Dominick Street", "Galway", "H91 P6C2", "IE", "", ()),
    ("daniel", "Daniel Reyes", "en", "8 Harty Place", "Dublin", "D08 V5N1", "IE", "+353851112204", ()),
    ("niamh", "Niamh Kelly", "en", "51 Catherine Street", "Limerick", "V94 T2X7", "IE", "+353851112205", ()),
    ("finn", "Finn Doyle", "en", "2 The Quay", "Waterford", "X91 E4R3", "IE", "", ()),
    ("grace", "Grace Whelan", "en", "19 Patrick Street", "Kilkenny", "R95 A8D6", "IE", "", ()),
    ("owen", "Owen Byrne", "en", "6 Bridge Street", "Sligo", "F91 W3K5", "IE", "", ()),
    ("jonas", "Jonas Vogt", "en", "Weserstraße 41", "Berlin", "12045", "DE", "+491701112206", ()),
    ("clara", "Clara Weber", "en", "Lindenallee 9", "Leipzig", "04109", "DE", "", ()),
    ("hugo", "Hugo Martin", "en", "12 rue Mercière", "Lyon", "69002", "FR", "", ("vip",)),
    ("eva", "Eva Lindqvist", "en", "Möllevången 5", "Malmö", "214 20", "SE", "", ()),
    ("maya", "מאיה לוין", "he", "שדרות מוריה 88", "חיפה", "3455607", "IL", "+972541112207", ()),
    ("tamar", "תמר לוי", "he", "רחוב אבן גבירול 12", "תל אביב", "6407812", "IL", "+972541112208", ("vip",)),
    ("noa", "נועה ברק", "he", "רחוב דיזנגוף 201", "תל אביב", "6311501", "IL", "+972541112209", ()),
    ("yael", "יעל כהן", "he", "רחוב הפלמ״ח 30", "ירושלים", "9254230", "IL", "", ()),
    ("itai", "איתי פרץ", "he", "רחוב רמב״ם 7", "באר שבע", "8424907", "IL", "", ()),
    ("zofia", "Zofia Kamińska", "pl", "ul. Dietla 64/5", "Kraków", "31-039", "PL", "+48501112210", ("vip",)),
    ("piotr", "Piotr Nowak", "pl", "ul. Długa 12", "Gdańsk", "80-827", "PL", "+48501112211", ()),
    ("agnieszka", "Agnieszka Wójcik", "pl", "ul. Prosta 1", "Warszawa", "00-001", "PL", "+48501112212", ()),
    ("marek", "Marek Zieliński", "pl", "ul. Świdnicka 33", "Wrocław", "50-066", "PL", "", ()),
    ("hanna", "Hanna Lewandowska", "pl", "ul. Piotrkowska 104", "Łódź", "90-926", "PL", "", ()),
)
BUYERS: Final = {
    key: Buyer(name, f"{key}@example.com", locale, line1, city, code, country, phone, tags)
    for key, name, locale, line1, city, code, country, phone, tags in _ROWS
}
