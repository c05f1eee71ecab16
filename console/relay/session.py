"""One client with its own line to the service: begun, carried, and ended on both sides."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Mapping
from typing import Any, Final

from websockets.exceptions import ConnectionClosed

from console import tasks
from console.clock import Clock
from console.errors import ConnectError
from console.realtime.dialect import BetaClientDialect
from console.realtime.ids import IdSource
from console.realtime.refusal import Refusal
from console.relay import ending, upstream
from console.relay.client_rules import ClientRules
from console.relay.downlink import Downlink
from console.relay.ending import Ending
from console.relay.lane import Lane, Parcel, Stalled
from console.relay.observer import Direction, Observer, PassedEvent, SessionFacts
from console.relay.opening import KeptSettingsRefused, Opening, settings_refused
from console.relay.pace import Pace, TooFast
from console.relay.policy import Policy
from console.relay.ports import Lease
from console.relay.relay_tools import RelayTools
from console.relay.server_rules import ServerRules
from console.relay.uplink import Unwanted, Uplink
from console.relay.upstream import Upstream
from console.relay.visit import Visit
from console.serving import messages
from console.tools.registry import ToolRegistry
from console.transport import Closed, Transport
from console.wire_mask import WireMask

logger = logging.getLogger(__name__)

FAREWELL_S: Final = 2.0
"""How long either side may take to be told what waits when the session ends."""

_ids: Final = IdSource()


class RelaySession:
    """Carries one client's events up and the service's down until one of them, or we, end it."""

    def __init__(
        self,
        client: Transport,
        visit: Visit,
        facts: SessionFacts,
        *,
        policy: Policy,
        service: Upstream,
        lease: Lease,
        observer: Observer,
        clock: Clock,
        registry: ToolRegistry,
    ) -> None:
        """Join a client with the service; `run` begins.

        Args:
            client: The line to the client, which is open.
            visit: What the client has asked for.
            facts: What observers are told of it.
            policy: What may pass.
            service: Opens the line to the service.
            lease: How long it may last.
            observer: Is told what happens.
            clock: Time and sleep.
            registry: The tools that run here.
        """
        self.facts = facts
        self._client, self._service = client, service
        self._lease = lease
        self._observer = observer
        self._clock = clock
        self._line: Transport | None = None
        """To the service, once it is open."""
        self._asked: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._up = self._lane("up", policy, stall_s=None)
        self._down = self._lane("down", policy, stall_s=policy.queues.stall_s)
        self._tools = RelayTools(registry, self._send_up, clock)
        keep = _kept(policy, self._tools)
        beta = BetaClientDialect() if visit.is_beta else None
        self._uplink = Uplink(
            ClientRules(policy, visit.kind, keep, self._tools),
            policy.sizes,
            Pace(policy.rates, clock),
            self._up,
            lease,
            clock,
            beta,
            self._refuse,
            functools.partial(observer.settings_left_out, facts.id),
            self._tools.user_spoke,
        )
        self._downlink = Downlink(
            facts.name_in_log,
            ServerRules(policy, has_relay_tools=bool(self._tools)),
            self._tools,
            Opening(visit.kind, keep, self._uplink.own_event_id),
            self._uplink,
            self._down,
            lease,
            clock,
            beta,
            WireMask(service.target.credentials.secrets),
            self._send_first,
            self._open_up,
            self._unseen,
        )

    @property
    def is_answering(self) -> bool:
        """Whether a response goes on."""
        return bool(self._downlink.answering)

    def tell(self, refusal: Refusal) -> None:
        """Tell the client something as an `error` event."""
        for parcel in self._error_parcels(refusal, None):
            self._down.push(parcel)

    def end(self, code: int, reason: str, refusal: Refusal | None = None) -> None:
        """End both sides soon.

        Args:
            code: Of the close.
            reason: Likewise.
            refusal: What the client is told before.
        """
        if not self._asked.done():
            self._asked.set_result(Ending(code, reason, "relay", refusal))

    # ------------------------------------------------------------ its life

    async def run(self) -> None:
        """Carry until the end; both lines are closed then, and all work has ended."""
        self._observer.session_opened(self.facts)
        self._down.open(self._client)
        lanes = [
            tasks.spawn(self._carry(lane), name="relay: carry") for lane in (self._up, self._down)
        ]
        work = [
            tasks.spawn(self._read_client(), name="relay: read the client"),
            tasks.spawn(self._read_service(), name="relay: read the service"),
            tasks.spawn(self._wait_for_lease(), name="relay: wait for the lease"),
            tasks.spawn(self._wait_for_end(), name="relay: wait for an end"),
        ]
        found = ending.by_refusal(_broken(), ending.INTERNAL_ERROR)
        try:
            everything = [*work, *lanes]
            done, _ = await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
            # Where several came to an end at once, what a peer has done counts before what we have.
            # The failure of one has been logged by its name.
            ends = [each for each in everything if each in done and each.exception() is None]
            found = ends[0].result() if ends else found
        finally:
            for task in work:
                await tasks.cancel(task)
            await self._tools.close()
            try:
                await self._part(found)
            finally:
                for task in lanes:
                    await tasks.cancel(task)
                self._observer.session_closed(self.facts.id, found.code, found.reason, found.side)

    async def _carry(self, lane: Lane) -> Ending:
        """Run a lane; where its peer has gone, leave it to those who read to say so."""
        try:
            await lane.run()
        except Stalled:
            return Ending(
                ending.TRY_AGAIN_LATER, "relay_client_too_slow", "relay", client_hears=False
            )
        except ConnectionClosed:
            await asyncio.get_running_loop().create_future()
        raise AssertionError("a lane goes on until it is cancelled")

    async def _read_client(self) -> Ending:
        try:
            while not isinstance(message := await self._client.receive(), Closed):
                # The service may have gone: who reads its line says so.
                with contextlib.suppress(ConnectionClosed):
                    await self._uplink.take(message)
        except Unwanted as unwanted:
            return ending.by_refusal(unwanted.refusal, unwanted.code)
        except TooFast as too_fast:
            return ending.by_refusal(too_fast.refusal, ending.POLICY)
        return ending.by_client(message)

    async def _read_service(self) -> Ending:
        try:
            self._line = line = await self._service.open()
            if not self._downlink.opening.has_settings:
                self._open_up()
            closed = await self._follow(line)
        except ConnectError as error:
            return self._no_session(error)
        except KeptSettingsRefused as refused:
            logger.error("the service refused what the policy keeps: %s", refused)
            return ending.by_refusal(settings_refused(), ending.INTERNAL_ERROR)
        except Unwanted as unwanted:
            return ending.by_refusal(unwanted.refusal, unwanted.code)
        if closed.is_ours:
            return self._unreadable(closed)
        if not self._downlink.opening.has_begun:
            return self._no_session(self._service.refused(self._downlink.opening.error, closed))
        return self._ended_by_service(closed)

    async def _follow(self, line: Transport) -> Closed:
        """Take what the service sends until it ends the line.

        Raises:
            ConnectError: It begins no session in time.
        """
        opening = self._downlink.opening
        try:
            async with asyncio.timeout(upstream.BEGIN_TIMEOUT_S):
                while not opening.has_begun:
                    message = await line.receive()
                    if isinstance(message, Closed):
                        return message
                    await self._take_from_service(message)
        except TimeoutError:
            if opening.has_settings:
                raise self._service.refused(opening.error, None) from None
            # Not every server says that a session has begun.
            await self._downlink.begin()
        while not isinstance(message := await line.receive(), Closed):
            await self._take_from_service(message)
        return message

    async def _take_from_service(self, message: str | bytes) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._downlink.take(message)

    async def _wait_for_lease(self) -> Ending:
        return ending.by_refusal(await self._lease.over(), ending.POLICY)

    async def _wait_for_end(self) -> Ending:
        return await self._asked

    # ------------------------------------------------------------ its end

    def _no_session(self, error: ConnectError) -> Ending:
        logger.warning("session %s: %s", self.facts.name_in_log, error)
        refusal, code = upstream.told(error)
        return Ending(code, refusal.close_reason, "upstream", refusal)

    def _unreadable(self, closed: Closed) -> Ending:
        refusal = upstream.unreadable(closed)
        logger.warning("session %s: %s", self.facts.name_in_log, refusal.message)
        return Ending(ending.INTERNAL_ERROR, refusal.close_reason, "upstream", refusal)

    def _ended_by_service(self, closed: Closed) -> Ending:
        if closed.code == ending.LOST:
            return self._no_session(self._service.lost(closed))
        reason = self._downlink.mask.hide(closed.reason)
        return Ending(*ending.passed_on(closed.code, reason, ending.INTERNAL_ERROR), "upstream")

    async def _part(self, found: Ending) -> None:
        """Tell both sides of the end, each as far as it still listens."""
        await asyncio.gather(self._part_from_service(found), self._part_from_client(found))

    async def _part_from_service(self, found: Ending) -> None:
        line = self._line
        if line is None:
            return
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                if found.side == "relay" and self.is_answering:
                    await line.send(messages.write({"type": "response.cancel"}))
                elif found.side == "client":
                    await self._up.finish()
        if found.side == "client":
            await line.close(*ending.passed_on(found.code, found.reason, ending.GOING_AWAY))
        else:
            await line.close()

    async def _part_from_client(self, found: Ending) -> None:
        if found.side != "client" and found.client_hears:
            if found.refusal is not None:
                self.tell(found.refusal)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await self._down.finish()
        await self._client.close(*ending.passed_on(found.code, found.reason, ending.NORMAL))

    # ------------------------------------------------------------ lanes

    def _lane(self, direction: Direction, policy: Policy, *, stall_s: float | None) -> Lane:
        def sent(parcel: Parcel) -> None:
            if parcel.event is not None:
                self._passed(direction, parcel, messages.size_bytes(parcel.text))

        def dropped(n_events: int, size_bytes: int) -> None:
            self._observer.audio_dropped(self.facts.id, direction, n_events, size_bytes)

        queues = policy.queues
        return Lane(
            audio_s=queues.up_audio_s if direction == "up" else queues.down_audio_s,
            control_bytes=queues.control_bytes,
            sent=sent,
            dropped=dropped,
            stall_s=stall_s,
        )

    def _passed(self, direction: Direction, parcel: Parcel, size_bytes: int) -> None:
        assert parcel.event is not None, "there is something to tell"
        self._observer.event_passed(
            PassedEvent(
                self.facts.id,
                direction,
                parcel.event,
                size_bytes,
                parcel.received_s,
                self._clock.now_s(),
            )
        )

    def _open_up(self) -> None:
        assert self._line is not None, "the service is there"
        self._up.open(self._line)

    async def _send_first(self, event: dict[str, Any]) -> None:
        assert self._line is not None, "the service is there"
        parcel = Parcel(messages.write(event), event, self._clock.now_s())
        await self._line.send(parcel.text)
        self._passed("up", parcel, messages.size_bytes(parcel.text))

    async def _send_up(self, event: dict[str, Any]) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._uplink.send(event)

    def _unseen(self, event: dict[str, Any], received_s: float) -> None:
        self._passed("down", Parcel("", event, received_s), 0)

    # ------------------------------------------------------------ what the client is told by us

    async def _refuse(self, refusal: Refusal, event: dict[str, Any]) -> None:
        self._observer.event_refused(self.facts.id, event, refusal.code or refusal.kind)
        event_id = event.get("event_id")
        for parcel in self._error_parcels(refusal, event_id if isinstance(event_id, str) else None):
            await self._down.put(parcel)

    def _error_parcels(self, refusal: Refusal, event_id: str | None) -> list[Parcel]:
        return self._downlink.parcels(error_event(refusal, event_id), self._clock.now_s())


def error_event(refusal: Refusal, event_id: str | None = None) -> dict[str, Any]:
    """Return the `error` event that tells a refusal, with the id of the event that it is about."""
    return {"type": "error", "event_id": _ids.new("event"), "error": refusal.wire(event_id)}


def _kept(policy: Policy, tools: RelayTools) -> Mapping[str, Any]:
    keep = policy.session.keep
    if not tools:
        return keep
    return {**keep, "tools": [*keep.get("tools", ()), *tools.definitions()]}


def _broken() -> Refusal:
    return Refusal(
        "The relay has failed to carry this session. Its log has the details.",
        code="relay_failed",
        kind="server_error",
    )
