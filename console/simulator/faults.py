"""Faults on demand: what a server may do wrong, so that a client can be tested against it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong on the connections made from now on. Nothing, unless told.

    The counts are of server events sent on that connection.
    """

    refuse_status: int | None = None
    """Answer the handshake with this HTTP status (401, 403, 429, 500, ...)."""
    close_after: int | None = None
    """Close after this many events, with `close_code` and `close_reason`."""
    close_code: int = 1011
    close_reason: str = ""
    drop_after: int | None = None
    """Cut the TCP connection after this many events, without a close frame."""
    stall_after: int | None = None
    """Send nothing more after this many events; the connection stays open."""
