"""The user's turns: what the server hears in the input audio, and which item becomes of it."""

from __future__ import annotations

from console.realtime import session as session_config
from console.realtime.content import Keep
from console.realtime.events import Event
from console.realtime.fields import mapping, number, text, text_or_none
from console.realtime.item_store import ItemStore
from console.realtime.responses import Responses
from console.realtime.speech import InputSpeech
from console.realtime.transcriptions import Transcriptions
from console.realtime.updates import NOTHING, Handler, Updates, changed, fault


class InputTurns:
    """Cuts the user's audio where the server says, and gives it to the items made of it."""

    def __init__(
        self,
        store: ItemStore,
        speech: InputSpeech,
        transcriptions: Transcriptions,
        responses: Responses,
        keep: Keep,
    ) -> None:
        """Begin with nothing.

        Args:
            store: Where the items are, or will be.
            speech: The audio.
            transcriptions: Is told which items are speech.
            responses: Is told when the user interrupts.
            keep: Called with a part and audio for it.
        """
        self._store = store
        self._speech = speech
        self._transcriptions = transcriptions
        self._responses = responses
        self._keep = keep
        self.clear()

    def clear(self) -> None:
        """Forget everything: a new session begins."""
        self._speech.reset()
        self._is_interrupting = False

    def handlers(self) -> dict[str, Handler]:
        """Return who takes an event in, by its type."""
        buffer = "input_audio_buffer."
        return {
            "session.created": self._session,
            "session.updated": self._session,
            "error": self._error,
            buffer + "speech_started": self._speech_started,
            buffer + "speech_stopped": self._speech_stopped,
            buffer + "timeout_triggered": self._timeout_triggered,
            buffer + "committed": self._committed,
            buffer + "cleared": self._cleared,
        }

    def _session(self, event: Event) -> Updates:
        session = mapping(event.fields, "session")
        self._transcriptions.is_on = session_config.has_transcription(session)
        self._is_interrupting = session_config.is_interrupting(session)
        return NOTHING

    def _error(self, event: Event) -> Updates:
        error = mapping(event.fields, "error")
        event_id = text_or_none(error, "event_id")
        # The code is of the live service; compatible ones have others, but may name the event.
        is_named = event_id is not None and self._speech.is_commit(event_id)
        if is_named or text(error, "code") == "input_audio_buffer_commit_empty":
            self._speech.commit_failed()
        return NOTHING

    def _speech_started(self, event: Event) -> Updates:
        item_id, start_ms = text(event.fields, "item_id"), number(event.fields, "audio_start_ms")
        if self._is_interrupting:
            self._responses.interrupt()
        if not item_id or start_ms is None:
            return fault(event, "does not say where speech began")
        self._speech.started(item_id, start_ms)
        return NOTHING

    def _speech_stopped(self, event: Event) -> Updates:
        item_id, end_ms = text(event.fields, "item_id"), number(event.fields, "audio_end_ms")
        if not item_id or end_ms is None:
            return fault(event, "does not say where speech ended")
        self._speech.stopped(item_id, end_ms)
        return NOTHING

    def _timeout_triggered(self, event: Event) -> Updates:
        start_ms = number(event.fields, "audio_start_ms")
        if not text(event.fields, "item_id") or start_ms is None:
            return fault(event, "does not say which audio it is about")
        self._speech.started(text(event.fields, "item_id"), start_ms)
        return self._speech_stopped(event)

    def _committed(self, event: Event) -> Updates:
        item_id = text(event.fields, "item_id")
        if not item_id:
            return fault(event, "names no item")
        self._transcriptions.committed(item_id)
        audio = self._speech.committed(item_id)
        item, part = self._store.part_of(event, "input_audio")
        if item is None or part is None or part.received_bytes:
            return NOTHING
        self._keep(part, audio)
        self._transcriptions.expect(item)
        return changed(item)

    def _cleared(self, event: Event) -> Updates:
        # Noted when it was sent: what was appended since then is still in the server's buffer.
        return NOTHING
