"""Pictures for the model: read, and checked before they travel."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from typing import Any, Final

from console.client import choices
from console.errors import ConsoleError
from console.realtime import events
from console.realtime.events import Detail

MAX_IMAGE_BYTES: Final = 10 * 1024 * 1024
"""As base64 it still fits into one message."""


async def content_part(image: bytes | Path, detail: Detail = "auto") -> dict[str, Any]:
    """Return the content part that shows a PNG or JPEG to the model.

    Args:
        image: The file: all of its bytes, or where it is.
        detail: How closely the model looks; more costs more.

    Raises:
        ValueError: It is neither PNG nor JPEG, or too large; or there is no such detail.
        TypeError: It is neither bytes nor a path.
        ConsoleError: The file cannot be read.
    """
    if isinstance(image, str):
        raise TypeError("A picture is its bytes or a pathlib.Path; put Path(...) around its name.")
    choices.check_kind("image", image, bytes | bytearray | Path, "all bytes of a picture or a Path")
    choices.check("detail", detail, Detail)
    data = await _content(image) if isinstance(image, Path) else image
    if len(data) > MAX_IMAGE_BYTES:
        raise ValueError(
            f"A picture may have {MAX_IMAGE_BYTES // 1024**2} MiB; this one has more. "
            "Scale it down."
        )
    return events.image_content(data, detail)


async def _content(path: Path) -> bytes:
    """Return a file; of one that is too large, just enough to say so."""
    try:
        return await asyncio.to_thread(_read, path)
    except OSError as error:
        raise ConsoleError(f"The picture {path} cannot be read: {error.strerror}.") from error


def _read(path: Path) -> bytes:
    # A pipe or a device would be waited for, perhaps for ever.
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(0, "it is no file")
    with path.open("rb") as file:
        return file.read(MAX_IMAGE_BYTES + 1)
