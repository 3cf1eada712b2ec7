"""Whether the withdrawal function could be reached: looked at from outside every hour, kept in the log as evidence."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from accounts.actors import SYSTEM_ACTOR
from returns import events
from returns.actions.withdrawals.statement import instant
from returns.models import Event
from returns.policy.withdrawal import EU, IL, version_of, words

STREAM = "function:withdrawal"
CHECKED = "withdrawal.function_checked"
PAGES = {"/withdraw?lang=en": (EU, "en"), "/cancel-transaction?lang=he": (IL, "he")}
SHOWN = timedelta(days=400)
"""The longest withdrawal period there is, 14 days and 12 months (CRD art. 10), and some."""

Fetch = Callable[[str], str]


def check_function(fetch: Fetch) -> bool:
    """Fetch the home page and both skins of the function as anybody would, and log what was found.

    `fetch` takes a path and gives the page's text; what it raises is logged as why the page is away.
    """
    home, away = _fetched(fetch, "/?lang=en")
    found = {"/": away or _linked(home)}
    for path, (law, language) in PAGES.items():
        text, away = _fetched(fetch, path)
        confirm = words(law, language).confirm
        found[path] = away or ("" if re.search(rf"<button[^>]*>{re.escape(confirm)}</button>", text) else "no button")
    version, digest = version_of()
    data = {"found": {path: why or "ok" for path, why in found.items()}, "ok": not any(found.values()),
            "template_version": version, "template_sha256": digest}  # fmt: skip
    events.append(STREAM, [(CHECKED, data)], actor=SYSTEM_ACTOR, quiet=True)
    return bool(data["ok"])


def _fetched(fetch: Fetch, path: str) -> tuple[str, str]:
    started = time.monotonic()
    try:
        return unescape(fetch(path)), ""
    except (OSError, ValueError) as error:
        return "", f"{type(error).__name__} after {time.monotonic() - started:.1f} s"


def _linked(text: str) -> str:
    """Whether the function stands on the home page by its official label (CRD art. 11a(1))."""
    label = re.escape(words(EU, "en").function)
    return "" if re.search(rf'<a [^>]*href="/withdraw"[^>]*>{label}</a>', text) else "no link"


def last_check() -> Event | None:
    """The latest look, or None before the first."""
    return Event.objects.filter(stream=STREAM).order_by("-seq").first()


def availability(until: datetime) -> dict[str, Any]:
    """What was found in the longest withdrawal period before an instant, failures by name."""
    rows = Event.objects.filter(stream=STREAM, at__lte=until, at__gt=until - SHOWN).order_by("seq")
    looked = list(rows.values_list("at", "data", "hash"))
    failed = [
        {"at": instant(at), "found": data["found"], "hash": digest} for at, data, digest in looked if not data["ok"]
    ]
    return {
        "checks": len(looked),
        "first_at": instant(looked[0][0]) if looked else None,
        "last_at": instant(looked[-1][0]) if looked else None,
        "last_hash": looked[-1][2] if looked else None,
        "failed": failed,
    }
