"""The reference client of the Realtime API."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self, assert_type
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import websockets

from console import pcm as pcm_units
from console import tasks
from console.client.happenings import ErrorReport, EventSource, Interrupted, RealtimeEvent
from console.client.refusals import Refusals
from console.client.subscriptions import AnyHandler, Subscriptions
from console.client.tool_calls import ToolCalls
from console.clock import Clock, SystemClock
from console.errors import ConnectError, ConsoleError, NotConnectedError, ProtocolError
from console.realtime import events, session
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.fields import mapping, number, text, text_or_none
from console.realtime.ids import IdSource
from console.realtime.items import (
    Fault,
    Item,
    ItemUpdate,
    Response,
    ResponseUpdate,
    Update,
)
from console.tools.registry import Tool, ToolRegistry
from console.transport import Closed, Transport, WebSocketTransport

logger = logging.getLogger(__name__)

DEFAULT_URL: Final = "wss://api.openai.com/v1/realtime"
DEFAULT_MODEL: Final = "gpt-realtime-2.1"
MIN_COMMIT_MS: Final = 100
"""The server refuses to make an item of less input audio."""
MAX_APPEND_BYTES: Final = 1024 * 1024
"""Longer audio travels as several events."""
MAX_REMEMBERED_BYTES: Final = 64 * 1024
"""Of a longer event only type and id are remembered."""
MAX_REMEMBERED_EVENTS: Final = 256
"""Events sent lately, kept so that an error can name the one that caused it."""


class Secret(Protocol):
    """Something that hides a key, such as `pydantic.SecretStr`."""

    def get_secret_value(self) -> str:
        """Return the key."""


OpenTransport = Callable[[str, Mapping[str, str], float], Awaitable[Transport]]
"""Opens a connection to a URL with headers within a time in seconds."""


async def open_websocket(url: str, headers: Mapping[str, str], timeout_s: float) -> Transport:
    """Open a WebSocket; see `WebSocketTransport.open` for what it raises."""
    return await WebSocketTransport.open(url, headers=headers, open_timeout_s=timeout_s)


class RealtimeClient:
    """A session with a server of the Realtime API, its conversation and its tools.

    Items and events stay readable after `disconnect`; the next session clears them when the
    server has begun it, so a failed `connect` loses nothing. All calls belong to one event loop.
    """

    def __init__(
        self,
        *,
        url: str = DEFAULT_URL,
        api_key: str | Secret | None = None,
        model: str = DEFAULT_MODEL,
        headers: Mapping[str, str] | None = None,
        open_transport: OpenTransport = open_websocket,
        clock: Clock | None = None,
        random_source: random.Random | None = None,
    ) -> None:
        """Prepare a client; nothing is sent before `connect`.

        Args:
            url: The server's WebSocket URL; the model is added to it unless it names one.
            api_key: Sent as bearer token. It never shows in `repr`, logs or errors.
            model: The model to ask for.
            headers: More headers of the handshake.
            open_transport: Opens the connection; tests put their own here.
            clock: Time, for the events' times and for tools.
            random_source: Where ids come from.
        """
        self.url = url
        self.model = model
        self._api_key = api_key
        self._headers = dict(headers or {})
        self._open_transport = open_transport
        self._clock: Clock = clock if clock is not None else SystemClock()
        self._ids = IdSource(random_source)
        self._signals = Subscriptions()
        self._transport: Transport | None = None
        self._receiver: asyncio.Task[None] | None = None
        self._is_connecting = False
        self._is_open = False
        self._began_s = self._clock.now_s()
        self._created: asyncio.Future[dict[str, Any]] | None = None
        self._refusal: Event | None = None
        self._recent: OrderedDict[str, Event] = OrderedDict()
        self._unconfirmed: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.conversation = Conversation()
        """Items, responses and what was said, in protocol order."""
        self._reactions: dict[str, Callable[[Event], None]] = {
            "session.created": self._session_created,
            "session.updated": self._session_updated,
            "input_audio_buffer.speech_started": self._speech_started,
            "error": self._error,
        }
        self.tools = ToolRegistry()
        """The tools; change them with `add_tool` and `remove_tool`, which tell the server."""
        self.session_config = session.defaults()
        """What this client asks for; change it with `update_session`."""
        self.session: dict[str, Any] = {}
        """What the server last said that the session is."""
        self.bad_messages = 0
        """Messages of this session that were no events."""
        self._tool_calls = ToolCalls(
            self.tools,
            clock=self._clock,
            send_output=self._send_tool_output,
            create_response=self._create_response_when_free,
            on_called=self._signals.tool_called.emit,
        )

    def __repr__(self) -> str:
        state = "connected" if self.is_connected else "not connected"
        return f"<RealtimeClient {_without_query(self.url)} model={self.model!r} {state}>"

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
        `close`                     `Closed`, once for each session
        ==========================  ===================================================

        Raises:
            ValueError: There is no such name.
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
        return await self._next(name, timeout_s)

    async def wait_for_next_item(self, timeout_s: float | None = None) -> Item:
        """Return the next item that enters the conversation; raises as `wait_for_next`."""
        update: ItemUpdate = await self._next("conversation.item.appended", timeout_s)
        return update.item

    async def wait_for_next_completed_item(self, timeout_s: float | None = None) -> Item:
        """Return the next item that is finished; raises as `wait_for_next`."""
        update: ItemUpdate = await self._next("conversation.item.completed", timeout_s)
        return update.item

    async def _next(self, name: str, timeout_s: float | None) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def came(value: Any) -> None:
            if not future.done():
                future.set_result(value)

        def ended(closed: Closed) -> None:
            if not future.done():
                future.set_exception(NotConnectedError(f"wait for {name}"))

        stops = [self._signals.find(name).connect(came)]
        if name != self._signals.close.name:
            stops.append(self._signals.close.connect(ended))
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        finally:
            for stop in stops:
                stop()

    # Connection

    @property
    def is_connected(self) -> bool:
        """Whether a session is open."""
        return self._is_open

    async def connect(self, *, timeout_s: float = 10.0) -> dict[str, Any]:
        """Begin a session and send the configuration; returns what the server began with.

        Raises:
            ConnectError: There will be no session; `cause` and the sentence say why. Items and
                configuration are as they were, and `close` is not told.
            ConsoleError: There is a session already, or one is being begun.
        """
        if self._transport is not None or self._is_connecting:
            raise ConsoleError("This client is connected already; disconnect first.")
        key = self._key()
        if key is not None and (not key.isascii() or not key.isprintable() or " " in key):
            raise ConnectError(
                "The API key has characters that no key has; paste it again.", cause="key"
            )
        self._is_connecting = True
        self._began_s = self._clock.now_s()
        self._created = asyncio.get_running_loop().create_future()
        self._refusal = None
        self.bad_messages = 0
        self._recent.clear()
        self._unconfirmed.clear()
        try:
            created = await self._begin(timeout_s)
        except BaseException:
            await self._abandon()
            raise
        finally:
            self._is_connecting = False
        if not self.is_connected:
            raise Refusals(self.url, self.model, key).from_session(None, Closed(1006, ""))
        await self._send(events.session_update(self._session_payload()))
        return created

    async def _begin(self, timeout_s: float) -> dict[str, Any]:
        refusals = Refusals(self.url, self.model, self._key())
        assert self._created is not None
        try:
            async with asyncio.timeout(timeout_s):
                transport = await self._open_transport(
                    self._url_with_model(), self._all_headers(), timeout_s
                )
                self._transport = transport
                self._receiver = tasks.spawn(self._receive_all(transport), name="receive")
                return await asyncio.shield(self._created)
        except TimeoutError as error:
            if self._refusal is not None:
                raise refusals.from_session(self._refusal, None) from error
            raise refusals.timed_out(timeout_s) from error
        except (OSError, ValueError, websockets.WebSocketException) as error:
            raise refusals.from_exception(error, timeout_s) from error

    async def _abandon(self) -> None:
        """Take back a connection that did not become a session."""
        transport, self._transport = self._transport, None
        await tasks.cancel(self._receiver)
        self._receiver = None
        self._created = None
        if transport is not None:
            await transport.close()

    async def disconnect(self) -> None:
        """End the session, if there is one. Input audio is dropped; items and tools stay."""
        transport, receiver = self._transport, self._receiver
        if transport is None:
            return
        await transport.close()
        self._ended(transport, Closed(1000, ""))
        await tasks.cancel(receiver)

    async def reset(self) -> None:
        """End the session and forget everything: items, configuration, tools, and handlers."""
        await self.disconnect()
        self._signals.clear()
        self._forget()
        self.tools.clear()
        self.session_config = session.defaults()
        self.session = {}

    async def wait_for_session_created(self, timeout_s: float | None = None) -> dict[str, Any]:
        """Return the session as the server described it first; at once when it has begun.

        Raises:
            NotConnectedError: Nobody called `connect`, or the session ended first.
            ConnectError: The session could not be begun.
            TimeoutError: It did not begin in time.
        """
        if self._created is None:
            raise NotConnectedError("wait for the session")
        async with asyncio.timeout(timeout_s):
            return await asyncio.shield(self._created)

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

    def _key(self) -> str | None:
        key = self._api_key
        return key if key is None or isinstance(key, str) else key.get_secret_value()

    def _all_headers(self) -> dict[str, str]:
        key = self._key()
        return {**({"Authorization": f"Bearer {key}"} if key else {}), **self._headers}

    def _url_with_model(self) -> str:
        parts = urlsplit(self.url)
        query = parse_qs(parts.query)
        # The service wants exactly one of these.
        if not query.keys() & {"model", "call_id", "intent"}:
            added = urlencode({"model": self.model})
            parts = parts._replace(query=f"{parts.query}&{added}" if parts.query else added)
        return urlunsplit(parts)

    # Session

    def get_turn_detection_type(self) -> str | None:
        """Return `"server_vad"`, `"semantic_vad"`, or None when the user ends each turn."""
        detection = session.turn_detection(self.session_config)
        return text_or_none(detection, "type") if detection is not None else None

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
            ValueError: The patch holds what JSON cannot carry.
        """
        change = session.expand({**(patch or {}), **fields})
        events.dump(events.session_update(change))
        if not self.is_connected:
            self._merge_config(change)
            return
        was_manual = self.get_turn_detection_type() is None
        if "tools" in change:
            change["tools"] = self._with_own_tools(change["tools"])
        await self._send(events.session_update({"type": "realtime", **change}))
        if not was_manual and self.get_turn_detection_type() is None:
            # What was said between two turns is no part of the first that the user ends.
            await self._send(events.input_audio_clear())

    async def add_tool(self, tool: Tool) -> None:
        """Add a tool and tell the server.

        Raises:
            ValueError: There is one of this name already.
        """
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
            update = {"type": "realtime", "tools": self._all_tools()}
            await self._send(events.session_update(update))

    def _all_tools(self) -> list[dict[str, Any]]:
        return self._with_own_tools(self.session_config["tools"])

    def _with_own_tools(self, others: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
        foreign = [each for each in others or [] if not self._is_own(each)]
        return self.tools.definitions() + foreign

    def _is_own(self, definition: Any) -> bool:
        return isinstance(definition, Mapping) and definition.get("name") in self.tools

    def _session_payload(self) -> dict[str, Any]:
        return {**self.session_config, "tools": self._all_tools()}

    def _merge_config(self, change: Mapping[str, Any]) -> None:
        merged = session.merge(self.session_config, change)
        if "tools" in change:
            merged["tools"] = [each for each in merged["tools"] or [] if not self._is_own(each)]
        self.session_config = merged
        self.conversation.speech.is_manual = self.get_turn_detection_type() is None

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
        return await self._send(checked, _audio_of(checked) if is_audio else None)

    async def _send(self, event: Event, pcm: bytes | None = None) -> str:
        """Send an event; `pcm` is the audio that it appends to the input buffer."""
        transport = self._transport
        if transport is None or not self._is_open:
            raise NotConnectedError(f"send {event.type}")
        if event.event_id is None:
            event.event_id = self._ids.new("event")
        message = events.dump(event)
        self._publish("client", event, len(message))
        # Noted before the wait: events of other tasks must find the order of the wire.
        if pcm is not None:
            self.conversation.speech.append(pcm)
        else:
            self._note(event, len(message))
        try:
            await transport.send(message)
        except websockets.ConnectionClosed as error:
            raise NotConnectedError(f"send {event.type}") from error
        return event.event_id

    def _note(self, event: Event, size_bytes: int) -> None:
        assert event.event_id is not None
        is_small = size_bytes <= MAX_REMEMBERED_BYTES
        self._recent[event.event_id] = event if is_small else Event(event.type, event.event_id)
        if len(self._recent) > MAX_REMEMBERED_EVENTS:
            self._recent.popitem(last=False)
        if event.type == "session.update":
            self._unconfirmed[event.event_id] = self.session_config
            self._merge_config(mapping(event.fields, "session"))
        self.conversation.sent(event)

    async def delete_item(self, item_id: str) -> None:
        """Ask the server to delete an item; `conversation.item.deleted` says when it has."""
        await self._send(events.item_delete(item_id))

    async def send_user_message_content(
        self, content: str | Sequence[Mapping[str, Any]], *, respond: bool = True
    ) -> str:
        """Send a message of the user, ask for a response, and return the message's id.

        Args:
            content: A text, or content parts as the wire has them (`input_text`, `input_image`,
                `input_audio`, whose `audio` may be PCM16 bytes).
            respond: Whether to ask for a response.

        Raises:
            ValueError: The content is empty, or audio has half a sample.
        """
        parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
        if not parts or content == "":
            raise ValueError("A message needs content: a text or at least one content part.")
        item_id = self._ids.new("item")
        item = events.message_item(item_id, [_encoded(part) for part in parts])
        await self._send(events.item_create(item))
        if respond:
            if 0 < self.pending_input_ms < MIN_COMMIT_MS:
                await self.clear_input_audio()
            await self.create_response()
        return item_id

    @property
    def pending_input_ms(self) -> float:
        """Milliseconds of input audio that the next `create_response` would commit."""
        if self.get_turn_detection_type() is not None:
            return 0.0
        return self.conversation.speech.pending_ms

    async def append_input_audio(self, pcm: bytes | bytearray) -> None:
        """Send PCM16 mono 24 kHz of the microphone; nothing is sent for no audio.

        Raises:
            ValueError: The length is odd.
            NotConnectedError: There is no session.
        """
        pcm_units.check_chunk(pcm)
        for start in range(0, len(pcm), MAX_APPEND_BYTES):
            chunk = bytes(pcm[start : start + MAX_APPEND_BYTES])
            await self._send(events.input_audio_append(chunk), chunk)

    async def clear_input_audio(self) -> None:
        """Drop the input audio that was not committed, here and at the server."""
        await self._send(events.input_audio_clear())

    async def create_response(self, response: Mapping[str, Any] | None = None) -> None:
        """Ask for a response. Where the user ends each turn, commit the input audio first.

        Args:
            response: What shall differ from the session for this response, as the wire has it.

        Raises:
            ConsoleError: There is input audio, but less than the 100 ms that an item needs. It
                has been dropped, and nothing was asked for.
        """
        pending_ms = self.pending_input_ms
        if 0 < pending_ms < MIN_COMMIT_MS:
            await self.clear_input_audio()
            raise ConsoleError(
                f"Only {pending_ms:.0f} ms were said; a turn needs at least {MIN_COMMIT_MS} ms. "
                "They were dropped."
            )
        if pending_ms:
            await self._send(events.input_audio_commit())
        await self._send(events.response_create(response))

    async def cancel_response(
        self, item_id: str | None = None, sample_count: int = 0
    ) -> Item | None:
        """Stop the response that is being made, and say how much of an item was heard.

        The server is asked to cancel only while it makes a response of the conversation that
        it is not cancelling already.

        Args:
            item_id: The item that was being played; None when nothing was.
            sample_count: How many of its samples were heard, at 24 kHz.

        Returns:
            The item, or None without one.

        Raises:
            ValueError: The item is unknown or no audio of the model, or the count is negative;
                nothing has been sent.
        """
        item = self._playable(item_id, sample_count) if item_id is not None else None
        self._tool_calls.interrupted()
        if (active := self.conversation.active_response) is not None:
            self.conversation.interrupted()
            await self._send(events.response_cancel(active.id))
        if item is not None and (part := item.audio_part) is not None:
            heard_ms = int(min(pcm_units.samples_to_ms(sample_count), part.audio_ms))
            await self._send(events.item_truncate(item.id, item.content.index(part), heard_ms))
        return item

    def _playable(self, item_id: str, sample_count: int) -> Item:
        if sample_count < 0:
            raise ValueError(f"{sample_count} samples cannot have been heard.")
        item = self.conversation.get(item_id)
        if item is None:
            raise ValueError(f"The conversation has no item {item_id!r}.")
        part = item.audio_part
        if item.role != "assistant" or part is None or not part.received_bytes:
            raise ValueError(f"Item {item_id!r} holds no audio of the model.")
        return item

    async def _send_tool_output(self, call_id: str, output: str) -> None:
        item = events.function_output_item(self._ids.new("item"), call_id, output)
        await self._send(events.item_create(item))

    async def _create_response_when_free(self, is_wanted: Callable[[], bool]) -> None:
        while self.conversation.unfinished_response is not None:
            await self._next("response.updated", None)
        if is_wanted():
            await self._send(events.response_create())

    # What comes in

    async def _receive_all(self, transport: Transport) -> None:
        closed = Closed(1006, "")
        try:
            while not isinstance(message := await transport.receive(), Closed):
                self._accept(message)
            closed = message
        except Exception:
            logger.exception("the connection broke")
        self._ended(transport, closed)

    def _accept(self, message: str | bytes) -> None:
        try:
            event = events.parse(message)
        except ProtocolError as error:
            self.bad_messages += 1
            self._report(str(error), code="bad_message")
            return
        self._publish("server", event, len(message))
        try:
            self._act(event)
        except Exception as error:
            # A fault of ours must not end the session either.
            logger.exception("%s could not be handled", event.type)
            self._report(f"{event.type} could not be handled: {type(error).__name__}.")

    def _act(self, event: Event) -> None:
        if not self._is_open:
            if event.type == "error":
                self._refusal = event
            if event.type != "session.created":
                return
            self._is_open = True
            self._forget()
        for update in self.conversation.receive(event):
            self._tell(update)
        if (reaction := self._reactions.get(event.type)) is not None:
            reaction(event)

    def _tell(self, update: Update) -> None:
        signals = self._signals
        if isinstance(update, ItemUpdate):
            if update.item.is_out_of_band:
                signals.out_of_band.emit(update)
                return
            signals.updated.emit(update)
            if update.kind == "appended":
                signals.appended.emit(update)
            elif update.kind == "completed":
                signals.completed.emit(update)
            elif update.kind == "deleted":
                signals.deleted.emit(update)
        elif isinstance(update, ResponseUpdate):
            self._response_updated(update.response)
        else:
            assert_type(update, Fault)
            self._report(update.message, code="unusable_event")

    def _response_updated(self, response: Response) -> None:
        self._signals.response.emit(response)
        if response.is_done:
            found = (self.conversation.get(item_id) for item_id in response.item_ids)
            self._tool_calls.response_done(response, [item for item in found if item is not None])

    def _session_created(self, event: Event) -> None:
        self.session = mapping(event.fields, "session")
        self._signals.session_created.emit(self.session)
        if self._created is not None and not self._created.done():
            self._created.set_result(self.session)

    def _session_updated(self, event: Event) -> None:
        self.session = mapping(event.fields, "session")
        # Updates are answered in order.
        if self._unconfirmed:
            self._unconfirmed.popitem(last=False)
        self._signals.session_updated.emit(self.session)

    def _speech_started(self, event: Event) -> None:
        self._tool_calls.interrupted()
        at_ms = number(event.fields, "audio_start_ms") or 0.0
        self._signals.interrupted.emit(Interrupted(text(event.fields, "item_id"), at_ms))

    def _error(self, event: Event) -> None:
        error = mapping(event.fields, "error")
        code, event_id = text_or_none(error, "code"), text_or_none(error, "event_id")
        if code == "response_cancel_not_active":
            # Our cancel and the end of the response have crossed on the line.
            return
        if event_id is not None and (before := self._unconfirmed.pop(event_id, None)) is not None:
            self.session_config = before
            self._merge_config({})
        said = text(error, "message") or text(event.fields, "error") or code
        self._signals.error.emit(
            ErrorReport(
                said or "The server reported an error without words.",
                "server",
                type=text_or_none(error, "type"),
                code=code,
                param=text_or_none(error, "param"),
                event_id=event_id,
                cause=self._recent.get(event_id) if event_id is not None else None,
            )
        )

    def _report(self, message: str, code: str | None = None) -> None:
        self._signals.error.emit(ErrorReport(message, "client", code=code))

    def _publish(self, source: EventSource, event: Event, size_bytes: int) -> None:
        at_s = self._clock.now_s() - self._began_s
        self._signals.event.emit(RealtimeEvent(at_s, source, event, size_bytes))

    def _forget(self) -> None:
        self.conversation.clear()
        self.conversation.speech.is_manual = self.get_turn_detection_type() is None
        self._signals.cleared.emit(None)

    def _ended(self, transport: Transport, closed: Closed) -> None:
        if self._transport is not transport:
            return
        was_open, self._is_open = self._is_open, False
        self._transport = None
        self._tool_calls.session_ended()
        self.conversation.speech.reset()
        created = self._created
        if created is not None and not created.done():
            refusals = Refusals(self.url, self.model, self._key())
            created.set_exception(refusals.from_session(self._refusal, closed))
        if was_open:
            self._signals.close.emit(closed)


def _audio_of(event: Event) -> bytes:
    """Return the audio of an append that was built elsewhere."""
    try:
        pcm = pcm_units.decode(event.fields["audio"])
        pcm_units.check_chunk(pcm)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"input_audio_buffer.append needs 'audio', base64 PCM16: {error}"
        ) from error
    return pcm


def _encoded(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content part with audio bytes as base64."""
    audio = part.get("audio")
    if not isinstance(audio, bytes | bytearray):
        return dict(part)
    pcm_units.check_chunk(audio)
    return {**part, "audio": pcm_units.encode(audio)}


def _without_query(url: str) -> str:
    """Return a URL without what may be secret: query, user and password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unusable URL)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
