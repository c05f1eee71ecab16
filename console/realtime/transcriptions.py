"""What the user said, in words: who waits for them, and what comes."""

from __future__ import annotations

import bisect
from collections import OrderedDict
from typing import Any, Final

from console.realtime.events import Event
from console.realtime.fields import mapping, mappings, number, text, text_or_none
from console.realtime.item_store import ItemStore
from console.realtime.items import ContentPart, Item, ItemDelta, LogProb, Segment
from console.realtime.updates import NOTHING, Handler, Updates, changed, fault, grown
from console.realtime.usage import TranscriptionUsage

MAX_COMMITTED: Final = 1024
"""Ids of committed items that are remembered; beyond it the oldest are forgotten."""
MAX_SEGMENTS: Final = 4096
"""Segments of one part; what comes beyond them is left out."""
MAX_LOGPROBS: Final = 16_384
"""Probabilities of one part; likewise."""


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
        self.usage = TranscriptionUsage()
        """What the transcripts of the session cost together."""

    def handlers(self) -> dict[str, Handler]:
        """Return who takes an event in, by its type."""
        transcription = "conversation.item.input_audio_transcription."
        return {
            transcription + "delta": self._delta,
            transcription + "segment": self._segment,
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
        if part.transcription == "failed":
            return NOTHING
        part.transcription = "pending"
        part.transcript = (part.transcript or "") + delta
        part.logprobs += _logprobs(event)[: MAX_LOGPROBS - len(part.logprobs)]
        return grown(item, ItemDelta(item.content.index(part), transcript=delta))

    def _segment(self, event: Event) -> Updates:
        item, part = self._store.part_of(event, "input_audio")
        segment = _segment_of(event)
        if item is None or part is None or segment is None:
            return fault(event, "does not say who said what when")
        if segment.id in {each.id for each in part.segments} or len(part.segments) >= MAX_SEGMENTS:
            return NOTHING
        bisect.insort(part.segments, segment, key=lambda each: each.start_s)
        return changed(item)

    def _transcribed(self, event: Event) -> Updates:
        item, part = self._store.part_of(event, "input_audio")
        self._count(part, event)
        if item is None or part is None:
            return fault(event, "names no item")
        said = text(event.fields, "transcript")
        if not part.is_text_final or len(said) >= len(part.transcript or ""):
            part.transcript = said
        part.is_text_final = True
        part.transcription, part.transcription_error = "completed", None
        part.logprobs = _logprobs(event) or part.logprobs
        if isinstance(event.fields.get("languages"), list):
            codes = (text(each, "code") for each in mappings(event.fields, "languages"))
            part.languages = tuple(code for code in codes if code)
        return changed(item)

    def _count(self, part: ContentPart | None, event: Event) -> None:
        """Add up what a transcript cost, once; that of an item that is gone costs too."""
        usage = mapping(event.fields, "usage")
        if not usage or (part is not None and part.transcription_usage is not None):
            return
        cost = TranscriptionUsage.of_transcript(usage)
        self.usage += cost
        if part is not None:
            part.transcription_usage = cost

    def _failed(self, event: Event) -> Updates:
        item, part = self._store.part_of(event, "input_audio")
        if item is None or part is None:
            return fault(event, "names no item")
        if part.transcription == "completed":
            return NOTHING
        error = mapping(event.fields, "error")
        part.transcription = "failed"
        part.transcription_error = (
            text(error, "message") or text(error, "code") or "the server did not say why"
        )
        return changed(item)


def _segment_of(event: Event) -> Segment | None:
    start_s, end_s = number(event.fields, "start"), number(event.fields, "end")
    segment_id, speaker = text(event.fields, "id"), text_or_none(event.fields, "speaker")
    if not segment_id or speaker is None or start_s is None or end_s is None:
        return None
    return Segment(segment_id, speaker, text(event.fields, "text"), start_s, end_s)


def _logprobs(event: Event) -> list[LogProb]:
    """Return the probabilities that an event carries; those without a number are left out."""
    found = []
    for each in mappings(event.fields, "logprobs")[:MAX_LOGPROBS]:
        logprob, raw = number(each, "logprob"), each.get("bytes")
        if logprob is not None:
            found.append(LogProb(text(each, "token"), logprob, _utf8(raw)))
    return found


def _utf8(raw: Any) -> bytes:
    values = raw if isinstance(raw, list) else []
    return bytes(each for each in values if type(each) is int and 0 <= each < 256)
