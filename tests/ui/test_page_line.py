"""One WebSocket to a page: batches, parts, floods, and browsers that do not read."""

from __future__ import annotations

import asyncio

import pytest

from console.ui import page_line
from console.ui.session_channel import SessionChannel
from tests.ui.page_lines import ScriptedFeed, connected
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


# --- lists


async def test_rows_and_conversation_come_after_the_welcome(
    channel: SessionChannel, feed: ScriptedFeed
) -> None:
    feed.rows = [{"i": 0}, {"i": 1}]
    async with connected(channel) as browser:
        rows, cleared = await browser.frame()

    assert rows == {"k": "rows", "epoch": 1, "version": 2, "rows": [{"i": 0}, {"i": 1}]}
    assert cleared == {"k": "cleared"}


async def test_a_browser_that_comes_back_gets_what_it_missed(
    channel: SessionChannel, feed: ScriptedFeed
) -> None:
    feed.rows = [{"i": n} for n in range(5)]
    async with connected(channel, {"k": "hello", "epoch": 1, "version": 3}) as browser:
        rows = await browser.until("rows")
    assert rows["rows"] == [{"i": 3}, {"i": 4}]

    async with connected(channel, {"k": "hello", "epoch": 9, "version": 3}) as browser:
        rows = await browser.until("rows")
    assert len(rows["rows"]) == 5, "rows of another epoch are of no use"


async def test_a_new_epoch_is_told_before_its_rows(
    channel: SessionChannel, feed: ScriptedFeed
) -> None:
    feed.rows = [{"i": 0}]
    async with connected(channel) as browser:
        await browser.until("cleared")
        feed.epoch = 2
        feed.rows = [{"i": 10}]
        feed.touch()
        assert (await browser.until("welcome"))["epoch"] == 2
        rows = await browser.until("rows")

    assert (rows["epoch"], rows["rows"]) == (2, [{"i": 10}])


async def test_changes_are_batched_and_an_idle_session_asks_for_nothing(
    channel: SessionChannel, feed: ScriptedFeed
) -> None:
    async with connected(channel) as browser:
        await browser.until("cleared")
        asked = feed.asked
        began = asyncio.get_running_loop().time()
        for n in range(100):
            feed.changed.append({"k": "text", "deltas": [["a", str(n)]]})
            feed.touch()
        frame = await browser.frame()
        took_s = asyncio.get_running_loop().time() - began

        assert len(frame) == 100
        assert feed.asked == asked + 1
        assert took_s < 0.5
        assert took_s > page_line.BATCH_INTERVAL_S / 2


async def test_a_long_log_is_sent_in_parts_with_sound_between(
    channel: SessionChannel, feed: ScriptedFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_line, "ROWS_PER_BATCH", 10)
    feed.rows = [{"i": n} for n in range(35)]
    channel.sink.play("a", b"\1\1")
    channel.sink.play("a", b"\2\2")
    async with connected(channel) as browser:
        frames = [await browser.frame() for _ in range(6)]

    kinds = ["audio" if isinstance(each, bytes) else len(each[0]["rows"]) for each in frames]
    assert kinds == [10, "audio", 10, "audio", 10, 5]


# --- floods and slowness


@pytest.mark.parametrize("n_together", [1, 250])
async def test_a_flood_of_messages_ends_the_line(channel: SessionChannel, n_together: int) -> None:
    message = {"k": "microphone", "state": "on", "detail": ""}
    async with connected(channel) as browser:
        for _ in range(250 // n_together):
            browser.send(*[message] * n_together)
        closed = await browser.ended()

    assert closed == (1008, "the browser sends messages faster than anybody speaks")


async def test_a_browser_that_does_not_read_is_sent_away(
    channel: SessionChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_line, "STUCK_S", 0.05)
    async with connected(channel) as browser:
        await browser.until("cleared")
        browser.is_reading = False
        channel.sink.play("a", bytes(200))
        closed = await browser.ended()

    assert closed is not None
    assert closed[0] == 1013
