"""Turns as rows of the list: which events belong to which, how many, how long."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from console.app.event_shelf import Entry
from console.app.turn import Turn
from console.app.turn_times import TurnTimes

BEFORE: Final = "before the first turn"
_KINDS: Final = {
    "speech": "speech", "text": "message", "request": "request", "out_of_band": "out of band",
}  # fmt: skip
_STEPS: Final = (
    ("committed_ms", "committed"),
    ("created_ms", "response"),
    ("first_transcript_ms", "first words"),
    ("first_audio_ms", "first sound"),
    ("first_heard_ms", "heard"),
    ("done_ms", "done"),
    ("playback_ended_ms", "played"),
)


@dataclass(slots=True)
class TurnRow:
    """The events of one turn."""

    first: int
    """Number of its first event."""
    first_ms: float
    turn: Turn | None
    """None: the events before the first turn."""
    count: int = 0
    size_bytes: int = 0
    audio_ms: float = 0.0
    """Of the answer."""
    last_ms: float = 0.0
    is_error: bool = False

    @property
    def name(self) -> str:
        """What the row is called."""
        return BEFORE if self.turn is None else f"turn {self.turn.number}"

    @property
    def summary(self) -> str:
        """What came when, from the end of what the user gave on, in one line."""
        if (turn := self.turn) is None:
            return ""
        parts = [_KINDS[turn.kind]]
        if turn.kind == "speech" and turn.speech_ended_ms is not None:
            parts[0] += f" {_span(turn.speech_ended_ms - turn.began_ms)}"
        for name, words in _STEPS:
            if (at_ms := getattr(turn, name)) is not None:
                parts.append(f"{words} {_after(at_ms - turn.start_ms)}")
        parts += turn.tools
        if turn.status not in (None, "completed"):
            parts.append(str(turn.status))
        return ", ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """Return what the page's JSON view shows of it."""
        told: dict[str, Any] = {"turn": None, "kind": BEFORE}
        if (turn := self.turn) is not None:
            times = ("began_ms", "speech_ended_ms", *(name for name, _ in _STEPS))
            told = {
                "turn": turn.number,
                "kind": turn.kind,
                "status": turn.status,
                "times_ms": {
                    name.removesuffix("_ms"): round(at_ms, 1)
                    for name in times
                    if (at_ms := getattr(turn, name)) is not None
                },
                "latency_ms": None if turn.latency_ms is None else round(turn.latency_ms, 1),
                "items": turn.item_ids,
                "responses": turn.response_ids,
                "tools": turn.tools,
            }
        return told | {
            "events": self.count,
            "bytes": self.size_bytes,
            "audio_ms": round(self.audio_ms),
        }


class TurnFold:
    """Puts each event into its turn."""

    def __init__(self, turns: TurnTimes) -> None:
        """Begin without events.

        Args:
            turns: Told each event before this is.
        """
        self._turns = turns
        self.rows: OrderedDict[int, TurnRow] = OrderedDict()
        """By the number of their first events, oldest first."""
        self._row_of: dict[int, TurnRow] = {}
        self._latest: TurnRow | None = None

    def take(self, number: int, entry: Entry, names: tuple[str, str], audio_ms: float) -> TurnRow:
        """Take an event in; return its row.

        Args:
            number: Of the event.
            entry: The event.
            names: Ids of its item and response; empty where it has none.
            audio_ms: How long its sound is.
        """
        row = self._of_names(names) or self._newest(number, entry)
        row.count += 1
        row.size_bytes += entry.size_bytes
        row.audio_ms += audio_ms if entry.source == "server" else 0.0
        row.last_ms = max(row.last_ms, entry.t_ms)
        return row

    def row_of(self, turn: Turn) -> TurnRow | None:
        """Return the row of a turn; None when it has none, or not any more."""
        return self._row_of.get(turn.number)

    def forget_before(self, number: int) -> None:
        """Forget the rows that began before an event, but not the latest one."""
        while len(self.rows) > 1 and (first := next(iter(self.rows))) < number:
            row = self.rows.pop(first)
            if row.turn is not None:
                del self._row_of[row.turn.number]

    def _of_names(self, names: tuple[str, str]) -> TurnRow | None:
        """Return the row that an item or a response is known to belong to."""
        turns = (self._turns.turn_of(name) for name in names if name)
        rows = (self.row_of(turn) for turn in turns if turn is not None)
        return next((row for row in rows if row is not None), None)

    def _newest(self, number: int, entry: Entry) -> TurnRow:
        turn = self._turns.turns[-1] if self._turns.turns else None
        latest = self._latest
        if latest is None or latest.turn is not turn:
            latest = self._latest = TurnRow(number, entry.t_ms, turn)
            self.rows[number] = latest
            if turn is not None:
                self._row_of[turn.number] = latest
        return latest


def _span(ms: float) -> str:
    return f"{ms:.0f} ms" if ms < 1_000 else f"{ms / 1_000:.1f} s"


def _after(ms: float) -> str:
    sign = "-" if ms < 0 else "+"
    return sign + _span(abs(ms))
