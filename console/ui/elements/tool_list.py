"""The tools of a session in the browser, each with its switch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.tool_lab.state import ToolEntry


class ToolList(ui.element, component="tool_list.js"):
    """Names of tools; one of them may be open."""

    def __init__(
        self,
        *,
        on_enable: Callable[[str, bool], Awaitable[None]],
        on_open: Callable[[str], None],
    ) -> None:
        """Make an empty list.

        Args:
            on_enable: Called with a name and whether the model shall have it.
            on_open: Called with the name that somebody chose.
        """
        super().__init__()
        self._on_enable = on_enable
        self._on_open = on_open
        self.on("enable", self._enabled)
        self.on("open", self._opened)

    def show(self, tools: Sequence[ToolEntry], open_name: str) -> None:
        """Show these tools, one of them open."""
        self._props["open"] = open_name
        self._props["tools"] = [
            {
                "name": each.name,
                "about": each.description.partition("\n")[0],
                "enabled": each.is_enabled,
                "own": each.is_own,
                "remarks": list(each.remarks),
            }
            for each in tools
        ]

    def _enabled(self, event: GenericEventArguments) -> Awaitable[None] | None:
        match event.args:
            case {"name": str(name), "on": bool(is_on)}:
                return self._on_enable(name, is_on)
        return None

    def _opened(self, event: GenericEventArguments) -> None:
        if isinstance(event.args, str):
            self._on_open(event.args)
