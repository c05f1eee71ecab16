"""The conversation: events in, what changed out. It never raises on what a peer sends."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

from console import pcm
from console.realtime import session as session_config
from console.realtime.audio_budget import AudioBudget
from console.realtime.content import MAX_PARTS, fill_item, fill_part
from console.realtime.events import Event
from console.realtime.fields import mapping, mappings, number, text, text_or_none
from console.realtime.item_store import ItemStore
from console.realtime.items import (
    ContentPart,
    Fault,
    Item,
    ItemDelta,
    ItemUpdate,
    Response,
    ResponseUpdate,
    Update,
)
from console.realtime.responses import Responses, add_item
from console.realtime.speech import InputSpeech

MAX_KEPT_AUDIO_MS: Final = 60 * 60_000
"""Audio of all items together; beyond it the oldest item's audio is given up."""
MAX_DELETED: Final = 1024
"""Ids of deleted and of committed items that are remembered."""

Updates = tuple[Update, ...]
NOTHING: Final[Updates] = ()


class Conversation:
    """What was said, by whom, in which order; keyed by item id, so items may overlap.

    Text and audio that come before their item wait for it. Whatever the peer gets wrong leaves
    the state as it was and comes back as a `Fault`.
    """

    def __init__(
        self, speech: InputSpeech | None = None, *, max_kept_audio_ms: int = MAX_KEPT_AUDIO_MS
    ) -> None:
        self.speech = speech if speech is not None else InputSpeech()
        self._budget = AudioBudget(max_kept_audio_ms * pcm.BYTES_PER_MS)
        self._handlers: dict[str, Callable[[Event], Updates]] = self._table()
        self.clear()

    def clear(self) -> None:
        """Forget everything: a new session begins."""
        self.speech.reset()
        self._store = ItemStore()
        self._deleted: OrderedDict[str, None] = OrderedDict()
        self._committed: OrderedDict[str, None] = OrderedDict()
        self._budget.clear()
        self._is_transcribing = False
        self._is_interrupting = False
        self._responses = Responses()
        self.rate_limits: list[dict[str, Any]] = []
        """What the server last said of them."""

    def _table(self) -> dict[str, Callable[[Event], Updates]]:
        item, response, buffer = "conversation.item.", "response.", "input_audio_buffer."
        transcription = item + "input_audio_transcription."
        return {
            "session.created": self._session,
            "session.updated": self._session,
            "rate_limits.updated": self._rate_limits,
            "error": self._error,
            item + "added": self._item_added,
            item + "created": self._item_added,
            item + "done": self._item_done,
            item + "retrieved": self._item_retrieved,
            item + "truncated": self._item_truncated,
            item + "deleted": self._item_deleted,
            transcription + "delta": self._transcription_delta,
            transcription + "completed": self._transcription_completed,
            transcription + "failed": self._transcription_failed,
            buffer + "speech_started": self._speech_started,
            buffer + "speech_stopped": self._speech_stopped,
            buffer + "timeout_triggered": self._timeout_triggered,
            buffer + "committed": self._committed_input,
            buffer + "cleared": self._cleared_input,
            response + "created": self._response_created,
            response + "done": self._response_done,
            response + "output_item.added": self._output_item_added,
            response + "output_item.done": self._output_item_done,
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

    # What there is

    @property
    def items(self) -> list[Item]:
        """The items in protocol order."""
        return list(self._store)

    @property
    def out_of_band_items(self) -> list[Item]:
        """The items of responses outside the conversation, oldest first."""
        return self._store.apart()

    @property
    def kept_audio_bytes(self) -> int:
        """How much audio of items is held in memory."""
        return self._budget.kept_bytes

    @property
    def responses(self) -> Mapping[str, Response]:
        """Responses by id, oldest first; the newest 512."""
        return self._responses.by_id

    @property
    def active_response(self) -> Response | None:
        """The conversation's response that is being made; None too while one is interrupted."""
        return self._responses.active

    @property
    def unfinished_response(self) -> Response | None:
        """The conversation's response that is not done yet, interrupted or not."""
        return self._responses.unfinished

    def get(self, item_id: str) -> Item | None:
        """Return an item of the conversation; None when it has none of that id."""
        return self._store.get(item_id)

    def find(self, item_id: str) -> Item | None:
        """Return an item, also one out of band or one that was only spoken of so far."""
        return self._store.find(item_id)

    # What happens

    def receive(self, event: Event) -> Updates:
        """Take an event of the server in and return what changed, in order.

        Unknown events change nothing. What belongs to no item yet is kept until it comes.
        """
        handler = self._handlers.get(event.type)
        return handler(event) if handler is not None else NOTHING

    def sent(self, event: Event) -> None:
        """Take note of an event of the client; appended audio is noted by `speech.append`."""
        if event.type == "input_audio_buffer.commit":
            self.speech.commit_sent()
        elif event.type == "input_audio_buffer.clear":
            self.speech.cleared()
        elif event.type == "conversation.item.create":
            self._item_sent(mapping(event.fields, "item"))

    def _item_sent(self, raw: dict[str, Any]) -> None:
        # The server's echo has no audio, so it waits here for the item to come back.
        item_id = text(raw, "id")
        has_audio = any(part.get("audio") for part in mappings(raw, "content"))
        if item_id and has_audio and self._store.find(item_id) is None:
            fill_item(self._store.find_or_wait(item_id), raw, self._budget.keep)

    def interrupted(self) -> None:
        """Take note that the active response is being cancelled."""
        self._responses.interrupt()

    # Session

    def _session(self, event: Event) -> Updates:
        session = mapping(event.fields, "session")
        self._is_transcribing = session_config.has_transcription(session)
        self._is_interrupting = session_config.is_interrupting(session)
        return NOTHING

    def _rate_limits(self, event: Event) -> Updates:
        self.rate_limits = mappings(event.fields, "rate_limits")
        return NOTHING

    def _error(self, event: Event) -> Updates:
        if text(mapping(event.fields, "error"), "code") == "input_audio_buffer_commit_empty":
            self.speech.commit_failed()
        return NOTHING

    # Items

    def _item_added(self, event: Event) -> Updates:
        raw = mapping(event.fields, "item")
        item_id = text(raw, "id")
        if not item_id:
            return _fault(event, "names no item")
        if (item := self._store.get(item_id)) is not None:
            fill_item(item, raw, self._budget.keep)
            return (ItemUpdate("updated", item),)
        self._deleted.pop(item_id, None)
        item = self._store.find_or_wait(item_id)
        fill_item(item, raw, self._budget.keep)
        return self._append(item, text_or_none(event.fields, "previous_item_id"))

    def _append(self, item: Item, previous_item_id: str | None) -> Updates:
        self._store.insert(item, previous_item_id)
        self._expect_transcript(item)
        updates: Updates = (ItemUpdate("appended", item, _waiting_audio(item)),)
        if item.status == "completed" and not item.is_done:
            return updates + self._complete(item)
        return updates

    def _expect_transcript(self, item: Item) -> None:
        part = item.audio_part
        if part is None or item.id not in self._committed:
            return
        if part.transcription == "none" and part.transcript is None and self._is_transcribing:
            part.transcription = "pending"

    def _complete(self, item: Item) -> Updates:
        item.is_done = True
        return (ItemUpdate("completed", item),)

    def _item_done(self, event: Event) -> Updates:
        raw = mapping(event.fields, "item")
        item_id = text(raw, "id")
        if not item_id:
            return _fault(event, "names no item")
        if item_id in self._deleted:
            return NOTHING
        return self._finish(raw, text_or_none(event.fields, "previous_item_id"))

    def _finish(self, raw: dict[str, Any], previous_item_id: str | None) -> Updates:
        item = self._store.find_or_wait(text(raw, "id"))
        before = item.text
        fill_item(item, raw, self._budget.keep)
        updates: Updates = NOTHING
        if not item.is_in_conversation and not item.is_out_of_band:
            updates = self._append(item, previous_item_id)
        if not item.is_done:
            return updates + self._complete(item)
        if not updates and item.text != before:
            return (ItemUpdate("updated", item),)
        return updates

    def _item_retrieved(self, event: Event) -> Updates:
        raw = mapping(event.fields, "item")
        item = self._store.get(text(raw, "id"))
        if item is None:
            return _fault(event, "is about an item that the conversation does not have")
        fill_item(item, raw, self._budget.keep)
        return (ItemUpdate("updated", item),)

    def _item_truncated(self, event: Event) -> Updates:
        item, part = self._item_and_part(event, "output_audio")
        heard_ms = number(event.fields, "audio_end_ms")
        if item is None or part is None or heard_ms is None:
            return _fault(event, "does not say what was truncated where")
        part.heard_ms = max(0, int(heard_ms))
        return self._changed(item, "truncated")

    def _item_deleted(self, event: Event) -> Updates:
        item_id = text(event.fields, "item_id")
        if not item_id:
            return _fault(event, "names no item")
        self._deleted[item_id] = None
        if len(self._deleted) > MAX_DELETED:
            self._deleted.popitem(last=False)
        item = self._store.get(item_id)
        gone = self._store.remove(item_id)
        for part in gone.content if gone is not None else ():
            self._budget.give_up(part)
        return (ItemUpdate("deleted", item),) if item is not None else NOTHING

    # Transcription of the user's speech

    def _transcription_delta(self, event: Event) -> Updates:
        item, part = self._item_and_part(event, "input_audio")
        delta = text(event.fields, "delta")
        if item is None or part is None or not delta or part.is_text_final:
            return NOTHING
        part.transcription = "pending"
        part.transcript = (part.transcript or "") + delta
        return self._grown(item, ItemDelta(item.content.index(part), transcript=delta))

    def _transcription_completed(self, event: Event) -> Updates:
        item, part = self._item_and_part(event, "input_audio")
        if item is None or part is None:
            return _fault(event, "names no item")
        part.transcript = text(event.fields, "transcript")
        part.is_text_final = True
        part.transcription, part.transcription_error = "completed", None
        return self._changed(item)

    def _transcription_failed(self, event: Event) -> Updates:
        item, part = self._item_and_part(event, "input_audio")
        if item is None or part is None:
            return _fault(event, "names no item")
        error = mapping(event.fields, "error")
        part.transcription = "failed"
        part.transcription_error = (
            text(error, "message") or text(error, "code") or "the server did not say why"
        )
        return self._changed(item)

    # Input audio

    def _speech_started(self, event: Event) -> Updates:
        item_id, start_ms = text(event.fields, "item_id"), number(event.fields, "audio_start_ms")
        if self._is_interrupting:
            self.interrupted()
        if not item_id or start_ms is None:
            return _fault(event, "does not say where speech began")
        self.speech.started(item_id, start_ms)
        return NOTHING

    def _speech_stopped(self, event: Event) -> Updates:
        item_id, end_ms = text(event.fields, "item_id"), number(event.fields, "audio_end_ms")
        if not item_id or end_ms is None:
            return _fault(event, "does not say where speech ended")
        self.speech.stopped(item_id, end_ms)
        return NOTHING

    def _timeout_triggered(self, event: Event) -> Updates:
        start_ms = number(event.fields, "audio_start_ms")
        if not text(event.fields, "item_id") or start_ms is None:
            return _fault(event, "does not say which audio it is about")
        self.speech.started(text(event.fields, "item_id"), start_ms)
        return self._speech_stopped(event)

    def _committed_input(self, event: Event) -> Updates:
        item_id = text(event.fields, "item_id")
        if not item_id:
            return _fault(event, "names no item")
        self._committed[item_id] = None
        if len(self._committed) > MAX_DELETED:
            self._committed.popitem(last=False)
        audio = self.speech.committed(item_id)
        item, part = self._item_and_part(event, "input_audio")
        if item is None or part is None or part.received_bytes:
            return NOTHING
        self._budget.keep(part, audio)
        self._expect_transcript(item)
        return self._changed(item)

    def _cleared_input(self, event: Event) -> Updates:
        # Noted when it was sent: what was appended since then is still in the server's buffer.
        return NOTHING

    # Responses

    def _response_created(self, event: Event) -> Updates:
        response = self._responses.created(mapping(event.fields, "response"))
        if response is None:
            return _fault(event, "names no response")
        return NOTHING if response.is_done else (ResponseUpdate(response),)

    def _response_done(self, event: Event) -> Updates:
        raw = mapping(event.fields, "response")
        response = self._responses.done(raw)
        if response is None:
            return _fault(event, "names no response")
        return (*self._finish_items(response, raw), ResponseUpdate(response))

    def _finish_items(self, response: Response, raw: dict[str, Any]) -> Updates:
        """Finish what the peer left open: closing events may be missing."""
        updates: Updates = NOTHING
        for output in mappings(raw, "output"):
            if item_id := text(output, "id"):
                updates += self._output_item(response, item_id, output, is_final=True)
        for item_id in response.item_ids:
            item = self._store.find(item_id)
            if item is None or item.is_done or item_id in self._deleted:
                continue
            status = "completed" if response.status == "completed" else "incomplete"
            updates += self._output_item(
                response, item_id, {"id": item_id, "status": status}, is_final=True
            )
        return updates

    def _output_item_added(self, event: Event) -> Updates:
        return self._output_item_event(event, is_final=False)

    def _output_item_done(self, event: Event) -> Updates:
        return self._output_item_event(event, is_final=True)

    def _output_item_event(self, event: Event, *, is_final: bool) -> Updates:
        raw = mapping(event.fields, "item")
        item_id = text(raw, "id")
        if not item_id:
            return _fault(event, "names no item")
        response = self._responses.find_or_begin(text(event.fields, "response_id"))
        return self._output_item(response, item_id, raw, is_final=is_final)

    def _output_item(
        self, response: Response | None, item_id: str, raw: dict[str, Any], *, is_final: bool
    ) -> Updates:
        if item_id in self._deleted:
            return NOTHING
        item = self._store.find_or_wait(item_id)
        if response is not None:
            item.response_id = response.id
            add_item(response, item_id)
        updates: Updates = NOTHING
        is_apart = response is not None and response.is_out_of_band
        if is_apart and not item.is_in_conversation and not item.is_out_of_band:
            self._store.set_apart(item)
            fill_item(item, raw, self._budget.keep)
            updates = (ItemUpdate("appended", item, _waiting_audio(item)),)
        if is_final:
            # GA: conversation.item.done comes first. Where it does not come, this places the item.
            return updates + self._finish(raw, None)
        # Into the conversation it comes with conversation.item.added, which knows the place.
        fill_item(item, raw, self._budget.keep)
        return updates

    def _content_part(self, event: Event) -> Updates:
        raw = mapping(event.fields, "part")
        item, part = self._item_and_part(event, _output_type(text(raw, "type")))
        if item is None or part is None:
            return _fault(event, "names no item")
        before = part.shown_text
        fill_part(part, {**raw, "type": _output_type(text(raw, "type"))}, self._budget.keep)
        return self._changed(item) if part.shown_text != before else NOTHING

    # Deltas

    def _audio_delta(self, event: Event) -> Updates:
        item, part = self._item_and_part(event, "output_audio")
        if item is None or part is None:
            return _fault(event, "names no item")
        try:
            audio = pcm.decode(event.fields["delta"])
        except (KeyError, TypeError, ValueError):
            return _fault(event, "carries no base64 audio")
        if part.half_sample or len(audio) & 1:
            audio = part.half_sample + audio
            whole = len(audio) & ~1
            part.half_sample, audio = audio[whole:], audio[:whole]
        self._budget.keep(part, audio)
        if not item.is_in_conversation and not item.is_out_of_band:
            return NOTHING
        index = event.fields.get("content_index")
        delta = ItemDelta(index if type(index) is int else 0, audio)
        return (ItemUpdate("updated", item, delta),)

    def _text_delta(self, event: Event) -> Updates:
        item, part = self._item_and_part(event, "output_text")
        delta = text(event.fields, "delta")
        if item is None or part is None or part.is_text_final:
            return NOTHING
        part.text += delta
        return self._grown(item, ItemDelta(item.content.index(part), text=delta))

    def _transcript_delta(self, event: Event) -> Updates:
        item, part = self._item_and_part(event, "output_audio")
        delta = text(event.fields, "delta")
        if item is None or part is None or part.is_text_final:
            return NOTHING
        part.transcript = (part.transcript or "") + delta
        return self._grown(item, ItemDelta(item.content.index(part), transcript=delta))

    def _text_done(self, event: Event) -> Updates:
        return self._final_text(event, "output_text", "text")

    def _transcript_done(self, event: Event) -> Updates:
        return self._final_text(event, "output_audio", "transcript")

    def _final_text(self, event: Event, part_type: str, key: str) -> Updates:
        item, part = self._item_and_part(event, part_type)
        if item is None or part is None:
            return _fault(event, "names no item")
        before = part.shown_text
        if final := text(event.fields, key):
            setattr(part, key, final)
            part.is_text_final = True
        return self._changed(item) if part.shown_text != before else NOTHING

    def _arguments_delta(self, event: Event) -> Updates:
        item = self._item(event)
        delta = text(event.fields, "delta")
        if item is None or item.is_arguments_final:
            return NOTHING
        item.arguments += delta
        return self._grown(item, ItemDelta(arguments=delta))

    def _arguments_done(self, event: Event) -> Updates:
        item = self._item(event)
        if item is None:
            return _fault(event, "names no item")
        item.name = item.name or text_or_none(event.fields, "name")
        item.call_id = item.call_id or text_or_none(event.fields, "call_id")
        before = item.arguments
        if final := text(event.fields, "arguments"):
            item.arguments, item.is_arguments_final = final, True
        return self._changed(item) if item.arguments != before else NOTHING

    # Where things belong

    def _item(self, event: Event) -> Item | None:
        item_id = event.fields.get("item_id")
        if not isinstance(item_id, str) or not item_id or item_id in self._deleted:
            return None
        return self._store.find_or_wait(item_id)

    def _item_and_part(
        self, event: Event, part_type: str
    ) -> tuple[Item | None, ContentPart | None]:
        item = self._item(event)
        if item is None:
            return None, None
        index = event.fields.get("content_index")
        index = index if type(index) is int and index >= 0 else 0
        if index >= len(item.content):
            if index >= MAX_PARTS:
                return item, None
            item.content += [ContentPart("") for _ in range(index + 1 - len(item.content))]
        part = item.content[index]
        if not part.type:
            part.type = part_type
        return item, part

    def _changed(self, item: Item, kind: Any = "updated") -> Updates:
        if item.is_in_conversation or item.is_out_of_band:
            return (ItemUpdate(kind, item),)
        return NOTHING

    def _grown(self, item: Item, delta: ItemDelta) -> Updates:
        if item.is_in_conversation or item.is_out_of_band:
            return (ItemUpdate("updated", item, delta),)
        return NOTHING


def _fault(event: Event, what: str) -> Updates:
    return (Fault(f"{event.type} {what}; it is ignored."),)


def _waiting_audio(item: Item) -> ItemDelta | None:
    """Return the model's audio that came before its item, for whoever plays it."""
    part = item.audio_part
    if part is None or part.type != "output_audio" or not part.audio:
        return None
    return ItemDelta(item.content.index(part), audio=bytes(part.audio))


def _output_type(part_type: str) -> str:
    # GA: response.content_part.* says "text" and "audio" where items say "output_...".
    return f"output_{part_type}" if part_type in ("text", "audio") else part_type
