"""One session on its connection: messages in, events out, and an end when it is too old."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable
from typing import Final, Protocol

from websockets.exceptions import ConnectionClosed

from console import tasks
from console.clock import Clock
from console.simulator.faults import Faults
from console.simulator.protocol.defaults import SESSION_LENGTH_S
from console.simulator.protocol.refusals import Refusal
from console.simulator.service.line import Carrier
from console.simulator.service.outgoing import Outgoing


class Work(Protocol):
    """What a connection is for: a session of its own, or a call that it watches."""

    faults: Faults
    on_fault: Callable[[Faults], None]
    session_id: str | None

    def open(self, settled: str | None = None) -> None:
        """Begin."""

    async def receive(self, message: str | bytes) -> None:
        """Handle a message of the client."""

    def stop_hearing(self) -> None:
        """Hear no more of this client's sound: it has gone."""

    async def close(self) -> None:
        """End what was begun."""


class SessionConnection:
    """Carries the messages of one client to its session, and the faults to the line."""

    def __init__(
        self,
        line: Carrier,
        work: Work,
        outgoing: Outgoing,
        *,
        clock: Clock,
        faults: Faults,
        settled: str | None = None,
        watch: Callable[[str | bytes], None] | None = None,
        length_s: int = SESSION_LENGTH_S,
        fault_group: str | None = None,
    ) -> None:
        """Join a client's `line` and its session's `work`.

        Args:
            line: The connection.
            work: The session, whose events go to `outgoing`.
            outgoing: The way to the client.
            clock: Time and sleep.
            faults: When the session expires; the others live in `work` and `outgoing`.
            settled: What takes effect before the session begins, as a `session.update`.
            watch: Is told each message of the client before it is handled.
            length_s: How long the session may last.
            fault_group: By which faults are set for it and others together.
        """
        self._line = line
        self._work = work
        self._outgoing = outgoing
        self._clock = clock
        self._settled = settled
        self._watch = watch
        self._length_s = length_s
        self._faults = faults
        self.fault_group = fault_group
        """The name under which faults are set for it and others together, if any."""
        self._expiry: asyncio.Task[None] | None = None
        work.on_fault = self.set_faults

    async def run(self) -> None:
        """Serve until either side ends; all work of the session has ended then."""
        parting: asyncio.Task[None] | None = None
        try:
            self._expire_in(self._faults)
            self._work.open(self._settled)
            parting = tasks.spawn(self._part(), name="see a client go")
            await tasks.run_until_first_ends(
                self._read(), self._outgoing.run(), name="simulator-session"
            )
        finally:
            await tasks.cancel(parting)
            await tasks.cancel(self._expiry)
            await self._work.close()

    def set_faults(self, faults: Faults) -> None:
        """Replace all faults; their counts begin now."""
        self._work.faults = faults
        self._outgoing.set_faults(faults)
        self._expire_in(faults)

    def inject(self, faults: Faults) -> None:
        """Let faults of the line happen once, beside those that are set; counts begin now."""
        self._outgoing.inject(faults)
        if faults.expire_after_s is not None:
            # Once, and as a surprise: what the client was told stands.
            self._expire_in(dataclasses.replace(faults, surprise_expiry=True))

    @property
    def session_id(self) -> str | None:
        """The session's id, as its client knows it."""
        return self._work.session_id

    async def _read(self) -> None:
        # A connection that breaks without a close frame raises; it is an end like any other.
        with contextlib.suppress(ConnectionClosed):
            async for message in self._line:
                if self._watch is not None:
                    self._watch(message)
                await self._outgoing.wait_for_room()
                await self._work.receive(message)

    async def _part(self) -> None:
        """Spare the engines what they have not heard yet once nobody is left to be answered."""
        await self._line.wait_closed()
        self._work.stop_hearing()

    # ------------------------------------------------------------ expiry

    def _expire_in(self, faults: Faults) -> None:
        """Expire so many seconds from now as `faults` want it, or when it is too old."""
        if self._expiry is not None:
            self._expiry.cancel()
        wait_s: float = self._length_s
        if faults.expire_after_s is not None:
            wait_s = faults.expire_after_s
        is_told = faults.expire_after_s is not None and not faults.surprise_expiry
        self._outgoing.announce_end(int(self._clock.wall_s() + wait_s) if is_told else None)
        self._expiry = tasks.spawn(self._expire(wait_s), name="expire a session")

    async def _expire(self, wait_s: float) -> None:
        await self._clock.sleep(wait_s)
        refusal = expired(self._length_s)
        self._outgoing.put_error(refusal)
        self._outgoing.end(1001, refusal.message)


def expired(length_s: int) -> Refusal:
    """Return what a session is told that is too old."""
    return Refusal(
        f"Your session hit the maximum duration of {length_s // 60} minutes.",
        code="session_expired",
    )


EXPIRED: Final = expired(SESSION_LENGTH_S)
