"""The server's end of a session channel: one WebSocket, the browser's sound, the page's lists."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, assert_never

from starlette.websockets import WebSocket

from console.app.event_view import Find, Look
from console.app.feed import Feed
from console.app.view_model import CaptureMode, MicrophoneState
from console.clock import Clock, SystemClock
from console.realtime.audio_shelf import AudioShelf
from console.signals import Signal
from console.ui.browser_audio import BrowserSink, BrowserSource
from console.ui.channel_wire import (
    CAPTURE_MODES,
    POLICY,
    BrowserMicrophone,
    Drained,
    HeardReport,
    Hello,
    Incoming,
    Interrupted,
    Talk,
    WireError,
    decode_microphone,
)
from console.ui.missing_speech import MissingSpeech
from console.ui.outbox import Outbox, audio_frame
from console.ui.page_line import PageLine

logger = logging.getLogger(__name__)

OPENED_ELSEWHERE: Final = 4001
"""Close code: another page took the session over; do not come back."""


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
        shelf: AudioShelf | None = None,
    ) -> None:
        """Make a channel that nobody is connected to.

        Args:
            feed: Where rows and conversation come from.
            sound: Whose microphone and speaker the session uses; told to the browser.
            clock: Time for the limits on what a browser may send.
            shelf: Where sound waits that the browser does not take yet; None: in memory.
        """
        self.sound = sound
        """Whose microphone and speaker the session uses."""
        self.talk: Signal[Talk] = Signal("talk")
        """Push-to-talk; every chunk of the press was accepted by `source` between the two."""
        self.microphone: Signal[BrowserMicrophone] = Signal("microphone")
        """The browser's microphone changed."""
        self.connected: Signal[None] = Signal("browser connected")
        self.closed: Signal[None] = Signal("browser closed")
        self.may_press: Callable[[], bool] = lambda: True
        """Asked at each press; one that may not be is let go, and nothing of it is taken."""
        self.missing = MissingSpeech()
        """What the browser has lost of the user's speech."""
        self.source = BrowserSource()
        self._outbox = Outbox(self._audio_dropped, shelf)
        self.sink = BrowserSink(self._outbox)
        self._feed = feed
        self._clock = clock or SystemClock()
        self._mode: CaptureMode = "off"
        self._talk_began_s: float | None = None
        self._line: PageLine | None = None

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
        if mode != self._mode:
            self.missing.forget()
        self._mode = mode
        if mode != "manual":
            self._talk_began_s = None
        if self.is_connected:
            self._outbox.put_message({"k": "capture", "mode": mode})

    def let_go(self) -> None:
        """End a press, here and at the browser's button; what still comes of it is not taken.

        Nobody is told by `talk`: this is for who knows already that it comes to nothing.
        """
        self._talk_began_s = None
        self.missing.forget()
        if self.is_connected:
            self._outbox.put_message({"k": "release"})

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

    def hush(self) -> None:
        """Have the recordings of the conversation silent: the user speaks."""
        if self.is_connected:
            self._outbox.put_message({"k": "hush"})

    async def serve(self, websocket: WebSocket) -> None:
        """Accept `websocket` and serve it until it ends or a newer one comes."""
        await websocket.accept()
        line = PageLine(websocket, self, self._feed, self._outbox, self._clock)
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
            "sound": self.sound,
            "capture": self._mode,
        }

    def greeted(self, hello: Hello) -> None:
        """A browser said hello; what waits may be sent now."""
        self.sink.note_connected(is_new_page=hello.epoch is None)
        self.connected.emit(None)

    def next_audio_frame(self) -> str | bytes | None:
        """Take the next frame of sound, if the browser has room for it."""
        if not self.sink.has_room or (audio := self._outbox.next_audio()) is None:
            return None
        track, part = audio
        self.sink.note_sent(track, part)
        return audio_frame(track, part)

    def accept_audio(self, data: bytes) -> None:
        """Take a binary frame; sound that the mode does not allow is ignored.

        Raises:
            WireError: It is not a chunk of the microphone.
        """
        chunk = decode_microphone(data)
        is_talking = self._talk_began_s is not None
        if self._mode == "vad" or (self._mode == "manual" and is_talking):
            self.missing.take(chunk)
            self.source.accept(chunk.pcm)

    def accept_message(self, message: Incoming) -> None:
        """Act on a message of the browser."""
        match message:
            case Talk():
                self._talked(message)
            case BrowserMicrophone():
                self.source.set_microphone(message)
                self.microphone.emit(message)
            case HeardReport():
                self.sink.note_heard(message)
            case Drained():
                self.sink.note_drained(message)
            case Interrupted():
                self.sink.note_interrupted(message)
            case Look() | Find():
                raise WireError(POLICY, "a line looks at rows by itself")
            case Hello():
                raise WireError(POLICY, "a browser says hello once on each line")
            case _:
                assert_never(message)

    def _talked(self, talk: Talk) -> None:
        # One that crossed a change of mode on its way, or says again what is known.
        if self._mode != "manual" or talk.is_down == (self._talk_began_s is not None):
            return
        if talk.is_down and not self.may_press():
            self.let_go()
            return
        began_s, now_s = self._talk_began_s, self._clock.now_s()
        self._talk_began_s = now_s if talk.is_down else None
        if began_s is None:
            self.missing.press()
        elif self.source.microphone.state is MicrophoneState.ON:
            # What the page says is not believed beyond what can be.
            self.missing.release(min(talk.held_ms, (now_s - began_s) * 1000))
        self.talk.emit(talk)

    def _browser_gone(self) -> None:
        self._outbox.drop_messages()
        self.sink.note_closed()
        self.missing.forget()
        if self._talk_began_s is not None:
            held_ms = (self._clock.now_s() - self._talk_began_s) * 1000
            self._talked(Talk(is_down=False, held_ms=held_ms))
        self.closed.emit(None)

    def _audio_dropped(self, track: str, n_samples: int) -> None:
        self.sink.note_dropped(track, n_samples)
