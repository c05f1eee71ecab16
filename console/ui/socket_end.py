"""How a WebSocket ends with the server: the browser is told why, and heard out.

The server would send its word and close at once. Whatever the browser has sent meanwhile, and
somebody who talks sends all the time, then meets a closed door: the system answers with a reset, and
for the browser the line has broken.
"""

from __future__ import annotations

from typing import Any, Final

from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto.events import CloseConnection

RESTART: Final = 1012


class HeardOutSocket(WSProtocol):
    """The server's own, but that it closes only when the browser has answered the last word.

    One that does not answer is cut off when the server's time to end is over.
    """

    def shutdown(self) -> None:
        """Say that the server ends; the server calls this."""
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": RESTART})
        self.transport.write(self.conn.send(CloseConnection(code=RESTART)))
        self.close_sent = True
        # As when the application closes: the answer ends the timer and the connection.
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()


def speak_http(**given: Any) -> Any:
    """Return the server's protocol of a connection, with our end for what becomes a WebSocket."""
    protocol: Any = AutoHTTPProtocol(**given)
    protocol.ws_protocol_class = HeardOutSocket
    return protocol
