import asyncio

import pytest

from console import pcm
from console.simulator.service import call_speaker
from console.simulator.service.call_speaker import FRAME_BYTES, CallSpeaker

FRAME = b"\x01\x02" * (FRAME_BYTES // 2)


@pytest.fixture
def told():
    return []


@pytest.fixture
async def speaker(told):
    speaker = CallSpeaker()
    speaker.on_started = lambda response_id: told.append(("started", response_id))
    speaker.on_stopped = lambda response_id: told.append(("stopped", response_id))
    return speaker


async def test_without_sound_there_is_silence(speaker, told):
    assert speaker.pull() is None
    assert told == []


async def test_sound_comes_out_in_order_and_the_last_frame_is_filled_up(speaker):
    speaker.play("a", FRAME + b"\x05\x06")
    speaker.play("a", b"\x07\x08")

    assert speaker.pull() == FRAME
    assert speaker.pull() == b"\x05\x06\x07\x08".ljust(FRAME_BYTES, b"\0")
    assert speaker.pull() is None


async def test_a_response_stops_when_its_last_frame_has_been_played(speaker, told):
    speaker.play("a", FRAME)
    speaker.end("a")
    speaker.pull()
    before = list(told)
    speaker.pull()

    assert before == [("started", "a")]
    assert told == [("started", "a"), ("stopped", "a")]


async def test_sound_that_runs_dry_goes_on_without_a_second_start(speaker, told):
    speaker.play("a", FRAME)
    pulled = [speaker.pull(), speaker.pull()]
    speaker.play("a", FRAME)
    pulled.append(speaker.pull())

    assert pulled == [FRAME, None, FRAME]
    assert told == [("started", "a")]


async def test_one_response_is_played_after_the_other(speaker, told):
    speaker.play("a", FRAME)
    speaker.play("b", FRAME)
    first = [speaker.pull(), speaker.pull()]
    speaker.end("a")
    speaker.pull()

    assert first == [FRAME, None]
    assert told == [("started", "a"), ("stopped", "a"), ("started", "b")]


async def test_a_clear_tells_what_was_played_and_nothing_more_comes(speaker, told):
    speaker.play("a", FRAME * 3)
    speaker.play("b", FRAME)
    speaker.pull()
    heard = speaker.clear()
    speaker.end("a")

    assert heard == {"a": 20.0, "b": 0.0}
    assert speaker.pull() is None
    assert told == [("started", "a")]


async def test_who_makes_sound_waits_while_too_much_of_it_waits(speaker, monkeypatch):
    monkeypatch.setattr(call_speaker, "ROOM_BYTES", FRAME_BYTES)
    speaker.play("a", FRAME * 2)
    waiting = asyncio.ensure_future(speaker.wait_for_room())
    await asyncio.sleep(0)
    was_waiting = not waiting.done()
    speaker.pull()
    await asyncio.wait_for(waiting, 1)

    assert was_waiting


async def test_a_clear_makes_room(speaker, monkeypatch):
    monkeypatch.setattr(call_speaker, "ROOM_BYTES", FRAME_BYTES)
    speaker.play("a", bytes(60 * pcm.BYTES_PER_MS))
    speaker.clear()

    await asyncio.wait_for(speaker.wait_for_room(), 1)
