"""What templates name exists, and nothing in them breaks the content security policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

ROOT = Path(__file__).resolve().parents[2]
PAGES = [page for page in sorted((ROOT / "templates").rglob("*.html")) if "emails" not in page.parts]
SPRITE = (ROOT / "static/icons/lucide.svg").read_text()
ICON = re.compile(r'{% icon "([a-z0-9-]+)"|shape="([a-z0-9-]+)"')
STATIC = re.compile(r"{% static '([^']+)' %}")
# structured data is no script: nothing runs it, and the policy does not look at it
INLINE = re.compile(
    r"<script(?![^>]*\b(?:src=|type=.application/ld\+json))[^>]*>|<style\b|\sstyle=|\son[a-z]+=|javascript:",
    re.IGNORECASE,
)


def words_of(pattern: re.Pattern[str], text: str) -> set[str]:
    return {word for match in pattern.finditer(text) for word in match.groups() if word}


def drawn() -> set[str]:
    return set(re.findall(r'<symbol id="i-([a-z0-9-]+)"', SPRITE))


def test_every_icon_is_in_the_sprite() -> None:
    named = {icon for page in PAGES for icon in words_of(ICON, page.read_text())}
    assert named - drawn() == set()


def test_the_sprite_has_only_icons_in_use() -> None:
    named = {icon for page in PAGES for icon in words_of(ICON, page.read_text())}
    code = [file for file in ROOT.glob("*/**/*.py") if ".venv" not in file.parts and "tests" not in file.parts]
    literals = {word for file in code for word in re.findall(r'"([a-z0-9-]+)"', file.read_text())}
    assert drawn() - named - literals == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT / "templates")))
def test_a_page_names_files_that_exist_and_writes_nothing_inline(page: Path) -> None:
    text = page.read_text()
    assert [name for name in words_of(STATIC, text) if finders.find(name) is None] == []
    assert INLINE.findall(text) == []


def test_vendored_folders_say_what_they_are() -> None:
    folders = [folder for folder in (ROOT / "static/vendor").iterdir() if folder.is_dir()]
    assert folders
    for folder in folders:
        assert (folder / "LICENSE").exists()
        assert (folder / "VERSION").exists()
        assert not [file for file in folder.glob("*.[cj]s*") if "sourceMappingURL" in file.read_text()]


def test_stylesheets_know_no_left_and_right() -> None:
    physical = re.compile(r"[;{]\s*(?:margin|padding|border|inset)?-?(?:left|right)\s*:|float\s*:\s*(?:left|right)")
    for name in ("tokens", "comeback", "fonts"):
        assert physical.findall((ROOT / f"static/css/{name}.css").read_text()) == []
