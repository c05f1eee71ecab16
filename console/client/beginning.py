"""The beginning of a first session: one line after another, as often as that is worth it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

from console.client.attempt import Attempt
from console.client.happenings import ConnectionChanged
from console.client.reconnection import ReconnectPolicy
from console.client.session_line import SessionLine
from console.client.session_lines import SessionLines
from console.clock import Clock
from console.errors import ConnectCause, ConnectError, NotConnectedError

_GIVEN_UP: Final = "The attempt to connect was given up."

Configure = Callable[[SessionLine], Awaitable[None]]
"""Tells a first session of the configuration."""


class Beginning:
    """Leads to a line on which a session has been told its configuration, once.

    Afterwards it still knows the session for those who ask for it: `session`.
    """

    def __init__(
        self,
        lines: SessionLines,
        *,
        policy: ReconnectPolicy | None,
        clock: Clock,
        random_source: random.Random,
        tell: Callable[[ConnectionChanged], None],
        adopt: Callable[[SessionLine], dict[str, Any]],
        configure: Configure,
    ) -> None:
        """Prepare; nothing happens before `line`.

        Args:
            lines: Opens them.
            policy: How often to try; None: once.
            clock: Time.
            random_source: Of chance, for the waits.
            tell: Told of each attempt.
            adopt: Acts on a session that has begun, and returns it as it was described.
            configure: Tells it of the configuration.
        """
        self._lines = lines
        self._policy = policy
        self._clock = clock
        self._random = random_source
        self._tell = tell
        self._adopt = adopt
        self._configure = configure
        self._attempt = Attempt(lines.server.refusals())
        self._trying = asyncio.timeout(None)
        """Ends what is under way when it is given up, wherever that is."""
        self._is_trying = self._is_given_up = False

    async def session(self) -> dict[str, Any]:
        """Return the session as the server described it first; waits until it has begun.

        Raises:
            ConnectError: The session could not be begun.
            NotConnectedError: It was given up.
        """
        return await self._attempt.session()

    def give_up(self) -> None:
        """Try no further: the attempt, or the wait before the next one, ends at once."""
        if self._is_trying and not self._is_given_up:
            self._trying.reschedule(asyncio.get_running_loop().time())
        self._is_given_up = True

    async def line(self, timeout_s: float) -> SessionLine:
        """Return a line on which a session has begun and been told its configuration.

        Args:
            timeout_s: How long one attempt may take.

        Raises:
            ConnectError: There is none, after as many attempts as that is worth, or it was
                given up.
        """
        try:
            return await self._line_unless_given_up(timeout_s)
        except BaseException as error:
            self._attempt.gave_up(error)
            raise

    async def _line_unless_given_up(self, timeout_s: float) -> SessionLine:
        self._check_is_wanted()
        try:
            async with self._trying:
                self._is_trying = True
                line = await self._first_line(timeout_s)
        except (ConnectError, TimeoutError) as error:
            self._check_is_wanted(error)
            raise
        finally:
            self._is_trying = False
        self._check_is_wanted()
        return line

    def _check_is_wanted(self, error: Exception | None = None) -> None:
        """Raise if it was given up: that has ended the line, whatever else it looks like."""
        if self._is_given_up:
            raise ConnectError(_GIVEN_UP, cause="ended") from error

    async def _first_line(self, timeout_s: float) -> SessionLine:
        sentence, delay_s = f"Connecting to {self._lines.server.host}...", 0.0
        cause: ConnectCause | None = None
        n, most = 0, 1
        while True:
            n += 1
            self._tell(ConnectionChanged("connecting", sentence, n, max(n, most), delay_s, cause))
            await self._clock.sleep(delay_s)
            try:
                return await self._configured_line(timeout_s)
            except ConnectError as error:
                policy = self._policy
                most = policy.attempts_at_start(error) if policy is not None else 1
                if policy is None or n >= most:
                    raise
                delay_s, cause = policy.delay_s(n, error, self._random), error.cause
                sentence = f"{error} Trying again ({n + 1}/{most})..."

    async def _configured_line(self, timeout_s: float) -> SessionLine:
        line = await self._line_in_its_dialect(timeout_s)
        with contextlib.suppress(NotConnectedError):
            await self._configure(line)
            if not line.has_ended:
                return line
        raise self._lines.why(await line.wait_until_ended())

    async def _line_in_its_dialect(self, timeout_s: float) -> SessionLine:
        if self._attempt.has_begun:
            # Who has waited for the session that began and broke has been told of that one.
            self._attempt = Attempt(self._lines.server.refusals())
        try:
            return await self._lines.open(self._attempt, timeout_s, self._began)
        except ConnectError as error:
            if error.cause != "version" or not self._lines.server.may_speak_beta:
                raise
        # Of the two that we speak it may want the other.
        self._lines.turn_to_beta()
        return await self._lines.open(self._attempt, timeout_s, self._began)

    def _began(self, line: SessionLine) -> None:
        line.attempt.began(self._adopt(line))
