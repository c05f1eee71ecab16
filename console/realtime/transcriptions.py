"""What the user said, in words: who waits for them, and what comes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from console.realtime.events import Event
from console.realtime.fields import mapping, text
from console.realtime.item_store import ItemStore
from console.realtime.items import Item, ItemDelta
from console.realtime.updates import NOTHING, Handler, Updates, changed, fault, grown

MAX_COMMITTED: Final = 1024
"""Ids of committed items that are remembered; beyond it the oldest are forgotten."""


class Transcriptions:
    """Writes transcripts into the user's items. Only speech that was committed waits for one."""

    def __init__(self, store: ItemStore) -> None:
        self._store = store
        self.clear()

    def clear(self) -> None:
        """Forget everything: a new session begins."""
        self._committed: OrderedDict[str, None] = OrderedDict()
        self.is_on = False
        """Whether the session transcribes the user's speech."""

    def handlers(self) -> dict[str, Handler]:
        """Return who takes an event in, by its type."""
        transcription = "conversation.item.input_audio_transcription."
        return {
            transcription + "delta": self._delta,
            transcription + "completed": self._transcribed,
            transcription + "failed": self._failed,
        }

    def committed(self, item_id: str) -> None:
        """Remember that the server makes an item of speech."""
        self._committed[item_id] = None
        if len(self._committed) > MAX_COMMITTED:
            self._committed.popitem(last=False)

    def expect(self, item: Item) -> None:
        """Mark speech without a transcript as waiting for it, if one is to come."""
        part = item.audio_part
        if part is None or item.id not in self._committed:
            return
        if part.transcription == "none" and part.transcript is None and self.is_on:
            part.transcription = "pending"

    def _delta(self, event: Event) -> Updates:
        item, part = self._store.part_of(event, "input_audio")
        delta = text(event.fields, "delta")
        if item is None or part is None or not delta or part.is_text_final:
            return NOTHING
        part.transcription = "pending"
        part.transcript = (part.transcript or "") + delta
        return grown(item, ItemDelta(item.content.index(part), transcript=delta))

    def _transcribed(self, event: Event) -> Updates:
        item, part = self._store.part_of(event, "input_audio")
        if item is None or part is None:
            return fault(event, "names no item")
        part.transcript = text(event.fields, "transcript")
        part.is_text_final = True
        part.transcription, part.transcription_error = "completed", None
        return changed(item)

    def _failed(self, event: Event) -> Updates:
        item, part = self._store.part_of(event, "input_audio")
        if item is None or part is None:
            return fault(event, "names no item")
        error = mapping(event.fields, "error")
        part.transcription = "failed"
        part.transcription_error = (
            text(error, "message") or text(error, "code") or "the server did not say why"
        )
        return changed(item)
