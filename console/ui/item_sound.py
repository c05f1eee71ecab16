"""The sound of an item as the page fetches it: a WAV file, and the peaks of its waveform."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import orjson
from fastapi import APIRouter, HTTPException, Request, Response

from console import pcm, wav
from console.audio.peaks import peaks
from console.realtime.items import Item
from console.ui.asked_session import ReadSession
from console.ui.door.people import Visitor

MAX_CACHED: Final = 500
"""Waveforms that are remembered, of all sessions; one takes 3 kB at the most."""
_LONG_BYTES: Final = 10_000 * pcm.BYTES_PER_MS
"""The peaks of more sound than this are found in a thread."""
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")
_NOT_CACHED: Final = {"cache-control": "no-store"}


def add(router: APIRouter, session_of: Callable[[str, Visitor], ReadSession]) -> None:
    """Add the routes to `router`; `session_of` finds a session for somebody, or answers 404."""
    waveforms = Waveforms()

    def item_of(session_id: str, item_id: str, visitor: Visitor) -> Item:
        item = session_of(session_id, visitor).conversation.item(item_id)
        if item is None or not item.has_audio:
            raise HTTPException(404, "There is no sound for this item.")
        return item

    @router.get("/{session_id}/items/{item_id}.wav")
    async def sound_of_item(
        request: Request, session_id: str, item_id: str, visitor: Visitor
    ) -> Response:
        item = item_of(session_id, item_id, visitor)
        return wav_answer(item.read_audio(), request.headers.get("range"))

    @router.get("/{session_id}/items/{item_id}.peaks")
    async def waveform_of_item(session_id: str, item_id: str, visitor: Visitor) -> Response:
        return await waveforms.answer(session_id, item_of(session_id, item_id, visitor))


def wav_answer(audio: bytes, asked: str | None) -> Response:
    """Return a WAV file of `audio`, or the part that a `Range` header asks for: one can seek."""
    body = wav.pack(audio)
    headers = {"accept-ranges": "bytes", **_NOT_CACHED}
    match = _RANGE.fullmatch(asked or "")
    if match is None or not any(match.groups()):
        return Response(body, media_type="audio/wav", headers=headers)
    size = len(body)
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{size}"})
    headers["content-range"] = f"bytes {start}-{end}/{size}"
    return Response(body[start : end + 1], 206, headers, media_type="audio/wav")


class Waveforms:
    """Peaks of items, found once for each length that an item has; the oldest are forgotten."""

    def __init__(self, max_cached: int = MAX_CACHED) -> None:
        self._max_cached = max_cached
        self._found: OrderedDict[tuple[str, str], tuple[int, bytes]] = OrderedDict()

    async def answer(self, session_id: str, item: Item) -> Response:
        """Return `{"peaks": [...], "ms": n}` of an item that has sound."""
        key = (session_id, item.id)
        part = item.audio_part
        n_bytes = part.kept_bytes if part is not None else 0
        known_bytes, body = self._found.get(key, (-1, b""))
        if known_bytes != n_bytes:
            body = await _encode(item.read_audio())
        self._remember(key, n_bytes, body)
        return Response(body, media_type="application/json", headers=_NOT_CACHED)

    def _remember(self, key: tuple[str, str], n_bytes: int, body: bytes) -> None:
        self._found[key] = (n_bytes, body)
        self._found.move_to_end(key)
        while len(self._found) > self._max_cached:
            self._found.popitem(last=False)


async def _encode(audio: bytes) -> bytes:
    """Find the peaks; a copy of the sound is needed, so that a thread may look at it."""
    is_long = len(audio) > _LONG_BYTES
    found = await asyncio.to_thread(peaks, audio) if is_long else peaks(audio)
    return orjson.dumps({"peaks": found, "ms": round(pcm.bytes_to_ms(len(audio)))})
