"""Whether nobody is in the middle of anything: the moment for a change that may lose what is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from console.client.sent_events import PATIENCE_S, SentEvents
from console.client.tool_calls import ToolCalls
from console.realtime.conversation import Conversation

LATEST_ITEMS: Final = 8
"""So far back a transcript may still be coming."""


class TurnBoundary:
    """Follows the turns of a session."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        tool_calls: ToolCalls,
        sent: SentEvents,
        now_s: Callable[[], float],
    ) -> None:
        self._conversation = conversation
        self._tool_calls = tool_calls
        self._sent = sent
        self._now_s = now_s
        self.clear()

    def clear(self) -> None:
        """Begin anew: a session has begun."""
        self._is_speaking = False
        self._committed_at_s: float | None = None

    def speech_started(self) -> None:
        """Take note that the user speaks."""
        self._is_speaking = True

    def committed(self) -> None:
        """Take note that a turn of the user has ended; most likely an answer follows."""
        self._is_speaking = False
        self._committed_at_s = self._now_s()

    def answered(self) -> None:
        """Take note that a response began or ended."""
        self._committed_at_s = None

    @property
    def is_now(self) -> bool:
        """Whether no turn, answer, tool or transcript is under way, and nothing unanswered."""
        return not (
            self.is_user_turn
            or self._tool_calls.is_running
            or self._sent.is_waiting
            or self._is_being_answered()
            or self._is_being_transcribed()
        )

    @property
    def is_user_turn(self) -> bool:
        """Whether the user has the turn, or has just ended it: most likely an answer follows."""
        return self._is_speaking or self._is_answer_due() or self._has_unsent_turn()

    def _is_answer_due(self) -> bool:
        at_s = self._committed_at_s
        return at_s is not None and self._now_s() - at_s < PATIENCE_S

    def _has_unsent_turn(self) -> bool:
        speech = self._conversation.speech
        return speech.is_manual and speech.pending_ms > 0

    def _is_being_answered(self) -> bool:
        return any(not response.is_done for response in self._conversation.responses.values())

    def _is_being_transcribed(self) -> bool:
        return any(
            part.transcription == "pending"
            for item in self._conversation.items[-LATEST_ITEMS:]
            for part in item.content
        )
