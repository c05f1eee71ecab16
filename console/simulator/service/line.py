"""One connection to the simulator: a WebSocket that can go dead, or the data channel of a call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

from console.serving.shared_port import SharedPortConnection
from console.simulator.faults import Faults


class Carrier(Protocol):
    """What messages travel by: a `Line`, or the data channel of a call."""

    @property
    def transport(self) -> Abortable:
        """What can be cut off without a word."""

    async def send(self, message: str | bytes, *, text: bool | None = None) -> None:
        """Send a message."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close it in good order."""

    async def wait_closed(self) -> None:
        """Wait until it is closed."""

    def go_silent(self) -> None:
        """Behave as if it had died and told nobody."""

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Yield the messages of the other side until it is closed."""


class Abortable(Protocol):
    """A connection that can be cut off."""

    def abort(self) -> None:
        """Cut it off."""


class Line(SharedPortConnection):
    """A connection to the simulator that can go dead."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Prepare a connection; for the arguments see `SharedPortConnection`."""
        super().__init__(*args, **options)
        self.faults = Faults()
        """What goes wrong on this connection, once its handshake has been looked at."""
        self._is_silent = False

    def go_silent(self) -> None:
        """Behave like a line that has died and told nobody: nothing is sent or heard any more.

        The connection ends when the client cuts it, or the server stops.
        """
        self._is_silent = True
        if self.keepalive_task is not None:
            self.keepalive_task.cancel()

    def send_data(self) -> None:
        """Write what the WebSocket has to say, pongs included."""
        if self._is_silent:
            self.protocol.data_to_send()
        else:
            super().send_data()

    def read_data(self, data: bytes) -> None:
        """Take bytes of a WebSocket, unless it is silent."""
        if not self._is_silent:
            super().read_data(data)
