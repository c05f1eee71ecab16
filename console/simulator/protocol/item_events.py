"""Items that come, go and change without a response: by the client, and as turns of the user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console import audio_format
from console.audio_format import AudioFormat
from console.simulator.protocol import items
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.items import Conversation, Item
from console.simulator.protocol.mcp import McpServers
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.session_config import SessionConfig


class ItemEvents:
    """Changes the conversation as `conversation.item.*` events ask for, and tells of it."""

    def __init__(
        self,
        config: SessionConfig,
        conversation: Conversation,
        servers: McpServers,
        outbox: Outbox,
        new_id: NewId,
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._servers = servers
        self._outbox = outbox
        self._new_id = new_id

    def create(self, event: dict[str, Any]) -> Item:
        """Make the item that a client wants.

        Raises:
            Refusal: It cannot be had in this conversation; nothing was added.
        """
        item = items.from_client(
            event["item"], self._new_id("item_"), audio_formats=self.audio_formats()
        )
        if item.type == "function_call" and not item.call_id:
            item.call_id = self._new_id("call_")
        if item.type == "function_call_output":
            self._check_call_id(item.call_id)
        if item.type == "mcp_approval_response":
            self._servers.check_answer(item.approval_request_id)
        self.add(item, event.get("previous_item_id"))
        return item

    def add(self, item: Item, previous_item_id: str | None = None) -> None:
        """Put a whole item into the conversation.

        Raises:
            Refusal: Its id is taken, there is no such item to stand after, or no room.
        """
        self.check_room()
        self._conversation.add(item, previous_item_id)
        shown = {"previous_item_id": self._conversation.previous_id(item), "item": item.wire()}
        self._outbox.emit("conversation.item.added", **shown)
        self._outbox.emit("conversation.item.done", **shown)
        self.drop_surplus()

    def check_room(self) -> None:
        """Check that a conversation that may not be shortened can take one item more.

        Raises:
            Refusal: It cannot.
        """
        if self._config["truncation"] == "disabled" and len(self._conversation) >= items.MAX_ITEMS:
            raise Refusal(
                f"Error adding item: the conversation holds {items.MAX_ITEMS} items, the most that "
                "this server keeps. Delete some, or let 'truncation' drop the oldest."
            )

    def drop_surplus(self) -> None:
        """Delete the oldest items beyond what a conversation may hold, and tell the client."""
        while (oldest := self._conversation.oldest_surplus()) is not None:
            self.delete({"item_id": oldest})

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
        shown = item.wire(self.audio_formats().get(item.role))
        self._outbox.emit("conversation.item.retrieved", item=shown)

    def audio_formats(self) -> Mapping[str, AudioFormat]:
        """Return how audio in items is coded on the wire, by who says it."""
        output = audio_format.of_wire(self._config.output["format"])
        return {"user": self._config.input_format, "assistant": output}

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
