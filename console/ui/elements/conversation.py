"""The conversation of a session: text as it streams in, and the sound of each item."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from nicegui import ui
from nicegui.events import GenericEventArguments

HINT: Final = "Your words and the replies appear here, with their sound."
WATCHED_HINT: Final = "What is said appears here, with its sound."


class Conversation(ui.element, component="conversation.js"):
    """Items and text arrive on the session channel, sound by HTTP when it is played."""

    def __init__(
        self,
        session_id: str,
        *,
        on_delete: Callable[[str], Any] | None = None,
        on_decide: Callable[[str, bool], Any] | None = None,
    ) -> None:
        """Show the conversation of a session.

        Args:
            session_id: The session's name in URLs.
            on_delete: Called with the id of an item that the user asks to delete.
            on_decide: Called with the id of an item that asks for approval, and the answer.
                Without these two the conversation is only to be read.
        """
        super().__init__()
        self._props["session"] = session_id
        self._props["hint"] = HINT
        if on_delete is None or on_decide is None:
            self._props["hint"] = WATCHED_HINT
            self.classes("rc-conversation--read-only")
            return

        def discarded(event: GenericEventArguments) -> Any:
            return on_delete(event.args) if isinstance(event.args, str) else None

        def decided(event: GenericEventArguments) -> Any:
            match event.args:
                case {"id": str(item_id), "approve": bool(approve)}:
                    return on_decide(item_id, approve)
            return None

        self.on("discarded", discarded)
        self.on("decided", decided)
