"""A relay with all that operates it, on a loopback port."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any

from console.client.targets import Target
from console.clock import SystemClock
from console.realtime.prices import PriceTable
from console.relay import policy_file
from console.relay.assembly import Parts, build
from console.relay.door import Door
from console.relay.policy_file import PolicyFile
from console.relay.server import RelayServer, Surroundings
from console.relay.upstream import Upstream

OPERATOR = "operators-token-0123"
NOBODY = "ws://127.0.0.1:9/v1/realtime"
PRICES = PriceTable.read()


class Operated:
    """The relay and its parts."""

    def __init__(
        self,
        service_url: str = NOBODY,
        policy: dict[str, Any] | None = None,
        *,
        is_open: bool = False,
        **options: Any,
    ) -> None:
        clock, file = SystemClock(), PolicyFile(policy_file.parse(policy or {}))
        self.parts: Parts = build(
            file, prices=PRICES, clock=clock, **{"operator_token": OPERATOR, **options}
        )
        self.server = RelayServer(
            "127.0.0.1",
            0,
            Upstream(Target(url=service_url, model="gpt-realtime-2.1")),
            file,
            Door(self.parts.admission, lambda: file.policy, clock, is_open=is_open),
            Surroundings(self.parts.admission, self.parts.observers, self.parts.operation),
            clock=clock,
        )
        self.parts.serve(self.server)

    async def stop(self) -> None:
        """End it."""
        await self.server.stop()
        await self.parts.close()


@asynccontextmanager
async def operated(*args: Any, **options: Any):
    """A relay that runs."""
    relay = Operated(*args, **options)
    await relay.server.start()
    try:
        yield relay
    finally:
        await relay.stop()
