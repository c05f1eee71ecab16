"""What a page fetches of its events: their JSON, their sound, and all of them as a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse

from console.app import event_export
from console.app.event_filter import Zoom
from console.app.event_log import EventLog
from console.app.event_shelf import Entry
from console.app.likely_cause import likely_cause
from console.realtime.events import Event
from console.scrubber import scrubber
from console.ui.door.people import Visitor
from console.ui.item_sound import wav_answer

MAX_EVENTS_PER_ANSWER: Final = 200
MAX_SOUND_EVENTS: Final = 5_000
"""Of a run that is played; ten minutes where one has 120 ms."""
GONE: Final = "This event is gone: the log keeps the newest events only."
_NOT_CACHED: Final = {"cache-control": "no-store"}

LogOf = Callable[[str, Visitor], EventLog]
"""Returns the log of a session that a visitor may read; raises HTTPException 404."""

_Offset = Annotated[int, Query(ge=0)]


def add(router: APIRouter, log_of: LogOf, own_log_of: LogOf) -> None:
    """Add the routes.

    Args:
        router: Of all sessions.
        log_of: For those who may read a session.
        own_log_of: For those whose session it is: who only watches takes nothing along.
    """
    _add_sound(router, log_of)
    _add_rows(router, log_of)
    _add_files(router, own_log_of)


def _add_sound(router: APIRouter, log_of: LogOf) -> None:
    @router.get("/{session_id}/rows/{index}.wav")
    async def sound_of_row(
        request: Request,
        session_id: str,
        index: int,
        visitor: Visitor,
        zoom: Zoom = "spans",
        offset: _Offset = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_SOUND_EVENTS)] = MAX_SOUND_EVENTS,
    ) -> Response:
        log = log_of(session_id, visitor)
        entries = await _entries_of(log, zoom, index, range(offset, offset + limit))
        pcm = await asyncio.to_thread(log.sound.pcm_of, entries)
        if not pcm:
            raise HTTPException(404, "There is no sound in this event.")
        return wav_answer(pcm, request.headers.get("range"))


async def _entries_of(log: EventLog, zoom: Zoom, index: int, places: range) -> list[Entry]:
    """Return events of a row, some at a time: a long run is read from many places of the disk."""
    found: list[Entry] = []
    for first in places[::MAX_EVENTS_PER_ANSWER]:
        n_wanted = min(MAX_EVENTS_PER_ANSWER, places.stop - first)
        some = log.entries_of(zoom, index, first, n_wanted)
        found += some
        if len(some) < n_wanted:
            break
        await asyncio.sleep(0)
    return found


def _add_rows(router: APIRouter, log_of: LogOf) -> None:
    @router.get("/{session_id}/rows/{index}")
    async def events_of_row(
        session_id: str,
        index: int,
        visitor: Visitor,
        zoom: Zoom = "spans",
        offset: _Offset = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_EVENTS_PER_ANSWER)] = 50,
    ) -> Response:
        log = log_of(session_id, visitor)
        row = log.row(zoom, index)
        if row is None:
            raise HTTPException(404, GONE)
        if zoom == "turns":
            events: list[dict[str, Any]] = [
                {"t": row["t"], "source": "turn", "event": log.turn_facts(index)}
            ]
        else:
            events = [
                each.as_json() | {"a": round(log.sound.duration_ms(each.source, each.event), 1)}
                for each in log.entries_of(zoom, index, offset, limit)
            ]
            _tell_likely_cause(log, index, events)
        body = orjson.dumps({"count": row["n"], "events": events})
        return Response(body, media_type="application/json", headers=_NOT_CACHED)


def _tell_likely_cause(log: EventLog, index: int, events: list[dict[str, Any]]) -> None:
    """Tell of an error, which is never folded, the number of the event that it is likely about."""
    match events:
        case [{"event": {"type": "error"} as error} as told]:
            cause = likely_cause(log, index, Event("error", fields=error))
            if cause is not None:
                told["cause"] = cause


def _add_files(router: APIRouter, log_of: LogOf) -> None:
    @router.get("/{session_id}/events.jsonl")
    async def events_as_lines(
        session_id: str,
        visitor: Visitor,
        first: _Offset = 0,
        last: Annotated[int | None, Query(ge=0)] = None,
    ) -> Response:
        log = log_of(session_id, visitor)
        lines = event_export.jsonl(log, scrubber.without_secrets, first, last)
        return _file(lines, "application/x-ndjson", "events.jsonl")

    @router.get("/{session_id}/events.har")
    async def events_as_har(session_id: str, visitor: Visitor) -> Response:
        log = log_of(session_id, visitor)
        pieces = event_export.har(log, scrubber.without_secrets)
        return _file(pieces, "application/json", "events.har")


def _file(pieces: Iterator[str], media_type: str, name: str) -> Response:
    headers = _NOT_CACHED | {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_in_turns(pieces), media_type=media_type, headers=headers)


async def _in_turns(pieces: Iterator[str]) -> AsyncIterator[str]:
    """Yield the pieces, and let others work between them."""
    for each in pieces:
        yield each
        await asyncio.sleep(0)
