"""What the client says: published, noted, and sent in this order."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from console import pcm as pcm_units
from console.client import choices
from console.client.carry_over import CarryOver
from console.client.configuration import Configuration
from console.client.inbox import Publish
from console.client.input_audio import InputAudio
from console.client.microphone_queue import MicrophoneQueue
from console.client.sent_events import SentEvents
from console.client.wire import Wire
from console.errors import NotConnectedError, ProtocolError
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.fields import mapping
from console.realtime.ids import IdSource


class Line(Protocol):
    """Where messages go."""

    wire: Wire

    @property
    def is_backed_up(self) -> bool:
        """Whether the network is behind."""

    def send(self, message: str, event_type: str) -> Coroutine[Any, Any, None]:
        """Send a message; waits while the server reads slowly.

        Raises:
            NotConnectedError: The line has ended; `event_type` is named.
        """


class Life(Protocol):
    """Who knows the line of the session."""

    @property
    def line(self) -> Line | None:
        """The line, while a session is open on it."""

    @property
    def is_holding_on(self) -> bool:
        """Whether a line that ends may be restored."""

    async def line_for(self, event_type: str) -> Line:
        """Return the line, when it is there at once or in a moment.

        Raises:
            NotConnectedError: It is not; `event_type` is named.
        """


class Outbox:
    """Sends events and remembers what an answer may need."""

    def __init__(
        self,
        *,
        life: Life,
        ids: IdSource,
        conversation: Conversation,
        configuration: Configuration,
        sent: SentEvents,
        input_audio: InputAudio,
        carry_over: CarryOver,
        publish: Publish,
        turn_mode_changed: Callable[[], None],
        on_skipped: Callable[[float], None],
        on_dropped: Callable[[float], None],
        now_s: Callable[[], float],
    ) -> None:
        """Prepare to send.

        Args:
            life: Has the line.
            ids: Names events that have no id.
            conversation: Told of what was sent.
            configuration: Told of changes of the session.
            sent: Remembers events for the errors that are about them.
            input_audio: Turns the microphone's sound into the session's format.
            carry_over: Knows items that the server has under another id.
            publish: Tells subscribers.
            turn_mode_changed: Called when who ends a turn may have changed.
            on_skipped: Told how many ms of the microphone a slow network has cost.
            on_dropped: Told how many ms came while a lost line was being restored.
            now_s: The time.
        """
        self._life = life
        self._ids = ids
        self._conversation = conversation
        self._configuration = configuration
        self._sent = sent
        self._input_audio = input_audio
        self._publish = publish
        self._carry_over = carry_over
        self._turn_mode_changed = turn_mode_changed
        self._on_dropped = on_dropped
        self._microphone = MicrophoneQueue(self._append_queued, on_skipped, now_s=now_s)

    @property
    def queued_ms(self) -> float:
        """How much of the microphone waits for the network, in milliseconds."""
        return self._microphone.queued_ms

    async def wait_for_line(self, event_type: str) -> None:
        """Return when an event of this type can be sent: at once, or after a move.

        Raises:
            NotConnectedError: There is no session; `event_type` is named.
        """
        if self._life.line is None:
            await self._life.line_for(event_type)

    async def send(self, event: Event, pcm: bytes | None = None) -> str:
        """Send an event and return its id; `pcm` is the audio that it appends.

        Raises:
            NotConnectedError: There is no session.
            ValueError: It holds what JSON cannot carry.
        """
        if not self._microphone.is_idle:
            if event.type == "input_audio_buffer.clear":
                self._microphone.clear()
            elif event.type == "input_audio_buffer.commit":
                await self._microphone.wait_until_sent()
        line = self._life.line or await self._life.line_for(event.type)
        return await self.send_on(line, event, pcm)

    async def send_given(self, given: Mapping[str, Any] | Event) -> str:
        """Send any event that was built elsewhere; returns and raises as `send`.

        Raises:
            ValueError: It has no `type` too, or appends what is no audio.
            TypeError: It is no event.
        """
        wanted = "a mapping with a 'type', as the wire has it, or an Event"
        choices.check_kind("event", given, Mapping | Event, wanted)
        try:
            event = events.from_dict(given.as_dict() if isinstance(given, Event) else given)
        except ProtocolError as error:
            raise ValueError(f"This cannot be sent: {error}") from error
        is_audio = event.type == "input_audio_buffer.append"
        return await self.send(event, self._input_audio.of_append(event) if is_audio else None)

    async def send_on(self, line: Line, event: Event, pcm: bytes | None = None) -> str:
        """Do what `send` does, on a line that may be another than the session's."""
        if event.type == "input_audio_buffer.commit" and (rest := self._input_audio.rest()):
            await self._append(line, rest)
        if event.event_id is None:
            event.event_id = self._ids.new("event")
        self._carry_over.outgoing(event)
        spelled = (event,) if line.wire.is_plain else line.wire.outgoing(event)
        messages = [(each, dump(each)) for each in spelled]
        for each, message in messages:
            self._publish("client", each, len(message))
        # Noted before the wait: events of other tasks must find the order of the wire.
        if pcm is not None:
            self._conversation.speech.append(pcm)
        else:
            self._note(event, sum(len(message) for _, message in messages))
        for each, message in messages:
            await line.send(message, each.type)
        return event.event_id

    async def append(self, chunk: bytes) -> None:
        """Send a chunk of the microphone, PCM16 24 kHz: what `send` does, in fewer steps.

        While the network is behind, it waits in a queue, of which the oldest is dropped; sound that
        comes faster than it is spoken keeps the caller waiting instead. While a lost line is being restored, it
        is dropped: it would be too late when the line is back.

        Raises:
            NotConnectedError: There is no session, and none is being restored.
        """
        life = self._life
        try:
            line = life.line or await life.line_for("input_audio_buffer.append")
            if line.is_backed_up or not self._microphone.is_idle:
                await self._microphone.put(chunk)
            else:
                await self._append(line, self._input_audio.encode(chunk), chunk)
        except NotConnectedError:
            if not life.is_holding_on:
                raise
            if life.line is None:
                # On a line that is just ending it counts as said there.
                self._on_dropped(pcm_units.bytes_to_ms(len(chunk)))

    async def _append_queued(self, chunk: bytes) -> None:
        line = await self._life.line_for("input_audio_buffer.append")
        await self._append(line, self._input_audio.encode(chunk), chunk)

    def _append(self, line: Line, coded: bytes, chunk: bytes = b"") -> Coroutine[Any, Any, None]:
        """Send `coded`, of which `chunk` is the sound; it may be held back and come later.

        It returns what is left to wait for: a layer less for each chunk of the microphone.
        """
        if chunk:
            self._conversation.speech.append(chunk)
        if not coded:
            return _nothing()
        # In both dialects it looks the same.
        event = events.input_audio_append(coded)
        event.event_id = self._ids.new("event")
        message = events.dump_audio_append(event)
        self._publish("client", event, len(message))
        return line.send(message, event.type)

    def _note(self, event: Event, size_bytes: int) -> None:
        self._sent.add(event, size_bytes)
        if event.type == "session.update" and event.event_id is not None:
            self._configuration.sent(event.event_id, mapping(event.fields, "session"))
            self._turn_mode_changed()
        elif event.type == "conversation.item.create":
            event = self._input_audio.item_in_pcm(event)
        elif event.type == "input_audio_buffer.clear":
            self._input_audio.rest()
        self._conversation.sent(event)


def dump(event: Event) -> str:
    """Return the event as JSON text.

    Raises:
        ValueError: A field holds something that JSON cannot carry, such as a number that is none.
    """
    message = events.dump(event)
    # It would be written as null, which often means something: no limit, the default, off.
    if not _is_finite(event.fields):
        raise ValueError(f"{event.type} holds NaN or infinity, which JSON cannot carry.")
    return message


def _is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    return not isinstance(value, list | tuple) or all(map(_is_finite, value))


async def _nothing() -> None:
    """Wait for nothing."""
