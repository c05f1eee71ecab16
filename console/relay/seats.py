"""How many sessions go on at once, in all workers.

Time is cut into periods, and a session takes a seat in the present one and the next. So a session
that goes on is in every period before it begins, and the seats of a worker that was killed are free
again after two of them. Where the counters have forgotten everything, as a Redis that was started
again, those who sit put their seats back before anybody else takes one: at no worker, be it one that
has just begun and knows nothing of what was forgotten.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from typing import Final, Protocol

from console.realtime.refusal import Refusal
from console.relay.counters import Counters
from console.serving.shared_store import StoreAwayError

logger = logging.getLogger(__name__)

SETTLE_S: Final = 6.0
"""How long counters have to remember before anybody new gets a seat: whatever they have forgotten,
all workers have noticed it by then, and put back the seats of those who sit."""
NEW_COUNTERS: Final = (
    "the counters are new or have forgotten everything; nobody new is let in before all relays have "
    f"said who is there, for {SETTLE_S:.0f} seconds"
)
_OF_ALL: Final = "seats"


class SeatLimit(Protocol):
    """Says how many may be there at once."""

    @property
    def sessions(self) -> int | None:
        """How many; None: any number."""


class Seats:
    """Counts who is there."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._memory = ""
        """The name of what the counters remember, as far as it is known here."""
        self._taken: weakref.WeakSet[Seat] = weakref.WeakSet()
        self._checking = asyncio.Lock()

    async def check(self) -> None:
        """Return if it is known who is there.

        Raises:
            StoreAwayError: Nobody knows, or some have yet to put back what was forgotten.
        """
        async with self._checking:
            memory = await self._counters.memory()
            if memory.name != self._memory:
                for each in tuple(self._taken):
                    await each.keep()
                if memory.age_s < SETTLE_S:
                    logger.warning(NEW_COUNTERS)
                self._memory = memory.name
        if memory.age_s < SETTLE_S:
            raise StoreAwayError

    async def take(self, token: str, limit: SeatLimit, limit_of_all: SeatLimit) -> Seat:
        """Take a seat for a session.

        Args:
            token: The name of whose session it is.
            limit: How many they may have.
            limit_of_all: How many everybody may have together.

        Raises:
            Refusal: All seats are taken.
            StoreAwayError: Nobody knows.
        """
        rows = [
            (f"{_OF_ALL}/of/{token}", limit.sessions, "with this token"),
            (_OF_ALL, limit_of_all.sessions, "on this relay"),
        ]
        await self.check()
        seat = Seat(self._counters, self._memory)
        self._taken.add(seat)
        for name, most, where in rows:
            if most is None:
                continue
            if await seat.add(name) > most:
                await seat.leave()
                raise _full(most, where)
        return seat


class Seat:
    """The seat of one session, in each row that is counted."""

    def __init__(self, counters: Counters, memory: str) -> None:
        """Take no place yet.

        Args:
            counters: Where places are taken.
            memory: What they remember now.
        """
        self._counters = counters
        self._memory = memory
        self._taken: dict[str, list[int]] = {}
        self._changing = asyncio.Lock()

    async def add(self, name: str) -> int:
        """Take a place in one more row, and return how many are taken there now."""
        period = self._counters.period()
        taken = self._taken.setdefault(name, [])
        n_taken = await self._counters.take_seat(name, period)
        taken.append(period)
        await self._counters.take_seat(name, period + 1)
        taken.append(period + 1)
        return n_taken

    async def keep(self) -> None:
        """Take the places of the next period, too; to be called more than once in each."""
        async with self._changing:
            await self._forget_what_is_forgotten()
            coming = self._counters.period() + 1
            for name, taken in self._taken.items():
                for period in (coming - 1, coming):
                    if period not in taken:
                        await self._counters.take_seat(name, period)
                        taken.append(period)
                del taken[: taken.index(coming - 1)]

    async def leave(self) -> None:
        """Give all places back."""
        async with self._changing:
            # Whatever comes of it, nobody keeps them any more.
            rows, self._taken = self._taken, {}
            if rows and (await self._counters.memory()).name != self._memory:
                return
            now = self._counters.period()
            for name, periods in rows.items():
                for period in periods:
                    if period >= now:
                        await self._counters.leave_seat(name, period)

    async def _forget_what_is_forgotten(self) -> None:
        if self._taken and (memory := await self._counters.memory()).name != self._memory:
            self._memory = memory.name
            for taken in self._taken.values():
                taken.clear()


def _full(most: int, where: str) -> Refusal:
    sessions = "1 session" if most == 1 else f"{most} sessions"
    return Refusal(
        f"There may be {sessions} at once {where}, and there are. Try again when one has ended.",
        code="rate_limit_exceeded",
        kind="rate_limit_error",
    )
