"""What the forms about money share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

TENDERS = [
    ("original", gettext_lazy("Back the way it was paid")),
    ("store_credit", gettext_lazy("Store credit")),
    ("bank_transfer", gettext_lazy("Bank transfer, paid by hand")),
    ("cash", gettext_lazy("Cash, paid by hand")),
]
SHIPPING = [
    ("none", gettext_lazy("Nothing")),
    ("all", gettext_lazy("All that is left")),
    ("amount", gettext_lazy("This much")),
]


class Decimals(forms.CharField):
    """An amount as typed; empty is nothing."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "cb-qty", "dir": "ltr", "placeholder": "0"})
        super().__init__(required=False, max_length=20, widget=widget, **kwargs)
