"""The events of a log as files for other programs, a piece at a time: as JSONL and as HAR."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

import orjson

from console.app.event_log import EventLog
from console.app.event_shelf import UNWRITABLE, Entry

EVENTS_AT_ONCE: Final = 32
"""Events in a piece: it takes some milliseconds at the most."""
_TEXT_FRAME: Final = 1
_NO_SIZE: Final = {"headersSize": -1, "bodySize": -1}

Cleaner = Callable[[str], str]
"""Returns a text without secrets."""


def jsonl(log: EventLog, clean: Cleaner, first: int = 0, last: int | None = None) -> Iterator[str]:
    """Yield a line for each event that is held: `{"t", "time", "source", "bytes", "event"}`.

    `t` is in ms since the first event, `time` is in ISO 8601 or null. When older events are gone,
    the first line is `{"note"}` and says how many.

    Args:
        log: The events.
        clean: Applied to all that is yielded.
        first: Number of the first event.
        last: Number of the one after the last; None: all that there are now.
    """
    began_s = log.began_wall_s
    if first < log.dropped_events:
        yield f'{{"note":"{log.dropped_events - first} older events are not held any more"}}\n'
    for some in _pieces(log.entries(first, last)):
        yield clean("".join(_line(each, began_s) for each in some))


def har(log: EventLog, clean: Cleaner) -> Iterator[str]:
    """Yield a HAR file with one WebSocket whose messages are the events, as browsers write it.

    Args:
        log: The events.
        clean: Applied to all that is yielded.
    """
    began_s = log.began_wall_s or 0.0
    head, tail = _frame(log, began_s)
    yield clean(head)
    comma = ""
    for some in _pieces(log.entries()):
        messages = ",".join(_message(each, began_s) for each in some)
        yield clean(comma + messages)
        comma = ","
    yield tail


def _pieces(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while some := list(islice(entries, EVENTS_AT_ONCE)):
        yield some


def _line(entry: Entry, began_s: float | None) -> str:
    told = {
        "t": round(entry.t_ms, 1),
        "time": None if began_s is None else _iso(began_s + entry.t_ms / 1000),
        "source": entry.source,
        "bytes": entry.size_bytes,
    }
    return _json(told | {"event": entry.event.as_dict()}, told | _unwritable(entry)) + "\n"


def _message(entry: Entry, began_s: float) -> str:
    event = entry.event.as_dict()
    told = {
        "type": "send" if entry.source == "client" else "receive",
        "time": round(began_s + entry.t_ms / 1000, 4),
        "opcode": _TEXT_FRAME,
        "data": _json(event, _unwritable(entry)["event"]),
    }
    return _json(told, told)


def _unwritable(entry: Entry) -> dict[str, Any]:
    return {"event": {"type": entry.event.type, "note": UNWRITABLE}}


def _json(value: dict[str, Any], instead: dict[str, Any]) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # no peer can send such a one
        return orjson.dumps(instead).decode()


def _frame(log: EventLog, began_s: float) -> tuple[str, str]:
    """Return what stands before and after the messages."""
    newest = next(iter(log.entries(max(log.payloads.end - 1, 0))), None)
    request = {"method": "GET", "url": log.where or "wss://unknown.invalid/", "cookies": []}
    response = {"status": 101, "statusText": "Switching Protocols", "cookies": []}
    shared = {"httpVersion": "HTTP/1.1", "headers": [], **_NO_SIZE}
    content = {"size": 0, "mimeType": "x-unknown"}
    entry: dict[str, Any] = {
        "startedDateTime": _iso(began_s),
        "time": 0 if newest is None else round(newest.t_ms, 1),
        "request": request | shared | {"queryString": []},
        "response": response | shared | {"content": content, "redirectURL": ""},
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_resourceType": "websocket",
        "_webSocketMessages": [],
    }
    creator = {"name": "Realtime Console", "version": "1"}
    whole = {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": [entry]}}
    head, bracket, tail = orjson.dumps(whole).decode().rpartition("[]")
    return head + bracket[0], bracket[1] + tail


def _iso(wall_s: float) -> str:
    return datetime.fromtimestamp(wall_s, UTC).isoformat(timespec="milliseconds")
