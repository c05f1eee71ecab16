"""The lines to one server."""

import asyncio
from typing import Any

import pytest

from console.client.attempt import Attempt
from console.client.server import Server
from console.client.session_line import SessionLine
from console.client.session_lines import SessionLines
from console.client.targets import Target
from console.errors import ConnectError
from console.realtime.events import Event
from console.transport import Closed
from tests.client.conftest import FakeInbox, Lines
from tests.fakes import settle


class Stage:
    """Lines that lead to the test."""

    def __init__(self, lines: Lines, **target: Any) -> None:
        self.inbox = FakeInbox()
        self.ended: list[tuple[SessionLine, Closed]] = []
        self.server = Server(
            Target(url="wss://server.test/v1", **{"model": "m", **target}), lines.open
        )
        self.lines = SessionLines(
            self.server,
            inbox=self.inbox,  # type: ignore[arg-type]  # all that is asked of it
            on_ended=lambda line, closed: self.ended.append((line, closed)),
        )

    async def open(self, timeout_s: float = 5) -> SessionLine:
        attempt = Attempt(self.server.refusals())
        return await self.lines.open(attempt, timeout_s, self.begin)

    def begin(self, line: SessionLine) -> None:
        line.open()
        line.attempt.began(line.session)


@pytest.fixture
def stage(lines: Lines) -> Stage:
    return Stage(lines)


async def test_a_line_is_there_when_its_session_has_begun(stage, lines):
    line = await stage.open()

    assert stage.inbox.acted == ["session.created"]
    await line.send('{"type":"x"}', "x")
    await lines.last.expect("x")


async def test_a_session_that_is_held_is_known_and_acted_on_later(stage):
    line = await stage.lines.open_held(5)

    assert line.session["id"] == "sess_1"
    assert stage.inbox.acted == []
    line.open()
    assert stage.inbox.acted == ["session.created"]


async def test_a_line_without_a_session_is_closed_and_not_heard_any_more(stage, lines):
    lines.is_greeting = False

    with pytest.raises(ConnectError, match="in time"):
        await stage.open(timeout_s=0.01)

    assert lines.last.closed == Closed(1000, "")
    lines.last.deliver("session.created", session={})
    await settle()
    assert stage.inbox.acted == []


async def test_who_gives_up_the_opening_leaves_no_line(stage, lines):
    lines.is_greeting = False
    opening = asyncio.create_task(stage.open())
    await settle()

    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening

    assert lines.last.closed == Closed(1000, "")


async def test_each_end_is_told_with_its_line(stage, lines):
    first, second = await stage.open(), await stage.open()

    lines.opened[0].hang_up(1001, "bye")
    await settle()
    await second.close()

    assert stage.ended == [(first, Closed(1001, "bye")), (second, Closed(1000, ""))]


async def test_closing_ends_all_and_only_the_adopted_one_is_heard_to_its_end(stage, lines):
    def say_goodbye_late(transport: Any) -> None:
        closing = transport.close

        async def close(code: int = 1000, reason: str = "") -> None:
            transport.deliver(f"goodbye.{lines.opened.index(transport)}")
            await settle()
            await closing(code, reason)

        transport.close = close

    lines.prepare = say_goodbye_late
    adopted, _ = await stage.open(), await stage.open()
    stage.inbox.acted.clear()

    await stage.lines.close(adopted)
    await stage.lines.close(None)

    assert stage.inbox.acted == ["goodbye.0"]
    assert [each.closed for each in lines.opened] == [Closed(1000, "")] * 2
    assert len(stage.ended) == 2


async def test_a_server_that_wants_beta_is_spoken_to_in_beta_until_that_is_forgotten(stage, lines):
    stage.lines.turn_to_beta()
    await stage.open()
    assert lines.last.headers["OpenAI-Beta"] == "realtime=v1"
    assert stage.lines.server.target.dialect == "beta"

    stage.lines.forget_dialect()
    await stage.open()

    assert "OpenAI-Beta" not in lines.last.headers
    assert stage.lines.server is stage.server


async def test_an_error_right_before_the_end_says_why_a_line_has_ended(stage):
    assert stage.lines.why(Closed(1006, "")).cause == "lost"

    stage.inbox.error = Event("error", None, {"error": {"code": "insufficient_quota"}})

    assert stage.lines.why(Closed(1011, "")).cause == "quota"


async def test_a_call_that_says_nothing_lets_us_in(lines, monkeypatch):
    monkeypatch.setattr("console.client.session_lines.QUIET_CALL_S", 0.01)
    lines.is_greeting = False
    stage = Stage(lines, model=None, call_id="rtc_1")

    line = await stage.open()

    assert (line.session, stage.inbox.acted) == ({}, [])
    await stage.lines.close(line)
