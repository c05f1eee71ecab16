"""The button of push-to-talk: what it does takes time, and only so many presses may wait for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

MOST_WAITING: Final = 8
"""Presses and releases. Nobody means more: each is acted on within a fraction of a second."""
TOO_MANY: Final = (
    "The button was pressed faster than it can be acted on: the last press was not taken, and "
    "nothing of it is sent. Press again and hold it while you speak."
)


class Presses:
    """Hands presses and releases on, and knows how many have not been acted on yet."""

    def __init__(
        self, talk: Callable[[bool, float], Awaitable[None]], *, refused: Callable[[str], None]
    ) -> None:
        """Begin with none.

        Args:
            talk: Acts on a press or a release, one after the other, as they came.
            refused: Called with a sentence when a press was not taken.
        """
        self._talk = talk
        self._refused = refused
        self._n_waiting = 0

    def may_press(self) -> bool:
        """Say whether a press can be taken now; one that cannot is told to the user."""
        if self._n_waiting < MOST_WAITING:
            return True
        self._refused(TOO_MANY)
        return False

    def act(self, is_down: bool, held_ms: float) -> Awaitable[None]:
        """Count a press or a release from now on; returns what acts on it, to be awaited once.

        Args:
            is_down: Whether it was pressed.
            held_ms: At a release, how long it was held.
        """
        self._n_waiting += 1
        return self._act(is_down, held_ms)

    async def _act(self, is_down: bool, held_ms: float) -> None:
        try:
            await self._talk(is_down, held_ms)
        finally:
            self._n_waiting -= 1
