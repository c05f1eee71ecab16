"""What a relay's tools would keep from its client."""

from collections.abc import Collection


class KeptBack:
    """These calls and these items."""

    def __init__(self, calls: Collection[str] = (), items: Collection[str] = ()) -> None:
        self._calls = calls
        self._items = items

    def is_own_call(self, call_id: str) -> bool:
        return call_id in self._calls

    def is_hidden_item(self, item_id: str) -> bool:
        return item_id in self._items
