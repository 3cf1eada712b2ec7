"""The process in which strangers' pictures are decoded: `python -m returns.photos.worker < file > answer`.

It holds no secrets and has little memory and time. The answer is one line of JSON, then the picture and its
thumbnail as JPEG.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, ImageCms, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from returns.photos import containers, limits

# Rows shrunk at a time, to keep one large picture in memory and not two.
BAND = 96
STATM = Path("/proc/self/statm")
# libwebp keeps two canvases and Pillow two copies of them, four bytes a pixel each.
WEBP_BYTES_PER_PIXEL = 16

DECODERS: dict[str, Callable[[BytesIO], ImageFile.ImageFile]] = {
    containers.JPEG: JpegImagePlugin.JpegImageFile,
    containers.PNG: PngImagePlugin.PngImageFile,
    containers.WEBP: WebPImagePlugin.WebPImageFile,
}
# EXIF 2.3, tag 274: how the sensor was held, and what turns the picture upright.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Reject(Exception):
    """The picture is refused; the argument is the reason's code."""


def main() -> None:
    """Read a file from standard input, write the answer to standard output."""
    _confine()
    try:
        answer, *pictures = clean(sys.stdin.buffer.read(limits.MAX_BYTES + 1))
    except Reject as rejection:
        answer, pictures = {"refused": str(rejection)}, []
    except MemoryError:
        answer, pictures = {"refused": "too_heavy"}, []
    except Exception:
        answer, pictures = {"refused": "broken"}, []
    _write(sys.stdout.buffer, answer, pictures)


def clean(data: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """What the picture measures, the picture and its thumbnail, upright, in sRGB, on white, without metadata.

    Raises Reject.
    """
    kind = containers.kind_of(data[:32])
    if kind not in DECODERS:
        raise Reject(kind)
    scans = _check_container(kind, data)
    source = DECODERS[kind](BytesIO(data))
    _check_size(*source.size)
    if source.width * source.height * scans > limits.MAX_SCANNED_PIXELS:
        raise Reject("too_many_scans")
    if kind != containers.JPEG and getattr(source, "n_frames", 1) != 1:
        raise Reject("animated")
    turn = UPRIGHT.get(_orientation(source))
    profile = source.info.get("icc_profile")
    picture = _in_srgb(_scaled(source, limits.IMAGE_SIDE), profile)
    if turn is not None:
        picture = picture.transpose(turn)
    thumbnail = picture.copy()
    thumbnail.thumbnail((limits.THUMBNAIL_SIDE, limits.THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    image, small = _jpeg(picture, 85), _jpeg(thumbnail, 80)
    return {"width": picture.width, "height": picture.height, "image": len(image)}, image, small


def _check_container(kind: str, data: bytes) -> int:
    """How often the decoder goes over the picture."""
    try:
        return CHECKS[kind](data)
    except containers.Broken:
        raise Reject("broken") from None


def _check_png(data: bytes) -> int:
    animated, end = containers.png_end(data)
    _check_tail(animated, data[end:])
    return 1


def _check_webp(data: bytes) -> int:
    width, height, animated, end = containers.webp_size(data)
    _check_size(width, height)
    _check_tail(animated, data[end:])
    if width * height * WEBP_BYTES_PER_PIXEL > limits.MEMORY * 0.9:
        raise Reject("too_heavy")
    return 1


def _check_jpeg(data: bytes) -> int:
    scans, end = containers.jpeg_scans(data)
    if scans > limits.MAX_SCANS:
        raise Reject("too_many_scans")
    if containers.is_foreign(data[end:]):
        raise Reject("polyglot")
    return scans


def _check_tail(animated: bool, tail: bytes) -> None:
    if animated:
        raise Reject("animated")
    if tail.strip(b"\0\r\n"):
        raise Reject("polyglot")


CHECKS = {containers.JPEG: _check_jpeg, containers.PNG: _check_png, containers.WEBP: _check_webp}


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise Reject("broken")
    if max(width, height) > limits.MAX_SIDE or width * height > limits.MAX_PIXELS:
        raise Reject("too_many_pixels")


def _orientation(source: ImageFile.ImageFile) -> int:
    try:
        return int(source.getexif().get(274, 1))
    except Exception:
        return 1


def _scaled(source: ImageFile.ImageFile, side: int) -> Image.Image:
    """The picture in RGB with no edge over `side`; large ones are shrunk band by band to save memory."""
    source.draft("RGB", (side, side))
    source.load()
    step = max(1, max(source.size) // side)
    size = (-(-source.width // step), -(-source.height // step))
    picture = Image.new("RGB", size, "white")
    height = BAND // step * step or step
    for top in range(0, source.height, height):
        band = _opaque(source.crop((0, top, source.width, min(top + height, source.height))))
        picture.paste(band.reduce(step) if step > 1 else band, (0, top // step))
    source.close()
    picture.thumbnail((side, side), Image.Resampling.HAMMING)
    return picture


def _opaque(band: Image.Image) -> Image.Image:
    if band.has_transparency_data:
        layer = band.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", band.size, "white"), layer).convert("RGB")
    if band.mode.startswith("I"):
        band = band.point(lambda value: value / 257).convert("L")
    return band.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return picture
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except Exception:
        return picture
    return converted or picture


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    plain = Image.new("RGB", picture.size)
    plain.paste(picture)
    target = BytesIO()
    plain.save(target, "JPEG", quality=quality, optimize=True)
    return target.getvalue()


def _confine() -> None:
    """Give up memory, time, core files, big files and new processes, for good."""
    bounds = {
        resource.RLIMIT_CPU: limits.CPU_SECONDS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.ANSWER_BYTES,
        resource.RLIMIT_NPROC: 0,
    }
    # Only Linux tells how much is in use and keeps to the limit.
    if STATM.exists():
        used = int(STATM.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        bounds[resource.RLIMIT_AS] = used + limits.MEMORY
    for limit, value in bounds.items():
        resource.setrlimit(limit, (value, value))


def _write(target: BinaryIO, answer: dict[str, Any], pictures: list[bytes]) -> None:
    target.write(json.dumps(answer).encode() + b"\n")
    for picture in pictures:
        target.write(picture)


if __name__ == "__main__":
    main()
