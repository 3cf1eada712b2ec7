"""The description of a gateway by data: its form, checked strictly before it is stored, and its sealed secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.wire import Flag, Strict, Text, Whole, read
from refunds.gateways.base import RefundOutcome
from refunds.gateways.signing import ALGORITHMS
from refunds.gateways.templates import CALL, LIST, MESSAGE, SIGNATURE, unknown_placeholders
from refunds.payout import box

METHODS = ["GET", "POST", "PUT"]
AMOUNTS = ["minor", "minor_text", "decimal", "decimal_text"]
SETTLED = [RefundOutcome.SUCCEEDED, RefundOutcome.FAILED, RefundOutcome.PENDING, RefundOutcome.UNCLEAR]
_POINTER = re.compile(r"(/[^/]{1,100}){1,10}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,79}")


class Template(Text):
    """A text with placeholders out of a closed list."""

    default_error_messages = {"placeholder": _("Unknown placeholder: {names}. Known: {known}.")}

    def __init__(self, known: frozenset[str] = CALL, *, message: bool = False, **kwargs: Any) -> None:
        self.known, self.from_message = known, message
        super().__init__(**{"max_length": 1000, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Accept known placeholders only."""
        text = super().to_internal_value(data)
        bad = unknown_placeholders(text, self.known, message=self.from_message)
        if bad:
            self.fail("placeholder", names=", ".join(bad), known=", ".join(sorted(self.known)))
        return text


class Shaped(Text):
    """A text of one form."""

    default_error_messages = {"form": _("This does not have the right form.")}

    def __init__(self, form: re.Pattern[str], **kwargs: Any) -> None:
        self.form = form
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Accept what matches."""
        text = super().to_internal_value(data)
        if not self.form.fullmatch(text):
            self.fail("form")
        return text


def _pointer(**kwargs: Any) -> Shaped:
    return Shaped(_POINTER, required=False, **kwargs)


class Body(serializers.JSONField):
    """A JSON document whose texts are templates."""

    def __init__(self, known: frozenset[str] = CALL, **kwargs: Any) -> None:
        self.known = known
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Check every text in it."""
        self._check(super().to_internal_value(data))
        return data

    def _check(self, tree: Any) -> None:
        if isinstance(tree, str):
            Template(self.known, allow_blank=True).run_validation(tree)
        for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
            self._check(inner)


class Base(Text):
    """Where the gateway is: an address without a query, with TLS unless the network is one that the operator allows."""

    default_error_messages = {"address": _("Write an address such as https://api.example.com/v1.")}

    def to_internal_value(self, data: Any) -> str:
        """Accept http and https; what may be called is decided at each call."""
        text = super().to_internal_value(data).rstrip("/")
        parts = urlsplit(text)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
            self.fail("address")
        if parts.username or parts.password:
            self.fail("address")
        return text


class Field(Strict):
    """One signed field; its name counts where a JSON object is signed."""

    name = Text(required=False, max_length=60)
    value = Template(CALL, allow_blank=True)


class Into(Strict):
    """Where a signature goes."""

    header = Shaped(_HEADER, required=False)
    body = Text(required=False, max_length=60)
    value = Template(SIGNATURE, required=False)

    def validate(self, attrs: Any) -> Any:
        """One place."""
        if ("header" in attrs) == ("body" in attrs):
            raise serializers.ValidationError(_("Name either a header or a member of the body."))
        return attrs


class Sign(Strict):
    """How a call is signed."""

    algorithm = serializers.ChoiceField(choices=ALGORITHMS)
    key = Template(required=False)
    join = Text(required=False, max_length=10, allow_blank=True, trim_whitespace=False)
    encoding = serializers.ChoiceField(choices=["hex", "base64"], required=False)
    upper = Flag(required=False)
    into = Into()

    def get_fields(self) -> dict[str, Any]:
        """`fields` is a name that serializers keep for themselves."""
        return {**super().get_fields(), "fields": serializers.ListField(child=Field(), min_length=1, max_length=30)}


class MessageField(Strict):
    """One signed field of a webhook."""

    name = Text(required=False, max_length=60)
    value = Template(MESSAGE, message=True, allow_blank=True)


class MessageSign(Strict):
    """How a webhook is signed, and where its signature stands."""

    algorithm = serializers.ChoiceField(choices=ALGORITHMS)
    key = Template(MESSAGE, required=False)
    join = Text(required=False, max_length=10, allow_blank=True, trim_whitespace=False)
    encoding = serializers.ChoiceField(choices=["hex", "base64"], required=False)
    upper = Flag(required=False)
    header = Shaped(_HEADER, required=False)
    part = Text(required=False, max_length=40)
    at = _pointer()

    def get_fields(self) -> dict[str, Any]:
        """The fields with the one whose name is taken."""
        child = MessageField()
        return {**super().get_fields(), "fields": serializers.ListField(child=child, min_length=1, max_length=30)}

    def validate(self, attrs: Any) -> Any:
        """One place."""
        if ("header" in attrs) == ("at" in attrs):
            raise serializers.ValidationError(_("Name either a header or a place in the body."))
        return attrs


class Rule(Strict):
    """Which answers mean an outcome: by status, and by what stands at a place."""

    status = serializers.ListField(child=Whole(min_value=100, max_value=599), required=False, max_length=30)
    at = _pointer()
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in SETTLED])

    def get_fields(self) -> dict[str, Any]:
        """`in` is a word of the language."""
        return {**super().get_fields(), "in": _values()}

    def validate(self, attrs: Any) -> Any:
        """A place needs its values, and every rule a condition."""
        if ("at" in attrs) != ("in" in attrs) or not ({"status", "at"} & set(attrs)):
            raise serializers.ValidationError(_("A rule names statuses, or a place and the values there, or both."))
        if attrs["outcome"] == RefundOutcome.FAILED and "at" not in attrs and _may_have_moved(attrs["status"]):
            raise serializers.ValidationError(_("An answer of 2xx, 408, 409, 429 or 5xx alone does not prove failure."))
        return attrs


def _may_have_moved(statuses: list[int]) -> bool:
    return any(status < 400 or status >= 500 or status in (408, 409, 425, 429) for status in statuses)


def _values() -> serializers.ListField:
    return serializers.ListField(child=serializers.JSONField(), required=False, min_length=1, max_length=50)


class LookUpRule(Rule):
    """A look-up may also find that there is no such refund."""

    outcome = serializers.ChoiceField(choices=[*(outcome.value for outcome in SETTLED), RefundOutcome.UNKNOWN.value])


class Call(Strict):
    """One request."""

    method = serializers.ChoiceField(choices=METHODS)
    path = Template(CALL)
    query = serializers.DictField(child=Template(CALL, allow_blank=True), required=False)
    headers = serializers.DictField(child=Template(CALL), required=False)
    format = serializers.ChoiceField(choices=["json", "form"], required=False)
    body = Body(required=False)
    sign = Sign(required=False)
    id = _pointer()
    reason = _pointer()
    code = _pointer()

    def validate_path(self, path: str) -> str:
        """Below the base address."""
        if not path.startswith("/") or path.startswith("//"):
            raise serializers.ValidationError(_("A path begins with one slash."))
        return path


class RefundCallShape(Call):
    """Asking for a refund."""

    answers = serializers.ListField(child=Rule(), min_length=1, max_length=40)


class Match(Strict):
    """Which row of a list is ours."""

    at = Shaped(_POINTER)
    value = Template(CALL)


class LookUp(Call):
    """Asking what became of one."""

    rows = _pointer()
    match = Match(required=False)
    answers = serializers.ListField(child=LookUpRule(), min_length=1, max_length=40)

    def validate(self, attrs: Any) -> Any:
        """A list is searched by something."""
        if ("rows" in attrs) != ("match" in attrs):
            raise serializers.ValidationError(_("A list needs both `rows` and `match`."))
        return attrs


def _statuses() -> serializers.DictField:
    return serializers.DictField(child=_values())


class Row(Strict):
    """Where the facts of a refund stand."""

    id = Shaped(_POINTER)
    key = _pointer()
    payment = _pointer()
    amount = Shaped(_POINTER)
    currency = _pointer()
    status = _pointer()
    at = _pointer()
    statuses = _statuses()

    def validate_statuses(self, statuses: Any) -> Any:
        """Outcomes by name."""
        unknown = set(statuses) - {outcome.value for outcome in SETTLED}
        if unknown:
            raise serializers.ValidationError(_("Unknown outcome: %(name)s.") % {"name": sorted(unknown)[0]})
        return statuses


class Ledger(Strict):
    """The gateway's own list of refunds."""

    method = serializers.ChoiceField(choices=["GET", "POST"])
    path = Template(LIST)
    query = serializers.DictField(child=Template(LIST, allow_blank=True), required=False)
    headers = serializers.DictField(child=Template(LIST), required=False)
    rows = Shaped(_POINTER)
    next = _pointer()
    row = Row()


class Hook(Strict):
    """Its webhook."""

    sign = MessageSign()
    event_id = _pointer()
    kind = _pointer()
    row = Row()


class Auth(Strict):
    """How we say who we are."""

    kind = serializers.ChoiceField(choices=["none", "bearer", "basic", "header"])
    user = Template(frozenset(), required=False)
    header = Shaped(_HEADER, required=False)

    def validate(self, attrs: Any) -> Any:
        """Each kind has what it needs."""
        needed = {"basic": "user", "header": "header"}.get(attrs["kind"])
        if needed and needed not in attrs:
            raise serializers.ValidationError({needed: _("This kind of access needs it.")})
        return attrs


class Definition(Strict):
    """A gateway."""

    base_url = Base(max_length=300)
    settings = serializers.DictField(child=Text(max_length=300), required=False)
    amounts = serializers.ChoiceField(choices=AMOUNTS)
    currencies = serializers.ListField(child=Text(min_length=3, max_length=3), required=False)
    key_window_hours = Whole(min_value=0, max_value=24 * 3650, allow_null=True)
    auth = Auth()
    refund = RefundCallShape()
    look_up = LookUp(required=False)
    list = Ledger(required=False)
    webhook = Hook(required=False)

    def validate_settings(self, settings: Any) -> Any:
        """Names that placeholders can have."""
        bad = [name for name in settings if not _NAME.fullmatch(name)]
        if bad:
            raise serializers.ValidationError(_("A setting's name has small letters, digits and _ only."))
        return settings

    def validate(self, attrs: Any) -> Any:
        """Placeholders name settings that exist."""
        known = {f"setting.{name}" for name in attrs.get("settings", {})}
        missing = sorted(set(re.findall(r"\{(setting\.[a-z0-9_]+)\}", str(attrs))) - known)
        if missing:
            raise serializers.ValidationError({"settings": _("Lacks %(name)s.") % {"name": missing[0]}})
        return attrs


def check(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The description, if it can be used. Raises Invalid with a pointer for each thing that is wrong."""
    found: dict[str, Any] = _plain(read(Definition, definition))
    return found


def _plain(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {str(name): _plain(inner) for name, inner in tree.items()}
    return [_plain(inner) for inner in tree] if isinstance(tree, list) else tree


def seal(secret: str) -> str:
    """A gateway's secret encrypted for the database; empty stays empty."""
    return box("refunds.gateway").encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """The secret that `seal` wrote."""
    return box("refunds.gateway").decrypt(sealed.encode()).decode() if sealed else ""
