"""A conversation, and the wire's events in short."""

from __future__ import annotations

from typing import Any

from console import pcm
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.items import ItemUpdate

SOUND = bytes(range(256)) * 75
"""400 ms."""


class Talk:
    """A conversation, and the wire's events in short."""

    def __init__(self, **options: Any) -> None:
        self.conversation = Conversation(**options)
        self.updates: list[Any] = []

    def event(self, event_type: str, **fields: Any) -> tuple[Any, ...]:
        found = self.conversation.receive(Event(event_type, "event_1", fields))
        self.updates += found
        return found

    def begin(self, **audio_input: Any) -> Talk:
        self.event("session.created", session={"audio": {"input": audio_input}})
        return self

    def added(self, item_id: str, previous: str | None = None, **item: Any) -> tuple[Any, ...]:
        raw = {"id": item_id, "type": "message", "role": "user", "status": "completed", **item}
        return self.event("conversation.item.added", previous_item_id=previous, item=raw)

    def answers(self, item_id: str = "a", response_id: str = "r") -> Talk:
        """Begin a spoken answer."""
        self.event(
            "response.created",
            response={"id": response_id, "status": "in_progress", "conversation_id": "c"},
        )
        item = {"id": item_id, "type": "message", "role": "assistant", "status": "in_progress"}
        self.event("response.output_item.added", response_id=response_id, item=item)
        self.event("conversation.item.added", previous_item_id=None, item=item)
        return self

    def audio(self, item_id: str = "a", sound: bytes = SOUND, **fields: Any) -> tuple[Any, ...]:
        return self.event(
            "response.output_audio.delta", item_id=item_id, delta=pcm.encode(sound), **fields
        )

    def words(self, delta: str, item_id: str = "a") -> tuple[Any, ...]:
        return self.event("response.output_audio_transcript.delta", item_id=item_id, delta=delta)

    def heard(self, transcript: str, item_id: str = "u") -> tuple[Any, ...]:
        return self.event(
            "conversation.item.input_audio_transcription.completed",
            item_id=item_id,
            content_index=0,
            transcript=transcript,
        )

    def done(self, status: str = "completed", response_id: str = "r", **response: Any) -> Any:
        return self.event(
            "response.done",
            response={"id": response_id, "status": status, "output": [], **response},
        )

    @property
    def order(self) -> list[str]:
        return [item.id for item in self.conversation.items]

    def item(self, item_id: str = "a") -> Any:
        item = self.conversation.get(item_id)
        assert item is not None
        return item


def kinds(updates: tuple[Any, ...]) -> list[str]:
    return [update.kind for update in updates if isinstance(update, ItemUpdate)]
