"""What the relay costs, beside a plain pump of frames and a direct connection, in one run.

    python tests/bench/bench_relay.py --sessions 1 50 200

A service in a process of its own answers each chunk of sound with as much. Clients in this process
send 20 chunks a second in each session, to the service itself, through a pump that carries frames
without reading them, through the relay with its policy, metrics and quotas, and through one with an
operator, who may watch: it remembers what passes. Each runs in a process of its own, and all of them
share one core. Two tables in Markdown come of it. Per number of sessions:

- added: how much longer the way there and back is than the direct one, median and 99th percentile;
- core: the share of one core that it takes, how many pumps that is, and how many sessions fill a core;
- memory: what it has grown by for each session.

And throughput: what as many sessions carry together when they send as fast as answers come.
The exit status says whether the relay keeps its promises: of the time added (with as many sessions
as a core is promised to carry, for beyond that it is full and they wait for it), of a core, of memory
and of throughput. They hold for a machine without other work; on a slow or busy one twice what the
plain pump takes is enough.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import os
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pybase64
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "ek_relay_of-the-benchmark-0"
OPERATOR = "operator-of-the-benchmark-0"
RATE = 20
CHUNK_BYTES = 3200
AUDIO = pybase64.b64encode_as_string(bytes(range(256)) * (CHUNK_BYTES // 256) + bytes(128))
APPEND = f'{{"type":"input_audio_buffer.append","audio":"{AUDIO}"}}'
DELTA = (
    '{"type":"response.output_audio.delta","event_id":"event_0","response_id":"r","item_id":"i",'
    f'"output_index":0,"content_index":0,"delta":"{AUDIO}"}}'
)
SESSION = (
    '{"type":"session.created","event_id":"event_0","session":{"type":"realtime","id":"s",'
    '"model":"m","audio":{"input":{"format":{"type":"audio/pcm","rate":24000}}}}}'
)
POLICY = """
limits: {}
limits_of_all: {sessions: 1000, day_dollars: null}
rates: {messages_per_s: 1000000, audio_speed: 1000000, audio_burst_s: 1000000}
"""
ADDED_P50_MS, ADDED_P99_MS, SESSIONS_PER_CORE = 1.0, 5.0, 100
MEMORY_KB = 200
"""Of each session, where there are so many that what is grown once does not matter."""
MANY = 50
CHUNKS_PER_S = SESSIONS_PER_CORE * RATE
"""What is carried there and back at least when all send as fast as they can."""
TIMES_THE_PUMP = 2.0
"""So many times what the pump takes is no broken promise: both have the same machine."""
WINDOW, FLOOD_S = 8, 3.0
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


# ---------------------------------------------------------------- the processes


async def serve_answers(connection: ServerConnection) -> None:
    """Answer each chunk with one of the same size, and settings with themselves."""
    await connection.send(SESSION)
    with contextlib.suppress(ConnectionClosed):
        async for message in connection:
            if '"input_audio_buffer.append"' in message[:80]:
                await connection.send(DELTA)
            elif '"session.update"' in message[:80]:
                await connection.send(SESSION.replace("created", "updated", 1))


async def pump(url: str, client: ServerConnection) -> None:
    """Carry frames both ways without a look at them."""
    async with connect(url, compression=None, max_size=None, proxy=None) as service:

        async def carry(
            source: ClientConnection | ServerConnection, to: ClientConnection | ServerConnection
        ) -> None:
            with contextlib.suppress(ConnectionClosed):
                async for frame in source:
                    await to.send(frame)

        up = asyncio.ensure_future(carry(client, service))
        await carry(service, client)
        up.cancel()


async def run_alone(kind: str, url: str) -> None:
    """Be the service or the pump until terminated; prints where."""

    async def handle(connection: ServerConnection) -> None:
        await (serve_answers(connection) if kind == "service" else pump(url, connection))

    async with serve(handle, "127.0.0.1", 0, compression=None, max_size=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"ready at ws://127.0.0.1:{port}/v1/realtime", flush=True)
        await asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class Way:
    """One way to the service, and the process on it."""

    name: str
    url: str
    pid: int = 0

    @property
    def cpu_s(self) -> float:
        """Processor time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def memory_mb(self) -> float:
        """What it holds in memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE / 2**20


@contextlib.asynccontextmanager
async def process(name: str, *command: str, core: int, **variables: str) -> AsyncIterator[Way]:
    """Run a program on one core until the block ends."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        env=os.environ | variables,
    )  # fmt: skip
    assert child.stdout is not None
    os.sched_setaffinity(child.pid, {core})
    try:
        line = ""
        while "ready at" not in line:
            line = (await child.stdout.readline()).decode()
            assert line, f"{name} has not begun"
        yield Way(name, line.rpartition(" ")[2].strip(), child.pid)
    finally:
        child.terminate()
        await child.wait()


Process = contextlib.AbstractAsyncContextManager[Way]


@contextlib.asynccontextmanager
async def all_ways() -> AsyncIterator[list[Way]]:
    """The direct way, the pump and the relay before one service."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    this = "tests/bench/bench_relay.py"
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "policy.yaml"
        policy.write_text(POLICY)

        def relay(name: str, service: Way, **variables: str) -> Process:
            return process(
                name, "main.py", "relay", "--port", "0", "--upstream", service.url,
                "--policy", str(policy), "--drain-seconds", "0",
                core=cores[0], CONSOLE_RELAY_TOKEN=TOKEN, CONSOLE_STATE_DIR=folder,
                CONSOLE_LOG_LEVEL="error", **variables,
            )  # fmt: skip

        async with (
            process("service", this, "--be", "service", core=cores[-1]) as service,
            process("pump", this, "--be", "pump", "--url", service.url, core=cores[0]) as plain,
            relay("relay", service) as alone,
            relay("watched", service, CONSOLE_OPERATOR_TOKEN=OPERATOR) as watched,
        ):
            yield [Way("direct", service.url), plain, alone, watched]


# ---------------------------------------------------------------- what is measured


@contextlib.asynccontextmanager
async def sessions(way: Way, n: int) -> AsyncIterator[list[ClientConnection]]:
    """Open sessions that have begun."""
    async with contextlib.AsyncExitStack() as stack:
        lines = []
        for _ in range(n):
            line = await stack.enter_async_context(
                connect(
                    way.url, additional_headers={"Authorization": f"Bearer {TOKEN}"},
                    compression=None, max_size=None, proxy=None,
                )
            )  # fmt: skip
            assert "session.created" in str(await line.recv())
            lines.append(line)
        yield lines


async def talk(line: ClientConnection, began_s: float, seconds: float) -> list[float]:
    """Send chunks at the rate of speech; return how long each way there and back took."""
    sent: deque[float] = deque()
    took: list[float] = []
    n_chunks = int(seconds * RATE)

    async def hear() -> None:
        for _ in range(n_chunks):
            await line.recv()
            took.append(time.perf_counter() - sent.popleft())

    hearing = asyncio.ensure_future(hear())
    for n in range(n_chunks):
        await asyncio.sleep(max(0.0, began_s + n / RATE - time.perf_counter()))
        sent.append(time.perf_counter())
        await line.send(APPEND)
    await hearing
    return took


@dataclass(slots=True)
class Measured:
    """One way with so many sessions."""

    took_s: list[float]
    core: float
    memory_kb: float

    def ms(self, share: float) -> float:
        """Return a percentile of the way there and back."""
        ordered = sorted(self.took_s)
        return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] * 1000


async def measure(way: Way, n: int, seconds: float) -> Measured:
    """Let sessions talk for a time."""
    before_mb = way.memory_mb if way.pid else 0.0
    async with sessions(way, n) as lines:
        cpu_s, began_s = way.cpu_s if way.pid else 0.0, time.perf_counter() + 0.1
        # Evenly over time, as speakers are who do not know each other.
        taken = await asyncio.gather(
            *(talk(line, began_s + at / (RATE * n), seconds) for at, line in enumerate(lines))
        )
        # Of the time that was talked for: a busy machine makes all of it take longer.
        core = (way.cpu_s - cpu_s) / seconds if way.pid else 0.0
        grown_kb = (way.memory_mb - before_mb) * 1024 / n if way.pid else 0.0
    return Measured([each for some in taken for each in some], core, grown_kb)


async def flood(way: Way, n_sessions: int) -> float:
    """Return how many chunks a second so many sessions get carried there and back together."""

    async def push(line: ClientConnection, ends_s: float) -> int:
        for _ in range(WINDOW):
            await line.send(APPEND)
        n = 0
        while True:
            await line.recv()
            if time.perf_counter() >= ends_s:
                return n
            await line.send(APPEND)
            n += 1

    async with sessions(way, n_sessions) as lines:
        # Counted from here on: to open so many takes its time.
        ends_s = time.perf_counter() + FLOOD_S
        return sum(await asyncio.gather(*(push(line, ends_s) for line in lines))) / FLOOD_S


async def main(counts: list[int], seconds: float, rounds: int) -> bool:
    """Print a table; return whether the promises are kept."""
    is_kept = True
    async with all_ways() as ways:
        for way in ways:
            await measure(way, 5, 1.0)  # imports, first sizes of pools
        print("| sessions | way | median | p99 | added | at p99 | core | pumps | fill a core "
              "| memory of each |")  # fmt: skip
        print("|---|---|---|---|---|---|---|---|---|---|")
        for n in counts:
            found: dict[str, list[Measured]] = {way.name: [] for way in ways}
            for _ in range(rounds):
                for way in ways:
                    found[way.name].append(await measure(way, n, seconds))
            compared = Compared(n, found)
            compared.show()
            is_kept &= compared.is_as_promised()
        print("\n| sessions | way | chunks a second, there and back |\n|---|---|---|")
        for n in counts:
            carried = {way.name: await flood(way, n) for way in ways}
            for name, rate in carried.items():
                print(f"| {n} | {name} | {rate:.0f} |", flush=True)
            enough = min(CHUNKS_PER_S, carried["pump"] / TIMES_THE_PUMP)
            is_kept &= n < MANY or carried["relay"] >= enough
    return is_kept


@dataclass(slots=True)
class Compared:
    """All ways with so many sessions, each measured several times."""

    n: int
    found: dict[str, list[Measured]]

    def core(self, name: str) -> float:
        """Return the share of a core."""
        return statistics.median(each.core for each in self.found[name])

    def memory_kb(self, name: str) -> float:
        """Return what a session takes; at first, since what is given back is used again."""
        return max(each.memory_kb for each in self.found[name])

    def ms(self, name: str, share: float) -> float:
        """Return a percentile of the way there and back."""
        return statistics.median(each.ms(share) for each in self.found[name])

    def added_ms(self, name: str, share: float) -> float:
        """Return how much longer that is than the direct way."""
        return self.ms(name, share) - self.ms("direct", share)

    def show(self) -> None:
        """Print a line for each way."""
        for name in self.found:
            line = f"| {self.n} | {name} | {self.ms(name, 0.5):.2f} ms | {self.ms(name, 0.99):.2f} ms |"
            if name == "direct":
                line += " | | | | | |"
            else:
                core, pumped = self.core(name), self.core("pump")
                line += f" {self.added_ms(name, 0.5):.2f} ms | {self.added_ms(name, 0.99):.2f} ms |"
                line += f" {core:.1%} | {core / pumped if pumped else math.nan:.2f} |"
                line += f" {self.n / core if core else math.inf:.0f} |"
                line += f" {self.memory_kb(name):.0f} kB |"
            print(line, flush=True)

    def is_as_promised(self) -> bool:
        """Return whether the relay keeps its promises."""

        def holds(value: Callable[[str], float], most: float) -> bool:
            return value("relay") <= max(most, TIMES_THE_PUMP * value("pump"))

        is_fast = self.n > SESSIONS_PER_CORE or (
            holds(lambda name: self.added_ms(name, 0.5), ADDED_P50_MS)
            and holds(lambda name: self.added_ms(name, 0.99), ADDED_P99_MS)
        )
        is_lean = self.n < MANY or (
            holds(self.core, self.n / SESSIONS_PER_CORE) and holds(self.memory_kb, MEMORY_KB)
        )
        return is_fast and is_lean


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 50, 200])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--be", choices=("service", "pump"), help=argparse.SUPPRESS)
    parser.add_argument("--url", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.be:
        asyncio.run(run_alone(given.be, given.url))
    else:
        sys.exit(0 if asyncio.run(main(given.sessions, given.seconds, given.rounds)) else 1)
