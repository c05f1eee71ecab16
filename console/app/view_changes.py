"""What changes of a view, told to whoever shows it: changes that come together are told as one."""

from __future__ import annotations

import asyncio

from console.app.view_model import Part
from console.signals import Signal


class ViewChanges:
    """Between a `ViewModel`, which says each change at once, and the pages that show it."""

    def __init__(self) -> None:
        self.told: Signal[frozenset[Part]] = Signal("view changed")
        """The parts that changed in one turn of the event loop."""
        self._parts: set[Part] = set()

    def note(self, part: Part) -> None:
        """Take one change, as `ViewModel.on_change`."""
        if not self._parts:
            asyncio.get_running_loop().call_soon(self._tell)
        self._parts.add(part)

    def _tell(self) -> None:
        parts, self._parts = frozenset(self._parts), set()
        self.told.emit(parts)
