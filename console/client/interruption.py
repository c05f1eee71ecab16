"""How much of the model's speech was heard when it was cut short."""

from __future__ import annotations

from console import pcm
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Event


def truncation(conversation: Conversation, item_id: str, sample_count: int) -> Event:
    """Return the event that tells the server how much of an item was heard.

    Args:
        conversation: Where the item is.
        item_id: The item that was being played.
        sample_count: How many of its samples were heard, at 24 kHz.

    Raises:
        ValueError: The item is unknown or no audio of the model, or the count is negative.
    """
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
    heard_ms = int(min(pcm.samples_to_ms(sample_count), most_ms))
    return events.item_truncate(item.id, item.content.index(part), heard_ms)
