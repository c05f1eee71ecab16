"""One HTTP request that is no WebSocket, and its answer; then the connection ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import h11
from websockets.datastructures import Headers
from websockets.http11 import Response

from console import tasks
from console.realtime.refusal import Refusal
from console.serving import answers

logger = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 1024 * 1024
REQUEST_TIMEOUT_S: Final = 10.0
LINGER_S: Final = 2.0
"""How long a client may go on sending what nobody reads any more."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A whole request."""

    method: str
    path: str
    headers: Headers
    body: bytes = b""
    address: str = ""
    """Of who asks, as far as it is known."""


Answer = Callable[[HttpRequest], Awaitable[Response]]


def peer_address(transport: asyncio.BaseTransport) -> str:
    """Return the address of who is at the other end; empty when it is not known."""
    name = transport.get_extra_info("peername")
    return str(name[0]) if name else ""


class HttpExchange(asyncio.Protocol):
    """Reads one request, bounded in size and time, and answers it."""

    def __init__(self, answer: Answer, transports: set[asyncio.Transport]) -> None:
        """Prepare to take a connection over.

        Args:
            answer: What to say to a request.
            transports: Holds the transport while the exchange goes on.
        """
        self._answer = answer
        self._transports = transports
        self._http = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._has_answered = False
        self._answering: asyncio.Task[None] | None = None
        """Finds the answer, once all of the request is there."""

    def begin(self, transport: asyncio.Transport, first_bytes: bytes) -> None:
        """Take a connection over of which `first_bytes` have been read."""
        transport.set_protocol(self)
        self._transport = transport
        self._transports.add(transport)
        self._patience = asyncio.get_running_loop().call_later(REQUEST_TIMEOUT_S, self._too_slow)
        self.data_received(first_bytes)

    # ------------------------------------------------------------ called by the event loop

    def data_received(self, data: bytes) -> None:
        """Take bytes of the client."""
        if self._has_answered or self._answering is not None:
            return
        try:
            self._http.receive_data(data)
            self._read()
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint, f"The request cannot be read: {error}.")

    def eof_received(self) -> bool:
        """Take the end of what the client sends; an answer under way still leaves."""
        is_whole = self._has_answered or self._answering is not None
        if not is_whole:
            self._transport.abort()
        return is_whole and not self._transport.is_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the connection."""
        self._patience.cancel()
        if self._answering is not None:
            self._answering.cancel()
        self._transports.discard(self._transport)

    # ------------------------------------------------------------ the request

    def _read(self) -> None:
        while not self._has_answered:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    self._write(h11.InformationalResponse(status_code=100, headers=[]))
                return
            if isinstance(event, h11.Request):
                self._request = event
                self._check_size(_announced_bytes(event))
            elif isinstance(event, h11.Data):
                self._body += event.data
                self._check_size(len(self._body))
            elif isinstance(event, h11.EndOfMessage):
                self._begin_answer()
                return
            else:
                return

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > MAX_BODY_BYTES:
            self._refuse(413, f"The body is over {MAX_BODY_BYTES} bytes.")

    def _begin_answer(self) -> None:
        assert self._request is not None, "its end has been read"
        self._patience.cancel()
        request = HttpRequest(
            self._request.method.decode("ascii"),
            self._request.target.decode("ascii"),
            Headers(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in self._request.headers
            ),
            bytes(self._body),
            peer_address(self._transport),
        )
        self._answering = tasks.spawn(self._reply(request), name="answer a request")

    async def _reply(self, request: HttpRequest) -> None:
        try:
            response = await self._answer(request)
        except Exception:
            # One broken request must not touch anything else.
            logger.exception("%s %s could not be answered", request.method, request.path)
            failure = Refusal(
                "The server failed to process this request. Its log has the details.",
                code="server_error",
                kind="server_error",
            )
            response = answers.error(500, failure)
        self._send(response, has_body=request.method != "HEAD")

    def _too_slow(self) -> None:
        self._refuse(408, f"The request did not arrive within {REQUEST_TIMEOUT_S:g} seconds.")

    def _refuse(self, status: int, message: str) -> None:
        self._send(answers.error(status, Refusal(message, code=None)), has_body=True)

    # ------------------------------------------------------------ the answer

    def _send(self, response: Response, *, has_body: bool) -> None:
        self._has_answered = True
        self._patience.cancel()
        if self._http.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self._transport.abort()
            return
        headers = [(name.encode(), value.encode()) for name, value in response.headers.raw_items()]
        self._write(
            h11.Response(
                status_code=response.status_code,
                headers=headers,
                reason=response.reason_phrase.encode(),
            )
        )
        if has_body and response.body:
            self._write(h11.Data(data=bytes(response.body)))
        self._write(h11.EndOfMessage())
        # What the client still sends is read and dropped: closing at once would take the answer
        # away from it.
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:  # TLS has no half of a connection
            self._transport.close()
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(LINGER_S, self._transport.abort)

    def _write(self, event: h11.Event) -> None:
        self._transport.write(self._http.send(event) or b"")


def _announced_bytes(request: h11.Request) -> int:
    """Return how large its head says that the body is; 0 where it does not say."""
    return next((int(value) for name, value in request.headers if name == b"content-length"), 0)
