"""What the client says: published, noted, and sent in this order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from console.client.configuration import Configuration
from console.client.inbox import Publish
from console.client.input_audio import InputAudio
from console.client.sent_events import SentEvents
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.fields import mapping
from console.realtime.ids import IdSource


class Line(Protocol):
    """Where messages go."""

    async def send(self, message: str, event_type: str) -> None:
        """Send a message; waits while the server reads slowly.

        Raises:
            NotConnectedError: The line has ended; `event_type` is named.
        """


class Outbox:
    """Sends events and remembers what an answer may need."""

    def __init__(
        self,
        *,
        open_line: Callable[[str], Line],
        ids: IdSource,
        conversation: Conversation,
        configuration: Configuration,
        sent: SentEvents,
        input_audio: InputAudio,
        publish: Publish,
        turn_mode_changed: Callable[[], None],
    ) -> None:
        """Prepare to send.

        Args:
            open_line: Returns the line for an event of a type, or raises `NotConnectedError`.
            ids: Names events that have no id.
            conversation: Told of what was sent.
            configuration: Told of changes of the session.
            sent: Remembers events for the errors that are about them.
            input_audio: Turns the microphone's sound into the session's format.
            publish: Tells subscribers.
            turn_mode_changed: Called when who ends a turn may have changed.
        """
        self._open_line = open_line
        self._ids = ids
        self._conversation = conversation
        self._configuration = configuration
        self._sent = sent
        self._input_audio = input_audio
        self._publish = publish
        self._turn_mode_changed = turn_mode_changed

    async def send(self, event: Event, pcm: bytes | None = None) -> str:
        """Send an event and return its id; `pcm` is the audio that it appends.

        Raises:
            NotConnectedError: There is no session.
            ValueError: It holds what JSON cannot carry.
        """
        line = self._open_line(event.type)
        if event.type == "input_audio_buffer.commit" and (rest := self._input_audio.rest()):
            await self._append(rest)
        if event.event_id is None:
            event.event_id = self._ids.new("event")
        message = events.dump(event)
        self._publish("client", event, len(message))
        # Noted before the wait: events of other tasks must find the order of the wire.
        if pcm is not None:
            self._conversation.speech.append(pcm)
        else:
            self._note(event, len(message))
        await line.send(message, event.type)
        return event.event_id

    async def append(self, chunk: bytes) -> None:
        """Send a chunk of the microphone, PCM16 24 kHz: what `send` does, in fewer steps."""
        await self._append(self._input_audio.encode(chunk), chunk)

    async def _append(self, coded: bytes, chunk: bytes = b"") -> None:
        """Send `coded`, of which `chunk` is the sound; it may be held back and come later."""
        event = events.input_audio_append(coded)
        line = self._open_line(event.type)
        if chunk:
            self._conversation.speech.append(chunk)
        if not coded:
            return
        event.event_id = self._ids.new("event")
        message = events.dump_audio_append(event)
        self._publish("client", event, len(message))
        await line.send(message, event.type)

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
