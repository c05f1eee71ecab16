"""Small pictures for tests, as data URIs."""

from __future__ import annotations

import struct
import zlib

from console import pcm


def png_bytes(width: int = 2, height: int = 2) -> bytes:
    """Return a black PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(height * (width + 1)))
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def jpeg_bytes(width: int = 2, height: int = 2, before: bytes = b"") -> bytes:
    """Return the head of a JPEG, with the segments `before` its size."""
    size = struct.pack(">BHHB", 8, height, width, 0)
    return b"\xff\xd8" + before + b"\xff\xc0\x00\x08" + size + b"\xff\xd9"


def data_uri(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{pcm.encode(data)}"


PNG = data_uri(png_bytes())
