"""Template filters that write money and dates in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from customers.money import display

register = template.Library()

# weekday and day as visual.md draws them: (this year, another year, without the weekday)
_PATTERNS = {
    "en": ("EEE d MMM", "EEE d MMM y", "d MMM y"),
    "he": ("EEE d.M.y", "EEE d.M.y", "d.M.y"),
    "pl": ("EEE d.MM.y", "EEE d.MM.y", "d.MM.y"),
}


def reader() -> Locale:
    """The CLDR locale of the active language; English when there is none."""
    return Locale.parse(translation.to_locale(translation.get_language() or "en"))


def _local(moment: date | datetime) -> date | datetime:
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        return timezone.localtime(moment)
    return moment


def _as_date(moment: date | str) -> date:
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    local = _local(found)
    return local.date() if isinstance(local, datetime) else local


def _pattern(index: int) -> str:
    return _PATTERNS.get((translation.get_language() or "en")[:2], _PATTERNS["en"])[index]


@register.filter
def money(minor: int | None, currency: str) -> SafeString:
    """`{{ amount|money:currency }}`: minor units as the reader writes them, isolated in <bdi>."""
    return format_html("<bdi>{}</bdi>", money_text(minor, currency))


@register.filter
def money_text(minor: int | None, currency: str) -> str:
    """The same without markup, for attributes, titles and <option>."""
    return "" if minor is None else display(int(minor), currency, str(reader()))


@register.filter
def date_day(moment: date | str | None) -> SafeString:
    """A date somebody must act on, with its weekday: `Tue 24 Nov`."""
    if not moment:
        return SafeString("")
    day = _as_date(moment)
    index = 0 if day.year == timezone.localdate().year else 1
    return _date_markup(day, format_date(day, _pattern(index), locale=reader()))


@register.filter
def date_short(moment: date | str | None) -> SafeString:
    """A date that is only information: `24 Nov 2026`."""
    if not moment:
        return SafeString("")
    day = _as_date(moment)
    return _date_markup(day, format_date(day, _pattern(2), locale=reader()))


def _date_markup(day: date, words: str) -> SafeString:
    return format_html('<time datetime="{}"><bdi>{}</bdi></time>', day.isoformat(), words)


@register.filter
def date_time(moment: datetime | str | None) -> SafeString:
    """When something happened, in the current time zone: `Sat 14 Nov, 10:12`."""
    if not moment:
        return SafeString("")
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    local = _local(found)
    assert isinstance(local, datetime)
    day = _as_date(local)
    index = 0 if day.year == timezone.localdate().year else 1
    words = format_date(day, _pattern(index), locale=reader())
    hour = format_time(local, "HH:mm", locale=reader())
    markup = '<time datetime="{}"><bdi>{}</bdi>, <bdi>{}</bdi></time>'
    return format_html(markup, local.isoformat(), words, hour)


@register.filter
def clock_time(moment: datetime | None) -> SafeString:
    """The hour alone: `10:12`."""
    if moment is None:
        return SafeString("")
    local = _local(moment)
    assert isinstance(local, datetime)
    words = format_time(local, "HH:mm", locale=reader())
    return format_html('<time datetime="{}"><bdi>{}</bdi></time>', moment.isoformat(), words)


@register.filter
def time_left(until: datetime | None) -> str:
    """How long until a moment, for clocks: minutes, from an hour hours, from two days days; late: empty."""
    if until is None:
        return ""
    minutes = int((until - timezone.now()).total_seconds() // 60)
    if minutes < 0:
        return ""
    if minutes < 60:
        return ngettext("%(n)s minute left", "%(n)s minutes left", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return ngettext("%(n)s hour left", "%(n)s hours left", minutes // 60) % {"n": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}


@register.filter
def percent(rate: Decimal | str | None) -> SafeString:
    """A rate as a percentage: Decimal("0.23") is 23%."""
    if rate is None:
        return SafeString("")
    value = (Decimal(str(rate)) * 100).quantize(Decimal("0.01"), ROUND_DOWN).normalize()
    return format_html("<bdi>{}%</bdi>", f"{value:f}")


@register.filter
def initials(name: object) -> str:
    """Up to two initials for an avatar; of an e-mail, its first letter."""
    words = [word for word in str(name or "?").split("@")[0].split() if word]
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """`{{ mapping|lookup:key }}`: the value of a key that is itself a variable, else empty."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""


@register.simple_tag
def languages() -> list[dict[str, Any]]:
    """The languages a page can be read in, each under its own name: code, name, current."""
    current = (translation.get_language() or "en")[:2]
    return [{"code": code, "name": _own_name(code), "current": code == current} for code, _label in settings.LANGUAGES]


def _own_name(code: str) -> str:
    return (Locale.parse(code).get_display_name(code) or code).capitalize()


# shapes with a direction: they turn round where reading starts at the right
_TURNING = {"arrow-left", "arrow-right", "chevron-right", "truck", "send", "list-checks", "undo-2", "log-out"}


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite, hidden from readers because a word always stands beside it."""
    turn = " i-dir" if name in _TURNING else ""
    return format_html(
        '<svg class="i{}{}" aria-hidden="true"><use href="{}#i-{}"></use></svg>',
        f" {css}" if css else "",
        turn,
        static("icons/lucide.svg"),
        name,
    )


@register.filter
def control(field: BoundField) -> SafeString:
    """A form field's widget with the class of its kind, and red when it is wrong."""
    widget = field.field.widget
    css = "form-control"
    if isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple):
        css = "form-check-input"
    elif isinstance(widget, Select):
        css = "form-select"
    own = widget.attrs.get("class", "")
    bad = " is-invalid" if field.errors else ""
    return field.as_widget(attrs={"class": f"{css} {own}".strip() + bad})
