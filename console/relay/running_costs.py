"""What one session costs while it goes on: answers are reckoned from their beginning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from console.realtime import estimates
from console.realtime.fields import mapping, text
from console.realtime.prices import Cost, PriceTable
from console.realtime.usage import TokenUsage, TranscriptionUsage, is_told
from console.relay.observer import Spending

MAX_ANSWERS: Final = 64
"""Answers under way that are remembered; a service makes fewer at once."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an event does to the sums."""

    held: float = 0.0
    """Dollars that are set aside for an answer, or negative: that are set aside no longer."""
    spending: Spending | None = None
    """What is known to have been spent."""


class RunningCosts:
    """Takes in what the service says of one session. Nothing it says makes this fail."""

    def __init__(self, prices: PriceTable, *, model: str = "", is_sure: bool = True) -> None:
        """Begin with nothing spent.

        Args:
            prices: Of models.
            model: As which everything counts; empty: as what the service says.
            is_sure: Whether the service asks these prices; if not, all sums are estimates.
        """
        self._prices = prices
        self._fixed_model = model
        self._is_sure = is_sure
        self._model = model
        self._transcriber = model
        self._context_tokens = 0
        self._held: dict[str, float] = {}

    @property
    def held(self) -> float:
        """Dollars that are set aside for answers under way."""
        return sum(self._held.values())

    def receive(self, event: Mapping[str, Any]) -> Change | None:
        """Return what an event of the service changes; None for nothing."""
        match text(event, "type"):
            case "session.created" | "session.updated":
                self._session_told(mapping(event, "session"))
                return None
            case "response.created":
                return self._answer_begins(text(mapping(event, "response"), "id"))
            case "response.done":
                return self._answer_ends(mapping(event, "response"))
            case "conversation.item.input_audio_transcription.completed":
                return Change(spending=self._transcript(mapping(event, "usage")))
            case _:
                return None

    def _session_told(self, session: Mapping[str, Any]) -> None:
        self._model = self._fixed_model or text(session, "model")
        self._transcriber = self._fixed_model or estimates.transcriber(session)

    def _answer_begins(self, response_id: str) -> Change | None:
        if response_id in self._held or len(self._held) >= MAX_ANSWERS:
            return None
        prices, model = self._prices, self._model
        cost = estimates.answer_input(prices, model, self._context_tokens)
        cost += estimates.answer_output(prices, model)
        self._held[response_id] = cost.dollars
        return Change(held=cost.dollars)

    def _answer_ends(self, response: Mapping[str, Any]) -> Change:
        held = self._held.pop(text(response, "id"), 0.0)
        if is_told(usage := mapping(response, "usage")):
            tokens = TokenUsage.of_response(usage)
            self._context_tokens = tokens.input + tokens.output or self._context_tokens
            cost = self._sure(self._prices.of_response(self._model, tokens))
            return Change(-held, Spending(cost, tokens=tokens))
        if not held:  # it has neither been seen to begin nor says what it has cost
            return Change(spending=Spending(estimates.untold_answer(self._prices, self._model)))
        return Change(-held, Spending(Cost(held, is_estimate=True)))

    def _transcript(self, usage: Mapping[str, Any]) -> Spending:
        if is_told(usage):
            counted = TranscriptionUsage.of_transcript(usage)
            cost = self._sure(self._prices.of_transcript(self._transcriber, counted))
            return Spending(cost, transcript=counted)
        return Spending(estimates.untold_transcript(self._prices, self._transcriber))

    def _sure(self, cost: Cost) -> Cost:
        return cost if self._is_sure else cost.as_estimate()
