"""What the server says: read, published, and acted on. One bad event never ends a session."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, assert_type

from console.client.carry_over import CarryOver
from console.client.configuration import Configuration
from console.client.happenings import ErrorReport, EventSource, Interrupted
from console.client.input_audio import InputAudio
from console.client.output_audio import OutputAudio
from console.client.sent_events import ANSWERS, SentEvents
from console.client.subscriptions import Subscriptions
from console.client.tool_calls import ToolCalls
from console.client.turn_boundary import TurnBoundary
from console.errors import ProtocolError
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.fields import mapping, number, text
from console.realtime.items import Fault, ItemUpdate, Response, ResponseUpdate, Update
from console.transport import Closed
from console.wire_mask import WireMask

logger = logging.getLogger(__name__)

MAX_RAW_BYTES: Final = 4096
"""So much of a message that was no event is told."""
LATEST_S: Final = 5.0
"""An error of the server may be why the line ends, if it is no older."""

Publish = Callable[[EventSource, Event, int], None]
"""Tells subscribers of an event: who sent it, the event, its size on the wire."""


class Inbox:
    """Hands the server's events to the conversation, the configuration, the tools, subscribers."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        configuration: Configuration,
        signals: Subscriptions,
        sent: SentEvents,
        tool_calls: ToolCalls,
        input_audio: InputAudio,
        carry_over: CarryOver,
        boundary: TurnBoundary,
        publish: Publish,
        now_s: Callable[[], float],
        mask: WireMask,
    ) -> None:
        """Join what takes part; `mask` hides what let us in if the server quotes it."""
        self._conversation = conversation
        self._configuration = configuration
        self._signals = signals
        self._sent = sent
        self._tool_calls = tool_calls
        self._input_audio = input_audio
        self._output_audio = OutputAudio()
        self._carry_over = carry_over
        self._boundary = boundary
        self._publish = publish
        self._now_s = now_s
        self._mask = mask
        self._latest_error: tuple[Event, float] | None = None
        self._reactions: dict[str, Callable[[Event], None]] = {
            **dict.fromkeys(ANSWERS, sent.answered),
            "session.created": self._session_created,
            "session.updated": self._session_updated,
            "input_audio_buffer.speech_started": self._speech_started,
            "input_audio_buffer.committed": self._committed,
            "error": self._error,
        }
        self.session: dict[str, Any] = {}
        """What the server last said that the session is."""
        self.bad_messages = 0
        """Messages that were no events."""
        self.on_lost: Callable[[], None] = lambda: None
        """Told that the line has ended, before what waited for it is given up."""
        self.on_expired: Callable[[str], bool] = lambda message: False
        """Told that the session is too old; returns whether that is being dealt with."""

    def read(self, message: str | bytes) -> Event | None:
        """Publish the event of a message and return it; what is no event is counted and told."""
        message = self._mask.hide_in_message(message)
        try:
            event = events.parse(message)
        except ProtocolError as error:
            self.bad_messages += 1
            raw = message.encode() if isinstance(message, str) else message
            self._report(str(error), code="bad_message", raw=raw[:MAX_RAW_BYTES])
            return None
        self._mask.hide_in_delta(event.type, event.fields)
        self._publish("server", event, len(message))
        return event

    def hide_in_close(self, closed: Closed) -> Closed:
        """Return how a line has ended without what let us in, if the server quotes it there."""
        return replace(closed, reason=self._mask.hide(closed.reason))

    def act(self, event: Event) -> None:
        """Do what an event asks for; a fault of ours is told and leaves the session going."""
        carry_over = self._carry_over
        try:
            if carry_over.expected and carry_over.is_echo(event):
                self._sent.answered(event)
                return
            if carry_over.is_translating:
                event = carry_over.incoming(event)
            for each in self._output_audio.in_pcm(event):
                for update in self._conversation.receive(each):
                    self._tell(update)
            if (reaction := self._reactions.get(event.type)) is not None:
                reaction(event)
        except Exception as error:
            logger.exception("%s could not be handled", event.type)
            self._report(f"{event.type} could not be handled: {type(error).__name__}.")

    def forget(self) -> None:
        """Begin with an empty conversation."""
        self._conversation.clear()
        self._output_audio.reset()
        self._carry_over.clear()
        self._boundary.clear()
        self.take_turn_mode_over()
        self._signals.cleared.emit(None)

    def session_ended(self) -> None:
        """Give up what waits for the server: there will be no more answers."""
        self._mask.clear()
        self._tool_calls.session_ended()
        self._configuration.session_ended()
        self._sent.clear()
        self._conversation.speech.reset()
        self._input_audio.rest()
        self._output_audio.reset()
        self._boundary.clear()

    def session_lost(self) -> None:
        """Likewise, and bring to an end what the server cannot end any more."""
        self.on_lost()
        self.session_ended()
        for event in list(self._carry_over.loose_ends()):
            self.act(event)

    def latest_error(self) -> Event | None:
        """Return the server's `error` that came just now, if one did."""
        error, self._latest_error = self._latest_error, None
        if error is None or self._now_s() - error[1] > LATEST_S:
            return None
        return error[0]

    def take_turn_mode_over(self) -> None:
        """Let the user's speech be kept and sent as the configuration says."""
        self._input_audio.configured(self._configuration.whole)
        is_manual = self._configuration.turn_detection_type is None
        self._conversation.speech.is_manual = is_manual

    def _tell(self, update: Update) -> None:
        if isinstance(update, ItemUpdate):
            if update.kind == "appended" and update.item.role == "user":
                self._tool_calls.user_spoke()
            self._signals.item_changed(update)
        elif isinstance(update, ResponseUpdate):
            self._response_updated(update.response)
        else:
            assert_type(update, Fault)
            self._report(update.message, code="unusable_event")

    def _response_updated(self, response: Response) -> None:
        self._signals.response.emit(response)
        if not response.is_out_of_band:
            self._boundary.answered()
        if response.is_done:
            found = (self._conversation.get(item_id) for item_id in response.item_ids)
            self._tool_calls.response_done(response, [item for item in found if item is not None])

    def _session_created(self, event: Event) -> None:
        self.session = mapping(event.fields, "session")
        self._configuration.began(self.session)
        self.take_turn_mode_over()
        self._signals.session_created.emit(self.session)

    def _session_updated(self, event: Event) -> None:
        self.session = mapping(event.fields, "session")
        self._sent.answered(event)
        self._configuration.confirmed()
        self._signals.session_updated.emit(self.session)

    def _speech_started(self, event: Event) -> None:
        self._boundary.speech_started()
        self._tool_calls.interrupted()
        at_ms = number(event.fields, "audio_start_ms") or 0.0
        self._signals.interrupted.emit(Interrupted(text(event.fields, "item_id"), at_ms))

    def _committed(self, event: Event) -> None:
        self._sent.answered(event)
        self._boundary.committed()

    def _error(self, event: Event) -> None:
        self._latest_error = (event, self._now_s())
        report = self._sent.report(event)
        self._carry_over.refused(report.cause)
        if report.code == "session_expired" and self.on_expired(report.message):
            return
        if report.code == "response_cancel_not_active":
            # Our cancel and the end of the response have crossed on the line.
            return
        cause_id = report.cause.event_id if report.cause is not None else report.event_id
        if self._configuration.refused(cause_id):
            self.take_turn_mode_over()
        self._signals.error.emit(report)

    def _report(self, message: str, code: str | None = None, raw: bytes | None = None) -> None:
        self._signals.error.emit(ErrorReport(message, "client", code=code, raw=raw))
