"""How many people can talk with the simulator at once: its event loop, turns and transcripts.

    python tests/bench/bench_simulator_sessions.py --sessions 1 10 20
    python tests/bench/bench_simulator_sessions.py --transcriber gpt-realtime-whisper

The simulator runs in a process of its own, which also measures how late its event loop is; the
talkers are another. Each says short sentences of flite's in its own order, in real time, in
chunks of 40 ms, and is answered with speech. Shown are for how long one callback held the loop at
most, in processor time; how late the loop was for a tick, at most and at the 99th percentile, with
all that the machine did beside; which share of one processor the simulator's process used
(turn detection, recogniser and voice are processes of their own, shared by all); how many of the
turns were found, how many transcribed, and which share of their words was right; how many were
answered before the next, and how long after their end the answer began to come; and in how many
turns words were told before they were over, as some transcribers do.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from websockets.asyncio.client import ClientConnection, connect

from console import pcm, tasks
from tests import speech

TICK_S = 0.005
CHUNK_MS = 40
PROMISED_HOLD_MS = 50
PAUSE_MS = 4000
WAIT_S = 30
IDLE_S = 10
SENTENCES = (
    "what is the weather in San Francisco",
    "please count to five",
    "tell me a joke",
    "what time is it in Tokyo",
)


# ---------------------------------------------------------------- the simulator's process


async def serve() -> None:
    """Serve until the standard input ends; then print what the event loop went through."""
    from console.simulator.engines import engines_from
    from console.simulator.server import SimulatorServer

    server = SimulatorServer("127.0.0.1", 0, engines_from(), max_sessions=100)
    await server.start()
    print(server.url, flush=True)
    late_ms: list[float] = []

    async def tick() -> None:
        while True:
            wanted = time.perf_counter() + TICK_S
            await asyncio.sleep(TICK_S)
            late_ms.append((time.perf_counter() - wanted) * 1000)

    ticking = tasks.spawn(tick(), name="tick")
    held_ms = own_time_of_callbacks()
    loop = asyncio.get_running_loop()
    while (line := await loop.run_in_executor(None, sys.stdin.readline)).strip():
        if line.strip() == "begin":
            late_ms.clear()
            held_ms.clear()
            began, spent = time.perf_counter(), time.process_time()
        ordered = sorted(late_ms) or [0.0]
        share = (time.process_time() - spent) / max(time.perf_counter() - began, 1e-9)
        p99 = ordered[int(len(ordered) * 0.99)]
        held = max(held_ms, default=0.0)
        told = {"max": ordered[-1], "p99": p99, "share": share, "held": held}
        print(json.dumps(told), flush=True)
    await tasks.cancel(ticking)
    await server.stop()


def own_time_of_callbacks() -> list[float]:
    """Collect the processor time of every callback of the loop, in milliseconds.

    Unlike lateness it does not count what other programs do to the machine meanwhile.
    """
    spent_ms: list[float] = []
    run = asyncio.events.Handle._run

    def timed(handle: asyncio.events.Handle) -> None:
        began = time.thread_time()
        run(handle)
        spent_ms.append((time.thread_time() - began) * 1000)

    setattr(asyncio.events.Handle, "_run", timed)  # noqa: B010 - a method of its own for mypy
    return spent_ms


# ---------------------------------------------------------------- the talkers' process


@dataclass
class Heard:
    """What came of one talker's sentences."""

    n_turns: int = 0
    n_early: int = 0
    """Turns of which words came before they were over."""
    is_early: bool = False
    transcripts: list[str] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    ended_at: float = 0.0
    """When the last sentence had been sent to its last sample."""
    has_answer: bool = True
    has_news: asyncio.Event = field(default_factory=asyncio.Event)


async def talk(url: str, number: int, n_sentences: int, transcriber: str) -> Heard:
    """Say sentences to a session of one's own."""
    heard = Heard()
    async with connect(f"{url}?model=gpt-realtime-2.1", compression=None, max_size=None) as line:
        transcription = {"transcription": {"model": transcriber}}
        session = {"type": "realtime", "audio": {"input": transcription}}
        await line.send(json.dumps({"type": "session.update", "session": session}))
        reading = tasks.spawn(read(line, heard), name="read")
        await asyncio.sleep(number * 0.37 % 4)  # people do not speak in step
        for text in sentences_of(number, n_sentences):
            await say(line, text, number, heard)
        # What was said last is still being understood.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S):
                while len(heard.transcripts) < n_sentences or not heard.has_answer:
                    heard.has_news.clear()
                    await heard.has_news.wait()
        await tasks.cancel(reading)
    return heard


async def say(line: ClientConnection, text: str, number: int, heard: Heard) -> None:
    """Send one sentence and a pause in real time."""
    voice = speech.VOICES[number % 2]
    spoken = speech.say(text, voice)
    audio = spoken + speech.silence(PAUSE_MS)
    size = CHUNK_MS * pcm.BYTES_PER_MS
    began = time.perf_counter()
    for at in range(0, len(audio), size):
        delay = began + at / pcm.BYTES_PER_MS / 1000 - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        if at >= len(spoken) > at - size:
            heard.ended_at, heard.has_answer = time.perf_counter(), False
        event = {"type": "input_audio_buffer.append", "audio": pcm.encode(audio[at : at + size])}
        await line.send(json.dumps(event))


async def read(line: ClientConnection, heard: Heard) -> None:
    """Note what the simulator has found out."""
    async for message in line:
        event: dict[str, Any] = json.loads(message)
        kind = event["type"]
        if kind == "input_audio_buffer.speech_stopped":
            heard.n_turns += 1
            heard.n_early += heard.is_early
        elif kind.endswith(("speech_started", "transcription.delta")):
            heard.is_early = kind.endswith("delta")
        elif kind.endswith("transcription.completed"):
            heard.transcripts.append(event["transcript"])
        elif kind == "response.output_audio.delta" and not heard.has_answer:
            heard.has_answer = True
            heard.latencies_ms.append((time.perf_counter() - heard.ended_at) * 1000)
        heard.has_news.set()


def sentences_of(number: int, n_sentences: int) -> list[str]:
    """Return what one of the talkers says."""
    return [SENTENCES[(number + turn) % len(SENTENCES)] for turn in range(n_sentences)]


def words(text: str) -> set[str]:
    """Return the words of a sentence."""
    return set(re.findall(r"[a-z']+", text.lower()))


async def measure(
    server: asyncio.subprocess.Process, url: str, n: int, n_sentences: int, transcriber: str
) -> Any:
    """Let `n` people talk, and return what was measured."""
    await ask(server, "begin")
    heard = await asyncio.gather(
        *(talk(url, number, n_sentences, transcriber) for number in range(n))
    )
    loop = await ask(server, "tell")
    said = [words(text) for number in range(n) for text in sentences_of(number, n_sentences)]
    understood = [words(text) for each in heard for text in each.transcripts]
    right = sum(
        len(words(text) & words(transcript))
        for number, each in enumerate(heard)
        for text, transcript in zip(
            sentences_of(number, n_sentences), each.transcripts, strict=False
        )
    )
    latencies = [each for one in heard for each in one.latencies_ms]
    return {
        **loop,
        "early": f"{sum(each.n_early for each in heard)}/{len(said)}",
        "turns": f"{sum(each.n_turns for each in heard)}/{len(said)}",
        "transcripts": f"{len(understood)}/{len(said)}",
        "words": right / sum(map(len, said)),
        "answered": f"{len(latencies)}/{len(said)}",
        "latency": statistics.median(latencies) if latencies else float("nan"),
    }


async def ask(server: asyncio.subprocess.Process, question: str) -> Any:
    """Ask the simulator's process what it has measured."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{question}\n".encode())
    await server.stdin.drain()
    return json.loads(await server.stdout.readline())


async def main(counts: list[int], n_sentences: int, transcriber: str) -> None:
    """Measure each number of sessions and print a table."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, limit=2**20,
    )  # fmt: skip
    assert server.stdout is not None
    url = (await server.stdout.readline()).decode().strip()
    await talk(url, 0, 1, transcriber)  # loads the engines
    print(
        f"{'sessions':>8} {'held':>8} {'late max':>9} {'p99':>8} {'CPU':>6} {'turns':>9} {'heard':>9} {'words':>6} "
        f"{'answered':>9} {'answer after':>13} {'early':>9}   beside one session: held, p99, CPU"
    )
    await ask(server, "begin")
    await asyncio.sleep(IDLE_S)
    floor = await ask(server, "tell")
    print(
        f"{0:8} {floor['held']:5.1f} ms {floor['max']:6.1f} ms {floor['p99']:5.1f} ms {floor['share']:6.2f}   "
        "the floor: this machine, with nothing to do for the simulator"
    )
    first: Any = None
    try:
        for n in counts:
            got = await measure(server, url, n, n_sentences, transcriber)
            first = first or got
            ratios = (got[name] / max(first[name], 1e-9) for name in ("held", "p99", "share"))
            print(
                f"{n:8} {got['held']:5.1f} ms {got['max']:6.1f} ms {got['p99']:5.1f} ms {got['share']:6.2f} "
                f"{got['turns']:>9} {got['transcripts']:>9} {got['words']:6.2f} {got['answered']:>9} "
                f"{got['latency']:10.0f} ms {got['early']:>9}   "
                + ", ".join(f"{each:.1f}" for each in ratios)
            )
            if got["held"] > PROMISED_HOLD_MS:
                print(f"         held longer than the promised {PROMISED_HOLD_MS} ms")
    finally:
        with contextlib.suppress(BrokenPipeError):
            assert server.stdin is not None
            server.stdin.close()
        await server.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 10, 20])
    parser.add_argument("--sentences", type=int, default=3, help="said by each")
    parser.add_argument("--transcriber", default="whisper-1", help="model of the transcripts")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    asyncio.run(
        serve() if given.serve else main(given.sessions, given.sentences, given.transcriber)
    )
