"""A Redis in which several consoles count together, and what happens while it cannot be reached.

Nobody waits for it longer than a second. After a failure one question a second tries whether it is
back, and nobody else asks: a console goes on alone meanwhile, with what it knows.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from console import invocation, tasks
from console.clock import Clock
from console.errors import ConfigurationError
from console.scrubber import scrubber
from console.settings import MEMORY, Settings

if TYPE_CHECKING:
    import redis.asyncio

logger = logging.getLogger(__name__)

PACKAGE: Final = "redis"
INSTALL: Final = invocation.install_extra("redis")
PREFIX: Final = "realtime-console"
"""Of all its keys there."""
TIMEOUT_S: Final = 1.0
"""How long an answer is waited for."""
PAUSE_S: Final = 1.0
"""For how long it is not asked after it has not answered; then one question tries."""

T = TypeVar("T")


_COUNTS_ALONE: Final = "this console counts for itself"


class StoreAwayError(Exception):
    """Redis has not answered, or not in a way that helps; whoever asks goes on alone."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """Stands for an answer that there is not: nobody may be there any more to be told."""

    error: BaseException


class SharedStore:
    """The connection to a Redis, for everything that is counted there."""

    def __init__(self, url: str, clock: Clock, *, meanwhile: str = _COUNTS_ALONE) -> None:
        """Prepare it; nothing is connected before somebody asks.

        Args:
            url: As the settings have checked it.
            clock: Time.
            meanwhile: What is done while it cannot be used, for the log.

        Raises:
            ConfigurationError: The package for it is not installed.
        """
        if importlib.util.find_spec(PACKAGE) is None:
            raise ConfigurationError(f"--limits-storage needs the package {PACKAGE}: {INSTALL}")
        # Imported here: it comes with an extra, and most consoles need none of it.
        import redis.asyncio
        from redis.exceptions import RedisError

        self._url = url
        self._clock = clock
        self._meanwhile = meanwhile
        self._failures = (RedisError, OSError, TimeoutError)
        self._not_before_s = clock.now_s()
        self._is_trying = False
        """Whether one question tries if it is back."""
        self._n_answers = 0
        self._asking: set[asyncio.Task[Any]] = set()
        self.pool = redis.asyncio.ConnectionPool.from_url(url, **_options())
        """Its connections, for libraries that count there, too."""
        self.redis: redis.asyncio.Redis = redis.asyncio.Redis(connection_pool=self.pool)
        self.name = name_of(url)
        """What it is called in messages: its address without user and password."""
        self.remark = ""
        """What the owner should know of it, in a sentence; empty: all is well."""

    @classmethod
    def of(
        cls, settings: Settings, clock: Clock, *, meanwhile: str = _COUNTS_ALONE
    ) -> SharedStore | None:
        """Return the store that the settings name; None: everything is counted here alone.

        Raises:
            ConfigurationError: The package for it is not installed.
        """
        url = settings.limits_storage.get_secret_value()
        return None if url == MEMORY else cls(url, clock, meanwhile=meanwhile)

    def check(self) -> None:
        """Ask it at once whether it is there and lets us in; for before the event loop runs.

        Raises:
            ConfigurationError: It is not, or does not.
        """
        import redis

        try:
            with redis.Redis.from_url(self._url, **_options()) as trial:
                trial.ping()
        except self._failures as error:
            raise ConfigurationError(
                f"--limits-storage: {self.name} cannot be used ({_reason(error)}). Start that "
                "Redis or correct the address; without it each console counts for itself."
            ) from error

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """Return the answer to a question that uses the store.

        Raises:
            StoreAwayError: There is none, or was none a moment ago.
        """
        if not self.remark:
            return await self._asked(question)
        if self._is_trying or self._clock.now_s() < self._not_before_s:
            raise StoreAwayError
        self._is_trying = True
        try:
            return await self._asked(question)
        finally:
            self._is_trying = False

    async def _asked(self, question: Callable[[], Awaitable[T]]) -> T:
        n_answers = self._n_answers
        # In a task of its own: the library can swallow that who asks is being cancelled.
        asking = tasks.spawn(self._answer(question), name="ask Redis")
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        await asyncio.wait((asking,), timeout=TIMEOUT_S)
        if asking.done():
            answer = asking.result()
        else:
            asking.cancel()
            answer = _Failure(TimeoutError())
        if isinstance(answer, _Failure):
            # What was asked while it was away may fail after others have found it back.
            if self._n_answers == n_answers:
                self._has_gone(_reason(answer.error))
            raise StoreAwayError from answer.error
        self._is_there()
        return answer

    async def close(self) -> None:
        """Close its connections."""
        for asking in tuple(self._asking):
            await tasks.cancel(asking)
        await self.redis.aclose()
        await self.pool.aclose()

    async def _answer(self, question: Callable[[], Awaitable[T]]) -> T | _Failure:
        try:
            return await question()
        except self._failures as error:
            return _Failure(error)

    def _has_gone(self, reason: str) -> None:
        self._not_before_s = self._clock.now_s() + PAUSE_S
        if not self.remark:
            logger.warning("%s cannot be used (%s); %s", self.name, reason, self._meanwhile)
        self.remark = (
            f"{self.name} cannot be used ({reason}). Until it can, this console counts for itself, "
            "with what it knew last of the others."
        )

    def _is_there(self) -> None:
        self._n_answers += 1
        if self.remark:
            logger.warning("%s can be used again", self.name)
        self.remark = ""


def name_of(url: str) -> str:
    """Return a store's address as it may be shown: without user, password and options."""
    parts = urlsplit(url)
    return f"Redis at {parts.netloc.rpartition('@')[2]}{parts.path}"


def _options() -> dict[str, object]:
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # One more try at once: a connection that has been idle for long may have been closed.
    return {
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
        "retry": Retry(NoBackoff(), 1),
    }


def _reason(error: BaseException) -> str:
    return scrubber.without_secrets(str(error).rstrip(".")) or "no answer"
