import asyncio
import json
import threading

import pytest

from console.audio.peaks import peaks
from console.realtime.items import ContentPart, Item
from console.ui import item_sound
from console.ui.item_sound import Waveforms

STEP = b"\x00\x40" * 480
"""20 ms of sound: one peak."""


def item_with(pcm, item_id="item_1"):
    part = ContentPart("output_audio", audio=bytearray(pcm))
    return Item(item_id, "message", "assistant", content=[part])


def shown(answer):
    return json.loads(bytes(answer.body))


@pytest.fixture
def counted(monkeypatch):
    """Where the peaks were found: a thread's name for each time."""
    threads = []

    def count(pcm):
        threads.append(threading.current_thread())
        return peaks(pcm)

    monkeypatch.setattr(item_sound, "peaks", count)
    return threads


async def test_a_waveform_is_found_once_and_again_when_the_item_has_grown(counted):
    waveforms, item = Waveforms(), item_with(STEP)
    first = await waveforms.answer("s", item)
    again = await waveforms.answer("s", item)
    assert len(counted) == 1
    assert first.body == again.body

    item.content[0].audio += STEP
    grown = await waveforms.answer("s", item)

    assert shown(grown) == {"peaks": [0.5, 0.5], "ms": 40}


async def test_items_of_two_sessions_are_told_apart(counted):
    waveforms = Waveforms()
    loud, silent = item_with(STEP), item_with(bytes(960))

    assert shown(await waveforms.answer("a", loud))["peaks"] == [0.5]
    assert shown(await waveforms.answer("b", silent))["peaks"] == [0.0]


async def test_the_waveform_that_nobody_asked_for_longest_is_forgotten(counted):
    waveforms = Waveforms(max_cached=2)
    a, b, c = (item_with(STEP, each) for each in "abc")
    for each in (a, b, a, c):
        await waveforms.answer("s", each)
    assert len(counted) == 3

    await waveforms.answer("s", a)
    assert len(counted) == 3

    await waveforms.answer("s", b)
    assert len(counted) == 4


async def test_only_long_sound_leaves_the_loop_and_others_go_on_meanwhile(counted):
    waveforms = Waveforms()
    await waveforms.answer("s", item_with(STEP * 50, "short"))
    answer, _ = await asyncio.gather(
        waveforms.answer("s", item_with(STEP * 1000, "long")), asyncio.sleep(0)
    )

    assert shown(answer)["ms"] == 20_000
    short, long = counted
    assert short is threading.main_thread()
    assert long is not threading.main_thread()
