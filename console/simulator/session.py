"""The server's side of one realtime session, without sockets, engines or time of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from console import pcm
from console.simulator import defaults, items, schemas, usage
from console.simulator.ids import NewId
from console.simulator.input_audio import InputAudio, Turn
from console.simulator.intents import Outcome, Think
from console.simulator.items import Conversation, Item, Part
from console.simulator.outbox import Outbox
from console.simulator.refusals import Refusal, too_long, wrong_type
from console.simulator.responses import ResponseRun, ResponseSettings
from console.simulator.senses import (
    BrainReply,
    BrainTurn,
    SpeechBoundary,
    SpeechStarted,
    Transcript,
)
from console.simulator.session_config import SessionConfig, TurnSettings
from console.simulator.transcriptions import Transcriptions, unheard_part
from console.simulator.validation import choice

Fields = dict[str, Any]

_KNOWN_TYPE: Final = choice(*schemas.EVENTS)
_BINARY: Final = "Expected a text WebSocket message; binary frames are not supported."


class SimulatorSession:
    """Takes client messages and what the engines find out; says what to send and what to do.

    Every public method is one step: it returns an `Outcome` with the server events in order and
    the work to begin. A client's mistake becomes an `error` event and changes nothing.
    """

    def __init__(self, model: str, *, new_id: NewId, now: Callable[[], datetime]) -> None:
        """Prepare a session of `model`.

        Args:
            model: Its name on the wire.
            new_id: Makes identifiers.
            now: The present time, with its time zone.
        """
        self._new_id = new_id
        self._now = now
        expires_at = int(now().timestamp()) + defaults.SESSION_LENGTH_S
        self._config = SessionConfig(new_id("sess_"), model, expires_at)
        self._conversation_id = new_id("conv_")
        self._outbox = Outbox(new_id)
        self._input = InputAudio(self._config, self._outbox, new_id)
        self._conversation = Conversation()
        self._meter = usage.PromptMeter()
        self._transcriptions = Transcriptions(self._conversation, self._outbox)
        self._runs: dict[str, ResponseRun] = {}
        self._default_run: ResponseRun | None = None
        self._handlers: dict[str, Callable[[Fields], None]] = {
            "session.update": self._update_session,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit_by_client,
            "input_audio_buffer.clear": self._clear,
            "conversation.item.create": self._create_item,
            "conversation.item.truncate": self._truncate_item,
            "conversation.item.delete": self._delete_item,
            "conversation.item.retrieve": self._retrieve_item,
            "response.create": self._create_response,
            "response.cancel": self._cancel_response,
        }

    # ------------------------------------------------------------ steps

    def open(self) -> Outcome:
        """Begin: `session.created`, and the turn detector's settings."""
        self._outbox.emit("session.created", session=self._config.wire())
        self._input.begin()
        return self._outbox.take()

    def receive(self, message: str | bytes) -> Outcome:
        """Handle a message of the client."""
        event_id: str | None = None
        try:
            event = _parse(message)
            event_id = _client_event_id(event)
            event_type = _event_type(event)
            self._handlers[event_type](schemas.EVENTS[event_type](event, ""))
        except Refusal as refusal:
            self._outbox.emit("error", error=refusal.wire(event_id))
        return self._outbox.take()

    def boundary(self, boundary: SpeechBoundary) -> Outcome:
        """Handle what the turn detector has found in the audio."""
        settings = self._config.turn_settings
        if settings is not None:
            if isinstance(boundary, SpeechStarted):
                self._speech_started(boundary.audio_start_ms, settings)
            else:
                self._speech_stopped(boundary.audio_end_ms, settings)
        return self._outbox.take()

    def transcribed(self, item_id: str, transcript: Transcript) -> Outcome:
        """Handle what was said in an audio item."""
        self._transcriptions.transcribed(item_id, transcript)
        self._think_where_ready()
        return self._outbox.take()

    def not_transcribed(self, item_id: str) -> Outcome:
        """Handle a failure of the recogniser; the turn goes on without a transcript."""
        self._transcriptions.not_transcribed(item_id)
        self._think_where_ready()
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
        error = {"type": "server_error", "code": code, "message": message}
        details = {"type": "failed", "error": error}
        return self._on_run(response_id, lambda run: run.finish("failed", details))

    def report(self, refusal: Refusal) -> Outcome:
        """Send an `error` that no client event has caused."""
        self._outbox.emit("error", error=refusal.wire(None))
        return self._outbox.take()

    def is_responding(self, response_id: str) -> bool:
        """Return whether this response still goes on."""
        return response_id in self._runs

    # ------------------------------------------------------------ session

    def _update_session(self, event: Fields) -> None:
        before = self._config.turn_settings
        self._config.update(event["session"], has_spoken=self._conversation.has_spoken())
        self._input.settings_changed(before)
        self._outbox.emit("session.updated", session=self._config.wire())

    # ------------------------------------------------------------ input audio

    def _append(self, event: Fields) -> None:
        self._input.append(items.decode_audio(event["audio"], "audio"))

    def _commit_by_client(self, event: Fields) -> None:
        self._commit(self._input.take_turn())
        self._input.forget_speech()

    def _clear(self, event: Fields) -> None:
        self._input.clear()

    def _speech_started(self, audio_start_ms: int, settings: TurnSettings) -> None:
        self._input.speech_started(audio_start_ms)
        if settings.interrupt_response and self._default_run is not None:
            self._cancel(self._default_run, "turn_detected")

    def _speech_stopped(self, audio_end_ms: int, settings: TurnSettings) -> None:
        if (turn := self._input.speech_stopped(audio_end_ms)) is None:
            return
        self._commit(turn)
        if not settings.create_response:
            return
        try:
            self._start_response({})
        except Refusal as refusal:
            self._outbox.emit("error", error=refusal.wire(None))

    def _commit(self, turn: Turn) -> None:
        previous_id = self._conversation.last_id()
        audio_ms = pcm.bytes_to_ms(len(turn.audio))
        part = Part("input_audio", audio=bytearray(turn.audio), audio_ms=audio_ms)
        item = Item(turn.item_id, "message", role="user", content=[part])
        self._outbox.emit(
            "input_audio_buffer.committed", previous_item_id=previous_id, item_id=item.id
        )
        self._add_item(item)
        self._recognise(item, turn.audio, self._config.transcription)
        self._conversation.forget_old_audio()

    def _recognise(self, item: Item, audio: bytes, wanted: Mapping[str, Any] | None) -> None:
        settings = ResponseSettings.of(self._config, {})
        known = self._conversation.items()
        turn = self._turn(settings, known[: known.index(item) + 1])
        self._transcriptions.begin(item, audio, wanted, turn)

    # ------------------------------------------------------------ items

    def _create_item(self, event: Fields) -> None:
        item = items.from_client(event["item"], self._new_id("item_"))
        if item.type == "function_call" and not item.call_id:
            item.call_id = self._new_id("call_")
        if item.type == "function_call_output":
            self._check_call_id(item.call_id)
        self._add_item(item, event.get("previous_item_id"))
        part = unheard_part(item)
        if part is not None and part.audio:
            self._recognise(item, bytes(part.audio), None)
        self._conversation.forget_old_audio()

    def _check_call_id(self, call_id: str) -> None:
        known = (
            each.call_id for each in self._conversation.items() if each.type == "function_call"
        )
        if call_id not in known:
            raise Refusal(
                f"Error adding item: there is no function call with the call_id '{call_id}' "
                "in the conversation.",
                param="item.call_id",
            )

    def _add_item(self, item: Item, previous_item_id: str | None = None) -> None:
        self._conversation.add(item, previous_item_id)
        shown = {"previous_item_id": self._conversation.previous_id(item), "item": item.wire()}
        self._outbox.emit("conversation.item.added", **shown)
        self._outbox.emit("conversation.item.done", **shown)

    def _truncate_item(self, event: Fields) -> None:
        where = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
        self._conversation.truncate(**where)
        self._outbox.emit("conversation.item.truncated", **where)

    def _delete_item(self, event: Fields) -> None:
        self._conversation.delete(event["item_id"])
        self._outbox.emit("conversation.item.deleted", item_id=event["item_id"])

    def _retrieve_item(self, event: Fields) -> None:
        item = self._conversation.find(event["item_id"], "retrieve", "retrieving")
        self._outbox.emit("conversation.item.retrieved", item=item.wire(with_audio=True))

    # ------------------------------------------------------------ responses

    def _create_response(self, event: Fields) -> None:
        self._start_response(event.get("response") or {})

    def _start_response(self, overrides: Mapping[str, Any]) -> None:
        if self._default_run is not None:
            raise Refusal(
                "Conversation already has an active response in progress: "
                f"{self._default_run.id}. Wait until the response is finished before creating a "
                "new one.",
                code="conversation_already_has_active_response",
            )
        run = ResponseRun(
            ResponseSettings.of(self._config, overrides),
            conversation=self._conversation,
            conversation_id=self._conversation_id,
            outbox=self._outbox,
            new_id=self._new_id,
        )
        self._runs[run.id] = self._default_run = run
        run.begin()
        self._think_where_ready()

    def _think_where_ready(self) -> None:
        """Ask the assistant for every response that waits and whose context is understood."""
        context = self._conversation.items()
        if self._transcriptions.is_waiting_for(context):
            return
        for run in self._runs.values():
            if run.is_waiting:
                run.is_waiting = False
                settings = run.settings
                run.prompt = self._meter.measure(settings.instructions, settings.tools, context)
                self._outbox.ask(Think(run.id, self._turn(settings, context)))

    def _turn(self, settings: ResponseSettings, context: list[Item]) -> BrainTurn:
        return BrainTurn(
            instructions=settings.instructions,
            tools=settings.tools,
            tool_choice=settings.tool_choice,
            items=[item.for_brain() for item in context],
            now=self._now(),
        )

    def _cancel_response(self, event: Fields) -> None:
        response_id = event.get("response_id")
        run = self._runs.get(response_id) if response_id else self._default_run
        if run is None:
            raise Refusal(
                "Cancellation failed: no active response found",
                code="response_cancel_not_active",
            )
        self._cancel(run, "client_cancelled")

    def _cancel(self, run: ResponseRun, reason: str) -> None:
        run.finish("cancelled", {"type": "cancelled", "reason": reason})
        self._settle(run)

    def _on_run(self, response_id: str, step: Callable[[ResponseRun], None]) -> Outcome:
        # A response may have been cancelled while its answer was on the way.
        if (run := self._runs.get(response_id)) is not None:
            step(run)
            self._settle(run)
        return self._outbox.take()

    def _settle(self, run: ResponseRun) -> None:
        if not run.is_done:
            return
        del self._runs[run.id]
        if self._default_run is run:
            self._default_run = None
        self._conversation.forget_old_audio()


def _parse(message: str | bytes) -> Fields:
    if isinstance(message, bytes):
        raise Refusal(_BINARY, code="invalid_event")
    try:
        event = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise Refusal("Invalid event: failed to parse JSON value. ", code="invalid_json") from error
    if not isinstance(event, dict):
        raise Refusal("Invalid event: expected a JSON object.", code="invalid_event")
    return event


def _event_type(event: Fields) -> str:
    if "type" not in event:
        raise Refusal("The 'type' field is missing.", code="invalid_event")
    return str(_KNOWN_TYPE(event["type"], "type"))


def _client_event_id(event: Fields) -> str | None:
    event_id = event.get("event_id")
    if event_id is not None and not isinstance(event_id, str):
        raise wrong_type("a string", event_id, "event_id")
    if event_id is not None and len(event_id) > defaults.MAX_EVENT_ID_LENGTH:
        raise too_long("event_id", defaults.MAX_EVENT_ID_LENGTH, len(event_id))
    return event_id
