"""How late and how whole sound is through this machine's devices (`--audio local`).

    python tests/bench/bench_local_sound.py --rounds 40

A virtual sound card whose microphone hears its speaker, and PortAudio with the same blocks and
latencies everywhere. The floor is a loop that does nothing but what PortAudio itself does: an
output callback that plays a burst, and an input callback that hears it. Everything else replaces
one end of that loop by ours:

- microphone to wire: the burst of the output callback, until the event with its first sound is
  given to the transport, through source, controller, log and client, in chunks of 30 ms
- wire to ear: from `sink.play` until the input callback hears the burst, with the pre-buffer full
- interruption: from `sink.interrupt` until the input callback hears silence; its floor is an
  output callback that falls silent; and how long the answer of `interrupt` takes
- dropped: how far noise of so many seconds has moved by its end, by the places at which its pieces
  are found in what was captured; with overflows and underflows as PortAudio counts them
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import orjson

from console import pcm, tasks
from console.app.controller import Controller
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.session_feed import SessionFeed
from console.app.session_tools import SessionTools
from console.app.view_model import Target, ViewModel
from console.audio import sounddevice_sink, sounddevice_source
from console.audio.sounddevice_library import PORTAUDIO, load
from console.audio.sounddevice_sink import SounddeviceSink
from console.audio.sounddevice_source import SounddeviceSource
from console.client import RealtimeClient
from console.clock import SystemClock
from tests.pulse import VirtualSoundCard, best_match

RATE = pcm.SAMPLE_RATE_HZ
LOUD = 4000
BURST = (16_000 * np.sin(2 * np.pi * 1000 * np.arange(RATE // 50) / RATE)).astype("<i2")
TONE = (16_000 * np.sin(2 * np.pi * 1000 * np.arange(RATE * 2) / RATE)).astype("<i2")


class RawLoop:
    """PortAudio alone: what an output callback plays, and when an input callback hears it."""

    def __init__(self) -> None:
        library = load()
        self._loop = asyncio.get_running_loop()
        self._to_play: deque[bytes] = deque()
        self._heard: list[tuple[float, int]] = []
        """For each block that was heard: when, and how loud."""
        self.played_at = 0.0
        self.silent_at = 0.0
        self._is_silent = threading.Event()
        block = RATE * sounddevice_sink.BUFFERINGS[0].block_ms // 1000
        common = {"samplerate": RATE, "channels": 1, "dtype": "int16", "blocksize": block}
        self.streams = [
            library.RawOutputStream(
                latency=sounddevice_sink.BUFFERINGS[0].latency_s, callback=self._wanted, **common
            ),
            library.RawInputStream(
                latency=sounddevice_source.BUFFERING.latency_s, callback=self._captured, **common
            ),
        ]

    def __enter__(self) -> RawLoop:
        for stream in self.streams:
            stream.start()
        return self

    def __exit__(self, *_: object) -> None:
        for stream in self.streams:
            stream.close()

    def play(self, sound: bytes) -> None:
        """Play from the next block on; `played_at` and `silent_at` tell when that was."""
        size = 2 * RATE * sounddevice_sink.BUFFERINGS[0].block_ms // 1000
        blocks = [sound[at : at + size] for at in range(0, len(sound), size)]
        self.played_at = 0.0
        self._to_play.extend(blocks)

    async def hush(self) -> float:
        """Play nothing more; return when the first silent block was given out."""
        self._is_silent.clear()
        self._to_play.clear()
        await asyncio.to_thread(self._is_silent.wait)
        return self.silent_at

    async def until(self, *, is_loud: bool, after_s: float, blocks: int = 1) -> float:
        """Return when the first of so many loud or quiet blocks in a row was heard."""
        deadline = time.perf_counter() + 5
        while time.perf_counter() < deadline:
            later = [each for each in tuple(self._heard) if each[0] > after_s]
            for at in range(len(later) - blocks + 1):
                if all((level > LOUD) == is_loud for _, level in later[at : at + blocks]):
                    return later[at][0]
            await asyncio.sleep(0.002)
        raise TimeoutError("the loop does not hear what it plays")

    async def rest(self) -> None:
        """Wait until nothing has been heard for 100 ms."""
        await self.until(is_loud=False, after_s=time.perf_counter(), blocks=10)
        self._heard.clear()

    def _wanted(self, data: Any, n_samples: int, clock: Any, status: Any) -> None:
        if self._to_play:
            self.played_at = self.played_at or time.perf_counter()
            data[:] = self._to_play.popleft().ljust(len(data), b"\0")
            return
        data[:] = bytes(len(data))
        if not self._is_silent.is_set():
            self.silent_at = time.perf_counter()
            self._is_silent.set()

    def _captured(self, data: Any, n_samples: int, clock: Any, status: Any) -> None:
        level = int(np.max(np.abs(np.frombuffer(data, "<i2").astype(np.int32))))
        self._heard.append((time.perf_counter(), level))


async def raw(loop: RawLoop, rounds: int) -> tuple[list[float], list[float]]:
    """Return the ms of the bare loop: until a burst is heard, and until silence is."""
    there, gone = [], []
    for _ in range(rounds):
        await loop.rest()
        loop.play(TONE.tobytes())
        heard_at = await loop.until(is_loud=True, after_s=0)
        there.append((heard_at - loop.played_at) * 1000)
        silent_at = await loop.hush()
        quiet_at = await loop.until(is_loud=False, after_s=silent_at, blocks=3)
        gone.append((quiet_at - silent_at) * 1000)
    return there, gone


class Wire:
    """A transport that begins a session, and notes when sound was first given to it."""

    is_backed_up = False

    def __init__(self) -> None:
        self.loud_at = 0.0
        self._has_come = asyncio.Event()
        self._has_greeted = False

    async def open(self, url: str, headers: Mapping[str, str], timeout_s: float) -> Wire:
        """Stand in for the opening of a connection."""
        return self

    async def receive(self) -> str:
        """Begin the session, then say nothing."""
        if not self._has_greeted:
            self._has_greeted = True
            return '{"type":"session.created","session":{"id":"sess_1"}}'
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nothing more comes")

    async def send(self, text: str) -> None:
        """Look for sound."""
        sent_at = time.perf_counter()
        if "input_audio_buffer.append" in text[:80] and not self._has_come.is_set():
            sound = pcm.to_int16(pcm.decode(orjson.loads(text)["audio"])).astype(np.int32)
            if sound.size and np.max(np.abs(sound)) > LOUD:
                self.loud_at = sent_at
                self._has_come.set()

    async def ping(self, timeout_s: float) -> bool:
        """Answer at once."""
        return True

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Nothing to do."""

    def forget(self) -> None:
        """Look for the next sound."""
        self._has_come.clear()

    async def sound(self) -> float:
        """Return when sound was given to the transport."""
        async with asyncio.timeout(5):
            await self._has_come.wait()
        return self.loud_at


async def microphone_to_wire(loop: RawLoop, rounds: int) -> tuple[list[float], SounddeviceSource]:
    """Return the ms from the output callback to the transport."""
    source, wire = SounddeviceSource(chunk_ms=30), Wire()
    log, conversation = EventLog(), ConversationView()
    view = ViewModel(Target("bench", "m", "v", "", False), turn="vad")
    controller = Controller(
        new_client=lambda: RealtimeClient(url="ws://bench", open_transport=wire.open),
        view=view,
        log=log,
        conversation=conversation,
        feed=SessionFeed(log, conversation),
        tools=SessionTools(view, "http://127.0.0.1:9"),
        source=source,
        sink=(sink := SounddeviceSink()),
        set_capture=lambda mode: None,
        let_go=lambda: None,
        is_source_gated=False,
        clock=SystemClock(),
    )
    await controller.connect()
    took = []
    for _ in range(rounds):
        await loop.rest()
        wire.forget()
        loop.play(BURST.tobytes())
        took.append((await wire.sound() - loop.played_at) * 1000)
    await controller.close()
    await sink.stop()
    return took, source


async def wire_to_ear(
    loop: RawLoop, rounds: int
) -> tuple[list[float], list[float], list[float], SounddeviceSink]:
    """Return the ms to the ear, to silence after an interruption, and to its answer."""
    sink = SounddeviceSink()
    await sink.start()
    there, gone, answered = [], [], []
    for number in range(rounds):
        await loop.rest()
        began = time.perf_counter()
        sink.play(str(number), TONE.tobytes())
        there.append((await loop.until(is_loud=True, after_s=began) - began) * 1000)
        began = time.perf_counter()
        await sink.interrupt()
        answered.append((time.perf_counter() - began) * 1000)
        gone.append((await loop.until(is_loud=False, after_s=began, blocks=3) - began) * 1000)
    await sink.stop()
    return there, gone, answered, sink


async def dropped(seconds: int) -> str:
    """Play noise through our speaker into our microphone, and say what is missing of it."""
    source, sink = SounddeviceSource(), SounddeviceSink()
    white = np.random.default_rng(1).normal(0, 12_000, RATE * (seconds + 1))
    # Low enough that the card's own resampling leaves it as it is.
    noise = np.convolve(white, np.hanning(18)[1:-1] / 8, "same").astype("<i2")
    captured = bytearray()

    async def read() -> None:
        async for chunk in source.chunks():
            captured.extend(chunk)

    await source.start()
    await sink.start()
    reading = tasks.spawn(read(), name="read")
    sink.play("noise", noise.tobytes())
    await asyncio.sleep(seconds + 1.5)
    await source.stop()
    await sink.stop()
    await reading
    heard = np.frombuffer(bytes(captured), "<i2")
    places, alike = [], []
    for second in range(seconds):
        piece = noise[second * RATE : second * RATE + RATE // 10]
        at, correlation = best_match(heard[second * RATE :][: 6 * RATE], piece)
        places.append(at)
        alike.append(correlation)
    return (
        f"noise of {seconds} s arrives {(places[-1] - places[0]) / 24:+.1f} ms later at its end than "
        f"at its begin (less: dropped; more: gaps), correlation {min(alike):.4f} to {max(alike):.4f}; overflows "
        f"{source.overflows}, underflows {sink.underflows}, underruns {sink.underruns}"
    )


def line(name: str, values_ms: list[float], floor_ms: list[float] | None = None) -> str:
    """Return one line with median, 95th percentile, most, and the ratio to the floor."""
    p50, p95, most = np.percentile(values_ms, [50, 95, 100])
    ratio = "" if floor_ms is None else f"  {p50 / float(np.median(floor_ms)):.2f} x floor"
    return (
        f"{name:28} n {len(values_ms):3}  p50 {p50:6.1f}  p95 {p95:6.1f}  max {most:6.1f} ms{ratio}"
    )


async def measure(rounds: int, seconds: int) -> None:
    """Run all parts and print their lines."""
    with RawLoop() as loop:
        there, gone = await raw(loop, rounds)
        print(line("floor: burst", there))
        print(line("floor: silence", gone))
        took, source = await microphone_to_wire(loop, rounds)
        print(line("microphone to wire", took, there))
        ear, silence, answered, sink = await wire_to_ear(loop, rounds)
        print(line("wire to ear", ear, there))
        print(line("interruption: silence", silence, gone))
        print(line("interruption: answer", answered))
        print(f"overflows {source.overflows}, underflows {sink.underflows}")
    print(await dropped(seconds))


def main() -> None:
    """Start the sound card and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=20, help="of noise")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pulse") as folder:
        card = VirtualSoundCard(Path(folder))
        card.start()
        try:
            card.hear_the_speaker()
            os.environ.update(card.environment)
            PORTAUDIO.renew()
            asyncio.run(measure(given.rounds, given.seconds))
        finally:
            card.stop()


if __name__ == "__main__":
    main()
