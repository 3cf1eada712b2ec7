"""What a picture file claims to be, read from its bytes without decoding it (standard library only)."""

from __future__ import annotations

import re
import struct

JPEG, PNG, WEBP = "JPEG", "PNG", "WEBP"
_SOS, _EOI = 0xDA, 0xD9
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
_HEIF_BRANDS = frozenset(b"heic heix hevc hevx heim heis mif1 msf1 avif avis".split())
_FOREIGN = re.compile(
    rb"\A\s*(?:MZ|\x7fELF|\xca\xfe\xba\xbe|#!|<)|PK\x03\x04.\0|PK\x05\x06\0\0|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c"
    rb"|%PDF-|<\?php|<script|<!doctype|<html|<svg[\s>]|<\?xml\s",
    re.IGNORECASE | re.DOTALL,
)


class Broken(Exception):
    """The file does not follow its own format to the end."""


def kind_of(head: bytes) -> str:
    """JPEG, PNG or WEBP by the first 32 bytes; else heic, gif, svg, or unknown, in lower case."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "heic"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        return "svg"
    return "unknown"


def jpeg_scans(data: bytes) -> tuple[int, int]:
    """The number of scans in the picture and the offset behind its end marker. Raises Broken."""
    scans, at = 0, 2
    while True:
        marker, at = _next_marker(data, at)
        if marker == _EOI:
            return scans, at
        if marker in _STANDALONE:
            continue
        if at + 2 > len(data):
            raise Broken("segment cut off")
        at += max(2, int.from_bytes(data[at : at + 2], "big"))
        if marker == _SOS:
            scans += 1
            found = _MARKER.search(data, at)
            if found is None:
                raise Broken("no end marker")
            at = found.start()


def png_end(data: bytes) -> tuple[bool, int]:
    """Whether the file is an animation, and the offset behind its last chunk. Raises Broken."""
    at, animated = 8, False
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        animated = animated or name == b"acTL"
        if name == b"IEND":
            return animated, at
    raise Broken("no IEND chunk")


def webp_size(data: bytes) -> tuple[int, int, bool, int]:
    """Width, height, whether it moves, and the offset behind the RIFF chunk. Raises Broken."""
    if len(data) < 30:
        raise Broken("cut off")
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise Broken("cut off")
    name, body = data[12:16], data[20:30]
    if name == b"VP8X":
        width, height = (1 + int.from_bytes(body[at : at + 3], "little") for at in (4, 7))
        return width, height, bool(body[0] & 0x02), end
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), False, end
    if name == b"VP8 ":
        width, height = (int.from_bytes(body[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        return width, height, False, end
    raise Broken("no picture chunk")


def is_foreign(tail: bytes) -> bool:
    """Whether what follows a JPEG is a program, archive, page or document.

    Phones put depth maps, second pictures and a short film there, so not every tail is bad.
    """
    return _FOREIGN.search(tail) is not None


def _next_marker(data: bytes, at: int) -> tuple[int, int]:
    if data[at : at + 1] != b"\xff":
        raise Broken("marker expected")
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise Broken("no end marker")
    return data[at], at + 1
