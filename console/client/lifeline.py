"""The life of the client's connection: begun, kept, restored, moved, ended."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

from console import tasks
from console.client.attempt import Attempt
from console.client.connection import Connection
from console.client.happenings import ConnectionChanged, SessionMoved
from console.client.inbox import Inbox
from console.client.reconnection import ReconnectPolicy
from console.client.refusals import Refusals
from console.client.session_line import SessionLine
from console.client.session_watch import SessionWatch
from console.client.subscriptions import Subscriptions
from console.client.targets import Target
from console.client.wire import Wire
from console.clock import Clock
from console.errors import ConnectError, ConsoleError, NotConnectedError
from console.realtime.fields import number
from console.transport import Closed, Transport

logger = logging.getLogger(__name__)

QUIET_CALL_S: Final = 0.5
"""How long a call may say nothing before that counts as being let in."""
_BEING_RESTORED: Final = "the connection was lost and is being restored. Try again when it is."
_GIVEN_UP: Final = "The attempt to connect was given up."
_MOVED: Final = {
    "lost": "The connection is back.",
    "expiring": "The session was close to its time limit and goes on in a new one.",
    "expired": "The session reached its time limit and goes on in a new one.",
}

Reason = Literal["lost", "expiring", "expired"]
Tell = Callable[[SessionLine], Awaitable[tuple[int, str]]]
"""Tells a new session what was said so far; returns how many items, and that in a sentence."""


@dataclass(frozen=True, slots=True)
class Server:
    """How to reach the server, one line after the other."""

    target: Target
    open: Callable[[Target, float], Awaitable[Transport]]
    """Opens a transport within a time in seconds."""

    async def dial(self, timeout_s: float) -> Transport:
        """Return a new transport to it."""
        return await self.open(self.target, timeout_s)

    def in_beta(self) -> Server:
        """Return the same server, spoken to in beta from the handshake on."""
        return replace(self, target=replace(self.target, dialect="beta"))

    @property
    def is_call(self) -> bool:
        """Whether the session is that of an existing call: it outlives the line."""
        return self.target.is_call

    def new_wire(self) -> Wire:
        """Return the translator of one line."""
        return Wire(self.target.dialect, self.target.url)

    def refusals(self, *, was_let_in: bool = False) -> Refusals:
        """Return the words for what goes wrong, the first time or later."""
        target = self.target
        return Refusals(target.url, target.subject, target.secret, was_let_in=was_let_in)


class Lifeline:
    """Holds the line of the session, and holds on to the session when the line goes."""

    def __init__(
        self,
        server: Server,
        *,
        inbox: Inbox,
        signals: Subscriptions,
        clock: Clock,
        random_source: random.Random,
        policy: ReconnectPolicy | None,
        configure: Callable[[SessionLine], Awaitable[None]],
        tell: Tell,
        is_quiet: Callable[[], bool],
    ) -> None:
        """Prepare; nothing happens before `connect`.

        Args:
            server: How to reach it.
            inbox: Takes what the server says.
            signals: Where changes of the connection are told.
            clock: Time.
            random_source: Of chance, for the waits.
            policy: When to come back; None: never.
            configure: Tells a first session of the configuration.
            tell: Tells a later session of everything.
            is_quiet: Whether nobody is in the middle of anything.
        """
        self._server = self._as_given = server
        self._inbox = inbox
        self._signals = signals
        self._clock = clock
        self._random = random_source
        self._policy = policy
        self._configure = configure
        self._tell = tell
        self._is_quiet = is_quiet
        self.line: SessionLine | None = None
        """The line on which a session is open; None too for the moment of a move."""
        self._phase: Literal["closed", "connecting", "open", "reconnecting"] = "closed"
        self._lines: set[SessionLine] = set()
        self._attempt: Attempt | None = None
        self._restoring: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._watch: SessionWatch | None = None
        self._moved: asyncio.Event | None = None
        self._is_leaving = False
        self._n_attempts = 0
        self._opened_at_s = 0.0
        inbox.on_expired = self._expired

    @property
    def is_begun(self) -> bool:
        """Whether there is a session, or one is being begun or restored."""
        return self._phase != "closed"

    @property
    def is_open(self) -> bool:
        """Whether a session is open."""
        return self.line is not None or self._moved is not None

    @property
    def is_holding_on(self) -> bool:
        """Whether a line that ends may be restored."""
        return self._policy is not None and self._phase in ("open", "reconnecting")

    @property
    def is_restoring(self) -> bool:
        """Whether the line is lost, and may come back."""
        return self._phase == "reconnecting"

    async def line_for(self, event_type: str) -> SessionLine:
        """Return the line for an event; waits while the session is being moved.

        Raises:
            NotConnectedError: There is no session; `event_type` is named.
        """
        while self.line is None and self._moved is not None:
            await self._moved.wait()
        if self.line is None:
            action = f"send {event_type}"
            if self.is_restoring:
                raise NotConnectedError(action, _BEING_RESTORED)
            raise NotConnectedError(action)
        return self.line

    # Beginning and ending

    async def connect(self, timeout_s: float) -> None:
        """Begin a session and tell it the configuration.

        Raises:
            ConnectError: There will be no session.
            ConsoleError: There is one already, or one is being begun.
        """
        if self._phase != "closed":
            raise ConsoleError("This client is connected already; disconnect first.")
        self._server = self._as_given
        self._attempt = Attempt(self._server.refusals())
        self._phase, self._is_leaving, self._n_attempts = "connecting", False, 0
        try:
            line = await self._first_line(timeout_s)
        except BaseException as error:
            self._attempt.gave_up(error)
            self._attempt = None
            await self._close_lines()
            self._phase = "closed"
            self._changed("closed", _sentence(error), error)
            raise
        self._phase = "open"
        self._session_is_open(line)

    async def session(self) -> dict[str, Any]:
        """Return the session as the server described it first; waits until it has begun.

        Raises:
            NotConnectedError: Nobody called `connect`, or the session ended first.
            ConnectError: The session could not be begun.
        """
        if self._attempt is None:
            raise NotConnectedError("wait for the session")
        return await self._attempt.session()

    async def disconnect(self) -> None:
        """End the session, or the attempts to begin or to restore one."""
        self._is_leaving = True
        if self._waiting is not None:
            self._waiting.cancel()
        await tasks.cancel(self._restoring)
        self._stop_watch()
        await self._close_lines()
        # While connecting, `connect` tells of the end.
        if self._phase in ("open", "reconnecting"):
            self._over(Closed(1000, ""), None)

    async def _close_lines(self) -> None:
        for line in list(self._lines):
            if line is not self.line:
                line.leave()
            await line.close()

    async def _first_line(self, timeout_s: float) -> SessionLine:
        """Return a line on which a session has begun and been told its configuration.

        Raises:
            ConnectError: There is none, after as many attempts as that is worth.
        """
        refusals = self._server.refusals()
        sentence, delay_s, cause = f"Connecting to {refusals.host}...", 0.0, None
        most = 1
        for n in itertools.count(1):
            self._signals.connection.emit(
                ConnectionChanged("connecting", sentence, n, max(n, most), delay_s, cause)
            )
            await self._wait(delay_s)
            try:
                return await self._configured_line(timeout_s)
            except ConnectError as error:
                policy = self._policy
                most = policy.attempts_at_start(error) if policy is not None else 1
                if policy is None or n >= most or self._is_leaving:
                    raise
                delay_s, cause = policy.delay_s(n, error, self._random), error.cause
                sentence = f"{error} Trying again ({n + 1}/{most})..."
        raise AssertionError("unreachable")

    async def _configured_line(self, timeout_s: float) -> SessionLine:
        attempt = self._attempt
        if attempt is None or attempt.has_begun:
            # Who has waited for the session that began and broke has been told of that one.
            attempt = self._attempt = Attempt(self._server.refusals())
        try:
            line = await self._open_line(attempt, timeout_s, self._begin_afresh)
        except ConnectError as error:
            if error.cause != "version" or self._server.target.dialect != "auto":
                raise
            # Of the two that we speak it may want the other.
            self._server = self._server.in_beta()
            line = await self._open_line(attempt, timeout_s, self._begin_afresh)
        with contextlib.suppress(NotConnectedError):
            await self._configure(line)
            if not line.has_ended:
                return line
        raise await self._broken_off(line)

    async def _broken_off(self, line: SessionLine) -> ConnectError:
        """Return why a line has ended on which a session had just begun."""
        closed = await line.wait_until_ended()
        if self._is_leaving:
            return ConnectError(_GIVEN_UP, cause="ended")
        return self._server.refusals().ended(self._inbox.latest_error(), closed)

    async def _wait(self, delay_s: float) -> None:
        """Wait before an attempt; `disconnect` ends it at once."""
        if delay_s > 0:
            self._waiting = tasks.spawn(self._clock.sleep(delay_s), name="wait to connect")
            try:
                await asyncio.wait([self._waiting])
            finally:
                self._waiting.cancel()
                self._waiting = None
        if self._is_leaving:
            raise ConnectError(_GIVEN_UP, cause="ended")

    async def _open_line(
        self, attempt: Attempt, timeout_s: float, on_began: Callable[[SessionLine], None]
    ) -> SessionLine:
        """Return a new line on which a session has begun.

        Raises:
            ConnectError: None has; the line, if there was one, is closed.
        """
        line = SessionLine(
            wire=self._server.new_wire(),
            attempt=attempt,
            inbox=self._inbox,
            is_call=self._server.is_call,
            on_began=on_began,
            on_ended=self._line_ended,
        )
        try:
            await attempt.run(partial(self._dial, line), timeout_s)
        except BaseException:
            line.leave()
            await line.close()
            raise
        return line

    async def _dial(self, line: SessionLine, timeout_s: float) -> None:
        transport = await self._server.dial(timeout_s)
        self._lines.add(line)
        line.attach(Connection(transport, line))
        if self._server.is_call:
            await line.attempt.wait_while_quiet(QUIET_CALL_S)
            line.begin()

    def _begin_afresh(self, line: SessionLine) -> None:
        """Take the first session of a conversation as the server begins it."""
        self.line = line
        self._inbox.forget()
        line.open()
        line.attempt.began(self._inbox.session)

    def _session_is_open(self, line: SessionLine) -> None:
        refusals = self._server.refusals()
        self._opened_at_s = self._clock.now_s()
        self._signals.connection.emit(ConnectionChanged("open", f"Connected to {refusals.host}."))
        if self._policy is None:
            return
        is_moving = self._policy.move_before_expiry and not self._server.is_call
        self._watch = SessionWatch(
            clock=self._clock,
            events=self._signals.event,
            on_expiring=self._signals.expiring.emit,
            is_quiet=self._is_quiet,
            move=partial(self._move, line) if is_moving else None,
            ping=line.ping,
            on_dead=lambda: line.drop(Closed(1006, "no answer after the machine slept")),
        )
        self._watch.start(number(self._inbox.session, "expires_at"))

    def _stop_watch(self) -> None:
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    # When the line goes

    def _line_ended(self, line: SessionLine, closed: Closed) -> None:
        self._lines.discard(line)
        if line is not self.line:
            return
        self.line = None
        self._stop_watch()
        if self._phase == "connecting":
            # The attempt has been told; it is `connect` that raises.
            self._inbox.session_ended()
            return
        if self._is_leaving:
            self._inbox.session_ended()
            self._over(closed, None)
            return
        error = self._server.refusals().ended(self._inbox.latest_error(), closed)
        self._inbox.session_lost()
        self._begin_restoring(error, closed)

    def _begin_restoring(self, error: ConnectError, closed: Closed) -> None:
        policy = self._policy
        lived_s = self._clock.now_s() - self._opened_at_s
        if policy is not None and lived_s >= policy.stable_after_s and error.cause != "too_large":
            self._n_attempts = 0
        if policy is None or self._n_attempts >= policy.attempts_after(error):
            self._over(closed, error)
            return
        self._phase = "reconnecting"
        self._restoring = tasks.spawn(self._restore_or_end(policy, error, closed), name="reconnect")

    async def _restore_or_end(
        self, policy: ReconnectPolicy, error: ConnectError, closed: Closed
    ) -> None:
        try:
            await self._restore(policy, error, closed)
        except Exception:
            # A fault of ours; nobody may wait for ever for what will not come.
            logger.exception("the session could not be restored")
            await self._close_lines()
            self._over(closed, error)

    async def _restore(self, policy: ReconnectPolicy, error: ConnectError, closed: Closed) -> None:
        reason: Reason = "expired" if error.cause == "expired" else "lost"
        while self._n_attempts < (most := policy.attempts_after(error)):
            self._n_attempts += 1
            delay_s = policy.delay_s(self._n_attempts, error, self._random)
            self._changed(
                "reconnecting",
                f"{_why(error)} - reconnecting ({self._n_attempts}/{most})...",
                error,
                (self._n_attempts, most, delay_s),
            )
            await self._clock.sleep(delay_s)
            try:
                line = await self._open_line(
                    Attempt(self._server.refusals(was_let_in=True)),
                    policy.attempt_timeout_s,
                    _begin_held,
                )
            except ConnectError as failure:
                error = failure
                continue
            try:
                await self._take_over(line, reason)
            except NotConnectedError:
                error = await self._broken_off(line)
            else:
                return
        self._over(closed, error)

    async def _take_over(self, line: SessionLine, reason: Reason) -> None:
        """Go on with the conversation on a line on which a session has begun.

        Raises:
            NotConnectedError: The line has ended meanwhile.
        """
        line.open()
        n_told, sentence = await self._tell(line)
        if line.has_ended:
            raise NotConnectedError("go on with the conversation")
        self.line, self._phase = line, "open"
        self._session_is_open(line)
        self._signals.moved.emit(SessionMoved(reason, n_told, f"{_MOVED[reason]} {sentence}"))

    def _expired(self, message: str) -> bool:
        """Go over to a new session when the server says that this one is too old.

        Returns:
            Whether that is done; it is no error then.
        """
        if not self.is_holding_on:
            return False
        if self.line is not None:
            self.line.drop(Closed(1001, message))
        # While another session is being taken over, that one has ended: its line will tell.
        return True

    def _over(self, closed: Closed, error: ConnectError | None) -> None:
        """Tell that the session is over for good."""
        self.line, self._phase, self._attempt = None, "closed", None
        self._changed("closed", _sentence(error), error)
        self._signals.close.emit(closed)

    # Before the server ends it

    async def _move(self, old: SessionLine) -> bool:
        """Go over to a new session while the old one is still there; return whether it was done."""
        assert self._policy is not None, "a session without a policy is not watched"
        refusals = self._server.refusals()
        try:
            line = await self._open_line(
                Attempt(refusals), self._policy.attempt_timeout_s, _begin_held
            )
        except ConnectError as error:
            logger.info("the session was not moved: %s", error)
            return False
        if self.line is not old or line.has_ended or not self._is_quiet():
            line.leave()
            await line.close()
            return False
        moved = self._moved = asyncio.Event()
        self.line = None
        old.leave()
        self._stop_watch()
        try:
            self._inbox.session_ended()
            await self._take_over(line, "expiring")
        except NotConnectedError:
            self._begin_restoring(await self._broken_off(line), await line.wait_until_ended())
        except Exception:
            # A fault of ours; the old session has been left, so there is none any more.
            logger.exception("the session could not be moved")
            await self._close_lines()
            self._over(Closed(1006, ""), None)
        finally:
            self._moved = None
            moved.set()
            tasks.spawn(old.close(), name="close the line that was left")
        return True

    def _changed(
        self,
        phase: Literal["reconnecting", "closed"],
        sentence: str,
        error: BaseException | None,
        attempt: tuple[int, int, float] = (0, 0, 0.0),
    ) -> None:
        cause = error.cause if isinstance(error, ConnectError) else None
        self._signals.connection.emit(ConnectionChanged(phase, sentence, *attempt, cause))


def _begin_held(line: SessionLine) -> None:
    """Take a session as begun, and act on it later."""
    line.attempt.began(line.session)


def _why(error: ConnectError) -> str:
    return "Connection lost" if error.cause == "lost" else str(error).rstrip(".")


def _sentence(error: BaseException | None) -> str:
    return str(error) if isinstance(error, ConsoleError) else "Disconnected."
