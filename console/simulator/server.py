"""The simulator on a port: sockets around sessions."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from console.clock import Clock, SystemClock
from console.simulator import handshake
from console.simulator.connection import Pace, SessionConnection
from console.simulator.faults import Faults
from console.simulator.handshake import Gate, RefusedSession
from console.simulator.ids import IdMaker
from console.simulator.outgoing import Outgoing
from console.simulator.senses import Senses
from console.simulator.session import SimulatorSession

logger = logging.getLogger(__name__)

MAX_MESSAGE_BYTES: Final = 21 * 1024 * 1024
"""Room for 15 MiB of audio as base64."""
MAX_SESSIONS: Final = 16
STOP_TIMEOUT_S: Final = 3.0
PING_INTERVAL_S: Final = 20.0
_NO_FAULTS: Final = Faults()


class SimulatorServer:
    """Serves the Realtime API at `url`, as the live service does, without a key or a network."""

    def __init__(
        self,
        host: str,
        port: int,
        senses: Senses,
        *,
        require_key: str | None = None,
        models: Collection[str] | None = None,
        allowed_hosts: Collection[str] = (),
        allowed_origins: Collection[str] = (),
        max_sessions: int = MAX_SESSIONS,
        pace: Pace | None = None,
        faults: Faults = _NO_FAULTS,
        clock: Clock | None = None,
        random_source: random.Random | None = None,
    ) -> None:
        """Prepare a server; `start` opens its port.

        Args:
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one.
            senses: The engines; opened by `start` and closed by `stop`.
            require_key: The only key that is accepted; without it any key, or none.
            models: The only models that are served; without it any.
            allowed_hosts: Host names served beside the loopback ones, port included.
            allowed_origins: Web origins whose pages may connect.
            max_sessions: How many sessions may go on at once; more get a 503.
            pace: How fast answers are sent.
            faults: What goes wrong, for tests of clients; may be set again between connections.
            clock: Time and sleep.
            random_source: For identifiers.
        """
        self.faults = faults
        self._host = host
        self._port = port
        self._senses = senses
        self._require_key = require_key
        self._models = models
        self._allowed_hosts = allowed_hosts
        self._allowed_origins = allowed_origins
        self._max_sessions = max_sessions
        self._pace = pace or Pace()
        self._clock: Clock = clock or SystemClock()
        self._new_id = IdMaker(random_source or random.Random(), self._clock.wall_s)
        self._server: Server | None = None
        self._gate: Gate | None = None
        self._connections: set[ServerConnection] = set()

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        return self._port

    @property
    def url(self) -> str:
        """Where clients connect; they add ``?model=...``."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"ws://{host}:{self._port}{handshake.PATH}"

    @property
    def n_sessions(self) -> int:
        """How many sessions go on."""
        return len(self._connections)

    async def start(self) -> None:
        """Open the port, and begin to load the engines in the background.

        Raises:
            OSError: The port cannot be opened.
        """
        self._server = await serve(
            self._serve,
            self._host,
            self._port,
            process_request=self._process_request,
            select_subprotocol=_select_subprotocol,
            compression=None,
            max_size=MAX_MESSAGE_BYTES,
            open_timeout=10.0,
            close_timeout=1.0,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_INTERVAL_S,
            server_header=None,
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        self._gate = Gate(
            self._port,
            hosts=self._allowed_hosts,
            origins=self._allowed_origins,
            key=self._require_key,
            models=self._models,
        )
        await self._senses.open()

    async def stop(self) -> None:
        """End every session and close the port, within a few seconds. Safe to call twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await server.wait_closed()
        except TimeoutError:
            for connection in self._connections:
                connection.transport.abort()
            await server.wait_closed()
        await self._senses.close()

    def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        if self._gate is None or (answer := self._gate.answer(request)) is None:
            return self._refuse_session()
        return answer

    def _refuse_session(self) -> Response | None:
        if self.faults.refuse_status is not None:
            return handshake.refuse(self.faults.refuse_status)
        if self._gate is None or len(self._connections) >= self._max_sessions:
            return handshake.refuse(503)
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        self._connections.add(connection)
        try:
            await self._run_session(connection)
        except Exception:
            # One broken session must not touch the others.
            logger.exception("a session has failed")
        finally:
            self._connections.discard(connection)

    async def _run_session(self, connection: ServerConnection) -> None:
        request, gate = connection.request, self._gate
        assert request is not None, "a handshake has been answered"
        assert gate is not None, "the server has been started"
        outgoing = Outgoing(connection, self.faults)
        try:
            model = gate.admit(request)
        except RefusedSession as refused:
            await self._turn_away(outgoing, refused)
            return
        await SessionConnection(
            connection,
            SimulatorSession(model, new_id=self._new_id, now=self._now),
            self._senses,
            outgoing,
            clock=self._clock,
            pace=self._pace,
        ).run()

    async def _turn_away(self, outgoing: Outgoing, refused: RefusedSession) -> None:
        error = refused.refusal.wire(None)
        event_id = self._new_id("event_")
        outgoing.put([{"type": "error", "event_id": event_id, "error": error}])
        outgoing.end(refused.close_code, refused.close_reason)
        await outgoing.run()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.wall_s()).astimezone()


def _select_subprotocol(
    connection: ServerConnection, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    return handshake.select_subprotocol(offered)
