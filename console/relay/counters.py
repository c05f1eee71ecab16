"""Sums that all workers share: in Redis, or in this process where there is only one."""

from __future__ import annotations

import datetime
import math
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from limits.aio.storage import MemoryStorage, RedisStorage, Storage

from console.serving.shared_store import PREFIX, SharedStore, StoreAwayError

PERIOD_S: Final = 30
"""How long the seat of a session whose worker was killed stays taken at least; twice that at most."""
MEMORY_KEY: Final = f"{PREFIX}:relay/memory"
"""Under which a Redis keeps the name of what it remembers; it is gone with all the rest."""
_DAY_S: Final = 2 * 86_400
_FOR_EVER_S: Final = 10 * 366 * 86_400
_KEEP_HOLDS_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class Memory:
    """What tells whether the counters have forgotten something."""

    name: str
    """Another one where all has been forgotten since."""
    age_s: float
    """For how long it has been remembered, by the one clock of those who remember."""


_OWN: Final = Memory("", math.inf)
"""Of this process: it forgets nothing as long as it is there."""


class Counters:
    """Whole numbers by name, which forget themselves when their time is over.

    Where they are in a Redis that does not answer, all that asks for them raises `StoreAwayError`.
    """

    def __init__(self, store: SharedStore | None, *, wall_s: Callable[[], float]) -> None:
        """Begin to count.

        Args:
            store: The Redis; None: this process counts for itself.
            wall_s: Seconds since 1970; all workers have about the same.
        """
        self._store = store
        self._wall_s = wall_s
        self._storage: Storage
        if store is None:
            self._storage = MemoryStorage()
        else:
            self._storage = RedisStorage(
                "async+redis://",
                implementation="redispy",
                key_prefix=f"{PREFIX}:relay",
                connection_pool=store.pool,  # type: ignore[arg-type]  # as documented; its type says less
            )

    async def close(self) -> None:
        """Give the connections back."""
        if self._store is not None:
            await self._store.close()

    async def is_there(self) -> bool:
        """Return whether it can be counted now; tried in the way in which a session takes its seat."""
        try:
            await self.take_seat("readiness", self.period())
        except StoreAwayError:
            return False
        return True

    async def memory(self) -> Memory:
        """Return what is remembered, and since when; whoever asks first begins it for all."""
        store = self._store
        if store is None:
            return _OWN

        async def ask() -> tuple[int, int]:
            async with store.redis.pipeline(transaction=True) as questions:
                questions.set(MEMORY_KEY, secrets.randbits(62), nx=True, ex=_FOR_EVER_S)
                questions.get(MEMORY_KEY)
                questions.pttl(MEMORY_KEY)
                _, name, left_ms = await questions.execute()
            return int(name), left_ms

        name, left_ms = await store.ask(ask)
        # What is still to live says how long it has lived, and Redis alone reckons both.
        return Memory(str(name), _FOR_EVER_S - left_ms / 1000)

    async def add(self, name: str, amount: int) -> int:
        """Add to a sum that is to stay, and return it."""
        return await self._add(name, amount, _FOR_EVER_S)

    async def add_today(self, name: str, amount: int) -> int:
        """Add to the sum of this day (UTC), and return it."""
        return await self._add(self._of_today(name), amount, _DAY_S)

    async def add_for_now(self, name: str, amount: int) -> int:
        """Add to a sum that is forgotten an hour after its first change, and return it."""
        return await self._add(name, amount, _KEEP_HOLDS_S)

    async def get(self, name: str) -> int:
        """Return a sum that stays."""
        return await self._ask(lambda: self._storage.get(name))

    async def get_today(self, name: str) -> int:
        """Return the sum of this day."""
        return await self.get(self._of_today(name))

    async def take_seat(self, name: str, period: int) -> int:
        """Take a seat for a period, and return how many are taken now."""
        return await self._add(f"{name}/{period}", 1, 3 * PERIOD_S)

    async def leave_seat(self, name: str, period: int) -> None:
        """Give a seat of a period back."""
        await self._add(f"{name}/{period}", -1, 3 * PERIOD_S)

    def period(self) -> int:
        """Return the number of the present period of seats."""
        return int(self._wall_s() // PERIOD_S)

    def _of_today(self, name: str) -> str:
        day = datetime.datetime.fromtimestamp(self._wall_s(), datetime.UTC).date()
        return f"{name}/{day.isoformat()}"

    async def _add(self, name: str, amount: int, expiry_s: int) -> int:
        return await self._ask(lambda: self._storage.incr(name, expiry_s, amount=amount))

    async def _ask(self, question: Callable[[], Awaitable[int]]) -> int:
        return await (question() if self._store is None else self._store.ask(question))
