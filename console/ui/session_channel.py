"""The server's end of a session channel: one WebSocket, the browser's sound, the page's lists."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, Final, Literal, assert_never

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from console import tasks
from console.app.feed import Feed
from console.app.view_model import CaptureMode
from console.clock import Clock, SystemClock
from console.pcm import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from console.signals import Signal
from console.transport import Closed
from console.ui.browser_audio import BrowserSink, BrowserSource
from console.ui.channel_wire import (
    CAPTURE_MODES,
    POLICY,
    Drained,
    HeardReport,
    Hello,
    Incoming,
    Interrupted,
    Microphone,
    Talk,
    WireError,
    decode_messages,
    decode_microphone,
    encode_messages,
)
from console.ui.outbox import Outbox, audio_frame
from console.ui.rate_limit import RateLimit

logger = logging.getLogger(__name__)

OPENED_ELSEWHERE: Final = 4001
"""Close code: another page took the session over; do not come back."""
UNKNOWN_SESSION: Final = 4004
"""Close code: there is no such session; do not come back."""
TRY_LATER: Final = 1013
"""Close code: the browser reads too slowly."""

BATCH_INTERVAL_S: Final = 0.05
ROWS_PER_BATCH: Final = 500
STUCK_S: Final = 5.0
CLOSE_S: Final = 1.0

_BYTES_PER_S = SAMPLE_RATE_HZ * BYTES_PER_SAMPLE
# Twice real time, after a stall of the network that the worker's own buffer allows for.
_AUDIO_BYTES_PER_S = 2 * _BYTES_PER_S
_AUDIO_BURST_BYTES = 10 * _BYTES_PER_S
_MESSAGES_PER_S = 100
_MESSAGE_BURST = 200


class SessionChannel:
    """One console session's line to its browser.

    The newest browser wins: an older one is closed with 4001. What concerns sound is kept while
    nobody is connected; the lists are told from the start, or from where the browser left off.
    """

    def __init__(
        self,
        feed: Feed,
        *,
        sound: Literal["browser", "local"] = "browser",
        clock: Clock | None = None,
    ) -> None:
        """Make a channel that nobody is connected to.

        Args:
            feed: Where rows and conversation come from.
            sound: Whose microphone and speaker the session uses; told to the browser.
            clock: Time for the limits on what a browser may send.
        """
        self.talk: Signal[Talk] = Signal("talk")
        """Push-to-talk; every chunk of the press was accepted by `source` between the two."""
        self.microphone: Signal[Microphone] = Signal("microphone")
        """The browser's microphone changed."""
        self.connected: Signal[None] = Signal("browser connected")
        self.closed: Signal[None] = Signal("browser closed")
        self.source = BrowserSource()
        self._outbox = Outbox(self._audio_dropped)
        self.sink = BrowserSink(self._outbox)
        self._feed = feed
        self._sound = sound
        self._clock = clock or SystemClock()
        self._mode: CaptureMode = "off"
        self._talk_began_s: float | None = None
        self._line: _Line | None = None

    @property
    def is_connected(self) -> bool:
        """Whether a browser is there and has said hello."""
        return self._line is not None and self._line.is_greeted

    @property
    def capture(self) -> CaptureMode:
        """What may be sent of the microphone."""
        return self._mode

    def set_capture(self, mode: CaptureMode) -> None:
        """Say what may be sent of the microphone; `off` also gives the device back.

        Raises:
            ValueError: There is no such mode.
        """
        if mode not in CAPTURE_MODES:
            raise ValueError(f"capture is one of {', '.join(CAPTURE_MODES)}, not {mode!r}")
        self._mode = mode
        if mode != "manual":
            self._talk_began_s = None
        if self.is_connected:
            self._outbox.put_message({"k": "capture", "mode": mode})

    def show_levels(
        self,
        microphone: Sequence[float] | None,
        speaker: Sequence[float] | None = None,
        is_sounding: bool | None = None,
    ) -> None:
        """Tell the browser how loud it is here: bars from 0 to 1, low to high.

        Args:
            microphone: Of this machine's microphone, or of what stands in for one; None says
                nothing of it.
            speaker: Of this machine's speaker; None is one that the browser hears itself.
            is_sounding: Whether the assistant is heard on this machine's speaker, also in the
                pauses between its words.
        """
        if self.is_connected:
            told = {"microphone": microphone, "speaker": speaker, "isSounding": is_sounding}
            self._outbox.put_message(
                {"k": "levels"} | {key: each for key, each in told.items() if each is not None}
            )

    async def serve(self, websocket: WebSocket) -> None:
        """Accept `websocket` and serve it until it ends or a newer one comes."""
        await websocket.accept()
        line = _Line(websocket, self, self._feed, self._outbox, self._clock)
        older, self._line = self._line, line
        if older is not None:
            self._browser_gone()
            await older.end(OPENED_ELSEWHERE, "opened elsewhere")
        try:
            await line.run()
        finally:
            if self._line is line:
                self._line = None
                self._browser_gone()

    async def close(self, code: int = 1001, reason: str = "the console ends") -> None:
        """End the line to the browser, if there is one."""
        if self._line is not None:
            await self._line.end(code, reason)

    def welcome(self) -> dict[str, Any]:
        """Return the message that tells a browser where it is."""
        return {
            "k": "welcome",
            "epoch": self._feed.epoch,
            "sound": self._sound,
            "capture": self._mode,
        }

    def greeted(self, hello: Hello) -> None:
        """A browser said hello; what waits may be sent now."""
        self.sink.note_connected(is_new_page=hello.epoch is None)
        self.connected.emit(None)

    def accept_audio(self, data: bytes) -> None:
        """Take a binary frame; sound that the mode does not allow is ignored.

        Raises:
            WireError: It is not a chunk of the microphone.
        """
        chunk = decode_microphone(data)
        is_talking = self._talk_began_s is not None
        if self._mode == "vad" or (self._mode == "manual" and is_talking):
            self.source.accept(chunk.pcm)

    def accept_message(self, message: Incoming) -> None:
        """Act on a message of the browser."""
        match message:
            case Talk():
                self._talked(message)
            case Microphone():
                self.source.set_microphone(message)
                self.microphone.emit(message)
            case HeardReport():
                self.sink.note_heard(message)
            case Drained():
                self.sink.note_drained(message)
            case Interrupted():
                self.sink.note_interrupted(message)
            case Hello():
                raise WireError(POLICY, "a browser says hello once on each line")
            case _:
                assert_never(message)

    def _talked(self, talk: Talk) -> None:
        # One that crossed a change of mode on its way, or says again what is known.
        if self._mode != "manual" or talk.is_down == (self._talk_began_s is not None):
            return
        self._talk_began_s = self._clock.now_s() if talk.is_down else None
        self.talk.emit(talk)

    def _browser_gone(self) -> None:
        self._outbox.drop_messages()
        self.sink.note_closed()
        if self._talk_began_s is not None:
            held_ms = (self._clock.now_s() - self._talk_began_s) * 1000
            self._talked(Talk(is_down=False, held_ms=held_ms))
        self.closed.emit(None)

    def _audio_dropped(self, track: str, n_samples: int) -> None:
        self.sink.note_dropped(track, n_samples)


class _Line:
    """One WebSocket of the channel: reads, writes, limits, and ends once."""

    def __init__(
        self,
        websocket: WebSocket,
        channel: SessionChannel,
        feed: Feed,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self.is_greeted = False
        self._websocket = websocket
        self._channel = channel
        self._feed = feed
        self._outbox = outbox
        self._audio_limit = RateLimit(_AUDIO_BYTES_PER_S, _AUDIO_BURST_BYTES, clock)
        self._message_limit = RateLimit(_MESSAGES_PER_S, _MESSAGE_BURST, clock)
        self._epoch: int | None = None
        self._version = 0
        self._is_due = False
        self._audio_first = False
        self._must_snapshot = True
        self._flush_timer: asyncio.TimerHandle | None = None
        self._flushed_at = float("-inf")
        self._ending: Closed | None = None
        self._ended = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve until the browser leaves, is sent away, or `end` is called."""
        off = self._feed.on_touch(self._touched)
        try:
            if self._ending is None:
                self._running = tasks.spawn(self._pump(), name="session channel")
                await asyncio.wait([self._running])
            if self._ending is not None:
                await self._close(self._ending)
        finally:
            off()
            if self._flush_timer is not None:
                self._flush_timer.cancel()
            await tasks.cancel(self._running)
            self._ended.set()

    async def end(self, code: int, reason: str) -> None:
        """Stop serving and close the socket with `code`; returns when `run` has ended."""
        self._ending = Closed(code, reason)
        await tasks.cancel(self._running)
        await self._ended.wait()

    async def _pump(self) -> None:
        both = self._until_refused(self._read()), self._until_refused(self._write())
        await tasks.run_until_first_ends(*both, name="session channel")

    async def _close(self, closed: Closed) -> None:
        if self._websocket.application_state is not WebSocketState.CONNECTED:
            return
        # The browser may have left meanwhile, or not read what it was sent.
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(CLOSE_S):
                await self._websocket.close(closed.code, closed.reason[:100])

    async def _until_refused(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except WireError as error:
            logger.warning("closing a browser's line with %d: %s", error.code, error)
            self._ending = Closed(error.code, str(error))

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if (data := message.get("bytes")) is not None:
                self._check(self._audio_limit, len(data), "sound")
                self._require_greeting()
                self._channel.accept_audio(data)
            else:
                self._check(self._message_limit, 1, "messages")
                for each in decode_messages(message["text"]):
                    self._receive(each)

    def _receive(self, message: Incoming) -> None:
        if not self.is_greeted and isinstance(message, Hello):
            self._greet(message)
            return
        self._require_greeting()
        self._channel.accept_message(message)

    def _require_greeting(self) -> None:
        if not self.is_greeted:
            raise WireError(POLICY, "a browser must say hello first")

    def _check(self, limit: RateLimit, amount: int, what: str) -> None:
        if not limit.take(amount):
            raise WireError(POLICY, f"the browser sends {what} faster than anybody speaks")

    def _greet(self, hello: Hello) -> None:
        self.is_greeted = True
        self._epoch = hello.epoch
        self._version = hello.version or 0
        self._welcome()
        self._channel.greeted(hello)
        self._is_due = True
        self._outbox.wake()

    def _welcome(self) -> None:
        if self._epoch != self._feed.epoch:
            self._epoch = self._feed.epoch
            self._version = 0
        self._outbox.put_message(self._channel.welcome())

    async def _write(self) -> None:
        while True:
            await self._outbox.wait()
            while self.is_greeted and (frame := self._next_frame()) is not None:
                await self._send(frame)

    async def _send(self, frame: str | bytes) -> None:
        try:
            async with asyncio.timeout(STUCK_S):
                if isinstance(frame, str):
                    await self._websocket.send_text(frame)
                else:
                    await self._websocket.send_bytes(frame)
        except TimeoutError as error:
            sentence = f"the browser has not read for {STUCK_S:.0f} s"
            raise WireError(TRY_LATER, sentence) from error
        except (RuntimeError, WebSocketDisconnect):
            # The browser has left; the reader says so too.
            logger.debug("the line closed while sending")
            await asyncio.get_running_loop().create_future()

    def _next_frame(self) -> str | bytes | None:
        """Return what goes next: control, then lists and sound in turn."""
        if self._is_due and self._epoch != self._feed.epoch:
            self._welcome()
        if (urgent := self._outbox.next_message_frame()) is not None:
            return urgent
        if self._is_due and not self._audio_first and (batch := self._next_batch()) is not None:
            self._audio_first = True
            return batch
        self._audio_first = False
        if self._channel.sink.has_room and (audio := self._outbox.next_audio()) is not None:
            track, part = audio
            self._channel.sink.note_sent(track, len(part or b"") // BYTES_PER_SAMPLE)
            return audio_frame(track, part)
        return self._next_batch() if self._is_due else None

    def _next_batch(self) -> str | None:
        """Return what is new in the lists; None when nothing is."""
        version, rows = self._feed.rows_after(self._version, ROWS_PER_BATCH)
        messages: list[Any] = []
        if rows:
            self._version = version
            messages.append({"k": "rows", "epoch": self._epoch, "version": version, "rows": rows})
        messages += self._feed.snapshot() if self._must_snapshot else self._feed.changes()
        self._must_snapshot = False
        # A full batch says that there may be more: that goes next, not a twentieth later.
        self._is_due = len(rows) == ROWS_PER_BATCH
        self._flushed_at = asyncio.get_running_loop().time()
        return encode_messages(messages) if messages else None

    def _touched(self) -> None:
        """Have the lists sent, a twentieth of a second after the last time at the earliest."""
        if self._is_due or self._flush_timer is not None:
            return
        loop = asyncio.get_running_loop()
        self._flush_timer = loop.call_at(self._flushed_at + BATCH_INTERVAL_S, self._due)

    def _due(self) -> None:
        self._flush_timer = None
        self._is_due = True
        self._outbox.wake()
