"""Items that a client does not know of: who names one hears what the service says of one that is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from console.realtime import fields
from console.realtime.refusal import Refusal

_ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "conversation.item.retrieve": ("retrieve", "retrieving"),
    "conversation.item.truncate": ("truncate", "truncating"),
    "conversation.item.delete": ("delete", "deleting"),
}
"""What a client may do with an item, as the service spells it in codes and in sentences."""


@dataclass(frozen=True, slots=True)
class HiddenItems:
    """Refuses events that name an item which is kept from their client."""

    is_hidden: Callable[[str], bool]
    """Whether an item of this id is kept back."""

    def refuse_naming(self, event: Mapping[str, Any]) -> None:
        """Return if an event names no hidden item, wherever one can be named.

        Raises:
            Refusal: It does; worded as the service words it for an item that there is not.
        """
        kind = fields.text(event, "type")
        if (action := _ACTIONS.get(kind)) is not None:
            self._check_action(fields.text(event, "item_id"), *action)
        elif kind == "conversation.item.create":
            self._check_place(fields.text(event, "previous_item_id"))
        elif kind == "response.create":
            self._check_references(fields.mappings(fields.mapping(event, "response"), "input"))

    def _check_action(self, item_id: str, action: str, gerund: str) -> None:
        if self.is_hidden(item_id):
            raise Refusal(
                f"Error {gerund} item: the item with id '{item_id}' does not exist.",
                code=f"item_{action}_invalid_item_id",
            )

    def _check_place(self, item_id: str) -> None:
        if self.is_hidden(item_id):
            raise Refusal(
                f"Error adding item: the previous item with id '{item_id}' does not exist.",
                param="previous_item_id",
            )

    def _check_references(self, items: list[dict[str, Any]]) -> None:
        for n, item in enumerate(items):
            item_id = fields.text(item, "id")
            if item.get("type") == "item_reference" and self.is_hidden(item_id):
                raise Refusal(
                    f"Error creating response: the item with id '{item_id}' does not exist.",
                    param=f"response.input[{n}].id",
                )
