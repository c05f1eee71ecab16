"""The simulator on a port: sockets around sessions."""

from __future__ import annotations

import asyncio
import functools
import itertools
import logging
import random
import ssl
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final, Literal, cast
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection
from websockets.http11 import Request, Response
from websockets.protocol import State

from console.clock import Clock, SystemClock
from console.serving import answers, paths
from console.serving.caller import OwnNames, RefusedSession
from console.serving.http_exchange import HttpExchange, HttpRequest
from console.serving.served_port import ServedPort
from console.simulator.assistant.brain import RuleBrain
from console.simulator.faults import Faults
from console.simulator.protocol.defaults import session_length_s
from console.simulator.protocol.ids import IdMaker
from console.simulator.protocol.refusals import Refusal
from console.simulator.senses import Senses
from console.simulator.service import (
    fault_plan,
    refused_handshakes,
    session_factory,
)
from console.simulator.service.call_work import CallWork
from console.simulator.service.calls import Call, CallerWatch, Calls
from console.simulator.service.channel_line import ChannelLine
from console.simulator.service.connection import SessionConnection, Work
from console.simulator.service.fault_settings import FaultSettings, group_of
from console.simulator.service.handshake import Admission, Gate
from console.simulator.service.line import Carrier, Line
from console.simulator.service.outgoing import Outgoing
from console.simulator.service.rest import Rest
from console.simulator.service.secrets import ClientSecrets
from console.simulator.service.session_factory import SessionFactory
from console.simulator.service.session_work import Pace, Session, SessionWork
from console.simulator.speech.hearing import Hearing

logger = logging.getLogger(__name__)

MAX_MESSAGE_BYTES: Final = 21 * 1024 * 1024
"""Room for 15 MiB of audio as base64."""
MAX_SESSIONS: Final = 32
STOP_TIMEOUT_S: Final = 3.0
PING_INTERVAL_S: Final = 20.0
_NO_FAULTS: Final = Faults()

Watch = Callable[[int, Literal["client", "server"], str | bytes], None]
"""Told each message: the connection's number (1, 2, ...), who sent it, and what it is."""


Told = Callable[[Literal["client", "server"], str | bytes], None]
"""The same for one connection."""


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
        serves_beta: bool = True,
        allowed_hosts: Collection[str] = (),
        allowed_origins: Collection[str] = (),
        max_sessions: int = MAX_SESSIONS,
        pace: Pace | None = None,
        faults: Faults = _NO_FAULTS,
        tls: ssl.SSLContext | None = None,
        clock: Clock | None = None,
        random_source: random.Random | None = None,
        watch: Watch | None = None,
    ) -> None:
        """Prepare a server; `start` opens its port.

        Args:
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one.
            senses: The engines; opened by `start` and closed by `stop`.
            require_key: The only key that is accepted; without it any key, or none.
            models: The only models that are served; without it any.
            serves_beta: Whether clients of the beta are served; if not, they are told that the
                beta is over, as by the live service.
            allowed_hosts: Host names served beside the loopback ones, port included.
            allowed_origins: Web origins whose pages may connect.
            max_sessions: How many sessions may go on at once; more get a 503.
            pace: How fast answers are sent.
            faults: What goes wrong on every connection, for tests of clients.
            tls: Certificate and key, to be reached at wss:// and https:// alone.
            clock: Time and sleep.
            random_source: For identifiers.
            watch: Is told every message of every session, on the event loop; must not raise.
        """
        self._port = ServedPort(host, port, tls)
        self._senses = senses
        self._require_key = require_key
        self._models = models
        self._serves_beta = serves_beta
        self._allowed_hosts = allowed_hosts
        self._allowed_origins = allowed_origins
        self._max_sessions = max_sessions
        self._pace = pace or Pace()
        self._clock: Clock = clock or SystemClock()
        self._new_id = IdMaker(random_source or random.Random(), self._clock.wall_s)
        self._secrets = ClientSecrets(self._new_id, self._clock.wall_s)
        self._factory = SessionFactory(self._new_id, self._now)
        self._watch = watch
        self._faults = FaultSettings(faults)
        self._server: Server | None = None
        self._gate: Gate | None = None
        self._rest: Rest | None = None
        self._calls = Calls(self._new_id, self._work_of_call, self._serve_caller, self._clock)
        self._hearing = Hearing()
        self._lines: set[Line] = set()
        self._sessions: set[SessionConnection] = set()
        self._numbers = itertools.count(1)

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        return self._port.number

    @property
    def url(self) -> str:
        """Where clients connect; they add ``?model=...``."""
        return self._port.url

    @property
    def n_sessions(self) -> int:
        """How many sessions go on: those whose client is still there."""
        return sum(line.state is State.OPEN for line in self._lines)

    async def start(self) -> None:
        """Open the port, and begin to load the engines in the background.

        Raises:
            OSError: The port cannot be opened.
        """
        line = functools.partial(Line, hand_over=self._hand_over, waiting=self._port.waiting)
        self._server = await self._port.open(
            self._serve,
            line,
            self._process_request,
            max_size=MAX_MESSAGE_BYTES,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_INTERVAL_S,
        )
        self._gate = Gate(
            self._port.number,
            self._secrets,
            names=OwnNames(self._allowed_hosts, self._allowed_origins),
            key=self._require_key,
            models=self._models,
            serves_beta=self._serves_beta,
        )
        self._rest = Rest(self._gate, self._secrets, self._calls, self._factory)
        await self._senses.open()

    async def stop(self) -> None:
        """End every session and close the port, within a few seconds. Safe to call twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        await self._calls.close()
        self._port.abort_waiting()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await server.wait_closed()
        except TimeoutError:
            for line in self._lines:
                line.transport.abort()
            await server.wait_closed()
        self._hearing.close()
        await self._senses.close()

    # ------------------------------------------------------------ faults

    @property
    def faults(self) -> Faults:
        """What goes wrong on the connections to come, unless their URL says otherwise."""
        return self._faults.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._faults.set(faults)

    def set_faults(
        self, faults: Faults, session_id: str | None = None, *, group: str | None = None
    ) -> None:
        """Let these faults stand instead of the present ones; their counts begin now.

        Args:
            faults: What goes wrong.
            session_id: In this running session only; without it in all, running and coming.
            group: Only on connections, running and coming, whose URL has `fault_group=` this.
        """
        if session_id is None:
            self._faults.set(faults, group)
        for session in self._reached(session_id, group):
            session.set_faults(faults)

    def inject(self, text: str, session_id: str | None = None, *, group: str | None = None) -> int:
        """Let something go wrong once in running sessions; return in how many.

        Args:
            text: `drop`, `close`, `stall`, `garbage`, `broken_utf8`, `huge` or `expire` for now,
                or faults of the line in their text form, whose counts begin now.
            session_id: In this session only.
            group: Only in sessions whose URL has `fault_group=` this.

        Raises:
            ValueError: There is no such fault.
        """
        faults = Faults.parse(fault_plan.NOW.get(text, text))
        reached = self._reached(session_id, group)
        for session in reached:
            session.inject(faults)
        return len(reached)

    def _reached(self, session_id: str | None, group: str | None) -> list[SessionConnection]:
        return [
            each
            for each in self._sessions
            if session_id in {None, each.session_id} and group in {None, each.fault_group}
        ]

    # ------------------------------------------------------------ calls

    def ring(self) -> str:
        """Let a call come in, as by telephone; return its id.

        It waits for ``POST /v1/realtime/calls/{id}/accept`` or ``/reject``.
        """
        return self._calls.ring().id

    def press(self, call_id: str, key: str) -> None:
        """Let the caller of a call press a key of the phone.

        Raises:
            ValueError: Nobody has answered the call yet, or phones have no such key.
            Refusal: There is no such call.
        """
        self._calls.press(call_id, key)

    async def _serve_caller(self, line: ChannelLine, call: Call) -> None:
        faults = self._faults.take()
        told = self._told()
        outgoing = self._outgoing(line, faults, told)
        assert call.work is not None, "it was answered before its caller could connect"
        watch = CallerWatch(call, call.work, outgoing)
        if faults:
            watch.faults = faults
        await self._carry(
            SessionConnection(
                line,
                watch,
                outgoing,
                clock=self._clock,
                faults=faults,
                watch=functools.partial(told, "client") if told else None,
            )
        )

    # ------------------------------------------------------------ requests

    async def _process_request(
        self, connection: ServerConnection, request: Request
    ) -> Response | None:
        gate, rest = self._gate, self._rest
        if gate is None or rest is None:
            return refused_handshakes.full()
        if (turned_away := gate.turn_away(request)) is not None:
            return turned_away
        is_upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
        if not is_upgrade or urlsplit(request.path).path not in paths.SESSION_PATHS:
            return await rest.answer(HttpRequest("GET", request.path, request.headers))
        return self._refuse_session(gate, cast(Line, connection), request)

    def _refuse_session(self, gate: Gate, line: Line, request: Request) -> Response | None:
        try:
            faults = self._faults.take(request.path)
        except ValueError as error:
            return answers.error(400, Refusal(str(error), param="fault"))
        if faults.refuse_status is not None:
            return refused_handshakes.refused(faults)
        if (refused := gate.refuse_azure(request)) is not None:
            return refused
        if self.n_sessions >= self._max_sessions:
            return refused_handshakes.full()
        line.faults = faults
        return None

    def _hand_over(self, transport: asyncio.Transport, first_bytes: bytes) -> None:
        if self._rest is None:
            transport.abort()
        else:
            HttpExchange(self._rest.answer, self._port.waiting).begin(transport, first_bytes)

    # ------------------------------------------------------------ sessions

    async def _serve(self, connection: ServerConnection) -> None:
        line = cast(Line, connection)
        self._lines.add(line)
        try:
            await self._run_session(line)
        except Exception:
            # One broken session must not touch the others.
            logger.exception("a session has failed")
        finally:
            self._lines.discard(line)

    async def _run_session(self, line: Line) -> None:
        request, gate, faults = line.request, self._gate, line.faults
        assert request is not None, "a handshake has been answered"
        assert gate is not None, "the server has been started"
        told = self._told()
        outgoing = self._outgoing(line, faults, told)
        try:
            admission = gate.admit(request)
            work = self._work(admission, outgoing, faults)
        except RefusedSession as refused:
            outgoing.put_error(refused.refusal)
            outgoing.end(refused.close_code, refused.refusal.close_reason)
            await outgoing.run()
            return
        await self._carry(
            SessionConnection(
                line,
                work,
                outgoing,
                clock=self._clock,
                faults=faults,
                settled=session_factory.settled(admission),
                watch=functools.partial(told, "client") if told else None,
                length_s=session_length_s(is_beta=admission.is_beta),
                fault_group=group_of(request.path),
            )
        )

    def _told(self) -> Told | None:
        """Return what is to be told the messages of one more connection."""
        return functools.partial(self._watch, next(self._numbers)) if self._watch else None

    def _outgoing(self, line: Carrier, faults: Faults, told: Told | None) -> Outgoing:
        return Outgoing(
            line,
            faults,
            self._new_id,
            clock=self._clock,
            watch=functools.partial(told, "server") if told else None,
        )

    async def _carry(self, session: SessionConnection) -> None:
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)

    def _work(self, admission: Admission, outgoing: Outgoing, faults: Faults) -> Work:
        if admission.kind == "call":
            watch = self._calls.watched(admission.call_id, outgoing)
            if faults:
                watch.faults = faults
            return watch
        senses = self._senses.for_session()
        if admission.kind == "translation":
            # The assistant of rules knows no other language.
            translates = not isinstance(senses.brain, RuleBrain)
            session: Session = self._factory.translation(admission.model, translates=translates)
        else:
            session = self._factory.admitted(admission)
        return SessionWork(
            session,
            senses,
            outgoing,
            clock=self._clock,
            pace=self._pace,
            hearing=self._hearing,
            faults=faults,
        )

    def _work_of_call(self, model: str, call: Call) -> CallWork:
        return CallWork(
            self._factory.call(model, call.speaker),
            self._senses.for_session(),
            call,
            clock=self._clock,
            pace=self._pace,
            hearing=self._hearing,
            faults=_NO_FAULTS,
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.wall_s()).astimezone()
