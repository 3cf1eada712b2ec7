"""Store credit and coupons by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers import money
from customers.models import Shop
from customers.pricing.fields import currencies
from refunds.forms.fields import Decimals
from refunds.models import CouponPool


class GrantForm(forms.Form):
    """Store credit by hand: how much, for whom, why, until when."""

    shop = forms.ModelChoiceField(label=gettext_lazy("Shop"), queryset=Shop.objects.none(), to_field_name="code")
    amount = Decimals(label=gettext_lazy("Amount"))
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        min_length=3,
        max_length=3,
        initial="EUR",
        widget=forms.TextInput(attrs={"class": "is-code", "dir": "ltr", "autocapitalize": "characters"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail of the customer"),
        help_text=gettext_lazy("They get the code there. Without one you hand the code over yourself."),
        required=False,
        max_length=254,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
    expires_on = forms.DateField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Left out, the policy decides; the law may want it longer."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, shops: QuerySet[Shop], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["shop"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset, field.empty_label = shops, None
        field.initial = shops.first()

    def clean_currency(self) -> str:
        """An ISO 4217 code."""
        code = str(self.cleaned_data["currency"]).upper()
        if code not in currencies():
            raise forms.ValidationError(_("This is not an ISO 4217 currency code such as EUR."))
        return code

    def clean(self) -> dict[str, Any]:
        """The amount in minor units of its currency."""
        data = super().clean() or self.cleaned_data
        text = (data.get("amount") or "").strip()
        if not text:
            self.add_error("amount", _("Give an amount above zero."))
        elif "currency" in data:
            try:
                data["minor"] = money.parse(text, data["currency"])
            except money.BadAmount as error:
                self.add_error("amount", str(error))
        return data

    def given(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        return {name: data[name] for name in ("shop", "currency", "email", "reason", "expires_on")} | {
            "amount": data["minor"]
        }


class VoidForm(forms.Form):
    """Why a credit is taken out of use."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class CashForm(forms.Form):
    """How the small rest was handed out."""

    reference = forms.CharField(label=gettext_lazy("Number of the cash receipt"), max_length=200, required=False)


class CouponForm(forms.Form):
    """Which pool a coupon comes from, and what the customer reads beside it."""

    pool = forms.ChoiceField(label=gettext_lazy("Coupon"))
    reason = forms.CharField(label=gettext_lazy("What the customer reads"), max_length=300, required=False)

    def __init__(self, *args: Any, pools: Sequence[CouponPool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["pool"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pool.code, f"{pool.name}: {pool.worth}") for pool in pools]
