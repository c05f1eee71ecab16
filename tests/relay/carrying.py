"""One session of a relay between two ends that are the test."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any

from console import tasks
from console.client.targets import Target
from console.clock import SystemClock
from console.relay import policy_file
from console.relay.observer import SessionFacts
from console.relay.session import RelaySession
from console.relay.upstream import Upstream
from console.relay.visit import Visit
from console.tools.registry import ToolRegistry
from tests.fakes import FakeTransport
from tests.relay.rig import MODEL, FreeLease
from tests.relay.told import Told

KEY = "planted-0010-of-the-relay"
FACTS = SessionFacts("session-1", "shop", "203.0.113.5", "ga", MODEL, "service.example", 0.0)


class Carried:
    """A session, and the test's end of each of its lines."""

    def __init__(self, policy: Any, registry: ToolRegistry | None, *, is_beta: bool) -> None:
        self.client, self.service = FakeTransport(), FakeTransport()
        self.lease, self.told = FreeLease(), Told()
        target = Target(url="wss://service.example/v1/realtime", model=MODEL, api_key=KEY)
        self.session = RelaySession(
            self.client,
            Visit("realtime", MODEL, is_beta),
            FACTS,
            policy=policy_file.parse(policy or {}),
            service=Upstream(target, self._open),
            lease=self.lease,
            observer=self.told,
            clock=SystemClock(),
            registry=registry or ToolRegistry(),
        )

    async def _open(self, url: str, headers: Any, timeout_s: float) -> FakeTransport:
        return await self.service.open(url, headers, timeout_s)

    def begin(self, **session: Any) -> None:
        """Let the service begin a session."""
        self.service.deliver("session.created", session={"id": "sess_1", **session})


@asynccontextmanager
async def carrying(
    policy: Any = None, registry: ToolRegistry | None = None, *, is_beta: bool = False
):
    """A session that runs; what neither end has expected fails."""
    carried = Carried(policy, registry, is_beta=is_beta)
    running = tasks.spawn(carried.session.run(), name="session")
    try:
        yield carried
        await carried.client.finish()
        await carried.service.finish()
    finally:
        carried.client.hang_up()
        await running
