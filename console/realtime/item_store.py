"""The items of a conversation in protocol order, and those that were only spoken of so far."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from console.realtime.content import MAX_PARTS
from console.realtime.events import Event
from console.realtime.items import ContentPart, Item

MAX_WAITING = 256
"""Items that were spoken of and never came; beyond it the oldest are forgotten."""
MAX_APART = 256
"""Items of out-of-band responses; beyond it the oldest are forgotten."""
MAX_DELETED = 1024
"""Ids of deleted items; beyond it the oldest are forgotten."""
ROOT = "root"


class ItemStore:
    """Finds items by id, whether they have come yet or not."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all items."""
        self._items: dict[str, Item] = {}
        self._order: list[str] = []
        self._waiting: OrderedDict[str, Item] = OrderedDict()
        self._apart: OrderedDict[str, Item] = OrderedDict()
        self._deleted: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        """Return how many items the conversation has."""
        return len(self._order)

    def __iter__(self) -> Iterator[Item]:
        """Yield the conversation's items in protocol order."""
        return (self._items[item_id] for item_id in self._order)

    def get(self, item_id: str) -> Item | None:
        """Return an item of the conversation; None when it has none of that id."""
        return self._items.get(item_id)

    def find(self, item_id: str) -> Item | None:
        """Return an item wherever it stands; None when nothing was heard of it."""
        return self._items.get(item_id) or self._waiting.get(item_id) or self._apart.get(item_id)

    def find_or_wait(self, item_id: str) -> Item:
        """Return an item wherever it stands, or a new one that waits to come."""
        # Nearly always it is in the conversation: this runs for every delta.
        item = self._items.get(item_id) or self.find(item_id)
        if item is None:
            item = self._waiting[item_id] = Item(item_id)
            if len(self._waiting) > MAX_WAITING:
                self._waiting.popitem(last=False)
        return item

    def item_of(self, event: Event) -> Item | None:
        """Return the item that an event is about; it may wait to come.

        None when the event names none, or one that was deleted.
        """
        item_id = event.fields.get("item_id")
        if not isinstance(item_id, str) or not item_id or item_id in self._deleted:
            return None
        return self.find_or_wait(item_id)

    def part_of(self, event: Event, part_type: str) -> tuple[Item | None, ContentPart | None]:
        """Return the item and its part that an event is about; either may be made for it.

        Args:
            event: Its `content_index` names the part; without one it is the first.
            part_type: What the part is, unless that is known already.

        Returns:
            None for the item as `item_of`; None for the part beyond `MAX_PARTS`.
        """
        item = self.item_of(event)
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

    def was_deleted(self, item_id: str) -> bool:
        """Return whether an item of this id was removed and none has come since."""
        return item_id in self._deleted

    def apart(self) -> list[Item]:
        """Return the items of out-of-band responses, oldest first."""
        return list(self._apart.values())

    def set_apart(self, item: Item) -> None:
        """Put an item with those of out-of-band responses."""
        self._waiting.pop(item.id, None)
        item.is_out_of_band = True
        self._apart[item.id] = item
        if len(self._apart) > MAX_APART:
            self._apart.popitem(last=False)

    def insert(self, item: Item, previous_item_id: str | None) -> None:
        """Put an item into the conversation, behind the one named.

        Args:
            item: One that is not in the conversation.
            previous_item_id: `"root"` is the front; None and unknown ids are the end. An item
                that came before the one that it follows moves when that one comes.
        """
        assert item.id not in self._items
        self._deleted.pop(item.id, None)
        self._waiting.pop(item.id, None)
        self._apart.pop(item.id, None)
        item.is_in_conversation, item.is_out_of_band = True, False
        item.previous_item_id = previous_item_id
        followers = self._take_followers(item.id)
        self._items[item.id] = item
        if previous_item_id == ROOT:
            at = 0
        elif previous_item_id in self._items and previous_item_id != item.id:
            at = self._order.index(previous_item_id) + 1
        else:
            at = len(self._order)
        self._order[at:at] = [item.id, *followers]

    def _take_followers(self, item_id: str) -> list[str]:
        """Take out the items that came too early, each with those that stand behind it."""
        taken: list[str] = []
        kept: list[str] = []
        chain: set[str] = set()
        for each in self._order:
            previous = self._items[each].previous_item_id
            if previous == item_id or previous in chain:
                chain.add(each)
                taken.append(each)
            else:
                chain.clear()
                kept.append(each)
        self._order = kept
        return taken

    def remove(self, item_id: str) -> Item | None:
        """Take an item out, wherever it stands; None when nothing was heard of it.

        What still comes for it is about no item, until one of the same id is inserted.
        """
        self._deleted[item_id] = None
        if len(self._deleted) > MAX_DELETED:
            self._deleted.popitem(last=False)
        item = self._items.pop(item_id, None)
        if item is not None:
            self._order.remove(item_id)
        else:
            item = self._waiting.pop(item_id, None) or self._apart.pop(item_id, None)
        if item is not None:
            item.is_in_conversation = False
        return item
