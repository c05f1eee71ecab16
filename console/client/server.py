"""How to reach the server, one line after the other, and how to speak with it and of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from console.client.connection import OpenTransport
from console.client.refusals import Refusals
from console.client.targets import Target
from console.client.wire import Wire
from console.transport import Transport


@dataclass(frozen=True, slots=True)
class Server:
    """A target that can be dialled."""

    target: Target
    open_transport: OpenTransport

    async def dial(self, timeout_s: float) -> Transport:
        """Return a new transport to it, opened within a time in seconds."""
        target = self.target
        return await self.open_transport(target.full_url(), target.handshake_headers(), timeout_s)

    @property
    def host(self) -> str:
        """It as sentences name it."""
        return self.refusals().host

    @property
    def may_speak_beta(self) -> bool:
        """Whether nobody has said what it speaks, so that beta may be tried."""
        return self.target.dialect == "auto"

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
        return Refusals(target.url, target.subject, target.credentials, was_let_in=was_let_in)
