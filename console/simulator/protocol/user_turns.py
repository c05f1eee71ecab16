"""What the user says becomes items of the conversation: by turn detection, commit, or silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console import pcm
from console.simulator.protocol.idle import IdleClock
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.input_audio import InputAudio, Turn
from console.simulator.protocol.item_events import ItemEvents
from console.simulator.protocol.items import Conversation, Item, Part
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.running_responses import RunningResponses
from console.simulator.protocol.session_config import SessionConfig, TurnSettings
from console.simulator.protocol.timers import Timers
from console.simulator.protocol.transcriptions import Transcriptions
from console.simulator.senses import SpeechBoundary, SpeechStarted, Transcript

_SILENT: Final = (
    "The user has said nothing for a while. Say briefly that you are still there, or ask whether "
    "they want to go on."
)
"""What the assistant is told when the idle time is over; the wording is ours."""


class UserTurns:
    """Ends the user's turns, has them recognised, and lets the assistant answer."""

    def __init__(
        self,
        config: SessionConfig,
        conversation: Conversation,
        items: ItemEvents,
        transcriptions: Transcriptions,
        responses: RunningResponses,
        outbox: Outbox,
        timers: Timers,
        new_id: NewId,
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._items = items
        self._transcriptions = transcriptions
        self._responses = responses
        self._outbox = outbox
        self._new_id = new_id
        self._input = InputAudio(config, outbox, new_id)
        self._idle = IdleClock(timers, lambda: self._input.end_ms, self._user_is_silent)

    # ------------------------------------------------------------ what the client sends

    def begin(self) -> None:
        """Start the turn detector, if the client wants one."""
        self._input.begin()

    def settings_changed(self, before: TurnSettings | None) -> None:
        """Go by the session's new settings."""
        self._input.settings_changed(before)
        timeout_ms = _idle_timeout_ms(self._config.turn_settings)
        if self._idle.is_running and timeout_ms != _idle_timeout_ms(before):
            self._idle.stop()
            if timeout_ms is not None:
                self._idle.start(timeout_ms, 0)

    def append(self, event: Mapping[str, Any]) -> None:
        """Take audio.

        Raises:
            Refusal: It cannot be used.
        """
        self._input.append(event["audio"])

    def hear(self, pcm24k: bytes) -> None:
        """Take audio that came by another way than an event."""
        self._input.hear(pcm24k)

    def convert(self) -> None:
        """Take the next of what was appended and is not PCM yet."""
        self._input.convert()

    def commit(self, event: Mapping[str, Any]) -> None:
        """Make an item of all audio that is held.

        Raises:
            Refusal: There is too little of it.
        """
        self._items.check_room()
        self._commit(self._input.take_turn())
        self._input.forget_speech()
        self.user_acted()

    def clear(self, event: Mapping[str, Any]) -> None:
        """Throw the audio away that is held."""
        self._input.clear()

    def recognise(self, item: Item, audio: bytes, wanted: Mapping[str, Any] | None) -> None:
        """Have the words of an item found out; `wanted` says how the client is told of them."""
        if self._config.kind == "realtime":
            turn = self._responses.turn_up_to(item)
            self._transcriptions.begin(item, audio, wanted, turn)
        elif wanted is not None:
            self._transcriptions.begin(item, audio, wanted, None)

    # ------------------------------------------------------------ what the detector finds

    def boundary(self, boundary: SpeechBoundary) -> None:
        """Begin or end a turn, unless the client has switched detection off meanwhile."""
        if (settings := self._config.turn_settings) is None:
            return
        if isinstance(boundary, SpeechStarted):
            self.user_acted()
            self._input.speech_started(boundary.audio_start_ms)
            if settings.interrupt_response:
                self._responses.interrupt()
        else:
            self._speech_stopped(boundary.audio_end_ms, settings)

    def _speech_stopped(self, audio_end_ms: int, settings: TurnSettings) -> None:
        if (turn := self._input.speech_stopped(audio_end_ms)) is None:
            return
        try:
            self._items.check_room()
            self._commit(turn)
            if settings.create_response:
                self._responses.create({})
        except Refusal as refusal:
            self._outbox.emit("error", error=refusal.wire(None))

    def listened(self, until_ms: int) -> None:
        """Take note how far the turn detector has heard, by milliseconds of appended audio."""
        self._input.listened(until_ms)

    def overheard(self, item_id: str, so_far: Transcript) -> None:
        """Tell what is sure of the words that are being spoken, if they still are."""
        if item_id == self._input.overheard_id:
            self._transcriptions.overheard(item_id, so_far)

    # ------------------------------------------------------------ silence

    def user_acted(self) -> None:
        """Stop counting silence: the client has sent something, or someone speaks."""
        self._idle.stop()

    def answered(self) -> None:
        """Begin to count silence once the answer that has just ended has been played."""
        timeout_ms = _idle_timeout_ms(self._config.turn_settings)
        if timeout_ms is not None and not self._input.is_speech:
            self._idle.start(timeout_ms, self._responses.last_audio_ms)

    def _user_is_silent(self, audio_start_ms: int) -> None:
        try:
            self._items.check_room()
            turn = self._input.time_out(audio_start_ms)
            note = Part("input_text", text=_SILENT)
            self._items.add(Item(self._new_id("item_"), "message", role="system", content=[note]))
            # Nobody was heard, so there is nothing to recognise.
            self._commit(turn, heard="")
            self._responses.create({})
        except Refusal as refusal:
            self._outbox.emit("error", error=refusal.wire(None))

    # ------------------------------------------------------------ items

    def _commit(self, turn: Turn, *, heard: str | None = None) -> None:
        part = Part(
            "input_audio",
            heard=heard,
            audio=bytearray(turn.audio),
            audio_ms=pcm.bytes_to_ms(len(turn.audio)),
        )
        item = Item(turn.item_id, "message", role="user", content=[part])
        self._outbox.emit(
            "input_audio_buffer.committed",
            previous_item_id=self._conversation.last_id(),
            item_id=item.id,
        )
        self._items.add(item)
        if heard is None:
            self.recognise(item, turn.audio, self._config.transcription)
        self._conversation.forget_old_audio()


def _idle_timeout_ms(settings: TurnSettings | None) -> int | None:
    return None if settings is None else settings.idle_timeout_ms
