"""Many browsers on one console process, with and without others who attack it.

    python tests/bench/bench_console_load.py --browsers 50 --talking 20 --seconds 30

Console and simulator run in processes of their own, and so do the talkers, in crews: each holds
the button, says short sentences of flite's in real time, and hears the answer. The console's
process measures itself: how late its event loop is for a tick of 5 ms, and how much processor time
it has used between two ticks ("busy"), which no callback can have exceeded, and which does not
count what other programs do to the machine. Beside it, on the same machine at the same time, a
process with nothing to do measures the same: the floor. Then the same again while strangers load
pages and insiders send bombs (the storm), and readers stall, whom the console has to send away.

Lost is what was said and is not in the console's events, or was not counted by the simulator; cut
is what the console has of answers and the browsers do not; missing are the answers that had not
come after 40 s. At the end there is a table of what was measured and what is promised; the promises
about time are of a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import gc
import json
import logging
import os
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from console import tasks
from tests import nuisance, speech
from tests.live_console import Program, Site, open_console, open_program
from tests.nuisance import PAGE_SOCKET, SENT_AWAY, bombed, load_pages
from tests.talker import Account, Talker, talkers

TICK_S = 0.005
PROMISED_P99_MS = 50
PROMISED_MIB = 300
PROMISED_END_S = 6
CREW = 5
SENTENCES = ("what time is it in Tokyo", "please count to five", "tell me a joke")
STORY = "please count to fifty"
"""More than the way to a browser holds that does not read."""
N_LOADS, N_BOMBS, N_STALLED = 300, 10, 20
BOMB_BYTES = 200 << 20
_TICK = struct.Struct("<dddd")
"""When, how late in ms, processor time of the loop's thread since the last tick in ms, and what of it
the collector of garbage has taken."""


# ---------------------------------------------------------------- what is measured, in its process


class Collector:
    """Counts the processor time of the collector of garbage."""

    def __init__(self) -> None:
        self._began = self._taken = 0.0

    def told(self, phase: str, _: object) -> None:
        """The collector begins or ends."""
        if phase == "start":
            self._began = time.thread_time()
        else:
            self._taken += time.thread_time() - self._began

    def take(self) -> float:
        """Return the seconds since the last call."""
        taken, self._taken = self._taken, 0.0
        return taken


async def tick(path: Path) -> None:
    """Write down how late the event loop is, until cancelled."""
    written, spent = time.monotonic(), time.thread_time()
    lines: list[bytes] = []
    collector = Collector()
    gc.callbacks.append(collector.told)
    with path.open("wb", buffering=0) as file:
        while True:
            wanted = time.monotonic() + TICK_S
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            busy, spent = time.thread_time() - spent, time.thread_time()
            late = now - wanted
            lines.append(_TICK.pack(now, late * 1000, busy * 1000, collector.take() * 1000))
            if now > written + 1:
                file.write(b"".join(lines))
                lines.clear()
                written = now


def run_console() -> None:
    """Be the console, and measure."""
    from nicegui import app

    from console.cli import main as console_main

    app.on_startup(lambda: tasks.spawn(tick(Path("ticks")), name="tick"))
    console_main()


@dataclass(frozen=True, slots=True)
class Loop:
    """What an event loop went through, in milliseconds."""

    p50: float
    p99: float
    most: float
    busy_p99: float
    busy_most: float
    collector_most: float

    @classmethod
    def between(cls, path: Path, began: float, ended: float) -> Loop:
        """Read what was written between two times."""
        data = path.read_bytes()
        found = np.frombuffer(data[: len(data) // _TICK.size * _TICK.size]).reshape(-1, 4)
        found = found[(found[:, 0] >= began) & (found[:, 0] <= ended)]
        p50, p99 = np.percentile(found[:, 1], [50, 99])
        busy_p99 = np.percentile(found[:, 2], 99)
        return cls(p50, p99, found[:, 1].max(), busy_p99, *found[:, 2:].max(axis=0))


# ---------------------------------------------------------------- the crews' processes


async def crew(url: str, first: int, n: int) -> None:
    """Be several talkers: told on the standard input what to do, telling what came of it."""
    async with talkers(Site(url), [f"127.0.1.{first + number}" for number in range(n)]) as people:
        tell({"ready": n})
        while (order := await asyncio.to_thread(sys.stdin.readline)).strip():
            seconds = float(order)
            if seconds:
                missing = await asyncio.gather(
                    *(talk(each, first + at, seconds) for at, each in enumerate(people))
                )
                accounts = await asyncio.gather(*(each.account() for each in people))
                whole = sum(accounts, Account())
                hearings = [each for talker in people for each in talker.hearings]
                for talker in people:
                    talker.hearings.clear()
                firsts = [each.first_ms for each in hearings]
                stalls = [each.stalled_ms for each in hearings]
                sums = dataclasses.asdict(whole) | {"missing": sum(missing)}
                tell({"sums": sums, "firsts": firsts, "stalls": stalls})
            else:
                await asyncio.gather(*(each.connect() for each in people))
                tell({})


async def talk(talker: Talker, number: int, seconds: float) -> int:
    """Say one sentence after the other; return how many were not answered in time."""
    ends, turn, n_missing = time.monotonic() + seconds, 0, 0
    await asyncio.sleep(number * 0.37 % 4)  # people do not speak in step
    while time.monotonic() < ends:
        text = SENTENCES[(number + turn) % len(SENTENCES)]
        try:
            await talker.say(speech.say(text, speech.VOICES[number % 2]))
        except TimeoutError:
            n_missing += 1
        turn += 1
    return n_missing


def tell(what: object) -> None:
    """Write a line for whoever has started this process."""
    print(json.dumps(what), flush=True)


# ---------------------------------------------------------------- the whole


@dataclass
class Crew:
    """A process with talkers."""

    process: asyncio.subprocess.Process

    async def order(self, seconds: float) -> dict[str, Any]:
        """Have it connect (0) or talk for so long; return what it tells."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seconds}\n".encode())
        await self.process.stdin.drain()
        return await self.told()

    async def told(self) -> dict[str, Any]:
        """Return what it tells next."""
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError("a crew has ended; what it wrote is above")
        return dict(json.loads(line))


@contextlib.asynccontextmanager
async def another(*arguments: str, cwd: Path) -> AsyncIterator[Crew]:
    """Run another process of this file until the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, *arguments, cwd=cwd,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Crew(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def bomb(console: Program, number: int) -> None:
    """Send a bomb as somebody who is inside."""
    headers = await console.new_cookie()
    address = f"127.0.3.{1 + number}"
    async with bombed(console, headers, PAGE_SOCKET, address, BOMB_BYTES):
        pass


async def stall(talker: Talker, number: int) -> None:
    """Ask for a long answer and read nothing of it."""
    await asyncio.sleep(number * 0.37 % 4)  # nor do they come in step
    await talker.connect()
    talker.stop_reading()
    await talker.speak(speech.say(STORY))


@dataclass(frozen=True, slots=True)
class Storm:
    """The time in which strangers load pages and insiders send bombs."""

    began: float
    ended: float
    statuses: Mapping[int, int]
    """How often the strangers were answered what."""


async def storm(console: Program) -> Storm:
    """Load all pages and send all bombs at once."""
    nuisance.bomb(BOMB_BYTES)  # made once, before anybody is measured
    began = time.monotonic()
    statuses, _ = await asyncio.gather(
        load_pages(console, N_LOADS, "127.0.0.30"),
        asyncio.gather(*(bomb(console, number) for number in range(N_BOMBS))),
    )
    return Storm(began, time.monotonic(), statuses)


@dataclass(frozen=True, slots=True)
class Phase:
    """What came of some time."""

    told: dict[str, float]
    """By the crews, in all."""
    firsts_ms: Sequence[float]
    """From each release of the button to the first sound of the answer."""
    stalls_ms: Sequence[float]
    """How long the sound of each answer was not there when it was to be played."""
    loop: Loop
    floor: Loop
    memory_before_mib: float
    memory_mib: float
    peak_mib: float
    n_files: int
    load: float
    in_storm: Loop | None = None
    """The console's loop in the middle of an attack."""

    @property
    def lost_ms(self) -> float:
        """What was said and did not arrive."""
        arrived_ms = min(self.told["appended_ms"], self.told["counted_ms"])
        return self.told["said_ms"] - arrived_ms

    @property
    def cut_ms(self) -> float:
        """What was answered and not heard."""
        return self.told["answered_ms"] - self.told["heard_ms"]


async def phase(console: Program, crews: Sequence[Crew], seconds: float) -> Phase:
    """Have the crews talk; return what came of it."""
    began, memory_before_mib = time.monotonic(), console.memory_kib / 1024
    told = await asyncio.gather(*(each.order(seconds) for each in crews))
    await asyncio.sleep(1.2)  # ticks are written once a second
    ended = time.monotonic()
    directory = console.directory
    loop, floor = (Loop.between(directory / each, began, ended) for each in ("ticks", "floor"))
    return Phase(
        {key: sum(each["sums"][key] for each in told) for key in told[0]["sums"]},
        [ms for each in told for ms in each["firsts"]],
        [ms for each in told for ms in each["stalls"]],
        loop,
        floor,
        memory_before_mib,
        console.memory_kib / 1024,
        console.peak_memory_kib / 1024,
        console.open_files,
        os.getloadavg()[0],
    )


Line = tuple[str, Callable[[Phase], float | None], str, float | None]
"""A quantity, what it is of a phase if anything, how it is written, and the most that is promised."""
LINES: Sequence[Line] = (
    ("answers missing", lambda each: each.told["missing"], "{:.0f}", 0),
    ("speech said, s", lambda each: each.told["said_ms"] / 1000, "{:.1f}", None),
    ("speech lost, ms", lambda each: each.lost_ms, "{:.0f}", 0),
    ("answers heard, s", lambda each: each.told["heard_ms"] / 1000, "{:.1f}", None),
    ("answers cut, ms", lambda each: each.cut_ms, "{:.0f}", 0),
    ("first sound, median, ms", lambda each: statistics.median(each.firsts_ms), "{:.0f}", None),
    ("first sound, most, ms", lambda each: max(each.firsts_ms), "{:.0f}", None),
    ("answers that stall", lambda each: sum(ms > 0 for ms in each.stalls_ms), "{:.0f}", None),
    ("stalls, most, ms", lambda each: max(each.stalls_ms), "{:.0f}", None),
    ("answers heard", lambda each: len(each.firsts_ms), "{:.0f}", None),
    ("loop late, p50, ms", lambda each: each.loop.p50, "{:.1f}", None),
    ("loop late, p99, ms", lambda each: each.loop.p99, "{:.1f}", PROMISED_P99_MS),
    ("loop late, most, ms", lambda each: each.loop.most, "{:.1f}", None),
    (
        "in the storm, p99, ms",
        lambda each: None if each.in_storm is None else each.in_storm.p99,
        "{:.1f}",
        PROMISED_P99_MS,
    ),
    (
        "in the storm, most, ms",
        lambda each: None if each.in_storm is None else each.in_storm.most,
        "{:.1f}",
        None,
    ),
    ("loop busy, p99, ms", lambda each: each.loop.busy_p99, "{:.1f}", None),
    ("loop busy, most, ms", lambda each: each.loop.busy_most, "{:.1f}", None),
    ("of it the collector, ms", lambda each: each.loop.collector_most, "{:.1f}", None),
    ("floor late, p99, ms", lambda each: each.floor.p99, "{:.1f}", None),
    ("floor late, most, ms", lambda each: each.floor.most, "{:.1f}", None),
    ("memory before, MiB", lambda each: each.memory_before_mib, "{:.0f}", None),
    ("memory after, MiB", lambda each: each.memory_mib, "{:.0f}", None),
    ("memory, most ever, MiB", lambda each: each.peak_mib, "{:.0f}", PROMISED_MIB),
    ("open files", lambda each: each.n_files, "{:.0f}", None),
    ("load of the machine", lambda each: each.load, "{:.1f}", None),
)


def show(phases: Mapping[str, Phase]) -> bool:
    """Print the table of all phases; return whether everything that was promised is kept."""
    all_kept = True
    print(f"{'quantity':24}" + "".join(f"{name:>12}" for name in phases) + f"{'promised':>12}")
    for name, of, written, most in LINES:
        found = [of(each) for each in phases.values()]
        promised = "" if most is None else f"<= {most}"
        is_kept = most is None or all(each is None or each <= most for each in found)
        cells = "".join(f"{'' if each is None else written.format(each):>12}" for each in found)
        print(f"{name:24}{cells}{promised:>12}{'' if is_kept else '  NOT KEPT'}")
        all_kept = all_kept and is_kept
    return all_kept


async def measure(n_browsers: int, n_talking: int, seconds: float) -> bool:
    """Run everything and print the table; return whether everything that was promised is kept."""
    async with contextlib.AsyncExitStack() as here:
        folder = Path(here.enter_context(tempfile.TemporaryDirectory()))
        (folder / "simulator").mkdir()
        (folder / "console").mkdir()
        simulator = await here.enter_async_context(
            open_program(
                folder / "simulator",
                *("simulator", "--port", "0", "--max-sessions", "100"),
                ready="Simulator ready at ",
                environment={},
            )
        )
        console = await here.enter_async_context(
            open_console(
                folder / "console",
                *("--target", simulator.url),
                environment={},
                entry=Path(__file__),
            )
        )
        await here.enter_async_context(another("--floor", cwd=console.directory))
        crews = []
        for first in range(0, n_talking, CREW):
            members = ("--crew", console.url, str(first + 1), str(min(CREW, n_talking - first)))
            crews.append(await here.enter_async_context(another(*members, cwd=folder)))
            await crews[-1].told()
        addresses = [f"127.0.2.{1 + number}" for number in range(n_browsers - n_talking)]
        stalling, attached = addresses[:N_STALLED], addresses[N_STALLED:]
        await here.enter_async_context(talkers(console, attached))
        deaf = await here.enter_async_context(talkers(console, stalling, are_narrow=True))
        await asyncio.gather(*(each.order(0) for each in crews))
        phases = {"talking": await phase(console, crews, seconds)}
        attack = asyncio.gather(
            storm(console), asyncio.gather(*(stall(each, at) for at, each in enumerate(deaf)))
        )
        attacked = await phase(console, crews, seconds)
        stormy, _ = await attack
        await console.wait_for_error(SENT_AWAY, len(deaf))
        in_storm = Loop.between(console.directory / "ticks", stormy.began, stormy.ended)
        phases["attacked"] = dataclasses.replace(attacked, in_storm=in_storm)
        try:
            status, took_s = await console.end()
        except TimeoutError:  # it was killed then
            status, took_s = -9, float("inf")
        is_kept = show(phases) and (status, took_s < PROMISED_END_S) == (0, True)
        print(
            f"{n_browsers} browsers, {n_talking} of them talking; in the attack {N_LOADS} pages"
            f" without a link ({dict(stormy.statuses)}) and {N_BOMBS} bombs in"
            f" {stormy.ended - stormy.began:.1f} s, and {len(deaf)} who do not read, all sent away\n"
            f"ended by SIGTERM with status {status} in {took_s:.1f} s (promised {PROMISED_END_S} s)"
        )
        for each in console.errors.split("WARNING console.app.stall_watch: ")[1:]:
            print(each.strip())
        return is_kept


if __name__ == "__main__":
    if "--port" in sys.argv:  # as the console's own command line
        run_console()
        sys.exit()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--browsers", type=int, default=50)
    parser.add_argument("--talking", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--floor", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--crew", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    # Who does not read hears no ping, and the library of our visitors says so of each.
    logging.getLogger("engineio.client").setLevel(logging.CRITICAL)
    if given.floor:
        asyncio.run(tick(Path("floor")))
    elif given.crew:
        asyncio.run(crew(given.crew[0], int(given.crew[1]), int(given.crew[2])))
    else:
        is_kept = asyncio.run(measure(given.browsers, given.talking, given.seconds))
        sys.exit(0 if is_kept else 1)
