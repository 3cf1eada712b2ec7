"""What an agent decides about money: units, deductions with their reasons, delivery, and where it goes."""

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
from refunds.actions import Wish
from refunds.actions.goodwill import Gift
from refunds.actions.reduce import Reduction
from refunds.models import CouponPool, Document, Reimbursement, ReimbursementLine
from returns.models import ReturnItem

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


Choice = tuple[str, str]


class Decimals(forms.CharField):
    """An amount as typed; empty is nothing."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "cb-qty", "dir": "ltr", "placeholder": "0"})
        super().__init__(required=False, max_length=20, widget=widget, **kwargs)


class ReimburseForm(forms.Form):
    """One reimbursement; `items` are those with payable units."""

    shipping = forms.ChoiceField(
        label=gettext_lazy("Delivery"), choices=SHIPPING, widget=forms.RadioSelect, required=False
    )
    shipping_amount = Decimals(label=gettext_lazy("Amount of delivery to refund"))
    tender = forms.ChoiceField(label=gettext_lazy("Where it goes"), choices=TENDERS, widget=forms.RadioSelect)
    holder = forms.CharField(label=gettext_lazy("Holder of the account"), max_length=200, required=False)
    iban = forms.CharField(
        label="IBAN",
        help_text=gettext_lazy("For a bank transfer. Kept encrypted until it is paid."),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "class": "is-code"}),
    )

    def __init__(self, *args: Any, items: Sequence[ReturnItem], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items, self.currency = items, currency
        for item in items:
            self._add(item)

    def _add(self, item: ReturnItem) -> None:
        number = forms.NumberInput(attrs={"class": "cb-qty", "inputmode": "numeric"})
        self.fields[f"quantity-{item.uid}"] = forms.IntegerField(
            label=_("Units to refund"),
            min_value=0,
            max_value=item.payable,
            initial=item.payable,
            help_text=_("of %(n)d") % {"n": item.payable},
            widget=number,
        )
        self.fields[f"deduction-{item.uid}"] = Decimals(
            label=_("Deduction, %(currency)s") % {"currency": self.currency}
        )
        self.fields[f"reason-{item.uid}"] = forms.CharField(
            label=_("Why, the customer reads it"), max_length=300, required=False
        )

    def clean(self) -> dict[str, Any]:
        """Amounts in the return's currency; a deduction never without its reason."""
        data = super().clean() or self.cleaned_data
        self._amount("shipping_amount")
        for item in self.items:
            taken = self._amount(f"deduction-{item.uid}")
            if taken and not data.get(f"reason-{item.uid}"):
                self.add_error(f"reason-{item.uid}", _("Say why. The customer reads it beside the amount."))
        return data

    def _amount(self, name: str) -> int:
        text = (self.cleaned_data.get(name) or "").strip()
        try:
            return money.parse(text, self.currency) if text else 0
        except money.BadAmount as error:
            self.add_error(name, str(error))
            return 0

    def wish(self, expected: str | None = None) -> Wish:
        """What the form asks for; `expected` is the total that the person has seen."""
        data = self.cleaned_data
        wanted = [(str(item.uid), data[f"quantity-{item.uid}"]) for item in self.items]
        taken = [
            {"item": str(item.uid), "amount": data[f"deduction-{item.uid}"], "reason": data[f"reason-{item.uid}"]}
            for item in self.items
            if self._amount(f"deduction-{item.uid}")
        ]
        shipping = data["shipping"] or "none"
        account = {"holder": data["holder"], "iban": data["iban"]} if data["iban"] or data["holder"] else None
        return Wish(
            items=[{"item": uid, "quantity": quantity} for uid, quantity in wanted if quantity],
            shipping=(data["shipping_amount"] or "0") if shipping == "amount" else shipping,
            tender=data["tender"],
            deductions=taken,
            payout=account if data["tender"] == "bank_transfer" else None,
            expected_total=expected,
        )

    def rows(self) -> list[dict[str, Any]]:
        """Each item with its three fields, for the page."""
        names = ("quantity", "deduction", "reason")
        return [{"item": item, **{name: self[f"{name}-{item.uid}"] for name in names}} for item in self.items]


def initial_of(draft: Reimbursement | None) -> dict[str, Any]:
    """What the form starts with: what the policy and the facts propose."""
    if draft is None:
        return {"shipping": "none", "tender": "original"}
    lines = draft.drafted_lines  # type: ignore[attr-defined]
    shipped = any(line.kind == "shipping" for line in lines)
    return {"shipping": "all" if shipped else "none", "tender": draft.tender} | _suggested(draft, lines)


def _suggested(draft: Reimbursement, lines: Sequence[ReimbursementLine]) -> dict[str, str]:
    """The deductions that the policy suggests, each with the finding as its reason."""
    sums: dict[str, int] = {}
    reasons: dict[str, list[str]] = {}
    for line in lines:
        if line.kind == "deduction" and line.item is not None:
            uid = str(line.item.uid)
            sums[uid] = sums.get(uid, 0) - line.gross
            reasons.setdefault(uid, []).append(line.reason)
    amounts = {f"deduction-{uid}": money.to_text(amount, draft.currency) for uid, amount in sums.items()}
    return amounts | {f"reason-{uid}": "; ".join(dict.fromkeys(said))[:300] for uid, said in reasons.items()}


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


class GoodwillForm(forms.Form):
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
    holder = forms.CharField(label=gettext_lazy("Holder of the account"), max_length=120, required=False)
    iban = forms.CharField(
        label="IBAN",
        help_text=gettext_lazy("For a bank transfer. Kept encrypted until it is paid."),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "class": "is-code"}),
    )

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
        account = {"holder": data["holder"], "iban": data["iban"]} if data["iban"] or data["holder"] else None
        return Gift(
            target="order" if kind == "order" else {kind: name},
            amount="rest" if data["everything"] else data["amount"].strip(),
            reason=data["reason"],
            tender=data["tender"],
            payment=data["payment"] or None,
            payout=account if data["tender"] == "bank_transfer" else None,
            expected_total=expected,
        )


class DocumentForm(forms.Form):
    """A document that accounting issued for a reimbursement."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Document"),
        choices=[choice for choice in Document.Kind.choices if choice[0] != Document.Kind.RECEIPT_RETURN],
    )
    number = forms.CharField(label=gettext_lazy("Number"), max_length=100)
    issued_on = forms.DateField(
        label=gettext_lazy("Issued on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ksef_number = forms.CharField(label=gettext_lazy("KSeF number"), max_length=60, required=False)
    allocation_number = forms.CharField(label=gettext_lazy("Allocation number"), max_length=60, required=False)


class SpanForm(forms.Form):
    """Whole days, of one shop and currency or of all."""

    first = forms.DateField(label=gettext_lazy("From"))
    last = forms.DateField(label=gettext_lazy("To"))
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, required=False)
    shop = forms.CharField(label=gettext_lazy("Shop"), max_length=40, required=False)


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
