"""Many browsers on one console, some of them hostile: nothing that is said is lost.

`tests/bench/bench_console_load.py` measures the same at full size.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np

from console import pcm
from tests.live_console import Program, open_console
from tests.nuisance import PAGE_SOCKET, SENT_AWAY, bombed, load_pages
from tests.talker import Account, Talker, talkers

N_TALKING, N_ATTACHED, N_STALLED = 3, 3, 2
N_TURNS = 2
N_LOADS = 60
N_BOMBS, BOMB_BYTES = 3, 200 << 20
MOST_KIB = 300 * 1024
STORY_TURN = N_TURNS + 1
STORY = "Once upon a time there was somebody who asked for a story and did not listen to it. " * 9
"""More than the way to a browser holds that does not read."""
SCENARIO = {
    "ms_per_character": 20,
    "rules": [{"when": {"turn": STORY_TURN}, "do": [{"say": STORY}]}],
    "else": [{"say": "This is what everybody is answered here."}],
}


def voice(duration_ms: int) -> bytes:
    """Return a loud tone."""
    at = np.arange(pcm.ms_to_samples(duration_ms))
    return pcm.from_float(0.4 * np.sin(at * 2 * np.pi * 220 / pcm.SAMPLE_RATE_HZ))


async def talk(talker: Talker) -> Account:
    for turn in range(N_TURNS):
        await talker.say(voice(1000 + 100 * turn))
    return await talker.account()


async def stall(talker: Talker) -> None:
    """Ask for a story and read nothing of it."""
    for _ in range(N_TURNS):
        await talker.say(voice(200))
    talker.stop_reading()
    await talker.speak(voice(200))


async def bomb(console: Program) -> bytes:
    """Send a bomb as somebody who is inside."""
    headers = await console.new_cookie()
    async with bombed(console, headers, PAGE_SOCKET, "127.0.0.20", BOMB_BYTES) as answer:
        return answer


async def test_nobody_loses_a_chunk_while_others_talk_stall_and_attack(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps(SCENARIO))
    arguments = ("--target", "simulator", "--scenario", str(scenario))
    addresses = [f"127.0.0.{n}" for n in range(2, 2 + N_TALKING + N_ATTACHED)]
    elsewhere = [f"127.0.1.{n}" for n in range(2, 2 + N_STALLED)]
    async with (
        open_console(tmp_path, *arguments, environment={}) as console,
        talkers(console, addresses) as people,
        talkers(console, elsewhere, are_narrow=True) as stalling,
    ):
        talking = people[:N_TALKING]
        await asyncio.gather(*(each.connect() for each in (*talking, *stalling)))

        accounts, statuses, answers, _ = await asyncio.gather(
            asyncio.gather(*(talk(each) for each in talking)),
            load_pages(console, N_LOADS, "127.0.0.30"),
            asyncio.gather(*(bomb(console) for _ in range(N_BOMBS))),
            asyncio.gather(*(stall(each) for each in stalling)),
        )
        await console.wait_for_error(SENT_AWAY, N_STALLED)

        memory_kib = console.peak_memory_kib
        status, took_s = await console.end()
        errors = console.errors

    said_ms = sum(1000 + 100 * turn for turn in range(N_TURNS))
    assert [each.said_ms for each in accounts] == [said_ms] * N_TALKING
    assert [each for each in accounts if not each.is_whole] == []
    assert all(each.heard_ms > 0 for each in accounts)
    assert statuses == {403: N_LOADS}
    assert [each.split(b" ", 2)[1] for each in answers] == [b"101"] * N_BOMBS
    assert memory_kib < MOST_KIB
    assert (status, took_s < 6) == (0, True)
    assert errors.count(SENT_AWAY) == N_STALLED
    assert "Traceback" not in errors
