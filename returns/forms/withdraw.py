"""The form of the withdrawal function: three inputs, words given by law, and nothing else that must be filled in."""

from __future__ import annotations

from typing import Any

from django import forms

from returns.policy.withdrawal import IL, Words

WHOLE, ITEMS = "whole", "items"


class WithdrawForm(forms.Form):
    """Name, contract and where the acknowledgement goes; which items, if not all.

    Lenient on purpose: what a person can read is a statement (Directive 2011/83/EU art. 11a(2)).
    """

    name = forms.CharField(max_length=200)
    contract = forms.CharField(max_length=2000)
    means = forms.CharField(max_length=254)
    scope = forms.ChoiceField(required=False, choices=[(WHOLE, WHOLE), (ITEMS, ITEMS)])
    items = forms.CharField(required=False, max_length=4000, strip=True)
    id_number = forms.CharField(required=False, max_length=40)

    def __init__(self, *args: Any, words: Words, lines: list[dict[str, Any]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words, self.lines = words, lines or []
        helps = {"contract": words["contract_help"], "id_number": words.get("id_help")}
        for name, field in self.fields.items():
            field.label, field.help_text = words.get(name), helps.get(name, "")
            field.error_messages |= {"required": words.get(f"{name}_error"), "max_length": words["long_error"]}
        auto = {"name": "name", "means": "email", "contract": "off", "id_number": "off"}
        for name, value in auto.items():
            self.fields[name].widget.attrs["autocomplete"] = value
        self.fields["means"].widget.attrs |= {"inputmode": "email", "dir": "ltr"}
        if words.law != IL:
            del self.fields["id_number"]

    def clean_means(self) -> str:
        """An e-mail address, as far as a person would take it for one."""
        means: str = self.cleaned_data["means"]
        local, _at, domain = means.rpartition("@")
        if not local or not domain or any(character.isspace() for character in means):
            raise forms.ValidationError(self.words["means_error"])
        return means

    def clean(self) -> dict[str, Any]:
        """Items in words or by line, where not everything is meant."""
        found = super().clean() or self.cleaned_data
        # who names items means these, whichever of the two circles is filled
        found["named"] = self._named(found)
        if found.get("scope") == ITEMS and not found["named"]:
            self.add_error("items", self.words["items_error"])
        return found

    def _named(self, found: dict[str, Any]) -> list[Any]:
        known = {line["id"]: line["quantity"] for line in self.lines}
        getlist: Any = getattr(self.data, "getlist", lambda name: [])
        ticked = [self._units(line, known[line]) for line in dict.fromkeys(getlist("line")) if line in known]
        typed = [text.strip()[:500] for text in found.get("items", "").splitlines() if text.strip()]
        return [*ticked, *typed][:200]

    def _units(self, line: str, bought: int) -> dict[str, Any]:
        """A ticked line, with how many of it where that is fewer than were bought."""
        typed = str(self.data.get(f"quantity-{line}", "")).strip()
        wanted = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else bought
        return {"line": line, "quantity": wanted} if 0 < wanted < bought else {"line": line}
