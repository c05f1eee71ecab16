"""What keeping an hour of sound takes: memory, and how long one delta may hold the event loop.

    python tests/bench/bench_kept_audio.py --minutes 10 60 90

Items of 30 seconds come in deltas of 100 ms, by each policy in a process of its own. `delta` is
the time that the conversation takes for one: median, p99.9 and longest of the CPU's, which the
system's writing is part of, and the longest by the clock, which whatever else runs is part of.
`memory` is what the process has grown by, `file` what lies on disk; `read` is the time to read one
item back from where it lies, the longest of all that are still kept.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import statistics
import sys
import time
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from console import pcm
from console.client.audio_files import KeepAudio, TemporaryAudioFile
from console.realtime.conversation import Conversation
from console.realtime.events import Event

DELTA_MS = 100
ITEM_S = 30
HOLD_MS = 5.0
"""What one delta may take at the most: the sound device wants its next samples after 10."""
MEMORY_MB = 40.0
"""With the policy "disk", whatever the length: nearly all of it is Python's."""


def memory_mb() -> float:
    """Return the memory that this process has to itself."""
    resident, shared = Path("/proc/self/statm").read_text().split()[1:3]
    return (int(resident) - int(shared)) * 4096 / 1e6


def measure(policy: KeepAudio, minutes: float) -> tuple[float, ...]:
    """Return delta times in ms, memory and file in MB, and the time to read in ms."""
    shelf = TemporaryAudioFile()
    conversation = {
        "disk": lambda: Conversation(shelf=shelf),
        "memory": Conversation,
        "none": lambda: Conversation(max_kept_audio_ms=0),
    }[policy]()
    audio = pcm.encode(bytes(range(240)) * (DELTA_MS * pcm.BYTES_PER_MS // 240))
    gc.collect()
    before, times, clocked = memory_mb(), [], 0.0
    n_items = int(minutes * 60 / ITEM_S)
    for n in range(n_items):
        item = {"id": f"item_{n}", "type": "message", "role": "assistant"}
        conversation.receive(Event("conversation.item.added", None, {"item": item}))
        fields = {"item_id": f"item_{n}", "content_index": 0, "delta": audio}
        for _ in range(ITEM_S * 1000 // DELTA_MS):
            began, began_cpu = time.perf_counter(), time.thread_time()
            conversation.receive(Event("response.output_audio.delta", None, fields))
            times.append((time.thread_time() - began_cpu) * 1000)
            clocked = max(clocked, (time.perf_counter() - began) * 1000)
    grown = memory_mb() - before

    longest = 0.0
    for n in range(n_items):
        began = time.perf_counter()
        read = conversation.audio_of(f"item_{n}")
        longest = max(longest, (time.perf_counter() - began) * 1000 if read else 0.0)
    tail = statistics.quantiles(times, n=1000)[-1]
    spent = statistics.median(times), tail, max(times), clocked
    return *spent, grown, shelf.file_bytes / 1e6, longest


def main(lengths: list[float]) -> bool:
    """Print a line for each policy and length; return whether all keep the promise."""
    print(f"{'policy':>7} {'length':>8} {'delta ms':>32} {'memory':>10} {'file':>9} {'read':>9}")
    is_kept = True
    for minutes in lengths:
        for policy in get_args(KeepAudio):
            # A process of its own: memory that was freed does not go back to the system.
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                median, tail, most, clocked, memory, file, read = pool.apply(
                    measure, (policy, minutes)
                )
            is_kept = is_kept and tail <= HOLD_MS
            is_kept = is_kept and (policy != "disk" or memory <= MEMORY_MB)
            print(
                f"{policy:>7} {minutes:>4g} min {median:>8.3f} {tail:>7.3f} {most:>7.3f} {clocked:>7.3f}"
                f" {memory:>7.0f} MB {file:>6.0f} MB {read:>6.1f} ms"
            )
    return is_kept


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, nargs="+", default=[10, 60, 90])
    options = parser.parse_args()
    sys.exit(0 if main(options.minutes) else 1)
