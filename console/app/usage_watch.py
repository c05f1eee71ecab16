"""Follows one session's use: its turns with what they cost, the service's limits, context, time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from console import tasks
from console.app import usage_report
from console.app.event_log import EventLog
from console.app.spending import own_budget
from console.app.spending.caps import Cap, amount
from console.app.spending.meter import FREE, Costed, SessionMeter
from console.app.view_model import Phase, UsageBrief, ViewModel
from console.client.client import RealtimeClient
from console.client.happenings import RealtimeEvent
from console.clock import Clock
from console.realtime.fields import mapping, mappings, number, text
from console.realtime.usage import SessionUsage, TokenUsage

TELL_AFTER_S: Final = 0.25
"""What changes together is told together: the page is not told more often than this."""
MAX_LIMITS: Final = 16
"""Rate limits that are shown of those that a server sends."""


@dataclass(frozen=True, slots=True)
class ServiceLimit:
    """One limit of the service."""

    name: str
    limit: float | None
    remaining: float | None
    resets_at_s: float | None
    """On the clock that never goes back; None: not said."""


class UsageWatch:
    """What one console session uses."""

    def __init__(self, log: EventLog, meter: SessionMeter, view: ViewModel, clock: Clock) -> None:
        """Prepare to follow a client.

        Args:
            log: Of the session; its turns are told what they cost.
            meter: Counts its money.
            view: Is told when there is something new.
            clock: Time.
        """
        self._log = log
        self._meter = meter
        self._view = view
        self._clock = clock
        self._client: RealtimeClient | None = None
        self._own: tuple[Cap, ...] = ()
        self._told: tuple[Any, ...] = ()
        self._n_changes = 0
        self._telling: asyncio.Task[None] | None = None
        self._limits: list[ServiceLimit] = []
        self._context = 0
        self._ends_at_s: float | None = None
        self._model = ""
        meter.costed.connect(self._costed)

    def follow(self, client: RealtimeClient) -> None:
        """Follow what happens on the line of `client` from now on."""
        self._client = client
        client.on("realtime.event", self._event)
        client.on("conversation.cleared", self._cleared)

    def touch(self) -> None:
        """Say that something may have changed; the page is told soon."""
        if self._telling is None or self._telling.done():
            self._telling = tasks.spawn(self._tell(), name="tell of the session's use")

    async def close(self) -> None:
        """Tell no more."""
        await tasks.cancel(self._telling)

    # What the page asks

    def report(self) -> dict[str, Any]:
        """Return everything that the page shows, as plain values."""
        now_s = self._clock.now_s()
        is_open = self._view.phase is Phase.CONNECTED
        ends_in_s = self._ends_at_s - now_s if self._ends_at_s is not None and is_open else None
        return {
            **usage_report.totals(self._usage, self._meter.spent),
            **usage_report.latency(self._log.turns.turns),
            "prices": self._meter.prices.as_of.isoformat(),
            "model": self._model,
            "context": {"used": self._context, "most": self._meter.prices.context_of(self._model)},
            "ends_in_s": None if ends_in_s is None else max(0.0, ends_in_s),
            "limits": [
                {
                    "name": each.name,
                    "limit": each.limit,
                    "remaining": each.remaining,
                    "resets_in_s": None
                    if each.resets_at_s is None
                    else max(0.0, each.resets_at_s - now_s),
                }
                for each in self._limits
            ],
            "budget": [
                f"{cap.used_words(self._meter.spent)} of "
                f"{amount(cap.most, cap.unit, with_unit=True)}"
                for cap in self._own
            ],
        }

    def set_budget(self, dollars: str, minutes: str) -> str:
        """Hold this session, and those begun here after it, to a budget.

        Args:
            dollars: As it was typed; empty for none.
            minutes: Likewise.

        Returns:
            What holds now, in a sentence.

        Raises:
            BudgetRefusedError: What was typed cannot be the budget; what held holds on.
        """
        typed: dict[Any, str] = {"dollars": dollars, "minutes": minutes}
        self._own = own_budget.read(typed, self._meter.spent, self._meter.limits_of_others)
        self._meter.keep_to(self._own)
        self._n_changes += 1
        self.touch()
        if not self._own:
            return "There is no budget of your own now."
        most = " and ".join(amount(each.most, each.unit, with_unit=True) for each in self._own)
        said = f"This session ends at {most}; you are warned at four fifths of it."
        is_idle = self._meter.is_free and any(each.unit == "dollars" for each in self._own)
        return f"{said} {FREE}" if is_idle else said

    # What happens

    @property
    def _usage(self) -> SessionUsage:
        return self._client.conversation.usage if self._client is not None else SessionUsage()

    def _event(self, told: RealtimeEvent) -> None:
        event = told.event
        if event.type.endswith(("delta", "append")):
            return  # hundreds of them change nothing that others do not
        if told.source == "server":
            match event.type:
                case "session.created" | "session.updated":
                    self._session_told(mapping(event.fields, "session"))
                case "rate_limits.updated":
                    self._limits = self._limits_in(event.fields)
                case "response.done":
                    self._answered(mapping(event.fields, "response"))
        self.touch()

    def _session_told(self, session: Mapping[str, Any]) -> None:
        self._model = text(session, "model") or self._model
        ends_at_s = number(session, "expires_at")
        left_s = None if ends_at_s is None else ends_at_s - self._clock.wall_s()
        # On the clock that nobody sets. What is over already is a clock that is wrong.
        is_told = left_s is not None and left_s > 0
        self._ends_at_s = self._clock.now_s() + left_s if is_told and left_s is not None else None

    def _limits_in(self, fields: Mapping[str, Any]) -> list[ServiceLimit]:
        found = []
        for each in mappings(fields, "rate_limits")[:MAX_LIMITS]:
            reset_s = number(each, "reset_seconds")
            resets_at_s = None if reset_s is None else self._clock.now_s() + reset_s
            found.append(
                ServiceLimit(
                    text(each, "name") or "(without a name)",
                    number(each, "limit"),
                    number(each, "remaining"),
                    resets_at_s,
                )
            )
        return found

    def _answered(self, response: Mapping[str, Any]) -> None:
        if "conversation_id" in response and response["conversation_id"] is None:
            return  # it read what it was given, not the conversation
        usage = TokenUsage.of_response(mapping(response, "usage"))
        self._context = usage.input + usage.output or self._context

    def _costed(self, costed: Costed) -> None:
        self._log.turns.add_cost(costed.name, costed.cost)
        self.touch()

    def _cleared(self, _: None) -> None:
        # What the new session is was told before the old one is forgotten.
        self._limits, self._context = [], 0
        self.touch()

    async def _tell(self) -> None:
        await self._clock.sleep(TELL_AFTER_S)
        turns, spent, usage = self._log.turns, self._meter.spent, self._usage
        state = (turns.version, usage, spent.dollars, self._context, self._limits, self._ends_at_s)
        if state != self._told:
            self._told = state
            self._n_changes += 1
        latest = turns.latest
        self._view.set_usage(
            UsageBrief(
                version=self._n_changes,
                turn_ms=latest.latency_ms if latest is not None else None,
                tokens=usage.responses.total + usage.transcripts.total,
            )
        )
