"""Photos from strangers: what is kept is clean, what is hostile is refused before it costs much."""

from __future__ import annotations

import hashlib
import io
import os
import resource
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from returns.photos import containers, limits, reencode, worker
from returns.photos.reencode import CleanPhoto, PhotoRefused

ROOT = Path(worker.__file__).parents[2]
RED, BLUE = (210, 20, 20), (20, 20, 210)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def photo(width: int = 800, height: int = 600) -> Image.Image:
    """Red with a blue upper left quarter, so that turning shows."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (0, 0, width // 2, height // 2))
    return picture


def exif(orientation: int = 1) -> Image.Exif:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "SpyPhone Inc"
    data.get_ifd(0x8825).update({1: "N", 2: (52.0, 13.0, 12.0), 3: "E", 4: (21.0, 0.0, 44.0)})
    return data


def refused(data: bytes) -> PhotoRefused:
    with pytest.raises(PhotoRefused) as refusal:
        reencode.reencode(data)
    assert (refusal.value.status, refusal.value.code) == (422, "invalid")
    assert refusal.value.detail.endswith(".")
    assert refusal.value.errors[0].pointer == "/file"
    return refusal.value


def is_near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return isinstance(pixel, tuple) and all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def assert_clean(result: CleanPhoto) -> None:
    for data in (result.image, result.thumbnail):
        picture = opened(data)
        assert picture.format == "JPEG"
        assert picture.mode == "RGB"
        assert not picture.getexif()
        assert not {"icc_profile", "exif", "comment", "xmp", "photoshop"} & set(picture.info)
        assert b"SpyPhone" not in data
        assert b"Exif" not in data
    assert result.sha256 == hashlib.sha256(result.image).hexdigest()
    assert opened(result.image).size == (result.width, result.height)


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, rows: bytes, *more: bytes) -> bytes:
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


def with_scans(data: bytes, times: int) -> bytes:
    """A progressive JPEG whose last scan comes `times` times more."""
    start = data.rindex(b"\xff\xda")
    return data[:-2] + data[start:-2] * times + b"\xff\xd9"


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"comment": b"SpyPhone"}), ("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {})],
)
def test_place_and_device_are_gone(kind: str, options: dict[str, object]) -> None:
    source = encoded(photo(), kind, exif=exif(), xmp=b"<x>SpyPhone</x>", **options)
    assert b"SpyPhone" in source
    result = reencode.reencode(source)
    assert_clean(result)
    assert (result.width, result.height) == (800, 600)
    assert is_near(opened(result.image).getpixel((10, 10)), BLUE)
    assert opened(result.thumbnail).size == (480, 360)


@pytest.mark.parametrize(
    ("orientation", "size", "blue"),
    [
        (1, (800, 600), (50, 50)),
        (2, (800, 600), (750, 50)),
        (3, (800, 600), (750, 550)),
        (4, (800, 600), (50, 550)),
        (5, (600, 800), (50, 50)),
        (6, (600, 800), (550, 50)),
        (7, (600, 800), (550, 750)),
        (8, (600, 800), (50, 750)),
        (9, (800, 600), (50, 50)),
    ],
)
def test_photo_stands_upright(orientation: int, size: tuple[int, int], blue: tuple[int, int]) -> None:
    result = reencode.reencode(encoded(photo(), "JPEG", exif=exif(orientation), quality=95))
    picture = opened(result.image)
    assert picture.size == size == (result.width, result.height)
    assert is_near(picture.getpixel(blue), BLUE)
    assert is_near(picture.getpixel((size[0] - blue[0], size[1] - blue[1])), RED)


def test_large_photo_is_shrunk_and_a_path_will_do(tmp_path: Path) -> None:
    file = tmp_path / "large.jpg"
    file.write_bytes(encoded(photo(4000, 3000), "JPEG"))
    result = reencode.reencode(file)
    assert_clean(result)
    assert (result.width, result.height) == (2400, 1800)
    picture = opened(result.image)
    assert is_near(picture.getpixel((1150, 850)), BLUE)
    assert is_near(picture.getpixel((1250, 950)), RED)


@pytest.mark.parametrize("size", [(1, 1), (3, 7000), (5001, 97)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    result = reencode.reencode(encoded(Image.new("RGB", size, RED), "PNG"))
    assert max(result.width, result.height) <= 2400
    assert is_near(opened(result.image).getpixel((result.width - 1, result.height - 1)), RED)


@pytest.mark.parametrize(
    ("picture", "kind", "colour"),
    [
        (Image.new("RGBA", (90, 60), (0, 0, 0, 0)), "PNG", (255, 255, 255)),
        (Image.new("RGBA", (90, 60), (*RED, 255)), "WEBP", RED),
        (Image.new("LA", (90, 60), (0, 0)), "PNG", (255, 255, 255)),
        (Image.new("L", (90, 60), 120), "JPEG", (120, 120, 120)),
        (Image.new("CMYK", (90, 60), (0, 0, 0, 255)), "JPEG", (0, 0, 0)),
        (photo(90, 60).quantize(4), "PNG", BLUE),
        (Image.new("1", (90, 60), 1), "PNG", (255, 255, 255)),
        (Image.new("I;16", (90, 60), 0x8080), "PNG", (128, 128, 128)),
    ],
)
def test_every_colour_mode_becomes_plain(picture: Image.Image, kind: str, colour: tuple[int, int, int]) -> None:
    result = reencode.reencode(encoded(picture, kind))
    assert_clean(result)
    assert is_near(opened(result.image).getpixel((5, 5)), colour)


def test_colour_profile_is_applied_or_ignored_but_never_kept() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (profile, b"not a profile"):
        result = reencode.reencode(encoded(photo(), "JPEG", icc_profile=icc))
        assert_clean(result)
        assert is_near(opened(result.image).getpixel((10, 10)), BLUE)


def test_what_phones_hang_on_a_jpeg_is_dropped() -> None:
    second = encoded(photo(64, 64), "JPEG")
    film = b"\0\0\0\x18ftypmp42" + os.urandom(200_000)
    result = reencode.reencode(encoded(photo(), "JPEG") + second + film)
    assert_clean(result)
    assert (result.width, result.height) == (800, 600)
    twin = encoded(photo(), "MPO", save_all=True, append_images=[photo()])
    assert reencode.reencode(twin).width == 800


JPEG_PHOTO = encoded(photo(), "JPEG")
PNG_PHOTO = encoded(photo(), "PNG")
WEBP_PHOTO = encoded(photo(), "WEBP")
NOISE = Image.frombytes("RGB", (300, 300), os.urandom(270_000))
FRAMES = [Image.new("RGB", (9, 9), colour) for colour in (RED, BLUE)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"hello", "unknown", id="text"),
        pytest.param(b"\0" * 1000, "unknown", id="zeros"),
        pytest.param(b"%PDF-1.7\n" + JPEG_PHOTO, "unknown", id="pdf-before-jpeg"),
        pytest.param(encoded(photo(), "GIF"), "gif", id="gif"),
        pytest.param(b"GIF89a/*" + JPEG_PHOTO, "gif", id="gif-script"),
        pytest.param(encoded(photo(), "BMP"), "unknown", id="bmp"),
        pytest.param(encoded(photo(), "TIFF"), "unknown", id="tiff"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg", id="svg"),
        pytest.param(b"\xef\xbb\xbf <?xml version='1.0'?><svg/>", "svg", id="svg-xml"),
        pytest.param(b"\0\0\0\x18ftypheic" + bytes(500), "heic", id="heic"),
        pytest.param(b"\0\0\0\x18ftypavif" + bytes(500), "heic", id="avif"),
        pytest.param(JPEG_PHOTO[: len(JPEG_PHOTO) // 2], "broken", id="jpeg-cut"),
        pytest.param(JPEG_PHOTO[:-2], "broken", id="jpeg-without-end"),
        pytest.param(JPEG_PHOTO[:200] + b"\xff\xd9", "broken", id="jpeg-cut-and-ended"),
        pytest.param(b"\xff\xd8\xff" + b"A" * 500, "broken", id="jpeg-in-name-only"),
        pytest.param(b"\xff\xd8\xff", "broken", id="jpeg-three-bytes"),
        pytest.param(PNG_PHOTO[: len(PNG_PHOTO) // 2], "broken", id="png-cut"),
        pytest.param(encoded(NOISE, "PNG")[:-2000] + PNG_PHOTO[-12:], "broken", id="png-damaged"),
        pytest.param(png(500, 500, zlib.compress(b"\0" * 99)), "broken", id="png-too-few-rows"),
        pytest.param(WEBP_PHOTO[: len(WEBP_PHOTO) // 2], "broken", id="webp-cut"),
        pytest.param(b"RIFF\x04\0\0\0WEBP", "broken", id="webp-empty"),
        pytest.param(JPEG_PHOTO + b"PK\x03\x04\x14\0rest of a zip", "polyglot", id="jpeg-zip"),
        pytest.param(JPEG_PHOTO + b"\n<?php system($_GET['c']); ?>", "polyglot", id="jpeg-php"),
        pytest.param(JPEG_PHOTO + bytes(99) + b"<ScRiPt>alert(1)</script>", "polyglot", id="jpeg-script"),
        pytest.param(PNG_PHOTO + b"anything", "polyglot", id="png-tail"),
        pytest.param(WEBP_PHOTO + b"PK\x03\x04", "polyglot", id="webp-tail"),
        pytest.param(encoded(FRAMES[0], "PNG", save_all=True, append_images=FRAMES[1:]), "animated", id="apng"),
        pytest.param(encoded(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:]), "animated", id="webp-film"),
        pytest.param(png(50_001, 1, zlib.compress(bytes(50_002))), "too_many_pixels", id="png-wide"),
        pytest.param(png(60_000, 60_000, zlib.compress(bytes(99))), "too_many_pixels", id="png-bomb"),
        pytest.param(png(2**31 - 1, 2**31 - 1, b""), "too_many_pixels", id="png-absurd"),
        pytest.param(encoded(Image.new("L", (7100, 7100)), "JPEG"), "too_many_pixels", id="jpeg-50-mp"),
        pytest.param(encoded(Image.new("L", (12_001, 9)), "JPEG"), "too_many_pixels", id="jpeg-wide"),
        pytest.param(encoded(Image.new("L", (13_000, 9)), "WEBP"), "too_many_pixels", id="webp-wide"),
        pytest.param(encoded(Image.new("L", (6000, 6000)), "WEBP", method=0), "too_heavy", id="webp-heavy"),
        pytest.param(with_scans(encoded(photo(), "JPEG", progressive=True), 100), "too_many_scans", id="jpeg-scans"),
        pytest.param(
            with_scans(encoded(photo(7000, 7000), "JPEG", progressive=True), 80),
            "too_many_scans",
            id="scan-bomb",
        ),
    ],
)
def test_everything_else_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    started = time.monotonic()
    refusal = refused(data)
    assert refusal.reason == reason
    assert time.monotonic() - started < 5


def test_refusal_says_what_to_do() -> None:
    assert "JPEG" in refused(b"\0\0\0\x18ftypheic" + bytes(500)).detail
    assert "15 MB" in refused(JPEG_PHOTO + bytes(limits.MAX_BYTES)).detail


def test_limit_is_fifteen_megabytes_to_the_byte() -> None:
    padding = limits.MAX_BYTES - len(JPEG_PHOTO)
    assert reencode.reencode(JPEG_PHOTO + bytes(padding)).width == 800
    assert refused(JPEG_PHOTO + bytes(padding + 1)).reason == "too_big"


def test_large_honest_pictures_fit_into_the_memory() -> None:
    for kind, options in (("JPEG", {}), ("PNG", {"compress_level": 1})):
        result = reencode.reencode(encoded(photo(8000, 6200), kind, **options))
        assert (result.width, result.height) == (2400, 1860)


def in_worker(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the confined process run this instead of decoding."""
    script = f"from returns.photos import worker\nimport os, resource, sys\ndef clean(data):\n {code}\n"
    script += "worker.clean = clean\nworker.main()"
    monkeypatch.setattr(reencode, "_COMMAND", (sys.executable, "-c", script))


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("return bytes(300 * 1024 * 1024)", id="memory"),
        pytest.param("exec('while True: pass')", id="time"),
        pytest.param("os._exit(3)", id="exit"),
        pytest.param("os.kill(os.getpid(), 11)", id="crash"),
        pytest.param("raise RecursionError", id="exception"),
        pytest.param("return {'width': 1, 'height': 1, 'image': 3}, b'\\xff\\xd8\\xff' * 9**7, b''", id="flood"),
        pytest.param("return {'width': 1, 'height': 1, 'image': 3}, b'<a>', b'<b>'", id="not-a-picture"),
        pytest.param("return {'width': None}, b'', b''", id="nonsense"),
        pytest.param("return {'refused': '<b>' * 30}, b'', b''", id="own-words"),
        pytest.param("return {'width': 10**9, 'height': 1, 'image': 3}, *[b'\\xff\\xd8\\xff'] * 2", id="huge"),
        pytest.param("sys.stdout.write('[' * 10**6); sys.stdout.flush(); os._exit(0)", id="no-answer"),
    ],
)
def test_captured_worker_costs_little_and_yields_nothing(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_worker(code, monkeypatch)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert refused(JPEG_PHOTO).reason in {"too_heavy", "broken"}
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < limits.CPU_SECONDS + 1


def test_memory_within_the_limit_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    in_worker("return {'refused': 'gif' if bytes(200 * 1024 * 1024) else ''}, b'', b''", monkeypatch)
    assert refused(JPEG_PHOTO).reason == "gif"


def test_worker_that_never_answers_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TIMEOUT_SECONDS", 0.3)
    in_worker("exec('import time; time.sleep(60)')", monkeypatch)
    started = time.monotonic()
    assert refused(JPEG_PHOTO).reason == "too_heavy"
    assert time.monotonic() - started < 5


def test_worker_knows_no_secrets_and_no_django(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    found = "'SECRET_KEY' in os.environ or 'django' in sys.modules"
    in_worker(f"return {{'refused': 'svg' if {found} else 'gif'}}, b'', b''", monkeypatch)
    assert refused(JPEG_PHOTO).reason == "gif"


def test_worker_writes_no_cache_or_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-s", "-m", "returns.photos.worker"],
        input=JPEG_PHOTO,
        capture_output=True,
        cwd=ROOT,
        env={"PATH": "", "TMPDIR": str(tmp_path)},
        check=True,
    )
    assert done.stderr == b""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read", [containers.jpeg_scans, containers.png_end, containers.webp_size])
def test_container_readers_end_on_any_bytes(read: Callable[[bytes], object]) -> None:
    for source in (JPEG_PHOTO, PNG_PHOTO, WEBP_PHOTO, b"\xff" * 500, bytes(500)):
        for cut in range(0, min(len(source), 400), 7):
            for data in (source[:cut], source[:cut] + os.urandom(40)):
                try:
                    read(data)
                except containers.Broken:
                    continue
