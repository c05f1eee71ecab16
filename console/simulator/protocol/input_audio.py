"""The user's audio until it is an item: what was appended, and the speech found in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from console import pcm
from console.audio_format import AudioFormat, Decoder
from console.simulator.protocol import defaults
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.input_buffer import MAX_HELD_MS, MAX_SILENCE_MS, InputBuffer
from console.simulator.protocol.intents import Convert, Detect, Listen, Overhear
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.patience import Patience
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.session_config import SessionConfig, TurnSettings


@dataclass(frozen=True, slots=True)
class Turn:
    """What the user said in one go, and the item that it becomes."""

    item_id: str
    audio: bytes


@dataclass(frozen=True, slots=True)
class _Speech:
    """Someone is speaking; the item that it will become."""

    item_id: str
    audio_start_ms: int


CONVERTED_MS: Final = 20_000
"""So much of an event's audio is converted at once: more would keep other sessions waiting."""


class InputAudio:
    """Holds the audio of the next turn, and keeps the turn detector to what the client wants.

    The client appends in the session's input format; all behind that is PCM16 24 kHz. It says what
    happens in the buffer; making an item of a turn is the session's part.
    """

    def __init__(self, config: SessionConfig, outbox: Outbox, new_id: NewId) -> None:
        self._config = config
        self._outbox = outbox
        self._new_id = new_id
        self._buffer = InputBuffer()
        self._format = config.input_format
        self._decoder = Decoder(self._format)
        self._unconverted = bytearray()
        self._speech: _Speech | None = None
        self._unended_id: str | None = None
        """The item that speech will become whose end the client tells, if it is overheard."""
        self._overheard_ms = 0
        self._patience = Patience()

    @property
    def end_ms(self) -> int:
        """Audio appended since the session began."""
        return self._buffer.end_ms

    @property
    def is_speech(self) -> bool:
        """Whether the turn detector hears someone."""
        return self._speech is not None

    @property
    def overheard_id(self) -> str | None:
        """The item that the speech going on will become; None while nobody speaks."""
        return self._speech.item_id if self._speech is not None else self._unended_id

    def begin(self) -> None:
        """Start the turn detector, if the client wants one."""
        self._set_detector(restart=True)

    def settings_changed(self, before: TurnSettings | None) -> None:
        """Tell a running detector its new settings; start one where there was none."""
        if self._format is not self._config.input_format:
            self._convert_all(detects=before is not None)
            self._hear(self._decoder.decode(b"", last=True), detects=before is not None)
            self._format = self._config.input_format
            self._decoder = Decoder(self._format)
        after = self._config.turn_settings
        if (after is None) != (before is None):
            self._unended_id = None
        if after is None:
            self._speech = None
        elif after != before:
            self._set_detector(restart=before is None)

    def append(self, text: str) -> None:
        """Take base64 of audio in the session's input format.

        Raises:
            Refusal: It cannot be decoded, or is more than one event or the buffer may hold;
                nothing was taken.
        """
        data = self._decoded(text)
        detects = self._config.turn_settings is not None
        if detects and self._speech is None:
            self._buffer.keep_last(MAX_SILENCE_MS)
        if self._held_ms() + self._format.duration_ms(len(data)) > MAX_HELD_MS:
            raise Refusal(
                f"Error appending audio: the input audio buffer holds "
                f"{self._held_ms():.0f}ms and may hold {MAX_HELD_MS}ms. "
                "Commit or clear it first.",
                param="audio",
            )
        if self._format is AudioFormat.PCM:
            self._hear(data, detects=detects)
        else:
            self._unconverted += data
            self.convert()

    def convert(self) -> None:
        """Take the next of what was appended; the server is asked to come again for the rest."""
        size = CONVERTED_MS * self._format.rate_hz // 1000
        data = bytes(self._unconverted[:size])
        del self._unconverted[:size]
        self._hear(self._decoder.decode(data), detects=self._config.turn_settings is not None)
        if self._unconverted:
            self._outbox.ask(Convert())

    def hear(self, pcm24k: bytes) -> None:
        """Take PCM16 mono 24 kHz, whatever the input format is.

        Who sends it cannot be told that it is too much: of what nobody commits the oldest goes.
        """
        detects = self._config.turn_settings is not None
        is_silence = detects and self._speech is None
        added_ms = math.ceil(pcm.bytes_to_ms(len(pcm24k)))
        self._buffer.keep_last(MAX_SILENCE_MS if is_silence else MAX_HELD_MS - added_ms)
        self._hear(pcm24k, detects=detects)

    def listened(self, until_ms: int) -> None:
        """Take note how far the turn detector has heard: so far the words may be overheard."""
        if self._speech is not None and self._config.wants_words_at_once:
            audio = self._buffer.peek(self._overheard_ms, until_ms)
            self._overheard_ms = max(self._overheard_ms, until_ms)
            if audio:
                self._outbox.ask(Overhear(self._speech.item_id, audio))

    def take_turn(self) -> Turn:
        """Return all that is held, as the client ends the turn; then `forget_speech`.

        Raises:
            Refusal: It is too little for an item; the audio stays.
        """
        held_ms = self._held_ms()
        if held_ms < defaults.MIN_COMMIT_MS:
            raise Refusal(
                "Error committing input audio buffer: buffer too small. Expected at least "
                f"{defaults.MIN_COMMIT_MS}ms of audio, but buffer only has {held_ms:.2f}ms of "
                "audio.",
                code="input_audio_buffer_commit_empty",
            )
        item_id = self.overheard_id or self._new_id("item_")
        self._bring_out()
        return Turn(item_id, self._buffer.take_all())

    def clear(self) -> None:
        """Throw away what is held."""
        self._bring_out()
        self._buffer.clear()
        self.forget_speech()
        self._outbox.emit("input_audio_buffer.cleared")

    def forget_speech(self) -> None:
        """Start the turn detector anew: what it was hearing is no longer in the buffer."""
        self._speech = self._unended_id = None
        self._set_detector(restart=True)

    def speech_started(self, audio_start_ms: int) -> None:
        """Take note that the turn detector heard someone begin to speak."""
        self._speech = _Speech(self._new_id("item_"), audio_start_ms)
        self._overheard_ms = audio_start_ms
        self._outbox.emit(
            "input_audio_buffer.speech_started",
            audio_start_ms=audio_start_ms,
            item_id=self._speech.item_id,
        )
        self._learn(audio_start_ms)

    def speech_stopped(self, audio_end_ms: int) -> Turn | None:
        """Return what was said until now; None when the speech is no longer ours.

        That is so after a clear or a commit in the middle of it.
        """
        if (speech := self._speech) is None:
            return None
        self._speech = None
        self._patience.turn_ended(audio_end_ms)
        self._outbox.emit(
            "input_audio_buffer.speech_stopped", audio_end_ms=audio_end_ms, item_id=speech.item_id
        )
        return Turn(speech.item_id, self._buffer.take(speech.audio_start_ms, audio_end_ms))

    def time_out(self, audio_start_ms: int) -> Turn:
        """Return the silence since `audio_start_ms`, in which nobody was heard."""
        turn = Turn(self._new_id("item_"), self._buffer.take(audio_start_ms, self.end_ms))
        self._outbox.emit(
            "input_audio_buffer.timeout_triggered",
            audio_start_ms=audio_start_ms,
            audio_end_ms=self.end_ms,
            item_id=turn.item_id,
        )
        return turn

    # ------------------------------------------------------------ audio

    def _decoded(self, text: str) -> bytes:
        # Not even decoded, where its length alone says that it is too much.
        if len(text) > _LONGEST_TEXT or len(data := _from_base64(text)) > defaults.MAX_AUDIO_BYTES:
            raise Refusal(
                f"Invalid 'audio': {len(text) * 3 // 4} bytes of audio are more than the "
                f"{defaults.MAX_AUDIO_BYTES} that one event may carry.",
                param="audio",
            )
        if len(data) % self._format.bytes_per_sample:
            raise Refusal(
                f"Invalid 'audio': expected 16-bit PCM audio, but {len(data)} bytes are no whole "
                "samples.",
                param="audio",
            )
        return data

    def _held_ms(self) -> float:
        converted_ms = pcm.samples_to_ms(self._buffer.n_samples + self._decoder.n_held)
        return converted_ms + self._format.duration_ms(len(self._unconverted))

    def _hear(self, audio: bytes, *, detects: bool) -> None:
        self._buffer.append(audio)
        if detects and audio:
            self._outbox.ask(Listen(audio))
        elif audio and self._config.wants_words_at_once:
            self._unended_id = self._unended_id or self._new_id("item_")
            self._outbox.ask(Overhear(self._unended_id, audio))

    def _convert_all(self, *, detects: bool) -> None:
        """Take all that was appended, as something else depends on it."""
        self._hear(self._decoder.decode(bytes(self._unconverted)), detects=detects)
        self._unconverted.clear()

    def _bring_out(self) -> None:
        """Put what the decoder holds back into the buffer; the next audio is a stream of its own."""
        self._buffer.append(self._decoder.decode(bytes(self._unconverted), last=True))
        self._unconverted.clear()

    # ------------------------------------------------------------ turn detection

    def _learn(self, audio_start_ms: int) -> None:
        if (settings := self._config.turn_settings) is None:
            return
        before_ms = self._wait_ms(settings)
        self._patience.speech_began(audio_start_ms + settings.prefix_padding_ms)
        if self._wait_ms(settings) != before_ms:
            self._set_detector(restart=False)

    def _wait_ms(self, settings: TurnSettings) -> int:
        return self._patience.wait_ms(settings.silence_duration_ms, settings.longest_silence_ms)

    def _set_detector(self, *, restart: bool) -> None:
        if (settings := self._config.turn_settings) is not None:
            heard = (settings.threshold, settings.prefix_padding_ms, self._wait_ms(settings))
            self._outbox.ask(Detect(*heard, self._buffer.end_ms if restart else None))


_LONGEST_TEXT: Final = (defaults.MAX_AUDIO_BYTES + 2) // 3 * 4


def _from_base64(text: str) -> bytes:
    try:
        return pcm.decode(text)
    except ValueError as error:
        raise Refusal("Invalid 'audio': expected base64.", param="audio") from error
