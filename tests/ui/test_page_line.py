"""One WebSocket to a page: batches, parts, floods, and browsers that do not read."""

from __future__ import annotations

import asyncio
import time

import pytest

from console.app.event_filter import EventFilter
from console.app.event_view import Find, Look
from console.ui import page_line
from console.ui.session_channel import SessionChannel
from tests.ui.page_lines import LOOK, ScriptedFeed, connected
from tests.ui.test_rate_limit import SteppedClock

N_BATCHES = 4


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
    feed.new_rows = [{"k": "rows", "rows": [{"i": 0}]}]
    async with connected(channel) as browser:
        rows, cleared = await browser.frame()

    assert rows == {"k": "rows", "rows": [{"i": 0}]}
    assert cleared == {"k": "cleared"}


async def test_what_a_page_looks_at_and_looks_for_reaches_its_reader(
    channel: SessionChannel, feed: ScriptedFeed
) -> None:
    async with connected(channel) as browser:
        await browser.until("cleared")
        browser.send(
            {**LOOK, "zoom": "frames", "text": "done", "types": ["error"], "first": 7},
            {"k": "find", "id": 3, "by": "name", "value": "item_1"},
        )
        feed.new_rows = [{"k": "rows", "rows": []}]
        await browser.until("rows")

    wanted = EventFilter(text="done", types=frozenset({"error"}))
    assert feed.looked == [
        Look(view=1, zoom="frames", filter=wanted, first=7, count=50),
        Find(3, "name", "item_1"),
    ]


async def test_a_new_epoch_is_told_before_its_rows(
    channel: SessionChannel, feed: ScriptedFeed
) -> None:
    async with connected(channel) as browser:
        await browser.until("cleared")
        feed.epoch = 2
        feed.new_rows = [{"k": "rows", "rows": [{"i": 10}]}]
        feed.touch()
        assert (await browser.until("welcome"))["epoch"] == 2
        assert (await browser.until("rows"))["rows"] == [{"i": 10}]


async def test_changes_are_batched_and_an_idle_session_asks_for_nothing(
    channel: SessionChannel, feed: ScriptedFeed
) -> None:
    async with connected(channel) as browser:
        await browser.until("cleared")
        asked = feed.asked
        began = asyncio.get_running_loop().time()
        for _ in range(N_BATCHES):
            for n in range(100):
                feed.changed.append({"k": "text", "deltas": [["a", str(n)]]})
                feed.touch()
            frame = await browser.frame()
            assert len(frame) == 100
        took_s = asyncio.get_running_loop().time() - began

        assert feed.asked == asked + N_BATCHES
        assert took_s >= page_line.BATCH_INTERVAL_S * (N_BATCHES - 1)


async def test_lists_are_sent_less_often_while_the_loop_is_late(
    channel: SessionChannel, feed: ScriptedFeed
) -> None:
    async with connected(channel) as browser:
        await browser.until("cleared")

        async def batch() -> float:
            feed.changed.append({"k": "text", "deltas": [["a", "b"]]})
            feed.touch()
            await browser.frame()
            return asyncio.get_running_loop().time()

        await batch()
        feed.touch()
        time.sleep(2 * page_line.BATCH_INTERVAL_S)  # noqa: ASYNC251  what makes a loop late
        late = await batch()

        assert await batch() - late >= 3 * page_line.BATCH_INTERVAL_S


async def test_a_long_search_lets_sound_pass_and_is_told_when_it_is_done(
    channel: SessionChannel, feed: ScriptedFeed
) -> None:
    channel.sink.play("a", b"\1\1")
    feed.n_pieces = 40
    feed.new_rows = [{"k": "rows", "rows": [{"i": 1}]}]
    async with connected(channel) as browser:
        frames = [await browser.frame() for _ in range(3)]

    kinds = ["audio" if isinstance(each, bytes) else each[0]["k"] for each in frames]
    assert kinds == ["cleared", "audio", "rows"]
    assert feed.n_pieces == 0


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
