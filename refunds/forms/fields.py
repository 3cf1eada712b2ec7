"""What the forms about money share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.problems import Invalid

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


def _digits(label: Any, most: int) -> forms.CharField:
    widget = forms.TextInput(
        attrs={"dir": "ltr", "autocomplete": "off", "class": "is-code", "inputmode": "numeric", "maxlength": most}
    )
    return forms.CharField(label=label, max_length=most, required=False, widget=widget)


class AccountForm(forms.Form):
    """An account to pay to: its holder, and an IBAN or an Israeli bank, branch and account."""

    holder = forms.CharField(label=gettext_lazy("Holder of the account"), max_length=120, required=False)
    iban = forms.CharField(
        label="IBAN",
        help_text=gettext_lazy("For a bank transfer. Kept encrypted until it is paid."),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "class": "is-code"}),
    )
    bank = _digits(gettext_lazy("Bank"), 12)
    branch = _digits(gettext_lazy("Branch"), 12)
    account = _digits(gettext_lazy("Account"), 12)

    def payout(self) -> dict[str, str] | None:
        """The account as typed, None where nothing of it was; `refunds.payout.check` says whether it can be."""
        names = ("holder", "iban") if self.cleaned_data.get("iban") else ("holder", "bank", "branch", "account")
        given = {name: str(self.cleaned_data.get(name) or "").strip() for name in names}
        return given if any(given.values()) else None


class PayoutForm(AccountForm):
    """Another account for a reimbursement that nobody has paid yet."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].required = True
        self.israeli = currency == "ILS"
        """Whether the account is more likely known by its parts than by an IBAN."""

    def refuse(self, refusal: Invalid) -> None:
        """Put what was refused beside its field."""
        for error in refusal.errors:
            name = error.pointer.rpartition("/")[2]
            self.add_error(name if name in self.fields else None, error.detail)
