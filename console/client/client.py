"""The reference client of the Realtime API."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from console.client import images, input_audio, interruption, out_of_band, outbox, tool_choice
from console.client.address import Secret
from console.client.audio_files import KeepAudio
from console.client.connection import OpenTransport, open_websocket
from console.client.out_of_band import Answer
from console.client.reconnection import ReconnectPolicy
from console.client.session_parts import SessionParts
from console.client.subscriptions import AnyHandler
from console.client.targets import Target, chosen
from console.client.wire import Dialect
from console.clock import Clock, SystemClock
from console.errors import ConsoleError, ProtocolError
from console.realtime import events, session
from console.realtime.conversation import Conversation
from console.realtime.events import Detail, Event
from console.realtime.fields import text
from console.realtime.items import Item, ItemUpdate
from console.realtime.session import SessionType
from console.tools.registry import Tool, ToolRegistry
from console.transport import Transport

RECONNECT: Final = ReconnectPolicy()
"""How a client holds on to its session unless it is told otherwise."""


class RealtimeClient:
    """A session with a server of the Realtime API, its conversation and its tools.

    Items and events stay readable after `disconnect`; the next session clears them when the
    server has begun it, so a failed `connect` loses nothing. All calls belong to one event loop.
    """

    def __init__(
        self,
        *,
        target: Target | None = None,
        url: str | None = None,
        api_key: str | Secret | None = None,
        model: str | None = None,
        call_id: str | None = None,
        session_type: SessionType = "realtime",
        headers: Mapping[str, str] | None = None,
        dialect: Dialect = "auto",
        reconnect: ReconnectPolicy | None = RECONNECT,
        keep_audio: KeepAudio = "memory",
        open_transport: OpenTransport = open_websocket,
        clock: Clock | None = None,
        random_source: random.Random | None = None,
    ) -> None:
        """Prepare a client; nothing is sent before `connect`.

        Args:
            target: Whom to call; see `console.client.targets`. Instead of it, its parts:
            url: The server's WebSocket URL; by default OpenAI's. The model is added to it
                unless it says what the session is about.
            api_key: Sent as bearer token. It never shows in `repr`, logs or errors.
            model: The model to ask for.
            call_id: An existing call to watch and steer, instead of a model.
            session_type: `transcription`: speech becomes text, and nobody answers.
            headers: More headers of the handshake.
            dialect: What the server speaks; `auto` finds out.
            reconnect: When to come back after the line was lost; None: never.
            keep_audio: Where the newest hour of sound is kept: `memory`, mostly on `disk`, or
                `none`: nowhere.
            open_transport: Opens the connection; tests put their own here.
            clock: Time, for the events' times and for tools.
            random_source: Where ids come from.

        Raises:
            ValueError: The parts contradict each other or the target, or one of them is none of
                what is possible.
        """
        self._target = chosen(
            target,
            url=url,
            model=model,
            call_id=call_id,
            session_type=session_type,
            api_key=api_key,
            headers=headers,
        )
        if dialect != "auto":
            self._target = dataclasses.replace(self._target, dialect=dialect)
        self._open_transport = open_transport
        parts = self._parts = SessionParts(
            self._target,
            dial=self._dial,
            keep_audio=keep_audio,
            reconnect=reconnect,
            clock=clock if clock is not None else SystemClock(),
            random_source=random_source if random_source is not None else random.Random(),
        )
        self.conversation: Conversation = parts.conversation
        """Items, responses and what was said, in protocol order."""
        self.tools: ToolRegistry = parts.tools
        """The tools; change them with `add_tool` and `remove_tool`, which tell the server."""
        self._ids = parts.ids
        self._signals = parts.signals
        self._sent = parts.sent
        self._configuration = parts.configuration
        self._input_audio = parts.input_audio
        self._carry_over = parts.carry_over
        self._inbox = parts.inbox
        self._outbox = parts.outbox
        self._life = parts.life

    def __repr__(self) -> str:
        state = "connected" if self.is_connected else "not connected"
        return f"<RealtimeClient {self._target.public_url} {self._target.subject} {state}>"

    @property
    def target(self) -> Target:
        """Whom this client calls, and what the session is about."""
        return self._target

    @property
    def url(self) -> str:
        """The server's URL as it was given."""
        return self._target.url

    @property
    def model(self) -> str | None:
        """The model that is asked for; None of a call, and of most transcriptions."""
        return self._target.model

    @property
    def session_config(self) -> dict[str, Any]:
        """What this client asks for, without its tools; change it with `update_session`."""
        return self._configuration.fields

    @property
    def session(self) -> dict[str, Any]:
        """What the server last said that the session is."""
        return self._inbox.session

    @property
    def bad_messages(self) -> int:
        """Messages of this session that were no events."""
        return self._inbox.bad_messages

    # Subscriptions

    def on(self, name: str, handler: AnyHandler) -> Callable[[], None]:
        """Call `handler` with every later value of `name`; returns a function that stops it.

        ==========================  ===================================================
        `realtime.event`            `RealtimeEvent`, both directions, before it is acted on
        `session.created`           `dict`: the session as the server describes it
        `session.updated`           `dict`: likewise
        `conversation.cleared`      `None`: a new session has begun, or `reset`
        `conversation.updated`      `ItemUpdate`: every change of an item
        `conversation.item.appended`, `.completed`, `.deleted`   `ItemUpdate`
        `conversation.interrupted`  `Interrupted`: the user began to speak
        `response.updated`          `Response`: it began or ended
        `response.item.updated`     `ItemUpdate` of a response outside the conversation
        `tool.called`               `ToolCalled`: started, and finished
        `error`                     `ErrorReport`; the session goes on
        `connection.changed`        `ConnectionChanged`: begun, open, being restored, closed
        `session.expiring`          `SessionExpiring`: the server will end the session soon
        `session.moved`             `SessionMoved`: the conversation goes on in a new session
        `close`                     `Closed`, once, when it is over for good
        ==========================  ===================================================

        Raises:
            ValueError: There is no such name.
            TypeError: The handler cannot be called.
        """
        return self._signals.on(name, handler)

    def off(self, name: str, handler: AnyHandler | None = None) -> None:
        """Stop calling `handler`, or without one every handler of `name`.

        Raises:
            ValueError: There is no such name, or the handler is not subscribed to it.
        """
        self._signals.off(name, handler)

    async def wait_for_next(self, name: str, timeout_s: float | None = None) -> Any:
        """Return the next value of `name`.

        Raises:
            TimeoutError: None came in time.
            NotConnectedError: The session ended first.
            ValueError: There is no such name.
        """
        return await self._signals.next(name, timeout_s)

    async def wait_for_next_item(self, timeout_s: float | None = None) -> Item:
        """Return the next item that enters the conversation; raises as `wait_for_next`."""
        update: ItemUpdate = await self._signals.next("conversation.item.appended", timeout_s)
        return update.item

    async def wait_for_next_completed_item(self, timeout_s: float | None = None) -> Item:
        """Return the next item that is finished; raises as `wait_for_next`."""
        update: ItemUpdate = await self._signals.next("conversation.item.completed", timeout_s)
        return update.item

    # Connection

    @property
    def is_connected(self) -> bool:
        """Whether a session is open; not while a lost line is being restored."""
        return self._life.is_open

    async def connect(self, *, timeout_s: float = 10.0) -> dict[str, Any]:
        """Begin a session and send the configuration; returns what the server began with.

        What may pass (no network, a rate limit, trouble of the server) is tried again a few
        times, as `reconnect` says.

        Args:
            timeout_s: How long one attempt may take.

        Raises:
            ConnectError: There will be no session; `cause` and the sentence say why. Items and
                configuration are as they were, and `close` is not told.
            ConsoleError: There is a session already, or one is being begun.
        """
        if not self._life.is_begun:
            self._parts.begin()
        await self._life.connect(timeout_s)
        return self.session

    async def disconnect(self) -> None:
        """End the session, if there is one, or the attempts to begin or restore one.

        Input audio is dropped; items and tools stay.
        """
        await self._life.disconnect()

    async def reset(self) -> None:
        """End the session and forget everything: items, configuration, tools, and handlers."""
        await self.disconnect()
        self._signals.clear()
        self._inbox.forget()
        self.tools.clear()
        self._configuration.reset()
        self._inbox.session = {}

    async def wait_for_session_created(self, timeout_s: float | None = None) -> dict[str, Any]:
        """Return the session as the server described it first; at once when it has begun.

        Raises:
            NotConnectedError: Nobody called `connect`, or the session ended first.
            ConnectError: The session could not be begun.
            TimeoutError: It did not begin in time.
        """
        async with asyncio.timeout(timeout_s):
            return await self._life.session()

    async def _dial(self, target: Target, timeout_s: float) -> Transport:
        return await self._open_transport(target.full_url(), target.handshake_headers(), timeout_s)

    async def __aenter__(self) -> Self:
        """Connect."""
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disconnect."""
        await self.disconnect()

    # Session

    def get_turn_detection_type(self) -> str | None:
        """Return `"server_vad"`, `"semantic_vad"`, or None when the user ends each turn."""
        return self._configuration.turn_detection_type

    async def update_session(self, patch: Mapping[str, Any] | None = None, **fields: Any) -> None:
        """Change the configuration, at the server too when connected.

        A patch: absent fields stay; `None`, `""` and `[]` are values. If the server rejects it,
        the configuration goes back to what it was.

        Args:
            patch: Fields of the session as the wire has them. `tools` are definitions beside
                the tools of `add_tool`.
            fields: The same, and short names: `voice`, `speed`, `turn_detection`,
                `transcription`, `noise_reduction`, `input_format`, `output_format`.

        Raises:
            ValueError: The patch holds what JSON cannot carry, or what a transcription session
                does not have.
        """
        change = session.expand({**(patch or {}), **fields})
        self._configuration.check(change)
        outbox.dump(events.session_update(change))
        if not self.is_connected:
            self._configuration.merge(change)
            return
        was_manual = self.get_turn_detection_type() is None
        if "tools" in change:
            change["tools"] = self._configuration.with_tools(change["tools"])
        await self._outbox.send(events.session_update(self._configuration.change(change)))
        if not was_manual and self.get_turn_detection_type() is None:
            # What was said between two turns is no part of the first that the user ends.
            await self._outbox.send(events.input_audio_clear())

    async def add_tool(self, tool: Tool) -> None:
        """Add a tool and tell the server.

        Raises:
            ValueError: There is one of this name already.
            ConsoleError: This is a transcription session.
        """
        self._check_answering("call tools")
        self.tools.add(tool)
        await self._send_tools()

    async def remove_tool(self, name: str) -> None:
        """Take a tool out and tell the server.

        Raises:
            ValueError: There is none of this name.
        """
        self.tools.remove(name)
        await self._send_tools()

    async def _send_tools(self) -> None:
        if self.is_connected:
            await self._outbox.send(events.session_update(self._configuration.tools_payload()))

    # What goes out

    async def send(self, event: Mapping[str, Any] | Event) -> str:
        """Send any client event and return its id, which is made unless it has one.

        Raises:
            NotConnectedError: There is no session.
            ValueError: It has no `type`, or holds what JSON cannot carry.
        """
        try:
            checked = events.from_dict(event.as_dict() if isinstance(event, Event) else event)
        except ProtocolError as error:
            raise ValueError(f"This cannot be sent: {error}") from error
        is_audio = checked.type == "input_audio_buffer.append"
        return await self._outbox.send(
            checked, self._input_audio.of_append(checked) if is_audio else None
        )

    def _check_answering(self, action: str) -> None:
        if self._configuration.is_transcribing:
            raise ConsoleError(
                f"A transcription session listens and cannot {action}; "
                "begin one with session_type='realtime' for that."
            )

    async def retrieve_item(self, item_id: str, *, timeout_s: float = 10.0) -> Item:
        """Ask for an item as the server holds it, audio included, and return it.

        Raises:
            ConsoleError: The server refused; it may not have the item.
            NotConnectedError: There is no session, or it ended first.
            TimeoutError: The server did not answer in time.
        """
        return await self._parts.questions.retrieve(item_id, timeout_s)

    async def delete_item(self, item_id: str) -> None:
        """Ask the server to delete an item; `conversation.item.deleted` says when it has.

        An item of an earlier session that the server does not know is deleted here at once.

        Raises:
            ValueError: The conversation has no such item; nothing has been sent.
        """
        if self.conversation.find(item_id) is None and not self._sent.is_creating(item_id):
            raise ValueError(f"The conversation has no item {item_id!r}.")
        if self._carry_over.is_only_here(item_id):
            self._inbox.act(Event("conversation.item.deleted", fields={"item_id": item_id}))
            return
        await self._outbox.send(events.item_delete(item_id))

    async def send_user_message_content(
        self, content: str | Sequence[Mapping[str, Any]], *, respond: bool = True
    ) -> str:
        """Send a message of the user, ask for a response, and return the message's id.

        Args:
            content: A text, or content parts as the wire has them (`input_text`, `input_image`,
                `input_audio`, whose `audio` may be PCM16 bytes).
            respond: Whether to ask for a response.

        Raises:
            ValueError: The content is empty or no content, or audio has half a sample.
        """
        self._check_answering("take messages")
        parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
        if not parts or content == "":
            raise ValueError("A message needs content: a text or at least one content part.")
        item_id = self._ids.new("item")
        item = events.message_item(item_id, [self._input_audio.part(part) for part in parts])
        await self._outbox.send(events.item_create(item))
        if respond:
            if input_audio.is_too_short(self.pending_input_ms):
                await self.clear_input_audio()
            await self.create_response()
        return item_id

    async def send_image(
        self,
        image: bytes | Path,
        text: str = "",
        *,
        detail: Detail = "auto",
        respond: bool = True,
    ) -> str:
        """Show the model a picture, ask for a response, and return the message's id.

        Args:
            image: A PNG or JPEG: all of its bytes, or where the file is.
            text: What to say about it.
            detail: How closely the model looks; more costs more.
            respond: Whether to ask for a response.

        Raises:
            ValueError: It is neither PNG nor JPEG, or too large.
            TypeError: It is a text.
            ConsoleError: The file cannot be read.
        """
        parts = [await images.content_part(image, detail)]
        if text:
            parts.insert(0, events.text_content(text))
        return await self.send_user_message_content(parts, respond=respond)

    async def approve_mcp_call(
        self, approval_request_id: str, approve: bool = True, reason: str | None = None
    ) -> str:
        """Let the server call a tool of an MCP server, or not; returns the id of the answer.

        Args:
            approval_request_id: The item that asks, of type `mcp_approval_request`.
            approve: Whether it may.
            reason: Why or why not, for the model.

        Raises:
            ValueError: The conversation has no such item.
        """
        request = self.conversation.get(approval_request_id)
        if request is None or request.type != "mcp_approval_request":
            raise ValueError(
                f"The conversation has no item {approval_request_id!r} that asks for approval."
            )
        item_id = self._ids.new("item")
        item = events.approval_item(item_id, request.id, approve=approve, reason=reason)
        await self._outbox.send(events.item_create(item))
        return item_id

    @property
    def pending_input_ms(self) -> float:
        """Milliseconds of input audio that the next `create_response` would commit."""
        if self.get_turn_detection_type() is not None:
            return 0.0
        return self.conversation.speech.pending_ms + self._outbox.queued_ms

    async def append_input_audio(self, pcm: bytes | bytearray) -> None:
        """Send PCM16 mono 24 kHz of the microphone; nothing is sent for no audio.

        While the network is behind, up to 2 s wait here and the oldest are dropped; an error
        report says how much; sound that comes faster than it is spoken, as from a file, waits and
        is not dropped. While a lost line is being restored, all is dropped.

        Raises:
            ValueError: The length is odd.
            TypeError: It is no bytes.
            NotConnectedError: There is no session.
        """
        for chunk in input_audio.chunks(pcm):
            await self._outbox.append(chunk)

    async def clear_input_audio(self) -> None:
        """Drop the input audio that was not committed, here and at the server."""
        await self._outbox.send(events.input_audio_clear())

    async def commit_input_audio(self) -> None:
        """Make an item of the input audio: the user's turn is over. Nobody is asked to answer.

        Raises:
            ConsoleError: It is less than the 100 ms that an item needs. It has been dropped.
        """
        pending_ms = self.conversation.speech.pending_ms
        if pending_ms < input_audio.MIN_COMMIT_MS:
            await self.clear_input_audio()
            raise input_audio.too_short(pending_ms)
        await self._outbox.send(events.input_audio_commit())

    async def create_response(self, response: Mapping[str, Any] | None = None) -> None:
        """Ask for a response. Where the user ends each turn, commit the input audio first.

        Without input audio nothing is committed: the model goes on from what was said so far.

        Args:
            response: What shall differ from the session for this response, as the wire has it.

        Raises:
            ConsoleError: There is input audio, but less than the 100 ms that an item needs. It
                has been dropped, and nothing was asked for. Or this is a transcription session.
            ValueError: `tool_choice` names a tool that there is not; nothing has been sent.
        """
        self._check_answering("answer")
        if response is not None and not self._target.is_call:
            tools = response.get("tools", self._configuration.tools_payload()["tools"])
            tool_choice.check(response.get("tool_choice"), tools)
        if self.pending_input_ms:
            await self.commit_input_audio()
        await self._outbox.send(events.response_create(response))

    async def ask_out_of_band(
        self,
        content: str | Sequence[Mapping[str, Any]] | None,
        *,
        instructions: str | None = None,
        metadata: Mapping[str, str] | None = None,
        tools: Sequence[Mapping[str, Any]] | None = None,
        output_modalities: Sequence[str] = ("text",),
        timeout_s: float | None = 60.0,
    ) -> Answer:
        """Ask the model something beside the conversation, and return its answer.

        Several may be asked at once, also while the conversation goes on. Tools that the answer
        calls are not run.

        Args:
            content: What the model sees instead of the conversation: a text, or items as the wire
                has them (`item_reference` stands for one of the conversation). None: what was
                said so far.
            instructions: Instead of the session's.
            metadata: Comes back with the response.
            tools: Instead of the session's.
            output_modalities: `("text",)` or `("audio",)`.
            timeout_s: How long to wait; then the response is cancelled.

        Raises:
            ConsoleError: The server or the model refused, or this is a transcription session.
            NotConnectedError: There is no session, or it ended first.
            TimeoutError: The answer did not come in time.
            ValueError: The text is empty, or there is too much metadata.
        """
        self._check_answering("answer")
        asked = out_of_band.question(
            self._ids.new("ask"),
            content,
            instructions=instructions,
            metadata=metadata,
            tools=tools,
            output_modalities=output_modalities,
        )
        return await self._parts.questions.out_of_band(asked, timeout_s)

    async def clear_output_audio(self) -> None:
        """Silence the server's end of a call: what it has made and not yet played.

        Raises:
            ConsoleError: This is no call; elsewhere the client itself plays the sound.
        """
        if not self._target.is_call:
            raise ConsoleError(
                "Only of a call does the server play the sound; here it is played by this "
                "program: stop playing, and use cancel_response."
            )
        await self._outbox.send(events.output_audio_clear())

    async def cancel_response(
        self, item_id: str | None = None, sample_count: int = 0
    ) -> Item | None:
        """Stop the response that is being made, and say how much of an item was heard.

        The server is asked to cancel only while it makes a response of the conversation that
        it is not cancelling already. Of a call it plays the sound itself: it is told to stop, and
        knows how much was heard.

        Args:
            item_id: The item that was being played; None when nothing was.
            sample_count: How many of its samples were heard, at 24 kHz.

        Returns:
            The item, or None without one.

        Raises:
            ValueError: The item is unknown or no audio of the model, or the count is negative;
                nothing has been sent.
        """
        # Everything is checked before anything is sent.
        truncation = None
        if item_id is not None and not self._target.is_call:
            truncation = interruption.truncation(self.conversation, item_id, sample_count)
        self._parts.tool_calls.interrupted()
        if (active := self.conversation.active_response) is not None:
            self.conversation.interrupted()
            await self._outbox.send(events.response_cancel(active.id))
        if self._target.is_call:
            await self.clear_output_audio()
        elif truncation is not None:
            await self._truncate(truncation)
        return self.conversation.get(item_id) if item_id is not None else None

    async def _truncate(self, truncation: Event) -> None:
        if self._carry_over.has_no_audio_there(text(truncation.fields, "item_id")):
            self._inbox.act(Event("conversation.item.truncated", fields=truncation.fields))
        else:
            await self._outbox.send(truncation)
