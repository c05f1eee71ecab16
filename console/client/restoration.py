"""The session's way back when its line is lost: attempts in a row, with waits between them."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable

from console.client.happenings import ConnectionChanged, MoveReason
from console.client.reconnection import ReconnectPolicy
from console.client.session_line import SessionLine
from console.client.session_lines import SessionLines
from console.clock import Clock
from console.errors import ConnectError, NotConnectedError

TakeOver = Callable[[SessionLine, MoveReason], Awaitable[None]]
"""Goes on with the conversation on a line; raises NotConnectedError when that has ended."""


class Restoration:
    """Counts the attempts in a row; a session that stays for a while begins a new row."""

    def __init__(
        self,
        lines: SessionLines,
        policy: ReconnectPolicy,
        *,
        clock: Clock,
        random_source: random.Random,
        tell: Callable[[ConnectionChanged], None],
        take_over: TakeOver,
    ) -> None:
        """Prepare; nothing happens before `run`.

        Args:
            lines: Opens them.
            policy: How often to try, and how long to wait.
            clock: Time.
            random_source: Of chance, for the waits.
            tell: Told of each attempt.
            take_over: What a new line is for.
        """
        self.policy = policy
        """How often to try, and how long to wait."""
        self._lines = lines
        self._clock = clock
        self._random = random_source
        self._tell = tell
        self._take_over = take_over
        self._n_attempts = 0
        self._opened_at_s = 0.0

    def begin(self) -> None:
        """Begin a new row: a first session is being begun."""
        self._n_attempts = 0

    def session_opened(self) -> None:
        """Take note that a session is open from now on."""
        self._opened_at_s = self._clock.now_s()

    def is_worth_it(self, error: ConnectError) -> bool:
        """Return whether the end of a session is worth an attempt, after those in the row."""
        lived_s = self._clock.now_s() - self._opened_at_s
        if lived_s >= self.policy.stable_after_s and error.cause != "too_large":
            self._n_attempts = 0
        return self._n_attempts < self.policy.attempts_after(error)

    async def run(self, error: ConnectError) -> ConnectError | None:
        """Try until the conversation goes on; return None then, else why it does not.

        Args:
            error: Why the session has ended.
        """
        reason: MoveReason = "expired" if error.cause == "expired" else "lost"
        while self._n_attempts < (most := self.policy.attempts_after(error)):
            self._n_attempts += 1
            await self._wait(error, most)
            try:
                line = await self._lines.open_held(self.policy.attempt_timeout_s)
            except ConnectError as failure:
                error = failure
                continue
            try:
                await self._take_over(line, reason)
            except NotConnectedError:
                error = self._lines.why(await line.wait_until_ended())
            else:
                return None
        return error

    async def _wait(self, error: ConnectError, most: int) -> None:
        n = self._n_attempts
        delay_s = self.policy.delay_s(n, error, self._random)
        sentence = f"{_why(error)} - reconnecting ({n}/{most})..."
        self._tell(ConnectionChanged("reconnecting", sentence, n, most, delay_s, error.cause))
        await self._clock.sleep(delay_s)


def _why(error: ConnectError) -> str:
    return "Connection lost" if error.cause == "lost" else str(error).rstrip(".")
