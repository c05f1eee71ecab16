"""How far the server has come with what it does at servers of tools (MCP)."""

from __future__ import annotations

from console.realtime.content import set_status
from console.realtime.events import Event
from console.realtime.item_store import ItemStore
from console.realtime.updates import NOTHING, Handler, Updates, changed, fault

STATES = ("in_progress", "completed", "failed")


class McpProgress:
    """Writes the state into the items; on the wire they have no `status` of their own."""

    def __init__(self, store: ItemStore) -> None:
        self._store = store

    def handlers(self) -> dict[str, Handler]:
        """Return who takes an event in, by its type."""
        return {
            **{f"mcp_list_tools.{state}": self._list_tools for state in STATES},
            **{f"response.mcp_call.{state}": self._call for state in STATES},
        }

    def _list_tools(self, event: Event) -> Updates:
        return self._progress(event, "mcp_list_tools")

    def _call(self, event: Event) -> Updates:
        return self._progress(event, "mcp_call")

    def _progress(self, event: Event, item_type: str) -> Updates:
        item = self._store.item_of(event)
        if item is None:
            return fault(event, "names no item")
        before = item.status
        item.type = item.type or item_type
        set_status(item, event.type.rpartition(".")[2])
        return changed(item) if item.status != before else NOTHING
