"""What an audio delta costs the client, over the length of the item, beside the floor.

    python tests/bench/bench_client_deltas.py --seconds 10 60 300 1800

The floor is the least that any client does: `websockets`, `orjson`, and `pybase64` into a
bytearray. Both read the same stream from a server in another process; the cost is the CPU time
of this process per 100 ms of audio (with every second one comes a transcript delta).
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
from tests.bench.line import DELTA_MS, END, ITEM_ID, server

PROMISE = 1.5


async def floor(url: str, seconds: float) -> tuple[float, int]:
    """Return CPU seconds and bytes of audio, doing the least possible."""
    audio = bytearray()
    async with connect(
        f"{url}?seconds={seconds}", compression=None, max_size=2**24, proxy=None
    ) as line:
        await line.recv()
        await line.send('{"type":"response.create"}')
        began = time.process_time()
        while (event := orjson.loads(await line.recv()))["type"] != END:
            if event["type"] == "response.output_audio.delta":
                audio += pybase64.b64decode(event["delta"], validate=True)
        return time.process_time() - began, len(audio)


async def client(url: str, seconds: float) -> tuple[float, int]:
    """Return CPU seconds and bytes of audio with the real client and two subscribers."""
    realtime = RealtimeClient(url=f"{url}?seconds={seconds}")
    counted = [0, 0]
    realtime.on("realtime.event", lambda event: counted.__setitem__(0, counted[0] + 1))
    realtime.on("conversation.updated", lambda update: counted.__setitem__(1, counted[1] + 1))
    await realtime.connect()
    began = time.process_time()
    await realtime.create_response()
    while not (await realtime.wait_for_next("response.updated")).is_done:
        pass
    spent = time.process_time() - began
    item = realtime.conversation.get(ITEM_ID)
    assert item is not None
    assert min(counted) > 1.5 * seconds * 1000 / DELTA_MS
    size = int(item.audio_ms * 48)
    await realtime.disconnect()
    return spent, size


async def main(lengths: list[float], repeats: int) -> bool:
    """Print a line for each length; return whether all keep the promise."""
    print(f"{'item':>8} {'floor':>12} {'client':>12} {'ratio':>7}   (promise: {PROMISE})")
    is_kept = True
    async with server() as url:
        for seconds in lengths:
            n_deltas = int(seconds * 1000 / DELTA_MS)
            rounds = max(repeats, int(repeats * 60 / seconds))
            costs: dict[str, list[float]] = {"floor": [], "client": []}
            for _ in range(rounds):
                for name, measure in (("floor", floor), ("client", client)):
                    spent, size = await measure(url, seconds)
                    assert size == n_deltas * DELTA_MS * 48
                    costs[name].append(spent / n_deltas * 1e6)
            low, ours = (statistics.median(costs[name]) for name in ("floor", "client"))
            is_kept = is_kept and ours / low <= PROMISE
            print(f"{seconds:>6g} s {low:>9.1f} us {ours:>9.1f} us {ours / low:>7.2f}")
    return is_kept


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, nargs="+", default=[10, 60, 300, 1800])
    parser.add_argument("--repeats", type=int, default=5, help="runs of each, the median counts")
    options = parser.parse_args()
    sys.exit(0 if asyncio.run(main(options.seconds, options.repeats)) else 1)
