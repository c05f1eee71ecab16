import asyncio
import json
import threading

import pytest

from console import wav
from console.audio.peaks import peaks
from console.realtime.items import ContentPart, Item
from console.ui import item_sound
from console.ui.item_sound import Waveforms
from tests.ui.one_session import OneSession, add_sound, guest_of

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


@pytest.fixture
def session():
    return OneSession()


@pytest.fixture
def client(session):
    return guest_of(session)


def test_the_sound_of_an_item_is_a_wav_file(client, session):
    add_sound(session, b"\x01\x02" * 100)

    answer = client.get("/rt/right/items/item_1.wav")

    assert answer.headers["content-type"] == "audio/wav"
    assert wav.unpack(answer.content) == (b"\x01\x02" * 100, 24_000)


@pytest.mark.parametrize(
    ("asked", "status", "content_range", "length"),
    [
        ("bytes=0-", 206, "bytes 0-243/244", 244),
        ("bytes=44-143", 206, "bytes 44-143/244", 100),
        ("bytes=200-9999", 206, "bytes 200-243/244", 44),
        ("bytes=-4", 206, "bytes 240-243/244", 4),
        ("bytes=244-", 416, "bytes */244", 0),
        ("bytes=9-4", 416, "bytes */244", 0),
        ("bytes=-", 200, None, 244),
        ("lines=1-2", 200, None, 244),
    ],
)
def test_a_player_can_seek(client, session, asked, status, content_range, length):
    add_sound(session, bytes(200))

    answer = client.get("/rt/right/items/item_1.wav", headers={"range": asked})

    assert answer.status_code == status
    assert answer.headers.get("content-range") == content_range
    assert len(answer.content) == length
    assert answer.headers["accept-ranges"] == "bytes"


def test_the_waveform_of_an_item_has_peaks_from_0_to_1_and_its_length(client, session):
    add_sound(session, bytes(960) + b"\x00\x40" * 480)

    answer = client.get("/rt/right/items/item_1.peaks")

    assert answer.json() == {"peaks": [0.0, 0.5], "ms": 40}
    assert answer.headers["cache-control"] == "no-store"


def test_an_item_without_sound_has_no_waveform(client, session):
    add_sound(session, b"")

    answer = client.get("/rt/right/items/item_1.peaks")

    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no sound for this item."


def test_the_waveform_of_a_long_item_is_bounded(client, session):
    add_sound(session, b"\x00\x20" * 24_000 * 60)

    answer = client.get("/rt/right/items/item_1.peaks")

    assert answer.json() == {"peaks": [0.25] * 600, "ms": 60_000}
    assert len(answer.content) < 4_000
