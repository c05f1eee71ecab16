"""RealtimeClient: the protocol over a WebSocket, for the console and for other programs."""
