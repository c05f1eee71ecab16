"""The parts of a client, joined: each knows those that it needs, and none knows the client."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Final

from console.client.audio_files import KeepAudio, new_conversation
from console.client.carry_over import CarryOver
from console.client.configuration import Configuration
from console.client.connection import OpenTransport
from console.client.happenings import ErrorReport, EventSource, RealtimeEvent
from console.client.inbox import Inbox
from console.client.input_audio import InputAudio
from console.client.interruption import Interruption
from console.client.item_edits import ItemEdits
from console.client.lifeline import Lifeline
from console.client.lost_sound import LostSound
from console.client.outbox import Outbox
from console.client.questions import Questions
from console.client.reconnection import ReconnectPolicy
from console.client.response_queue import ResponseQueue
from console.client.sent_events import SentEvents
from console.client.server import Server
from console.client.session_changes import SessionChanges
from console.client.session_line import SessionLine
from console.client.subscriptions import Subscriptions
from console.client.targets import Target
from console.client.tool_calls import ToolCalls
from console.client.turn_boundary import TurnBoundary
from console.client.user_items import UserItems
from console.client.user_turn import UserTurn
from console.clock import Clock
from console.realtime import events
from console.realtime.events import Event
from console.realtime.ids import IdSource
from console.tools.registry import ToolRegistry
from console.wire_mask import WireMask

_TOOLS_STOPPED: Final = (
    "The line ended before a tool had answered, so nobody answers to what it did. "
    "Ask again when the line is back."
)
_UNCONFIRMED: Final = (
    "The line ended before the server had confirmed what you sent last. "
    "Send it again when the line is back."
)


class SessionParts:
    """Makes the parts and passes on what happens between them."""

    def __init__(
        self,
        target: Target,
        *,
        open_transport: OpenTransport,
        keep_audio: KeepAudio,
        reconnect: ReconnectPolicy | None,
        clock: Clock,
        random_source: random.Random,
    ) -> None:
        """Make them; nothing happens before `life.connect`.

        Args:
            target: Whom to call.
            open_transport: Opens the connection.
            keep_audio: Where sound is kept.
            reconnect: When to come back after the line was lost; None: never.
            clock: Time.
            random_source: Where ids come from, and chance.
        """
        self._target = target
        self._clock = clock
        self._began_s = clock.now_s()
        self.signals = Subscriptions()
        self.ids = IdSource(random_source)
        self.conversation = new_conversation(keep_audio, on_failed=self._report("audio_not_kept"))
        self.tools = ToolRegistry()
        self.configuration = Configuration(
            self.tools, target.session_type, is_prepared=target.is_prepared
        )
        self.sent = SentEvents(clock.now_s)
        self.input_audio = InputAudio()
        self.lost_sound = LostSound(self.configuration, self._report("sound_lost"))
        self.carry_over = CarryOver(self.conversation, self.configuration, self.ids)
        self.tool_calls = self._new_tool_calls()
        self.inbox = self._new_inbox()
        self.life = self._new_life(Server(target, open_transport), reconnect, random_source)
        self.outbox = self._new_outbox()
        self.inbox.on_lost = self._line_lost
        self.session_changes = SessionChanges(
            configuration=self.configuration,
            tools=self.tools,
            outbox=self.outbox,
            is_connected=lambda: self.life.is_open,
        )
        self.questions = Questions(
            signals=self.signals,
            conversation=self.conversation,
            ids=self.ids,
            send=self.outbox.send,
        )
        self._join_turns()
        self._join_interruption()

    def begin(self) -> None:
        """Count time and faults anew: a first session is being begun."""
        self._began_s = self._clock.now_s()
        self.lost_sound.clear()
        self.inbox.bad_messages = 0

    def reset(self) -> None:
        """Forget everything: items, configuration, tools, and handlers."""
        self.signals.clear()
        self.inbox.forget()
        self.tools.clear()
        self.configuration.reset()
        self.inbox.session = {}

    def _new_tool_calls(self) -> ToolCalls:
        return ToolCalls(
            self.tools,
            clock=self._clock,
            send_output=self._send_tool_output,
            create_response=lambda is_wanted: self.response_queue.ask(is_wanted),
            on_called=self.signals.tool_called.emit,
            on_halted=self._report("tools_halted"),
            is_user_turn=lambda: self.boundary.is_user_turn,
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
            mask=WireMask(self._target.credentials.secrets),
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
            on_dropped=self.lost_sound.dropped,
            now_s=self._clock.now_s,
        )

    def _join_turns(self) -> None:
        self.response_queue = ResponseQueue(
            conversation=self.conversation,
            sent=self.sent,
            signals=self.signals,
            send=self.outbox.send,
        )
        self.turn = UserTurn(
            conversation=self.conversation,
            configuration=self.configuration,
            outbox=self.outbox,
        )
        self.user_items = UserItems(
            conversation=self.conversation,
            configuration=self.configuration,
            ids=self.ids,
            input_audio=self.input_audio,
            outbox=self.outbox,
            turn=self.turn,
            tool_calls=self.tool_calls,
            response_queue=self.response_queue,
        )

    def _join_interruption(self) -> None:
        self.item_edits = ItemEdits(
            conversation=self.conversation,
            sent=self.sent,
            carry_over=self.carry_over,
            inbox=self.inbox,
            outbox=self.outbox,
        )
        self.interruption = Interruption(
            conversation=self.conversation,
            tool_calls=self.tool_calls,
            item_edits=self.item_edits,
            outbox=self.outbox,
            responses=self.response_queue,
            is_call=self._target.is_call,
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
        return n_told, f"{sentence} {self.lost_sound.told()}".rstrip()

    # What tools ask for

    async def _send_tool_output(self, call_id: str, output: str) -> None:
        item = events.function_output_item(self.ids.new("item"), call_id, output)
        await self.outbox.send(events.item_create(item))

    # What subscribers are told

    def _publish(self, source: EventSource, event: Event, size_bytes: int) -> None:
        at_s = self._clock.now_s() - self._began_s
        self.signals.event.emit(RealtimeEvent(at_s, source, event, size_bytes))

    def _report(self, code: str) -> Callable[[str], None]:
        """Return what tells sentences about something of this code."""
        return lambda sentence: self.signals.error.emit(ErrorReport(sentence, "client", code=code))

    def _sound_skipped(self, skipped_ms: float) -> None:
        self._report("network_too_slow")(f"Network too slow: {skipped_ms / 1000:.1f} s skipped.")

    def _line_lost(self) -> None:
        if self.tool_calls.is_running:
            self._report("tools_stopped")(_TOOLS_STOPPED)
        for item_id, event in self.sent.unconfirmed_items():
            if self.conversation.get(item_id) is None:
                self.signals.error.emit(
                    ErrorReport(_UNCONFIRMED, "client", code="item_lost", cause=event)
                )
        # The session of a call is not gone with our line.
        if not self._target.is_call:
            self.lost_sound.went_with_line(self.turn.pending_ms)
