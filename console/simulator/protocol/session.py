"""The server's side of one realtime session, without sockets, engines or time of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from console.simulator.protocol import client_messages, defaults, mcp, schemas
from console.simulator.protocol.call_playback import CallPlayback, Speaker
from console.simulator.protocol.defaults import SessionKind
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.intents import Outcome
from console.simulator.protocol.item_events import ItemEvents
from console.simulator.protocol.items import Conversation
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.responses import ResponseRun
from console.simulator.protocol.running_responses import RunningResponses
from console.simulator.protocol.session_config import SessionConfig
from console.simulator.protocol.silent_speaker import SilentSpeaker
from console.simulator.protocol.timers import Timers
from console.simulator.protocol.transcriptions import Transcriptions, unheard_part
from console.simulator.protocol.user_turns import UserTurns
from console.simulator.senses import BrainReply, SpeechBoundary, Transcript

Fields = dict[str, Any]

_TRANSLATION_EVENTS: Final = ("session.close", "session.input_audio_buffer.append")
_KNOWN_TYPES: Final[tuple[str, ...]] = (
    "session.update",
    "session.close",
    "input_audio_buffer.append",
    "session.input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "conversation.item.create",
    "conversation.item.truncate",
    "conversation.item.delete",
    "conversation.item.retrieve",
    "response.create",
    "response.cancel",
)
"""What the service says it knows, in its order."""
_CALL_EVENT: Final = "output_audio_buffer.clear"
"""Known in calls alone."""
_PHONE_KEYS: Final = frozenset("0123456789*#ABCD")


class SimulatorSession:
    """Takes client messages and what the engines find out; says what to send and what to do.

    Every public method is one step: it returns an `Outcome` with the server events in order and
    the work to begin. A client's mistake becomes an `error` event and changes nothing.
    """

    def __init__(
        self,
        model: str,
        *,
        new_id: NewId,
        now: Callable[[], datetime],
        is_call: bool = False,
        speaker: Speaker | None = None,
        kind: SessionKind = "realtime",
        length_s: int = defaults.SESSION_LENGTH_S,
    ) -> None:
        """Prepare a session of `model`.

        Args:
            model: Its name on the wire.
            new_id: Makes identifiers.
            now: The present time, with its time zone.
            is_call: It is the session of a call: the sound goes another way, and who joins it is
                not told how it began.
            speaker: Where the sound of a call comes out; without it nobody hears it.
            kind: A `transcription` session has no assistant, and shows no model.
            length_s: When it ends by itself, as it says; the server around it sees to that.
        """
        self._is_call = is_call
        self._now = now
        expires_at = int(now().timestamp()) + length_s
        self._config = SessionConfig(new_id("sess_"), model, expires_at, kind=kind)
        self._outbox = Outbox(new_id)
        self._new_id = new_id
        self._timers = Timers(self._outbox, new_id)
        self._conversation = Conversation()
        self._servers = mcp.McpServers(self._conversation, self._outbox, new_id)
        self._items = ItemEvents(
            self._config, self._conversation, self._servers, self._outbox, new_id
        )
        self._transcriptions = Transcriptions(
            self._config, self._conversation, self._outbox, new_id
        )
        self._playback = self._new_playback(speaker) if is_call else None
        self._responses = self._new_responses(new_id)
        self._turns = self._new_turns(new_id)
        self._responses.on_answered = self._turns.answered
        self._handlers = self._handlers_by_type()

    def _new_playback(self, speaker: Speaker | None) -> CallPlayback:
        if speaker is not None:
            return CallPlayback(self._conversation, self._outbox, speaker)
        silent = SilentSpeaker(self._timers, self._now)
        playback = CallPlayback(self._conversation, self._outbox, silent)
        silent.on_started, silent.on_stopped = playback.started, playback.stopped
        return playback

    def _new_responses(self, new_id: NewId) -> RunningResponses:
        return RunningResponses(
            self._config,
            self._conversation,
            self._items,
            self._servers,
            self._transcriptions,
            self._playback,
            self._outbox,
            self._timers,
            new_id=new_id,
            now=self._now,
        )

    def _new_turns(self, new_id: NewId) -> UserTurns:
        return UserTurns(
            self._config,
            self._conversation,
            self._items,
            self._transcriptions,
            self._responses,
            self._outbox,
            self._timers,
            new_id,
        )

    def _handlers_by_type(self) -> dict[str, Callable[[Fields], None]]:
        handlers: dict[str, Callable[[Fields], None]] = {
            "session.update": self._update_session,
            "input_audio_buffer.append": self._turns.append,
            "input_audio_buffer.commit": self._turns.commit,
            "input_audio_buffer.clear": self._turns.clear,
            "conversation.item.create": self._create_item,
            "conversation.item.truncate": self._items.truncate,
            "conversation.item.delete": self._items.delete,
            "conversation.item.retrieve": self._items.retrieve,
            "response.create": self._create_response,
            "response.cancel": self._responses.cancel,
        }
        if self._playback is not None:
            handlers[_CALL_EVENT] = self._clear_playback
        return handlers

    # ------------------------------------------------------------ steps

    def open(self) -> Outcome:
        """Begin: `session.created` unless it is a call's, and the turn detector's settings."""
        if not self._is_call:
            self._outbox.emit("session.created", session=self._config.wire())
        self._turns.begin()
        self._servers.connect(self._config["tools"])
        return self._outbox.take()

    def receive(self, message: str | bytes) -> Outcome:
        """Handle a message of the client."""
        event_id: str | None = None
        try:
            event = client_messages.read(message)
            event_id = client_messages.event_id(event)
            event_type = self._event_type(event)
            self._handlers[event_type](schemas.EVENTS[event_type](event, ""))
        except Refusal as refusal:
            self._outbox.emit("error", error=refusal.wire(event_id))
        return self._outbox.take()

    def boundary(self, boundary: SpeechBoundary) -> Outcome:
        """Handle what the turn detector has found in the audio."""
        self._turns.boundary(boundary)
        return self._outbox.take()

    def listened(self, until_ms: int) -> Outcome:
        """Handle that the turn detector has heard all audio up to a position."""
        self._turns.listened(until_ms)
        return self._outbox.take()

    def convert(self) -> Outcome:
        """Take the next of the client's audio that is not PCM yet."""
        self._turns.convert()
        return self._outbox.take()

    def overheard(self, item_id: str, so_far: Transcript) -> Outcome:
        """Handle all words that are sure so far of speech that goes on."""
        self._turns.overheard(item_id, so_far)
        return self._outbox.take()

    def transcribed(self, item_id: str, transcript: Transcript) -> Outcome:
        """Handle what was said in an audio item."""
        self._transcriptions.transcribed(item_id, transcript)
        self._responses.think_where_ready()
        return self._outbox.take()

    def not_transcribed(self, item_id: str) -> Outcome:
        """Handle a failure of the recogniser; the turn goes on without a transcript."""
        self._transcriptions.not_transcribed(item_id)
        self._responses.think_where_ready()
        return self._outbox.take()

    def thought(self, response_id: str, reply: BrainReply) -> Outcome:
        """Carry out a piece of what the assistant has decided."""
        return self._on_run(response_id, lambda run: run.perform(reply))

    def thought_through(self, response_id: str) -> Outcome:
        """End the response once all pieces have been carried out: no more will come."""
        return self._on_run(response_id, ResponseRun.thought_through)

    def advance(self, response_id: str) -> Outcome:
        """Write the next piece of text or arguments."""
        return self._on_run(response_id, ResponseRun.advance)

    def spoken(self, response_id: str, chunk: bytes) -> Outcome:
        """Send the next audio of the sentence that is being said."""
        return self._on_run(response_id, lambda run: run.spoken(chunk))

    def sentence_spoken(self, response_id: str) -> Outcome:
        """Go on after the last audio of a sentence."""
        return self._on_run(response_id, ResponseRun.sentence_spoken)

    def fail_response(self, response_id: str, code: str, message: str) -> Outcome:
        """End a response that cannot be carried out, as `failed`."""
        self._responses.fail(response_id, code, message)
        return self._outbox.take()

    def new_event_id(self) -> str:
        """Return an id for an event that is told beside those of this session."""
        return self._new_id("event_")

    def introduce(self) -> Outcome:
        """Tell the caller of a call, who has come to its end of the line, of the session."""
        self._outbox.emit("session.created", session=self._config.wire())
        return self._outbox.take()

    def hear(self, audio: bytes) -> Outcome:
        """Handle sound that came by the media server of a call: PCM16 mono 24 kHz."""
        self._turns.hear(audio)
        return self._outbox.take()

    def playback_started(self, response_id: str) -> Outcome:
        """Handle that the speaker of a call begins to play a response."""
        return self._on_playback(lambda playback: playback.started(response_id))

    def playback_stopped(self, response_id: str) -> Outcome:
        """Handle that the speaker of a call has played all of a response."""
        return self._on_playback(lambda playback: playback.stopped(response_id))

    def dtmf(self, key: str) -> Outcome:
        """Tell that the caller has pressed a key of the phone.

        Raises:
            ValueError: Phones have no such key.
        """
        if key not in _PHONE_KEYS:
            raise ValueError(f"There is no key {key!r} on a phone; there are 0-9, *, # and A-D.")
        received_at = int(self._now().timestamp())
        self._outbox.emit_without_id(
            "input_audio_buffer.dtmf_event_received", event=key, received_at=received_at
        )
        return self._outbox.take()

    def due(self, timer_id: str) -> Outcome:
        """Do what was to be done after some time, if it still is."""
        self._timers.due(timer_id)
        return self._outbox.take()

    def report(self, refusal: Refusal) -> Outcome:
        """Send an `error` that no client event has caused."""
        self._outbox.emit("error", error=refusal.wire(None))
        return self._outbox.take()

    def is_responding(self, response_id: str) -> bool:
        """Return whether this response still goes on."""
        return response_id in self._responses

    def _event_type(self, event: Fields) -> str:
        known = (*_KNOWN_TYPES, _CALL_EVENT) if self._is_call else _KNOWN_TYPES
        event_type = client_messages.event_type(event, known)
        if event_type in _TRANSLATION_EVENTS:
            raise Refusal(
                f"Invalid value: '{event_type}'. This event belongs to translation sessions.",
                param="type",
            )
        return event_type

    # ------------------------------------------------------------ session

    def _update_session(self, event: Fields) -> None:
        before = self._config.turn_settings
        mcp.check_labels(event["session"].get("tools"), "session.tools")
        self._config.update(
            event["session"],
            has_spoken=self._conversation.has_spoken(),
            is_responding=self._responses.is_answering,
        )
        self._turns.settings_changed(before)
        self._outbox.emit("session.updated", session=self._config.wire())
        self._servers.connect(self._config["tools"])

    # ------------------------------------------------------------ items

    def _create_item(self, event: Fields) -> None:
        item = self._items.create(event)
        self._turns.user_acted()
        part = unheard_part(item)
        if part is not None and part.audio:
            self._turns.recognise(item, bytes(part.audio), None)
        self._conversation.forget_old_audio()

    # ------------------------------------------------------------ responses

    def _create_response(self, event: Fields) -> None:
        if self._config.kind == "transcription":
            raise Refusal(
                "Responses are not supported in transcription sessions: there is no assistant.",
                param="type",
            )
        overrides = event.get("response") or {}
        self._config.check_model(overrides, "response")
        mcp.check_labels(overrides.get("tools"), "response.tools")
        self._turns.user_acted()
        self._responses.create(overrides)

    def _clear_playback(self, event: Fields) -> None:
        assert self._playback is not None, "only calls know this event"
        self._playback.clear()

    def _on_playback(self, step: Callable[[CallPlayback], None]) -> Outcome:
        assert self._playback is not None, "only calls have a speaker"
        step(self._playback)
        return self._outbox.take()

    def _on_run(self, response_id: str, step: Callable[[ResponseRun], None]) -> Outcome:
        self._responses.step(response_id, step)
        return self._outbox.take()
