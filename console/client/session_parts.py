"""The parts of a client, joined: each knows those that it needs, and none knows the client."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from functools import partial

from console.client.audio_files import KeepAudio, new_conversation
from console.client.carry_over import CarryOver
from console.client.configuration import Configuration
from console.client.happenings import ErrorReport, EventSource, RealtimeEvent
from console.client.inbox import Inbox
from console.client.input_audio import MIN_COMMIT_MS, InputAudio
from console.client.lifeline import Lifeline, Server
from console.client.outbox import Outbox
from console.client.questions import Questions
from console.client.reconnection import ReconnectPolicy
from console.client.sent_events import SentEvents
from console.client.session_line import SessionLine
from console.client.subscriptions import Subscriptions
from console.client.targets import Target
from console.client.tool_calls import ToolCalls
from console.client.turn_boundary import TurnBoundary
from console.clock import Clock
from console.realtime import events
from console.realtime.events import Event
from console.realtime.ids import IdSource
from console.tools.registry import ToolRegistry
from console.transport import Transport


class SessionParts:
    """Makes the parts and passes on what happens between them."""

    def __init__(
        self,
        target: Target,
        *,
        dial: Callable[[Target, float], Awaitable[Transport]],
        keep_audio: KeepAudio,
        reconnect: ReconnectPolicy | None,
        clock: Clock,
        random_source: random.Random,
    ) -> None:
        """Make them; nothing happens before `life.connect`.

        Args:
            target: Whom to call.
            dial: Opens a transport to it, or to it in another dialect, within a time in seconds.
            keep_audio: Where sound is kept.
            reconnect: When to come back after the line was lost; None: never.
            clock: Time.
            random_source: Where ids come from, and chance.
        """
        self._target = target
        self._clock = clock
        self._began_s = clock.now_s()
        self._lost_ms = 0.0
        """What of the user's turn went with the last line."""
        self._dropped_ms = 0.0
        """What the user said while there was no line."""
        self.signals = Subscriptions()
        self.ids = IdSource(random_source)
        self.conversation = new_conversation(keep_audio, on_failed=self._sound_not_kept)
        self.tools = ToolRegistry()
        self.configuration = Configuration(self.tools, target.session_type, is_call=target.is_call)
        self.sent = SentEvents(clock.now_s)
        self.input_audio = InputAudio()
        self.carry_over = CarryOver(self.conversation, self.configuration, self.ids)
        self.tool_calls = self._new_tool_calls()
        self.inbox = self._new_inbox()
        self.life = self._new_life(Server(target, dial), reconnect, random_source)
        self.outbox = self._new_outbox()
        self.inbox.on_lost = self._sound_lost
        self.questions = Questions(
            signals=self.signals,
            conversation=self.conversation,
            ids=self.ids,
            send=self.outbox.send,
        )

    def begin(self) -> None:
        """Count time and faults anew: a first session is being begun."""
        self._began_s = self._clock.now_s()
        self._lost_ms = self._dropped_ms = 0.0
        self.inbox.bad_messages = 0

    def _new_tool_calls(self) -> ToolCalls:
        return ToolCalls(
            self.tools,
            clock=self._clock,
            send_output=self._send_tool_output,
            create_response=self._create_response_when_free,
            on_called=self.signals.tool_called.emit,
            on_halted=self._tools_halted,
            # A call has an owner, whose tools these may be.
            only_known=self._target.is_call,
        )

    def _new_inbox(self) -> Inbox:
        self.boundary = TurnBoundary(
            conversation=self.conversation,
            tool_calls=self.tool_calls,
            sent=self.sent,
            now_s=self._clock.now_s,
        )
        return Inbox(
            conversation=self.conversation,
            configuration=self.configuration,
            signals=self.signals,
            sent=self.sent,
            tool_calls=self.tool_calls,
            input_audio=self.input_audio,
            carry_over=self.carry_over,
            boundary=self.boundary,
            publish=self._publish,
            now_s=self._clock.now_s,
        )

    def _new_life(
        self, server: Server, policy: ReconnectPolicy | None, random_source: random.Random
    ) -> Lifeline:
        return Lifeline(
            server,
            inbox=self.inbox,
            signals=self.signals,
            clock=self._clock,
            random_source=random_source,
            policy=policy,
            configure=self._configure,
            tell=self._tell_so_far,
            is_quiet=lambda: self.boundary.is_now and not self.outbox.queued_ms,
        )

    def _new_outbox(self) -> Outbox:
        return Outbox(
            life=self.life,
            ids=self.ids,
            conversation=self.conversation,
            configuration=self.configuration,
            sent=self.sent,
            input_audio=self.input_audio,
            carry_over=self.carry_over,
            publish=self._publish,
            turn_mode_changed=self.inbox.take_turn_mode_over,
            on_skipped=self._sound_skipped,
            on_dropped=self._sound_dropped,
            now_s=self._clock.now_s,
        )

    # What a session is told when it has begun

    async def _configure(self, line: SessionLine) -> None:
        if payload := self.configuration.payload():
            await self.outbox.send_on(line, events.session_update(payload))

    async def _tell_so_far(self, line: SessionLine) -> tuple[int, str]:
        """Tell a new session of everything so far; a call is the same session as before."""
        if self._target.is_call:
            n_told, sentence = 0, "The call went on meanwhile."
        else:
            told = await self.carry_over.tell(partial(self.outbox.send_on, line))
            n_told, sentence = len(told.ids), told.sentence
        return n_told, f"{sentence} {self._lost_sound()}".rstrip()

    # What tools ask for

    async def _send_tool_output(self, call_id: str, output: str) -> None:
        item = events.function_output_item(self.ids.new("item"), call_id, output)
        await self.outbox.send(events.item_create(item))

    async def _create_response_when_free(self, is_wanted: Callable[[], bool]) -> None:
        while self.conversation.unfinished_response is not None:
            await self.signals.next("response.updated", None)
        if is_wanted():
            await self.outbox.send(events.response_create())

    # What subscribers are told

    def _publish(self, source: EventSource, event: Event, size_bytes: int) -> None:
        at_s = self._clock.now_s() - self._began_s
        self.signals.event.emit(RealtimeEvent(at_s, source, event, size_bytes))

    def _tools_halted(self, sentence: str) -> None:
        self.signals.error.emit(ErrorReport(sentence, "client", code="tools_halted"))

    def _sound_skipped(self, skipped_ms: float) -> None:
        message = f"Network too slow: {skipped_ms / 1000:.1f} s skipped."
        self.signals.error.emit(ErrorReport(message, "client", code="network_too_slow"))

    def _sound_lost(self) -> None:
        """Tell what was said of a turn that the user has not ended yet."""
        lost_ms = self.conversation.speech.pending_ms + self.outbox.queued_ms
        # Less is no turn; and the session of a call is not gone with our line.
        if self._is_pushed and lost_ms >= MIN_COMMIT_MS and not self._target.is_call:
            self._lost_ms += lost_ms
            self._report_lost(
                f"{_seconds(lost_ms)} of speech was lost. Say it again when the line is back."
            )

    def _sound_dropped(self, dropped_ms: float) -> None:
        self._dropped_ms += dropped_ms

    def _lost_sound(self) -> str:
        """Return how much the server has not heard, in a sentence; "" if that is nothing.

        What was said while there was no line has not been reported yet.
        """
        lost_ms, dropped_ms = self._lost_ms, self._dropped_ms
        self._lost_ms = self._dropped_ms = 0.0
        if lost_ms + dropped_ms < MIN_COMMIT_MS:
            return ""
        # Where the server finds the turns, the microphone is open in silence too.
        what = "speech was lost" if self._is_pushed else "sound was not heard"
        sentence = f"{_seconds(lost_ms + dropped_ms)} of {what}."
        if self._is_pushed and dropped_ms:
            self._report_lost(f"{sentence} Say it again.")
        return sentence

    def _report_lost(self, message: str) -> None:
        self.signals.error.emit(ErrorReport(message, "client", code="sound_lost"))

    @property
    def _is_pushed(self) -> bool:
        """Whether only what the user wants to say is sent."""
        return self.configuration.turn_detection_type is None

    def _sound_not_kept(self, sentence: str) -> None:
        self.signals.error.emit(ErrorReport(sentence, "client", code="audio_not_kept"))


def _seconds(duration_ms: float) -> str:
    return f"{duration_ms / 1000:.1f} s"
