"""The memory in the browser, to be changed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.session_memory import is_json
from console.app.view_model import MemoryState


class MemoryHolder(Protocol):
    """Whoever changes the memory; what is refused is told by `MemoryEditor.tell`."""

    def set(self, key: str | None, name: str, text: str) -> None:
        """Remember a text under a name, in place of the memory `key` if there is one."""

    def remove(self, key: str) -> None:
        """Forget one."""

    def clear(self) -> None:
        """Forget all."""

    def take_in(self, text: str) -> None:
        """Remember what a file holds."""

    def too_large(self, size_bytes: int) -> None:
        """Refuse a file that the browser has not read."""

    def no_text(self) -> None:
        """Refuse a file that is no text in UTF-8."""

    def export(self) -> None:
        """Give all as a file."""

    def keep(self, is_kept: bool) -> None:
        """Keep it for the person, or do so no more."""

    def offer(self, is_offered: bool) -> Awaitable[None]:
        """Tell the model, or do so no more."""


class MemoryEditor(ui.element, component="memory_editor.js"):
    """Names and values, each in its line; what was typed and refused stays as it was typed."""

    def __init__(self, holder: MemoryHolder) -> None:
        """Make an empty editor.

        Args:
            holder: Told what somebody does.
        """
        super().__init__()
        self._holder = holder
        self._props["added"] = 0
        self.on("set", self._set)
        self.on("remove", lambda event: self._with_text(event, holder.remove))
        self.on("clear", holder.clear)
        self.on("import", lambda event: self._with_text(event, holder.take_in))
        self.on("refused", self._refused)
        self.on("export", holder.export)
        self.on("keep", self._keep)
        self.on("offer", self._offer)

    def show(self, values: Mapping[str, Any], state: MemoryState) -> None:
        """Show what is remembered, and what is done with it."""
        self._props["entries"] = [
            {"key": key, "text": _written(value), "json": is_json(value)}
            for key, value in values.items()
        ]
        self._props["kept"] = state.is_kept
        self._props["offered"] = state.is_offered
        self._props["where"] = state.where
        self._props["remark"] = state.remark

    def tell(self, sentence: str = "", key: str = "") -> None:
        """Say what is wrong, at a memory or with all of it; nothing takes it back."""
        self._props["problem"] = {"key": key, "sentence": sentence}

    def added(self) -> None:
        """Empty the line for a new memory: it was remembered."""
        self._props["added"] += 1

    def _set(self, event: GenericEventArguments) -> None:
        match event.args:
            case {"key": str() | None as key, "name": str(name), "text": str(text)}:
                self._holder.set(key, name, text)

    def _with_text(self, event: GenericEventArguments, callback: Any) -> None:
        if isinstance(event.args, str):
            callback(event.args)

    def _refused(self, event: GenericEventArguments) -> None:
        match event.args:
            case {"why": "size", "size": int(size)}:
                self._holder.too_large(size)
            case {"why": "text"}:
                self._holder.no_text()

    def _keep(self, event: GenericEventArguments) -> None:
        self._holder.keep(event.args is True)

    def _offer(self, event: GenericEventArguments) -> Awaitable[None]:
        return self._holder.offer(event.args is True)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
