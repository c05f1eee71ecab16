"""One response: from `response.created` to `response.done`, whatever happens in between."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from console import pcm
from console.simulator import usage
from console.simulator.ids import NewId
from console.simulator.intents import Advance, Speak, Stop
from console.simulator.items import Conversation, Item, Part
from console.simulator.outbox import Outbox
from console.simulator.senses import BrainCall, BrainReply
from console.simulator.session_config import SessionConfig

TOKENS_PER_MINUTE: Final = 40_000
"""The limit that `rate_limits.updated` tells of; nothing is refused by it."""
ARGUMENTS_PIECE_LENGTH: Final = 12
SPEECH_MS_PER_CHARACTER: Final = 65.0
"""Of an ordinary voice; by it the transcript runs a little ahead of its audio."""
TRANSCRIPT_LEAD_MS: Final = 200.0

Outcome = Literal["completed", "cancelled", "failed", "incomplete"]


@dataclass(frozen=True, slots=True)
class ResponseSettings:
    """What one response goes by: the session's configuration and its own overrides."""

    instructions: str
    tools: Sequence[Mapping[str, Any]]
    tool_choice: Any
    modality: Literal["audio", "text"]
    max_output_tokens: int | str
    format: Mapping[str, Any]
    voice: str
    speed: float
    metadata: Mapping[str, str] | None

    @classmethod
    def of(cls, config: SessionConfig, overrides: Mapping[str, Any]) -> ResponseSettings:
        """Return the session's settings with the checked `response` of a create laid over."""

        def chosen(name: str) -> Any:
            value = overrides.get(name)
            return config[name] if value is None else value

        given = {
            name: value
            for name, value in overrides.get("audio", {}).get("output", {}).items()
            if value is not None
        }
        output = {**config.output, **given}
        return cls(
            instructions=chosen("instructions"),
            tools=chosen("tools"),
            tool_choice=chosen("tool_choice"),
            modality=chosen("output_modalities")[0],
            max_output_tokens=chosen("max_output_tokens"),
            format=output["format"],
            voice=output["voice"],
            speed=output["speed"],
            metadata=overrides.get("metadata"),
        )


class ResponseRun:
    """A response that is going on. Its events go to the session's outbox."""

    def __init__(
        self,
        settings: ResponseSettings,
        *,
        conversation: Conversation,
        conversation_id: str,
        outbox: Outbox,
        new_id: NewId,
    ) -> None:
        self.id = new_id("resp_")
        self.settings = settings
        self.prompt = usage.InputTokens()
        self.is_waiting = True
        """The assistant has not been asked yet."""
        self.is_done = False
        self._conversation = conversation
        self._conversation_id = conversation_id
        self._outbox = outbox
        self._new_id = new_id
        self._items: list[Item] = []
        self._open: Item | None = None
        self._sentences: deque[str] = deque()
        self._calls: deque[BrainCall] = deque()
        self._pieces: deque[str] = deque()
        self._sentence_ms = 0.0
        self._written = 0
        self._is_busy = False
        """Something is being said or written."""
        self._is_thought_through = False

    # ------------------------------------------------------------ what the session calls

    def begin(self) -> None:
        """Announce the response."""
        self._outbox.emit("response.created", response=self._wire("in_progress"))

    def perform(self, reply: BrainReply) -> None:
        """Say and call what the assistant has decided, after what came before."""
        said = [sentence for sentence in reply.sentences if sentence.strip()]
        self._sentences.extend(said)
        self._calls.extend(reply.calls)
        if not self._is_busy:
            self._proceed()

    def thought_through(self) -> None:
        """End after what has come: the assistant has nothing to add."""
        self._is_thought_through = True
        if not self._is_busy:
            self._proceed()

    def advance(self) -> None:
        """Write the next piece of text or arguments."""
        assert self._open is not None, "advance is only asked for with an open item"
        piece = self._pieces.popleft()
        if self._open.type == "function_call":
            self._open.arguments += piece
            fields = {"call_id": self._open.call_id, "delta": piece}
            self._emit_for_item("response.function_call_arguments.delta", **fields)
        else:
            self._open.content[0].text += piece
            self._emit_for_part("response.output_text.delta", delta=piece)
        self._after_delta()

    def spoken(self, chunk: bytes) -> None:
        """Send the next audio of the sentence, and the words that belong to it."""
        if not chunk:
            return
        part = self._open_part()
        duration_ms = pcm.bytes_to_ms(len(chunk))
        self._write_words(until_ms=self._sentence_ms + duration_ms + TRANSCRIPT_LEAD_MS)
        part.audio += chunk
        part.audio_ms += duration_ms
        self._sentence_ms += duration_ms
        self._emit_for_part("response.output_audio.delta", delta=pcm.encode(chunk))
        self._stop_at_limit()

    def sentence_spoken(self) -> None:
        """Send what is left of the sentence's words and go on."""
        self._write_words(until_ms=float("inf"))
        self._stop_at_limit()
        if not self.is_done:
            self._proceed()

    def finish(self, status: Outcome, details: Mapping[str, Any] | None = None) -> None:
        """End the response now: close what is open, then `response.done`."""
        if status != "completed":
            self._outbox.ask(Stop(self.id))
        self._close_item("completed" if status == "completed" else "incomplete")
        self.is_done = True
        count = self._usage(status)
        done = self._wire(status, details=details, count=count)
        self._outbox.emit("response.done", response=done)
        limit = {
            "name": "tokens",
            "limit": TOKENS_PER_MINUTE,
            "remaining": max(0, TOKENS_PER_MINUTE - count["total_tokens"]),
            "reset_seconds": round(count["total_tokens"] * 60 / TOKENS_PER_MINUTE, 3),
        }
        self._outbox.emit("rate_limits.updated", rate_limits=[limit])

    # ------------------------------------------------------------ going on

    def _proceed(self) -> None:
        self._is_busy = True
        if self._sentences:
            self._next_sentence(self._sentences.popleft())
        elif self._calls:
            self._close_item("completed")
            self._open_call(self._calls.popleft())
        elif self._is_thought_through:
            self.finish("completed")
        else:
            self._is_busy = False

    def _next_sentence(self, sentence: str) -> None:
        if self._open is None or self._open.type != "message":
            self._close_item("completed")
            self._open_message()
        else:
            sentence = f" {sentence}"
        self._pieces.extend(re.findall(r"\s*\S+", sentence))
        self._sentence_ms, self._written = 0.0, 0
        if self.settings.modality == "text":
            self._outbox.ask(Advance(self.id))
        else:
            voice, speed = self.settings.voice, self.settings.speed
            self._outbox.ask(Speak(self.id, sentence.strip(), voice, speed))

    def _after_delta(self) -> None:
        self._stop_at_limit()
        if self.is_done:
            return
        if self._pieces:
            self._outbox.ask(Advance(self.id))
        else:
            self._proceed()

    def _write_words(self, until_ms: float) -> None:
        pace_ms = SPEECH_MS_PER_CHARACTER / self.settings.speed
        while self._pieces and self._written * pace_ms < until_ms:
            word = self._pieces.popleft()
            self._written += len(word)
            part = self._open_part()
            part.transcript = (part.transcript or "") + word
            self._emit_for_part("response.output_audio_transcript.delta", delta=word)

    def _stop_at_limit(self) -> None:
        limit = self.settings.max_output_tokens
        if isinstance(limit, int) and self._output().total > limit:
            reason = {"type": "incomplete", "reason": "max_output_tokens"}
            self.finish("incomplete", reason)

    # ------------------------------------------------------------ items

    def _open_message(self) -> None:
        part_type = f"output_{self.settings.modality}"
        item = Item(self._new_id("item_"), "message", "in_progress", role="assistant")
        self._open_item(item)
        item.content.append(Part(part_type, transcript=""))
        self._emit_for_part("response.content_part.added", part=self._part_wire())

    def _open_call(self, call: BrainCall) -> None:
        call_id = self._new_id("call_")
        item = Item(self._new_id("item_"), "function_call", "in_progress", name=call.name)
        item.call_id = call_id
        self._open_item(item)
        arguments = orjson.dumps(call.arguments).decode()
        starts = range(0, len(arguments), ARGUMENTS_PIECE_LENGTH)
        self._pieces.extend(arguments[at : at + ARGUMENTS_PIECE_LENGTH] for at in starts)
        self._outbox.ask(Advance(self.id))

    def _open_item(self, item: Item) -> None:
        self._items.append(item)
        self._open = item
        self._conversation.add(item)
        self._emit_item("response.output_item.added", item)
        previous_id = self._conversation.previous_id(item)
        self._outbox.emit("conversation.item.added", previous_item_id=previous_id, item=item.wire())

    def _close_item(self, status: Literal["completed", "incomplete"]) -> None:
        if (item := self._open) is None:
            return
        item.status = status
        self._pieces.clear()
        if item.type == "function_call":
            called = {"call_id": item.call_id, "name": item.name, "arguments": item.arguments}
            self._emit_for_item("response.function_call_arguments.done", **called)
        else:
            self._close_part(item.content[0])
        # A client may have deleted the item meanwhile.
        if item.id in self._conversation:
            previous_id = self._conversation.previous_id(item)
            self._outbox.emit(
                "conversation.item.done", previous_item_id=previous_id, item=item.wire()
            )
        self._emit_item("response.output_item.done", item)
        self._open = None

    def _close_part(self, part: Part) -> None:
        if part.type == "output_text":
            self._emit_for_part("response.output_text.done", text=part.text)
        else:
            self._emit_for_part("response.output_audio.done")
            self._emit_for_part(
                "response.output_audio_transcript.done", transcript=part.transcript or ""
            )
        self._emit_for_part("response.content_part.done", part=self._part_wire())

    def _open_part(self) -> Part:
        assert self._open is not None, "words and audio only come for an open message"
        return self._open.content[0]

    def _part_wire(self) -> dict[str, Any]:
        # Parts of these two events are named without the prefix of the item's content.
        part = self._open_part()
        if part.type == "output_text":
            return {"type": "text", "text": part.text}
        return {"type": "audio", "transcript": part.transcript or ""}

    # ------------------------------------------------------------ on the wire

    def _emit_item(self, event_type: str, item: Item) -> None:
        self._outbox.emit(
            event_type,
            response_id=self.id,
            output_index=self._items.index(item),
            item=item.wire(),
        )

    def _emit_for_item(self, event_type: str, **fields: Any) -> None:
        assert self._open is not None, "deltas only come for an open item"
        self._outbox.emit(
            event_type,
            response_id=self.id,
            item_id=self._open.id,
            output_index=len(self._items) - 1,
            **fields,
        )

    def _emit_for_part(self, event_type: str, **fields: Any) -> None:
        self._emit_for_item(event_type, content_index=0, **fields)

    def _output(self) -> usage.Tokens:
        return sum((usage.of_item(item) for item in self._items), usage.Tokens())

    def _usage(self, status: Outcome) -> dict[str, Any]:
        if status == "failed":
            return usage.wire(usage.InputTokens(), usage.Tokens())
        return usage.wire(self.prompt, self._output())

    def _wire(
        self,
        status: str,
        *,
        details: Mapping[str, Any] | None = None,
        count: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        metadata = self.settings.metadata
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": details,
            "output": [item.wire() for item in self._items],
            "conversation_id": self._conversation_id,
            "output_modalities": [self.settings.modality],
            "max_output_tokens": self.settings.max_output_tokens,
            "audio": {
                "output": {"format": dict(self.settings.format), "voice": self.settings.voice}
            },
            "usage": count,
            "metadata": None if metadata is None else dict(metadata),
        }
