"""Documents and spans of the books."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from refunds.models import Document


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
