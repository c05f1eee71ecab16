"""What an event changed, put so that it can be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from console.realtime.events import Event
from console.realtime.items import Fault, Item, ItemDelta, ItemUpdate, Update, UpdateKind

Updates = tuple[Update, ...]
Handler = Callable[[Event], Updates]
"""Takes an event of one type in and returns what changed, in order."""
NOTHING: Final[Updates] = ()


def fault(event: Event, what: str) -> Updates:
    """Return that the event cannot be used, and why: `what` follows its type."""
    return (Fault(f"{event.type} {what}; it is ignored."),)


def changed(item: Item, kind: UpdateKind = "updated") -> Updates:
    """Return that an item is different; nothing while it was only spoken of."""
    if item.is_in_conversation or item.is_out_of_band:
        return (ItemUpdate(kind, item),)
    return NOTHING


def grown(item: Item, delta: ItemDelta) -> Updates:
    """Return that `delta` was appended to an item; nothing while it was only spoken of."""
    if item.is_in_conversation or item.is_out_of_band:
        return (ItemUpdate("updated", item, delta),)
    return NOTHING
