"""How many WebRTC calls the simulator can hold at once, while both ends speak.

    python tests/bench/bench_simulator_calls.py --calls 1 4 8

The simulator runs in a process of its own, as in `bench_simulator_sessions.py`; the callers, whose
WebRTC is aiortc's too, are another. Each says sentences of flite's, with pauses, and is answered
with speech. Shown are for how long one callback held the simulator's loop at most, in processor
time; how late the loop was for a tick; which share of one processor the simulator's process used,
and how much that is for each call; how many of the turns were found and answered; and how much of
the time the callers heard a frame of sound, be it silence: below 1.00 the sound has gaps.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from console import pcm
from tests import speech
from tests.bench.bench_simulator_sessions import PROMISED_HOLD_MS, ask, sentences_of
from tests.simulator.caller import RATE_HZ, Caller

PAUSE_S = 4.0
WAIT_S = 30
SIMULATOR = Path(__file__).with_name("bench_simulator_sessions.py")


@dataclass
class Call:
    """What came of one call."""

    n_turns: int = 0
    n_answers: int = 0
    heard: float = 0.0
    """Seconds of sound that came, for each second of the call."""


async def talk(port: int, number: int, n_sentences: int) -> Call:
    """Call, say sentences, listen, and hang up."""
    caller, call = Caller(), Call()
    try:
        await caller.call(SimpleNamespace(port=port), model="gpt-realtime-2.1")
        await caller.until("session.created", timeout_s=60)
        await caller.hears(0.1)
        await asyncio.sleep(number * 0.37 % 4)  # people do not speak in step
        heard_before, began_s = len(caller.heard), time.perf_counter()
        for text in sentences_of(number, n_sentences):
            spoken = speech.say(text, speech.VOICES[number % 2])
            caller.mouth.say(spoken)
            await asyncio.sleep(len(spoken) / pcm.BYTES_PER_MS / 1000 + PAUSE_S)
        lasted_s = time.perf_counter() - began_s
        call.heard = (len(caller.heard) - heard_before) / 2 / RATE_HZ / lasted_s
        with contextlib.suppress(TimeoutError):
            for _ in range(n_sentences):
                await caller.until("response.done", timeout_s=WAIT_S)
        told = [event["type"] for event in caller.events]
        call.n_turns = told.count("input_audio_buffer.speech_stopped")
        call.n_answers = told.count("response.output_audio_transcript.done")
    finally:
        await caller.close()
    return call


async def measure(
    server: asyncio.subprocess.Process, port: int, n: int, n_sentences: int
) -> dict[str, Any]:
    """Hold `n` calls, and return what was measured."""
    await ask(server, "begin")
    calls = await asyncio.gather(*(talk(port, number, n_sentences) for number in range(n)))
    loop: dict[str, Any] = await ask(server, "tell")
    said = n * n_sentences
    return {
        **loop,
        "turns": f"{sum(call.n_turns for call in calls)}/{said}",
        "answers": f"{sum(call.n_answers for call in calls)}/{said}",
        "heard": min(call.heard for call in calls),
    }


async def main(counts: list[int], n_sentences: int) -> None:
    """Measure each number of calls and print a table."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, str(SIMULATOR), "--serve", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, limit=2**20,
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None
    port = urlsplit((await server.stdout.readline()).decode().strip()).port
    assert port is not None
    await talk(port, 0, 1)  # loads the engines
    print(
        f"{'calls':>6} {'held':>8} {'late max':>9} {'p99':>8} {'CPU':>6} {'each':>6} {'turns':>7} "
        f"{'answers':>8} {'sound':>6}   beside one call: held, p99, CPU of each"
    )
    first: dict[str, Any] = {}
    try:
        for n in counts:
            got = await measure(server, port, n, n_sentences)
            got["each"] = got["share"] / n
            first = first or got
            ratios = (got[name] / max(first[name], 1e-9) for name in ("held", "p99", "each"))
            print(
                f"{n:6} {got['held']:5.1f} ms {got['max']:6.1f} ms {got['p99']:5.1f} ms {got['share']:6.2f} "
                f"{got['each']:6.3f} {got['turns']:>7} {got['answers']:>8} {got['heard']:6.2f}   "
                + ", ".join(f"{each:.1f}" for each in ratios)
            )
            if got["held"] > PROMISED_HOLD_MS:
                print(f"       held longer than the promised {PROMISED_HOLD_MS} ms")
    finally:
        with contextlib.suppress(BrokenPipeError):
            server.stdin.close()
        await server.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--sentences", type=int, default=3, help="said by each")
    given = parser.parse_args()
    asyncio.run(main(given.calls, given.sentences))
