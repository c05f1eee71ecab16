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
from console.ui.door.people import SCOPE_KEY, Person
from tests.ui.test_rate_limit import SteppedClock

MINE = {"client_id": "page_1", "id": 3}
PEOPLE = {
    "sid_1": Person("one", "owner", "link"),
    "sid_2": Person("two", "guest", "link"),
}


def environ_of(person: Person | None, query: str = "") -> dict[str, Any]:
    return {"asgi.scope": {SCOPE_KEY: person} if person else {}, "QUERY_STRING": query}


class Wire:
    """Takes every frame that is a text, and fails at those of an unknown kind."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.closed: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self.environ: dict[str, dict[str, Any]] = {"wire_1": {"asgi.send": self.put}}
        self.handlers: dict[str, Callable[..., Any]] = {"message": self._take}

    async def send(self, frame: str | bytes) -> None:
        await self.handlers["message"]("wire_1", frame)

    async def disconnect(self, sid: str) -> None:
        self.closed.append(sid)
        self.environ.pop(sid, None)  # as the library forgets a socket that it has let go

    async def put(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def _take(self, sid: str, frame: str | bytes) -> None:
        if frame == "9":
            raise ValueError("Unknown packet type.")
        self.heard.append(frame)


class Channel:
    """Of NiceGUI: its handlers take every message for what it says."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.eio = Wire()
        self.environ = self.eio.environ
        self.handlers: dict[str, dict[str, Callable[..., Any]]] = {
            "/": {
                "connect": self._connect,
                "handshake": self._handshake,
                **dict.fromkeys(("event", "javascript_response", "ack", "log"), self._take),
            }
        }

    def rooms(self, sid: str) -> list[str]:
        return {"sid_1": ["sid_1", "page_1"], "sid_2": ["sid_2", "page_2"]}.get(sid, [])

    def get_environ(self, sid: str) -> dict[str, Any] | None:
        return environ_of(PEOPLE[sid]) if sid in PEOPLE else None

    async def say(self, name: str, *given: Any, sid: str = "sid_1") -> Any:
        return await self.handlers["/"][name](sid, *given)

    async def _connect(self, sid: str, environ: dict[str, Any]) -> None:
        self.heard.append(environ["QUERY_STRING"])

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
    page_messages.guard(channel, clock, {"page_1": PEOPLE["sid_1"]}.get)
    return channel


async def test_what_a_page_says_of_itself_is_heard(channel: Channel) -> None:
    await channel.say("connect", environ_of(PEOPLE["sid_1"], "client_id=page_1&tab_id=t"))
    assert await channel.say("handshake", MINE) is True
    await channel.say("event", MINE)

    assert channel.heard == ["client_id=page_1&tab_id=t", 3]


STRANGERS = [PEOPLE["sid_2"], None]


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_nobody_opens_the_socket_of_anothers_page_by_its_address(
    channel: Channel, stranger: Person | None
) -> None:
    for query in ("client_id=page_1", "client_id=page_2&client_id=page_1"):
        with pytest.raises(Refused, match="Implicit handshake failed"):
            await channel.say("connect", environ_of(stranger, query))

    assert channel.heard == []


@pytest.mark.parametrize("sid", ["sid_2", "of nobody"])
async def test_nobody_shakes_hands_for_the_page_of_another(
    channel: Channel, sid: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(100):
        assert await channel.say("handshake", MINE, sid=sid) is False

    assert len(caplog.records) == MOST_LINES


async def test_a_page_that_there_is_not_is_for_nicegui_to_refuse(channel: Channel) -> None:
    await channel.say("connect", environ_of(PEOPLE["sid_2"], "client_id=page_9"))

    assert channel.heard == ["client_id=page_9"]


async def test_who_was_a_guest_and_is_the_owner_now_keeps_the_page(channel: Channel) -> None:
    promoted = Person("one", "guest", "another link")
    await channel.say("connect", environ_of(promoted, "client_id=page_1"))

    assert channel.heard == ["client_id=page_1"]


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
    before = dict(channel.handlers["/"]), dict(channel.eio.handlers)

    page_messages.guard(channel)

    assert (channel.handlers["/"], channel.eio.handlers) == before


@pytest.mark.parametrize("error", [OSError, RuntimeError("already closed")])
async def test_a_socket_that_has_gone_meanwhile_is_closed_all_the_same(
    channel: Channel, error: Exception
) -> None:
    async def gone(_: dict[str, Any]) -> None:
        raise error

    channel.environ["wire_1"] = {"asgi.send": gone}

    await channel.eio.send(b"x")

    assert channel.eio.closed == ["wire_1"]


async def test_frames_of_pages_are_heard(channel: Channel) -> None:
    frames = ["0", '2["event",{}]', '20["handshake",{}]', '2["ack",{}]', '2["log",{}]', "1", ""]
    frames.append('2["javascript_response",{}]')
    for each in frames:
        await channel.eio.send(each)

    assert channel.eio.heard == frames
    assert channel.eio.closed == []


EVENTS_OF_NO_PAGE = [
    '2["connect",{"QUERY_STRING":"implicit_handshake=true&client_id=page_9"}]',
    '2["disconnect",1,2]',
    '2["disconnect"]',
    '2["\\u0064isconnect",1]',
    '2["nothing of ours",{}]',
    '2/elsewhere,["event",{}]',
    '2["event"]',
    "2[[1],{}]",
    "2[{}]",
    "2[]",
    '2{"a":1}',
    "2",
    "29999999999[",
]


@pytest.mark.parametrize(
    "frame",
    [b"x", '51-["event",{"_placeholder":true,"num":0}]', "61-[]", "9", *EVENTS_OF_NO_PAGE],
)
async def test_a_socket_that_sends_what_no_page_sends_is_closed_with_some_lines_a_minute(
    channel: Channel, caplog: pytest.LogCaptureFixture, frame: str | bytes
) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(100):
        await channel.eio.send(frame)

    assert channel.eio.heard == []
    assert channel.eio.closed == ["wire_1"] * 100
    assert channel.eio.sent == [{"type": "websocket.close", "code": 1008}]
    assert len(caplog.records) == MOST_LINES
    assert all(each.exc_info is None for each in caplog.records)
