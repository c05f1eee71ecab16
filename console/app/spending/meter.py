"""Follows one session: counts its minutes and its money, warns, and ends it at a limit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import tasks
from console.app.spending.answer_costs import AnswerCosts
from console.app.spending.budget import Account, Budget
from console.app.spending.caps import CLOSE_MINUTES, NOTHING, Cap, Payer, amount, tightest
from console.app.spending.ledger import Spent
from console.app.spending.state import CapState, SpendingState
from console.app.view_model import Notice, Phase, ViewModel
from console.client.client import RealtimeClient
from console.client.happenings import ConnectionChanged, RealtimeEvent
from console.clock import Clock
from console.errors import ConsoleError
from console.realtime.events import Event
from console.realtime.fields import mapping, text
from console.realtime.prices import SIMULATOR, Cost, PriceTable
from console.signals import Signal

logger = logging.getLogger(__name__)

TICK_S: Final = 5.0
"""How often time is counted; a kill loses at most so much of it."""
LOOK_AGAIN_S: Final = 60.0
"""How often it is looked whether another day has begun, where nothing is left of this one."""
LAST_WORDS_S: Final = 1.0
"""How long the cost of a cancelled answer is waited for before the line is closed."""
NOTICE: Final = "spending"
FREE: Final = "The simulator costs nothing: limits in dollars are never reached with it, those in minutes are."
_HELD: Final = (
    "This answer was stopped: what is left of the limit is set aside for an answer in another "
    "session. Ask again when that has ended."
)
_ENDS_THEN: Final = "The session ends when it is reached."


@dataclass(frozen=True, slots=True)
class Costed:
    """What one thing has cost, as soon as it is known."""

    name: str
    """The id of the response, or of the item whose speech was written down."""
    cost: Cost


class SessionMeter:
    """Counts one console session for its payer."""

    def __init__(
        self,
        budget: Budget,
        payer: Payer,
        view: ViewModel,
        clock: Clock,
        *,
        hang_up: Callable[[str], Coroutine[Any, Any, None]],
    ) -> None:
        """Prepare to count.

        Args:
            budget: Of the process.
            payer: Whose session it is.
            view: What the page shows; changed here.
            clock: Time.
            hang_up: Ends the session with a sentence that says why.
        """
        self.costed: Signal[Costed] = Signal("costed")
        """A response is done, or speech was written down; told after it is in the counter."""
        self._budget = budget
        self._payer = payer
        self._view = view
        self._clock = clock
        self._hang_up = hang_up
        self._caps = budget.caps_of(payer)
        self._account = Account(payer)
        self._client: RealtimeClient | None = None
        self._costs = AnswerCosts(budget, self._account, None)
        self._warned: set[Cap] = set()
        self._is_begun = False
        self._is_running = False
        self._counted_to_s: float | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._stop_following = budget.changed.connect(lambda _: self._others_have_spent())
        self._show()

    @property
    def spent(self) -> Spent:
        """What the present session has used so far."""
        return self._account.spent

    @property
    def prices(self) -> PriceTable:
        """What it costs."""
        return self._budget.prices

    @property
    def is_free(self) -> bool:
        """Whether nothing that is said costs anything: with the simulator, unless it has prices."""
        sums = (
            self._budget.prices.of_tokens(SIMULATOR, kind, "output", 1)
            for kind in ("audio", "text")
        )
        return self._view.target.is_simulator and not any(each.dollars for each in sums)

    @property
    def limits(self) -> tuple[Cap, ...]:
        """What may be used, whoever has said so."""
        return self._caps

    @property
    def limits_of_others(self) -> tuple[Cap, ...]:
        """What may be used, whatever budget the user has set."""
        return self._budget.caps_of(self._payer)

    def keep_to(self, own: Sequence[Cap]) -> None:
        """Hold this session, and those begun after it here, to a budget of the user's own.

        What may be used anyway stays the most; the warnings of a new budget come anew.
        """
        self._caps = tightest((*self._budget.caps_of(self._payer), *own))
        self._warned &= set(self._caps)
        for notice in list(self._view.notices):
            if notice.notice_id.startswith(f"{NOTICE}-session-"):
                self._view.dismiss(notice.notice_id)
        if self._counted_to_s is None:
            self._show()
        else:
            self._check()

    async def begin(self) -> str:
        """Begin to count a new session.

        Returns:
            Why there may be none, in a sentence; empty: it may begin.
        """
        await self._budget.refresh()
        self._account = Account(self._payer)
        self._costs = AnswerCosts(self._budget, self._account, None)
        self._warned.clear()
        self._show()
        for cap in self._caps:
            if cap.is_reached(spent := self._budget.committed(cap, self._account)):
                return cap.reached_sentence(spent)
        self._is_begun = False
        return await self._budget.starts.refusal(self._payer)

    def follow(self, client: RealtimeClient) -> None:
        """Count what happens on the line of `client` from now on.

        To be called before anybody else listens: what an answer has cost is in the counter
        before anything else is done with it.
        """
        self._client = client
        target = None if self._view.target.is_simulator else client.target
        self._costs = AnswerCosts(self._budget, self._account, target)
        client.on("realtime.event", self._event)
        client.on("connection.changed", self._connection_changed)

    async def close(self) -> None:
        """Count what is left and end."""
        self._stop_following()
        self._stop_counting()
        await tasks.cancel(self._ending)
        await tasks.cancel(self._waiting)

    # Time

    def _connection_changed(self, change: ConnectionChanged) -> None:
        if change.phase == "open":
            self._stop_counting()
            self._is_running = True
            self._counted_to_s = self._clock.now_s()
            self._show()
            self._warn_anew()
            self._ticking = tasks.spawn(self._tick(), name="count minutes")
            if not self._is_begun:  # what fails before is no session, and no fault of the guest
                self._is_begun = True
                tasks.spawn(self._count_beginning(), name="count a beginning")
        elif change.phase != "connecting":
            self._is_running = self._is_running and change.phase != "closed"
            self._stop_counting()

    async def _count_beginning(self) -> None:
        if refusal := await self._budget.starts.begin(self._payer):
            self._end_at(refusal)

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(TICK_S)
            self._count_time()
            self._check()

    def _count_time(self) -> None:
        if self._counted_to_s is not None:
            now_s = self._clock.now_s()
            self._budget.add_time(self._account, now_s - self._counted_to_s)
            self._counted_to_s = now_s

    def _stop_counting(self) -> None:
        """Count what is left of time, and of answers whose end will never be told."""
        self._count_time()
        self._counted_to_s = None
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        for response_id in self._costs.under_way:
            self._settle(response_id, None)
        self._show()

    # Money

    def _event(self, told: RealtimeEvent) -> None:
        if told.source != "server":
            return
        event = told.event
        match event.type:
            case "session.created" | "session.updated":
                self._costs.session_told(mapping(event.fields, "session"))
            case "response.created":
                self._answer_begins(text(mapping(event.fields, "response"), "id"))
            case "response.output_audio.delta" | "response.output_audio_transcript.delta":
                self._answer_comes(event)
            case "response.output_text.delta" | "response.function_call_arguments.delta":
                self._answer_comes(event)
            case "response.done":
                response = mapping(event.fields, "response")
                self._settle(text(response, "id"), response)
                self._check()
            case "conversation.item.input_audio_transcription.completed":
                cost = self._costs.transcript(event)
                self.costed.emit(Costed(text(event.fields, "item_id"), cost))
                self._check()

    def _answer_begins(self, response_id: str) -> None:
        is_held = any(
            cap.is_reached(self._budget.committed(cap, self._account))
            and not cap.is_reached(self._budget.spent(cap, self._account))
            for cap in self._caps
        )
        self._costs.begins(response_id)
        if is_held:
            self._view.add_notice(Notice(NOTICE, "warning", _HELD))
            tasks.spawn(self._cancel_answer(), name="stop an answer that is too much")
        else:
            self._check()

    def _answer_comes(self, event: Event) -> None:
        if self._costs.comes(event):
            self._check()

    def _settle(self, response_id: str, response: Mapping[str, Any] | None) -> None:
        cost = self._costs.settle(response_id, response)
        self.costed.emit(Costed(response_id, cost))
        self._show()

    # Limits

    def _check(self) -> None:
        """Warn of limits that are near, and end the session at one that is reached."""
        self._show()
        seen = self._costs.seen
        for cap in self._caps:
            spent = self._budget.spent(cap, self._account)
            if cap.is_reached(spent + seen):
                self._end_at(cap.reached_sentence(spent, seen))
                return
            if cap.is_near(spent + seen) and cap not in self._warned:
                self._warned.add(cap)
                self._warn(cap, spent, seen)

    def _warn(self, cap: Cap, spent: Spent, seen: Spent) -> None:
        sentence, ends_at_s = cap.near_sentence(spent, seen), self._end_of(cap, spent)
        if ends_at_s is None:
            sentence = f"{sentence} {_ENDS_THEN}"
        self._view.add_notice(Notice(_notice_id(cap), "warning", sentence, ends_at_s=ends_at_s))

    def _warn_anew(self) -> None:
        """Tell a later end: without a line no time was counted."""
        shown = {each.notice_id for each in self._view.notices}
        for cap in self._warned:
            if _is_time_of_session(cap) and _notice_id(cap) in shown:
                self._warn(cap, self._budget.spent(cap, self._account), NOTHING)

    def _end_at(self, sentence: str) -> None:
        if self._ending is None or self._ending.done():
            self._ending = tasks.spawn(self._end(sentence), name="end at a limit")

    async def _end(self, sentence: str) -> None:
        await self._cancel_answer()
        if self._costs.under_way and self._client is not None:
            client = self._client
            await tasks.run_until_first_ends(
                self._wait_for_answers(client),
                self._clock.sleep(LAST_WORDS_S),
                name="last words",
            )
        await self._hang_up(sentence)

    async def _wait_for_answers(self, client: RealtimeClient) -> None:
        while self._costs.under_way:
            try:
                await client.wait_for_next("response.updated")
            except ConsoleError:
                return

    async def _cancel_answer(self) -> None:
        if self._client is None or self._view.phase is not Phase.CONNECTED:
            return
        try:
            await self._client.cancel_response()
        except ConsoleError as error:
            logger.info("an answer could not be cancelled at a limit: %s", error)

    # What the page shows

    def _others_have_spent(self) -> None:
        if self._counted_to_s is None:  # else it is shown as often as time is counted
            self._show()

    def _show(self) -> None:
        spent, obstacle = self._account.spent, self._obstacle()
        self._view.set_spending(
            SpendingState(
                dollars=amount(spent.dollars, "dollars") if spent.dollars else "",
                is_estimate=spent.estimated > 0,
                prices=f"prices of {self._budget.prices.as_of.isoformat()}",
                caps=tuple(self._state_of(cap) for cap in self._caps if self._is_told(cap)),
                is_running=self._is_running,
                obstacle=obstacle,
                remark="" if self._payer.is_guest else self._remark(),
            )
        )
        is_waiting = self._waiting is not None and not self._waiting.done()
        if obstacle and not is_waiting:
            self._waiting = tasks.spawn(self._wait_for_a_day(), name="wait for the next day")

    def _remark(self) -> str:
        is_idle = self.is_free and any(each.unit == "dollars" for each in self._caps)
        return " ".join(filter(None, (self._budget.remark, FREE if is_idle else "")))

    def _obstacle(self) -> str:
        for cap in self._caps:
            is_anew = cap.scope == "session"
            spent = NOTHING if is_anew else self._budget.spent(cap, self._account)
            if obstacle := cap.obstacle(spent):
                return obstacle
        return ""

    async def _wait_for_a_day(self) -> None:
        # The wall clock may jump, and goes on while the machine is suspended.
        while self._obstacle():
            await self._clock.sleep(LOOK_AGAIN_S)
        self._show()

    def _is_told(self, cap: Cap) -> bool:
        """Return whether it concerns anybody: a guest does not pay for what costs nothing."""
        is_idle = cap.unit == "dollars" and self._payer.is_guest and self.is_free
        return not is_idle or cap.is_reached(self._spent_now(cap))

    def _spent_now(self, cap: Cap) -> Spent:
        """Return what was used of a limit; of that of a session nothing, where none runs."""
        is_anew = cap.scope == "session" and not self._is_running
        return NOTHING if is_anew else self._budget.spent(cap, self._account)

    def _state_of(self, cap: Cap) -> CapState:
        spent = self._spent_now(cap)
        is_anew = cap.scope == "session" and not self._is_running
        return CapState(
            scope=cap.scope,
            used=cap.used_words(spent),
            most=amount(cap.most, cap.unit, with_unit=True),
            left=cap.most_words() if is_anew else cap.left_words(spent),
            is_near=cap.is_near(spent),
            is_reached=cap.is_reached(spent),
            is_less=any(
                cap.left(spent) < each.left(self._spent_now(each))
                for each in self._caps
                if (each.scope, each.unit) == ("session", cap.unit)
            ),
            ends_at_s=self._end_of(cap, spent) if cap.left(spent) < CLOSE_MINUTES else None,
        )

    def _end_of(self, cap: Cap, spent: Spent) -> float | None:
        """Return when a session ends; None: no time is counted, or the limit is another."""
        if self._counted_to_s is None or not _is_time_of_session(cap):
            return None  # when that is depends on what is said, and on others
        uncounted_s = self._clock.now_s() - self._counted_to_s
        return self._clock.wall_s() + cap.left(spent) * 60 - uncounted_s


def _is_time_of_session(cap: Cap) -> bool:
    return cap.scope == "session" and cap.unit == "minutes"


def _notice_id(cap: Cap) -> str:
    return f"{NOTICE}-{cap.scope}-{cap.unit}"
