"""The model cut short: its answer cancelled, its sound silenced, and how much of it was heard."""

from __future__ import annotations

import operator

from console import pcm
from console.client import choices
from console.client.item_edits import ItemEdits
from console.client.outbox import Outbox
from console.client.response_queue import ResponseQueue
from console.client.tool_calls import ToolCalls
from console.errors import ConsoleError
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.items import Item


class Interruption:
    """Stops the model on behalf of the user."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        tool_calls: ToolCalls,
        item_edits: ItemEdits,
        outbox: Outbox,
        responses: ResponseQueue,
        is_call: bool,
    ) -> None:
        """Prepare.

        Args:
            conversation: Knows what is being answered.
            tool_calls: Ask for no response to what they find out any more.
            item_edits: Cuts off what was not heard.
            outbox: Sends.
            responses: Knows whether one was asked for that has not begun.
            is_call: Whether the server itself plays the sound, and knows how much was heard.
        """
        self._conversation = conversation
        self._tool_calls = tool_calls
        self._item_edits = item_edits
        self._outbox = outbox
        self._responses = responses
        self._is_call = is_call
        self._cut: tuple[str, int] | None = None
        """The item that was cut last, and where: the server has perhaps not said so yet."""

    async def cancel(self, item_id: str | None, sample_count: int) -> Item | None:
        """Stop the response that is being made; see `RealtimeClient.cancel_response`.

        Raises:
            ValueError: The item is unknown or no audio of the model, or the count is no count;
                nothing has been sent.
            TypeError: It is no id.
        """
        choices.check_kind("item_id", item_id, str | None, "the id of an item, or None")
        # Everything is checked before anything is sent.
        heard = None
        if item_id is not None and not self._is_call:
            heard = truncation(self._conversation, item_id, sample_count, self._cut)
        self._tool_calls.interrupted()
        if (active := self._conversation.active_response) is not None:
            self._conversation.interrupted()
            await self._outbox.send(events.response_cancel(active.id))
        elif self._responses.is_asked:  # it has no id yet, and has begun when the server reads this
            await self._outbox.send(events.response_cancel())
        if self._is_call:
            await self.clear_output()
        elif heard is not None:
            self._cut = (heard.fields["item_id"], heard.fields["audio_end_ms"])
            await self._item_edits.truncate(heard)
        return self._conversation.get(item_id) if item_id is not None else None

    async def clear_output(self) -> None:
        """Silence the server's end of a call.

        Raises:
            ConsoleError: This is no call.
        """
        if not self._is_call:
            raise ConsoleError(
                "Only of a call does the server play the sound; here it is played by this "
                "program: stop playing, and use cancel_response."
            )
        await self._outbox.send(events.output_audio_clear())


def truncation(
    conversation: Conversation,
    item_id: str,
    sample_count: int,
    cut: tuple[str, int] | None = None,
) -> Event:
    """Return the event that tells the server how much of an item was heard.

    Args:
        conversation: Where the item is.
        item_id: The item that was being played.
        sample_count: How many of its samples were heard, at 24 kHz.
        cut: The item that was cut last and how much of it was left, in ms.

    Raises:
        ValueError: The item is unknown or no audio of the model, or the count is no count.
    """
    try:
        sample_count = operator.index(sample_count)
    except TypeError:
        raise ValueError(
            f"The samples that were heard are counted in whole numbers, not as {sample_count!r}."
        ) from None
    if sample_count < 0:
        raise ValueError(f"{sample_count} samples cannot have been heard.")
    item = conversation.get(item_id)
    if item is None:
        raise ValueError(f"The conversation has no item {item_id!r}.")
    part = item.audio_part
    if item.role != "assistant" or part is None or not part.received_bytes:
        raise ValueError(f"Item {item_id!r} holds no audio of the model.")
    # Of what was cut off before, nothing more can have been heard.
    most_ms = part.audio_ms if part.heard_ms is None else min(part.audio_ms, part.heard_ms)
    if cut is not None and cut[0] == item_id:
        most_ms = min(most_ms, cut[1])
    heard_ms = int(min(pcm.samples_to_ms(sample_count), most_ms))
    return events.item_truncate(item.id, item.content.index(part), heard_ms)
