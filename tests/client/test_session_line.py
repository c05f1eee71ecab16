"""One line to the server and the session on it."""

from typing import Any

import pytest

from console.client.connection import Connection
from console.client.session_line import MAX_BAD_IN_A_ROW, SessionLine
from console.client.wire import Wire
from console.errors import NotConnectedError
from console.realtime.events import Event
from console.transport import Closed
from tests.client.conftest import FakeInbox
from tests.fakes import FakeTransport, settle

SESSION = {"type": "realtime", "id": "sess_1"}


class Attempt:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def error_came(self, event: Event) -> None:
        self.told.append(event.type)

    def line_ended(self, closed: Closed) -> None:
        self.told.append(closed)


class Stage:
    def __init__(self, *, is_call: bool = False, dialect: Any = "ga") -> None:
        self.inbox, self.attempt, self.transport = FakeInbox(), Attempt(), FakeTransport()
        self.began: list[SessionLine] = []
        self.ended: list[Closed] = []
        self.line = SessionLine(
            wire=Wire(dialect, "wss://server.test"),
            attempt=self.attempt,  # type: ignore[arg-type]  # all that is asked of it
            inbox=self.inbox,  # type: ignore[arg-type]  # likewise
            is_call=is_call,
            on_began=self.began.append,
            on_ended=lambda line, closed: self.ended.append(closed),
        )

    def attach(self) -> None:
        self.line.attach(Connection(self.transport, self.line))

    def hear(self, event_type: str, **fields: Any) -> None:
        self.transport.deliver(event_type, **fields)


@pytest.fixture
async def stage() -> Stage:
    stage = Stage()
    stage.attach()
    return stage


async def test_what_comes_before_the_session_is_for_the_attempt_alone(stage):
    stage.hear("error")
    stage.hear("conversation.item.added")
    await settle()

    stage.line.open()

    assert stage.attempt.told == ["error"]
    assert (stage.inbox.acted, stage.began) == ([], [])


async def test_a_session_that_has_begun_is_held_until_somebody_adopts_it(stage):
    stage.hear("session.created", session=SESSION)
    stage.hear("rate_limits.updated")
    stage.hear("error")
    await settle()
    assert stage.began == [stage.line]
    assert stage.line.session == SESSION
    assert stage.inbox.acted == []

    stage.line.open()
    stage.hear("response.created")
    await settle()

    assert stage.inbox.acted == ["session.created", "rate_limits.updated", "error",
                                 "response.created"]  # fmt: skip
    assert stage.attempt.told == []


async def test_a_call_begins_with_whatever_comes(stage):
    stage = Stage(is_call=True)
    stage.attach()
    stage.hear("session.updated", session=SESSION)
    await settle()

    assert stage.began == [stage.line]
    assert stage.line.session == {}


async def test_a_session_begins_once(stage):
    stage.line.begin()
    stage.hear("session.created", session=SESSION)
    await settle()

    assert stage.began == [stage.line]


async def test_events_of_a_beta_server_are_translated():
    stage = Stage(dialect="beta")
    stage.attach()
    stage.line.open()

    stage.hear("response.audio.done", item_id="a")
    await settle()

    assert stage.inbox.acted == ["response.output_audio.done"]


async def test_a_line_that_was_left_is_not_heard_any_more(stage):
    stage.line.open()
    stage.line.leave()

    stage.hear("response.created")
    await settle()

    assert stage.inbox.acted == []


async def test_only_messages_in_a_row_that_are_no_events_end_the_line(stage):
    stage.line.open()
    for _ in range(MAX_BAD_IN_A_ROW - 1):
        stage.transport.deliver_raw("{")
    stage.hear("x")
    for _ in range(MAX_BAD_IN_A_ROW - 1):
        stage.transport.deliver_raw("{")
    await settle(40)
    assert stage.ended == []

    stage.transport.deliver_raw("{")
    stage.hear("late")
    await settle()

    assert [each.code for each in stage.ended] == [1002]
    assert stage.transport.closed == Closed(1002, "")
    assert stage.inbox.acted == ["x"]


async def test_the_end_is_told_once_and_nothing_can_be_sent_after_it(stage):
    stage.transport.hang_up(1001)
    await settle()
    await stage.line.close()

    assert stage.line.has_ended
    assert (stage.ended, stage.attempt.told) == ([Closed(1001, "")], [Closed(1001, "")])
    with pytest.raises(NotConnectedError, match=r"send response\.create"):
        await stage.line.send("{}", "response.create")


async def test_a_line_without_a_connection_can_do_nothing_and_be_closed():
    stage = Stage()

    with pytest.raises(NotConnectedError):
        await stage.line.send("{}", "x")
    assert not stage.line.is_backed_up
    assert not await stage.line.ping(1)
    stage.line.drop(Closed(1006, ""))
    await stage.line.close()


async def test_it_asks_the_connection_whether_anybody_answers(stage):
    assert await stage.line.ping(1)
    stage.transport.is_backed_up = True

    assert stage.line.is_backed_up


async def test_a_line_that_is_abandoned_is_closed_and_what_comes_meanwhile_is_not_heard(stage):
    stage.line.open()
    closing = stage.transport.close

    async def close_late(code: int = 1000, reason: str = "") -> None:
        stage.hear("response.created")
        await settle()
        await closing(code, reason)

    stage.transport.close = close_late

    await stage.line.abandon()

    assert stage.transport.closed == Closed(1000, "")
    assert (stage.inbox.acted, stage.ended) == ([], [Closed(1000, "")])
