"""What goes to one peer: in order, bounded, at once where the peer keeps up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from console.transport import MAX_UNSENT_BYTES, Transport

MAX_CONTROLS: Final = 256
"""So many events that are no sound may wait, whatever their size."""


class Stalled(Exception):
    """The peer has read nothing for too long."""


@dataclass(slots=True)
class Parcel:
    """One message on its way."""

    text: str
    event: dict[str, Any] | None
    """In today's form; None where it only accompanies another."""
    received_s: float
    audio_s: float = 0.0
    """How much sound it is; 0 for what is never given up."""
    is_dropped: bool = False


class Lane:
    """Carries parcels to a peer, from `open` on; before that, and while it is slow, they wait.

    When more than `audio_s` of sound waits, the oldest is given up. When too much else waits,
    `put` waits, and so does whoever sends.
    """

    def __init__(
        self,
        *,
        audio_s: float,
        control_bytes: int,
        sent: Callable[[Parcel], None],
        dropped: Callable[[int, int], None],
        stall_s: float | None = None,
    ) -> None:
        """Prepare a lane.

        Args:
            audio_s: How much sound may wait.
            control_bytes: How much else may wait.
            sent: Is told each parcel that was handed to the network.
            dropped: Is told how many parcels of how many bytes were given up.
            stall_s: For how long a peer may read nothing; for ever, without it.
        """
        self._audio_s = audio_s
        self._control_bytes = control_bytes
        self._sent = sent
        self._dropped = dropped
        self._stall_s = stall_s
        self._transport: Transport | None = None
        self._waiting: deque[Parcel] = deque()
        self._sounds: deque[Parcel] = deque()
        """Those of the waiting that are sound."""
        self._waiting_audio_s = 0.0
        self._waiting_controls = 0
        self._waiting_control_bytes = 0
        self._sending = asyncio.Lock()
        self._changed = asyncio.Event()
        self._has_room = asyncio.Event()

    def open(self, transport: Transport) -> None:
        """Begin to send."""
        self._transport = transport
        self._changed.set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting and not self._sending.locked()

    async def put(self, parcel: Parcel) -> None:
        """Send a parcel, now or as soon as may be; wait while there is no room for it.

        Raises:
            websockets.ConnectionClosed: The peer has gone.
        """
        transport = self._transport
        if (
            transport is not None
            and self.is_idle
            and not transport.is_backed_up
            and len(parcel.text) < MAX_UNSENT_BYTES
        ):
            async with self._sending:
                await transport.send(parcel.text)
            self._sent(parcel)
            return
        if not parcel.audio_s:
            await self._wait_for_room()
        self.push(parcel)

    def push(self, parcel: Parcel) -> None:
        """Let a parcel wait for its turn, whether there is room or not."""
        self._waiting.append(parcel)
        if parcel.audio_s:
            self._sounds.append(parcel)
            self._waiting_audio_s += parcel.audio_s
            self._give_up_oldest()
        else:
            self._waiting_controls += 1
            self._waiting_control_bytes += len(parcel.text)
        self._changed.set()

    async def run(self) -> None:
        """Send what waits, until cancelled.

        Raises:
            Stalled: The peer has read nothing for too long.
            websockets.ConnectionClosed: The peer has gone.
        """
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._transport is not None and self._waiting:
                async with self._sending:
                    parcel = self._take()
                    if parcel is not None:
                        await self._send(self._transport, parcel)

    async def finish(self) -> None:
        """Wait until nothing waits any more; `run` has to go on."""
        while not self.is_idle:
            self._has_room.clear()
            await self._has_room.wait()

    async def _send(self, transport: Transport, parcel: Parcel) -> None:
        try:
            async with asyncio.timeout(self._stall_s):
                await transport.send(parcel.text)
        except TimeoutError as error:
            raise Stalled from error
        self._sent(parcel)
        # Told after the lock is free again.
        asyncio.get_running_loop().call_soon(self._has_room.set)

    def _take(self) -> Parcel | None:
        parcel = self._waiting.popleft()
        if parcel.is_dropped:
            return None
        if parcel.audio_s:
            self._sounds.popleft()
            self._waiting_audio_s -= parcel.audio_s
        else:
            self._waiting_controls -= 1
            self._waiting_control_bytes -= len(parcel.text)
        return parcel

    async def _wait_for_room(self) -> None:
        while (
            self._waiting_controls >= MAX_CONTROLS
            or self._waiting_control_bytes >= self._control_bytes
        ):
            self._has_room.clear()
            await self._has_room.wait()

    def _give_up_oldest(self) -> None:
        while self._waiting_audio_s > self._audio_s and len(self._sounds) > 1:
            oldest = self._sounds.popleft()
            oldest.is_dropped = True
            self._waiting_audio_s -= oldest.audio_s
            self._dropped(1, len(oldest.text))
            oldest.text = ""
