"""The printed label: an independent reader reads every code of every form at the printer's 203 dpi."""

from __future__ import annotations

import io
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader
from zebrafy.zebrafy_zpl import ZebrafyZPL

from returns.labels import codes, layout
from returns.labels.data import Address, LabelData, Unprintable
from returns.labels.fonts import FONTS
from returns.labels.marks import HEIGHT, WIDTH, Box, Text
from returns.labels.pdf import render_pdf
from returns.labels.qr import render_qr_png
from returns.labels.raster import paint
from returns.labels.script import clean, is_rtl, isolated, visual
from returns.labels.zpl import render_zpl

TO = Address("Magazyn zwrotów Tidewell", ("ul. Źródlana 5, hala C", "05-090 Raszyn", "Polska"))
LABEL = LabelData(
    rma="RMA-3W7N-B8VC",
    shop="Tidewell",
    sender=Address("Żaneta Święchowicz-Gołębiewska", ("ul. Księdza 128/14", "00-001 Łódź", "Polska")),
    recipient=TO,
    carrier="Poczta",
    service="standard",
    tracking_number="CBK00000004219126",
    qr_text="https://returns.example/r/3W7NB8VCaBcD",
    issued_on=date(2026, 11, 21),
    locale="pl",
    parcel=2,
    parcels=3,
    contents="Kurtka żeglarska (M), bidon 2 szt.",
    ref="88/2026",
)
HEBREW = replace(
    LABEL,
    shop="טיידוול",
    sender=Address("נועה כהן", ("רחוב הרצל 12/4 (כניסה ב׳)", "תל אביב-יפו 6688101", "ישראל")),
    recipient=Address("מחסן החזרות", ("רחוב המלאכה 8", "ראש העין 4809157", "ישראל")),
    carrier="דואר ישראל",
    locale="he",
    contents="ז׳קט (M) 1, בקבוק 2",
)
ENDLESS = replace(
    LABEL,
    rma="RMA-3W7N-B8VC-AND-MUCH-MORE-THAN-FITS",
    shop="Tidewell International Trading and Outfitting Company " * 3,
    sender=Address("X" * 200, ("Llanfairpwllgwyngyllgogerychwyrndrobwll" * 6, "a " * 300, "b", "c", "d", "e", "f")),
    recipient=Address("Magazyn " * 40, ("ul. Źródlana " * 40, "05-090 Raszyn", "Polska", "g", "h", "i", "j")),
    carrier="A carrier " * 20,
    tracking_number="1Z999AA10123456784ABCDEFGH",
    qr_text="https://returns.example/r/" + "x" * 200,
    contents="Kurtka " * 100,
    ref="Zamówienie " * 30,
    parcel=1000,
    parcels=1000,
)
LABELS = pytest.mark.parametrize(
    "label",
    [
        pytest.param(replace(LABEL, locale="en"), id="en"),
        pytest.param(LABEL, id="pl"),
        pytest.param(HEBREW, id="he"),
        pytest.param(replace(HEBREW, locale="en", recipient=TO), id="hebrew-to-poland"),
        pytest.param(ENDLESS, id="endless"),
    ],
)


def read(picture: Image.Image) -> set[tuple[str, str]]:
    return {(code.format.name, code.text) for code in zxingcpp.read_barcodes(picture.convert("L"))}


def codes_of(label: LabelData) -> set[tuple[str, str]]:
    return {("Code128", label.tracking_number), ("QRCode", label.qr_text)}


def is_paper(picture: Image.Image, box: tuple[int, int, int, int]) -> bool:
    return picture.crop(box).convert("L").getextrema() == (255, 255)


def printed(pdf: bytes, page: int = 0) -> Image.Image:
    """A page of the PDF in the printer's dots, drawn by PDFium."""
    return pypdfium2.PdfDocument(pdf)[page].render(scale=203 / 72, no_smoothpath=True).to_pil()


@LABELS
def test_pdf_is_read_at_203_dpi(label: LabelData) -> None:
    picture = printed(render_pdf(label))
    assert picture.size == (WIDTH, HEIGHT)
    assert read(picture) == codes_of(label)


def test_every_parcel_has_a_page_of_its_own() -> None:
    first = replace(LABEL, parcel=1, parcels=2, tracking_number="CBK00000004219126")
    second = replace(HEBREW, parcel=2, parcels=2, tracking_number="CBK00000004219134")
    pdf = render_pdf(first, second)
    assert [read(printed(pdf, page)) for page in (0, 1)] == [codes_of(first), codes_of(second)]


@LABELS
def test_zpl_is_read_at_203_dpi(label: LabelData) -> None:
    zpl = render_zpl(label)
    [picture] = ZebrafyZPL(zpl).to_images()
    assert zpl.startswith("^XA\n^PW812\n^LL1218\n")
    assert zpl.endswith("^XZ\n")
    assert zpl.isascii()
    assert len(zpl) < 30_000
    assert read(picture) == codes_of(label)


@LABELS
def test_qr_image_is_read(label: LabelData) -> None:
    picture = Image.open(io.BytesIO(render_qr_png(label)))
    assert read(picture) == {("QRCode", label.qr_text)}
    assert 500 <= picture.width <= 800
    assert read(picture.resize((picture.width // 3, picture.height // 3))) == {("QRCode", label.qr_text)}


def test_reader_notices_a_damaged_label() -> None:
    picture = printed(render_pdf(LABEL)).convert("L")
    picture.paste(0, (380, 600, 420, 900))
    assert read(picture) == {("QRCode", LABEL.qr_text)}


@LABELS
def test_nothing_leaves_the_label(label: LabelData) -> None:
    bare = paint(layout.compose(label), (WIDTH + 400, HEIGHT + 200))
    assert is_paper(bare, (WIDTH, 0, *bare.size))
    assert is_paper(bare, (0, HEIGHT - 30, *bare.size))
    assert is_paper(bare, (0, 0, 35, 910))
    assert is_paper(bare, (WIDTH - 35, 0, WIDTH, 910))
    assert is_paper(bare, (0, 0, WIDTH, 30))


@LABELS
def test_texts_do_not_run_into_the_bar_code(label: LabelData) -> None:
    marks = layout.compose(label)
    bars = [mark for mark in marks if isinstance(mark, Box) and mark.height == layout.BAR_HEIGHT]
    left, right = min(bar.x for bar in bars), max(bar.x + bar.width for bar in bars)
    module = min(bar.width for bar in bars)
    assert module in codes.MODULES
    assert all(bar.width % module == 0 and (bar.x - left) % module == 0 for bar in bars)
    assert left >= codes.QUIET_CODE128 * module
    assert WIDTH - right >= codes.QUIET_CODE128 * module
    texts = [mark for mark in marks if isinstance(mark, Text)]
    assert not [text for text in texts if text.baseline > 656 and text.baseline - text.size < 656 + layout.BAR_HEIGHT]


def test_name_and_town_outlive_a_long_street() -> None:
    sender = Address("Jan Nowak", ("ul. Bardzo Długa " * 60, "00-001 Warszawa", "Polska"))
    texts = [mark.text for mark in layout.compose(replace(LABEL, sender=sender)) if isinstance(mark, Text)]
    assert {"Jan Nowak", "00-001 Warszawa", "Polska"} <= set(texts)
    assert any(text.endswith("Bardzo…") or text.endswith("Długa…") or text.endswith("ul…") for text in texts)


def test_hebrew_stands_right_aligned_in_drawing_order() -> None:
    texts = {mark.text: mark for mark in layout.compose(HEBREW) if isinstance(mark, Text)}
    street = texts["(׳ב הסינכ) 12/4 לצרה בוחר"]
    assert (street.anchor, street.x) == ("r", WIDTH - layout.MARGIN - layout.INDENT)
    assert texts["6688101 ופי-ביבא לת"].x == street.x
    assert texts[HEBREW.rma].anchor == "r"
    assert "2 קובקב ,1 (M) טק׳ז" in texts


def test_hebrew_address_on_an_english_label_keeps_its_side() -> None:
    mixed = replace(HEBREW, locale="en", recipient=TO)
    texts = {mark.text: mark for mark in layout.compose(mixed) if isinstance(mark, Text)}
    assert texts["ןהכ העונ"].anchor == "r"
    assert texts["05-090 Raszyn"].anchor == "l"


def test_polish_letters_are_in_the_pdf() -> None:
    text = PdfReader(io.BytesIO(render_pdf(LABEL))).pages[0].extract_text()
    for words in ("Żaneta Święchowicz-Gołębiewska", "00-001 Łódź", "ul. Źródlana 5", "RMA-3W7N-B8VC"):
        assert words in text


def test_metadata_name_the_return_and_the_language() -> None:
    document = PdfReader(io.BytesIO(render_pdf(LABEL)))
    assert document.metadata is not None
    assert "RMA-3W7N-B8VC" in str(document.metadata.title)
    assert str(document.root_object["/Lang"]) == "pl"
    box = document.pages[0].mediabox
    assert (float(box.width), float(box.height)) == (288.0, 432.0)


def test_same_data_give_the_same_bytes_in_any_process() -> None:
    assert render_pdf(LABEL) == render_pdf(LABEL)
    assert len({digest_in_another_process(seed) for seed in ("1", "2")}) == 1


def digest_in_another_process(hash_seed: str) -> bytes:
    script = (
        "import django; from django.conf import settings; settings.configure(); django.setup()\n"
        "import hashlib, pickle, sys\n"
        "from returns.labels import pdf, qr, zpl\n"
        "label = pickle.load(sys.stdin.buffer)\n"
        "parts = pdf.render_pdf(label), zpl.render_zpl(label).encode(), qr.render_qr_png(label)\n"
        "print(hashlib.sha256(b''.join(parts)).hexdigest())"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        input=pickle.dumps(replace(LABEL, locale="en")),
        stdout=subprocess.PIPE,
        check=True,
        cwd=Path(layout.__file__).parents[2],
        env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
    ).stdout


@pytest.mark.parametrize("number", ["", "ZWROT-Ł", "A\nB", "A" * 40])
def test_number_that_no_scanner_reads_is_refused(number: str) -> None:
    with pytest.raises(Unprintable) as refusal:
        render_pdf(replace(LABEL, tracking_number=number))
    assert refusal.value.errors[0].pointer == "/tracking_number"
    assert refusal.value.status == 422


@pytest.mark.parametrize("text", ["", "x" * 400, "x" * 5000])
def test_qr_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(Unprintable) as refusal:
        render_zpl(replace(LABEL, qr_text=text))
    assert refusal.value.errors[0].pointer == "/qr_text"


@pytest.mark.parametrize(("modules", "dots"), [(183, 4), (184, 3), (250, 3), (251, 2), (386, 2)])
def test_module_is_as_wide_as_ten_quiet_modules_a_side_allow(modules: int, dots: int) -> None:
    assert codes.module_for([modules], WIDTH) == dots


def test_no_module_is_narrower_than_two_dots() -> None:
    with pytest.raises(Unprintable):
        codes.module_for([387], WIDTH)


# a part of these bars can be read as a second code
@example("(00000:003")
@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
def test_any_plain_number_is_read_back(number: str) -> None:
    widths = codes.code128(number)
    module = codes.module_for(widths, WIDTH)
    picture = Image.new("1", (WIDTH, 120), 1)
    left = (WIDTH - sum(widths) * module) // 2
    for index, width in enumerate(widths):
        if index % 2 == 0:
            picture.paste(0, (left, 10, left + width * module, 110))
        left += width * module
    found = zxingcpp.read_barcodes(picture.convert("L"))
    assert number.encode() in [code.bytes for code in found]


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["en", "he", "pl"]))
@example("J", "", "en")
def test_any_text_gives_a_label(name: str, street: str, locale: str) -> None:
    label = replace(LABEL, locale=locale, shop=name, sender=Address(name, (street, name)), contents=street)
    bare = paint(layout.compose(label), (WIDTH + 200, HEIGHT))
    assert is_paper(bare, (WIDTH - 35, 0, WIDTH + 200, 910))
    # a J begins a little to the left of its line
    assert is_paper(bare, (0, 0, 30, 910))
    assert render_pdf(label).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("text", "rtl", "drawn"),
    [
        ("רחוב 12/4", True, "12/4 בוחר"),
        ("ז׳קט (M) 1", True, "1 (M) טק׳ז"),
        ("Shirt (כחול) 2", False, "Shirt (לוחכ) 2"),
        ("Jacket (M) כחול", True, "לוחכ Jacket (M)"),
        ("(כניסה ב׳) 5", True, "5 (׳ב הסינכ)"),
        ("הזמנה " + isolated("12-AB/7"), True, "12-AB/7 הנמזה"),
        ("00-001 Łódź", False, "00-001 Łódź"),
        ("a) ב (c", False, "a) ב (c"),
    ],
)
def test_drawing_order(text: str, rtl: bool, drawn: str) -> None:
    assert visual(text, rtl) == drawn


def test_text_is_cleaned_of_what_cannot_be_printed() -> None:
    assert clean("Z\u0307aneta\t\u202eNowak\n \u200f(1)\ud800\x00") == "Żaneta Nowak (1)"
    assert clean("שָׁלוֹם") == "שלום"
    assert is_rtl(("12 ", "הרצל"))
    assert not is_rtl(("12", "Herzl הרצל"))
    assert not is_rtl(("12",))


def test_address_in_postal_order() -> None:
    parts = {
        "name": "A. Nowak",
        "line1": "Prosta 1",
        "city": "Warszawa",
        "postal_code": "00-001",
        "country": "PL",
    }
    assert Address.of(parts, "pl") == Address("A. Nowak", ("Prosta 1", "00-001 Warszawa", "Polska"))
    british = {"name": "B", "company": "Co", "line1": "1 Road", "city": "Leeds", "region": None} | {
        "postal_code": "LS1 1AA",
        "country": "GB",
    }
    assert Address.of(british, "en").lines == ("Co", "1 Road", "Leeds LS1 1AA", "United Kingdom")
    assert Address.of({"name": "C", "line1": "x", "country": "ZZZ"}, "he-IL").lines == ("x", "ZZZ")


def test_fonts_are_vendored_with_their_licence() -> None:
    assert re.search(r"2\.37\.3", (FONTS / "VERSION").read_text())
    assert "Bitstream" in (FONTS / "LICENSE").read_text()
