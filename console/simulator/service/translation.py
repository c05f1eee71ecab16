"""A session that interprets: speech in, the same in another language out, without items.

The simulator's own assistant knows one language. With it what was understood is said again in the
language it was said in; another assistant is asked to translate.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from console import pcm
from console.simulator.protocol import client_messages, defaults
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.input_buffer import InputBuffer
from console.simulator.protocol.intents import Detect, Listen, Outcome, Recognise, Speak, Think
from console.simulator.protocol.items import decode_audio
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.validation import choice, nullable, number, record, string
from console.simulator.senses import (
    BrainReply,
    BrainTurn,
    SpeechBoundary,
    SpeechStarted,
    Transcript,
)

MODEL: Final = "gpt-realtime-translate"
VOICE: Final = "marin"
FRAME_MS: Final = 200
"""Sound goes out in frames of this length, and times are told in multiples of it."""
MAX_UTTERANCE_MS: Final = 30_000
"""Who speaks on is interpreted up to here meanwhile."""
KEPT_SILENCE_MS: Final = 2000
_DETECTION: Final = Detect(0.5, 300, 500, 0)
_FRAME_BYTES: Final = FRAME_MS * pcm.BYTES_PER_MS
_EVENT: Final = {"type": string(), "event_id": nullable(string())}
_SESSION: Final = record(
    {
        "audio": nullable(
            record(
                {
                    "input": nullable(
                        record(
                            {
                                "transcription": nullable(
                                    record({"model": string(min_length=1)}, required=["model"])
                                ),
                                "noise_reduction": nullable(
                                    record(
                                        {
                                            "type": choice("near_field", "far_field"),
                                            "strength": nullable(number(0, 1)),
                                        },
                                        required=["type"],
                                    )
                                ),
                            }
                        )
                    ),
                    "output": nullable(record({"language": nullable(string(min_length=2))})),
                }
            )
        )
    }
)
_EVENTS: Final = {
    "session.update": record({**_EVENT, "session": _SESSION}, required=["session"]),
    "session.input_audio_buffer.append": record({**_EVENT, "audio": string()}, required=["audio"]),
    "session.close": record(_EVENT),
}


class TranslationSession:
    """The steps of a session, as of `SimulatorSession`, for the endpoint of translations."""

    def __init__(
        self, model: str, *, new_id: NewId, now: Callable[[], datetime], translates: bool
    ) -> None:
        """Prepare a session.

        Args:
            model: Its name on the wire.
            new_id: Makes identifiers.
            now: The present time, with its time zone.
            translates: Whether there is an assistant who can; without, words are repeated.
        """
        self._new_id = new_id
        self._now = now
        self._translates = translates
        self._outbox = Outbox(new_id)
        self._shown: dict[str, Any] = {
            "id": new_id("sess_"),
            "type": "translation",
            "expires_at": int(now().timestamp()) + defaults.SESSION_LENGTH_S,
            "model": model,
            "audio": {
                "input": {"transcription": None, "noise_reduction": None},
                "output": {"language": "en"},
            },
        }
        self._buffer = InputBuffer()
        self._speech_start_ms: int | None = None
        self._n_recognising = 0
        self._has_said: set[str] = set()
        """Which transcripts have begun: what follows is parted by a space."""
        self._utterances: deque[str] = deque()
        """Understood, and to be said in the other language, one after the other."""
        self._saying: str | None = None
        """The utterance under way, by an id of its own."""
        self._sentences: deque[str] = deque()
        self._is_thinking = False
        self._is_speaking = False
        self._sound = bytearray()
        self._is_closing = False

    # ------------------------------------------------------------ steps

    def open(self) -> Outcome:
        """Begin."""
        self._outbox.emit("session.created", session=copy.deepcopy(self._shown))
        self._outbox.ask(_DETECTION)
        return self._outbox.take()

    def receive(self, message: str | bytes) -> Outcome:
        """Handle a message of the client."""
        event_id: str | None = None
        try:
            event = client_messages.read(message)
            event_id = client_messages.event_id(event)
            event_type = client_messages.event_type(event, tuple(_EVENTS))
            self._handle(event_type, _EVENTS[event_type](event, ""))
        except Refusal as refusal:
            self._outbox.emit("error", error=refusal.wire(event_id))
        return self._outbox.take()

    def boundary(self, boundary: SpeechBoundary) -> Outcome:
        """Handle what the turn detector has found."""
        if isinstance(boundary, SpeechStarted):
            self._speech_start_ms = boundary.audio_start_ms
        else:
            self._utter(boundary.audio_end_ms)
            self._speech_start_ms = None
        return self._outbox.take()

    def listened(self, until_ms: int) -> Outcome:
        """Nothing is overheard here: an utterance is translated as a whole."""
        return self._outbox.take()

    def convert(self) -> Outcome:
        """All audio is PCM here."""
        return self._outbox.take()

    def overheard(self, item_id: str, so_far: Transcript) -> Outcome:
        """Nothing is overheard here."""
        return self._outbox.take()

    def transcribed(self, item_id: str, transcript: Transcript) -> Outcome:
        """Handle what was said."""
        self._n_recognising -= 1
        if transcript.text:
            if self._shown["audio"]["input"]["transcription"] is not None:
                self._tell("session.input_transcript.delta", transcript.text)
            self._utterances.append(transcript.text)
        self._go_on()
        return self._outbox.take()

    def not_transcribed(self, item_id: str) -> Outcome:
        """Handle a failure of the recogniser: the utterance is left out."""
        self._n_recognising -= 1
        refusal = Refusal("What was said could not be recognised.", code=None, kind="server_error")
        self._outbox.emit("error", error=refusal.wire(None))
        self._go_on()
        return self._outbox.take()

    def thought(self, response_id: str, reply: BrainReply) -> Outcome:
        """Say a piece of the translation."""
        if reply.failure is not None:
            return self.fail_response(response_id, reply.failure.code, str(reply.failure))
        if self.is_responding(response_id):
            self._sentences.extend(reply.sentences)
            self._go_on()
        return self._outbox.take()

    def thought_through(self, response_id: str) -> Outcome:
        """No more of the translation will come."""
        if self.is_responding(response_id):
            self._is_thinking = False
            self._go_on()
        return self._outbox.take()

    def spoken(self, response_id: str, chunk: bytes) -> Outcome:
        """Send the next sound, in whole frames."""
        if self.is_responding(response_id):
            self._sound += chunk
            while len(self._sound) >= _FRAME_BYTES:
                self._send_frame()
        return self._outbox.take()

    def sentence_spoken(self, response_id: str) -> Outcome:
        """Go on after a sentence, whose last frame is filled up with silence."""
        if self.is_responding(response_id):
            if self._sound:
                self._sound += bytes(_FRAME_BYTES - len(self._sound))
                self._send_frame()
            self._is_speaking = False
            self._go_on()
        return self._outbox.take()

    def fail_response(self, response_id: str, code: str, message: str) -> Outcome:
        """Leave out an utterance that cannot be translated or said."""
        if self.is_responding(response_id):
            refusal = Refusal(message, code=code, kind="server_error")
            self._outbox.emit("error", error=refusal.wire(None))
            self._sentences.clear()
            self._sound.clear()
            self._is_thinking = self._is_speaking = False
            self._go_on()
        return self._outbox.take()

    def advance(self, response_id: str) -> Outcome:
        """Nothing is written here."""
        return self._outbox.take()

    def due(self, timer_id: str) -> Outcome:
        """Nothing is waited for here."""
        return self._outbox.take()

    def report(self, refusal: Refusal) -> Outcome:
        """Send an error that no client event has caused."""
        self._outbox.emit("error", error=refusal.wire(None))
        return self._outbox.take()

    def is_responding(self, response_id: str) -> bool:
        """Return whether this utterance is still under way."""
        return response_id == self._saying

    # ------------------------------------------------------------ the client's events

    def _handle(self, event_type: str, event: Mapping[str, Any]) -> None:
        if self._is_closing:
            raise Refusal("The session is being closed.", code="session_closed")
        if event_type == "session.update":
            self._update(event["session"])
        elif event_type == "session.close":
            if self._speech_start_ms is not None:
                self._utter(self._buffer.end_ms)
            self._is_closing = True
            self._go_on()
        else:
            self._append(decode_audio(event["audio"], "audio"))

    def _update(self, patch: Mapping[str, Any]) -> None:
        audio = patch.get("audio") or {}
        for side in ("input", "output"):
            for name, value in (audio.get(side) or {}).items():
                self._shown["audio"][side][name] = self._settled(name, value)
        self._outbox.emit("session.updated", session=copy.deepcopy(self._shown))

    def _settled(self, name: str, value: Any) -> Any:
        if name != "noise_reduction" or value is None:
            return value
        before = self._shown["audio"]["input"]["noise_reduction"] or {"strength": 1.0}
        strength = value.get("strength")
        return {**value, "strength": before["strength"] if strength is None else strength}

    def _append(self, audio: bytes) -> None:
        if len(audio) > defaults.MAX_AUDIO_BYTES:
            raise Refusal(
                f"Error appending audio: {len(audio)} bytes are more than the "
                f"{defaults.MAX_AUDIO_BYTES} that one event may carry.",
                param="audio",
            )
        if self._speech_start_ms is None:
            self._buffer.keep_last(KEPT_SILENCE_MS)
        elif self._buffer.end_ms - self._speech_start_ms > MAX_UTTERANCE_MS:
            self._utter(self._buffer.end_ms)
            self._speech_start_ms = self._buffer.end_ms
        self._buffer.append(audio)
        self._outbox.ask(Listen(audio))

    # ------------------------------------------------------------ interpreting

    def _utter(self, end_ms: int) -> None:
        if self._speech_start_ms is None:
            return
        audio = self._buffer.take(self._speech_start_ms, end_ms)
        if audio:
            self._n_recognising += 1
            self._outbox.ask(Recognise(self._new_id("item_"), audio, "", None))

    def _go_on(self) -> None:
        """Do what comes next, if nothing is under way."""
        if self._is_speaking:
            return
        if self._sentences:
            self._speak(self._sentences.popleft())
        elif not self._is_thinking:
            self._saying = None
            if self._utterances:
                self._begin(self._utterances.popleft())
            elif self._is_closing and not self._n_recognising:
                self._outbox.emit("session.closed")

    def _begin(self, text: str) -> None:
        self._saying = self._new_id("resp_")
        if not self._translates:
            self._speak(text)
            return
        self._is_thinking = True
        self._outbox.ask(Think(self._saying, self._turn(text)))

    def _turn(self, text: str) -> BrainTurn:
        language = self._shown["audio"]["output"]["language"]
        content = [{"type": "input_text", "text": text}]
        return BrainTurn(
            instructions=f"You are an interpreter. Say in the language '{language}' what the user "
            "says, and nothing else: answer nothing, explain nothing, add nothing.",
            tools=[],
            tool_choice="none",
            items=[{"type": "message", "role": "user", "content": content}],
            now=self._now(),
        )

    def _speak(self, sentence: str) -> None:
        assert self._saying is not None, "an utterance is under way"
        self._is_speaking = True
        self._tell("session.output_transcript.delta", sentence)
        self._outbox.ask(Speak(self._saying, sentence, VOICE, 1.0))

    def _tell(self, event_type: str, text: str) -> None:
        space = " " if event_type in self._has_said else ""
        self._has_said.add(event_type)
        self._outbox.emit(event_type, delta=f"{space}{text}", elapsed_ms=self._elapsed_ms())

    def _send_frame(self) -> None:
        frame = bytes(self._sound[:_FRAME_BYTES])
        del self._sound[:_FRAME_BYTES]
        self._outbox.emit(
            "session.output_audio.delta",
            delta=pcm.encode(frame),
            sample_rate=pcm.SAMPLE_RATE_HZ,
            channels=1,
            format="pcm16",
            elapsed_ms=self._elapsed_ms(),
        )

    def _elapsed_ms(self) -> int:
        return self._buffer.end_ms // FRAME_MS * FRAME_MS
