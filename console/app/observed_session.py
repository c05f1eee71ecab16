"""A session of somebody else's, as a relay tells of it: log, conversation and sound as of our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.item_view import failure_of
from console.app.session_feed import SessionFeed
from console.audio_format import AudioFormat
from console.client.input_audio import InputAudio, format_of
from console.client.output_audio import OutputAudio
from console.errors import ProtocolError
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.fields import mapping
from console.realtime.items import ItemUpdate, Response, ResponseUpdate
from console.realtime.observed import ObservedEvent, ObservedGap
from console.realtime.updates import Updates

G711_EXPANSION: Final = 6
"""A byte of G.711 is a sample at 8 kHz: three samples of two bytes at ours."""
_APPEND: Final = "input_audio_buffer.append"


class ObservedSession:
    """Takes in what a relay tells of one session. Nothing that it tells makes this fail."""

    def __init__(
        self,
        *,
        on_item: Callable[[ItemUpdate], None] = lambda update: None,
        on_response: Callable[[Response], None] = lambda response: None,
        on_speech: Callable[[bool], None] = lambda is_heard: None,
        on_session: Callable[[dict[str, Any]], None] = lambda session: None,
    ) -> None:
        """Begin with nothing.

        Args:
            on_item: Told each change of an item of the conversation.
            on_response: Told when an answer of the conversation begins or ends.
            on_speech: Told when the service hears speech begin or end.
            on_session: Told what the service says that the session is.
        """
        self.log = EventLog()
        self.view = ConversationView()
        self.feed = SessionFeed(self.log, self.view)
        self.conversation = Conversation()
        self._on_item = on_item
        self._on_response = on_response
        self._on_speech = on_speech
        self._on_session = on_session
        self._input = InputAudio()
        self._output = OutputAudio()
        self._n_skipped = 0
        self._expansion = 1
        """Bytes of PCM16 at 24 kHz for each byte of the client's sound."""

    def take(self, told: ObservedEvent | ObservedGap) -> None:
        """Take in what was told."""
        if isinstance(told, ObservedGap):
            self._n_skipped += told.n_audio
            return
        try:
            event = events.from_dict(told.event)
        except ProtocolError:  # what a client sent that was no event has no place in the list
            return
        self.log.add(told.at_s, told.source, event, told.size_bytes)
        if told.source == "server":
            self._of_server(event)
        elif not told.refused:
            self._of_client(event)
        self.feed.touch()

    def end(self) -> None:
        """Bring to rest what was going on: nothing more will come."""
        self.view.end_session()
        self.feed.touch()

    def _of_client(self, event: Event) -> None:
        if event.type == _APPEND:
            self._append(event)
            return
        if event.type == "conversation.item.create":
            event = self._input.item_in_pcm(event)
        self.conversation.sent(event)

    def _append(self, event: Event) -> None:
        speech = self.conversation.speech
        if self._n_skipped:
            # Not before, since the form of the sound has to be known.
            speech.skip(self._n_skipped * 3 // 8 * 2 * self._expansion)
            self._n_skipped = 0
        if chunk := self._pcm_of(event):
            speech.append(chunk)

    def _pcm_of(self, event: Event) -> bytes:
        try:
            return self._input.of_append(event)
        except ValueError:  # the service says what is wrong with it
            return b""

    def _of_server(self, event: Event) -> None:
        match event.type:
            case "session.created" | "session.updated":
                self._session_told(mapping(event.fields, "session"))
            case "input_audio_buffer.speech_started":
                self._on_speech(True)
            case "input_audio_buffer.speech_stopped":
                self._on_speech(False)
        for each in self._output.in_pcm(event):
            self._tell(self.conversation.receive(each))

    def _session_told(self, session: dict[str, Any]) -> None:
        self._input.configured(session)
        is_pcm = format_of(session, "input") is AudioFormat.PCM
        self._expansion = 1 if is_pcm else G711_EXPANSION
        heard = mapping(mapping(session, "audio"), "input")
        self.conversation.speech.is_manual = heard.get("turn_detection") is None
        self._on_session(session)

    def _tell(self, updates: Updates) -> None:
        for update in updates:
            if isinstance(update, ItemUpdate):
                self._item_changed(update)
            elif isinstance(update, ResponseUpdate) and not update.response.is_out_of_band:
                self._response_changed(update.response)

    def _item_changed(self, update: ItemUpdate) -> None:
        if update.kind == "deleted":
            self.view.remove(update.item.id, self._order)
        else:
            self.view.update(update.item, self._order, update.delta)
        if not update.item.is_out_of_band:
            self._on_item(update)

    def _response_changed(self, response: Response) -> None:
        if sentence := failure_of(response):
            self.view.tell_failure(response.id, sentence, self._order)
        self._on_response(response)

    def _order(self) -> list[str]:
        return [each.id for each in self.conversation.items]
