"""Money without goods: goodwill and price reductions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers import money
from refunds.actions.goodwill import Gift
from refunds.actions.reduce import Reduction
from refunds.forms.fields import TENDERS, AccountForm, Decimals
from returns.models import ReturnItem


class GoodwillForm(AccountForm):
    """Money without goods on an order; the targets and payments are those of the order."""

    target = forms.ChoiceField(label=gettext_lazy("For what"))
    amount = Decimals(label=gettext_lazy("Amount"))
    everything = forms.BooleanField(label=gettext_lazy("All that is left of it"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why, the customer reads it"),
        max_length=300,
        widget=forms.TextInput(attrs={"maxlength": 300}),
    )
    tender = forms.ChoiceField(
        label=gettext_lazy("Where it goes"), choices=TENDERS, widget=forms.RadioSelect, initial="original"
    )
    payment = forms.ChoiceField(label=gettext_lazy("Only to this payment"), required=False)

    def __init__(
        self,
        *args: Any,
        targets: Sequence[tuple[str, str]],
        payments: Sequence[tuple[str, str]],
        currency: str,
        **kw: Any,
    ) -> None:
        super().__init__(*args, **kw)
        self.currency = currency
        target, payment = self.fields["target"], self.fields["payment"]
        assert isinstance(target, forms.ChoiceField)
        assert isinstance(payment, forms.ChoiceField)
        target.choices = list(targets)
        payment.choices = [("", _("As the policy says")), *payments]
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": currency}

    def clean(self) -> dict[str, Any]:
        """Either an amount or all that is left."""
        data = super().clean() or self.cleaned_data
        text = (data.get("amount") or "").strip()
        if not text and not data.get("everything"):
            self.add_error("amount", _("Give an amount, or tick that you give all that is left."))
        if text and not data.get("everything"):
            try:
                money.parse(text, self.currency)
            except money.BadAmount as error:
                self.add_error("amount", error.message)
        return data

    def gift(self, expected: str | None = None) -> Gift:
        """What the form asks for; `expected` is the total that the person has seen."""
        data = self.cleaned_data
        kind, _colon, name = data["target"].partition(":")
        return Gift(
            target="order" if kind == "order" else {kind: name},
            amount="rest" if data["everything"] else data["amount"].strip(),
            reason=data["reason"],
            tender=data["tender"],
            payment=data["payment"] or None,
            payout=self.payout() if data["tender"] == "bank_transfer" else None,
            expected_total=expected,
        )


class ReduceForm(forms.Form):
    """How much cheaper each item becomes that the customer keeps; `items` are those with units at the customer's."""

    ways = ("percent", "amount")
    reason = forms.CharField(label=gettext_lazy("Why, the customer reads it"), max_length=300)
    tender = forms.ChoiceField(
        label=gettext_lazy("Where it goes"), choices=TENDERS, widget=forms.RadioSelect, initial="original"
    )

    def __init__(self, *args: Any, items: Sequence[ReturnItem], currency: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.items, self.currency = items, currency
        for item in items:
            self.fields[f"percent-{item.uid}"] = Decimals(label=_("Percent"))
            self.fields[f"amount-{item.uid}"] = Decimals(label=_("or amount, %(currency)s") % {"currency": currency})

    def clean(self) -> dict[str, Any]:
        """At least one item becomes cheaper."""
        data = super().clean() or self.cleaned_data
        if not self._rows():
            raise forms.ValidationError(_("Give a percentage or an amount for at least one item."))
        return data

    def _rows(self) -> list[dict[str, str]]:
        rows = []
        for item in self.items:
            typed = {
                name: (self.cleaned_data.get(f"{name}-{item.uid}") or "").strip() for name in ("percent", "amount")
            }
            given = {name: text for name, text in typed.items() if text}
            if given:
                rows.append({"item": str(item.uid), **given})
        return rows

    def reduction(self, expected: str | None = None) -> Reduction:
        """What the form asks for; `expected` is the total that the person has seen."""
        data = self.cleaned_data
        return Reduction(self._rows(), data["reason"], data["tender"], None, expected)

    def rows(self) -> list[dict[str, Any]]:
        """Each item with its two fields, for the page."""
        return [
            {"item": item, **{name: self[f"{name}-{item.uid}"] for name in ("percent", "amount")}}
            for item in self.items
        ]
