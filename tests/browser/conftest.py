"""A real Chromium on the live server: every page is held to axe, to the security policy and to its width."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from playwright.sync_api import Browser, Page, sync_playwright

# playwright keeps an event loop in this thread, and Django would refuse the database beside it
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = 360, 1280

Open = Callable[..., Page]


@pytest.fixture
def own_rows(transactional_db: None) -> None:
    """New rows get numbers of their own beside those that were put back after the last test."""
    statements = connection.ops.sequence_reset_sql(no_style(), list(apps.get_models()))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system, else the one that playwright installed."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Open]:
    """Open pages that must not say anything to the console."""
    contexts, said = [], []

    def start(*, language: str = "en", width: int = PHONE, scheme: str = "light", script: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            locale=language,
            color_scheme=scheme,
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield start
    for context in contexts:
        context.close()
    refused = [text for text in said if "status of 4" not in text]
    assert refused == []


def check(page: Page) -> None:
    """No violation of WCAG 2.2 AA and best practice, and nothing wider than the screen."""
    page.wait_for_load_state()
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", RULES)
    problems = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]]
    assert problems == [], page.url
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, page.url
