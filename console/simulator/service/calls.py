"""Calls: sessions whose sound travels elsewhere, watched and steered over WebSockets.

There is no sound here. What a sideband connection does with a call is the same all the same: it
configures it, reads along, asks for responses, ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from console import tasks
from console.clock import Clock
from console.simulator.faults import Faults
from console.simulator.protocol.defaults import SESSION_LENGTH_S
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.refusals import Refusal
from console.simulator.service import session_factory
from console.simulator.service.connection import EXPIRED
from console.simulator.service.handshake import RefusedSession
from console.simulator.service.outgoing import Outgoing
from console.simulator.service.session_work import Listener, SessionWork

MAX_CALLS: Final = 32
_ENDED: Final = "The call has ended."

NewWork = Callable[[str, Listener], SessionWork]
"""Makes the session of a call: its model, and who gets its events."""


class UnknownCall(Refusal):
    """There is no call of this id, or it has ended."""

    def __init__(self, call_id: str) -> None:
        super().__init__(
            f"There is no call '{call_id}'. Start one with POST /v1/realtime/calls.",
            param="call_id",
        )


class Call:
    """One call; its session begins when it is answered."""

    def __init__(self, call_id: str) -> None:
        self.id = call_id
        self.work: SessionWork | None = None
        """The session, once the call has been answered."""
        self.expiry: asyncio.Task[None] | None = None
        self._watchers: list[Outgoing] = []

    def put(self, events: Sequence[dict[str, Any]]) -> None:
        """Show events of the session to everybody who watches."""
        for watcher in list(self._watchers):
            watcher.put(events)

    async def wait_for_room(self) -> None:
        """Go on at once: one slow watcher must not hold up a call; it is dropped instead."""

    def watch(self, outgoing: Outgoing) -> None:
        """Show what happens from now on to one more."""
        self._watchers.append(outgoing)

    def leave(self, outgoing: Outgoing) -> None:
        """Show no more; the call goes on."""
        self._watchers.remove(outgoing)

    def end(self, code: int, reason: str, refusal: Refusal | None = None) -> None:
        """Close the connections of all who watch."""
        for watcher in self._watchers:
            if refusal is not None:
                watcher.put_error(refusal)
            watcher.end(code, reason)


class CallWatch:
    """What one sideband connection does with a call; in the place of a session of its own."""

    def __init__(self, call: Call, work: SessionWork, outgoing: Outgoing) -> None:
        self._call = call
        self._work = work
        self._outgoing = outgoing
        self.session_id: str | None = None
        """Not told on a sideband connection."""
        self.on_fault: Callable[[Faults], None] = lambda _: None

    @property
    def faults(self) -> Faults:
        """What goes wrong with the responses of the call."""
        return self._work.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._work.faults = faults

    def open(self, settled: str | None = None) -> None:
        """Begin to watch; nothing is told of what has been."""
        self._call.watch(self._outgoing)

    async def receive(self, message: str | bytes) -> None:
        """Let the call's session handle a message of this watcher."""
        await self._work.receive(message)

    def stop_hearing(self) -> None:
        """Do nothing: the call goes on, and others may watch it."""

    async def close(self) -> None:
        """Stop watching; the call goes on."""
        self._call.leave(self._outgoing)


class Calls:
    """The calls that go on."""

    def __init__(self, new_id: NewId, new_work: NewWork, clock: Clock) -> None:
        """Prepare to take calls.

        Args:
            new_id: Makes their identifiers.
            new_work: Makes their sessions.
            clock: Ends them after an hour.
        """
        self._new_id = new_id
        self._new_work = new_work
        self._clock = clock
        self._calls: dict[str, Call] = {}
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        """Whether there are as many calls as can be."""
        return len(self._calls) >= MAX_CALLS

    def ring(self) -> Call:
        """Return a new call that waits for an answer."""
        call = Call(self._new_id("rtc_"))
        self._calls[call.id] = call
        return call

    def answer(self, call_id: str, model: str, settings: Mapping[str, Any]) -> Call:
        """Begin the session of a call.

        Raises:
            Refusal: There is no such call, or it has been answered before.
        """
        call = self._call(call_id)
        if call.work is not None:
            raise Refusal(f"The call '{call_id}' has been answered before.", param="call_id")
        call.work = self._new_work(model, call)
        call.work.open(session_factory.first_update("realtime", settings))
        call.expiry = tasks.spawn(self._expire(call), name=f"expire {call.id}")
        return call

    def watched(self, call_id: str, outgoing: Outgoing) -> CallWatch:
        """Return the work of a connection that watches a call.

        Raises:
            RefusedSession: There is no such call, or nobody has answered it yet.
        """
        try:
            call = self._call(call_id)
        except UnknownCall as unknown:
            raise RefusedSession(unknown) from unknown
        if call.work is None:
            message = f"The call '{call_id}' has not been answered yet; accept it first."
            raise RefusedSession(Refusal(message, param="call_id"))
        return CallWatch(call, call.work, outgoing)

    def hang_up(self, call_id: str) -> None:
        """End a call.

        Raises:
            UnknownCall: There is none of this id.
        """
        self._end(self._call(call_id), 1000, _ENDED)

    def decline(self, call_id: str) -> None:
        """End a call that has not been answered.

        Raises:
            Refusal: There is no such call, or it has been answered.
        """
        call = self._call(call_id)
        if call.work is not None:
            message = f"The call '{call_id}' has been answered; hang it up instead."
            raise Refusal(message, param="call_id")
        self._end(call, 1000, _ENDED)

    async def close(self) -> None:
        """End all calls."""
        for call in list(self._calls.values()):
            self._end(call, 1001, "")
        while self._endings:
            await asyncio.wait(self._endings)

    def _call(self, call_id: str) -> Call:
        if (call := self._calls.get(call_id)) is None:
            raise UnknownCall(call_id)
        return call

    async def _expire(self, call: Call) -> None:
        await self._clock.sleep(SESSION_LENGTH_S)
        self._end(call, 1001, EXPIRED.message, EXPIRED)

    def _end(self, call: Call, code: int, reason: str, refusal: Refusal | None = None) -> None:
        self._calls.pop(call.id, None)
        call.end(code, reason, refusal)
        ending = tasks.spawn(self._finish(call), name=f"end {call.id}")
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    async def _finish(self, call: Call) -> None:
        await tasks.cancel(call.expiry)
        if call.work is not None:
            await call.work.close()
