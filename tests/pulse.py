"""A virtual sound card for tests: a private PulseAudio with a microphone and a loudspeaker.

Two null sinks: what is played into ``vmic`` is what the microphone hears; what a program plays
to ``vspk`` can be recorded. The daemon belongs to the test run and ends with it; it works as root
and as an ordinary user and touches no other PulseAudio.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import time
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from console import tasks

RATE_HZ = 24_000
NEEDED_PROGRAMS = ("pulseaudio", "pactl", "paplay", "parec")
WINDOW_MS = 10
WINDOW = RATE_HZ * WINDOW_MS // 1000
AUDIBLE_RMS = 60.0
"""Level (of 32,768) above which a window of the recording counts as sound: -55 dBFS."""

Samples = npt.NDArray[np.int16]


class Recording:
    """What came out of the loudspeaker so far: PCM16 mono at 24 kHz, with times."""

    def __init__(self) -> None:
        self.pcm = bytearray()
        self._arrivals: list[tuple[float, int]] = []
        self._levels: list[float] = []
        self._grown = asyncio.Condition()

    @property
    def n_samples(self) -> int:
        """How many samples have been recorded."""
        return len(self.pcm) // 2

    def samples(self, start: int = 0, end: int | None = None) -> Samples:
        """Return a copy of the recorded samples from `start` to `end`, shape ``(n,)``."""
        last = self.n_samples if end is None else min(end, self.n_samples)
        return np.frombuffer(bytes(self.pcm[2 * start : 2 * last]), dtype="<i2")

    def time_of(self, sample: int) -> float:
        """Return the wall-clock second at which `sample` left the loudspeaker.

        A late reader only ever makes a time too late, so the earliest of all estimates is it.
        """
        estimates = [at - (n - sample) / RATE_HZ for at, n in self._arrivals]
        return min(estimates)

    def sample_at(self, wall_s: float) -> int:
        """Return the sample that left the loudspeaker at the wall-clock second `wall_s`."""
        return round((wall_s - self.time_of(0)) * RATE_HZ)

    def audible(self) -> npt.NDArray[np.bool_]:
        """Say for each window of 10 ms whether there is sound in it."""
        return np.array(self._levels) > AUDIBLE_RMS

    def last_sound_before_silence(self, after: int, silence_ms: int) -> int | None:
        """Return the sample at which sound ends for `silence_ms`, the first time after `after`."""
        first = after // WINDOW
        silent = (~self.audible()[first:]).astype(np.int64)
        needed = silence_ms // WINDOW_MS
        runs = np.convolve(silent, np.ones(needed, dtype=np.int64), "valid")
        if len(silent) < needed or not (runs == needed).any():
            return None
        return (first + int(np.argmax(runs == needed))) * WINDOW

    async def wait_until(
        self, accept: Callable[[Recording], bool | np.bool_], timeout_s: float
    ) -> None:
        """Wait until `accept` agrees to what has been recorded.

        Raises:
            TimeoutError: It did not within `timeout_s`.
        """
        async with asyncio.timeout(timeout_s), self._grown:
            await self._grown.wait_for(lambda: bool(accept(self)))

    async def wait_for_sound(self, timeout_s: float = 10.0, after: int = 0) -> int:
        """Wait until something is heard after sample `after`; return where it begins."""

        first = after // WINDOW
        await self.wait_until(lambda recording: recording.audible()[first:].any(), timeout_s)
        return (first + int(np.argmax(self.audible()[first:]))) * WINDOW

    async def wait_for_silence(
        self, after: int, silence_ms: int = 600, timeout_s: float = 10.0
    ) -> int:
        """Wait until sound after sample `after` has ended; return where."""
        await self.wait_until(
            lambda each: each.last_sound_before_silence(after, silence_ms) is not None, timeout_s
        )
        end = self.last_sound_before_silence(after, silence_ms)
        assert end is not None
        return end

    async def wait_for_samples(self, n_samples: int, timeout_s: float = 10.0) -> None:
        """Wait until `n_samples` have been recorded in all."""
        await self.wait_until(lambda recording: recording.n_samples >= n_samples, timeout_s)

    async def grow(self, data: bytes) -> None:
        """Append what has arrived now."""
        async with self._grown:
            self.pcm += data
            self._arrivals.append((time.time(), self.n_samples))
            # Kept as it comes: waiting looks at the levels with every arrival.
            while (at := len(self._levels) * WINDOW) + WINDOW <= self.n_samples:
                self._levels.append(rms(self.samples(at, at + WINDOW)))
            self._grown.notify_all()


class VirtualSoundCard:
    """A microphone that tests speak into and a loudspeaker that they record."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._daemon: subprocess.Popen[bytes] | None = None
        self.server = f"unix:{directory / 'native'}"
        """Address of the daemon, as in ``PULSE_SERVER``."""

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs in its environment to use this sound card."""
        home = self._directory / "home"
        return {"PULSE_SERVER": self.server, "PULSE_COOKIE": str(home / "cookie")}

    def start(self) -> None:
        """Start the daemon, again after `stop`, and wait until it answers.

        Raises:
            RuntimeError: A program is missing, or the daemon did not come up; says its log.
        """
        missing = [each for each in NEEDED_PROGRAMS if shutil.which(each) is None]
        if missing:
            raise RuntimeError(f"not installed: {', '.join(missing)}; run tests/check.py")
        home = self._directory / "home"
        home.mkdir(parents=True, exist_ok=True)
        self._directory.chmod(0o700)
        with (self._directory / "log").open("wb") as log:
            self._daemon = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ
                | {
                    "HOME": str(home),
                    "PULSE_RUNTIME_PATH": str(self._directory),
                    "XDG_RUNTIME_DIR": str(self._directory),
                },
            )
        self._wait_until_up()
        self._control("set-default-sink", "vspk")
        self._control("set-default-source", "virtual_mic")

    def stop(self) -> None:
        """End the daemon."""
        if self._daemon is None:
            return
        self._daemon.terminate()
        try:
            self._daemon.wait(5)
        except subprocess.TimeoutExpired:
            self._daemon.kill()
            self._daemon.wait()
        self._daemon = None

    async def play_into_microphone(self, wav: Path) -> None:
        """Play a WAV file into the microphone; returns when its last sample was played."""
        process = await asyncio.create_subprocess_exec(
            "paplay", "--device=vmic", "--latency-msec=60", str(wav), env=self._tool_environment()
        )
        try:
            if await process.wait():
                raise RuntimeError(f"paplay could not play {wav}: see its message above")
        finally:
            await _end(process)

    @contextlib.asynccontextmanager
    async def record_speaker(self) -> AsyncIterator[Recording]:
        """Record the loudspeaker for as long as the block runs."""
        async with self._record("vspk.monitor") as recording:
            yield recording

    @contextlib.asynccontextmanager
    async def plug_speaker(self, name: str) -> AsyncIterator[Recording]:
        """Plug in one more loudspeaker, called `name`, and record it; pull it out at the end."""
        number = self.load(
            "module-null-sink", "norewinds=1", "rate=48000", f"sink_name={name}",
            f"sink_properties=device.description={name}",
        )  # fmt: skip
        try:
            async with self._record(f"{name}.monitor") as recording:
                yield recording
        finally:
            self.unload(number)

    @contextlib.asynccontextmanager
    async def record_microphone(self) -> AsyncIterator[Recording]:
        """Record what the microphone hears for as long as the block runs."""
        async with self._record("virtual_mic") as recording:
            yield recording

    @contextlib.asynccontextmanager
    async def _record(self, source: str) -> AsyncIterator[Recording]:
        recording = Recording()
        process = await asyncio.create_subprocess_exec(
            "parec", f"--device={source}", f"--rate={RATE_HZ}", "--channels=1",
            "--format=s16le", "--latency-msec=10", "--raw",
            stdout=asyncio.subprocess.PIPE, env=self._tool_environment(),
        )  # fmt: skip
        reader = tasks.spawn(_fill(recording, process), name="record")
        try:
            await recording.wait_for_samples(1)
            yield recording
        finally:
            await _end(process)
            await reader

    def _command(self) -> list[str]:
        # NOTE: without norewinds=1 streams begin with a hole of more than a second and small
        # blocks run into endless underruns.
        sink = "module-null-sink norewinds=1 rate=48000"
        return [
            "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
            "--high-priority=no", "--realtime=no", "--log-target=stderr",
            "-L", f"module-native-protocol-unix auth-anonymous=1 socket={self._directory / 'native'}",
            "-L", f"{sink} sink_name=vmic channels=1",
            "-L", f"{sink} sink_name=vspk channels=2",
            "-L", "module-remap-source source_name=virtual_mic master=vmic.monitor",
        ]  # fmt: skip

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if self._daemon is None or self._daemon.poll() is not None:
                break
            if self._try_control("info"):
                return
            time.sleep(0.02)  # the daemon gives no other sign; its socket appears too early
        log = (self._directory / "log").read_text(errors="replace")
        self.stop()
        raise RuntimeError(f"PulseAudio did not come up:\n{log}")

    def _tool_environment(self) -> dict[str, str]:
        return os.environ | self.environment | {"HOME": str(self._directory / "home")}

    def hear_the_speaker(self) -> None:
        """Let the default microphone hear what the loudspeaker plays."""
        self._control("set-default-source", "vspk.monitor")

    def load(self, module: str, *arguments: str) -> str:
        """Load a module of the daemon, as a plugged-in device does; return its number."""
        done = subprocess.run(
            ["pactl", "load-module", module, *arguments],
            env=self._tool_environment(), capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def unload(self, number: str) -> None:
        """Unload a module, as a pulled-out device does."""
        self._control("unload-module", number)

    def _try_control(self, *arguments: str) -> bool:
        command = ["pactl", *arguments]
        try:
            done = subprocess.run(
                command, env=self._tool_environment(), capture_output=True, timeout=5, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def _control(self, *arguments: str) -> None:
        if not self._try_control(*arguments):
            raise RuntimeError(f"pactl {' '.join(arguments)} failed")


async def _fill(recording: Recording, process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    odd = b""
    while data := await process.stdout.read(65_536):
        data = odd + data
        whole = len(data) // 2 * 2
        data, odd = data[:whole], data[whole:]
        if data:
            await recording.grow(data)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    await process.wait()


def write_wav(path: Path, samples: Samples, rate_hz: int) -> Path:
    """Write mono int16 `samples` as a WAV file and return its path."""
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate_hz)
        writer.writeframes(samples.astype("<i2").tobytes())
    return path


def frequency_hz(samples: Samples) -> float:
    """Return the strongest frequency of `samples` at 24 kHz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE_HZ / len(samples))


def rms(samples: Samples) -> float:
    """Return the root of the mean square of `samples`, of 32,768."""
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) if samples.size else 0.0


def best_match(recorded: Samples, expected: Samples) -> tuple[int, float]:
    """Find `expected` in `recorded`.

    Returns:
        The sample at which it begins and the correlation there: 1 is the same sound at any
        volume, 0 another sound.
    """
    size = 1 << (len(recorded) + len(expected)).bit_length()
    sound, wanted = recorded.astype(np.float64), expected.astype(np.float64)
    products = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size)), size)
    n_places = len(recorded) - len(expected) + 1
    if n_places < 1:
        return 0, 0.0
    energy = np.concatenate(([0.0], np.cumsum(sound**2)))
    norms = np.sqrt(energy[len(expected) :] - energy[:n_places]) * np.linalg.norm(wanted)
    correlations = products[:n_places] / np.maximum(norms, 1.0)
    offset = int(np.argmax(correlations))
    return offset, float(correlations[offset])


def end_in(whole: Samples, heard: Samples) -> int | None:
    """Return the sample of `whole` at which what was heard of it ends; None if gaps hide it.

    The longest last piece without a gap, made by a busy machine, is looked for; the 20 ms at its
    end fade. A gap in front of them would be taken for sound: the end of a piece has to match, too.
    """
    fade, tail = RATE_HZ // 50, RATE_HZ // 25
    for sound in (heard, without_gaps(heard)):
        for piece_ms in (500, 350, 250, 150, 80):
            piece = sound[-RATE_HZ * piece_ms // 1000 : -fade]
            offset, alike = best_match(whole, piece)
            if (
                alike > 0.95
                and best_match(whole[offset:][: len(piece)][-tail:], piece[-tail:])[1] > 0.95
            ):
                return offset + len(piece) + fade
    return None


def without_gaps(sound: Samples) -> Samples:
    """Return a sound without what a busy machine puts into it: silence of 2 ms and more."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], sound == 0, [False])).astype(np.int8)))
    kept = np.ones(len(sound), dtype=bool)
    for begin, end in edges.reshape(-1, 2):
        kept[begin:end] = end - begin < RATE_HZ // 500
    return sound[kept]


def share_found(recorded: Samples, expected: Samples, piece_ms: int = 100) -> float:
    """Return the share of `expected` that was recorded: 1 is all of it, at any volume.

    It is looked for in pieces, each within a second of its place, since a busy machine may put
    gaps between them.
    """
    size = RATE_HZ * piece_ms // 1000
    begin, _ = best_match(recorded, expected[: len(recorded)])
    found = []
    for at in range(0, len(expected) - size + 1, size):
        piece = expected[at : at + size]
        if rms(piece) > AUDIBLE_RMS:
            around = recorded[max(0, begin + at - RATE_HZ) : begin + at + size + RATE_HZ]
            found.append(best_match(around, piece)[1] > 0.95)
    return sum(found) / len(found) if found else 0.0
