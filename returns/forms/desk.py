"""What agents type on a return's page; each form knows the words of its fields and keeps them after a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers import money
from returns.models import PolicyDecision, Return, ReturnItem
from returns.policy.decision import DECLINED

QUANTITY = "quantity-"


class ActForm(forms.Form):
    """A form on a return; the base of all, with nothing to fill in."""

    def __init__(self, *args: Any, rma: Return, items: Sequence[ReturnItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rma, self.items = rma, items

    def given(self) -> dict[str, Any]:
        """The cleaned input in the form that the action takes."""
        return self.cleaned_data


class QuantityForm(ActForm):
    """How many units of each item; `limit` is the most of one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in self.items:
            most = self.limit(item)
            if most > 0:
                self.fields[f"{QUANTITY}{item.uid}"] = self.quantity(item, most)
        self.order_fields([name for name in self.fields if name.startswith(QUANTITY)])

    def quantity(self, item: ReturnItem, most: int) -> forms.IntegerField:
        """The field of one item."""
        return forms.IntegerField(
            label=item.line.title,
            min_value=0,
            max_value=most,
            initial=most,
            required=False,
            help_text=_("of %(n)d") % {"n": most},
            widget=forms.NumberInput(attrs={"class": "cb-qty", "inputmode": "numeric"}),
        )

    def limit(self, item: ReturnItem) -> int:
        """The most units of an item; here what is still to come."""
        return item.announced

    def given(self) -> dict[str, Any]:
        """The quantities as rows of a command's body, and the rest as it is; no quantity at all means everything."""
        sent = [name for name in self.fields if name.startswith(QUANTITY) and name in self.data]
        rows = [{"item": name.removeprefix(QUANTITY), "quantity": self.cleaned_data[name] or 0} for name in sent]
        rest = {name: value for name, value in self.cleaned_data.items() if not name.startswith(QUANTITY)}
        return {**rest, "items": rows if sent else None}


class AuthorizeForm(QuantityForm):
    """Which units may come back, and why when the policy says otherwise."""

    reason = forms.CharField(
        label=gettext_lazy("Why otherwise than the policy"),
        help_text=gettext_lazy("Needed only against the policy. It is logged with your name."),
        max_length=200,
        required=False,
    )

    def __init__(
        self, *args: Any, against: Sequence[PolicyDecision] = (), may_override: bool = False, **kwargs: Any
    ) -> None:
        self.declined = {row.item_id for row in against if row.outcome == DECLINED and not row.overridden_by}
        super().__init__(*args, **kwargs)
        if not (self.declined and may_override):
            del self.fields["reason"]

    def limit(self, item: ReturnItem) -> int:
        """What was asked for."""
        return item.requested

    def quantity(self, item: ReturnItem, most: int) -> forms.IntegerField:
        """What the policy declines starts at nothing."""
        field = super().quantity(item, most)
        if item.pk in self.declined:
            field.initial = 0
            field.help_text = _("of %(n)d, declined by the policy") % {"n": most}
        return field


class CancelForm(QuantityForm):
    """Which units are taken back, and by whose wish."""

    by_customer = forms.BooleanField(label=gettext_lazy("The customer asked for it"), required=False)

    def limit(self, item: ReturnItem) -> int:
        """What is still held and not paid without goods."""
        return item.holding - item.waived


class LostForm(QuantityForm):
    """What was lost on the way, and whether it is paid all the same."""

    reason = forms.CharField(label=gettext_lazy("What the carrier says"), max_length=200)
    pay = forms.BooleanField(label=gettext_lazy("Pay all the same"), required=False, initial=True)


class KeepForm(QuantityForm):
    """What the customer may keep, and why."""

    reason = forms.CharField(label=gettext_lazy("Why, for us"), max_length=200)


class DeclineForm(ActForm):
    """Why not, for us and for the customer."""

    reason = forms.CharField(label=gettext_lazy("Reason, for us"), max_length=200)
    message = forms.CharField(
        label=gettext_lazy("What the customer reads"),
        help_text=gettext_lazy("The reason, and what is still possible."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReasonForm(ActForm):
    """Why, for the log."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class LabelForm(ActForm):
    """How many parcels."""

    parcels = forms.IntegerField(
        label=gettext_lazy("How many parcels"),
        min_value=1,
        max_value=20,
        initial=1,
        widget=forms.NumberInput(attrs={"class": "cb-qty", "inputmode": "numeric"}),
    )


class OwnShipmentForm(ActForm):
    """What the customer posted on their own."""

    carrier = forms.CharField(label=gettext_lazy("Carrier"), max_length=60)
    tracking_number = forms.CharField(
        label=gettext_lazy("Tracking number"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "class": "is-code"}),
    )
    cost = forms.CharField(
        label=gettext_lazy("Postage they paid"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )

    def clean_cost(self) -> int | None:
        """Minor units of the return's currency."""
        text = self.cleaned_data["cost"].strip()
        if not text:
            return None
        try:
            return money.parse(text, self.rma.currency)
        except money.BadAmount as error:
            raise forms.ValidationError(str(error)) from error


class TextForm(ActForm):
    """A note or a comment."""

    text = forms.CharField(label=gettext_lazy("Text"), max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))


class FindOrderForm(forms.Form):
    """What somebody on the phone can say of their order."""

    find = forms.CharField(
        label=gettext_lazy("Order number, e-mail or phone"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "is-code", "dir": "ltr"}),
    )
