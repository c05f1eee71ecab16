"""What a response streams into its items, piece by piece, and its final form."""

from __future__ import annotations

from typing import Final

from console import pcm
from console.realtime.content import Keep, fill_part, set_arguments
from console.realtime.events import Event
from console.realtime.fields import mapping, text, text_or_none
from console.realtime.item_store import ItemStore
from console.realtime.items import ItemDelta
from console.realtime.updates import NOTHING, Handler, Updates, changed, fault, grown

_PART_TYPES: Final = {"text": "output_text", "audio": "output_audio"}
"""GA: response.content_part.* says "text" and "audio" where items say "output_..."."""


class Deltas:
    """Lets items grow. Once the final form is there, what still comes of it changes nothing."""

    def __init__(self, store: ItemStore, keep: Keep) -> None:
        """Let the items of `store` grow.

        Args:
            store: Where the items are, or will be.
            keep: Called with a part and audio for it.
        """
        self._store = store
        self._keep = keep

    def handlers(self) -> dict[str, Handler]:
        """Return who takes an event in, by its type."""
        response = "response."
        return {
            response + "content_part.added": self._content_part,
            response + "content_part.done": self._content_part,
            response + "output_text.delta": self._text_delta,
            response + "output_text.done": self._text_done,
            response + "output_audio.delta": self._audio_delta,
            response + "output_audio_transcript.delta": self._transcript_delta,
            response + "output_audio_transcript.done": self._transcript_done,
            response + "function_call_arguments.delta": self._arguments_delta,
            response + "function_call_arguments.done": self._arguments_done,
            response + "mcp_call_arguments.delta": self._arguments_delta,
            response + "mcp_call_arguments.done": self._arguments_done,
        }

    def _content_part(self, event: Event) -> Updates:
        raw = mapping(event.fields, "part")
        part_type = text(raw, "type")
        part_type = _PART_TYPES.get(part_type, part_type)
        item, part = self._store.part_of(event, part_type)
        if item is None or part is None:
            return fault(event, "names no item")
        before = part.shown_text
        fill_part(part, {**raw, "type": part_type}, self._keep)
        return changed(item) if part.shown_text != before else NOTHING

    def _audio_delta(self, event: Event) -> Updates:
        item, part = self._store.part_of(event, "output_audio")
        if item is None or part is None:
            return fault(event, "names no item")
        try:
            audio = pcm.decode(event.fields["delta"])
        except (KeyError, TypeError, ValueError):
            return fault(event, "carries no base64 audio")
        if part.half_sample or len(audio) & 1:
            audio = part.half_sample + audio
            whole = len(audio) & ~1
            part.half_sample, audio = audio[whole:], audio[:whole]
        self._keep(part, audio)
        index = event.fields.get("content_index")
        return grown(item, ItemDelta(index if type(index) is int else 0, audio))

    def _text_delta(self, event: Event) -> Updates:
        item, part = self._store.part_of(event, "output_text")
        delta = text(event.fields, "delta")
        if item is None or part is None or part.is_text_final:
            return NOTHING
        part.text += delta
        return grown(item, ItemDelta(item.content.index(part), text=delta))

    def _transcript_delta(self, event: Event) -> Updates:
        item, part = self._store.part_of(event, "output_audio")
        delta = text(event.fields, "delta")
        if item is None or part is None or part.is_text_final:
            return NOTHING
        part.transcript = (part.transcript or "") + delta
        return grown(item, ItemDelta(item.content.index(part), transcript=delta))

    def _text_done(self, event: Event) -> Updates:
        return self._final_text(event, "output_text", "text")

    def _transcript_done(self, event: Event) -> Updates:
        return self._final_text(event, "output_audio", "transcript")

    def _final_text(self, event: Event, part_type: str, key: str) -> Updates:
        item, part = self._store.part_of(event, part_type)
        if item is None or part is None:
            return fault(event, "names no item")
        before = part.shown_text
        final, known = text(event.fields, key), getattr(part, key) or ""
        if final and not (part.is_text_final and len(final) < len(known)):
            setattr(part, key, final)
            part.is_text_final = True
        return changed(item) if part.shown_text != before else NOTHING

    def _arguments_delta(self, event: Event) -> Updates:
        item = self._store.item_of(event)
        delta = text(event.fields, "delta")
        if item is None or item.is_arguments_final:
            return NOTHING
        item.arguments += delta
        return grown(item, ItemDelta(arguments=delta))

    def _arguments_done(self, event: Event) -> Updates:
        item = self._store.item_of(event)
        if item is None:
            return fault(event, "names no item")
        item.name = item.name or text_or_none(event.fields, "name")
        item.call_id = item.call_id or text_or_none(event.fields, "call_id")
        before = item.arguments
        if final := text(event.fields, "arguments"):
            set_arguments(item, final, is_final=True)
        return changed(item) if item.arguments != before else NOTHING
