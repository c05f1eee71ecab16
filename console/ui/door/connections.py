"""How many connections there may be, and how long one may take to say what it wants.

Whoever reaches the port, with a link or without, could open connections and say nothing, until the
process has no file left for anybody. The server sets no limit to that, so its protocol is put into
one of ours, which counts until a connection ends or has become a WebSocket: those have a limit of
their own. With TLS it counts before the handshake, of which the server's protocol knows nothing, and
whose first bytes it sees: who speaks HTTP there is told where https is.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import ssl
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from console import tasks
from console.ui.door import plain_http
from console.ui.door.peer import client_address
from console.ui.door.rates import DoorLimits

logger = logging.getLogger(__name__)

HANDSHAKE: Final = 0x16
"""With it each handshake of TLS begins, and no HTTP."""
CONNECTIONS_PER_SOCKET: Final = 5
"""A browser opens up to six for files, and soon closes them; a page has two sockets."""
HEAD_TIMEOUT_S: Final = 10.0
"""How long somebody may take to begin with TLS, again for its handshake, and for the head of a request."""
OTHER_FILES: Final = 300
"""That the process needs beside connections and sockets."""


class Connections:
    """Makes what speaks on each connection, and counts them."""

    def __init__(
        self,
        limits: DoorLimits,
        proxy_networks: Sequence[str] = (),
        *,
        timeout_s: float = HEAD_TIMEOUT_S,
        speak: Callable[..., Any] = AutoHTTPProtocol,
    ) -> None:
        """Count none yet.

        Args:
            limits: Of the door.
            proxy_networks: Whose connections are those of many people: only all together count.
            timeout_s: How long the handshake of TLS may take, and a head.
            speak: Makes the server's protocol.
        """
        self.of_address = limits.sockets * CONNECTIONS_PER_SOCKET
        self.in_all = limits.sockets_in_all * CONNECTIONS_PER_SOCKET
        self.timeout_s = timeout_s
        self.tls: ssl.SSLContext | None = None
        """Certificate and key; None: all is plain. The server is not to have them as well."""
        self._networks = [ipaddress.ip_network(each) for each in proxy_networks]
        self._speak = speak
        self._by_address: Counter[str] = Counter()
        self._has_complained = False

    def __call__(self, **given: Any) -> asyncio.Protocol:
        """Return the protocol of a connection; the server calls this with what it needs."""
        return _Connection(self._speak(**given), self)

    @property
    def n_open(self) -> int:
        """How many are counted now."""
        return self._by_address.total()

    def enter(self, address: str) -> bool:
        """Count a connection; returns whether there is room for it."""
        is_too_many = self._by_address[address] >= self.of_address and not self._is_proxy(address)
        if is_too_many or self.n_open >= self.in_all:
            if not self._has_complained:
                logger.warning("refused a connection of %s: there are too many", address)
            self._has_complained = True
            return False
        self._by_address[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Forget a connection that was counted."""
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
        if not self._by_address:
            self._has_complained = False

    def _is_proxy(self, address: str) -> bool:
        with contextlib.suppress(ValueError):
            return any(ipaddress.ip_address(address) in each for each in self._networks)
        return False


class _PatientTransport:
    """The transport as it is, but what is written to one that has ended is dropped.

    asyncio's own drops it, too; others raise. The server does not notice the end while an answer
    is written for which another request is already in line, and would call that a failure of ours.
    """

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)


class _Connection(asyncio.Protocol):
    """One connection: all that happens to it is the server's, unless it is too much or too slow."""

    def __init__(self, inner: Any, connections: Connections) -> None:
        self._inner = inner
        self._is_heard = False
        self._is_shaking_hands = False
        self._early: list[bytes] = []
        """What came before the handshake, or with its end, before there was anybody to hear it."""
        self._connections = connections
        self._transport: Any = None
        self._address: str | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        address = client_address({"client": transport.get_extra_info("peername")})
        self._transport = transport
        if not self._connections.enter(address):
            self._transport.abort()
            return
        self._address = address
        if self._connections.tls is None:
            self._begin()
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._address is not None:
            self._leave()
            if self._is_heard:
                self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._address is None:
            return
        if not self._is_heard:
            self._early.append(data)
            if self._connections.tls is not None and not self._is_shaking_hands:
                self._tell_apart(self._connections.tls)
            return
        self._inner.data_received(data)
        if self._transport.get_protocol() is not self:
            self._leave()  # it is a WebSocket now
        elif (cycle := self._inner.cycle) is not None and not cycle.response_complete:
            self._stop_waiting()
        else:
            self._await_head()

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._is_heard else None

    def pause_writing(self) -> None:
        if self._is_heard:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._is_heard:
            self._inner.resume_writing()

    def _tell_apart(self, tls: ssl.SSLContext) -> None:
        sent = b"".join(self._early)
        if sent[0] == HANDSHAKE:
            self._early.clear()
            self._stop_waiting()
            self._shake_hands(tls, sent)
        elif (answer := plain_http.answer(sent)) is not None:
            self._transport.write(answer)
            self._transport.close()

    def _shake_hands(self, tls: ssl.SSLContext, sent: bytes) -> None:
        self._is_shaking_hands = True
        handshake = asyncio.get_running_loop().start_tls(
            self._transport,
            self,
            tls,
            server_side=True,
            ssl_handshake_timeout=self._connections.timeout_s,
        )
        # Its first step now: before a task took it, a loop would have read what is for TLS. What was
        # read already is for it, too, as soon as it has been told of its connection.
        waiter = handshake.send(None)
        asyncio.get_running_loop().call_soon(_hand_over, sent, self._transport.get_protocol())
        tasks.spawn(self._await_handshake(handshake, waiter), name="TLS handshake")

    async def _await_handshake(
        self, handshake: Coroutine[Any, Any, Any], waiter: asyncio.Future[None]
    ) -> None:
        secured: Any = None
        try:
            await asyncio.wait([waiter])
            handshake.send(None)
        except StopIteration as end:
            secured = end.value
        except OSError:  # of TLS, too: they left, were too slow, or speak something else
            pass
        finally:
            handshake.close()
        if secured is None or secured.is_closing():
            self._transport.abort()
            self._leave()
        elif self._address is not None:
            self._transport = secured
            self._begin()

    def _begin(self) -> None:
        self._await_head()
        self._is_heard = True
        self._inner.connection_made(_PatientTransport(self._transport))
        early, self._early = self._early, []
        for each in early:
            self.data_received(each)

    def _await_head(self) -> None:
        # Once for a head: more bytes of it give nobody more time.
        if self._deadline is None:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(self._connections.timeout_s, self._transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _leave(self) -> None:
        self._stop_waiting()
        if self._address is not None:
            self._connections.leave(self._address)
            self._address = None


def _hand_over(data: bytes, protocol: asyncio.BufferedProtocol) -> None:
    """Let a protocol receive what was read before it was there."""
    left = memoryview(data)
    while left:
        room = memoryview(protocol.get_buffer(len(left)))
        n_bytes = min(len(room), len(left))
        room[:n_bytes] = left[:n_bytes]
        protocol.buffer_updated(n_bytes)
        left = left[n_bytes:]


def allow_files(limits: DoorLimits) -> None:
    """Have the system let the process open as many files as the limits may need."""
    if sys.platform == "win32":
        return
    import resource

    needed = limits.sockets_in_all * (CONNECTIONS_PER_SOCKET + 1) + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    # Some systems allow less than they say; then what there is has to do.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, soft), hard))
