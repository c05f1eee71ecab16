"""Sound files that the page sends to be the microphone: bounded, checked by what is in them.

A route of our own rather than the toolkit's upload, which takes whatever comes, of any size.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import PurePath
from typing import Annotated, BinaryIO, Final, cast

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from starlette.requests import ClientDisconnect

from console.audio.sound_file import MAX_FILE_BYTES
from console.errors import AudioDeviceError
from console.ui.asked_session import own_session
from console.ui.door.people import Visitor
from console.ui.sessions import SessionRegistry

MAX_NAME_CHARS: Final = 120
_IN_MEMORY_BYTES: Final = 1024 * 1024
_BUSY: Final = "Another file is being read. Wait for it, then send this one again."


class FileTooLargeError(Exception):
    """More was sent than a file may have."""


def install(app: FastAPI, registry: SessionRegistry) -> None:
    """Add the route by which a page sends a file to `app`."""
    router = APIRouter(prefix="/rt")
    busy: set[str] = set()

    @router.post("/{session_id}/microphone")
    async def take_file(
        request: Request,
        session_id: str,
        visitor: Visitor,
        name: Annotated[str, Query(max_length=1000)] = "",
    ) -> Response:
        session = own_session(registry, session_id, visitor)
        if session_id in busy:
            raise HTTPException(409, _BUSY)
        shown = shown_name(name)
        busy.add(session_id)
        try:
            # Without a name in the file system, so that nothing has to be cleared away.
            with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as spooled:
                file = cast("BinaryIO", spooled)
                if int(request.headers.get("content-length", "0")) > MAX_FILE_BYTES:
                    raise FileTooLargeError
                await receive(request.stream(), file, MAX_FILE_BYTES)
                await session.use_file(shown, file)
        except FileTooLargeError as error:
            sentence = f"{shown} is too large: {MAX_FILE_BYTES // 1024**2} MiB is the most."
            await session.file_refused(sentence)
            raise HTTPException(413, sentence) from error
        except AudioDeviceError as error:
            raise HTTPException(422, str(error)) from error
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        finally:
            busy.discard(session_id)
        return Response(status_code=204)

    app.include_router(router)


def shown_name(name: str) -> str:
    """Return what the page calls a file: its own name without folders, printable, not too long."""
    last = PurePath(name.replace("\\", "/")).name
    clean = "".join(each for each in last if each.isprintable()).strip()
    if len(clean) > MAX_NAME_CHARS:
        clean = f"{clean[: MAX_NAME_CHARS - 1]}…"
    return clean or "The file"


async def receive(body: AsyncIterator[bytes], file: BinaryIO, most_bytes: int) -> None:
    """Write the body to `file`.

    Raises:
        FileTooLargeError: It is larger than it may be; no more of it is read.
    """
    n_bytes = 0
    async for part in body:
        n_bytes += len(part)
        if n_bytes > most_bytes:
            raise FileTooLargeError
        file.write(part)
