"""How many sessions go on at once, in all workers.

Time is cut into periods, and a session takes a seat in the present one and the next. So a session
that goes on is in every period before it begins, and the seats of a worker that was killed are free
again after two of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from console.realtime.refusal import Refusal
from console.relay.counters import Counters

_OF_ALL = "seats"


class SeatLimit(Protocol):
    """Says how many may be there at once."""

    @property
    def sessions(self) -> int | None:
        """How many; None: any number."""


class Seats:
    """Counts who is there."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

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
        seat = Seat(self._counters, [])
        for name, most, where in rows:
            if most is None:
                continue
            if await seat.add(name) > most:
                await seat.leave()
                raise _full(most, where)
        return seat


class Seat:
    """The seat of one session, in each row that is counted."""

    def __init__(self, counters: Counters, rows: Sequence[str]) -> None:
        self._counters = counters
        self._taken: dict[str, list[int]] = {name: [] for name in rows}

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
        coming = self._counters.period() + 1
        for name, taken in self._taken.items():
            for period in (coming - 1, coming):
                if period not in taken:
                    await self._counters.take_seat(name, period)
                    taken.append(period)
            del taken[: taken.index(coming - 1)]

    async def leave(self) -> None:
        """Give all places back."""
        now = self._counters.period()
        taken, self._taken = self._taken, {}
        for name, periods in taken.items():
            for period in periods:
                if period >= now:
                    await self._counters.leave_seat(name, period)


def _full(most: int, where: str) -> Refusal:
    sessions = "1 session" if most == 1 else f"{most} sessions"
    return Refusal(
        f"There may be {sessions} at once {where}, and there are. Try again when one has ended.",
        code="rate_limit_exceeded",
        kind="rate_limit_error",
    )
