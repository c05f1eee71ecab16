"""The user's turn where the user ends it: what is pending, its end, and the wish for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.client import choices, input_audio, tool_choice
from console.client.configuration import Configuration
from console.client.outbox import Outbox
from console.realtime import events
from console.realtime.conversation import Conversation


class UserTurn:
    """Ends the turn of the user. Where the server finds the turns, nothing is pending here."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        configuration: Configuration,
        outbox: Outbox,
    ) -> None:
        """Prepare.

        Args:
            conversation: Knows what was sent and not committed.
            configuration: Says who ends a turn, and which tools there are.
            outbox: Sends.
        """
        self._speech = conversation.speech
        self._configuration = configuration
        self._outbox = outbox

    @property
    def pending_ms(self) -> float:
        """Milliseconds of input audio that `create_response` would commit."""
        if self._configuration.turn_detection_type is not None:
            return 0.0
        return self._speech.pending_ms + self._outbox.queued_ms

    async def clear(self) -> None:
        """Drop the input audio that was not committed, here and at the server."""
        await self._outbox.send(events.input_audio_clear())

    async def commit(self) -> None:
        """Make an item of the input audio.

        Raises:
            ConsoleError: It is less than an item needs; it has been dropped.
            NotConnectedError: There is no session.
        """
        commit = events.input_audio_commit()
        await self._outbox.wait_for_line(commit.type)
        pending_ms = self._speech.pending_ms
        if pending_ms < input_audio.MIN_COMMIT_MS:
            await self.clear()
            raise input_audio.too_short(pending_ms)
        await self._outbox.send(commit)

    async def create_response(self, response: Mapping[str, Any] | None = None) -> None:
        """Commit what is pending, and ask for a response.

        Args:
            response: What shall differ from the session for this response, as the wire has it.

        Raises:
            ConsoleError: Less is pending than an item needs, and it has been dropped. Or this is
                a transcription session.
            ValueError: `tool_choice` names a tool that there is not; nothing has been sent.
            TypeError: It is no mapping; nothing has been sent.
        """
        self._configuration.check_answering("answer")
        wanted = "a mapping such as {'instructions': 'Be brief.'}, or None"
        choices.check_kind("response", response, Mapping | None, wanted)
        if response is not None and self._configuration.knows_tools:
            tools = response.get("tools", self._configuration.tools)
            tool_choice.check(response.get("tool_choice"), tools)
        if self.pending_ms:
            await self.commit()
        await self._outbox.send(events.response_create(response))

    async def answer_message(self) -> None:
        """Ask for a response to what was just written; sound too short for a turn is dropped."""
        if input_audio.is_too_short(self.pending_ms):
            await self.clear()
        await self.create_response()
