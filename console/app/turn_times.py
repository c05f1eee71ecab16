"""The turns of a session and their times: events and what was heard in, facts of each turn out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from console import g711, pcm
from console.app.appended_sound import AppendedSound
from console.app.turn import ItemSpan, Kind, Turn
from console.realtime.events import Event
from console.realtime.fields import mapping, number, text
from console.realtime.prices import Cost
from console.realtime.usage import TokenUsage

MAX_TURNS: Final = 2_000
"""Older ones are forgotten."""
MAX_IDS: Final = 256
"""Items, and responses, that are remembered of one turn."""

_Handler = Callable[[float, Mapping[str, Any]], None]


class TurnTimes:
    """Finds the turns in the events of a log. It never fails on what a peer sends."""

    def __init__(self) -> None:
        self._handlers = {"client": self._of_client(), "server": self._of_server()}
        self.turns: list[Turn] = []
        """Oldest first."""
        self.version = 0
        """Grows with every change of a turn."""
        self._n_turns = 0
        self._owners: dict[str, Turn] = {}
        self._spans: dict[str, ItemSpan] = {}
        self._sound = AppendedSound()
        self._silence_ms = 0.0
        self._bytes_per_ms = pcm.BYTES_PER_MS

    def _of_client(self) -> dict[str, _Handler]:
        return {
            "input_audio_buffer.append": self._appended,
            "input_audio_buffer.commit": self._commit_sent,
            "conversation.item.create": self._item_sent,
            "response.create": self._asked,
        }

    def _of_server(self) -> dict[str, _Handler]:
        buffer, played = "input_audio_buffer.", "output_audio_buffer."
        written = "conversation.item.input_audio_transcription."
        return {
            "session.created": self._session_created,
            "session.updated": self._session_told,
            buffer + "speech_started": self._speech_started,
            buffer + "speech_stopped": self._speech_stopped,
            buffer + "timeout_triggered": self._timed_out,
            buffer + "committed": self._committed,
            "conversation.item.added": self._item_added,
            "conversation.item.created": self._item_added,
            written + "completed": self._written_down,
            written + "failed": self._written_down,
            "response.created": self._created,
            "response.output_item.added": self._output_added,
            "response.output_audio.delta": self._audio,
            "response.output_audio_transcript.delta": self._words,
            "response.output_text.delta": self._words,
            "response.mcp_call.completed": self._called,
            "response.mcp_call.failed": self._called,
            "response.done": self._done,
            played + "started": self._call_sounds,
            played + "stopped": self._call_silent,
            played + "cleared": self._call_silent,
        }

    # What there is

    @property
    def latest(self) -> Turn | None:
        """The turn that was answered, or is being answered, last; none outside the conversation."""
        heard = (each for each in reversed(self.turns) if each.kind != "out_of_band")
        return next((each for each in heard if each.response_ids), None)

    def turn_of(self, name: str) -> Turn | None:
        """Return the turn that an item or a response belongs to, by its id."""
        return self._owners.get(name)

    def changed_after(self, version: int) -> list[Turn]:
        """Return the turns that changed after `version`, in their order."""
        return [each for each in self.turns if each.version > version]

    def span_of(self, item_id: str) -> ItemSpan | None:
        """Return when an item was spoken or heard; None when that is not known."""
        return self._spans.get(item_id)

    # What happens

    def take(self, t_ms: float, source: Literal["client", "server"], event: Event) -> None:
        """Take an event in.

        Args:
            t_ms: When it was seen, in ms since the log's first event.
            source: Who sent it.
            event: The event.
        """
        if (handler := self._handlers[source].get(event.type)) is not None:
            handler(t_ms, event.fields)

    def heard(self, t_ms: float, item_id: str, n_samples: int) -> None:
        """Take in how far an item was heard, as a speaker reports it.

        Args:
            t_ms: When the report was seen.
            item_id: The item.
            n_samples: How many samples of it were played up to then.
        """
        turn = self._owners.get(item_id)
        if turn is None or n_samples <= 0 or item_id in self._spans:
            return
        began_ms = t_ms - pcm.samples_to_ms(n_samples)
        if turn.first_audio_ms is not None:
            began_ms = max(began_ms, turn.first_audio_ms)  # it cannot sound before it came
        self._spans[item_id] = ItemSpan(began_ms)
        if turn.first_heard_ms is None:
            turn.first_heard_ms = began_ms
        self._touch(turn)

    def silent(self, t_ms: float, item_id: str) -> None:
        """Take in that the sound of an item has ended: it was played, or stopped."""
        turn, span = self._owners.get(item_id), self._spans.get(item_id)
        if turn is None or span is None:
            return
        span.ended_ms = turn.playback_ended_ms = t_ms
        self._touch(turn)

    def add_cost(self, name: str, cost: Cost) -> None:
        """Add what a response, or the transcript of an item, has cost."""
        if (turn := self._owners.get(name)) is not None:
            turn.cost = cost if turn.cost is None else turn.cost + cost
            self._touch(turn)

    # The client's events

    def _appended(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        size = pcm.decoded_size(text(fields, "audio"))
        self._sound.append(t_ms, size / self._bytes_per_ms)

    def _commit_sent(self, t_ms: float, _: Mapping[str, Any]) -> None:
        turn = self._input_turn("speech", t_ms)
        turn.speech_ended_ms = turn.asked_ms = t_ms
        turn.is_speaking = False
        self._touch(turn)

    def _item_sent(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        item = mapping(fields, "item")
        item_id = text(item, "id")
        if item_id and item_id in self._owners:
            return  # told again to the session that follows this one
        kind = text(item, "type")
        if kind in ("function_call_output", "mcp_approval_response"):
            if self.turns:
                self._await(self._answered_turn(), t_ms)
        elif kind == "message" and text(item, "role") == "user":
            turn = self._input_turn("text", t_ms)
            turn.asked_ms = t_ms
            turn.is_speaking = False
            self._own(turn, item_id, t_ms)
            self._touch(turn)

    def _asked(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        response = mapping(fields, "response")
        if text(response, "conversation") == "none":
            return
        turn = self._answered_turn()
        if turn is None or (turn.response_ids and not turn.is_awaiting):
            turn = self._begin("request", t_ms)
        self._await(turn, t_ms)

    def _await(self, turn: Turn | None, t_ms: float) -> None:
        if turn is None:
            return
        if not turn.response_ids and turn.speech_ended_ms is None:
            turn.asked_ms = t_ms
        turn.is_awaiting = True
        self._touch(turn)

    # The server's events: session and input

    def _session_created(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        self._sound.clear()  # places are counted anew in every session
        self._session_told(t_ms, fields)

    def _session_told(self, _: float, fields: Mapping[str, Any]) -> None:
        heard = mapping(mapping(mapping(fields, "session"), "audio"), "input")
        detection = mapping(heard, "turn_detection")
        self._silence_ms = 0.0
        if text(detection, "type") == "server_vad":
            self._silence_ms = max(0.0, number(detection, "silence_duration_ms") or 0.0)
        is_pcm = text(mapping(heard, "format"), "type") in ("", "audio/pcm")
        self._bytes_per_ms = pcm.BYTES_PER_MS if is_pcm else g711.BYTES_PER_MS

    def _speech_started(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        item_id = text(fields, "item_id")
        if item_id in self._owners:
            return
        place_ms = number(fields, "audio_start_ms")
        sent_ms = self._sound.time_of(place_ms) if place_ms is not None else None
        turn = self._begin("speech", t_ms if sent_ms is None else min(t_ms, sent_ms))
        turn.is_speaking = True
        self._own(turn, item_id, turn.began_ms)

    def _speech_stopped(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        item_id = text(fields, "item_id")
        turn = self._owners.get(item_id)
        if turn is None:
            return
        place_ms = number(fields, "audio_end_ms")
        # What the service calls the end has the silence in it that it waited for.
        said_ms = None if place_ms is None else self._sound.time_of(place_ms - self._silence_ms)
        ended_ms = t_ms if said_ms is None else said_ms
        turn.speech_ended_ms = min(t_ms, max(turn.began_ms, ended_ms))
        if (span := self._spans.get(item_id)) is not None:
            span.ended_ms = turn.speech_ended_ms
        self._touch(turn)

    def _timed_out(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        turn = self._begin("request", t_ms)
        self._own(turn, text(fields, "item_id"), t_ms)

    def _committed(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        item_id = text(fields, "item_id")
        turn = self._owners.get(item_id)
        if turn is None:
            last = self.turns[-1] if self.turns else None
            is_own = last is not None and last.kind == "speech" and not last.response_ids
            turn = last if last is not None and is_own else self._begin("speech", t_ms)
            self._own(turn, item_id, turn.began_ms)
        if turn.speech_ended_ms is None and turn.kind == "speech":
            turn.speech_ended_ms = t_ms
        if (span := self._spans.get(item_id)) is not None:
            span.ended_ms = turn.speech_ended_ms
        turn.committed_ms = t_ms
        turn.is_speaking = False
        turn.is_awaiting = True
        self._touch(turn)

    def _item_added(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        item = mapping(fields, "item")
        turn = self._owners.get(text(item, "id"))
        is_input = turn is not None and turn.kind == "text" and text(item, "role") == "user"
        if turn is not None and is_input and not turn.response_ids:
            turn.committed_ms = t_ms
            self._touch(turn)

    def _written_down(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        if (turn := self._owners.get(text(fields, "item_id"))) is not None:
            turn.user_transcript_ms = t_ms
            self._touch(turn)

    # The server's events: the answer

    def _created(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        response = mapping(fields, "response")
        response_id = text(response, "id")
        if not response_id or response_id in self._owners:
            return
        if "conversation_id" in response and response["conversation_id"] is None:
            turn: Turn | None = self._begin("out_of_band", t_ms)
        else:
            turn = self._answered_turn()
            if turn is None or (turn.response_ids and not turn.is_awaiting):
                turn = self._begin("request", t_ms)
        assert turn is not None
        self._own_response(turn, response_id)
        turn.is_awaiting = False
        if turn.created_ms is None:
            turn.created_ms = t_ms
        self._touch(turn)

    def _output_added(self, _: float, fields: Mapping[str, Any]) -> None:
        turn = self._owners.get(text(fields, "response_id"))
        item = mapping(fields, "item")
        item_id = text(item, "id")
        if turn is None or not item_id or item_id in self._owners:
            return
        self._own(turn, item_id, None)
        if text(item, "type") in ("function_call", "mcp_call") and len(turn.tools) < MAX_IDS:
            turn.tools.append(text(item, "name"))
        self._touch(turn)

    def _audio(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        turn = self._owners.get(text(fields, "response_id"))
        if turn is not None and turn.first_audio_ms is None:
            turn.first_audio_ms = t_ms
            self._touch(turn)

    def _words(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        turn = self._owners.get(text(fields, "response_id"))
        if turn is not None and turn.first_transcript_ms is None:
            turn.first_transcript_ms = t_ms
            self._touch(turn)

    def _called(self, _: float, fields: Mapping[str, Any]) -> None:
        # A call that the server made itself: what it says to the result is asked for, and belongs here.
        if (turn := self._owners.get(text(fields, "item_id"))) is not None:
            turn.is_awaiting = True

    def _done(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        response = mapping(fields, "response")
        turn = self._owners.get(text(response, "id"))
        if turn is None:
            return
        turn.done_ms = t_ms
        turn.status = text(response, "status") or "completed"
        if usage := mapping(response, "usage"):
            turn.tokens += TokenUsage.of_response(usage)
        self._touch(turn)

    def _call_sounds(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        turn = self._owners.get(text(fields, "response_id"))
        if turn is not None and turn.first_heard_ms is None:
            turn.first_heard_ms = t_ms
            self._touch(turn)

    def _call_silent(self, t_ms: float, fields: Mapping[str, Any]) -> None:
        if (turn := self._owners.get(text(fields, "response_id"))) is not None:
            turn.playback_ended_ms = t_ms
            self._touch(turn)

    # Turns

    def _input_turn(self, kind: Kind, t_ms: float) -> Turn:
        """Return the turn that what the user gives now belongs to."""
        last = self.turns[-1] if self.turns else None
        if last is not None and last.kind in ("speech", "text") and not last.response_ids:
            return last
        return self._begin(kind, t_ms)

    def _answered_turn(self) -> Turn | None:
        """Return the turn that is answered now: not one in which the user is still speaking."""
        within = (each for each in reversed(self.turns) if each.kind != "out_of_band")
        return next((each for each in within if not each.is_speaking), None)

    def _begin(self, kind: Kind, t_ms: float) -> Turn:
        self._n_turns += 1
        turn = Turn(self._n_turns, kind, t_ms)
        self.turns.append(turn)
        self._touch(turn)
        if len(self.turns) > MAX_TURNS:
            oldest = self.turns.pop(0)
            for each in (*oldest.item_ids, *oldest.response_ids):
                self._owners.pop(each, None)
                self._spans.pop(each, None)
        return turn

    def _own(self, turn: Turn, item_id: str, began_ms: float | None) -> None:
        if item_id and len(turn.item_ids) < MAX_IDS:
            turn.item_ids.append(item_id)
            self._owners[item_id] = turn
            if began_ms is not None:
                self._spans[item_id] = ItemSpan(began_ms)

    def _own_response(self, turn: Turn, response_id: str) -> None:
        if len(turn.response_ids) < MAX_IDS:
            turn.response_ids.append(response_id)
            self._owners[response_id] = turn

    def _touch(self, turn: Turn) -> None:
        self.version += 1
        turn.version = self.version
