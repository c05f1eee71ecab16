"""The relay on a port: who may come in, and a session for each of them."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import logging
import secrets
import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from websockets.asyncio.server import Server, ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from console import tasks
from console.client import address
from console.clock import Clock, SystemClock
from console.realtime.refusal import Refusal
from console.relay import ending, visit
from console.relay.door import Door
from console.relay.ending import GOING_AWAY
from console.relay.observer import Observer, SessionFacts
from console.relay.policy import Policy
from console.relay.policy_file import PolicyFile
from console.relay.ports import Admission, Operation, Visitor
from console.relay.session import RelaySession, error_event
from console.relay.strangers import Strangers
from console.relay.upstream import Upstream
from console.relay.visit import SESSION_PATHS, UNSERVED_PATHS, Visit
from console.serving import answers, forwarded, messages, paths
from console.serving.caller import RefusedSession
from console.serving.http_exchange import HttpExchange, HttpRequest, peer_address
from console.serving.served_port import ServedPort
from console.serving.shared_port import SharedPortConnection
from console.tools.registry import ToolRegistry
from console.transport import (
    PING_INTERVAL_S,
    PONG_TIMEOUT_S,
    WRITE_LIMIT_BYTES,
    WebSocketTransport,
)

logger = logging.getLogger(__name__)

STOP_TIMEOUT_S: Final = 4.0
CHECK_TOKENS_EVERY_S: Final = 10.0
"""How long somebody may go on after their token has expired."""
MAX_AGENT_CHARACTERS: Final = 200
_REST: Final = ("/v1/", "/openai/")
"""Under these are the service's routes beside its sessions."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the server is given to work with."""

    admission: Admission
    observer: Observer
    operation: Operation | None = None
    tools: ToolRegistry = field(default_factory=ToolRegistry)
    """All that can run here; the policy names those that do."""


class RelayServer:
    """Listens for clients, and carries each to the service by a line of its own."""

    def __init__(
        self,
        host: str,
        port: int,
        service: Upstream,
        policy: PolicyFile,
        door: Door,
        around: Surroundings,
        *,
        tls: ssl.SSLContext | None = None,
        clock: Clock | None = None,
        ping_interval_s: float = PING_INTERVAL_S,
        pong_timeout_s: float = PONG_TIMEOUT_S,
    ) -> None:
        """Prepare a relay; `start` opens its port.

        Args:
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one.
            service: The way to the service, which holds the key.
            policy: What may pass.
            door: Who may come in.
            around: Quotas, observers, and what is served beside sessions.
            tls: Certificate and key, to be reached at wss:// alone.
            clock: Time and sleep.
            ping_interval_s: Time between a client's pong and the next ping.
            pong_timeout_s: How long a pong may take before the line counts as dead.
        """
        self._port = ServedPort(host, port, tls)
        self._service = service
        self._policy = policy
        self._door = door
        self._around = around
        self._clock: Clock = clock or SystemClock()
        self._ping_interval_s = ping_interval_s
        self._pong_timeout_s = pong_timeout_s
        self._server: Server | None = None
        self._is_accepting = False
        self._strangers = Strangers(lambda: policy.policy, around.observer)
        self._beside: set[ServerConnection] = set()
        """WebSockets that are no sessions."""
        self._sessions: dict[str, RelaySession] = {}
        self._has_left = asyncio.Event()
        """Set whenever a session has ended."""
        self._watching: list[asyncio.Task[None]] = []
        policy.changed.connect(self._end_those_without_token)

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        return self._port.number

    @property
    def url(self) -> str:
        """Where clients connect."""
        return self._port.url

    @property
    def sessions(self) -> Collection[RelaySession]:
        """What goes on."""
        return self._sessions.values()

    @property
    def is_accepting(self) -> bool:
        """Whether anybody is let in."""
        return self._is_accepting

    def stop_accepting(self) -> None:
        """Let nobody in any more."""
        self._is_accepting = False

    async def start(self) -> None:
        """Open the port.

        Raises:
            OSError: It cannot be opened.
        """
        line = functools.partial(
            SharedPortConnection,
            hand_over=self._hand_over,
            waiting=self._port.waiting,
            may_come=self._strangers.may_come,
        )
        self._server = await self._port.open(
            self._serve,
            line,
            self._process_request,
            max_size=self._policy.policy.sizes.largest,
            # Ours, of the transport, find a line that is dead and full as well.
            ping_interval=None,
            write_limit=WRITE_LIMIT_BYTES,
        )
        self._watching = [
            tasks.spawn(self._policy.watch(self._clock), name="watch the policy"),
            tasks.spawn(self._watch_tokens(), name="watch the tokens"),
        ]
        self._is_accepting = True

    async def stop(self) -> None:
        """End every session and close the port, within a few seconds. Safe to call twice."""
        self._is_accepting = False
        server, self._server = self._server, None
        if server is None:
            return
        for task in self._watching:
            await tasks.cancel(task)
        server.close(close_connections=False)
        for session in list(self._sessions.values()):
            session.end(GOING_AWAY, "relay_stopping")
        self._port.abort_waiting()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await self._until_sessions_have_ended()
                # Those who look on see how each session ends.
                for connection in self._beside:
                    tasks.spawn(connection.close(GOING_AWAY, "relay_stopping"), name="end a watch")
                await server.wait_closed()
        except TimeoutError:
            for connection in server.connections:
                connection.transport.abort()
            await server.wait_closed()

    async def _until_sessions_have_ended(self) -> None:
        while self._sessions:
            self._has_left.clear()
            await self._has_left.wait()

    # ------------------------------------------------------------ requests

    async def _process_request(
        self, connection: ServerConnection, request: Request
    ) -> Response | None:
        asked = HttpRequest(
            "GET", request.path, request.headers, address=self._address(connection, request)
        )
        if (turned_away := self._door.turn_away(asked)) is not None:
            return turned_away
        path = urlsplit(request.path).path
        is_upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
        if not is_upgrade:
            return await self._answer(asked)
        if self._around.operation is not None and self._around.operation.wants(path):
            return None
        if path not in SESSION_PATHS | UNSERVED_PATHS:
            return answers.error(404, Refusal(f"There is no session at {path}.", code=None))
        if not self._is_accepting:
            return _not_accepting()
        # As the policy is now, not as it was when the port was opened.
        connection.protocol.max_message_size = self._policy.policy.sizes.largest
        return None

    async def _answer_any(self, request: HttpRequest) -> Response:
        address = self.address_of(request.address, request.headers)
        return await self._answer(dataclasses.replace(request, address=address))

    async def _answer(self, request: HttpRequest) -> Response:
        if (turned_away := self._door.turn_away(request)) is not None:
            return turned_away
        path = unquote(urlsplit(request.path).path)
        if path in SESSION_PATHS - {visit.ROOT}:
            refusal = Refusal("Connect a WebSocket here.", code="websocket_expected")
            return answers.error(426, refusal, [("Upgrade", "websocket")])
        if path.startswith(_REST):
            refusal = Refusal(
                f"The relay carries sessions alone, and no {request.method} of {path}. Connect a "
                f"WebSocket to {paths.PATH} with a token of the relay; where a client secret is "
                "asked for, such a token stands in its place.",
                code="relay_request_not_allowed",
            )
            return answers.error(403, refusal)
        operation = self._around.operation
        found = None if operation is None else await operation.answer(request)
        if found is not None:
            return found
        return answers.error(404, Refusal(f"Nothing is served at {path}.", code=None))

    def _hand_over(self, transport: asyncio.Transport, first_bytes: bytes) -> None:
        HttpExchange(self._answer_any, self._port.waiting).begin(transport, first_bytes)

    # ------------------------------------------------------------ sessions

    async def _serve(self, connection: ServerConnection) -> None:
        request, operation = connection.request, self._around.operation
        assert request is not None, "a handshake has been answered"
        let_in = functools.partial(self._strangers.is_known, connection.transport)
        if operation is not None and operation.wants(urlsplit(request.path).path):
            self._beside.add(connection)
            try:
                await operation.serve(connection, let_in)
            finally:
                self._beside.discard(connection)
            return
        client = WebSocketTransport(
            connection,
            ping_interval_s=self._ping_interval_s,
            pong_timeout_s=self._pong_timeout_s,
        )
        try:
            visitor = await self._visitor(connection, request)
            let_in()
            await self._carry(client, request, visitor)
        except RefusedSession as refused:
            refusal = refused.refusal
            self._around.observer.client_turned_away(refusal.code or refusal.kind)
            await client.send(messages.write(error_event(refusal)))
            await client.close(refused.close_code, refusal.close_reason)
        except Exception:
            # One broken session must not touch the others.
            logger.exception("a session has failed")
        finally:
            await client.close(ending.INTERNAL_ERROR)

    async def _visitor(self, connection: ServerConnection, request: Request) -> Visitor:
        address = self._address(connection, request)
        return await self._door.visitor(request, address, self._policy.policy)

    async def _carry(self, client: WebSocketTransport, request: Request, visitor: Visitor) -> None:
        policy = self._policy.policy
        asked = visit.read(request, policy, self._service.target.model or "")
        facts = self._facts(visitor, asked, request)
        try:
            lease = await self._around.admission.begin(visitor, facts.id)
        except Refusal as refusal:
            is_ours = refusal.kind == "server_error"
            code = ending.TRY_AGAIN_LATER if is_ours else ending.POLICY
            raise RefusedSession(refusal, code) from refusal
        try:
            session = RelaySession(
                client,
                asked,
                facts,
                policy=policy,
                service=self._service.for_visit(asked),
                lease=lease,
                observer=self._around.observer,
                clock=self._clock,
                registry=self._around.tools.only(policy.relay_tools),
            )
            self._sessions[facts.id] = session
            await session.run()
        finally:
            self._sessions.pop(facts.id, None)
            self._has_left.set()
            await lease.end()

    def _address(self, connection: ServerConnection, request: Request) -> str:
        return self.address_of(peer_address(connection.transport), request.headers)

    def address_of(self, peer: str, headers: Headers) -> str:
        """Return the address of who asks: the peer's, or that of whom a proxy of ours speaks for.

        Args:
            peer: The address at the other end of the connection.
            headers: Of the request.
        """
        lines = headers.get_all(forwarded.HEADER)
        return forwarded.visitor(peer, lines, self._policy.policy.proxies) or peer

    def _facts(self, visitor: Visitor, asked: Visit, request: Request) -> SessionFacts:
        agent = "".join(
            each for each in request.headers.get("User-Agent", "") if each.isprintable()
        )
        return SessionFacts(
            id=secrets.token_urlsafe(18),
            token=visitor.token,
            address=visitor.address,
            dialect="beta" if asked.is_beta else "ga",
            model=asked.model,
            upstream=urlsplit(address.public(self._service.target.url)).netloc,
            started_wall_s=self._clock.wall_s(),
            agent=agent[:MAX_AGENT_CHARACTERS],
            asked_model=asked.asked_model,
        )

    async def _watch_tokens(self) -> None:
        while True:
            await self._clock.sleep(CHECK_TOKENS_EVERY_S)
            self._end_those_without_token(self._policy.policy)

    def _end_those_without_token(self, policy: Policy) -> None:
        for session in list(self._sessions.values()):
            if not self._door.is_still_good(session.facts.token, policy):
                refusal = Refusal(
                    "This token of the relay is good no more.",
                    code="relay_token_revoked",
                )
                session.end(ending.POLICY, refusal.close_reason, refusal)


def _not_accepting() -> Response:
    refusal = Refusal(
        "This relay is about to end. Connect again: another one takes you.",
        code="relay_stopping",
        kind="server_error",
    )
    return answers.error(503, refusal, [("Retry-After", "1")])
