"""One response: from `response.created` to `response.done`, whatever happens in between."""

from __future__ import annotations

import bisect
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from console import audio_format, pcm
from console.errors import BrainError
from console.simulator.protocol import defaults, usage
from console.simulator.protocol.call_playback import CallPlayback
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.intents import Advance, Speak, Stop
from console.simulator.protocol.items import Conversation, Item
from console.simulator.protocol.mcp import McpServers, McpTool, Toolset
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.response_output import ResponseOutput
from console.simulator.protocol.response_settings import ResponseSettings
from console.simulator.senses import BrainCall, BrainReply, StopReason

ARGUMENTS_PIECE_LENGTH: Final = 12
SPEECH_MS_PER_CHARACTER: Final = 65.0
"""Of an ordinary voice; by it the transcript runs a little ahead of its audio."""
TRANSCRIPT_LEAD_MS: Final = 200.0

_CLIENTS_FAULT: Final = frozenset(
    {"context_length_exceeded", "insufficient_quota", "model_not_found", "rate_limit_exceeded"}
)
"""Codes of failures that are not the server's."""

Ending = Literal["completed", "cancelled", "failed", "incomplete"]


class ResponseRun:
    """A response that is going on. Its events go to the session's outbox."""

    def __init__(
        self,
        settings: ResponseSettings,
        toolset: Toolset,
        *,
        own_input: Sequence[Item] | None,
        conversation: Conversation,
        conversation_id: str,
        servers: McpServers,
        playback: CallPlayback | None,
        outbox: Outbox,
        new_id: NewId,
    ) -> None:
        """Prepare a response.

        Args:
            settings: What it goes by.
            toolset: What the assistant may call.
            own_input: What it answers to; None: to the conversation.
            conversation: Where its items go, unless it is out of band.
            conversation_id: Its name on the wire.
            servers: Carry out the calls of their tools.
            playback: Takes the sound of a call; None: it goes to the client as events.
            outbox: Takes the events and intents.
            new_id: Makes identifiers.
        """
        self.id = new_id("resp_")
        self.settings = settings
        self.toolset = toolset
        self.own_input = own_input
        self.prompt = usage.InputTokens()
        self.is_waiting = True
        """The assistant has not been asked yet."""
        self.is_done = False
        self.total_tokens = 0
        """What it has cost, once it is done."""
        self._conversation_id = None if settings.is_out_of_band else conversation_id
        self._servers = servers
        self._playback = playback
        self._outbox = outbox
        self._new_id = new_id
        self._output = ResponseOutput(
            self.id,
            None if settings.is_out_of_band else conversation,
            outbox,
            audio_format.of_wire(settings.format),
        )
        self._written_texts: deque[str] = deque()
        """To be sent as they are, without the pace of the simulator's own writing."""
        self._sentences: deque[str] = deque()
        self._calls: deque[BrainCall] = deque()
        self._n_calls = 0
        self._pieces: deque[str] = deque()
        self._sentence_ms = 0.0
        self._written = 0
        self._stop: StopReason | None = None
        self._failure: BrainError | None = None
        self._is_busy = False
        """Something is being said or written."""
        self._is_thought_through = False

    @property
    def audio_ms(self) -> float:
        """How long what it has said takes to play."""
        return self._output.audio_ms

    # ------------------------------------------------------------ what the session calls

    def begin(self, approved: Sequence[Item] = ()) -> None:
        """Announce the response, and carry out the calls that were waiting for an approval."""
        self._outbox.emit("response.created", response=self._wire("in_progress"))
        for request in approved:
            call = self._mcp_call(request.server_label, request.name)
            call.arguments, call.approval_request_id = request.arguments, request.id
            self._output.open(call)
            self._carry_out(call)

    def perform(self, reply: BrainReply) -> None:
        """Say and call what the assistant has decided, after what came before."""
        if reply.text:
            self._written_texts.append(reply.text)
        self._sentences.extend(each for each in reply.sentences if each.strip())
        allowed = len(reply.calls) if self.settings.parallel_tool_calls else 1 - self._n_calls
        self._calls.extend(reply.calls[:allowed])
        self._n_calls += len(reply.calls[:allowed])
        self._stop = self._stop or reply.stop
        self._failure = self._failure or reply.failure
        if not self._is_busy:
            self._proceed()

    def thought_through(self) -> None:
        """End after what has come: the assistant has nothing to add."""
        self._is_thought_through = True
        if not self._is_busy:
            self._proceed()

    def advance(self) -> None:
        """Write the next piece of text or arguments."""
        item = self._output.open_item
        assert item is not None, "advance is only asked for with an open item"
        piece = self._pieces.popleft()
        if item.type == "message":
            is_whole = self._add(piece, self._output.write)
        elif item.type == "mcp_call":
            is_whole = self._add(piece, self._output.add_mcp_arguments)
        else:
            is_whole = self._add(piece, self._output.add_arguments)
        if is_whole:
            self._after_delta(item)

    def spoken(self, chunk: bytes) -> None:
        """Send the next audio of the sentence, and the words that belong to it."""
        if not chunk:
            return
        duration_ms = pcm.bytes_to_ms(len(chunk))
        self._write_words(until_ms=self._sentence_ms + duration_ms + TRANSCRIPT_LEAD_MS)
        if self.is_done:
            return
        if not self._fits(self._output.tokens_with(audio_ms=duration_ms)):
            self._stop_at_limit()
            return
        self._sentence_ms += duration_ms
        if self._playback is None:
            self._output.add_audio(chunk)
        else:
            assert self._output.open_item is not None, "audio only comes for an open message"
            self._output.keep_audio(chunk)
            self._playback.play(self.id, self._output.open_item, chunk)

    def sentence_spoken(self) -> None:
        """Send what is left of the sentence's words and go on."""
        self._write_words(until_ms=float("inf"))
        if not self.is_done:
            self._proceed()

    def finish(self, status: Ending, details: Mapping[str, Any] | None = None) -> None:
        """End the response now: close what is open, then `response.done`."""
        if status != "completed":
            self._outbox.ask(Stop(self.id))
        self._output.close("completed" if status == "completed" else "incomplete")
        self.is_done = True
        count = self._usage(status)
        self.total_tokens = count["total_tokens"]
        self._outbox.emit("response.done", response=self._wire(status, details, count))

    def fail(self, code: str, message: str) -> None:
        """End the response now: it cannot be carried out."""
        kind = "invalid_request_error" if code in _CLIENTS_FAULT else "server_error"
        error = {"type": kind, "code": code, "message": message}
        self.finish("failed", {"type": "failed", "error": error})

    # ------------------------------------------------------------ going on

    def _proceed(self) -> None:
        self._is_busy = True
        while self._written_texts and not self.is_done:
            self._write_at_once(self._written_texts.popleft())
        if self.is_done:
            return
        if self._sentences:
            self._next_sentence(self._sentences.popleft())
        elif self._calls:
            self._output.close("completed")
            self._begin_call(self._calls.popleft())
        elif self._failure is not None:
            self.fail(self._failure.code, str(self._failure))
        elif self._stop is not None:
            self.finish("incomplete", {"type": "incomplete", "reason": self._stop})
        elif self._is_thought_through:
            self.finish("completed")
        else:
            self._is_busy = False

    def _write_at_once(self, text: str) -> None:
        if self._output.open_item is None:
            self._open_message()
        self._add(text, self._output.write)

    def _next_sentence(self, sentence: str) -> None:
        if self._output.open_item is None:
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

    def _after_delta(self, item: Item) -> None:
        if self._pieces:
            self._outbox.ask(Advance(self.id))
            return
        if item.type == "mcp_call":
            self._output.end_mcp_arguments()
            self._carry_out(item)
        elif item.type == "function_call":
            self._output.close("completed")
        self._proceed()

    def _write_words(self, until_ms: float) -> None:
        pace_ms = SPEECH_MS_PER_CHARACTER / self.settings.speed
        while self._pieces and self._written * pace_ms < until_ms:
            word = self._pieces.popleft()
            if not self._add(word, self._output.add_words):
                return
            self._written += len(word)

    def _add(self, text: str, add: Callable[[str], None]) -> bool:
        """Add text to the open item; return whether all of it, else the response ends there."""
        n_fitting = bisect.bisect_left(
            range(1, len(text) + 1),
            True,
            key=lambda n: not self._fits(self._output.tokens_with(text[:n])),
        )
        if n_fitting:
            add(text[:n_fitting])
        if n_fitting < len(text):
            self._stop_at_limit()
        return n_fitting == len(text)

    def _fits(self, output: usage.Tokens) -> bool:
        """Return whether the response may cost this much; thinking has its share."""
        return output.total + (self._reasoning or 0) <= self.settings.token_limit

    def _stop_at_limit(self) -> None:
        self.finish("incomplete", {"type": "incomplete", "reason": "max_output_tokens"})

    # ------------------------------------------------------------ items

    def _open_message(self) -> None:
        item = Item(self._new_id("item_"), "message", role="assistant", voice=self.settings.voice)
        if defaults.is_second_generation(self.settings.model):
            item.phase = "commentary" if self._calls else "final_answer"
        self._output.open_message(item, self.settings.modality)

    def _begin_call(self, call: BrainCall) -> None:
        server_tool = self.toolset.mcp.get(call.name)
        needs_approval = server_tool is not None and server_tool.needs_approval
        whole = call.arguments_json if needs_approval else ""
        name = call.name if server_tool is None else server_tool.tool.name
        if not self._fits(self._output.tokens + usage.of_text(name + whole)):
            self._stop_at_limit()
            return
        if server_tool is not None and needs_approval:
            self._ask_for_approval(server_tool, call.arguments_json)
            self._proceed()
            return
        if server_tool is not None:
            item = self._mcp_call(server_tool.server_label, name)
        else:
            item = Item(self._new_id("item_"), "function_call", name=name)
            item.call_id = self._new_id("call_")
        self._output.open(item)
        text = call.arguments_json
        starts = range(0, len(text), ARGUMENTS_PIECE_LENGTH)
        self._pieces.extend(text[at : at + ARGUMENTS_PIECE_LENGTH] for at in starts)
        self._outbox.ask(Advance(self.id))

    def _mcp_call(self, server_label: str, name: str) -> Item:
        item = Item(self._new_id("mcp_"), "mcp_call", server_label=server_label, name=name)
        item.output = None
        return item

    def _ask_for_approval(self, tool: McpTool, arguments: str) -> None:
        item = Item(self._new_id("mcpr_"), "mcp_approval_request", name=tool.tool.name)
        item.server_label, item.arguments = tool.server_label, arguments
        self._output.open(item)
        self._output.close("completed")

    def _carry_out(self, call: Item) -> None:
        self._output.tell_mcp_call("in_progress")
        result = self._servers.call(call.server_label, call.name, call.arguments)
        call.output, call.error = result.get("output"), result.get("error")
        self._output.tell_mcp_call("completed" if call.error is None else "failed")
        self._output.close("completed")

    # ------------------------------------------------------------ on the wire

    def _tokens(self) -> usage.Tokens:
        return self._output.tokens + usage.Tokens(text=self._reasoning or 0)

    @property
    def _reasoning(self) -> int | None:
        effort = self.settings.reasoning_effort
        if effort is None:
            return None
        # Nobody thinks before being asked.
        if self.is_waiting:
            return 0
        return min(usage.REASONING_TOKENS[effort], self.settings.token_limit)

    def _usage(self, status: Ending) -> dict[str, Any]:
        if status == "failed":
            return usage.wire(usage.InputTokens(), usage.Tokens())
        return usage.wire(self.prompt, self._tokens(), self._reasoning)

    def _wire(
        self,
        status: str,
        details: Mapping[str, Any] | None = None,
        count: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        metadata = self.settings.metadata
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": details,
            "output": self._output.wire(),
            "conversation_id": self._conversation_id,
            "output_modalities": [self.settings.modality],
            "max_output_tokens": self.settings.max_output_tokens,
            "audio": {
                "output": {"format": dict(self.settings.format), "voice": self.settings.voice}
            },
            "usage": count,
            "metadata": None if metadata is None else dict(metadata),
        }
