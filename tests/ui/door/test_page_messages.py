"""Messages on NiceGUI's channel that no page of ours has sent."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from typing import Any

import pytest
from socketio.exceptions import ConnectionRefusedError as Refused

from console.ui.door import page_messages
from console.ui.door.page_messages import MOST_LINES
from tests.ui.test_rate_limit import SteppedClock

MINE = {"client_id": "page_1", "id": 3}


class Channel:
    """Of NiceGUI: its handlers take every message for what it says."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.handlers: dict[str, dict[str, Callable[..., Any]]] = {
            "/": {
                "connect": self._connect,
                "handshake": self._handshake,
                **dict.fromkeys(("event", "javascript_response", "ack", "log"), self._take),
            }
        }

    def rooms(self, sid: str) -> list[str]:
        return {"sid_1": ["sid_1", "page_1"], "sid_2": ["sid_2", "page_2"]}.get(sid, [])

    async def say(self, name: str, *given: Any, sid: str = "sid_1") -> Any:
        return await self.handlers["/"][name](sid, *given)

    async def _connect(self, sid: str, environ: dict[str, Any]) -> None:
        self.heard.append(environ["client_id"])

    async def _handshake(self, sid: str, message: dict[str, Any]) -> bool:
        return bool(message["client_id"] == "page_1")

    def _take(self, sid: str, message: dict[str, Any]) -> None:
        self.heard.append(message["id"])


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def channel(clock: SteppedClock) -> Channel:
    channel = Channel()
    page_messages.guard(channel, clock)
    return channel


async def test_what_a_page_says_of_itself_is_heard(channel: Channel) -> None:
    await channel.say("connect", MINE)
    assert await channel.say("handshake", MINE) is True
    await channel.say("event", MINE)

    assert channel.heard == ["page_1", 3]


@pytest.mark.parametrize("name", ["event", "javascript_response", "ack"])
async def test_nobody_speaks_for_the_page_of_another(channel: Channel, name: str) -> None:
    await channel.say(name, MINE, sid="sid_2")
    await channel.say(name, MINE, sid="who has shaken no hand")

    assert channel.heard == []


NO_MESSAGES: list[tuple[Any, ...]] = [(), (None,), ("text",), ([],), ({},), (MINE, MINE)]
KINDS = ["event", "javascript_response", "ack", "log"]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        *itertools.product(["handshake", *KINDS], NO_MESSAGES),
        *((name, ({"client_id": "page_1"},)) for name in KINDS),
    ],
)
async def test_a_message_that_is_none_is_refused_with_some_lines_a_minute(
    channel: Channel,
    clock: SteppedClock,
    caplog: pytest.LogCaptureFixture,
    name: str,
    given: tuple[Any, ...],
) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(100):
        assert not await channel.say(name, *given)

    assert channel.heard == []
    assert len(caplog.records) == MOST_LINES
    assert all(name in each.getMessage() and each.exc_info is None for each in caplog.records)
    clock.time_s += 60
    await channel.say(name, *given)
    assert len(caplog.records) == MOST_LINES + 1


async def test_a_socket_that_does_not_say_of_which_page_it_is_is_refused(channel: Channel) -> None:
    with pytest.raises(Refused, match="no page of ours"):
        await channel.say("connect", {})


async def test_a_page_writes_little_into_the_log(
    channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    told = {"client_id": "page_1", "level": "error", "message": "one\ntwo \ud83d" + "x" * 10_000}
    for _ in range(100):
        await channel.say("log", told)

    assert len(caplog.records) == MOST_LINES
    for record in caplog.records:
        assert r"one\ntwo \\ud83dxxx" in record.getMessage()
        assert len(record.getMessage()) < 600


def test_guarding_again_changes_nothing(channel: Channel) -> None:
    before = dict(channel.handlers["/"])

    page_messages.guard(channel)

    assert channel.handlers["/"] == before
