"""What a WebRTC or SIP call tells beside the conversation: what is played, which keys are pressed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from console.realtime.events import Event
from console.realtime.fields import number, text
from console.realtime.item_store import ItemStore
from console.realtime.items import Item, Playback, Response
from console.realtime.responses import Responses
from console.realtime.updates import NOTHING, Handler, Updates, changed, fault

MAX_KEYS: Final = 1024
"""Keys that are remembered; beyond it the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class PressedKey:
    """A key of the telephone."""

    key: str
    """`0` to `9`, `*`, `#`, `A` to `D`."""
    at_s: float
    """When the server received it, in seconds since 1970."""


class Call:
    """The sound of a call goes past the client, so the server says what it plays of it.

    A change is told of the item that is heard. Of the response it would read as if that had begun
    or ended: its sound lasts longer than its making.
    """

    def __init__(self, store: ItemStore, responses: Responses) -> None:
        self._store = store
        self._responses = responses
        self.clear()

    def clear(self) -> None:
        """Forget everything: a new session begins."""
        self.playing: Response | None = None
        """The response that is being heard."""
        self.keys: deque[PressedKey] = deque(maxlen=MAX_KEYS)
        """What was dialled, oldest first."""

    def handlers(self) -> dict[str, Handler]:
        """Return who takes an event in, by its type."""
        return {
            "output_audio_buffer.started": self._started,
            "output_audio_buffer.stopped": self._stopped,
            "output_audio_buffer.cleared": self._cleared,
            "input_audio_buffer.dtmf_event_received": self._key_pressed,
        }

    def _started(self, event: Event) -> Updates:
        response = self._responses.find_or_begin(text(event.fields, "response_id"))
        if response is None:
            return fault(event, "names no response")
        if response.playback != "unknown":
            return NOTHING
        response.playback = "playing"
        self.playing = response
        item = self._last_spoken(response)
        if item is None:
            return NOTHING
        item.is_playing = True
        return changed(item)

    def _stopped(self, event: Event) -> Updates:
        return self._ended(event, "stopped")

    def _cleared(self, event: Event) -> Updates:
        return self._ended(event, "cleared")

    def _ended(self, event: Event, playback: Playback) -> Updates:
        response_id = text(event.fields, "response_id")
        if not response_id:
            return fault(event, "names no response")
        response = self._responses.by_id.get(response_id)
        # Who comes late to a call may hear of the end of what was before.
        if response is None or response.playback in ("stopped", "cleared"):
            return NOTHING
        response.playback = playback
        if self.playing is response:
            self.playing = None
        updates: Updates = NOTHING
        for item in self._spoken(response):
            if item.is_playing:
                item.is_playing = False
                updates += changed(item)
        last = self._last_spoken(response)
        if playback == "cleared" and last is not None and not last.is_interrupted:
            last.is_interrupted = True
            updates += changed(last, "truncated")
        return updates

    def _key_pressed(self, event: Event) -> Updates:
        key, at_s = text(event.fields, "event"), number(event.fields, "received_at")
        if not key or at_s is None:
            return fault(event, "does not say which key was pressed when")
        self.keys.append(PressedKey(key, at_s))
        return NOTHING

    def _spoken(self, response: Response) -> list[Item]:
        found = (self._store.find(item_id) for item_id in response.item_ids)
        return [item for item in found if item is not None and item.audio_part is not None]

    def _last_spoken(self, response: Response) -> Item | None:
        """Return the item that is being spoken; when sound is cut, not heard to its end."""
        spoken = self._spoken(response)
        return spoken[-1] if spoken else None
