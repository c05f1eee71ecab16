"""PortAudio of this process: loaded when it is needed, its streams, and its list of devices.

PortAudio lists the devices once, when it is initialised, and can only look again with every stream
closed. So one object, `PORTAUDIO`, knows all streams of the process: `renew` ends them, and whoever
holds one opens it again, by the name of its device, since numbers change.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, Literal, TypeVar

from console import tasks
from console.errors import AudioDeviceError

T = TypeVar("T")
Direction = Literal["input", "output"]
OpenStream = Callable[[ModuleType, int, "Format"], Any]
"""Makes and starts a stream of the library: its module, the device's number, the format."""

PROTOCOL_RATE_HZ: Final = 24_000
USE_BROWSER: Final = "use the browser's sound instead (--audio browser)"
INSTALL: Final = (
    "install it (Debian and Ubuntu: sudo apt-get install libportaudio2; Fedora: sudo dnf install "
    "portaudio; elsewhere it comes with the package)"
)
_CLOSE_TIMEOUT_S: Final = 2.0
_NAMES: Final = {"input": "microphone", "output": "speaker"}
_BEST_OF_SEVERAL: Final = ("Windows WASAPI",)
"""Where one device is listed by several systems: the one with the least delay and whole names."""


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A microphone or a speaker of this machine."""

    name: str
    """As the system calls it; finds the device again after it was unplugged."""
    rate_hz: int
    """The rate that it offers by itself; most can do others."""
    is_default: bool
    """Whether the system uses it when nobody chooses."""


@dataclass(frozen=True, slots=True)
class SoundDevices:
    """What this machine has to hear and to speak with."""

    inputs: tuple[SoundDevice, ...] = ()
    outputs: tuple[SoundDevice, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """What a device is opened with; samples are int16."""

    rate_hz: int
    n_channels: int = 1


class _NoneError(ValueError):
    """There is not one microphone, or speaker."""

    def __init__(self, direction: Direction) -> None:
        super().__init__(f"no device for {direction}")
        self.direction: Direction = direction


class PortAudio:
    """The process's one PortAudio. Its methods block; call them in a thread.

    Thread: any; they follow one another.
    """

    def __init__(self) -> None:
        """Know of nothing; the library is loaded by the first call that needs it."""
        self._lock = threading.RLock()
        self._streams: set[Any] = set()
        self._closed = threading.Condition()
        self._n_closing = 0
        self._is_renewing = False

    @property
    def is_renewing(self) -> bool:
        """Whether streams end only because the list of devices is read again."""
        return self._is_renewing

    def devices(self, *, fresh: bool = False) -> SoundDevices:
        """Return the microphones and speakers.

        Args:
            fresh: Look again, which ends every stream of this process.

        Raises:
            AudioDeviceError: PortAudio is not installed, or cannot reach the sound system.
        """
        with self._lock:
            library = load()
            if fresh:
                self._renew(library)
            with _translated(library, "sound of this machine"):
                return SoundDevices(
                    tuple(device for _, device in _listed(library, "input")),
                    tuple(device for _, device in _listed(library, "output")),
                )

    def open(
        self,
        direction: Direction,
        name: str | None,
        open_stream: OpenStream,
        wanted: Format | None = None,
    ) -> tuple[Any, Format]:
        """Open a stream, and look again for a device that is not listed or does not answer.

        Args:
            direction: Microphone or speaker.
            name: The device, or a part of its name that no other has; None is the default.
            open_stream: Makes and starts the stream.
            wanted: The format; None takes the protocol's rate where the device offers it, else
                the device's own, and two channels where it does not speak one.

        Returns:
            The running stream and its format.

        Raises:
            AudioDeviceError: The device cannot be used; the sentence says why.
        """
        with self._lock:
            library = load()
            what = f"{_NAMES[direction]} {'of this machine' if name is None else repr(name)}"
            with _translated(library, what):
                try:
                    opened = self._open(library, direction, name, open_stream, wanted)
                except (library.PortAudioError, ValueError):
                    # Plugged in since the last look, perhaps; or the sound system was restarted.
                    if self._streams and _is_listed(library, direction, name):
                        raise
                    self._renew(library)
                    opened = self._open(library, direction, name, open_stream, wanted)
            self._streams.add(opened[0])
            return opened

    def close(self, stream: Any) -> None:
        """Close a stream; one that has ended by itself is fine."""
        # Not under the lock: the driver of a lost device may never return.
        self._streams.discard(stream)
        with self._closed:
            self._n_closing += 1
        try:
            stream.close()
        finally:
            with self._closed:
                self._n_closing -= 1
                self._closed.notify_all()

    def renew(self) -> None:
        """Read the list of devices again; every stream of this process ends.

        Raises:
            AudioDeviceError: PortAudio is not installed, or cannot reach the sound system.
        """
        with self._lock:
            library = load()
            with _translated(library, "sound of this machine"):
                self._renew(library)

    def _open(
        self,
        library: ModuleType,
        direction: Direction,
        name: str | None,
        open_stream: OpenStream,
        wanted: Format | None,
    ) -> tuple[Any, Format]:
        number = _number(library, direction, name)
        formats = [wanted] if wanted is not None else _formats(library, direction, number)
        for each in formats[:-1]:
            with contextlib.suppress(library.PortAudioError):
                _check(library, direction, number, each)
                return open_stream(library, number, each), each
        return open_stream(library, number, formats[-1]), formats[-1]

    def _renew(self, library: ModuleType) -> None:
        self._is_renewing = True
        try:
            for stream in tuple(self._streams):
                self.close(stream)
            self._wait_until_closed()
            library._terminate()
            library._initialize()
        finally:
            self._is_renewing = False

    def _wait_until_closed(self) -> None:
        # The library's end closes what is open: two that close one stream wait for ever.
        with self._closed:
            if not self._closed.wait_for(lambda: not self._n_closing, _CLOSE_TIMEOUT_S):
                raise AudioDeviceError(
                    "The sound system of this machine does not let go of a device that was pulled "
                    f"out; start the console again, or {USE_BROWSER}."
                )


PORTAUDIO: Final = PortAudio()
"""The library can be initialised once in a process, so there is one of these."""


def load() -> ModuleType:
    """Import sounddevice, which loads PortAudio and looks for devices (about 0.1 s).

    Raises:
        AudioDeviceError: PortAudio is not installed; the sentence says how to get it.
    """
    try:
        import sounddevice
    except OSError as error:
        raise AudioDeviceError(
            "PortAudio is not installed, so this machine's sound cannot be used: "
            f"{INSTALL} or {USE_BROWSER}."
        ) from error
    module: ModuleType = sounddevice
    return module


async def in_own_thread(work: Callable[[], T], *, what: str, timeout_s: float) -> T:
    """Return what `work` returns, done in a thread that the program's end does not wait for.

    Raises:
        AudioDeviceError: It did not return in time: a driver hangs.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await tasks.in_own_thread(work, name=what)
    except TimeoutError as error:
        raise AudioDeviceError(
            f"The sound system of this machine did not answer for {timeout_s:g} s ({what}); "
            f"connect the device again or restart the sound system, or {USE_BROWSER}."
        ) from error


def _listed(library: ModuleType, direction: Direction) -> Iterator[tuple[int, SoundDevice]]:
    """Yield number and description of each device of the best of the sound systems."""
    systems = library.query_hostapis()
    best = [each for each in systems if each["name"] in _BEST_OF_SEVERAL and each["devices"]]
    if not best:
        default = library.default.hostapi
        best = [systems[default]] if 0 <= default < len(systems) else list(systems)
    known: set[str] = set()
    for system in best:
        for number in system["devices"]:
            found = library.query_devices(number)
            name = str(found["name"])
            if not found[f"max_{direction}_channels"] or name in known:
                continue
            known.add(name)
            is_default = number == system[f"default_{direction}_device"]
            yield number, SoundDevice(name, int(found["default_samplerate"]), is_default)


def _is_listed(library: ModuleType, direction: Direction, name: str | None) -> bool:
    listed = [device for _, device in _listed(library, direction)]
    return any(device.name == name or (name is None and device.is_default) for device in listed)


def _number(library: ModuleType, direction: Direction, name: str | None) -> int:
    listed = list(_listed(library, direction))
    for number, device in listed:
        if device.name == name or (name is None and device.is_default):
            return number
    if not listed and name is None:
        raise _NoneError(direction)
    # A part of a name; the library says what is wrong with it.
    found = library.query_devices(name, direction)
    return int(found["index"])


def _formats(library: ModuleType, direction: Direction, number: int) -> list[Format]:
    found = library.query_devices(number)
    own_hz = int(found["default_samplerate"])
    formats = [Format(PROTOCOL_RATE_HZ), Format(own_hz)]
    if found[f"max_{direction}_channels"] > 1:
        formats += [Format(own_hz, 2)]
    return formats


def _check(library: ModuleType, direction: Direction, number: int, wanted: Format) -> None:
    check = library.check_input_settings if direction == "input" else library.check_output_settings
    check(device=number, channels=wanted.n_channels, dtype="int16", samplerate=wanted.rate_hz)


@contextlib.contextmanager
def _translated(library: ModuleType, what: str) -> Iterator[None]:
    """Turn what PortAudio raises into one sentence."""
    try:
        yield
    except _NoneError as error:
        raise AudioDeviceError(
            f"This machine has no {_NAMES[error.direction]} that PortAudio can find: plug one in "
            f"or start the sound server, or {USE_BROWSER}."
        ) from error
    # ValueError: no device, or several, of that name.
    except (library.PortAudioError, ValueError) as error:
        raise AudioDeviceError(
            f"The {what} cannot be used ({_reason(error)}); check that it is "
            f"connected and not used by another program, or {USE_BROWSER}."
        ) from error


def _reason(error: Exception) -> str:
    return str(error.args[0] if error.args else error).strip().rstrip(".")
