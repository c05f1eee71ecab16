"""The reference client of the Realtime API."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from console.client import choices, input_audio, out_of_band
from console.client.address import Secret
from console.client.audio_files import KeepAudio
from console.client.connection import OpenTransport, open_websocket
from console.client.event_handler import RealtimeEventHandler
from console.client.out_of_band import Answer
from console.client.reconnection import ReconnectPolicy
from console.client.session_parts import SessionParts
from console.client.targets import Target, chosen
from console.client.wire import Dialect
from console.clock import Clock, SystemClock
from console.realtime.conversation import Conversation
from console.realtime.events import Detail, Event
from console.realtime.items import Item
from console.realtime.session import SessionType
from console.tools.registry import Tool, ToolRegistry

RECONNECT: Final = ReconnectPolicy()
"""How a client holds on to its session unless it is told otherwise."""


class RealtimeClient(RealtimeEventHandler):
    """A session with a server of the Realtime API, its conversation and its tools.

    Items and events stay readable after `disconnect`; the next session clears them when the
    server has begun it, so a failed `connect` loses nothing. All calls belong to one event loop.

    What happens is told by name: see `on` and `wait_for_next`.
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
            headers: More headers of the handshake; those whose names speak of a key, a token or the
                like are kept secret as the key is.
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
            TypeError: One of them is of another type than it may be.
        """
        choices.check_kind(
            "reconnect", reconnect, ReconnectPolicy | None, "a ReconnectPolicy, or None for never"
        )
        choices.check_kind(
            "random_source", random_source, random.Random | None, "a random.Random, or None"
        )
        self._target = chosen(
            target,
            url=url,
            model=model,
            call_id=call_id,
            session_type=session_type,
            api_key=api_key,
            headers=headers,
            dialect=dialect,
        )
        self._parts = parts = SessionParts(
            self._target,
            open_transport=open_transport,
            keep_audio=keep_audio,
            reconnect=reconnect,
            clock=clock if clock is not None else SystemClock(),
            random_source=random_source if random_source is not None else random.Random(),
        )
        super().__init__(parts.signals)
        self.conversation: Conversation = parts.conversation
        """Items, responses and what was said, in protocol order."""
        self.tools: ToolRegistry = parts.tools
        """The tools; `add_tool`, `remove_tool` and `set_tools` change them and tell the server."""

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
        return self._parts.configuration.fields

    @property
    def session(self) -> dict[str, Any]:
        """What the server last said that the session is."""
        return self._parts.inbox.session

    @property
    def bad_messages(self) -> int:
        """Messages of this session that were no events."""
        return self._parts.inbox.bad_messages

    # Connection

    @property
    def is_connected(self) -> bool:
        """Whether a session is open; not while a lost line is being restored."""
        return self._parts.life.is_open

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
            ValueError: The time is not more than 0 seconds.
            TypeError: The time is no number.
        """
        choices.check_time("timeout_s", timeout_s)
        if not self._parts.life.is_begun:
            self._parts.begin()
        await self._parts.life.connect(timeout_s)
        return self.session

    async def disconnect(self) -> None:
        """End the session, if there is one, or the attempts to begin or restore one.

        Input audio is dropped; items and tools stay.
        """
        await self._parts.life.disconnect()

    async def reset(self) -> None:
        """End the session and forget everything: items, configuration, tools, and handlers."""
        await self.disconnect()
        self._parts.reset()

    async def wait_for_session_created(self, timeout_s: float | None = None) -> dict[str, Any]:
        """Return the session as the server described it first; at once when it has begun.

        Raises:
            NotConnectedError: Nobody called `connect`, or the session ended first.
            ConnectError: The session could not be begun.
            TimeoutError: It did not begin in time.
            ValueError: The time is less than 0 seconds.
            TypeError: The time is no number.
        """
        choices.check_patience("timeout_s", timeout_s)
        async with asyncio.timeout(timeout_s):
            return await self._parts.life.session()

    async def __aenter__(self) -> Self:
        """Connect."""
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self.disconnect()

    # Session

    def get_turn_detection_type(self) -> str | None:
        """Return `"server_vad"`, `"semantic_vad"`, or None when the user ends each turn."""
        return self._parts.configuration.turn_detection_type

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
                does not have; or `tools` is no list, or `tool_choice` names a tool that there is
                not.
            TypeError: The patch is no mapping.
        """
        choices.check_kind("patch", patch, Mapping | None, "a mapping of the session's fields")
        await self._parts.session_changes.update({**(patch or {}), **fields})

    def leave_out_of_session(self, *names: str) -> None:
        """Ask no longer for fields of the configuration: the next session begins without them.

        The present session keeps what it has of them, since no event takes a field back.

        Args:
            names: As in `audio.output.speed`; one that is not asked for is no matter.
        """
        self._parts.configuration.leave_out(names)

    async def add_tool(self, tool: Tool) -> None:
        """Add a tool and tell the server.

        Raises:
            ValueError: There is one of this name already.
            ConsoleError: This is a transcription session.
        """
        await self._parts.session_changes.add_tool(tool)

    async def remove_tool(self, name: str) -> None:
        """Take a tool out and tell the server.

        Raises:
            ValueError: There is none of this name, or the session's `tool_choice` names it; nothing
                has changed.
        """
        await self._parts.session_changes.remove_tool(name)

    async def set_tools(self, tools: Iterable[Tool]) -> None:
        """Have these tools and no others, and tell the server if that changes anything.

        Raises:
            ValueError: Two of them have one name, or the session's `tool_choice` names a tool that
                is not among them; nothing has changed.
            ConsoleError: This is a transcription session.
        """
        await self._parts.session_changes.set_tools(tools)

    # Events and items

    async def send(self, event: Mapping[str, Any] | Event) -> str:
        """Send any client event and return its id, which is made unless it has one.

        Raises:
            NotConnectedError: There is no session.
            ValueError: It has no `type`, or holds what JSON cannot carry.
        """
        return await self._parts.outbox.send_given(event)

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
        await self._parts.item_edits.delete(item_id)

    # What the user writes, shows and allows

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
            TypeError: It is neither a text nor a list.
        """
        return await self._parts.user_items.add_message(content, respond=respond)

    async def send_image(
        self, image: bytes | Path, text: str = "", *, detail: Detail = "auto", respond: bool = True
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
        user_items = self._parts.user_items
        return await user_items.add_image(image, text, detail=detail, respond=respond)

    async def approve_mcp_call(
        self,
        approval_request_id: str,
        approve: bool = True,
        reason: str | None = None,
        *,
        respond: bool = True,
    ) -> str:
        """Let the server call a tool of an MCP server, or not; returns the id of the answer.

        The call is made at the beginning of the next response, which is asked for here: at once, or
        when the response that was asked for before is done or cancelled. Answers to several
        questions that wait for that get one response together.

        Args:
            approval_request_id: The item that asks, of type `mcp_approval_request`.
            approve: Whether it may.
            reason: Why or why not, for the model.
            respond: Whether to ask for a response. Of several questions, only the answer to the
                last should.

        Raises:
            ValueError: The conversation has no such item.
        """
        return await self._parts.user_items.add_approval(
            approval_request_id, approve=approve, reason=reason, respond=respond
        )

    # The user's turn

    @property
    def pending_input_ms(self) -> float:
        """Milliseconds of input audio that the next `create_response` would commit."""
        return self._parts.turn.pending_ms

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
            await self._parts.outbox.append(chunk)

    async def clear_input_audio(self) -> None:
        """Drop the input audio that was not committed, here and at the server."""
        await self._parts.turn.clear()

    async def commit_input_audio(self) -> None:
        """Make an item of the input audio: the user's turn is over. Nobody is asked to answer.

        Raises:
            ConsoleError: It is less than the 100 ms that an item needs. It has been dropped.
        """
        await self._parts.turn.commit()

    # Answers

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
        await self._parts.turn.create_response(response)

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
        self._parts.configuration.check_answering("answer")
        asked = out_of_band.question(
            self._parts.ids.new("ask"),
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
        await self._parts.interruption.clear_output()

    async def cancel_response(
        self, item_id: str | None = None, sample_count: int = 0
    ) -> Item | None:
        """Stop the response that is being made, and say how much of an item was heard.

        The server is asked to cancel only while it makes a response of the conversation that it
        is not cancelling already, or one has been asked for that has not begun. Of a call it plays
        the sound itself: it is told to stop, and knows how much was heard.

        Args:
            item_id: The item that was being played; None when nothing was.
            sample_count: How many of its samples were heard, at 24 kHz.

        Returns:
            The item, or None without one.

        Raises:
            ValueError: The item is unknown or no audio of the model, or the count is no count;
                nothing has been sent.
        """
        return await self._parts.interruption.cancel(item_id, sample_count)
