"""The items that one response makes, and the events that tell of them."""

from __future__ import annotations

from typing import Any, Literal

from console import pcm
from console.audio_format import AudioFormat, Encoder
from console.simulator.protocol import usage
from console.simulator.protocol.items import Conversation, Item, Part
from console.simulator.protocol.outbox import Outbox

Closing = Literal["completed", "incomplete"]


class ResponseOutput:
    """Opens items, adds to the open one, closes it; one is open at a time."""

    def __init__(
        self,
        response_id: str,
        conversation: Conversation | None,
        outbox: Outbox,
        audio_format: AudioFormat,
    ) -> None:
        """Prepare the output of a response.

        Args:
            response_id: Its id.
            conversation: Where its items go; None: it is out of band, they go nowhere.
            outbox: Takes the events.
            audio_format: Of its audio on the wire.
        """
        self._response_id = response_id
        self._conversation = conversation
        self._outbox = outbox
        self._encoder = Encoder(audio_format)
        self._items: list[Item] = []
        self._open: Item | None = None

    # ------------------------------------------------------------ what there is

    @property
    def open_item(self) -> Item | None:
        """The item that is being made."""
        return self._open

    @property
    def open_part(self) -> Part:
        """What is being said in the open message."""
        assert self._open is not None, "words and audio only come for an open message"
        return self._open.content[0]

    @property
    def is_empty(self) -> bool:
        """Whether no item has been begun."""
        return not self._items

    @property
    def tokens(self) -> usage.Tokens:
        """What all items cost so far."""
        return sum((usage.of_output(item) for item in self._items), usage.Tokens())

    def tokens_with(self, text: str = "", audio_ms: float = 0.0) -> usage.Tokens:
        """Return what all items would cost with this added to the open one."""
        assert self._open is not None, "only an open item is added to"
        return self.tokens + usage.growth(self._open, text, audio_ms)

    @property
    def audio_ms(self) -> float:
        """How long all that was said takes to play."""
        return sum(part.audio_ms for item in self._items for part in item.content)

    def wire(self) -> list[dict[str, Any]]:
        """Return all items as `output` of the response."""
        return [item.wire() for item in self._items]

    # ------------------------------------------------------------ items

    def open_message(self, item: Item, modality: Literal["audio", "text"]) -> None:
        """Begin a message of the assistant, and its only part."""
        self.open(item)
        item.content.append(Part(f"output_{modality}", transcript=""))
        self._emit_for_part("response.content_part.added", part=self._part_wire())

    def open(self, item: Item) -> None:
        """Begin an item."""
        item.status = "in_progress"
        self._items.append(item)
        self._open = item
        self._emit_item("response.output_item.added", item)
        if self._conversation is not None:
            self._conversation.add(item)
            previous_id = self._conversation.previous_id(item)
            self._outbox.emit(
                "conversation.item.added", previous_item_id=previous_id, item=item.wire()
            )

    def close(self, status: Closing) -> None:
        """End the open item, if there is one, with all the events that belong to it."""
        if (item := self._open) is None:
            return
        if item.type == "function_call":
            self._emit_for_item(
                "response.function_call_arguments.done",
                call_id=item.call_id,
                name=item.name,
                arguments=item.arguments,
            )
        elif item.type == "message":
            self._close_part(item.content[0], status)
        item.status = status
        # A client may have deleted the item meanwhile.
        if self._conversation is not None and item.id in self._conversation:
            previous_id = self._conversation.previous_id(item)
            self._outbox.emit(
                "conversation.item.done", previous_item_id=previous_id, item=item.wire()
            )
        self._emit_item("response.output_item.done", item)
        self._open = None

    # ------------------------------------------------------------ deltas

    def write(self, piece: str) -> None:
        """Add to a written message."""
        self.open_part.text += piece
        self._emit_delta("response.output_text.delta", content_index=0, delta=piece)

    def add_words(self, words: str) -> None:
        """Add to the transcript of a spoken message."""
        self.open_part.transcript = (self.open_part.transcript or "") + words
        self._emit_delta("response.output_audio_transcript.delta", content_index=0, delta=words)

    def add_audio(self, chunk: bytes) -> None:
        """Add to a spoken message and send it: PCM16 mono 24 kHz."""
        self.keep_audio(chunk)
        self._send_audio(self._encoder.encode(chunk))

    def keep_audio(self, chunk: bytes) -> None:
        """Add to a spoken message what reaches its listener by another way."""
        self.open_part.audio += chunk
        self.open_part.audio_ms += pcm.bytes_to_ms(len(chunk))

    def add_arguments(self, piece: str) -> None:
        """Add to the arguments of a function call."""
        assert self._open is not None, "arguments only come for an open call"
        self._open.arguments += piece
        kind = "response.function_call_arguments.delta"
        self._emit_delta(kind, call_id=self._open.call_id, delta=piece)

    def add_mcp_arguments(self, piece: str) -> None:
        """Add to the arguments of a call of a server's tool."""
        assert self._open is not None, "arguments only come for an open call"
        self._open.arguments += piece
        self._emit_delta("response.mcp_call_arguments.delta", delta=piece)

    def end_mcp_arguments(self) -> None:
        """Tell that all arguments of a call of a server's tool are there."""
        assert self._open is not None, "arguments only come for an open call"
        self._emit_for_item("response.mcp_call_arguments.done", arguments=self._open.arguments)

    def tell_mcp_call(self, state: Literal["in_progress", "completed", "failed"]) -> None:
        """Tell how far the open call of a server's tool is."""
        assert self._open is not None, "only an open call is carried out"
        self._outbox.emit(
            f"response.mcp_call.{state}",
            item_id=self._open.id,
            output_index=len(self._items) - 1,
        )

    # ------------------------------------------------------------ on the wire

    def _close_part(self, part: Part, status: Closing) -> None:
        if part.type == "output_text":
            self._emit_for_part("response.output_text.done", text=part.text)
        else:
            # What was cut off ends at once: the few milliseconds in the encoder are dropped too.
            rest = self._encoder.encode(b"", last=True)
            if status == "completed":
                self._send_audio(rest)
            self._emit_for_part("response.output_audio.done")
            self._emit_for_part(
                "response.output_audio_transcript.done", transcript=part.transcript or ""
            )
        self._emit_for_part("response.content_part.done", part=self._part_wire())

    def _send_audio(self, data: bytes) -> None:
        if data:
            self._emit_for_part("response.output_audio.delta", delta=pcm.encode(data))

    def _part_wire(self) -> dict[str, Any]:
        # Parts of these two events are named without the prefix of the item's content.
        part = self.open_part
        if part.type == "output_text":
            return {"type": "text", "text": part.text}
        return {"type": "audio", "transcript": part.transcript or ""}

    def _emit_item(self, event_type: str, item: Item) -> None:
        self._outbox.emit(
            event_type,
            response_id=self._response_id,
            output_index=self._items.index(item),
            item=item.wire(),
        )

    def _emit_for_part(self, event_type: str, **fields: Any) -> None:
        self._outbox.emit(event_type, **self._place(), content_index=0, **fields)

    def _emit_for_item(self, event_type: str, **fields: Any) -> None:
        self._outbox.emit(event_type, **self._place(), **fields)

    def _emit_delta(self, event_type: str, **fields: Any) -> None:
        self._outbox.emit_padded(event_type, **self._place(), **fields)

    def _place(self) -> dict[str, Any]:
        assert self._open is not None, "deltas only come for an open item"
        return {
            "response_id": self._response_id,
            "item_id": self._open.id,
            "output_index": len(self._items) - 1,
        }
