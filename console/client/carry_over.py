"""The conversation on its way from one session to the next: cut off, told again, recognised."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

from console.client.configuration import Configuration
from console.client.replay import Replay, replay
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.fields import mapping, text
from console.realtime.ids import IdSource
from console.realtime.item_store import ROOT
from console.realtime.items import Item

LOST: Final = "connection_lost"
"""Why an answer is incomplete that the end of the line cut off."""
_ECHOES: Final = frozenset(
    {"conversation.item.added", "conversation.item.created", "conversation.item.done"}
)
_LIST: Final = "mcp_list_tools"
_ABOUT_ITEMS: Final = frozenset(
    {
        "conversation.item.delete",
        "conversation.item.truncate",
        "conversation.item.retrieve",
        "conversation.item.create",
    }
)


class CarryOver:
    """Knows which items of the conversation are of an earlier session.

    Of those the server has the text at most, some under another id, and some not at all. What tools
    an MCP server has is listed anew by each session: it is the same item here, where it stands.
    """

    def __init__(
        self, conversation: Conversation, configuration: Configuration, ids: IdSource
    ) -> None:
        self._conversation = conversation
        self._configuration = configuration
        self._ids = ids
        self.clear()

    def clear(self) -> None:
        """Forget all: a conversation begins anew."""
        self._cut_off: set[str] = set()
        self._earlier: set[str] = set()
        self._at_server: dict[str, str] = {}
        self._renamed: dict[str, str] = {}
        self._end: dict[str, str] = {}
        self._has_told = False
        self.is_translating = False
        """Whether items may go by other ids or stand elsewhere here than at the server."""
        self.expected: set[str] = set()
        """Ids of items that the server still has to say that it has taken over."""

    # When a line has ended

    def loose_ends(self) -> Iterator[Event]:
        """Yield what a server would say if it ended what is unfinished now, because of the line."""
        reason = {"type": "incomplete", "reason": LOST}
        for response in list(self._conversation.responses.values()):
            if not response.is_done:
                self._cut_off.update(response.item_ids)
                raw = {"id": response.id, "status": "incomplete", "status_details": reason}
                yield Event("response.done", fields={"response": raw})
        for item in self._conversation.items:
            if not item.is_done:
                self._cut_off.add(item.id)
                raw = {"id": item.id, "status": "incomplete"}
                yield Event("conversation.item.done", fields={"item": raw})
            yield from self._untranscribed(item)

    def _untranscribed(self, item: Item) -> Iterator[Event]:
        for index, part in enumerate(item.content):
            if part.transcription == "pending":
                error = {"message": "The connection was lost before the transcript came."}
                yield Event(
                    "conversation.item.input_audio_transcription.failed",
                    fields={"item_id": item.id, "content_index": index, "error": error},
                )

    # When a new session has begun

    async def tell(self, send: Callable[[Event], Awaitable[Any]]) -> Replay:
        """Tell the new session of the configuration and of the conversation so far.

        Raises:
            NotConnectedError: Its line has ended.
        """
        # Nobody answers in a transcription session, so what was said before does not matter.
        items = [] if self._configuration.is_transcribing else self._conversation.items
        told = replay(self._configuration.payload(), items, self._ids, cut_off=self._cut_off)
        self._earlier = {item.id for item in self._conversation.items}
        self._at_server = told.ids
        self._renamed = {there: here for here, there in told.ids.items() if here != there}
        self._end = self._ends(told)
        self._has_told = bool(told.ids)
        self.is_translating = bool(self._earlier)
        self.expected = set(told.ids.values())
        for event in told.events:
            await send(event)
        return told

    def _ends(self, told: Replay) -> dict[str, str]:
        """Return the last item that the server has, and the last one here if that is another.

        What comes next comes after both.
        """
        if not told.ids:
            return {}
        last_told, last_here = next(reversed(told.ids)), self._conversation.items[-1].id
        return {} if last_told == last_here else {told.ids[last_told]: last_here}

    # What the new session says of old items

    def is_echo(self, event: Event) -> bool:
        """Return whether an event only says that an item was taken over, which is here already."""
        if event.type not in _ECHOES:
            return False
        item_id = text(mapping(event.fields, "item"), "id")
        if item_id not in self.expected:
            return False
        if event.type != "conversation.item.added":
            self.expected.discard(item_id)
        return True

    def refused(self, cause: Event | None) -> None:
        """Take note that the server did not take the item of this event over."""
        if cause is None or cause.type != "conversation.item.create":
            return
        there = text(mapping(cause.fields, "item"), "id")
        if there in self.expected:
            self.expected.discard(there)
            self._at_server.pop(self._renamed.get(there, there), None)

    def is_only_here(self, item_id: str) -> bool:
        """Return whether the server's session does not know this item."""
        return item_id in self._earlier and item_id not in self._at_server

    def has_no_audio_there(self, item_id: str) -> bool:
        """Return whether the server has no audio of this item, since an earlier session made it."""
        return item_id in self._earlier

    def outgoing(self, event: Event) -> None:
        """Put the server's ids of items into an event of ours, where they are others."""
        if not self._renamed or event.type not in _ABOUT_ITEMS:
            return
        for field in ("item_id", "previous_item_id"):
            here = text(event.fields, field)
            if here in self._at_server:
                event.fields[field] = self._at_server[here]

    def incoming(self, event: Event) -> Event:
        """Return an event of the server with our ids of items, where they are others."""
        item_id, previous = (text(event.fields, key) for key in ("item_id", "previous_item_id"))
        changed: dict[str, Any] = {}
        if event.type in _ECHOES:
            changed = self._listed(mapping(event.fields, "item"), previous)
        if item_id in self._renamed:
            changed["item_id"] = self._renamed[item_id]
        if (here := self._end.get(previous) or self._renamed.get(previous)) is not None:
            changed["previous_item_id"] = here
        # Others hold the event as it came.
        return Event(event.type, event.event_id, {**event.fields, **changed}) if changed else event

    def _listed(self, item: dict[str, Any], previous: str) -> dict[str, Any]:
        """Return what an event is to say otherwise that places the list of a server's tools."""
        if text(item, "type") != _LIST:
            return {}
        there = text(item, "id")
        if there not in self._renamed and self._conversation.get(there) is None:
            self._recognise_list(there, text(item, "server_label"), previous)
        if there in self._renamed:
            return {"item": {**item, "id": self._renamed[there]}}
        # Without one before it, it is the first there, before all that was told.
        return {"previous_item_id": ROOT} if not previous and self._has_told else {}

    def _recognise_list(self, there: str, label: str, previous: str) -> None:
        """Take note that a new list is one that is here already, where it stands."""
        here = self._earlier_list(label)
        if here is None:
            return
        self._renamed[there], self._at_server[here] = here, there
        # What comes next may name the new list, and comes after what the new list came after.
        if previous:
            self._end[there] = self._end.get(previous) or self._renamed.get(previous, previous)
        elif not self._has_told:
            self._end[there] = self._conversation.items[-1].id

    def _earlier_list(self, label: str) -> str | None:
        """Return the newest list of a server that this session has not made; None for none.

        One that failed stays what it is: an item that has failed never succeeds.
        """
        found = (
            item.id
            for item in reversed(self._conversation.items)
            if item.type == _LIST
            and item.server_label == label
            and item.id in self._earlier
            and item.id not in self._at_server
            and item.status != "failed"
        )
        return next(found, None)
