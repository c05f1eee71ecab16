"""The echo test: what the microphone hears, played back, and how long sound takes around.

It wants microphone and speaker for itself, so it runs only while there is no session, and whoever
connects ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import statistics
from collections.abc import Callable
from typing import Final

from console import pcm, tasks
from console.app import echo_report
from console.app.echo_report import EchoPhase, EchoState, Loudness
from console.app.view_model import CaptureMode, Phase, ViewModel
from console.audio.ports import AudioSink, AudioSource
from console.clock import Clock
from console.errors import AudioDeviceError

RECORD_MS: Final = 3000
LISTEN_MS: Final = 1500
"""So long after the chirp one listens for it: Bluetooth takes a third of a second."""
AFTER_MS: Final = 400
SILENCE_TIMEOUT_S: Final = 5.0
"""A microphone that is on gives a chunk every few milliseconds."""
_LOUDNESS: Final[dict[Loudness, str]] = {
    "silent": "silent: nothing was heard. Is the right microphone chosen, and is it switched on?",
    "too quiet": "too quiet: come closer, or turn its level up in the system's settings",
    "clipped": "clipped: too loud; turn its level down in the system's settings",
    "good": "good",
}
_NO_ECHO: Final = (
    "The speaker was not heard by the microphone, so there is no round trip to tell: headphones, "
    "or echo cancellation, which you can switch off here."
)


class EchoTest:
    """Records three seconds, measures the round trip with a chirp, and plays the recording."""

    def __init__(
        self,
        view: ViewModel,
        source: AudioSource,
        sink: AudioSink,
        *,
        set_capture: Callable[[CaptureMode], None],
        clock: Clock,
    ) -> None:
        """Prepare; nothing is opened before `run`.

        Args:
            view: What the page shows; changed here.
            source: The microphone.
            sink: The speaker.
            set_capture: Tells the microphone's side what may be sent.
            clock: Time.
        """
        self._view = view
        self._source = source
        self._sink = sink
        self._set_capture = set_capture
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._heard = _Heard(clock)
        self._numbers = itertools.count(1)

    async def run(self) -> None:
        """Run the test; what comes of it is told through the view. A second call waits for it."""
        if obstacle := self._obstacle():
            self._show("failed", obstacle)
            return
        if self._task is None or self._task.done():
            self._task = tasks.spawn(self._run(), name="echo test")
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(self._task)

    async def give_way(self) -> None:
        """End the test for a session that begins: the microphone stays as it is."""
        if self._task is None or self._task.done():
            return
        await tasks.cancel(self._task)
        await self._source.stop()
        await self._sink.interrupt()
        await self._sink.clear()
        self._show("idle", "")

    def _obstacle(self) -> str:
        settings = self._view.sound.settings
        if self._view.phase is not Phase.DISCONNECTED:
            return "The echo test needs microphone and speaker for itself: disconnect first."
        if settings.microphone.is_muted:
            return "The microphone is muted here: unmute it first."
        if settings.speaker.is_muted:
            return "The speaker is muted here: unmute it first."
        return ""

    async def _run(self) -> None:
        try:
            await self._test()
        except AudioDeviceError as error:
            self._show("failed", str(error))
        except TimeoutError:
            self._show("failed", "The microphone is on, but no sound comes from it.")
        self._set_capture("off")
        await self._source.stop()
        await self._sink.interrupt()
        await self._sink.clear()

    async def _test(self) -> None:
        self._show("opening", "Waiting for the microphone.")
        await self._source.start()
        await self._sink.start()
        self._heard = _Heard(self._clock)
        self._set_capture("vad")
        listening = tasks.spawn(self._listen(), name="ears of the echo test")
        try:
            self._show("recording", "Speak now: three seconds are recorded.")
            recorded = await self._next(RECORD_MS)
            self._show("measuring", "Now listen: a chirp measures the round trip.")
            round_trip_ms = await self._measure()
            self._show("playing", "This is what the microphone heard.")
            await self._play(f"echo-{next(self._numbers)}", recorded)
        finally:
            await tasks.cancel(listening)
        self._report(recorded, round_trip_ms)

    async def _listen(self) -> None:
        error: AudioDeviceError | None = None
        try:
            async for chunk in self._source.chunks():
                self._heard.add(chunk)
        except AudioDeviceError as failure:
            error = failure
        self._heard.end(error or AudioDeviceError("The microphone has stopped."))

    async def _next(self, duration_ms: int) -> bytes:
        """Return the next `duration_ms` that come in; never more than a chunk of them at once."""
        self._heard.forget()
        while self._heard.ms < duration_ms:
            async with asyncio.timeout(SILENCE_TIMEOUT_S):
                await self._heard.wait()
        return self._heard.pcm[: duration_ms * pcm.BYTES_PER_MS]

    async def _measure(self) -> float | None:
        """Return the milliseconds from handing a chirp to the speaker to having it back."""
        await self._next(1)  # from a chunk's edge on
        self._heard.forget()
        began_s = self._clock.now_s()
        track = f"chirp-{next(self._numbers)}"
        self._sink.play(track, echo_report.chirp())
        self._sink.finish(track)
        while self._heard.ms < LISTEN_MS:
            async with asyncio.timeout(SILENCE_TIMEOUT_S):
                await self._heard.wait()
        at = echo_report.find_chirp(self._heard.pcm)
        if at is None:
            return None
        return max(0.0, (self._heard.origin_s - began_s) * 1000 + pcm.samples_to_ms(at))

    async def _play(self, track: str, recorded: bytes) -> None:
        self._sink.play(track, recorded)
        self._sink.finish(track)
        await self._clock.sleep((pcm.bytes_to_ms(len(recorded)) + AFTER_MS) / 1000)

    def _report(self, recorded: bytes, round_trip_ms: float | None) -> None:
        loudness, level_dbfs = echo_report.loudness_of(recorded)
        way = f"Round trip {round_trip_ms:.0f} ms." if round_trip_ms is not None else _NO_ECHO
        self._view.set_echo(
            EchoState(
                "done",
                f"Level {level_dbfs:.0f} dBFS, {_LOUDNESS[loudness]}. {way}".replace("?.", "?"),
                loudness,
                level_dbfs,
                round_trip_ms,
            )
        )

    def _show(self, phase: EchoPhase, sentence: str) -> None:
        self._view.set_echo(EchoState(phase, sentence))


class _Heard:
    """What came in since `forget`, and by the clock when its first sample was to be had."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pcm = bytearray()
        self._origins_s: list[float] = []
        self._changed = asyncio.Event()
        self._error: AudioDeviceError | None = None

    @property
    def ms(self) -> float:
        return pcm.bytes_to_ms(len(self._pcm))

    @property
    def pcm(self) -> bytes:
        return bytes(self._pcm)

    @property
    def origin_s(self) -> float:
        """When the first sample was there; chunks come unevenly, so all of them are asked."""
        return statistics.median(self._origins_s)

    def add(self, chunk: bytes) -> None:
        self._pcm += chunk
        self._origins_s.append(self._clock.now_s() - self.ms / 1000)
        self._changed.set()

    def end(self, error: AudioDeviceError) -> None:
        self._error = error
        self._changed.set()

    def forget(self) -> None:
        self._pcm.clear()
        self._origins_s.clear()

    async def wait(self) -> None:
        """Wait for the next chunk.

        Raises:
            AudioDeviceError: None will come.
        """
        self._changed.clear()
        if self._error is None:
            await self._changed.wait()
        if self._error is not None:
            raise self._error
