"""The conversation: events in, what changed out. It never raises on what a peer sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console import pcm
from console.realtime.audio_budget import AudioBudget
from console.realtime.audio_shelf import AudioShelf
from console.realtime.call import Call
from console.realtime.content import fill_item
from console.realtime.deltas import Deltas
from console.realtime.events import Event
from console.realtime.fields import mapping, mappings, number, text, text_or_none
from console.realtime.input_turns import InputTurns
from console.realtime.item_store import ItemStore
from console.realtime.items import Item, ItemDelta, ItemUpdate, Response, ResponseUpdate
from console.realtime.mcp_progress import McpProgress
from console.realtime.responses import Responses, add_item
from console.realtime.speech import InputSpeech
from console.realtime.transcriptions import Transcriptions
from console.realtime.updates import NOTHING, Handler, Updates, changed, fault
from console.realtime.usage import SessionUsage

MAX_KEPT_AUDIO_MS: Final = 60 * 60_000
"""Audio of all items together; beyond it the oldest item's audio is given up."""
MAX_AUDIO_IN_MEMORY_MS: Final = 5_000
"""How much of it stays in memory where there is a shelf for the rest."""


class Conversation:
    """What was said, by whom, in which order; keyed by item id, so items may overlap.

    Text and audio that come before their item wait for it. Whatever the peer gets wrong leaves
    the state as it was and comes back as a `Fault`.
    """

    def __init__(
        self,
        speech: InputSpeech | None = None,
        *,
        max_kept_audio_ms: int = MAX_KEPT_AUDIO_MS,
        shelf: AudioShelf | None = None,
        max_audio_in_memory_ms: int = MAX_AUDIO_IN_MEMORY_MS,
    ) -> None:
        """Begin with nothing.

        Args:
            speech: The user's audio.
            max_kept_audio_ms: Audio of all items together; 0 keeps none.
            shelf: Where audio goes that is not kept in memory; None: all of it is.
            max_audio_in_memory_ms: With a shelf, how much of it stays in memory.
        """
        self.speech = speech if speech is not None else InputSpeech()
        self._budget = AudioBudget(
            max_kept_audio_ms * pcm.BYTES_PER_MS,
            shelf=shelf,
            max_memory_bytes=max_audio_in_memory_ms * pcm.BYTES_PER_MS,
        )
        self._store = ItemStore()
        self._responses = Responses()
        self._transcriptions = Transcriptions(self._store)
        self._turns = InputTurns(
            self._store, self.speech, self._transcriptions, self._responses, self._budget.keep
        )
        self._deltas = Deltas(self._store, self._budget.keep)
        self._mcp = McpProgress(self._store)
        self.call = Call(self._store, self._responses)
        """What a WebRTC or SIP call tells beside the conversation."""
        self._handlers = self._table()
        self.clear()

    def clear(self) -> None:
        """Forget everything: a new session begins."""
        self._store.clear()
        self._turns.clear()
        self._transcriptions.clear()
        self._budget.clear()
        self._responses.clear()
        self.call.clear()
        self.id: str | None = None
        """The conversation's, as far as the server has said it."""
        self.rate_limits: list[dict[str, Any]] = []
        """What the server last said of them."""

    def _table(self) -> dict[str, Handler]:
        item, response = "conversation.item.", "response."
        return {
            "conversation.created": self._conversation_created,
            "rate_limits.updated": self._rate_limits,
            item + "added": self._item_added,
            item + "created": self._item_added,
            item + "done": self._item_done,
            item + "retrieved": self._item_retrieved,
            item + "truncated": self._item_truncated,
            item + "deleted": self._item_deleted,
            response + "created": self._response_created,
            response + "done": self._response_done,
            response + "output_item.added": self._output_item_added,
            response + "output_item.done": self._output_item_done,
            **self._turns.handlers(),
            **self._transcriptions.handlers(),
            **self._deltas.handlers(),
            **self._mcp.handlers(),
            **self.call.handlers(),
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
        """How much audio of items is kept, in memory and on the shelf."""
        return self._budget.kept_bytes

    @property
    def audio_bytes_in_memory(self) -> int:
        """How much of it is held in memory."""
        return self._budget.memory_bytes

    def audio_of(self, item_id: str) -> bytes:
        """Return a copy of an item's audio, wherever it lies; empty when there is none."""
        item = self.find(item_id)
        return item.read_audio() if item is not None else b""

    @property
    def usage(self) -> SessionUsage:
        """What the session has cost so far."""
        return SessionUsage(self._responses.usage, self._transcriptions.usage)

    @property
    def unanswered_approvals(self) -> list[Item]:
        """The requests to approve a call of a server's tool that nobody has answered yet."""
        answered = {item.approval_request_id for item in self._store}
        return [
            item
            for item in self._store
            if item.type == "mcp_approval_request" and item.id not in answered
        ]

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
            self.speech.commit_sent(event.event_id)
        elif event.type == "input_audio_buffer.clear":
            self.speech.cleared()
        elif event.type == "conversation.item.create":
            self._item_sent(mapping(event.fields, "item"))

    def _item_sent(self, raw: dict[str, Any]) -> None:
        # The server's echo has no audio and may have no image: both wait here for the item.
        item_id = text(raw, "id")
        is_heavy = any(
            part.get("audio") or part.get("image_url") for part in mappings(raw, "content")
        )
        if item_id and is_heavy and self._store.find(item_id) is None:
            fill_item(self._store.find_or_wait(item_id), raw, self._budget.keep)

    def interrupted(self) -> None:
        """Take note that the active response is being cancelled."""
        self._responses.interrupt()

    # Session

    def _rate_limits(self, event: Event) -> Updates:
        self.rate_limits = mappings(event.fields, "rate_limits")
        return NOTHING

    def _conversation_created(self, event: Event) -> Updates:
        self.id = text(mapping(event.fields, "conversation"), "id") or self.id
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
        before = _shown(item)
        fill_item(item, raw, self._budget.keep, is_final=True)
        updates: Updates = NOTHING
        if not item.is_in_conversation and not item.is_out_of_band:
            updates = self._append(item, previous_item_id)
        if not item.is_done:
            return updates + self._complete(item)
        if not updates and _shown(item) != before:
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
        # Of a call the sound goes elsewhere: its length is not known here.
        most_ms = part.audio_ms if part.received_bytes else heard_ms
        part.heard_ms = max(0, int(min(heard_ms, most_ms)))
        item.is_interrupted = True
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

    # Responses

    def _response_created(self, event: Event) -> Updates:
        response = self._responses.created(mapping(event.fields, "response"))
        if response is None:
            return fault(event, "names no response")
        self.id = response.conversation_id or self.id
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
        has_place = item.is_in_conversation or item.is_out_of_band
        if is_final and (has_place or response is None or response.has_begun):
            # GA: conversation.item.done comes first. Where it does not come, this places the item.
            return updates + self._finish(raw, None)
        # Into the conversation it comes with conversation.item.added, which knows the place, or
        # with response.done, which knows whether it belongs there.
        fill_item(item, raw, self._budget.keep, is_final=is_final)
        return updates


def _shown(item: Item) -> tuple[object, ...]:
    """Return what makes a difference to somebody who looks at an item."""
    return (item.text, item.status, item.arguments, item.output, item.tools, item.error)


def _waiting_audio(item: Item) -> ItemDelta | None:
    """Return the model's audio that came before its item, for whoever plays it."""
    part = item.audio_part
    if part is None or part.type != "output_audio" or not part.audio:
        return None
    return ItemDelta(item.content.index(part), audio=bytes(part.audio))
