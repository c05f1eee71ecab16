"""The memory of one session: edited on the page, kept for its person, offered to its model."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from console import tasks
from console.app.kept_memory import KeptMemory
from console.app.memory_prompt import fitting, with_memory, without_memory
from console.app.reference.typed_json import read_json
from console.app.view_model import ViewModel
from console.client.client import RealtimeClient
from console.errors import ConsoleError, ToolError
from console.tools.memory import Memory

logger = logging.getLogger(__name__)

MAX_IMPORT_CHARACTERS: Final = 500_000


class SessionMemory:
    """What one session remembers, and what is done with it.

    What the page does raises `ConsoleError` when it cannot be done; nothing has changed then.
    """

    def __init__(self, view: ViewModel, kept: KeptMemory) -> None:
        """Begin with what the person has kept.

        Args:
            view: What the page shows; changed here.
            kept: What the session's person keeps, in all of their sessions.
        """
        self._view = view
        self._kept = kept
        self._client: RealtimeClient | None = None
        self._is_offered = kept.is_offered
        self._is_kept = kept.values is not None
        self.memory = Memory()
        """What the model's tool changes, too."""
        self.memory.replace(kept.values or {})
        self.memory.changed.connect(self._changed)
        self._stop_following = kept.changed.connect(lambda _: self._kept_changed())
        self._show()

    def close(self) -> None:
        """Follow what the person keeps no more."""
        self._stop_following()

    # What the page does

    def set(self, key: str, text: str, *, instead_of: str | None = None) -> None:
        """Remember a text; a value that is none now stays JSON.

        Args:
            key: Its name.
            text: What was typed.
            instead_of: The name that it had.

        Raises:
            ConsoleError: It cannot be remembered, or is to be JSON and is none.
        """
        value: Any = text
        if is_json(self.memory.values.get(instead_of or key, "")):
            try:
                value = read_json(text)
            except ValueError as error:
                raise ConsoleError(f"{key} is JSON, and this is none: {error}.") from error
        self._edit(lambda: self.memory.set(key, value, instead_of=instead_of))

    def remove(self, key: str) -> None:
        """Forget a value."""
        self._edit(lambda: self.memory.remove(key))

    def clear(self) -> None:
        """Forget all."""
        self._edit(self.memory.clear)

    def export(self) -> bytes:
        """Return all values as JSON."""
        return orjson.dumps(self.memory.values, option=orjson.OPT_INDENT_2)

    def take_in(self, text: str) -> int:
        """Remember what a JSON object holds, in place of what has the same names.

        Args:
            text: Names and values, as `export` writes them.

        Returns:
            How many there were.

        Raises:
            ConsoleError: It is no such JSON, or too much.
        """
        if len(text) > MAX_IMPORT_CHARACTERS:
            raise ConsoleError(
                f"The file has {len(text):,} characters; {MAX_IMPORT_CHARACTERS:,} is the most."
            )
        try:
            values = read_json(text)
        except ValueError as error:
            raise ConsoleError(f"The file is no JSON: {error}.") from error
        if not isinstance(values, dict):
            raise ConsoleError('The file must hold a JSON object of names, as in {"name": "Ada"}.')
        self._edit(lambda: self.memory.merge(values))
        return len(values)

    def keep(self, is_kept: bool) -> None:
        """Keep the memory for the next session of this person, or delete what was kept.

        This session goes on with what it has; all of the person's sessions that keep have one
        memory.

        Raises:
            ConsoleError: Nothing can be kept; the message says why.
        """
        if is_kept:
            self._is_kept = True
            try:
                self._kept.keep(self.memory.values, is_offered=self._is_offered)
            except ConsoleError:
                self._is_kept = False
                raise
        else:
            self._kept.forget()
            self._is_kept = False
        self._show()

    async def offer(self, is_offered: bool) -> None:
        """Tell the model the memory in its instructions, or take it out of them.

        Raises:
            ConsoleError: The line does not take it now; the next session has it right.
        """
        self._is_offered = is_offered
        if self._is_kept:
            self._kept.keep(self.memory.values, is_offered=is_offered)
        self._show()
        if self._client is not None:
            await self.instruct(self._client)

    async def instruct(self, client: RealtimeClient) -> None:
        """Put the memory into the instructions of a client's session, or take it out of them.

        Raises:
            ConsoleError: The line does not take it.
        """
        self._client = client
        before = client.session_config.get("instructions")
        if not isinstance(before, str):
            return
        values: Mapping[str, Any] = self.memory.values if self._is_offered else {}
        after = with_memory(before, values) if values else without_memory(before)
        if after != before:
            await client.update_session(instructions=after)

    # What follows from it

    def _edit(self, change: Callable[[], None]) -> None:
        """Change the memory; the model, which did not do it, is told."""
        try:
            change()
        except ToolError as error:
            raise ConsoleError(str(error)) from error
        if self._is_offered and self._client is not None:
            tasks.spawn(self._instruct_again(self._client), name="tell the memory")

    async def _instruct_again(self, client: RealtimeClient) -> None:
        try:
            await self.instruct(client)
        except ConsoleError as error:  # the next session is told
            logger.info("the memory was not told: %s", error)

    def _changed(self, values: dict[str, Any]) -> None:
        if self._is_kept:
            self._kept.keep(values, is_offered=self._is_offered)
        self._show()

    def _kept_changed(self) -> None:
        """Another session of the same person has changed it, or the choice."""
        kept = self._kept.values
        if kept is None:
            self._is_kept = False
        elif self._is_kept:
            self._is_offered = self._kept.is_offered
            self.memory.replace(kept)
        else:
            self._join(kept)
        self._show()

    def _join(self, kept: Mapping[str, Any]) -> None:
        """Keep, too: the person has chosen so in another session."""
        try:
            self.memory.merge(kept)
        except ToolError as error:  # both together are too much: this session has its own
            logger.info("a session does not keep its memory: %s", error)
            return
        self._is_kept, self._is_offered = True, self._kept.is_offered
        self._kept.keep(self.memory.values, is_offered=self._is_offered)

    def _show(self) -> None:
        values = self.memory.values
        left_out = len(values) - len(fitting(values)) if self._is_offered else 0
        offer = f"The {left_out} oldest are too much for the instructions." if left_out else ""
        self._view.set_memory_state(
            is_kept=self._is_kept,
            is_offered=self._is_offered,
            where=self._kept.where,
            remark=self._kept.problem or offer,
        )
        if values != self._view.memory:
            self._view.set_memory(values)


def is_json(value: Any) -> bool:
    """Whether a value is edited as JSON: it is no text."""
    return not isinstance(value, str)
