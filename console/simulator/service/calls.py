"""Calls: sessions whose sound travels elsewhere, watched and steered over WebSockets.

The caller is one of those who watch, by a data channel in the place of a WebSocket. A call without
sound, since its streams were declined or it came in by telephone, is the same for all the others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, Final

from console import tasks
from console.clock import Clock
from console.serving.caller import RefusedSession
from console.simulator.faults import Faults
from console.simulator.protocol.defaults import SESSION_LENGTH_S
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.refusals import Refusal
from console.simulator.service import media, sdp, session_factory
from console.simulator.service.call_speaker import CallSpeaker
from console.simulator.service.call_work import CallWork
from console.simulator.service.channel_line import LABEL, Channel, ChannelLine
from console.simulator.service.connection import EXPIRED
from console.simulator.service.media import Media
from console.simulator.service.outgoing import Outgoing

MAX_CALLS: Final = 32
MAX_MISSED: Final = 1000
"""Events kept for a caller whose data channel is not open yet; the oldest are dropped."""
FAREWELL_S: Final = 1.0
"""How long a caller may take to read the last events of a call."""
_ENDED: Final = "The call has ended."


class UnknownCall(Refusal):
    """There is no call of this id, or it has ended."""

    def __init__(self, call_id: str) -> None:
        super().__init__(
            f"There is no call '{call_id}'. Start one with POST /v1/realtime/calls.",
            param="call_id",
        )


class Call:
    """One call; its session begins when it is answered."""

    def __init__(self, call_id: str) -> None:
        self.id = call_id
        self.work: CallWork | None = None
        """The session, once the call has been answered."""
        self.speaker: CallSpeaker | None = None
        """Where its sound comes out; None: nobody hears it."""
        self.media: Media | None = None
        """The streams of the caller, if it has some."""
        self.channel: asyncio.Task[None] | None = None
        """Serves the caller's data channel, once that is open."""
        self.expiry: asyncio.Task[None] | None = None
        self._watchers: list[Outgoing] = []
        self._missed: deque[dict[str, Any]] | None = None

    def expect_caller(self) -> None:
        """Keep what the caller is to be told until its data channel is open."""
        self._missed = deque(maxlen=MAX_MISSED)

    def put(self, events: Sequence[dict[str, Any]]) -> None:
        """Show events of the session to everybody who watches."""
        if self._missed is not None:
            self._missed.extend(events)
        for watcher in list(self._watchers):
            watcher.put(events)

    async def wait_for_room(self) -> None:
        """Wait while the caller has more to hear than is good.

        One slow watcher must not hold up a call; it is dropped instead.
        """
        if self.speaker is not None:
            await self.speaker.wait_for_room()

    async def hear(self, audio: bytes) -> None:
        """Let the session hear what the caller says: PCM16 mono 24 kHz."""
        if self.work is not None:
            await self.work.hear(audio)

    def take_missed(self) -> list[dict[str, Any]]:
        """Return what the caller has not been told, and keep no more of it."""
        missed, self._missed = self._missed or (), None
        return list(missed)

    def watch(self, outgoing: Outgoing) -> None:
        """Show what happens from now on to one more."""
        self._watchers.append(outgoing)

    def leave(self, outgoing: Outgoing) -> None:
        """Show no more; the call goes on."""
        self._watchers.remove(outgoing)

    def end(self, code: int, reason: str, refusal: Refusal | None = None) -> None:
        """Close the connections of all who watch."""
        for watcher in self._watchers:
            if refusal is not None:
                watcher.put_error(refusal)
            watcher.end(code, reason)


class CallWatch:
    """What one sideband connection does with a call; in the place of a session of its own."""

    def __init__(self, call: Call, work: CallWork, outgoing: Outgoing) -> None:
        self._call = call
        self._work = work
        self._outgoing = outgoing
        self.session_id: str | None = None
        """Not told on a sideband connection."""
        self.on_fault: Callable[[Faults], None] = lambda _: None

    @property
    def faults(self) -> Faults:
        """What goes wrong with the responses of the call."""
        return self._work.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._work.faults = faults

    def open(self, settled: str | None = None) -> None:
        """Begin to watch; nothing is told of what has been."""
        self._call.watch(self._outgoing)

    async def receive(self, message: str | bytes) -> None:
        """Let the call's session handle a message of this watcher."""
        await self._work.receive(message)

    def stop_hearing(self) -> None:
        """Do nothing: the call goes on, and others may watch it."""

    async def close(self) -> None:
        """Stop watching; the call goes on."""
        self._call.leave(self._outgoing)


class CallerWatch(CallWatch):
    """What the caller itself does with its call, over the data channel."""

    def open(self, settled: str | None = None) -> None:
        """Begin to watch: what the session is like comes first, then all that was missed."""
        introduced = self._work.introduce().events
        self.session_id = introduced[0]["session"]["id"]
        self._outgoing.put([*introduced, *self._call.take_missed()])
        super().open()


NewWork = Callable[[str, Call], CallWork]
"""Makes the session of a call: its model, and who gets its events."""
ServeCaller = Callable[[ChannelLine, Call], Coroutine[Any, Any, None]]
"""Serves a caller's data channel until it ends."""


class Calls:
    """The calls that go on."""

    def __init__(
        self, new_id: NewId, new_work: NewWork, serve_caller: ServeCaller, clock: Clock
    ) -> None:
        """Prepare to take calls.

        Args:
            new_id: Makes their identifiers.
            new_work: Makes their sessions.
            serve_caller: Serves the data channels of callers.
            clock: Ends them after an hour, and paces their sound.
        """
        self._new_id = new_id
        self._new_work = new_work
        self._serve_caller = serve_caller
        self._clock = clock
        self._calls: dict[str, Call] = {}
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        """Whether there are as many calls as can be."""
        return len(self._calls) >= MAX_CALLS

    def ring(self) -> Call:
        """Return a new call that waits for an answer."""
        call = Call(self._new_id("rtc_"))
        self._calls[call.id] = call
        return call

    async def begin(self, offer: str, model: str, settings: Mapping[str, Any]) -> tuple[Call, str]:
        """Begin a call that is offered; return it, and the SDP answer.

        Its streams are declined where nothing is installed that could take them, or where the
        offer lacks what a connection needs.

        Raises:
            Refusal: The offer or the settings make no sense.
        """
        declining = sdp.decline_media(offer)
        call = self.ring()
        try:
            answer = await self._connected(call, offer) if sdp.is_webrtc(offer) else None
            self.answer(call.id, model, settings)
        except BaseException:
            # The one who has asked may also have gone meanwhile.
            self._end(call, 1000, _ENDED)
            raise
        return call, answer or declining

    async def _connected(self, call: Call, offer: str) -> str | None:
        """Take the streams of an offer; return the answer, or None if nothing here can."""
        if not media.is_available() or (webrtc := await media.load()) is None:
            return None
        call.speaker = CallSpeaker()
        call.media = webrtc.WebRtcCall(
            call.speaker,
            self._clock,
            hear=call.hear,
            on_channel=partial(self._take_channel, call),
            on_end=partial(self._lose, call),
        )
        call.expect_caller()
        return str(await call.media.answer(offer))

    def _take_channel(self, call: Call, channel: Channel) -> None:
        if channel.label == LABEL and call.channel is None and call.id in self._calls:
            line = ChannelLine(channel, self._new_id, partial(self._lose, call))
            call.channel = tasks.spawn(self._serve_caller(line, call), name=f"serve {call.id}")

    def _lose(self, call: Call) -> None:
        """End a call whose caller is no longer there, unless it has ended."""
        if call.id in self._calls:
            self._end(call, 1000, _ENDED)

    def answer(self, call_id: str, model: str, settings: Mapping[str, Any]) -> Call:
        """Begin the session of a call.

        Raises:
            Refusal: There is no such call, or it has been answered before.
        """
        call = self._call(call_id)
        if call.work is not None:
            raise Refusal(f"The call '{call_id}' has been answered before.", param="call_id")
        call.work = work = self._new_work(model, call)
        if call.speaker is not None:
            call.speaker.on_started = work.playback_started
            call.speaker.on_stopped = work.playback_stopped
        work.open(session_factory.first_update("realtime", settings))
        call.expiry = tasks.spawn(self._expire(call), name=f"expire {call.id}")
        return call

    def watched(self, call_id: str, outgoing: Outgoing) -> CallWatch:
        """Return the work of a connection that watches a call.

        Raises:
            RefusedSession: There is no such call, or nobody has answered it yet.
        """
        try:
            call = self._call(call_id)
        except UnknownCall as unknown:
            raise RefusedSession(unknown) from unknown
        if call.work is None:
            message = f"The call '{call_id}' has not been answered yet; accept it first."
            raise RefusedSession(Refusal(message, param="call_id"))
        return CallWatch(call, call.work, outgoing)

    def press(self, call_id: str, key: str) -> None:
        """Let the caller press a key of the phone.

        Raises:
            UnknownCall: There is no such call.
            ValueError: Nobody has answered it yet, or phones have no such key.
        """
        if (work := self._call(call_id).work) is None:
            raise ValueError(f"The call '{call_id}' has not been answered yet; accept it first.")
        work.press(key)

    def hang_up(self, call_id: str) -> None:
        """End a call.

        Raises:
            UnknownCall: There is none of this id.
        """
        self._end(self._call(call_id), 1000, _ENDED)

    def decline(self, call_id: str) -> None:
        """End a call that has not been answered.

        Raises:
            Refusal: There is no such call, or it has been answered.
        """
        call = self._call(call_id)
        if call.work is not None:
            message = f"The call '{call_id}' has been answered; hang it up instead."
            raise Refusal(message, param="call_id")
        self._end(call, 1000, _ENDED)

    async def close(self) -> None:
        """End all calls."""
        for call in list(self._calls.values()):
            self._end(call, 1001, "")
        while self._endings:
            await asyncio.wait(self._endings)

    def _call(self, call_id: str) -> Call:
        if (call := self._calls.get(call_id)) is None:
            raise UnknownCall(call_id)
        return call

    async def _expire(self, call: Call) -> None:
        await self._clock.sleep(SESSION_LENGTH_S)
        self._end(call, 1001, EXPIRED.message, EXPIRED)

    def _end(self, call: Call, code: int, reason: str, refusal: Refusal | None = None) -> None:
        self._calls.pop(call.id, None)
        call.end(code, reason, refusal)
        ending = tasks.spawn(self._finish(call), name=f"end {call.id}")
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    async def _finish(self, call: Call) -> None:
        await tasks.cancel(call.expiry)
        if call.work is not None:
            call.work.stop_hearing()
        if call.channel is not None:
            await asyncio.wait([call.channel], timeout=FAREWELL_S)
            await tasks.cancel(call.channel)
        if call.media is not None:
            await call.media.close()
        if call.work is not None:
            await call.work.close()
