"""What the answers of one session cost: held while they come, settled when the server tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from console.app.spending.budget import Account, Budget, Hold
from console.app.spending.ledger import Spent
from console.client.targets import Target
from console.realtime import estimates
from console.realtime.events import Event
from console.realtime.fields import mapping, text
from console.realtime.prices import SIMULATOR, Cost
from console.realtime.usage import TokenUsage, TranscriptionUsage, is_told

TOKENS_PER_S: Final = 20
"""Of the model's speech."""
CHARACTERS_PER_TOKEN: Final = 3
MAX_UNDER_WAY: Final = 256
"""Answers that are followed side by side; servers make a few."""
_BYTES_PER_S: Final = 24_000 * 2
_SURE_HOSTS: Final = ("api.openai.com", ".openai.azure.com")
"""Where the table's prices hold; what another server asks is not known."""


@dataclass(slots=True)
class _Answer:
    """A response under way: what is held for it, and what of it has come."""

    hold: Hold
    input_cost: Cost
    audio_bytes: int = 0
    n_characters: int = 0
    checked_bytes: int = 0


class AnswerCosts:
    """Counts the money of one session in the budget, answer by answer."""

    def __init__(self, budget: Budget, account: Account, target: Target | None) -> None:
        """Prepare to count.

        Args:
            budget: Of the process.
            account: Of the session.
            target: The server that answers; None for the simulator.
        """
        self._budget = budget
        self._account = account
        self._target = target
        self._answers: dict[str, _Answer] = {}
        self._context_tokens = 0
        self._transcriber = ""

    @property
    def under_way(self) -> tuple[str, ...]:
        """The ids of the responses that have begun and are not settled."""
        return tuple(self._answers)

    @property
    def seen(self) -> Spent:
        """What has been seen to come of the answers under way."""
        return Spent(dollars=sum(self._seen(each).dollars for each in self._answers.values()))

    def session_told(self, session: Mapping[str, Any]) -> None:
        """Remember who writes down what the user says, as the server's session tells it."""
        self._transcriber = estimates.transcriber(session)

    def begins(self, response_id: str) -> None:
        """Set aside what an answer that begins will probably cost.

        One that has begun already stays as it is; of too many the oldest counts as it was seen.
        """
        if response_id in self._answers:
            return
        if len(self._answers) >= MAX_UNDER_WAY:
            self.settle(next(iter(self._answers)), None)
        prices, model = self._budget.prices, self._model
        input_cost = self._sure(estimates.answer_input(prices, model, self._context_tokens))
        hold = self._budget.hold(self._account, input_cost + estimates.answer_output(prices, model))
        self._answers[response_id] = _Answer(hold, input_cost)

    def comes(self, event: Event) -> bool:
        """Count a delta of an answer; return whether another second of its sound has come."""
        if (answer := self._answers.get(text(event.fields, "response_id"))) is None:
            return False
        delta = text(event.fields, "delta")
        if event.type == "response.output_audio.delta":
            answer.audio_bytes += len(delta) * 3 // 4
        else:
            answer.n_characters += len(delta)
        if answer.audio_bytes - answer.checked_bytes < _BYTES_PER_S:
            return False
        answer.checked_bytes = answer.audio_bytes
        self._budget.raise_hold(answer.hold, self._seen(answer))
        return True

    def settle(self, response_id: str, response: Mapping[str, Any] | None) -> Cost:
        """Put the cost of an answer in the counter and let go of what was held for it.

        Args:
            response_id: Which answer; of one whose beginning was not seen, nothing is held.
            response: As `response.done` tells it; None: its end will never be told.
        """
        answer = self._answers.pop(response_id, None)
        cost = self._cost_of(response, answer)
        if answer is None:
            self._budget.add_cost(self._account, cost)
        else:
            self._budget.settle(answer.hold, cost)
        return cost

    def transcript(self, event: Event) -> Cost:
        """Put in the counter what it has cost to write down what the user has said."""
        prices = self._budget.prices
        model = SIMULATOR if self._target is None else self._transcriber
        if is_told(usage := mapping(event.fields, "usage")):
            told = TranscriptionUsage.of_transcript(usage)
            cost = self._sure(prices.of_transcript(model, told))
        else:
            cost = estimates.untold_transcript(prices, model)
        self._budget.add_cost(self._account, cost)
        return cost

    def _cost_of(self, response: Mapping[str, Any] | None, answer: _Answer | None) -> Cost:
        told = mapping(response, "usage") if response is not None else {}
        if is_told(told):
            usage = TokenUsage.of_response(told)
            self._context_tokens = usage.input + usage.output or self._context_tokens
            return self._sure(self._budget.prices.of_response(self._model, usage))
        if answer is not None:
            return Cost(self._seen(answer).dollars, is_estimate=True)
        return estimates.untold_answer(self._budget.prices, self._model)

    def _seen(self, answer: _Answer) -> Cost:
        """Return what is known to have come of an answer, with what it probably has read."""
        prices, model = self._budget.prices, self._model
        n_audio = -(-answer.audio_bytes * TOKENS_PER_S // _BYTES_PER_S)
        n_text = -(-answer.n_characters // CHARACTERS_PER_TOKEN)
        return (
            answer.input_cost
            + prices.of_tokens(model, "audio", "output", n_audio)
            + prices.of_tokens(model, "text", "output", n_text)
        )

    @property
    def _model(self) -> str:
        return SIMULATOR if self._target is None else self._target.model or ""

    def _sure(self, cost: Cost) -> Cost:
        """Return a cost as an estimate where nobody knows what the server asks."""
        if self._target is None:
            return cost
        host = urlsplit(self._target.url).hostname or ""
        return cost if host.endswith(_SURE_HOSTS) else cost.as_estimate()
