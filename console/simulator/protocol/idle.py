"""The clock of a silent user: how long after an answer the assistant speaks up by itself."""

from __future__ import annotations

from collections.abc import Callable

from console.simulator.protocol.timers import Timers


class IdleClock:
    """Counts the silence after an answer has been played. Anything that the user does stops it."""

    def __init__(
        self, timers: Timers, position_ms: Callable[[], int], fire: Callable[[int], None]
    ) -> None:
        """Prepare the clock.

        Args:
            timers: The session's.
            position_ms: How much audio the client has appended so far.
            fire: Called when the time is over, with the position at which the silence began.
        """
        self._timers = timers
        self._position_ms = position_ms
        self._fire = fire
        self._timer_id: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether silence is being counted, or will be once the answer has been played."""
        return self._timer_id is not None

    def start(self, timeout_ms: int, playback_ms: float) -> None:
        """Begin anew: wait for an answer of `playback_ms` to be played, then count."""
        self.stop()
        self._timer_id = self._timers.after(playback_ms, lambda: self._count(timeout_ms))

    def stop(self) -> None:
        """Forget the silence; the next answer starts the clock again."""
        if self._timer_id is not None:
            self._timers.cancel(self._timer_id)
            self._timer_id = None

    def _count(self, timeout_ms: int) -> None:
        start_ms = self._position_ms()
        self._timer_id = self._timers.after(timeout_ms, lambda: self._over(start_ms))

    def _over(self, start_ms: int) -> None:
        self._timer_id = None
        self._fire(start_ms)
