"""Events as a session has them, and a log that has gone through some turns."""

from __future__ import annotations

import base64

from console.realtime.events import Event


def audio(item="item_1", ms=100, source="server"):
    text = base64.b64encode(bytes(48 * ms)).decode()
    if source == "client":
        return Event("input_audio_buffer.append", None, {"audio": text})
    return Event("response.output_audio.delta", "event_x", {"item_id": item, "delta": text})


def words(text, item="item_1"):
    fields = {"item_id": item, "delta": text}
    return Event("response.output_audio_transcript.delta", "event_x", fields)


def add_all(log, *events, source="server", step_s=0.01):
    for n, event in enumerate(events):
        log.add(n * step_s, source, event, 100)


def add_talk(log, n_turns=20, first=0):
    """Turns of many chunks in both directions, and what is between them: 123 events each."""
    for turn in range(first, first + n_turns):
        at_s = turn * 10.0
        user, answer = f"item_u{turn}", f"item_{turn}"
        log.add(at_s, "server", Event("input_audio_buffer.committed", "e", {"item_id": user}), 90)
        response = {"response": {"id": f"resp_{turn}"}}
        log.add(at_s + 0.1, "server", Event("response.created", "e", response), 90)
        for n in range(40):
            t = at_s + 0.2 + n * 0.02
            log.add(t, "client", audio(ms=20, source="client"), 1_300)
            log.add(t, "server", audio(answer), 6_500)
            log.add(t, "server", words(f"{n} ", answer), 150)
        done = {"response": {"id": f"resp_{turn}", "status": "completed"}}
        log.add(at_s + 2, "server", Event("response.done", "e", done), 300)


def numbers_of(log, zoom):
    """Return the numbers of the rows of a log."""
    rows = {log.row_at(zoom, n) for n in range(log.frames.first, log.frames.end)}
    return sorted(rows)


def rows_of(log, zoom):
    """Return the rows of a log."""
    return [log.row(zoom, number) for number in numbers_of(log, zoom)]


def to_the_end(search):
    """Go through a search in pieces; return what it finds."""
    while True:
        try:
            next(search)
        except StopIteration as end:
            return end.value
