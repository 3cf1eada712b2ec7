"""What the warehouse typed, tapped and photographed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.problems import FieldError, Invalid
from inspections.actions import Arrived, Finding, Unexpected
from inspections.grading import Check, checklist_for, suggest_disposition, suggest_grade
from inspections.models import Disposition, Grade, Location, Outcome
from returns.models import ReturnItem

PHOTO_LIMIT = 15 * 1024 * 1024
MOST_FILES = 10
MAX_UNITS = 1_000_000
BLANK_ROWS = 2
YES_NO = (("yes", "yes"), ("no", "no"))


def uploads(request: HttpRequest) -> list[bytes]:
    """The pictures that came with a form. Raises Invalid for too many and too large ones."""
    files: list[UploadedFile[Any]] = [file for file in request.FILES.getlist("file") if file]
    if len(files) > MOST_FILES:
        text = ngettext("%(max)d photo at a time is enough.", "%(max)d photos at a time are enough.", MOST_FILES)
        raise Invalid(text % {"max": MOST_FILES})
    if any((file.size or 0) > PHOTO_LIMIT for file in files):
        raise Invalid(_("The photo is larger than 15 MB. Send a smaller one."))
    return [file.read() for file in files]


def photo_ids(request: HttpRequest) -> list[str]:
    """The ids of photos that a form shows already; what is no id is left out."""
    found = []
    for text in request.POST.getlist("photos")[:100]:
        try:
            found.append(str(uuid.UUID(text)))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def refusal_of(form: forms.Form) -> Invalid | None:
    """Everything that is wrong with a form, as one refusal; None while nothing is."""
    errors = [FieldError(f"/{name}", "invalid", str(text)) for name, texts in form.errors.items() for text in texts]
    if not errors:
        return None
    return Invalid(errors[0].detail if len(errors) == 1 else _("Please look at these again."), errors=errors)


def _units(low: int = 0, **more: Any) -> forms.IntegerField:
    named = {
        "required": gettext_lazy("Type how many there are."),
        "invalid": gettext_lazy("Type a whole number, such as 2."),
        "min_value": gettext_lazy("There cannot be fewer than %(limit_value)s."),
        "max_value": gettext_lazy("That is too many to be true."),
    }
    return forms.IntegerField(min_value=low, max_value=MAX_UNITS, error_messages=named, **more)


class ParcelForm(forms.Form):
    """What a parcel is called, where it is, and what nobody announced in it."""

    parcel = forms.CharField(max_length=120, required=False)
    location = forms.CharField(max_length=40, required=False)
    note = forms.CharField(max_length=2000, required=False)

    def __init__(self, data: Any = None, *, locations: Sequence[Location], **more: Any) -> None:
        super().__init__(data, **more)
        self.known = {location.code for location in locations}
        self.rows = BLANK_ROWS
        if data is not None and str(data.get("rows", "")).isdigit():
            self.rows = min(20, max(BLANK_ROWS, int(data["rows"])) + (data.get("step") == "row"))
        for index in range(self.rows):
            self.fields[f"sku-{index}"] = forms.CharField(max_length=100, required=False)
            self.fields[f"units-{index}"] = _units(1, required=False)
            self.fields[f"what-{index}"] = forms.CharField(max_length=300, required=False)

    def clean_location(self) -> str:
        """A place that the person may receive at; MAIN unless chosen."""
        code: str = self.cleaned_data["location"] or "MAIN"
        if code not in self.known:
            raise forms.ValidationError(_("There is no such place. Choose one from the list."))
        return code

    def unexpected_rows(self) -> list[dict[str, Any]]:
        """The rows for what nobody announced, as bound fields."""
        return [{name: self[f"{name}-{index}"] for name in ("sku", "units", "what")} for index in range(self.rows)]

    def typed(self) -> bool:
        """Whether anything unexpected was typed."""
        return any(row[name].value() for row in self.unexpected_rows() for name in row)

    def unexpected(self) -> list[Unexpected]:
        """What nobody announced; a row without a number counts one."""
        data = self.cleaned_data
        rows = [(data[f"sku-{i}"], data[f"units-{i}"], data[f"what-{i}"]) for i in range(self.rows)]
        return [Unexpected(sku, units or 1, what) for sku, units, what in rows if sku or units or what]


class ReceiptForm(ParcelForm):
    """What was counted of each announced item."""

    def __init__(self, data: Any = None, *, items: Sequence[ReturnItem], counts: dict[str, int], **more: Any) -> None:
        super().__init__(data, **more)
        self.items, self.counts = items, counts
        for item in items:
            self.fields[f"quantity-{item.uid}"] = _units(initial=counts[str(item.uid)])
            self.fields[f"damaged-{item.uid}"] = _units(initial=0, required=False)

    def clean(self) -> dict[str, Any]:
        """Damaged units are among the counted ones; a tap on "as announced" must fit the numbers shown."""
        data = super().clean() or self.cleaned_data
        for item in self.items:
            quantity, damaged = data.get(f"quantity-{item.uid}"), data.get(f"damaged-{item.uid}")
            if quantity is not None and (damaged or 0) > quantity:
                text = _("%(title)s: more damaged than counted.") % {"title": item.line.title}
                self.add_error(f"damaged-{item.uid}", text)
        if self.data.get("step") == "announced" and not self.errors and self._differs():
            raise forms.ValidationError(_("The numbers differ from what was announced. Use “Received as counted”."))
        return data

    def _differs(self) -> bool:
        return self.arrived() != [Arrived(uid, units) for uid, units in self.counts.items() if units]

    def arrived(self) -> list[Arrived]:
        """Counted units per item, empty ones left out."""
        data = self.cleaned_data
        rows = [
            Arrived(str(item.uid), data[f"quantity-{item.uid}"], data[f"damaged-{item.uid}"] or 0)
            for item in self.items
        ]
        return [row for row in rows if row.quantity]

    def item_rows(self) -> Iterable[dict[str, Any]]:
        """Each item with its bound fields."""
        return [
            {"item": item, "quantity": self[f"quantity-{item.uid}"], "damaged": self[f"damaged-{item.uid}"]}
            for item in self.items
        ]


class FindingForm(forms.Form):
    """What was found on some units of one item."""

    quantity = _units(1, initial=1)
    grade = forms.ChoiceField(choices=Grade.choices, required=False)
    outcome = forms.ChoiceField(choices=Outcome.choices, initial=Outcome.ACCEPTED)
    disposition = forms.ChoiceField(choices=[("", ""), *Disposition.choices], required=False)
    note = forms.CharField(max_length=4000, required=False, strip=True)

    def __init__(self, data: Any = None, *, item: ReturnItem, **more: Any) -> None:
        super().__init__(data, **more)
        self.item = item
        self.checks: tuple[Check, ...] = checklist_for(item.line.category)
        for check in self.checks:
            self.fields[f"check-{check.code}"] = forms.ChoiceField(choices=YES_NO, required=False)

    def clean(self) -> dict[str, Any]:
        """A grade is chosen by a person, the rule only suggests; a rejection says why."""
        data = super().clean() or self.cleaned_data
        if "grade" not in self.errors and not data.get("grade"):
            grade = suggest_grade(self.answers())
            text = _("Choose a grade.")
            if grade:
                text = _("Choose a grade. The answers speak for %(grade)s.") % {"grade": grade}
            self.add_error("grade", text)
        if data.get("outcome") == Outcome.REJECTED and not data.get("note"):
            self.add_error("note", _("Write the finding: the customer reads why it comes back."))
        return data

    def answers(self) -> dict[str, bool]:
        """The answered lines of the checklist."""
        given = {check.code: self.data.get(f"check-{check.code}") for check in self.checks}
        return {code: answer == "yes" for code, answer in given.items() if answer in ("yes", "no")}

    def checklist(self) -> list[dict[str, Any]]:
        """The checklist's lines with what was answered."""
        answers = self.answers()
        rows = [(check, answers.get(check.code)) for check in self.checks]
        words = {True: "yes", False: "no", None: ""}
        return [{"code": c.code, "label": c.label, "best": c.best, "answer": words[answer]} for c, answer in rows]

    def chosen_grade(self) -> str:
        """The grade to show as chosen: the person's, else what the answers speak for."""
        return str(self["grade"].value() or "") or (suggest_grade(self.answers()) if self.is_bound else "")

    def finding(self, photos: Sequence[str]) -> Finding:
        """The finding of a valid form; without a disposition of their own the rule's."""
        data, answers = self.cleaned_data, self.answers()
        grade, outcome = data["grade"], data["outcome"]
        by_rule = suggest_disposition(grade, outcome, answers, reason=self.item.reason)
        return Finding(
            item=str(self.item.uid),
            quantity=data["quantity"],
            grade=grade,
            outcome=outcome,
            disposition=data["disposition"] or by_rule,
            checklist=answers,
            note=data["note"],
            photos=list(photos),
        )


class CorrectionForm(forms.Form):
    """Where the goods go after all, and why."""

    disposition = forms.ChoiceField(choices=Disposition.choices)
    reason = forms.CharField(max_length=200, error_messages={"required": gettext_lazy("Say why; it stays in the log.")})
