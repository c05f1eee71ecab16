"""What the simulator's engines cost: start, turn detection, recognition, speech, the event loop.

    python tests/bench/bench_senses.py

Speech is flite's, so flite must be installed. Hold is the longest time for which a task that
wants to run every 2 ms did not run; the floor is the same without any work beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from console import pcm, tasks
from console.simulator.engines import Engines
from console.simulator.speech.vad import SileroTurnDetector
from tests import speech

TICK_S = 0.002
PROMISED_HOLD_MS = 20
CHUNK_BYTES = 20 * pcm.BYTES_PER_MS
QUESTIONS = (
    "what is the weather in San Francisco",
    "remember that my name is Ada",
    "tell me a joke",
    "what time is it in Tokyo",
)
ANSWER = "It is nineteen point four degrees in Paris, with a light wind from the west."


@contextlib.asynccontextmanager
async def hold_ms() -> AsyncIterator[list[float]]:
    """Collect by how much each tick of the loop comes late, in milliseconds."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            wanted = time.perf_counter() + TICK_S
            await asyncio.sleep(TICK_S)
            late.append((time.perf_counter() - wanted) * 1000)

    ticking = tasks.spawn(tick(), name="tick")
    try:
        yield late
    finally:
        await tasks.cancel(ticking)


def show(name: str, values_ms: Sequence[float]) -> None:
    """Print median, 99th percentile and maximum."""
    ordered = sorted(values_ms)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(f"{name:<44} {statistics.median(ordered):8.2f} {p99:8.2f} {ordered[-1]:8.2f} ms")


def turn_detection() -> None:
    """Print what 20 ms of audio cost the turn detector."""
    detector = SileroTurnDetector()
    audio = b"".join(speech.turn(each) for each in QUESTIONS)
    spent = []
    for start in range(0, len(audio), CHUNK_BYTES):
        began = time.perf_counter()
        detector.push(audio[start : start + CHUNK_BYTES])
        spent.append((time.perf_counter() - began) * 1000)
    show("turn detection, per 20 ms of audio", spent)


async def recognition(engines: Engines) -> None:
    """Print how long after the end of an utterance its transcript is there."""
    first: list[float] = []
    second: list[float] = []
    for each in QUESTIONS:
        for voice in speech.VOICES:
            audio = speech.turn(each, voice, before_ms=300, after_ms=500)
            for spent, retry in ((first, False), (second, True)):
                began = time.perf_counter()
                await engines.ears.transcribe(audio, retry=retry)
                spent.append((time.perf_counter() - began) * 1000)
    show("end of utterance to transcript", first)
    show("second decoding", second)


async def speaking(engines: Engines) -> None:
    """Print the time to the first chunk and to the whole sentence."""
    first: list[float] = []
    whole: list[float] = []
    for _ in range(10):
        began = time.perf_counter()
        async for _chunk in engines.voice.speak(ANSWER, "marin", 1.0):
            if len(first) == len(whole):
                first.append((time.perf_counter() - began) * 1000)
        whole.append((time.perf_counter() - began) * 1000)
    show("speech, first 100 ms", first)
    show(f"speech, whole sentence of {len(ANSWER)} characters", whole)


async def main() -> bool:
    """Print all numbers; return whether the loop was held no longer than promised."""
    print(f"{'':<44} {'median':>8} {'p99':>8} {'max':>8}")
    turn_detection()
    async with hold_ms() as floor:
        await asyncio.sleep(3)
    began = time.perf_counter()
    engines = Engines()
    await engines.open()
    async with hold_ms() as loading:
        async for _ in engines.voice.speak("ready", "marin", 1.0):
            pass
        voice_s = time.perf_counter() - began
        await engines.ears.transcribe(speech.turn("hello"))
        ears_s = time.perf_counter() - began
    async with hold_ms() as working:
        await asyncio.gather(recognition(engines), speaking(engines))
    show("event loop late, idle (floor)", floor)
    show("event loop late, engines loading", loading)
    show("event loop late, hearing and speaking", working)
    began = time.perf_counter()
    await engines.close()
    print(f"voice ready after {voice_s:.2f} s, ears with a first transcript after {ears_s:.2f} s,")
    print(f"closed in {time.perf_counter() - began:.2f} s")
    return max(working) - max(floor) < PROMISED_HOLD_MS


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
