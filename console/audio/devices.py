"""The microphones and speakers of this machine: which there are, and when that changes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from pathlib import Path
from typing import Any, Final

import console
from console import tasks
from console.audio.sounddevice_library import PORTAUDIO, SoundDevice, SoundDevices
from console.signals import Signal

logger = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 1.0
"""A look takes 0.04 s of a processor's time."""
_CODE_ROOT: Final = Path(console.__file__).parents[1]
_PROBE: Final = "console.audio.device_probe"
_END_TIMEOUT_S: Final = 2.0


def list_devices() -> SoundDevices:
    """Return the microphones and speakers of this machine with the rates that they offer.

    This blocks for about 0.1 s when it is called first. It gives what was there when the library
    was loaded, or a device was opened that was not listed; `DeviceWatch` tells what has changed.

    Raises:
        AudioDeviceError: PortAudio is not installed, or finds no sound system.
    """
    return PORTAUDIO.devices()


class DeviceWatch:
    """Tells when devices come and go, without disturbing those in use.

    A small program beside this one looks, since PortAudio can only look with all of its streams
    closed. Whoever wants to know calls `start`, and `stop` as often.
    """

    def __init__(self, interval_s: float = LOOK_EVERY_S) -> None:
        """Prepare; nothing runs before `start`."""
        self.changed: Signal[SoundDevices] = Signal("sound devices")
        """A device came or went; first with what was found when the watch began."""
        self.looked: Signal[SoundDevices] = Signal("look for sound devices")
        """Somebody looked, whether anything has changed or not."""
        self._interval_s = interval_s
        self._latest: SoundDevices | None = None
        self._n_users = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def devices(self) -> SoundDevices | None:
        """What there was at the last look; None before the first."""
        return self._latest

    def start(self) -> None:
        """Begin to look, unless somebody else has begun already."""
        self._n_users += 1
        if self._task is None or self._task.done():
            self._task = tasks.spawn(self._run(), name="device watch")

    async def stop(self) -> None:
        """Look no longer, once everybody who began has said so."""
        self._n_users = max(0, self._n_users - 1)
        if not self._n_users:
            task, self._task = self._task, None
            await tasks.cancel(task)

    async def _run(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", _PROBE, str(self._interval_s),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # the sound libraries are talkative
            cwd=_CODE_ROOT,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                self._take(line)
            logger.warning("nobody looks for sound devices any more: reload to see new ones")
        finally:
            await _end(process)

    def _take(self, line: bytes) -> None:
        found = json.loads(line)
        devices = SoundDevices(_devices(found["inputs"]), _devices(found["outputs"]))
        has_changed = devices != self._latest
        self._latest = devices
        if has_changed:
            self.changed.emit(devices)
        self.looked.emit(devices)


def _devices(listed: list[dict[str, Any]]) -> tuple[SoundDevice, ...]:
    return tuple(SoundDevice(**each) for each in listed)


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_END_TIMEOUT_S):
            await process.wait()
            return
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
