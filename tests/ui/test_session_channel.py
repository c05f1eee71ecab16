"""The server's end of the session channel; the test is the browser."""

from __future__ import annotations

import asyncio
import logging
import struct

import pytest

from console.app.view_model import MicrophoneState
from console.audio.ports import Heard
from console.ui.browser_audio import MAX_AHEAD_S
from console.ui.channel_wire import BrowserMicrophone, Talk
from console.ui.session_channel import SessionChannel
from tests.ui.page_lines import HELLO, Browser, ScriptedFeed, connected
from tests.ui.test_rate_limit import SteppedClock


@pytest.fixture
def feed() -> ScriptedFeed:
    return ScriptedFeed()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def channel(feed: ScriptedFeed, clock: SteppedClock) -> SessionChannel:
    return SessionChannel(feed, clock=clock)


# --- greeting


async def test_a_browser_is_welcomed_with_the_standing_state(channel: SessionChannel) -> None:
    channel.set_capture("vad")
    browser = Browser(channel)
    browser.send(HELLO)

    assert await browser.frame() == [
        {"k": "welcome", "epoch": 1, "sound": "browser", "capture": "vad"}
    ]
    assert channel.is_connected
    browser.leave()
    await browser.ended()
    assert not channel.is_connected


async def test_nothing_is_sent_to_a_browser_that_has_not_said_hello(
    channel: SessionChannel, feed: ScriptedFeed
) -> None:
    browser = Browser(channel)
    channel.sink.play("a", b"\0\0")
    feed.touch()
    browser.send(HELLO)

    first = await browser.frame()
    assert isinstance(first, list)
    assert first[0]["k"] == "welcome"
    browser.leave()
    await browser.ended()


async def test_the_newest_browser_wins(channel: SessionChannel) -> None:
    async with connected(channel) as older:
        async with connected(channel) as newer:
            assert await older.ended() == (4001, "opened elsewhere")
            channel.set_capture("vad")
            assert (await newer.until("capture"))["mode"] == "vad"
        assert not channel.is_connected


async def test_closing_says_why(channel: SessionChannel) -> None:
    async with connected(channel) as browser:
        await channel.close(4004, "unknown session")
        assert await browser.ended() == (4004, "unknown session")
    await channel.close()


async def test_coming_and_going_are_told(channel: SessionChannel) -> None:
    told: list[str] = []
    channel.connected.connect(lambda _: told.append("connected"))
    channel.closed.connect(lambda _: told.append("closed"))
    async with connected(channel):
        pass

    assert told == ["connected", "closed"]


# --- microphone


async def test_sound_is_taken_only_as_the_mode_allows(channel: SessionChannel) -> None:
    channel.source.set_microphone(BrowserMicrophone(MicrophoneState.ON, ""))
    await channel.source.start()
    async with connected(channel) as browser:
        browser.send_chunk(b"\1\1")
        channel.set_capture("manual")
        await browser.until("capture")
        browser.send_chunk(b"\2\2")
        browser.send({"k": "talk", "down": True, "held_ms": 0})
        browser.send_chunk(b"\3\3")
        browser.send({"k": "talk", "down": False, "held_ms": 300})
        browser.send_chunk(b"\4\4")
        assert await channel.talk.wait(lambda talk: not talk.is_down, 2) == Talk(False, 300)
        browser.send({"k": "microphone", "state": "on", "detail": ""})
        await channel.microphone.wait(timeout_s=2)
        channel.set_capture("vad")
        browser.send_chunk(b"\5\5")
        chunks = channel.source.chunks()
        heard = [await anext(chunks), await anext(chunks)]

    assert heard == [b"\3\3", b"\5\5"]


async def test_a_press_whose_sound_did_not_come_is_told(
    channel: SessionChannel, clock: SteppedClock
) -> None:
    channel.source.set_microphone(BrowserMicrophone(MicrophoneState.ON, ""))
    missing: list[float] = []
    channel.missing.told.connect(missing.append)
    async with connected(channel) as browser:
        channel.set_capture("manual")
        browser.send({"k": "talk", "down": True, "held_ms": 0})
        browser.send_chunk(bytes(48 * 500))
        await channel.talk.wait(timeout_s=2)
        clock.time_s += 2.0
        # What the page says of the length is not believed beyond what passed here.
        browser.send({"k": "talk", "down": False, "held_ms": 60_000})
        await channel.talk.wait(lambda talk: not talk.is_down, 2)

    assert missing == [1500]


async def test_nothing_of_a_press_that_may_not_be_is_taken(channel: SessionChannel) -> None:
    channel.source.set_microphone(BrowserMicrophone(MicrophoneState.ON, ""))
    await channel.source.start()
    answers = [False, True]
    channel.may_press = lambda: answers.pop(0)
    told: list[Talk] = []
    channel.talk.connect(told.append)
    async with connected(channel) as browser:
        channel.set_capture("manual")
        for chunk in (b"\1\1", b"\2\2"):
            browser.send({"k": "talk", "down": True, "held_ms": 0})
            browser.send_chunk(chunk)
            browser.send({"k": "talk", "down": False, "held_ms": 300})
        await channel.talk.wait(lambda talk: not talk.is_down, 2)
        assert await browser.until("release") == {"k": "release"}
        heard = await anext(channel.source.chunks())

    assert answers == []
    assert heard == b"\2\2"
    assert told == [Talk(True, 0), Talk(False, 300)]


async def test_a_press_is_let_go_and_what_still_comes_of_it_is_not_taken(
    channel: SessionChannel, clock: SteppedClock
) -> None:
    channel.source.set_microphone(BrowserMicrophone(MicrophoneState.ON, ""))
    await channel.source.start()
    told: list[Talk] = []
    channel.talk.connect(told.append)
    async with connected(channel) as browser:
        channel.set_capture("manual")
        browser.send({"k": "talk", "down": True, "held_ms": 0})
        await channel.talk.wait(timeout_s=2)
        channel.let_go()
        assert await browser.until("release") == {"k": "release"}
        clock.time_s += 5.0
        browser.send_chunk(b"\1\1")
        browser.send({"k": "talk", "down": False, "held_ms": 5000})
        browser.send({"k": "talk", "down": True, "held_ms": 0})
        browser.send_chunk(b"\2\2")
        browser.send({"k": "talk", "down": False, "held_ms": 100})
        await channel.talk.wait(lambda talk: not talk.is_down, 2)
        heard = await anext(channel.source.chunks())

    assert heard == b"\2\2"
    assert told == [Talk(True, 0), Talk(True, 0), Talk(False, 100)]
    assert channel.missing.total_ms == 0


async def test_nothing_is_missing_of_a_press_without_a_microphone(
    channel: SessionChannel, clock: SteppedClock
) -> None:
    async with connected(channel) as browser:
        channel.set_capture("manual")
        browser.send({"k": "talk", "down": True, "held_ms": 0})
        await channel.talk.wait(timeout_s=2)
        clock.time_s += 2.0
        browser.send({"k": "talk", "down": False, "held_ms": 2000})
        await channel.talk.wait(lambda talk: not talk.is_down, 2)

    assert channel.missing.total_ms == 0


async def test_a_gap_in_what_is_said_while_the_server_listens_is_told(
    channel: SessionChannel,
) -> None:
    async with connected(channel) as browser:
        channel.set_capture("vad")
        browser.send_chunk(bytes(48 * 30), 0, time_ms=10_000, is_first=True)
        browser.send_chunk(bytes(48 * 30), 11, time_ms=10_330)

        assert await channel.missing.told.wait(timeout_s=2) == 300


async def test_levels_are_told_of_what_the_browser_cannot_hear_itself(
    channel: SessionChannel,
) -> None:
    async with connected(channel) as browser:
        channel.show_levels([0.5])
        assert await browser.until("levels") == {"k": "levels", "microphone": [0.5]}
        channel.show_levels([0.5], [0.25])

        both = {"k": "levels", "microphone": [0.5], "speaker": [0.25]}
        assert await browser.until("levels") == both
        channel.show_levels(None, [0.25], is_sounding=True)

        speaker_alone = {"k": "levels", "speaker": [0.25], "isSounding": True}
        assert await browser.until("levels") == speaker_alone


async def test_losing_the_browser_releases_the_button(
    channel: SessionChannel, clock: SteppedClock
) -> None:
    channel.set_capture("manual")
    talks: list[Talk] = []
    channel.talk.connect(talks.append)
    async with connected(channel) as browser:
        browser.send({"k": "talk", "down": True, "held_ms": 0})
        await channel.talk.wait(timeout_s=2)
        clock.time_s += 0.75

    assert talks == [Talk(True, 0), Talk(False, 750)]


async def test_the_microphones_state_reaches_source_and_application(
    channel: SessionChannel,
) -> None:
    async with connected(channel) as browser:
        browser.send({"k": "microphone", "state": "denied", "detail": "NotAllowedError: no"})
        told = await channel.microphone.wait(timeout_s=2)

    assert told == channel.source.microphone
    assert told == BrowserMicrophone(MicrophoneState.DENIED, "NotAllowedError: no")


def test_an_unknown_mode_is_refused(channel: SessionChannel) -> None:
    with pytest.raises(ValueError, match="off, manual, vad"):
        channel.set_capture("loud")  # type: ignore[arg-type]  # on purpose
    assert channel.capture == "off"


# --- speaker


async def test_sound_is_followed_by_its_end(channel: SessionChannel) -> None:
    async with connected(channel) as browser:
        await browser.until("cleared")
        channel.sink.play("a", b"\1\2")
        channel.sink.finish("a")
        assert await browser.frame() == b"\x02\x01a\x00\x01\x02"
        assert await browser.frame() == [{"k": "finish", "track": "a"}]


async def test_an_interruption_goes_there_and_back(channel: SessionChannel) -> None:
    async with connected(channel) as browser:
        await browser.until("cleared")
        channel.sink.play("a", bytes(200))
        await browser.frame()
        asking = asyncio.ensure_future(channel.sink.interrupt())
        asked = await browser.until("interrupt")
        browser.send({"k": "interrupted", "id": asked["id"], "track": "a", "samples": 77})

        assert await asking == Heard("a", 77)


async def test_progress_is_told(channel: SessionChannel) -> None:
    async with connected(channel) as browser:
        channel.sink.play("a", bytes(200))
        browser.send(
            {
                "k": "heard", "track": "a", "samples": 50, "queued": 50, "underruns": 0,
                "buffer": 1440,
            }
        )  # fmt: skip
        assert (await channel.sink.heard.wait(timeout_s=2)).n_samples == 50
        browser.send({"k": "drained", "track": "a", "samples": 100})
        assert await channel.sink.drained.wait(timeout_s=2) == Heard("a", 100)


async def test_sound_is_held_back_while_the_browser_has_a_minute_of_it(
    channel: SessionChannel,
) -> None:
    minute = bytes(2 * 24_000 * MAX_AHEAD_S)
    head = b"\x02\x01a\x00"
    async with connected(channel) as browser:
        await browser.until("cleared")
        channel.sink.play("a", minute)
        channel.sink.play("a", b"\1\1")
        n_bytes = 0
        while n_bytes < len(minute):
            n_bytes += len(await browser.frame()) - len(head)
        channel.set_capture("vad")
        assert await browser.frame() == [{"k": "capture", "mode": "vad"}]
        assert browser.is_idle, "nothing goes beyond the minute"

        browser.send(
            {
                "k": "heard", "track": "a", "samples": 4800, "queued": 0, "underruns": 0,
                "buffer": 1440,
            }
        )  # fmt: skip
        assert await browser.frame() == head + b"\1\1"


async def test_sound_that_waits_for_a_browser_survives_its_absence(
    channel: SessionChannel,
) -> None:
    async with connected(channel):
        pass
    channel.sink.play("a", b"\1\2")
    async with connected(channel) as browser:
        frames = [await browser.frame(), await browser.frame()]

    assert b"\x02\x01a\x00\x01\x02" in frames


# --- rubbish and slowness


@pytest.mark.parametrize(
    ("first", "code", "says"),
    [
        ("not json", 1003, "not JSON"),
        ('[{"k":"talk","down":true,"held_ms":0}]', 1008, "hello first"),
        ('[{"k":"what"}]', 1008, "not known"),
        ("x" * 20_000, 1009, "beyond 16384"),
        (struct.pack("<B3xId", 1, 0, 0.0), 1008, "hello first"),
    ],
)
async def test_rubbish_ends_the_line_with_a_reason(
    channel: SessionChannel,
    caplog: pytest.LogCaptureFixture,
    first: str | bytes,
    code: int,
    says: str,
) -> None:
    browser = Browser(channel)
    if isinstance(first, str):
        browser.send_text(first)
    else:
        browser.send_bytes(first)

    closed = await browser.ended()
    assert closed is not None
    assert closed[0] == code
    assert says in closed[1]
    (record,) = [each for each in caplog.records if each.name == "console.ui.page_line"]
    assert record.levelno == logging.WARNING
    assert says in record.getMessage()


async def test_a_chunk_with_half_a_sample_ends_the_line(channel: SessionChannel) -> None:
    async with connected(channel) as browser:
        browser.send_chunk(b"\1")
        closed = await browser.ended()

    assert closed is not None
    assert closed[0] == 1003


async def test_a_second_hello_ends_the_line(channel: SessionChannel) -> None:
    async with connected(channel) as browser:
        browser.send(HELLO)
        assert await browser.ended() == (1008, "a browser says hello once on each line")


async def test_sound_far_beyond_real_time_ends_the_line(channel: SessionChannel) -> None:
    async with connected(channel) as browser:
        for sequence in range(12):
            browser.send_chunk(bytes(48_000), sequence)
        closed = await browser.ended()

    assert closed == (1008, "the browser sends sound faster than anybody speaks")
