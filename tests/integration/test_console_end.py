"""The console is told to end while twenty people talk to it and some of their lines are stuck."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
import time
from pathlib import Path

from console import tasks
from console.app.spending.budget import FILE_NAME
from console.app.spending.caps import OWNER
from tests.live_console import Program, open_console
from tests.simulator.fake_senses import tone
from tests.talker import Talker, talkers

N_TALKING, N_DEAF = 20, 2
SPEECH_MS, SAID_MS = 10_000, 300
"""What everybody has to say, and how much of it has come to the server when it ends."""
END_S = 6
RESTART = 1012
SCENARIO = {"ms_per_character": 40, "else": [{"say": "This is what everybody is told. " * 20}]}


async def half_a_request(console: Program) -> asyncio.StreamWriter:
    """Be a visitor who begins to ask and says no more."""
    host, _, port = console.origin.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\nHost: ")
    await writer.drain()
    return writer


async def test_twenty_who_talk_and_stuck_lines_keep_nothing_from_being_written_in_time(
    tmp_path: Path,
) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps(SCENARIO))
    arguments = ("--target", "simulator", "--scenario", str(scenario))
    addresses = [f"127.0.0.{2 + each}" for each in range(N_TALKING + N_DEAF)]
    connected_s: list[float] = []

    async def connect(talker: Talker) -> None:
        await talker.connect()
        connected_s.append(time.monotonic())

    async with (
        open_console(tmp_path, *arguments, environment={}) as console,
        talkers(console, addresses) as people,
    ):
        began_s = time.monotonic()
        await asyncio.gather(*(connect(each) for each in people))
        talking, deaf = people[:N_TALKING], people[N_TALKING:]
        silenced = talking[0].page
        await silenced.click("Simulator faults")
        await silenced.click("Go silent")  # nor does that server say goodbye
        for each in deaf:
            await each.speak(tone(200))
            each.stop_reading()
        stalled = await half_a_request(console)
        speech = [tasks.spawn(each.speak(tone(SPEECH_MS)), name="speech") for each in talking]
        await asyncio.gather(*(each.has_sent(SAID_MS) for each in talking))

        told_s = time.monotonic()
        status, took_s = await console.end()
        ended_s = time.monotonic()

        await asyncio.gather(*speech, return_exceptions=True)
        stalled.close()
        errors = console.errors

    assert (status, took_s < END_S) == (0, True)
    assert [each.closed is not None and each.closed[0] for each in talking] == [RESTART] * N_TALKING
    # How much the system still takes for who does not read, it alone knows.
    told = [each for each in errors.splitlines() if "uvicorn" in each]
    assert [each for each in told if "ending: cut off" not in each] == []
    assert not re.search("Traceback|ERROR", errors)
    counter = tmp_path / "state" / FILE_NAME
    assert list(counter.parent.glob(f"{FILE_NAME}-*")) == [], "the counter was closed"
    with contextlib.closing(sqlite3.connect(counter)) as file:
        ((seconds,),) = file.execute("SELECT seconds FROM spent WHERE person = ?", (OWNER.id,))
    least_s = sum(told_s - each for each in connected_s)
    assert least_s < seconds < len(people) * (ended_s - began_s)
