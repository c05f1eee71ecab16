"""The life of the client's session: begun, kept, restored, moved, ended."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, Literal

from console import tasks
from console.client.beginning import Beginning, Configure
from console.client.happenings import ConnectionChanged, MoveReason, SessionMoved
from console.client.inbox import Inbox
from console.client.reconnection import ReconnectPolicy
from console.client.restoration import Restoration
from console.client.server import Server
from console.client.session_line import SessionLine
from console.client.session_lines import SessionLines
from console.client.session_watch import SessionWatch
from console.client.subscriptions import Subscriptions
from console.clock import Clock
from console.errors import ConnectError, ConsoleError, NotConnectedError
from console.realtime.fields import number
from console.transport import Closed

logger = logging.getLogger(__name__)

_BEING_RESTORED: Final = "the connection was lost and is being restored. Try again when it is."
_MOVED: Final[dict[MoveReason, str]] = {
    "lost": "The connection is back.",
    "expiring": "The session was close to its time limit and goes on in a new one.",
    "expired": "The session reached its time limit and goes on in a new one.",
}

Tell = Callable[[SessionLine], Awaitable[tuple[int, str]]]
"""Tells a new session what was said so far; returns how many items, and that in a sentence."""


class Lifeline:
    """Holds the line of the session, and holds on to the session when the line goes.

    It alone says which line that is, and in which phase the session is. How a first line comes
    about is the business of `Beginning`, how a lost one comes back that of `Restoration`.
    """

    def __init__(
        self,
        server: Server,
        *,
        inbox: Inbox,
        signals: Subscriptions,
        clock: Clock,
        random_source: random.Random,
        policy: ReconnectPolicy | None,
        configure: Configure,
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
        self._inbox = inbox
        self._signals = signals
        self._clock = clock
        self._tell = tell
        self._is_quiet = is_quiet
        self.line: SessionLine | None = None
        """The line on which a session is open; None too for the moment of a move."""
        self._phase: Literal["closed", "connecting", "open", "reconnecting"] = "closed"
        self._is_leaving = False
        self._lines = SessionLines(server, inbox=inbox, on_ended=self._line_ended)
        self._beginning: Beginning | None = None
        """Of the conversation that there is, or that is being begun."""
        self._new_beginning = partial(
            Beginning,
            self._lines,
            policy=policy,
            clock=clock,
            random_source=random_source,
            tell=signals.connection.emit,
            adopt=self._adopt,
            configure=configure,
        )
        self._restoration: Restoration | None = None
        """None: a line that is lost ends the session."""
        if policy is not None:
            self._restoration = Restoration(
                self._lines,
                policy,
                clock=clock,
                random_source=random_source,
                tell=signals.connection.emit,
                take_over=self._take_over,
            )
        self._crossing: asyncio.Task[Any] | None = None
        """What leads from one session to the next, a restoration or a move, while it does."""
        self._moved: asyncio.Event | None = None
        """While a session is being moved; set when that is over."""
        self._watch: SessionWatch | None = None
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
        return self._restoration is not None and self._phase in ("open", "reconnecting")

    async def line_for(self, event_type: str) -> SessionLine:
        """Return the line for an event; waits while the session is being moved.

        Raises:
            NotConnectedError: There is no session; `event_type` is named.
        """
        while self.line is None and self._moved is not None:
            await self._moved.wait()
        if self.line is None:
            action = f"send {event_type}"
            if self._phase == "reconnecting":
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
        self._lines.forget_dialect()
        if self._restoration is not None:
            self._restoration.begin()
        self._beginning = self._new_beginning()
        self._phase, self._is_leaving = "connecting", False
        try:
            line = await self._beginning.line(timeout_s)
        except BaseException as error:
            await self._lines.close(self.line)
            self._is_closed(error)
            raise
        self._phase = "open"
        self._session_is_open(line)

    async def session(self) -> dict[str, Any]:
        """Return the session as the server described it first; waits until it has begun.

        Raises:
            NotConnectedError: Nobody called `connect`, or the session ended first.
            ConnectError: The session could not be begun.
        """
        if self._beginning is None:
            raise NotConnectedError("wait for the session")
        return await self._beginning.session()

    async def disconnect(self) -> None:
        """End the session, or the attempts to begin or to restore one."""
        self._is_leaving = True
        if self._beginning is not None:
            self._beginning.give_up()
        await tasks.cancel(self._crossing)
        self._stop_watch()
        await self._lines.close(self.line)
        # While connecting, `connect` tells of the end.
        if self._phase in ("open", "reconnecting"):
            self._over(Closed(1000, ""), None)

    def _adopt(self, line: SessionLine) -> dict[str, Any]:
        """Take the first session of a conversation as the server begins it, and return it."""
        self.line = line
        self._inbox.forget()
        line.open()
        return self._inbox.session

    def _session_is_open(self, line: SessionLine) -> None:
        server = self._lines.server
        line.share_turns()
        self._signals.connection.emit(ConnectionChanged("open", f"Connected to {server.host}."))
        restoration = self._restoration
        if restoration is None:
            return
        restoration.session_opened()
        is_moving = restoration.policy.move_before_expiry and not server.is_call
        self._watch = SessionWatch(
            clock=self._clock,
            events=self._signals.event,
            on_expiring=self._signals.expiring.emit,
            is_quiet=self._is_quiet,
            move=partial(self._move, restoration, line) if is_moving else None,
            ping=line.ping,
            on_dead=lambda: line.drop(Closed(1006, "no answer after the machine slept")),
        )
        self._watch.start(number(self._inbox.session, "expires_at"))

    def _stop_watch(self) -> None:
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    def _over(self, closed: Closed, error: ConnectError | None) -> None:
        """Tell that the session is over for good."""
        self.line = None
        self._is_closed(error)
        self._signals.close.emit(closed)

    def _is_closed(self, error: BaseException | None) -> None:
        self._phase, self._beginning = "closed", None
        sentence = str(error) if isinstance(error, ConsoleError) else "Disconnected."
        cause = error.cause if isinstance(error, ConnectError) else None
        self._signals.connection.emit(ConnectionChanged("closed", sentence, cause=cause))

    # When the line goes

    def _line_ended(self, line: SessionLine, closed: Closed) -> None:
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
        error = self._lines.why(closed)
        self._inbox.session_lost()
        self._restore_or_end(error, closed)

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

    def _restore_or_end(self, error: ConnectError, closed: Closed) -> None:
        restoration = self._restoration
        if restoration is None or not restoration.is_worth_it(error):
            self._over(closed, error)
            return
        self._phase = "reconnecting"
        self._crossing = tasks.spawn(self._restore(restoration, error, closed), name="reconnect")

    async def _restore(self, restoration: Restoration, error: ConnectError, closed: Closed) -> None:
        try:
            failure = await restoration.run(error)
        except Exception:
            # A fault of ours; nobody may wait for ever for what will not come.
            logger.exception("the session could not be restored")
            await self._lines.close(self.line)
            failure = error
        if failure is not None:
            self._over(closed, failure)

    async def _take_over(self, line: SessionLine, reason: MoveReason) -> None:
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

    # Before the server ends it

    async def _move(self, restoration: Restoration, old: SessionLine) -> bool:
        """Go over to a new session while the old one is still there; return whether it was done."""
        try:
            line = await self._lines.open_held(restoration.policy.attempt_timeout_s)
        except ConnectError as error:
            logger.info("the session was not moved: %s", error)
            return False
        if self.line is not old or line.has_ended or not self._is_quiet():
            await line.abandon()
            return False
        self._crossing = asyncio.current_task()
        await self._cross(old, line)
        return True

    async def _cross(self, old: SessionLine, new: SessionLine) -> None:
        """Leave one line for another; what is to be sent meanwhile waits."""
        moved = self._moved = asyncio.Event()
        self.line = None
        old.leave()
        self._stop_watch()
        try:
            self._inbox.session_ended()
            await self._take_over(new, "expiring")
        except NotConnectedError:
            closed = await new.wait_until_ended()
            self._restore_or_end(self._lines.why(closed), closed)
        except Exception:
            # A fault of ours; the old session has been left, so there is none any more.
            logger.exception("the session could not be moved")
            await self._lines.close(self.line)
            self._over(Closed(1006, ""), None)
        finally:
            self._moved = None
            moved.set()
            tasks.spawn(old.close(), name="close the line that was left")
