"""The catalogues of every language but English: complete, sound, and made from what the sources say now."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import cast

import polib
import pytest
from django.conf import settings
from django.utils.translation.trans_real import DjangoTranslation, translation

from tests.servers import ROOT

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
NOT_TEXT = shutil.ignore_patterns(
    ".git", ".venv", "var", "locale", "static", "node_modules", "__pycache__", ".*_cache", "*.html.py", "*.txt.py"
)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-zA-Z]|\{\w*\}")
# what stands for itself: <key> in a sentence is a word, and a translation may say it in its own
TAG = re.compile(r"</?(?:a|abbr|b|bdi|br|code|em|i|kbd|mark|q|s|small|span|strong|sub|sup|time|u)\b[^<>]*>")
NUMBERS = range(1000)


class Anything(dict[str, object]):
    """Fills every placeholder, whatever it is called."""

    def __missing__(self, key: str) -> int:
        return 1


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return cast(str, request.param)


@pytest.fixture
def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"), wrapwidth=0)


def live(catalogue: polib.POFile) -> list[polib.POEntry]:
    return [entry for entry in catalogue if not entry.obsolete]


def forms(entry: polib.POEntry) -> list[tuple[str, str]]:
    """Each translation beside the English that it stands for; of plurals the first form stands for the singular."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    said = [entry.msgstr_plural[index] for index in sorted(entry.msgstr_plural)]
    return [(entry.msgid, said[0]), *((entry.msgid_plural, text) for text in said[1:])]


def words_of_one_number(language: str) -> set[int]:
    """The plural forms that are only ever used for a single number, which the words may say by themselves."""
    rule = cast(DjangoTranslation, translation(language)).plural
    chosen = [rule(number) for number in NUMBERS]
    return {form for form in chosen if chosen.count(form) == 1}


def test_the_plural_rule_of_each_language_is_the_one_that_django_ships(catalogue: polib.POFile, language: str) -> None:
    """Django merges our texts with its own; another rule would make it keep two catalogues for one language."""
    shipped = polib.pofile(
        str(Path(sys.modules["django"].__file__ or "").parent / f"conf/locale/{language}/LC_MESSAGES/django.po")
    )
    ours, theirs = (one.metadata["Plural-Forms"].replace(" ", "") for one in (catalogue, shipped))
    assert ours == theirs


def test_everything_is_translated(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in live(catalogue) if not all(text.strip() for _english, text in forms(entry))] == []


def test_every_plural_has_all_forms(catalogue: polib.POFile) -> None:
    count = int(re.search(r"nplurals=(\d+)", catalogue.metadata["Plural-Forms"])[1])  # type: ignore[index]
    plurals = [entry for entry in live(catalogue) if entry.msgid_plural]
    assert plurals
    assert [entry.msgid for entry in plurals if sorted(entry.msgstr_plural) != list(range(count))] == []


def test_nothing_is_fuzzy_or_left_over(catalogue: polib.POFile) -> None:
    assert not catalogue.metadata_is_fuzzy
    assert [entry.msgid for entry in catalogue if entry.fuzzy or entry.obsolete] == []


def test_placeholders_stay(catalogue: polib.POFile, language: str) -> None:
    one_number = words_of_one_number(language)
    wrong = []
    for entry in live(catalogue):
        for index, (english, text) in enumerate(forms(entry)):
            want, have = set(PLACEHOLDER.findall(english)), set(PLACEHOLDER.findall(text))
            said_in_words = entry.msgid_plural and index in one_number and have < want and len(want - have) == 1
            if have != want and not said_in_words:
                wrong.append((english, text))
    assert wrong == []


def test_percent_signs_are_written_so_that_they_can_be_filled_in(catalogue: polib.POFile) -> None:
    for entry in live(catalogue):
        if "python-format" in entry.flags:
            for english, text in forms(entry):
                assert text % Anything(), english


def test_tags_stay(catalogue: polib.POFile) -> None:
    wrong = [
        (english, text)
        for entry in live(catalogue)
        for english, text in forms(entry)
        if sorted(TAG.findall(english)) != sorted(TAG.findall(text))
    ]
    assert wrong == []


def test_white_space_around_a_text_stays(catalogue: polib.POFile) -> None:
    def around(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    wrong = [
        (english, text)
        for entry in live(catalogue)
        for english, text in forms(entry)
        if around(english) != around(text)
    ]
    assert wrong == []


def keys(catalogue: polib.POFile) -> set[tuple[str, str, str]]:
    return {(entry.msgctxt or "", entry.msgid, entry.msgid_plural) for entry in live(catalogue)}


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> polib.POFile:
    """What `make messages` finds now, in a copy of the sources: it writes beside every template that it reads."""
    if shutil.which("xgettext") is None:
        how = "xgettext is missing: install gettext (apt-get install gettext, brew install gettext)"
        pytest.fail(how) if os.environ.get("CI") else pytest.skip(how)
    sources = tmp_path_factory.mktemp("messages") / "sources"
    shutil.copytree(ROOT, sources, ignore=NOT_TEXT)
    (sources / "locale").mkdir()
    command = [sys.executable, "manage.py", "makemessages", *(f"--locale={code}" for code in LANGUAGES), "--keep-pot"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.dev"}
    done = subprocess.run(command, cwd=sources, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return polib.pofile(str(sources / "locale" / "django.pot"))


def test_the_catalogue_holds_what_the_sources_say(catalogue: polib.POFile, extracted: polib.POFile) -> None:
    """`make messages`, then translate what is new."""
    found, known = keys(extracted), keys(catalogue)
    assert found
    assert {"new in the sources": sorted(found - known), "gone from them": sorted(known - found)} == {
        "new in the sources": [],
        "gone from them": [],
    }
