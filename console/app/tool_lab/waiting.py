"""Calls that wait until somebody has decided what becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from console.app.reference.typed_json import read_json
from console.errors import ConsoleError, ToolError

TIMEOUT_S: Final = 300.0
"""After how long the model is told that nobody has decided."""
MAX_CHARACTERS: Final = 8_000
"""Of an answer that is written by hand."""
REFUSED: Final = "The user refused this call."


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a call."""

    is_answered: bool = False
    """It is answered by hand, and the tool does not run."""
    answer: Any = None


class WaitingCalls:
    """Calls without a decision, by their ids."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        """Begin with none.

        Args:
            on_change: Called when one begins to wait, and when it does no more.
        """
        self._on_change = on_change
        self._open: dict[str, asyncio.Future[Decision]] = {}

    def __contains__(self, call_id: object) -> bool:
        """Return whether a call waits."""
        return call_id in self._open

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._open)

    async def ask(self, call_id: str) -> Decision:
        """Return what was decided about a call.

        Raises:
            ToolError: It was refused, or nobody has decided in time.
        """
        future: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._open[call_id] = future
        self._on_change()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await future
        except TimeoutError as error:
            raise ToolError(f"Nobody decided within {TIMEOUT_S / 60:g} minutes.") from error
        finally:
            del self._open[call_id]
            self._on_change()

    def approve(self, call_id: str) -> None:
        """Let the tool run; a call that does not wait any more is left alone."""
        with contextlib.suppress(KeyError):
            self._settle(call_id).set_result(Decision())

    def refuse(self, call_id: str) -> None:
        """Tell the model that the user does not want it."""
        with contextlib.suppress(KeyError):
            self._settle(call_id).set_exception(ToolError(REFUSED))

    def answer(self, call_id: str, text: str) -> None:
        """Answer the model with JSON in place of the tool.

        Raises:
            ConsoleError: It is no JSON or too long, or the call waits no more; nothing was sent.
        """
        if len(text) > MAX_CHARACTERS:
            raise ConsoleError(
                f"The answer has {len(text):,} characters; {MAX_CHARACTERS:,} is the most."
            )
        try:
            value = read_json(text)
        except ValueError as error:
            raise ConsoleError(
                f'The answer is no JSON: {error}. A text stands in quotes, as in "done".'
            ) from error
        try:
            future = self._settle(call_id)
        except KeyError as error:
            raise ConsoleError("This call does not wait any more.") from error
        future.set_result(Decision(is_answered=True, answer=value))

    def _settle(self, call_id: str) -> asyncio.Future[Decision]:
        future = self._open[call_id]
        if future.done():  # a second click before the first was acted on
            raise KeyError(call_id)
        return future
