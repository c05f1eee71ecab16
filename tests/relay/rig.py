"""A relay on a loopback port, before a server of the protocol."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from console.client.targets import Target
from console.clock import SystemClock
from console.realtime.refusal import Refusal
from console.relay import policy_file
from console.relay.door import Door
from console.relay.policy import ANYTHING
from console.relay.policy_file import PolicyFile
from console.relay.ports import Visitor
from console.relay.server import RelayServer, Surroundings
from console.relay.upstream import Upstream
from console.tools.registry import ToolRegistry
from tests.relay.told import Told
from tests.simulator.serving import running

TOKEN = "ek_relay_for-tests-0123456789"
MODEL = "gpt-realtime-2.1"


class FreeLease:
    """A lease that ends when a test says so."""

    def __init__(self) -> None:
        self.charged: list[Any] = []
        self.refusal: Refusal | None = None
        """Of the next answer."""
        self.has_ended = False
        self._over: asyncio.Future[Refusal] = asyncio.get_running_loop().create_future()

    async def may_answer(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    async def charge(self, event: Any) -> None:
        self.charged.append(event)

    async def over(self) -> Refusal:
        return await asyncio.shield(self._over)

    def use_up(self, refusal: Refusal) -> None:
        self._over.set_result(refusal)

    async def end(self) -> None:
        assert not self.has_ended
        self.has_ended = True


@dataclass
class FreeAdmission:
    """Lets everybody in, or whom a test lets in."""

    refusal: Refusal | None = None
    too_many: Refusal | None = None
    leases: list[FreeLease] = field(default_factory=list)
    visitors: list[Visitor] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    async def knock(self, address: str) -> Refusal | None:
        return self.too_many

    async def wrong_token(self, address: str) -> None:
        self.wrong.append(address)

    async def begin(self, visitor: Visitor, session_id: str) -> FreeLease:
        if self.refusal is not None:
            raise self.refusal
        self.visitors.append(visitor)
        self.leases.append(FreeLease())
        return self.leases[-1]


@dataclass
class Rig:
    """A relay with what surrounds it."""

    server: RelayServer
    admission: FreeAdmission
    told: Told
    policy: PolicyFile

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def url(self) -> str:
        return self.server.url


def new_relay(
    upstream_url: str,
    policy: dict[str, Any] | PolicyFile | None = None,
    *,
    api_key: str | None = None,
    is_open: bool = False,
    registry: ToolRegistry | None = None,
    operation: Any = None,
    clock: Any = None,
    port: int = 0,
    open_transport: Any = None,
    **more: Any,
) -> Rig:
    """Return a relay that is not started yet."""
    if not isinstance(policy, PolicyFile):
        policy = PolicyFile(policy_file.parse(policy or {}))
    clock = clock or SystemClock()
    admission, told = FreeAdmission(), Told()
    ways = {} if open_transport is None else {"open_transport": open_transport}
    service = Upstream(Target(url=upstream_url, model=MODEL, api_key=api_key), **ways)
    door = Door(admission, lambda: policy.policy, clock, own_token=TOKEN, is_open=is_open)
    around = Surroundings(admission, told, operation, registry or ToolRegistry())
    server = RelayServer("127.0.0.1", port, service, policy, door, around, clock=clock, **more)
    return Rig(server, admission, told, policy)


@asynccontextmanager
async def relaying(upstream_url: str, policy: Any = None, **options: Any):
    """A relay that runs."""
    rig = new_relay(upstream_url, policy, **options)
    await rig.server.start()
    try:
        yield rig
    finally:
        await rig.server.stop()


@asynccontextmanager
async def relaying_to_simulator(senses: Any = None, policy: Any = None, **options: Any):
    """A relay before a simulator; by default it lets everybody and everything pass."""
    options = {"is_open": policy is None, **options}
    async with (
        running(senses) as simulator,
        relaying(simulator.url, ANYTHING if policy is None else policy, **options) as relay,
    ):
        yield relay
