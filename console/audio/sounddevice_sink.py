"""A speaker of this machine, through PortAudio.

PortAudio calls back in a thread of its own, every 5 or 10 ms. The callback owns what is played: it
carries out the commands that wait in a deque, and hands over the next samples. Where a device does
not speak 24 kHz, sound is resampled before it is queued, on the event loop.
"""

from __future__ import annotations

import asyncio
import threading
import time as clock
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import soxr

from console import pcm as pcm_units
from console import tasks
from console.audio.device_stream import Buffering, DeviceStream
from console.audio.playback import PlaybackQueue
from console.audio.ports import Heard
from console.audio.sounddevice_library import Format, SoundDevices
from console.errors import AudioDeviceError
from console.signals import Signal

BUFFERINGS: Final = (Buffering(5, 0.015), Buffering(10, 0.03), Buffering(10, 0.06))
"""What stands between the queue and the ear: the sound stops this long after an interrupt.

The first, unless the device runs out of sound with it."""
_MANY_UNDERFLOWS: Final = 4
"""One or two happen when a device begins, and whenever a machine is asleep for a moment."""
PREBUFFER_MS: Final = 60.0
RECENT_MS: Final = 100
ECHO_S: Final = 0.3
"""So long after the last sample a room may still be heard to answer."""
_ANSWER_TIMEOUT_S: Final = 0.5
"""Many times the length of a callback: without an answer by then the device is dead."""


class SounddeviceSink:
    """A speaker of this machine as an `AudioSink`.

    What was handed to the device cannot be taken back, and it will be heard: so all that was
    pulled counts as heard, and after an interrupt the sound goes on until the device has played
    what it holds (15 ms at first, see `BUFFERINGS`, and a fade of 4 ms). Sound that waits when the speaker goes away
    waits on, and is played when it is back.
    """

    def __init__(self, device: str | None = None, *, wanted: Format | None = None) -> None:
        """Name the speaker; nothing is opened before `start`.

        Args:
            device: Its name, or a part of it that no other has; None is the system's default.
            wanted: What to open it with; None takes 24 kHz where the device offers that, else
                the device's own rate.
        """
        self.lost: Signal[AudioDeviceError] = Signal("speaker lost")
        """The speaker went away while it was used; `start` opens it again."""
        self.underflows = 0
        """How often the device ran out of sound because the machine was too busy."""
        self._device = DeviceStream(
            "output",
            device,
            wanted=wanted,
            buffering=BUFFERINGS[0],
            called=self._wanted_by_device,
            lost=self.lost.emit,
            prepare=self._prepare,
            let_go=self._let_go,
            checked=self._ease,
        )
        self._rate_hz = pcm_units.SAMPLE_RATE_HZ
        self._n_channels = 1
        self._playback = PlaybackQueue(prebuffer_ms=PREBUFFER_MS, adapts=True)
        self._commands: deque[Callable[[], None]] = deque()
        self._owned = threading.RLock()
        self._resamplers: dict[str, soxr.ResampleStream] = {}
        self._underruns_before = 0
        self._underflows_before = 0
        self._heard_before: Heard | None = None
        self._gain = 1.0
        self._sounded_at_s = float("-inf")
        self._recent: deque[bytes] = deque(maxlen=RECENT_MS // BUFFERINGS[0].block_ms)
        self._is_wanted = False
        self._has_callback = False
        """Whether a callback may run now, and owns queue and commands."""

    @property
    def device(self) -> str | None:
        """The speaker's name; None is the system's default."""
        return self._device.name

    @property
    def is_running(self) -> bool:
        """Whether the speaker is open."""
        return self._device.is_open

    @property
    def device_rate_hz(self) -> int:
        """The rate that the speaker is, or was last, opened with."""
        return self._rate_hz

    @property
    def underruns(self) -> int:
        """How often an unfinished track had no sample when one was wanted."""
        return self._underruns_before + self._playback.underruns

    @property
    def prebuffer_ms(self) -> float:
        """How much sound has to wait before it begins; more after underruns."""
        return self._playback.prebuffer_ms

    @property
    def is_sounding(self) -> bool:
        """Whether something is heard, or was until 0.3 s ago."""
        return clock.monotonic() - self._sounded_at_s < ECHO_S

    def set_volume(self, volume: float) -> None:
        """Play at `volume` from the next block on: 0 is silent, 1 is as the sound was made.

        Raises:
            ValueError: It is not between 0 and 1.
        """
        if not 0 <= volume <= 1:
            raise ValueError(f"a volume lies between 0 and 1, not at {volume}")
        self._gain = volume

    def recent(self) -> bytes:
        """Return the last 100 ms as PCM16 at `device_rate_hz`, for a meter; nothing while closed."""
        # A copy first: the callback appends meanwhile.
        return b"".join(self._recent.copy())[-2 * self._rate_hz * RECENT_MS // 1000 :]

    async def start(self) -> None:
        """Open the speaker; it plays silence until something is queued, or what waits.

        Raises:
            AudioDeviceError: It cannot be used; the sentence says why.
        """
        was_wanted, self._is_wanted = self._is_wanted, True
        if not self._device.is_open:
            try:
                await self._device.open()
            except AudioDeviceError:
                self._is_wanted = was_wanted
                raise

    async def stop(self) -> None:
        """Silence and release the speaker; safe to call twice."""
        self._is_wanted = False
        await self._device.close()
        self._device.buffering = BUFFERINGS[0]
        self._commands.clear()
        self._resamplers.clear()
        self._heard_before = None
        self._playback.clear()

    async def use(self, device: str | None) -> None:
        """Take another speaker; when one is open, the new one goes on where it stopped.

        Raises:
            AudioDeviceError: It cannot be used.
        """
        await self._device.use(device, is_wanted=self._is_wanted)

    def note_devices(self, found: SoundDevices) -> None:
        """Take a list of what there is now: a speaker in use that has left it is `lost`.

        A sound server may have moved its sound to another, and gives no sign of it.
        """
        self._device.note_devices(found)

    def play(self, track: str, pcm: bytes) -> None:
        """Queue 24 kHz audio of a track; never blocks. Ignored while the speaker is closed.

        Raises:
            ValueError: The chunk ends in half a sample.
        """
        pcm_units.check_chunk(pcm)
        if not self._is_wanted:
            return
        if self._rate_hz != pcm_units.SAMPLE_RATE_HZ:
            pcm = self._resampled(track, pcm)
        self._command(lambda: self._playback.play(track, pcm))

    def finish(self, track: str) -> None:
        """Say that all audio of the track has been queued."""
        if (resampler := self._resamplers.pop(track, None)) is not None:
            rest = resampler.resample_chunk(np.zeros(0, dtype=np.int16), last=True).tobytes()
            self._command(lambda: self._playback.play(track, rest))
        self._command(lambda: self._playback.finish(track))

    async def interrupt(self) -> Heard | None:
        """Stop at once and say what was being heard, at 24 kHz; None if nothing was."""
        self._resamplers.clear()
        try:
            heard = await self._ask_callback(self._playback.interrupt)
        except TimeoutError:
            self._device.lose()  # the device no longer calls back
            heard = self._playback.interrupt()
        before, self._heard_before = self._heard_before, None
        return before if heard is None else self._at_24_khz(heard)

    async def position(self) -> Heard | None:
        """Say what is being heard, at 24 kHz, and leave it alone; None for nothing."""
        try:
            heard = await self._ask_callback(lambda: self._playback.position)
        except TimeoutError:
            self._device.lose()
            heard = self._playback.position
        return None if heard is None else self._at_24_khz(heard)

    async def clear(self) -> None:
        """Forget all tracks, interrupted ones too."""
        self._resamplers.clear()
        self._heard_before = None
        self._command(self._playback.clear)

    def _prepare(self, wanted: Format) -> None:
        """Have the queue speak the device's rate; no callback runs now."""
        self._run_commands()
        with self._owned:
            if wanted.rate_hz != self._rate_hz:
                self._change_rate(wanted.rate_hz)
            self._n_channels = wanted.n_channels
            self._underflows_before = self.underflows
            self._has_callback = True

    def _change_rate(self, rate_hz: int) -> None:
        # What waits is of the old rate: it is forgotten, but not how far it was heard.
        heard = self._playback.interrupt()
        if heard is not None:
            self._heard_before = self._at_24_khz(heard)
        self._underruns_before += self._playback.underruns
        self._resamplers.clear()
        self._playback = PlaybackQueue(
            sample_rate_hz=rate_hz, prebuffer_ms=PREBUFFER_MS, adapts=True
        )
        self._rate_hz = rate_hz

    def _wanted_by_device(self, token: object, data: Any, n_samples: int, status: Any) -> None:
        if not self._device.is_token(token):
            data[:] = bytes(len(data))  # a driver that had hung; its stream was given up
            return
        self._run_commands()
        playback = self._playback
        if playback.queued_samples:
            self._sounded_at_s = clock.monotonic()
        sound = playback.pull(n_samples)
        if self._gain != 1.0:
            sound = (pcm_units.to_int16(sound) * self._gain).astype("<i2").tobytes()
        self._recent.append(sound)
        if self._n_channels > 1:
            sound = np.repeat(pcm_units.to_int16(sound), self._n_channels).tobytes()
        data[:] = sound
        self.underflows += bool(status.output_underflow)

    def _let_go(self) -> None:
        """No callback runs any more: what it left is done here."""
        self._recent.clear()
        self._has_callback = False
        self._run_commands()

    def _ease(self) -> None:
        """Let the device hold more when it ran dry, in a pause, since that needs it opened anew."""
        ran_dry = self.underflows - self._underflows_before >= _MANY_UNDERFLOWS
        at = BUFFERINGS.index(self._device.buffering)
        if ran_dry and at + 1 < len(BUFFERINGS) and not self.is_sounding:
            self._device.buffering = BUFFERINGS[at + 1]
            tasks.spawn(self._reopen(), name="give the speaker a larger buffer")

    async def _reopen(self) -> None:
        try:
            await self._device.reopen()
        except AudioDeviceError:
            self._device.lose()

    def _at_24_khz(self, heard: Heard) -> Heard:
        scale = pcm_units.SAMPLE_RATE_HZ / self._rate_hz
        return Heard(heard.track, round(heard.n_samples * scale))

    async def _ask_callback(self, question: Callable[[], Heard | None]) -> Heard | None:
        """Have the callback, which owns the queue, answer `question`."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Heard | None] = loop.create_future()
        self._command(lambda: tasks.hand_over(loop, _resolve, answer, question()))
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            return await answer

    def _command(self, command: Callable[[], None]) -> None:
        self._commands.append(command)
        if not self._has_callback:
            self._run_commands()

    def _run_commands(self) -> None:
        # Held by one only, but for the moment in which a callback begins or ends.
        with self._owned:
            while self._commands:
                self._commands.popleft()()

    def _resampled(self, track: str, pcm: bytes) -> bytes:
        resampler = self._resamplers.get(track)
        if resampler is None:
            resampler = soxr.ResampleStream(
                pcm_units.SAMPLE_RATE_HZ, self._rate_hz, 1, dtype="int16"
            )
            self._resamplers[track] = resampler
        sound: bytes = resampler.resample_chunk(pcm_units.to_int16(pcm)).tobytes()
        return sound


def _resolve(answer: asyncio.Future[Heard | None], heard: Heard | None) -> None:
    if not answer.done():
        answer.set_result(heard)
