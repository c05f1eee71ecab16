"""Items deleted and cut: at the server, or here alone where its session does not know them."""

from __future__ import annotations

from console.client import choices
from console.client.carry_over import CarryOver
from console.client.inbox import Inbox
from console.client.outbox import Outbox
from console.client.sent_events import SentEvents
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.fields import text


class ItemEdits:
    """Changes items of this session and of earlier ones alike.

    What the server cannot do any more is done here as if it had said so.
    """

    def __init__(
        self,
        *,
        conversation: Conversation,
        sent: SentEvents,
        carry_over: CarryOver,
        inbox: Inbox,
        outbox: Outbox,
    ) -> None:
        """Prepare.

        Args:
            conversation: Has the items.
            sent: Knows those that are on their way.
            carry_over: Knows what the server has of earlier sessions.
            inbox: Acts on what the server would have said.
            outbox: Sends.
        """
        self._conversation = conversation
        self._sent = sent
        self._carry_over = carry_over
        self._inbox = inbox
        self._outbox = outbox

    async def delete(self, item_id: str) -> None:
        """Delete an item, or ask the server to.

        Raises:
            ValueError: The conversation has no such item; nothing has been sent.
            TypeError: It is no id.
        """
        choices.check_kind("item_id", item_id, str, "the id of an item")
        if self._conversation.find(item_id) is None and not self._sent.is_creating(item_id):
            raise ValueError(f"The conversation has no item {item_id!r}.")
        if self._carry_over.is_only_here(item_id):
            self._inbox.act(Event("conversation.item.deleted", fields={"item_id": item_id}))
        else:
            await self._outbox.send(events.item_delete(item_id))

    async def truncate(self, truncation: Event) -> None:
        """Cut an item off as a `conversation.item.truncate` says, or ask the server to."""
        if self._carry_over.has_no_audio_there(text(truncation.fields, "item_id")):
            self._inbox.act(Event("conversation.item.truncated", fields=truncation.fields))
        else:
            await self._outbox.send(truncation)
