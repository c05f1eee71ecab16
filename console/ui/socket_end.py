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
ANSWER_S: Final = 1.0
"""How long a browser may take to answer the last word."""


class HeardOutSocket(WSProtocol):
    """The server's own, but that it closes only when the browser has answered the last word.

    One that does not answer in time is cut off.
    """

    _is_told = False

    def shutdown(self) -> None:
        """Say that the server ends, once; the server calls this, and the console before it does."""
        if self._is_told:
            return
        self._is_told = True
        if self.transport.is_closing():
            # Closed before, by somebody who has not read what was sent: nor will they read this.
            self.stop_keepalive()
            self.transport.abort()
            return
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": RESTART})
        self.transport.write(self.conn.send(CloseConnection(code=RESTART)))
        self.close_sent = True
        # As when the application closes: the answer ends the timer and the connection. Who does not
        # answer may not read either, and then to close would wait until they do.
        self.close_timer = self.loop.call_later(ANSWER_S, self.transport.abort)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()


def speak_http(**given: Any) -> Any:
    """Return the server's protocol of a connection, with our end for what becomes a WebSocket."""
    protocol: Any = AutoHTTPProtocol(**given)
    protocol.ws_protocol_class = HeardOutSocket
    return protocol
