"""RealtimeClient: the protocol over a WebSocket, for the console and for other programs."""

from console.client.client import RealtimeClient

__all__ = ["RealtimeClient"]
