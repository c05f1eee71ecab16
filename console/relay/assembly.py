"""Puts together what operates a relay: quotas, metrics, the log, the page, watching, the end."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from typing import Protocol

from websockets.datastructures import Headers

from console import tasks
from console.clock import Clock
from console.realtime.prices import PriceTable
from console.relay.counters import Counters
from console.relay.drain import Drain, DrainedServer
from console.relay.journal import Journal
from console.relay.metrics import Metrics
from console.relay.observer import Observers
from console.relay.operation import RelayOperation
from console.relay.policy_file import PolicyFile
from console.relay.quotas import Quotas
from console.relay.session_table import SessionTable
from console.relay.watch import Watch
from console.serving.shared_store import SharedStore
from console.serving.windows import windows_in


class RunningRelay(DrainedServer, Protocol):
    """What the parts ask of the server that they belong to."""

    @property
    def is_accepting(self) -> bool:
        """Whether anybody is let in."""

    def address_of(self, peer: str, headers: Headers) -> str:
        """Return from where somebody comes: the peer, or whom a proxy of ours names."""


@dataclass(slots=True)
class Parts:
    """What a server is given, and what is done with it at the end."""

    observers: Observers
    admission: Quotas
    operation: RelayOperation
    _drain: Drain
    _counts_with_others: bool
    _server: RunningRelay | None = None
    _watching: asyncio.Task[None] | None = None

    def serve(self, server: RunningRelay) -> None:
        """Say to which server the parts belong; they begin to look after their counters."""
        self._server = server
        if self._counts_with_others:
            self._watching = tasks.spawn(self.admission.watch_counters(), name="watch the counters")

    @property
    def is_accepting(self) -> bool:
        """Whether the server is there and lets somebody in."""
        return self._server is not None and self._server.is_accepting

    def address_of(self, peer: str, headers: Headers) -> str:
        """Return from where somebody comes."""
        return peer if self._server is None else self._server.address_of(peer, headers)

    async def drain(self, longest_s: float) -> None:
        """Let the sessions of the server finish what they are in the middle of, then end them.

        Args:
            longest_s: How long that may take.
        """
        if self._server is not None:
            await self._drain.run(self._server, longest_s)

    async def close(self) -> None:
        """Give back what is held."""
        await tasks.cancel(self._watching)
        await self.admission.close()


def build(
    policy: PolicyFile,
    *,
    prices: PriceTable,
    clock: Clock,
    operator_token: str = "",
    store: SharedStore | None = None,
    price_model: str = "",
    is_sure_of_prices: bool = False,
) -> Parts:
    """Build the parts for one relay.

    Args:
        policy: Names operators and limits.
        prices: Of models.
        clock: Time.
        operator_token: Of one operator more; empty: of none.
        store: Where all workers count; closed with the parts. None: this process counts for itself.
        price_model: As which all models are paid for; empty: each as itself.
        is_sure_of_prices: Whether the service asks these prices.
    """

    def operator(token: str) -> str | None:
        if operator_token and hmac.compare_digest(token.encode(), operator_token.encode()):
            return "operator"
        return policy.policy.operator(token, clock.wall_s())

    table, metrics, drain = SessionTable(clock), Metrics(), Drain(clock)
    watch = Watch(clock, may_be_watched=lambda: bool(operator_token or policy.policy.operators))
    observers = Observers([metrics, table, watch, Journal(clock), drain])
    admission = Quotas(
        Counters(store, wall_s=clock.wall_s),
        windows_in(store),
        limits_of_all=lambda: policy.policy.limits_of_all,
        prices=prices,
        price_model=price_model,
        is_sure=is_sure_of_prices,
        observer=observers,
        clock=clock,
    )
    operation = RelayOperation(
        operator=operator,
        admission=admission,
        is_ready=admission.is_ready,
        is_accepting=lambda: parts.is_accepting,
        address_of=lambda peer, headers: parts.address_of(peer, headers),
        table=table,
        metrics=metrics,
        watch=watch,
    )
    parts = Parts(observers, admission, operation, drain, store is not None)
    return parts
