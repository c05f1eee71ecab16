"""How often something has happened lately, by a key: counted here, or together with other consoles."""

from __future__ import annotations

from typing import Final, Protocol

from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter as SharedLimiter
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from console.serving.shared_store import PREFIX, SharedStore, StoreAwayError

MAX_KEYS: Final = 10_000
"""With more keys than these, those are forgotten of which nothing is counted any more."""


class Windows(Protocol):
    """Counts by windows that move: at any time, what has happened in the time before it."""

    async def hit(self, item: RateLimitItem, name: str, key: str) -> bool:
        """Count something, unless it has happened too often; returns whether it was counted.

        Args:
            item: How often in how long.
            name: What happens.
            key: To or by whom.
        """

    async def test(self, item: RateLimitItem, name: str, key: str) -> bool:
        """Return whether it could be counted, without counting it."""


class OwnWindows:
    """Counted in this process, and forgotten with it."""

    def __init__(self) -> None:
        self._limiter: MovingWindowRateLimiter | None = None

    async def hit(self, item: RateLimitItem, name: str, key: str) -> bool:
        """Count something, unless it has happened too often; returns whether it was counted."""
        return self._kept().hit(item, name, key)

    async def test(self, item: RateLimitItem, name: str, key: str) -> bool:
        """Return whether it could be counted, without counting it."""
        return self._kept().test(item, name, key)

    def _kept(self) -> MovingWindowRateLimiter:
        # Made when it is needed: the library starts a thread for it.
        if self._limiter is None:
            self._limiter = MovingWindowRateLimiter(MemoryStorage())
        storage = self._limiter.storage
        assert isinstance(storage, MemoryStorage)
        # The library takes old entries away, and leaves the keys.
        if len(storage.events) > MAX_KEYS:
            for key in [key for key, entries in storage.events.items() if not entries]:
                storage.events.pop(key, None)
        return self._limiter


class SharedWindows:
    """Counted in a Redis, for all consoles that share it.

    Everything is counted here as well, so that nobody begins anew when Redis goes away.
    """

    def __init__(self, store: SharedStore) -> None:
        self._store = store
        self._own = OwnWindows()
        pool = store.pool
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix=f"{PREFIX}:windows",
            connection_pool=pool,  # type: ignore[arg-type]  # as documented; its type says less
        )
        self._limiter = SharedLimiter(storage)

    async def hit(self, item: RateLimitItem, name: str, key: str) -> bool:
        """Count something, unless it has happened too often; returns whether it was counted."""
        is_counted_here = await self._own.hit(item, name, key)
        try:
            return await self._store.ask(lambda: self._limiter.hit(item, name, key))
        except StoreAwayError:
            return is_counted_here

    async def test(self, item: RateLimitItem, name: str, key: str) -> bool:
        """Return whether it could be counted, without counting it."""
        try:
            return await self._store.ask(lambda: self._limiter.test(item, name, key))
        except StoreAwayError:
            return await self._own.test(item, name, key)


def windows_in(store: SharedStore | None) -> Windows:
    """Return windows that are counted in a store; without one, in this process."""
    return OwnWindows() if store is None else SharedWindows(store)
