"""A session for a client that speaks the beta, around one that speaks today's protocol."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Final

import orjson

from console.realtime.dialect import BetaClientDialect
from console.simulator.protocol import beta_schemas, client_messages, defaults
from console.simulator.protocol.intents import Outcome
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.session import SimulatorSession
from console.simulator.senses import BrainReply, SpeechBoundary, Transcript

Fields = dict[str, Any]

SILENCE_MS: Final = 200
"""How long the turn detection of the beta waited, unless it was told otherwise."""
REQUESTS_PER_MINUTE: Final = 1000
"""The limit that `rate_limits.updated` tells of beside that of tokens; nothing is refused."""

_UNCHANGED: Final = '{"type":"session.update","session":{"type":"realtime"}}'
_SESSION_KEYS: Final = (
    "id",
    "object",
    "model",
    "expires_at",
    "modalities",
    "instructions",
    "voice",
    "input_audio_format",
    "output_audio_format",
    "input_audio_transcription",
    "input_audio_noise_reduction",
    "turn_detection",
    "tools",
    "tool_choice",
    "temperature",
    "max_response_output_tokens",
)
"""The keys of a session in their order; others follow."""


class BetaSession:
    """A `SimulatorSession` as a client of the beta sees it: the same steps, its own words.

    What the beta did not know is refused as it did: a parameter, a word or an event of today is
    as unknown as any other.
    """

    def __init__(self, session: SimulatorSession) -> None:
        """Speak beta for `session`, which has not begun; from now on nobody else may step it."""
        self._session = session
        self._dialect = BetaClientDialect()
        self._take_defaults()

    # ------------------------------------------------------------ steps

    def open(self) -> Outcome:
        """Begin: `session.created`, then `conversation.created`."""
        return self._told(self._session.open())

    def receive(self, message: str | bytes) -> Outcome:
        """Handle a message of the client."""
        event_id: str | None = None
        try:
            event = client_messages.read(message)
            event_id = client_messages.event_id(event)
            event_type = client_messages.event_type(event, beta_schemas.EVENT_TYPES)
            if (check := beta_schemas.CHANGED_EVENTS.get(event_type)) is None:
                return self._told(self._session.receive(message))
            checked = check(event, "")
        except Refusal as refusal:
            return self._refused(refusal, event_id)
        (today,) = self._dialect.from_client(checked)
        return self._told(self._session.receive(orjson.dumps(today).decode()))

    def boundary(self, boundary: SpeechBoundary) -> Outcome:
        """Handle what the turn detector has found in the audio."""
        return self._told(self._session.boundary(boundary))

    def listened(self, until_ms: int) -> Outcome:
        """Handle that the turn detector has heard all audio up to a position."""
        return self._told(self._session.listened(until_ms))

    def convert(self) -> Outcome:
        """Take the next of the client's audio that is not PCM yet."""
        return self._told(self._session.convert())

    def overheard(self, item_id: str, so_far: Transcript) -> Outcome:
        """Handle all words that are sure so far of speech that goes on."""
        return self._told(self._session.overheard(item_id, so_far))

    def transcribed(self, item_id: str, transcript: Transcript) -> Outcome:
        """Handle what was said in an audio item."""
        return self._told(self._session.transcribed(item_id, transcript))

    def not_transcribed(self, item_id: str) -> Outcome:
        """Handle a failure of the recogniser."""
        return self._told(self._session.not_transcribed(item_id))

    def thought(self, response_id: str, reply: BrainReply) -> Outcome:
        """Carry out a piece of what the assistant has decided."""
        return self._told(self._session.thought(response_id, reply))

    def thought_through(self, response_id: str) -> Outcome:
        """End the response once all pieces have been carried out."""
        return self._told(self._session.thought_through(response_id))

    def advance(self, response_id: str) -> Outcome:
        """Write the next piece of text or arguments."""
        return self._told(self._session.advance(response_id))

    def spoken(self, response_id: str, chunk: bytes) -> Outcome:
        """Send the next audio of the sentence that is being said."""
        return self._told(self._session.spoken(response_id, chunk))

    def sentence_spoken(self, response_id: str) -> Outcome:
        """Go on after the last audio of a sentence."""
        return self._told(self._session.sentence_spoken(response_id))

    def fail_response(self, response_id: str, code: str, message: str) -> Outcome:
        """End a response that cannot be carried out, as `failed`."""
        return self._told(self._session.fail_response(response_id, code, message))

    def due(self, timer_id: str) -> Outcome:
        """Do what was to be done after some time, if it still is."""
        return self._told(self._session.due(timer_id))

    def report(self, refusal: Refusal) -> Outcome:
        """Send an `error` that no client event has caused."""
        return self._told(self._session.report(refusal))

    def is_responding(self, response_id: str) -> bool:
        """Return whether this response still goes on."""
        return self._session.is_responding(response_id)

    # ------------------------------------------------------------ words

    def _take_defaults(self) -> None:
        """Begin with what the beta began with, where the model begins otherwise today."""
        (answer,) = self._session.receive(_UNCHANGED).events
        if answer["type"] == "error":
            return  # A transcription has no voice, and its patience was the same.
        session = answer["session"]
        audio: Fields = {}
        if session["audio"]["output"]["voice"] not in beta_schemas.VOICES:
            audio["output"] = {"voice": beta_schemas.DEFAULT_VOICE}
        if session["audio"]["input"]["turn_detection"] == defaults.server_vad(session["model"]):
            patience = {"type": "server_vad", "silence_duration_ms": SILENCE_MS}
            audio["input"] = {"turn_detection": patience}
        change = {"type": "session.update", "session": {"type": "realtime", "audio": audio}}
        # What this leads to, the session asks for again when it begins.
        self._session.receive(orjson.dumps(change).decode())

    def _refused(self, refusal: Refusal, event_id: str | None) -> Outcome:
        # In beta's own words already: there is nothing to translate.
        outcome = self._session.report(refusal)
        for event in outcome.events:
            event["error"]["event_id"] = event_id
        return outcome

    def _told(self, outcome: Outcome) -> Outcome:
        own = {event.get("event_id") for event in outcome.events}
        told = [each for event in outcome.events for each in self._dialect.to_client(event)]
        return Outcome([self._named(_as_beta(event), own) for event in told], outcome.intents)

    def _named(self, event: Fields, own: Set[str | None]) -> Fields:
        """Give what the dialect has added an id like any other's."""
        if event.get("event_id") in own:
            return event
        return {**event, "event_id": self._session.new_event_id()}


def _as_beta(event: Fields) -> Fields:
    if event["type"] in ("session.created", "session.updated"):
        session = event["session"]
        ordered = {key: session[key] for key in _SESSION_KEYS if key in session}
        return {**event, "session": ordered | session}
    if event["type"] == "rate_limits.updated":
        return {**event, "rate_limits": [_one_request(), *event["rate_limits"]]}
    return event


def _one_request() -> Fields:
    """Return the limit of requests as it stands after one."""
    return {
        "name": "requests",
        "limit": REQUESTS_PER_MINUTE,
        "remaining": REQUESTS_PER_MINUTE - 1,
        "reset_seconds": 60 / REQUESTS_PER_MINUTE,
    }
