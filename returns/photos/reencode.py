"""Photo cleaning as the house sees it: bytes go to a confined process, a clean photo or a refusal returns."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from returns.photos import containers, limits

LONGEST_HEAD = 200
MEDIA_TYPE = "image/jpeg"
_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-s", "-m", "returns.photos.worker")
_JPEG_START = b"\xff\xd8\xff"


@dataclass(frozen=True)
class CleanPhoto:
    """A photo that is safe to show: JPEG, upright, without metadata; `sha256` is that of `image`, in hex."""

    image: bytes
    thumbnail: bytes
    width: int
    height: int
    sha256: str


class PhotoRefused(Invalid):
    """The file is not taken; `reason` is its code, the message says what to do."""

    def __init__(self, reason: str) -> None:
        texts = _texts()
        reason = reason if reason in texts else "broken"
        detail = texts[reason]
        super().__init__(detail, errors=[FieldError("/file", reason, detail)])
        self.reason = reason


def reencode(source: Path | str | bytes) -> CleanPhoto:
    """A clean copy of a JPEG, PNG or WEBP photo (path or bytes, up to 15 MB), at most 2400 pixels a side.

    Raises PhotoRefused.
    """
    if isinstance(source, bytes):
        with tempfile.TemporaryFile() as file:
            file.write(source)
            return _reencode_file(file)
    with open(source, "rb") as file:
        return _reencode_file(file)


def _reencode_file(file: BinaryIO) -> CleanPhoto:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not size:
        raise PhotoRefused("empty")
    if size > limits.MAX_BYTES:
        raise PhotoRefused("too_big")
    kind = containers.kind_of(file.read(32))
    if kind.islower():
        raise PhotoRefused(kind)
    # The child reads through the same descriptor, past Python's buffer.
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    return _photo(_ask_worker(file))


def _ask_worker(file: BinaryIO) -> bytes:
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryFile() as answer:
        try:
            done = subprocess.run(
                _COMMAND,
                stdin=file,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
                env=environment,
                timeout=limits.TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PhotoRefused("too_heavy") from None
        if done.returncode != 0:
            raise PhotoRefused("too_heavy")
        answer.seek(0)
        return answer.read(limits.ANSWER_BYTES)


def _photo(answer: bytes) -> CleanPhoto:
    """The worker's answer, trusted as little as the picture it has seen."""
    line, _newline, pictures = answer.partition(b"\n")
    try:
        facts: dict[str, Any] = json.loads(line[:LONGEST_HEAD])
        if "refused" in facts:
            raise PhotoRefused(str(facts["refused"]))
        image, thumbnail = pictures[: facts["image"]], pictures[facts["image"] :]
        width, height = int(facts["width"]), int(facts["height"])
    except (ValueError, KeyError, TypeError):
        raise PhotoRefused("broken") from None
    plausible = 1 <= width <= limits.IMAGE_SIDE and 1 <= height <= limits.IMAGE_SIDE
    if not (plausible and image.startswith(_JPEG_START) and thumbnail.startswith(_JPEG_START)):
        raise PhotoRefused("broken")
    return CleanPhoto(image, thumbnail, width, height, hashlib.sha256(image).hexdigest())


def _texts() -> dict[str, str]:
    return {
        "unknown": _("This is not a photo we can read. Send it as JPEG, PNG or WEBP."),
        "empty": _("The file is empty. Choose the photo again."),
        "too_big": _("The photo is larger than 15 MB. Send a smaller one."),
        "heic": _("HEIC photos can't be read here. Send the photo as JPEG."),
        "gif": _("GIF pictures are not taken. Send a photo as JPEG, PNG or WEBP."),
        "svg": _("Drawings (SVG) are not taken. Send a photo as JPEG, PNG or WEBP."),
        "animated": _("Moving pictures are not taken. Send a single photo as JPEG, PNG or WEBP."),
        "too_many_pixels": _("The photo has over 50 megapixels or a side over 12,000 pixels. Send a smaller one."),
        "too_many_scans": _("The photo is built in an unusual way. Take a new one or save it again as JPEG."),
        "too_heavy": _("The photo takes too much work to open. Send a smaller one, saved as JPEG."),
        "polyglot": _("The file holds more than a photo. Take a new one or save it again as JPEG."),
        "broken": _("The photo is damaged or incomplete. Send it again or take a new one."),
    }
