"""Items that come, go and change without a response: by the client, and as turns of the user."""

from __future__ import annotations

from typing import Any

from console.simulator import items
from console.simulator.ids import NewId
from console.simulator.items import Conversation, Item
from console.simulator.outbox import Outbox
from console.simulator.refusals import Refusal


class ItemEvents:
    """Changes the conversation as `conversation.item.*` events ask for, and tells of it."""

    def __init__(self, conversation: Conversation, outbox: Outbox, new_id: NewId) -> None:
        self._conversation = conversation
        self._outbox = outbox
        self._new_id = new_id

    def create(self, event: dict[str, Any]) -> Item:
        """Make the item that a client wants.

        Raises:
            Refusal: It cannot be had in this conversation; nothing was added.
        """
        item = items.from_client(event["item"], self._new_id("item_"))
        if item.type == "function_call" and not item.call_id:
            item.call_id = self._new_id("call_")
        if item.type == "function_call_output":
            self._check_call_id(item.call_id)
        self.add(item, event.get("previous_item_id"))
        return item

    def add(self, item: Item, previous_item_id: str | None = None) -> None:
        """Put a whole item into the conversation.

        Raises:
            Refusal: Its id is taken, or there is no such item to stand after.
        """
        self._conversation.add(item, previous_item_id)
        shown = {"previous_item_id": self._conversation.previous_id(item), "item": item.wire()}
        self._outbox.emit("conversation.item.added", **shown)
        self._outbox.emit("conversation.item.done", **shown)

    def truncate(self, event: dict[str, Any]) -> None:
        """Cut what the assistant said to what was heard."""
        where = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
        self._conversation.truncate(**where)
        self._outbox.emit("conversation.item.truncated", **where)

    def delete(self, event: dict[str, Any]) -> None:
        """Remove an item."""
        self._conversation.delete(event["item_id"])
        self._outbox.emit("conversation.item.deleted", item_id=event["item_id"])

    def retrieve(self, event: dict[str, Any]) -> None:
        """Show an item with its audio."""
        item = self._conversation.find(event["item_id"], "retrieve", "retrieving")
        self._outbox.emit("conversation.item.retrieved", item=item.wire(with_audio=True))

    def _check_call_id(self, call_id: str) -> None:
        known = (
            each.call_id for each in self._conversation.items() if each.type == "function_call"
        )
        if call_id not in known:
            raise Refusal(
                f"Error adding item: there is no function call with the call_id '{call_id}' "
                "in the conversation.",
                param="item.call_id",
            )
