"""Who may have a session, for how long and for how much, in all workers together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from limits import RateLimitItemPerMinute

from console import tasks
from console.clock import Clock
from console.realtime.prices import Cost, PriceTable
from console.realtime.refusal import Refusal
from console.relay.allowances import Allowance, LimitsOfAll, allowances_of
from console.relay.counters import Counters
from console.relay.observer import Observer, Spending
from console.relay.ports import Visitor
from console.relay.running_costs import RunningCosts
from console.relay.seats import Seat, Seats
from console.serving.shared_store import StoreAwayError
from console.serving.windows import Windows

logger = logging.getLogger(__name__)

COUNTERS_AWAY: Final = "the counters cannot be reached; sessions that go on are counted later"
NOBODY_IN: Final = "somebody was not let in: the counters cannot be reached, or are new"
TICK_S: Final = 5.0
"""How often time is counted; a worker that is killed loses at most so much of it."""
AWAY_TICK_S: Final = 1.0
"""How often it is tried whether the counters are back, and whether they have forgotten."""
AWAY: Final = (
    "The relay cannot count its sessions at present, and without that nobody new is let in. "
    "Try again in a moment."
)
TOO_MANY_GUESSES: Final = "Too many wrong tokens came from your address. Wait 5 minutes."
_WRONG_TOKENS: Final = RateLimitItemPerMinute(10)
_BAN: Final = RateLimitItemPerMinute(1, 5)


class Quotas:
    """Lets clients in as long as something is left of what they may use; an `Admission`."""

    def __init__(
        self,
        counters: Counters,
        windows: Windows,
        *,
        limits_of_all: Callable[[], LimitsOfAll],
        prices: PriceTable,
        price_model: str,
        is_sure: bool,
        observer: Observer,
        clock: Clock,
    ) -> None:
        """Prepare to count.

        Args:
            counters: What all workers share.
            windows: Where wrong tokens and beginnings of sessions are counted.
            limits_of_all: What everybody may use together, as the policy says now.
            prices: Of models.
            price_model: As which all models count; empty: each as itself.
            is_sure: Whether the service asks these prices.
            observer: Is told what is spent.
            clock: Time.
        """
        self._counters = counters
        self._seats = Seats(counters)
        self._limits_of_all = limits_of_all
        self._prices = prices
        self._price_model = price_model
        self._is_sure = is_sure
        self._observer = observer
        self._clock = clock
        self._windows = windows

    async def knock(self, address: str) -> Refusal | None:
        """Return why nobody at an address may show a token at present; None: they may."""
        if await self._windows.test(_BAN, "relay ban", address):
            return None
        return Refusal(TOO_MANY_GUESSES, code="rate_limit_exceeded", kind="rate_limit_error")

    async def wrong_token(self, address: str) -> None:
        """Take note that somebody at an address has shown a token that is none."""
        is_counted = await self._windows.hit(_WRONG_TOKENS, "wrong relay token", address)
        if not is_counted and await self._windows.hit(_BAN, "relay ban", address):
            logger.warning("%s has tried too many tokens; refused for 5 minutes", address)

    async def begin(self, visitor: Visitor, session_id: str) -> Lease:
        """Let somebody have a session.

        Raises:
            Refusal: They have as many as they may, nothing is left, or nobody knows.
        """
        allowances = allowances_of(visitor.token, visitor.limits, self._limits_of_all())
        costs = RunningCosts(self._prices, model=self._price_model, is_sure=self._is_sure)
        lease = Lease(
            session_id,
            self._counters,
            allowances,
            costs,
            observer=self._observer,
            clock=self._clock,
        )
        try:
            await lease.check()
            await self._count_start(visitor)
            lease.seat = await self._seats.take(
                visitor.token, visitor.limits, self._limits_of_all()
            )
        except StoreAwayError as error:
            logger.warning(NOBODY_IN)
            raise Refusal(AWAY, code="relay_counters_away", kind="server_error") from error
        return lease

    async def _count_start(self, visitor: Visitor) -> None:
        """Count a beginning.

        Raises:
            Refusal: There were too many in the last minute.
        """
        most = visitor.limits.starts_per_minute
        if most is None:
            return
        item = RateLimitItemPerMinute(most)
        if not await self._windows.hit(item, "relay start", visitor.token):
            sessions = "1 session" if most == 1 else f"{most} sessions"
            raise Refusal(
                f"No more than {sessions} may begin in a minute with this token. Try again in a "
                "moment.",
                code="rate_limit_exceeded",
                kind="rate_limit_error",
            )

    async def is_ready(self) -> bool:
        """Return whether somebody could be let in."""
        try:
            await self._seats.check()
        except StoreAwayError:
            return False
        return await self._counters.is_there()

    async def watch_counters(self) -> None:
        """Notice that the counters have forgotten, or are back, also while nobody comes.

        Whoever is let in first after that is not let in too early, and does not wait in vain.
        Never returns.
        """
        while True:
            with contextlib.suppress(StoreAwayError):
                await self._seats.check()
            await self._clock.sleep(AWAY_TICK_S)

    async def close(self) -> None:
        """Give the connections back."""
        await self._counters.close()


class Lease:
    """What one session may use; counted until `end`."""

    def __init__(
        self,
        session_id: str,
        counters: Counters,
        allowances: tuple[Allowance, ...],
        costs: RunningCosts,
        *,
        observer: Observer,
        clock: Clock,
    ) -> None:
        """Begin to count the time of a session.

        Args:
            session_id: Of which session.
            counters: What all workers share.
            allowances: The limits that hold for it.
            costs: Reckons what it costs.
            observer: Is told what is spent.
            clock: Time.
        """
        self.seat: Seat | None = None
        """Among those who are there at the same time."""
        self._session_id = session_id
        self._counters = counters
        self._allowances = allowances
        self._costs = costs
        self._observer = observer
        self._clock = clock
        self._began_s = self._counted_to_s = clock.now_s()
        self._dollars = 0.0
        self._is_away = False
        """Whether the counters were, when they were looked at last."""
        self._is_changed = asyncio.Event()
        self._lock = asyncio.Lock()
        self._uncounted: list[tuple[Allowance, float, float]] = []
        """What could not be counted when it was used: of what, how much, and how much of it held."""

    async def check(self) -> None:
        """Return if something is left of every limit.

        Raises:
            Refusal: One of them is used up.
            StoreAwayError: Nobody knows.
        """
        for each in self._allowances:
            if not each.is_of_session and each.is_used_up(await each.used(self._counters)):
                raise each.refusal()

    async def may_answer(self) -> None:
        """Return if an answer may be asked for.

        Raises:
            Refusal: Nothing is left, also when what others' answers may cost is set aside.
        """
        try:
            for each in self._allowances:
                if each.unit != "dollars":
                    continue
                used = self._dollars
                if not each.is_of_session:
                    used = await each.committed(self._counters) - self._costs.held
                if each.is_used_up(used):
                    raise each.refusal()
        except StoreAwayError:
            # Who was let in goes on: what they use is counted when that is possible again.
            logger.warning(COUNTERS_AWAY)

    async def charge(self, event: Mapping[str, Any]) -> None:
        """Count what an event of the service says; before the client is told of it."""
        change = self._costs.receive(event)
        if change is None:
            return
        dollars = change.spending.cost.dollars if change.spending is not None else 0.0
        self._dollars += dollars
        await self._count("dollars", dollars, change.held)
        if change.spending is not None:
            self._observer.session_spent(self._session_id, change.spending)
            self._is_changed.set()

    async def over(self) -> Refusal:
        """Return why the session has to end, when it has to; counts its time meanwhile."""
        while True:
            await self._wait(self._next_look_s())
            try:
                if self.seat is not None:
                    await self.seat.keep()
                self._is_away = False
                await self._count_time()
                if (used_up := await self._used_up()) is not None:
                    return used_up.refusal()
            except StoreAwayError:
                if not self._is_away:
                    logger.warning(COUNTERS_AWAY)
                self._is_away = True

    async def end(self) -> None:
        """Count the rest; what is set aside for answers whose end nobody saw counts as spent."""
        await self._count_time()
        if held := self._costs.held:
            await self._count("dollars", held, -held)
            spending = Spending(Cost(held, is_estimate=True))
            self._observer.session_spent(self._session_id, spending)
        if self.seat is not None:
            try:
                await self.seat.leave()
            except StoreAwayError:
                logger.warning(COUNTERS_AWAY)

    def _next_look_s(self) -> float:
        passed_s = self._clock.now_s() - self._began_s
        ends = (
            each.most * 60 - passed_s
            for each in self._allowances
            if each.is_of_session and each.unit == "minutes"
        )
        return max(0.0, min((AWAY_TICK_S if self._is_away else TICK_S, *ends)))

    async def _wait(self, for_s: float) -> None:
        """Wait for a time, or until something has been spent."""
        await tasks.run_until_first_ends(
            self._clock.sleep(for_s), self._is_changed.wait(), name="look at the limits"
        )
        self._is_changed.clear()

    async def _used_up(self) -> Allowance | None:
        minutes = (self._clock.now_s() - self._began_s) / 60
        for each in self._allowances:
            if each.is_of_session:
                used = minutes if each.unit == "minutes" else self._dollars
            else:
                used = await each.used(self._counters)
            if each.is_used_up(used):
                return each
        return None

    async def _count_time(self) -> None:
        now_s = self._clock.now_s()
        passed_s, self._counted_to_s = now_s - self._counted_to_s, now_s
        await self._count("minutes", passed_s / 60, 0.0)

    async def _count(self, unit: str, amount: float, held: float) -> None:
        for each in self._allowances:
            if each.unit == unit and not each.is_of_session and (amount or held):
                self._uncounted.append((each, amount, held))
        async with self._lock:
            while self._uncounted:
                # Taken out first: who is cancelled meanwhile has counted it, and not twice.
                entry = self._uncounted.pop(0)
                allowance, used, set_aside = entry
                try:
                    await allowance.add(self._counters, used, set_aside)
                except StoreAwayError:
                    self._uncounted.insert(0, entry)
                    logger.warning(COUNTERS_AWAY)
                    return
