"""One device of this machine in use: opened, followed while it runs, opened again, lost.

The same for microphones and speakers. PortAudio says when a stream ends, but not everything that
can happen to one ends it: a driver may stop calling back, and a sound server may move a stream
whose device was pulled out to another device, where it runs on. So the callbacks are counted, and
whoever watches the list of devices passes it on with `note_devices`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from console import pcm as pcm_units
from console import tasks
from console.audio.sounddevice_library import (
    PORTAUDIO,
    Direction,
    Format,
    SoundDevices,
    in_own_thread,
)
from console.errors import AudioDeviceError

CHECK_EVERY_S: Final = 0.4
"""A device that called back, and then does not for two checks in a row, is lost."""
_STILL_CHECKS: Final = 2
_FIRST_CALL_CHECKS: Final = 8
"""A device may take its time to begin: a wireless headset, or a sound server that wakes one up."""
_OPEN_TIMEOUT_S: Final = 5.0
_CLOSE_TIMEOUT_S: Final = 2.0
_SAYINGS: Final = {
    "input": ("microphone", "stopped delivering sound"),
    "output": ("speaker", "no longer takes sound"),
}


@dataclass(frozen=True, slots=True)
class Buffering:
    """How a device is fed: the smaller, the sooner it acts; the larger, the less is lost."""

    block_ms: int
    """Time between two callbacks."""
    latency_s: float
    """How much the device may hold."""


class DeviceStream:
    """A microphone or a speaker, open or not, by its name."""

    def __init__(
        self,
        direction: Direction,
        name: str | None,
        *,
        wanted: Format | None,
        buffering: Buffering,
        called: Callable[[object, Any, int, Any], None],
        lost: Callable[[AudioDeviceError], None],
        prepare: Callable[[Format], None] = lambda _: None,
        let_go: Callable[[], None] = lambda: None,
        checked: Callable[[], None] = lambda: None,
    ) -> None:
        """Name the device; nothing is opened before `open`.

        Args:
            direction: Microphone or speaker.
            name: The device, or a part of its name that no other has; None is the default.
            wanted: What to open it with; None lets the device decide.
            buffering: How it is fed from the next `open` on; may be set later.
            called: The callback, in the device's thread: the `token` of this opening, the
                buffer, how many samples it has, and PortAudio's flags. A speaker gives silence
                when the token is no longer the one that counts.
            lost: The device went away while it was used.
            prepare: Called with the format before each try to open, in another thread.
            let_go: No callback runs any more.
            checked: Called every `CHECK_EVERY_S` while the device is open.
        """
        self.buffering = buffering
        self.wanted = wanted
        self.format = Format(pcm_units.SAMPLE_RATE_HZ)
        """What it is, or was last, opened with."""
        self._direction = direction
        self._name = name
        self._called = called
        self._lost = lost
        self._prepare = prepare
        self._let_go = let_go
        self._checked = checked
        self._stream: Any = None
        self._token = object()
        self._n_calls = 0
        self._begun: object = None
        """The token of the opening that has called back last."""
        self._n_opening = 0
        self._was_listed = False
        self._check: asyncio.TimerHandle | None = None

    @property
    def name(self) -> str | None:
        """The device's name; None is the system's default."""
        return self._name

    @property
    def is_open(self) -> bool:
        """Whether the device is open."""
        return self._stream is not None

    def is_token(self, token: object) -> bool:
        """Whether a callback belongs to the opening that counts, not to one before; any thread."""
        return token is self._token

    async def open(self) -> None:
        """Open the device, unless `close` is called meanwhile.

        Raises:
            AudioDeviceError: It cannot be used; the sentence says why.
        """
        loop = asyncio.get_running_loop()
        token = self._token = object()  # a stream that was replaced has nothing more to say

        def start(library: ModuleType, number: int, wanted: Format) -> Any:
            self._prepare(wanted)
            return self._start(library, number, wanted, loop, token)

        self._n_opening += 1
        try:
            stream, format_ = await in_own_thread(
                lambda: PORTAUDIO.open(self._direction, self._name, start, self.wanted),
                what=f"open the {_SAYINGS[self._direction][0]}",
                timeout_s=_OPEN_TIMEOUT_S,
            )
            if not self.is_token(token):
                await _close(stream)
        except AudioDeviceError:
            self._n_opening -= 1
            self._let_go_if_unused()
            raise
        self._n_opening -= 1
        if not self.is_token(token):
            self._let_go_if_unused()
            return
        self.format = format_
        self._stream = stream
        self._was_listed = False
        self._check_later(loop, self._n_calls, 0)

    async def close(self, *, plays_out: bool = False) -> None:
        """Release the device; safe to call twice.

        Args:
            plays_out: Let a speaker play what it still holds, instead of forgetting it.
        """
        stream = self._detach()
        if stream is not None:
            if plays_out:
                # Its callbacks give silence by now. PortAudio's own way of waiting may hang.
                await asyncio.sleep(self._buffered_s())
            await _close(stream)
        self._let_go()

    async def use(self, name: str | None, *, is_wanted: bool) -> bool:
        """Take another device, opened when it `is_wanted`; say whether it is another.

        Raises:
            AudioDeviceError: It cannot be used.
        """
        if name == self._name:
            return False
        self._name = name
        if is_wanted:
            await self.reopen()
        return True

    async def reopen(self) -> None:
        """Close the device and open it again, by its name and buffering of now.

        Raises:
            AudioDeviceError: It cannot be used any more.
        """
        # What was handed to a speaker counts as heard: so it has to be heard.
        await self.close(plays_out=True)
        await self.open()

    def note_devices(self, found: SoundDevices) -> None:
        """Take a list of the devices that there are now: one that left it is lost.

        A device that nobody lists while it is open, since only one program at a time can use it,
        is not judged by the list.
        """
        if self._stream is None or self._name is None:
            return
        listed = found.inputs if self._direction == "input" else found.outputs
        if any(self._name in each.name for each in listed):
            self._was_listed = True
        elif self._was_listed:
            self.lose()

    def lose(self) -> None:
        """Let go of a device that is of no use any more, and say so."""
        stream = self._detach()
        if stream is not None:
            tasks.spawn(_close(stream), name="close the lost device")
        self._let_go()
        what, happened = _SAYINGS[self._direction]
        name = "of this machine" if self._name is None else repr(self._name)
        self._lost(
            AudioDeviceError(
                f"The {what} {name} {happened}; it is used again when it is back. "
                "Check that it is connected, or choose another under Sound."
            )
        )

    def _start(
        self,
        library: ModuleType,
        number: int,
        wanted: Format,
        loop: asyncio.AbstractEventLoop,
        token: object,
    ) -> Any:
        def called(data: Any, n_samples: int, time: Any, status: Any) -> None:
            self._n_calls += 1
            self._begun = token
            self._called(token, data, n_samples, status)

        def ended() -> None:
            tasks.hand_over(loop, self._ended, token, PORTAUDIO.is_renewing)

        make = library.RawInputStream if self._direction == "input" else library.RawOutputStream
        stream = make(
            samplerate=wanted.rate_hz,
            channels=wanted.n_channels,
            dtype="int16",
            blocksize=wanted.rate_hz * self.buffering.block_ms // 1000,
            latency=self.buffering.latency_s,
            device=number,
            callback=called,
            finished_callback=ended,
        )
        stream.start()
        return stream

    def _buffered_s(self) -> float:
        return self.buffering.latency_s + 2 * self.buffering.block_ms / 1000

    def _detach(self) -> Any:
        """Forget the stream, so that it has nothing more to say, and return it."""
        stream, self._stream = self._stream, None
        self._token = object()
        if self._check is not None:
            self._check.cancel()
            self._check = None
        return stream

    def _let_go_if_unused(self) -> None:
        # Another `open` may have come meanwhile, and its callback may run.
        if self._stream is None and not self._n_opening:
            self._let_go()

    def _ended(self, token: object, is_renewing: bool) -> None:
        if self._stream is None or not self.is_token(token):
            return
        if is_renewing:
            self._detach()
            self._let_go()
            tasks.spawn(self._open_again(), name="open a device again")
        else:
            self.lose()

    async def _open_again(self) -> None:
        try:
            await self.open()
        except AudioDeviceError:
            self.lose()

    def _check_later(self, loop: asyncio.AbstractEventLoop, n_calls: int, n_still: int) -> None:
        self._check = loop.call_later(CHECK_EVERY_S, self._check_now, loop, n_calls, n_still)

    def _check_now(self, loop: asyncio.AbstractEventLoop, n_calls: int, n_still: int) -> None:
        # Counted and not timed: a program that was stopped for a while has lost no device.
        n_still = n_still + 1 if self._n_calls == n_calls else 0
        may_be_still = _STILL_CHECKS if self.is_token(self._begun) else _FIRST_CALL_CHECKS
        if n_still >= may_be_still:
            self.lose()
            return
        self._check_later(loop, self._n_calls, n_still)
        self._checked()


async def _close(stream: Any) -> None:
    # AudioDeviceError: the driver of a lost device hangs, and is left to itself.
    with contextlib.suppress(AudioDeviceError):
        await in_own_thread(
            lambda: PORTAUDIO.close(stream), what="close a device", timeout_s=_CLOSE_TIMEOUT_S
        )
