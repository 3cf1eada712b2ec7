"""What staff type about a statement of withdrawal: one that came by phone, letter, mail or fax, and our answer."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from babel import Locale
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns.models import Withdrawal
from returns.policy.withdrawal import languages_of

BY_HAND = ("phone", "letter", "email", "fax", "in_person")


class RecordForm(forms.Form):
    """A statement made outside of the function, with the same proof."""

    channel = forms.ChoiceField(label=gettext_lazy("How it came"))
    law = forms.ChoiceField(label=gettext_lazy("Law"), choices=Withdrawal.Law.choices)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    contract = forms.CharField(
        label=gettext_lazy("Order number or what identifies the contract, as they said it"), max_length=2000
    )
    means = forms.CharField(
        label=gettext_lazy("Where the acknowledgement goes"),
        max_length=254,
        help_text=gettext_lazy("An e-mail address; a postal address is printed and posted."),
    )
    items = forms.CharField(
        label=gettext_lazy("Items, a line each; empty is everything"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    text = forms.CharField(
        label=gettext_lazy("What they wrote or said, word for word"),
        help_text=gettext_lazy("It stands in the acknowledgement, so that they can check it."),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    received_at = forms.DateTimeField(
        label=gettext_lazy("When it reached us"),
        required=False,
        help_text=gettext_lazy("Empty is now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    sent_on = forms.DateField(
        label=gettext_lazy("The day they sent it: postmark, date of the e-mail"),
        required=False,
        help_text=gettext_lazy("It is in time when it was sent in time, however late it reached us."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    sent_time = forms.TimeField(
        label=gettext_lazy("And the time, where it is known"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    locale = forms.ChoiceField(label=gettext_lazy("Language of the acknowledgement"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(Withdrawal.Channel.choices)
        chosen: Any = self.fields["channel"]
        chosen.choices = [(code, known[code]) for code in BY_HAND]
        spoken: Any = self.fields["locale"]
        codes = dict.fromkeys([*languages_of("eu"), *languages_of("il")])
        spoken.choices = [(code, Locale.parse(code).get_display_name(code)) for code in codes]

    def clean(self) -> dict[str, Any]:
        """Nothing reaches us tomorrow, or before it was sent. A day without a time counts from its first minute."""
        found = super().clean() or self.cleaned_data
        now, day = timezone.now(), found.get("sent_on")
        if found.get("received_at") and found["received_at"] > now:
            self.add_error("received_at", _("This is in the future."))
        if found.get("sent_time") and day is None:
            self.add_error("sent_on", _("Give the day as well."))
        sent = timezone.make_aware(datetime.combine(day, found.get("sent_time") or time.min)) if day else None
        if sent is not None and sent > (found.get("received_at") or now):
            self.add_error("sent_on", _("This is after it reached us."))
        found["dispatched_at"] = sent
        return found


class AnswerForm(forms.Form):
    """Our answer where no return came of a statement."""

    accepted = forms.ChoiceField(
        label=gettext_lazy("Our answer"),
        choices=[
            ("no", gettext_lazy("The right does not apply")),
            ("yes", gettext_lazy("The withdrawal is effective")),
        ],
    )
    reasons = forms.CharField(
        label=gettext_lazy("Reasons, in the customer’s language; they are mailed"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
