"""Those who watch a session: they see what its own page sees, and do nothing."""

from __future__ import annotations

import struct

import pytest

from console.ui.watch_channel import MAX_WATCHERS, WatchChannel
from tests.ui.page_lines import HELLO, LOOK, Browser, ScriptedFeed, connected
from tests.ui.test_rate_limit import SteppedClock


@pytest.fixture
def feed() -> ScriptedFeed:
    return ScriptedFeed()


@pytest.fixture
def channel(feed: ScriptedFeed) -> WatchChannel:
    return WatchChannel(feed, SteppedClock())


async def test_everybody_who_watches_is_shown_the_session(
    channel: WatchChannel, feed: ScriptedFeed
) -> None:
    counts: list[int] = []
    channel.changed.connect(counts.append)
    async with connected(channel) as first, connected(channel) as second:
        assert channel.n_watchers == 2
        for browser in (first, second):
            await browser.until("cleared")
        second.send(LOOK)
        feed.new_rows = [{"k": "rows", "rows": [{"i": 1}]}]
        assert (await second.until("rows"))["rows"] == [{"i": 1}]

    assert counts == [1, 2, 1, 0]


async def test_who_watches_is_welcomed_without_sound(channel: WatchChannel) -> None:
    browser = Browser(channel)
    browser.send(HELLO)

    welcome = await browser.until("welcome")
    assert (welcome["sound"], welcome["capture"]) == ("none", "off")
    await channel.close()
    assert await browser.ended() == (1001, "the session has ended")


@pytest.mark.parametrize(
    "message",
    [
        {"k": "talk", "down": True, "held_ms": 0},
        {"k": "interrupted", "id": 1, "track": None, "samples": 0},
        HELLO,
    ],
)
async def test_who_watches_and_does_something_is_sent_away(
    channel: WatchChannel, message: dict[str, object]
) -> None:
    async with connected(channel) as browser:
        browser.send(message)
        assert (await browser.ended() or (0, ""))[0] == 1008
    assert channel.n_watchers == 0


async def test_who_watches_and_speaks_is_sent_away(channel: WatchChannel) -> None:
    async with connected(channel) as browser:
        browser.send_bytes(struct.pack("<B3xId", 1, 0, 0.0) + bytes(1440))
        assert await browser.ended() == (1008, "who watches a session is not heard in it")


async def test_one_too_many_is_told_so(channel: WatchChannel) -> None:
    watching = [Browser(channel) for _ in range(MAX_WATCHERS)]
    for browser in watching:
        browser.send(HELLO)
        await browser.until("welcome")

    assert await Browser(channel).ended() == (1013, "20 watch this session already")
    await channel.close()
    for browser in watching:
        await browser.ended()
    assert channel.n_watchers == 0
