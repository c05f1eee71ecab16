"""Items that the user adds to the conversation: messages, pictures, answers to MCP's questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from console.client import choices, images
from console.client.configuration import Configuration
from console.client.input_audio import InputAudio
from console.client.outbox import Outbox
from console.client.response_queue import ResponseQueue
from console.client.tool_calls import ToolCalls
from console.client.user_turn import UserTurn
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Detail
from console.realtime.ids import IdSource


class UserItems:
    """Creates items under ids of ours, so that who adds one knows it from the beginning."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        configuration: Configuration,
        ids: IdSource,
        input_audio: InputAudio,
        outbox: Outbox,
        turn: UserTurn,
        tool_calls: ToolCalls,
        response_queue: ResponseQueue,
    ) -> None:
        """Prepare.

        Args:
            conversation: Has the questions that can be answered.
            configuration: Says whether anybody answers.
            ids: Names the items.
            input_audio: Turns sound into the session's format.
            outbox: Sends.
            turn: Asks for responses.
            tool_calls: Likewise, where another one has to end first.
            response_queue: Knows whether one has.
        """
        self._conversation = conversation
        self._configuration = configuration
        self._ids = ids
        self._input_audio = input_audio
        self._outbox = outbox
        self._turn = turn
        self._tool_calls = tool_calls
        self._response_queue = response_queue

    async def add_message(
        self, content: str | Sequence[Mapping[str, Any]], *, respond: bool
    ) -> str:
        """Add a message and return its id; see `RealtimeClient.send_user_message_content`.

        Raises:
            ConsoleError: This is a transcription session.
            ValueError: The content is empty or no content, or audio has half a sample.
            TypeError: It is neither a text nor a list, or `respond` is neither True nor False.
        """
        self._configuration.check_answering("take messages")
        _check_flag("respond", respond)
        given: object = content
        if not isinstance(given, Sequence) or isinstance(given, bytes | bytearray):
            raise TypeError(
                f"A message is a text or a list of content parts, not of type "
                f"{type(given).__name__}."
            )
        parts = [events.text_content(content)] if isinstance(content, str) else content
        if not parts or content == "":
            raise ValueError("A message needs content: a text or at least one content part.")
        coded = [self._input_audio.part(part) for part in parts]
        item_id = self._ids.new("item")
        await self._outbox.send(events.item_create(events.message_item(item_id, coded)))
        if respond:
            await self._turn.answer_message()
        return item_id

    async def add_image(
        self, image: bytes | Path, text: str, *, detail: Detail, respond: bool
    ) -> str:
        """Add a message that shows a picture and return its id; see `RealtimeClient.send_image`.

        Raises:
            ValueError: It is neither PNG nor JPEG, or too large.
            TypeError: It is neither bytes nor a path, or another argument is of a wrong type.
            ConsoleError: The file cannot be read, or this is a transcription session.
        """
        choices.check_kind("text", text, str, "a text")
        parts = [await images.content_part(image, detail)]
        if text:
            parts.insert(0, events.text_content(text))
        return await self.add_message(parts, respond=respond)

    async def add_approval(
        self, request_id: str, *, approve: bool, reason: str | None, respond: bool
    ) -> str:
        """Answer the item that asks whether an MCP tool may be called; returns the answer's id.

        See `RealtimeClient.approve_mcp_call`.

        Raises:
            ValueError: The conversation has no such item.
            TypeError: An argument is of another type than it may be.
        """
        choices.check_kind("approval_request_id", request_id, str, "the id of an item")
        _check_flag("approve", approve)
        _check_flag("respond", respond)
        choices.check_kind("reason", reason, str | None, "a text, or None")
        request = self._conversation.get(request_id)
        if request is None or request.type != "mcp_approval_request":
            raise ValueError(f"The conversation has no item {request_id!r} that asks for approval.")
        item_id = self._ids.new("item")
        item = events.approval_item(item_id, request.id, approve=approve, reason=reason)
        await self._outbox.send(events.item_create(item))
        if respond and self._response_queue.is_free:
            await self._turn.answer_message()
        elif respond:
            self._tool_calls.approved()
        return item_id


def _check_flag(name: str, given: object) -> None:
    # Nearly every text is true: approve="no" would let a tool be called.
    choices.check_kind(name, given, bool, "True or False")
