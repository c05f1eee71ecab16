"""What a microphone chunk costs the client, over the length of the session, beside the floor.

    python tests/bench/bench_client_microphone.py --minutes 1 5 60

The floor encodes the chunk, writes the event and sends it. Both send 100 ms chunks to a server
in another process that reads and does not answer; the cost is the CPU time of this process per
chunk. The client has turn detection on, so nothing it sends is ever committed here.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import orjson
import pybase64
from websockets.asyncio.client import connect

from console.client.client import RealtimeClient
from tests.bench.line import DELTA_BYTES, DELTA_MS, server

PROMISE = 2.0
CHUNK = bytes(range(256)) * (DELTA_BYTES // 256) + bytes(DELTA_BYTES % 256)


async def floor(url: str, n_chunks: int) -> tuple[float, int]:
    """Return CPU seconds, doing the least possible, and how many bytes are kept (none)."""
    async with connect(url, compression=None, max_size=2**24, proxy=None) as line:
        await line.recv()
        began = time.process_time()
        for _ in range(n_chunks):
            audio = pybase64.b64encode_as_string(CHUNK)
            event = {"type": "input_audio_buffer.append", "audio": audio}
            await line.send(orjson.dumps(event), text=True)
        return time.process_time() - began, 0


async def client(url: str, n_chunks: int) -> tuple[float, int]:
    """Return CPU seconds with the real client and one subscriber, and how much speech it kept."""
    realtime = RealtimeClient(url=url)
    counted = [0]
    realtime.on("realtime.event", lambda event: counted.__setitem__(0, counted[0] + 1))
    await realtime.update_session(turn_detection={"type": "server_vad"})
    await realtime.connect()
    began = time.process_time()
    for _ in range(n_chunks):
        await realtime.append_input_audio(CHUNK)
    # Leaves after all of the sound, some of which may have waited for the network.
    await realtime.send({"type": "input_audio_buffer.commit"})
    spent = time.process_time() - began
    kept = realtime.conversation.speech.kept_bytes
    assert counted[0] > n_chunks
    await realtime.disconnect()
    return spent, kept


async def main(lengths: list[float], repeats: int) -> bool:
    """Print a line for each length; return whether all keep the promise."""
    print(
        f"{'session':>9} {'floor':>12} {'client':>12} {'ratio':>7} {'kept':>9}"
        f"   (promise: {PROMISE})"
    )
    is_kept = True
    async with server() as url:
        for minutes in lengths:
            n_chunks = int(minutes * 60_000 / DELTA_MS)
            costs: dict[str, list[float]] = {"floor": [], "client": []}
            kept = 0
            for _ in range(max(repeats, int(repeats / minutes))):
                for name, measure in (("floor", floor), ("client", client)):
                    spent, kept = await measure(url, n_chunks)
                    costs[name].append(spent / n_chunks * 1e6)
            low, ours = (statistics.median(costs[name]) for name in ("floor", "client"))
            is_kept = is_kept and ours / low <= PROMISE
            print(
                f"{minutes:>5g} min {low:>9.1f} us {ours:>9.1f} us {ours / low:>7.2f}"
                f" {kept / 1e6:>6.1f} MB"
            )
    return is_kept


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 5, 60])
    parser.add_argument("--repeats", type=int, default=5, help="runs of each, the median counts")
    options = parser.parse_args()
    sys.exit(0 if asyncio.run(main(options.minutes, options.repeats)) else 1)
