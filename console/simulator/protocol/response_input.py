"""What a response is given to answer to instead of the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from console.simulator.protocol import items
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.item_events import ItemEvents
from console.simulator.protocol.items import Conversation, Item
from console.simulator.protocol.refusals import Refusal


class ResponseInput:
    """Makes items of the `input` of a `response.create`; they enter no conversation."""

    def __init__(self, conversation: Conversation, events: ItemEvents, new_id: NewId) -> None:
        self._conversation = conversation
        self._events = events
        self._new_id = new_id

    def items(self, given: Sequence[Mapping[str, Any]] | None) -> list[Item] | None:
        """Return the items, those of the conversation where one is only named.

        Args:
            given: The checked `input`; None: there is none.

        Raises:
            Refusal: An item that is named does not exist, or the content of a new one cannot be
                read.
        """
        if given is None:
            return None
        return [
            self._item(fields, f"response.input[{index}]") for index, fields in enumerate(given)
        ]

    def _item(self, fields: Mapping[str, Any], path: str) -> Item:
        if fields["type"] == "item_reference":
            if (known := self._conversation.get(fields["id"])) is None:
                raise Refusal(
                    f"Error creating response: the item with id '{fields['id']}' does not exist.",
                    param=f"{path}.id",
                )
            return known
        # It may be a copy of an item of the conversation, with its id; nobody can ask for this one.
        fresh = {name: value for name, value in fields.items() if name != "id"}
        formats = self._events.audio_formats()
        return items.from_client(fresh, self._new_id("item_"), path=path, audio_formats=formats)
