"""The conversation: events in, what changed out. It never raises on what a peer sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console import pcm
from console.realtime import session as session_config
from console.realtime.audio_budget import AudioBudget
from console.realtime.content import fill_item
from console.realtime.deltas import Deltas
from console.realtime.events import Event
from console.realtime.fields import mapping, mappings, number, text, text_or_none
from console.realtime.item_store import ItemStore
from console.realtime.items import Item, ItemDelta, ItemUpdate, Response, ResponseUpdate
from console.realtime.responses import Responses, add_item
from console.realtime.speech import InputSpeech
from console.realtime.transcriptions import Transcriptions
from console.realtime.updates import NOTHING, Handler, Updates, changed, fault

MAX_KEPT_AUDIO_MS: Final = 60 * 60_000
"""Audio of all items together; beyond it the oldest item's audio is given up."""


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
        self._store = ItemStore()
        self._transcriptions = Transcriptions(self._store)
        self._deltas = Deltas(self._store, self._budget.keep)
        self._handlers = self._table()
        self.clear()

    def clear(self) -> None:
        """Forget everything: a new session begins."""
        self.speech.reset()
        self._store.clear()
        self._transcriptions.clear()
        self._budget.clear()
        self._is_interrupting = False
        self._responses = Responses()
        self.rate_limits: list[dict[str, Any]] = []
        """What the server last said of them."""

    def _table(self) -> dict[str, Handler]:
        item, response, buffer = "conversation.item.", "response.", "input_audio_buffer."
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
            buffer + "speech_started": self._speech_started,
            buffer + "speech_stopped": self._speech_stopped,
            buffer + "timeout_triggered": self._timeout_triggered,
            buffer + "committed": self._committed_input,
            buffer + "cleared": self._cleared_input,
            response + "created": self._response_created,
            response + "done": self._response_done,
            response + "output_item.added": self._output_item_added,
            response + "output_item.done": self._output_item_done,
            **self._transcriptions.handlers(),
            **self._deltas.handlers(),
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
        self._transcriptions.is_on = session_config.has_transcription(session)
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
            return fault(event, "names no item")
        if (item := self._store.get(item_id)) is not None:
            fill_item(item, raw, self._budget.keep)
            return (ItemUpdate("updated", item),)
        item = self._store.find_or_wait(item_id)
        fill_item(item, raw, self._budget.keep)
        return self._append(item, text_or_none(event.fields, "previous_item_id"))

    def _append(self, item: Item, previous_item_id: str | None) -> Updates:
        self._store.insert(item, previous_item_id)
        self._transcriptions.expect(item)
        updates: Updates = (ItemUpdate("appended", item, _waiting_audio(item)),)
        if item.status == "completed" and not item.is_done:
            return updates + self._complete(item)
        return updates

    def _complete(self, item: Item) -> Updates:
        item.is_done = True
        return (ItemUpdate("completed", item),)

    def _item_done(self, event: Event) -> Updates:
        raw = mapping(event.fields, "item")
        item_id = text(raw, "id")
        if not item_id:
            return fault(event, "names no item")
        if self._store.was_deleted(item_id):
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
            return fault(event, "is about an item that the conversation does not have")
        fill_item(item, raw, self._budget.keep)
        return (ItemUpdate("updated", item),)

    def _item_truncated(self, event: Event) -> Updates:
        item, part = self._store.part_of(event, "output_audio")
        heard_ms = number(event.fields, "audio_end_ms")
        if item is None or part is None or heard_ms is None:
            return fault(event, "does not say what was truncated where")
        part.heard_ms = max(0, int(heard_ms))
        return changed(item, "truncated")

    def _item_deleted(self, event: Event) -> Updates:
        item_id = text(event.fields, "item_id")
        if not item_id:
            return fault(event, "names no item")
        item = self._store.get(item_id)
        gone = self._store.remove(item_id)
        for part in gone.content if gone is not None else ():
            self._budget.give_up(part)
        return (ItemUpdate("deleted", item),) if item is not None else NOTHING

    # Input audio

    def _speech_started(self, event: Event) -> Updates:
        item_id, start_ms = text(event.fields, "item_id"), number(event.fields, "audio_start_ms")
        if self._is_interrupting:
            self.interrupted()
        if not item_id or start_ms is None:
            return fault(event, "does not say where speech began")
        self.speech.started(item_id, start_ms)
        return NOTHING

    def _speech_stopped(self, event: Event) -> Updates:
        item_id, end_ms = text(event.fields, "item_id"), number(event.fields, "audio_end_ms")
        if not item_id or end_ms is None:
            return fault(event, "does not say where speech ended")
        self.speech.stopped(item_id, end_ms)
        return NOTHING

    def _timeout_triggered(self, event: Event) -> Updates:
        start_ms = number(event.fields, "audio_start_ms")
        if not text(event.fields, "item_id") or start_ms is None:
            return fault(event, "does not say which audio it is about")
        self.speech.started(text(event.fields, "item_id"), start_ms)
        return self._speech_stopped(event)

    def _committed_input(self, event: Event) -> Updates:
        item_id = text(event.fields, "item_id")
        if not item_id:
            return fault(event, "names no item")
        self._transcriptions.committed(item_id)
        audio = self.speech.committed(item_id)
        item, part = self._store.part_of(event, "input_audio")
        if item is None or part is None or part.received_bytes:
            return NOTHING
        self._budget.keep(part, audio)
        self._transcriptions.expect(item)
        return changed(item)

    def _cleared_input(self, event: Event) -> Updates:
        # Noted when it was sent: what was appended since then is still in the server's buffer.
        return NOTHING

    # Responses

    def _response_created(self, event: Event) -> Updates:
        response = self._responses.created(mapping(event.fields, "response"))
        if response is None:
            return fault(event, "names no response")
        return NOTHING if response.is_done else (ResponseUpdate(response),)

    def _response_done(self, event: Event) -> Updates:
        raw = mapping(event.fields, "response")
        response = self._responses.done(raw)
        if response is None:
            return fault(event, "names no response")
        return (*self._finish_items(response, raw), ResponseUpdate(response))

    def _finish_items(self, response: Response, raw: dict[str, Any]) -> Updates:
        """Finish what the peer left open: closing events may be missing."""
        updates: Updates = NOTHING
        for output in mappings(raw, "output"):
            if item_id := text(output, "id"):
                updates += self._output_item(response, item_id, output, is_final=True)
        for item_id in response.item_ids:
            item = self._store.find(item_id)
            if item is None or item.is_done or self._store.was_deleted(item_id):
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
            return fault(event, "names no item")
        response = self._responses.find_or_begin(text(event.fields, "response_id"))
        return self._output_item(response, item_id, raw, is_final=is_final)

    def _output_item(
        self, response: Response | None, item_id: str, raw: dict[str, Any], *, is_final: bool
    ) -> Updates:
        if self._store.was_deleted(item_id):
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


def _waiting_audio(item: Item) -> ItemDelta | None:
    """Return the model's audio that came before its item, for whoever plays it."""
    part = item.audio_part
    if part is None or part.type != "output_audio" or not part.audio:
        return None
    return ItemDelta(item.content.index(part), audio=bytes(part.audio))
