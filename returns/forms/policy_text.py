"""Values and whole documents of a policy as text: lines as people type them, and YAML, both ways."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from returns.forms.policy_fields import AMOUNTS, DAYS, ONE_OF, PERCENTS, YES_NO, amount_text, amounts_of
from returns.policy.document import CONDITIONS
from returns.policy.wording import condition_label, standing_label

LONGEST = 200_000
WHOLE = (*DAYS, "required_photos")
WORDS = (*ONE_OF, "return_to")
OBJECTS = ("fee", "deduction_by_grade")
NO_LIMIT = ("", "-")
_PLAIN_LIST = re.compile(r"[^\[\]{}\"',]*")


def label_of(key: str) -> str:
    """What a condition or an effect is about."""
    return condition_label(key) if key in CONDITIONS else standing_label(key)


def to_text(value: Any) -> str:
    """A value of the document as a person types it: lists with commas, the rest as YAML writes it on one line."""
    if isinstance(value, Mapping) and value and all(len(key) == len("EUR") for key in value):
        return amount_text(value)
    if isinstance(value, Mapping) and set(value) == {"gross"}:
        return to_text(value["gross"])
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(each, str) and _PLAIN_LIST.fullmatch(each) for each in value):
        return ", ".join(value)
    if isinstance(value, list | Mapping):
        dumped = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
        return str(dumped).strip()
    return str(value)


def from_text(key: str, text: str, at: str) -> Any:
    """The value that was typed for a key; what it means is checked by the document. Raises Invalid."""
    if text.startswith(("{", "[")):
        return read_yaml(text, at)
    if key in WHOLE:
        return None if text in NO_LIMIT else whole(text)
    if key in YES_NO:
        return {"yes": True, "no": False, "true": True, "false": False}.get(text.lower(), text)
    if key in AMOUNTS:
        return _amount(key, text)
    if key in (*WORDS, *PERCENTS, *OBJECTS, "message", "return_until"):
        return text or None
    if key.endswith("_between"):
        return text if ".." in text else [part.strip() for part in text.split(",")]
    if key == "refund_order" and "," not in text:
        return text
    return [part.strip() for part in text.split(",") if part.strip()]


def _amount(key: str, text: str) -> Any:
    value = amounts_of(text) if text else None
    return {"gross": value} if key == "label_fee" and value is not None else value


def whole(text: str) -> Any:
    """A whole number, or the text where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text


def read_yaml(text: str, at: str = "") -> Any:
    """YAML without anchors, which could grow without end. Raises Invalid with the line that is wrong."""
    if len(text) > LONGEST:
        raise _unreadable(_("This is longer than a policy may be."), at)
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                line = token.start_mark.line + 1
                raise _unreadable(_("Line %(line)d: write it out, anchors (&, *) are not read.") % {"line": line}, at)
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        detail = _("Line %(line)d is not YAML: %(problem)s.") % {"line": line, "problem": error.problem or ""}
        raise _unreadable(detail, at) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unreadable(_("This is not YAML."), at) from error


def _unreadable(detail: str, at: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(at, "invalid", detail)])


def read_document(text: str, shop: str) -> dict[str, Any]:
    """A whole document from YAML, kept to its shop. Raises Invalid."""
    found = read_yaml(text)
    if not isinstance(found, dict):
        raise _unreadable(_("Write keys and values, such as name: House policy."), "")
    return {"shop": shop, **found}


def write_yaml(document: Mapping[str, Any]) -> str:
    """The document as YAML, in its own order."""
    return str(yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False, width=100))


def line_of(text: str, pointer: str) -> int | None:
    """The line of a YAML text, from 1, on which the member at a JSON pointer stands; the nearest that is there."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    line = None if node is None else node.start_mark.line + 1
    for part in pointer.split("/")[1:]:
        found = _member(node, part.replace("~1", "/").replace("~0", "~"))
        if found is None:
            break
        named, node = found
        line = named.start_mark.line + 1
    return line


def _member(node: Any, part: str) -> tuple[Any, Any] | None:
    """What names a member, and the member; a list's members name themselves."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        return node.value[int(part)], node.value[int(part)]
    return None


def moment_of(typed: str, at: str) -> datetime:
    """What a date and time field sent, in the time zone of the installation. Raises Invalid."""
    try:
        return timezone.make_aware(datetime.fromisoformat(typed))
    except ValueError as error:
        raise _unreadable(_("Choose a day and a time."), at) from error
