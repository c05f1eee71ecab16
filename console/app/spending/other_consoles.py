"""What other consoles have counted that share a Redis with this one.

Each console has a counter of its own, which is a file and holds whether or not there is a Redis.
There it writes what its counter says of today and of all days, under a name that the counter keeps;
the sum of the others is what they have spent. Numbers are replaced and never added to: what is
written twice counts once, what was lost there is written again, and a console that was killed
writes what its file holds when it starts.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping
from typing import Final

import orjson

from console import tasks
from console.app.spending.ledger import Ledger, Spent
from console.clock import Clock
from console.serving.shared_store import PAUSE_S, PREFIX, SharedStore, StoreAwayError
from console.signals import Signal

logger = logging.getLogger(__name__)

GAP_S: Final = 0.1
"""Between two exchanges; what changes meanwhile goes together."""
LOOK_S: Final = 5.0
"""How often the others' sums are looked at where nothing is counted."""
KEPT_S: Final = 7 * 86_400
"""For how long a day stays there."""
TOTAL_KEY: Final = f"{PREFIX}:spent"
Told = Mapping[bytes, bytes]


class OtherConsoles:
    """Tells the others what this console counts, and knows what they have counted."""

    def __init__(self, own: Ledger, store: SharedStore, clock: Clock) -> None:
        """Know nothing of them yet.

        Args:
            own: The counter of this console.
            store: Where they meet.
            clock: Time.
        """
        self.changed: Signal[None] = Signal("sums of other consoles")
        """What they have counted as far as it is known here, or the remark, is another."""
        self._own = own
        self._store = store
        self._clock = clock
        self._is_counted = asyncio.Event()
        self._day = ""
        self._by_person: dict[str, Spent] = {}
        self._today = Spent()
        self._total = Spent()
        self._told: object = None
        self._has_complained = False
        self._running: asyncio.Task[None] | None = None

    @property
    def remark(self) -> str:
        """What the owner should know, in a sentence; empty: all is well."""
        return self._store.remark

    def spent(self, *, day: str | None = None, person: str | None = None) -> Spent:
        """Return what the others have counted, as far as it is known here.

        Args:
            day: Today, or None for all days; of other days nothing is known.
            person: Who; None for everybody. Of all days only the sum of everybody is known.
        """
        if day is None:
            return self._total if person is None else Spent()
        if day != self._day:
            return Spent()
        return self._today if person is None else self._by_person.get(person, Spent())

    def start(self) -> None:
        """Tell the others from now on whenever something was counted here, and hear of them."""
        self._is_counted.set()
        self._running = tasks.spawn(self._keep_up(), name="exchange sums with other consoles")

    def note_change(self) -> None:
        """Something was counted here."""
        self._is_counted.set()

    async def exchange(self) -> bool:
        """Tell and hear everything now; returns whether that was possible."""
        is_heard = await self._exchange()
        known = (self.remark, self._day, self._by_person, self._total)
        if known != self._told:
            self._told = known
            self.changed.emit(None)
        return is_heard

    async def close(self) -> None:
        """Tell the others the last of it, if they can be reached at once, and leave."""
        await tasks.cancel(self._running)
        if not await self.exchange():
            logger.info("the last sums were not told to other consoles; the next start tells them")
        await self._store.close()

    async def _exchange(self) -> bool:
        day = self._own.today()
        try:
            people, totals = await self._store.ask(lambda: self._tell_and_hear(day))
        except StoreAwayError:
            return False
        prefix = f"{self._own.id} ".encode()
        by_person: dict[str, Spent] = {}
        for field, told in people.items():
            if not field.startswith(prefix):
                person = field.partition(b" ")[2].decode("utf-8", "replace")
                by_person[person] = by_person.get(person, Spent()) + self._amount(told)
        self._day, self._by_person = day, by_person
        self._today = sum(by_person.values(), Spent())
        others = [told for name, told in totals.items() if name != self._own.id.encode()]
        self._total = sum(map(self._amount, others), Spent())
        return True

    async def _keep_up(self) -> None:
        while True:
            await tasks.run_until_first_ends(
                self._is_counted.wait(), self._clock.sleep(LOOK_S), name="look at other consoles"
            )
            self._is_counted.clear()
            if await self.exchange():
                await self._clock.sleep(GAP_S)
            else:
                self._is_counted.set()
                await self._clock.sleep(PAUSE_S)

    async def _tell_and_hear(self, day: str) -> tuple[Told, Told]:
        own = self._own
        people = {f"{own.id} {who}": _packed(each) for who, each in own.people(day).items()}
        of_day = f"{TOTAL_KEY}:{day}"
        async with self._store.redis.pipeline(transaction=True) as pipe:
            if people:
                pipe.hset(of_day, mapping=people)
                pipe.expire(of_day, KEPT_S)
            pipe.hset(TOTAL_KEY, own.id, _packed(own.spent()))
            pipe.hgetall(of_day)
            pipe.hgetall(TOTAL_KEY)
            *_, heard_of_day, heard_of_all = await pipe.execute()
        return heard_of_day, heard_of_all

    def _amount(self, told: bytes) -> Spent:
        """Return an amount as another console has told it; nothing for what is none."""
        try:
            seconds, dollars, estimated = map(float, orjson.loads(told))
        except (ValueError, TypeError):
            seconds, dollars, estimated = math.nan, math.nan, math.nan
        found = Spent(seconds, dollars, estimated)
        if all(math.isfinite(each) and each >= 0 for each in (seconds, dollars, estimated)):
            return found
        if not self._has_complained:
            self._has_complained = True
            logger.warning("%s holds sums that no console has written", self._store.name)
        return Spent()


def _packed(spent: Spent) -> str:
    # What was held and given back again may leave a rounding error below nothing.
    amounts = (spent.seconds, spent.dollars, spent.estimated)
    return orjson.dumps([max(0.0, each) for each in amounts]).decode()
