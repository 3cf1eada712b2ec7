"""Subject, plain text and HTML of a mail, from its three templates in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

SUBJECT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    subject: str
    text: str
    html: str


def language_of(locale: str) -> str:
    """The installation's language nearest to a locale: `he-IL` is `he`, an unknown one the default."""
    code = locale.replace("_", "-").partition("-")[0].lower()
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def write_letter(kind: str, locale: str, facts: Mapping[str, Any]) -> Letter:
    """Render `emails/<kind>/{subject.txt,body.txt,body.html}` in the language of `locale`."""
    with translation.override(language_of(locale)):
        rtl = translation.get_language_bidi()
        context = {
            **facts,
            "lang": translation.get_language(),
            "dir": "rtl" if rtl else "ltr",
            # mail programs know no logical sides
            "start": "right" if rtl else "left",
            "end": "left" if rtl else "right",
        }
        context["subject"] = _one_line(render_to_string(f"emails/{kind}/subject.txt", context))
        text = render_to_string(f"emails/{kind}/body.txt", context)
        html = render_to_string(f"emails/{kind}/body.html", context)
    return Letter(context["subject"], _tidy(text), styled(html))


def styled(html: str) -> str:
    """A page of mail with its rules written into the elements, as mail programs want them."""
    return _inliner().inline(html)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:SUBJECT_LENGTH]


def _tidy(text: str) -> str:
    lines = "\n".join(line.strip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
