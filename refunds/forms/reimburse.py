"""What an agent decides about a return's money: units, deductions with their reasons, delivery, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers import money
from refunds.actions import Wish
from refunds.forms.fields import SHIPPING, TENDERS, AccountForm, Decimals
from refunds.models import Reimbursement, ReimbursementLine
from returns.models import ReturnItem


class ReimburseForm(AccountForm):
    """One reimbursement; `items` are those with payable units."""

    shipping = forms.ChoiceField(
        label=gettext_lazy("Delivery"), choices=SHIPPING, widget=forms.RadioSelect, required=False
    )
    shipping_amount = Decimals(label=gettext_lazy("Amount of delivery to refund"))
    tender = forms.ChoiceField(label=gettext_lazy("Where it goes"), choices=TENDERS, widget=forms.RadioSelect)

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
        return Wish(
            items=[{"item": uid, "quantity": quantity} for uid, quantity in wanted if quantity],
            shipping=(data["shipping_amount"] or "0") if shipping == "amount" else shipping,
            tender=data["tender"],
            deductions=taken,
            payout=self.payout() if data["tender"] == "bank_transfer" else None,
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
