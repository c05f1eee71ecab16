"""Pictures in messages: are they what they say, and how large. Nothing here looks at them."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Final

from console import pcm
from console.simulator.protocol.refusals import Refusal

_DATA_URI: Final = re.compile(r"data:image/(png|jpeg|jpg);base64,", re.IGNORECASE)
_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_JPEG_START: Final = b"\xff\xd8"
_JPEG_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the segments that hold width and height."""
_JPEG_STANDALONE: Final = frozenset(range(0xD0, 0xD8)) | {0x01}

LOW_DETAIL_TOKENS: Final = 85
TILE_TOKENS: Final = 170
TILE_PIXELS: Final = 512
_MAX_PIXELS: Final = 2048
_SHORT_SIDE_PIXELS: Final = 768


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Pixels of a picture."""

    width: int
    height: int

    def tokens(self, detail: str) -> int:
        """Return what the picture counts: a fixed price, and one for each tile unless `low`.

        The service does not say what pictures cost in a session; this is the published
        arithmetic of its chat models.
        """
        if detail == "low":
            return LOW_DETAIL_TOKENS
        scale = min(1.0, _MAX_PIXELS / max(self.width, self.height))
        scale = min(scale, _SHORT_SIDE_PIXELS / min(self.width, self.height))
        n_across, n_down = (
            max(1, -int(-(side * scale) // TILE_PIXELS)) for side in (self.width, self.height)
        )
        return LOW_DETAIL_TOKENS + TILE_TOKENS * n_across * n_down


def size_of(image_url: str, param: str) -> ImageSize:
    """Return the size of the picture in a data URI.

    Raises:
        Refusal: It is no data URI of a PNG or JPEG, or holds something else; `param` names it.
    """
    head = _DATA_URI.match(image_url)
    if head is None:
        raise Refusal(
            f"Invalid '{param}': expected a base64-encoded data URI with an image MIME type "
            "('data:image/png;base64,...' or 'data:image/jpeg;base64,...').",
            param=param,
        )
    try:
        data = pcm.decode(image_url[head.end() :])
    except ValueError as error:
        raise Refusal(f"Invalid '{param}': the data is not base64. {error}", param=param) from error
    is_png = head[1].lower() == "png"
    size = _png_size(data) if is_png else _jpeg_size(data)
    if size is None or not (size.width and size.height):
        kind = "PNG" if is_png else "JPEG"
        raise Refusal(f"Invalid '{param}': the data is not a {kind} image.", param=param)
    return size


def _png_size(data: bytes) -> ImageSize | None:
    if len(data) < 24 or not data.startswith(_PNG_START) or data[12:16] != b"IHDR":
        return None
    return ImageSize(*struct.unpack(">II", data[16:24]))


def _jpeg_size(data: bytes) -> ImageSize | None:
    if not data.startswith(_JPEG_START):
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return ImageSize(width, height)
        is_bare = marker in _JPEG_STANDALONE or marker == 0xFF
        length = 0 if is_bare else int.from_bytes(data[at + 2 : at + 4], "big")
        # A fill byte (FF before FF) is stepped over by itself.
        at += 1 if marker == 0xFF else 2 + length
    return None
