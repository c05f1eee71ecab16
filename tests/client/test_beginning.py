"""The beginning of a first session: attempts, their number, and the dialect that is found."""

import asyncio
import random
from typing import Any

import pytest
import websockets

from console.client.beginning import Beginning, Configure
from console.client.client import RealtimeClient
from console.client.happenings import ConnectionChanged
from console.client.reconnection import ReconnectPolicy
from console.client.server import Server
from console.client.session_line import SessionLine
from console.client.session_lines import SessionLines
from console.client.targets import Target
from console.errors import ConnectError
from console.transport import Closed
from tests.client.conftest import (
    QUOTA,
    FakeInbox,
    HangsUp,
    Lines,
    client_on,
    refused,
    restore,
    told,
)
from tests.fakes import ManualClock, settle


async def test_trouble_of_the_server_at_the_start_is_tried_again(lines, clock):
    client = client_on(lines, clock)
    changes = told(client, "connection.changed")
    lines.refusals.extend([refused(503), refused(503)])

    connecting = asyncio.create_task(client.connect())
    await clock.advance(1.5)

    await connecting
    await lines.last.expect("session.update")
    assert [each.sentence for each in changes] == [
        "Connecting to server.test:443...",
        "server.test:443 is having trouble (503). Trying again (2/5)...",
        "server.test:443 is having trouble (503). Trying again (3/5)...",
        "Connected to server.test:443.",
    ]
    await client.disconnect()


@pytest.mark.parametrize(
    ("refusal", "n_calls"),
    [
        (OSError(101, "Network is unreachable"), 3),
        (refused(429), 3),
        (refused(500), 5),
        (ConnectionRefusedError(111, "refused"), 1),
        (TimeoutError(), 1),
        (refused(401), 1),
        (refused(403), 1),
        (websockets.InvalidMessage("no"), 1),
    ],
)
async def test_how_often_the_start_is_tried_depends_on_the_cause(lines, clock, refusal, n_calls):
    client = client_on(lines, clock)
    lines.refusals.extend([refusal] * 9)

    connecting = asyncio.create_task(client.connect())
    await clock.advance(60)

    with pytest.raises(ConnectError):
        await connecting
    assert lines.n_calls == n_calls


async def test_without_a_policy_nothing_is_tried_twice(lines, clock):
    client = client_on(lines, clock, reconnect=None)
    lines.refusals.append(refused(503))

    with pytest.raises(ConnectError, match="having trouble"):
        await client.connect()

    assert lines.n_calls == 1


async def test_who_waits_for_the_session_gets_that_of_the_attempt_that_succeeds(lines, clock):
    client = client_on(lines, clock)
    lines.refusals.append(refused(503))
    connecting = asyncio.create_task(client.connect())
    await settle()
    waiting = asyncio.create_task(client.wait_for_session_created())

    await clock.advance(0.5)

    assert (await waiting)["id"] == "sess_1"
    await connecting
    await lines.last.expect("session.update")
    await client.disconnect()


async def test_disconnecting_gives_up_the_attempts_to_begin(lines, clock):
    client = client_on(lines, clock)
    closes, changes = told(client, "close"), told(client, "connection.changed")
    lines.refusals.extend([refused(503)] * 9)
    connecting = asyncio.create_task(client.connect())
    await settle()

    await client.disconnect()

    with pytest.raises(ConnectError, match="given up"):
        await connecting
    assert lines.n_calls == 1
    assert closes == []
    assert changes[-1].phase == "closed"


async def test_disconnecting_while_the_server_says_nothing_yet_gives_up_too(lines, clock):
    client = client_on(lines, clock)
    changes = told(client, "connection.changed")
    lines.is_greeting = False
    connecting = asyncio.create_task(client.connect())
    await settle()

    await client.disconnect()

    # It was this side that left: the server is not to blame.
    with pytest.raises(ConnectError, match="given up") as raised:
        await connecting
    assert raised.value.cause == changes[-1].cause == "ended"
    assert changes[-1].sentence == str(raised.value)
    assert lines.n_calls == 1
    assert lines.last.closed == Closed(1000, "")


async def test_disconnecting_while_the_line_is_being_opened_ends_that_at_once(clock):
    has_ended = asyncio.Event()

    async def open_for_ever(url: str, headers: Any, timeout_s: float) -> Any:
        try:
            await asyncio.Event().wait()
        finally:
            has_ended.set()

    client = RealtimeClient(
        url="wss://server.test/v1", model="m", open_transport=open_for_ever, clock=clock
    )
    connecting = asyncio.create_task(client.connect())
    await settle()

    await client.disconnect()
    await client.disconnect()
    await settle()

    assert connecting.done()
    with pytest.raises(ConnectError, match="given up"):
        await connecting
    assert has_ended.is_set()
    assert not client.is_connected


@pytest.mark.parametrize("refuses", [True, False])
@pytest.mark.parametrize(
    ("error", "code", "reason", "n_calls", "cause", "words"),
    [
        (QUOTA, 1011, "", 1, "quota", "out of credit (Pay)"),
        ({}, 1008, "Too rude.", 1, "policy", "by its policy (Too rude)"),
        ({}, 4001, "Not you.", 1, "server", "closed the connection (4001: Not you)"),
        ({}, 1011, "Oops.", 5, "server", "closed the connection (1011: Oops)"),
        ({}, 1006, "", 5, "lost", "The connection was lost."),
    ],
)
async def test_a_line_that_ends_before_its_session_is_configured_says_why_and_is_tried_as_later(
    clock, refuses, error, code, reason, n_calls, cause, words
):
    lines = Lines()
    opened: list[HangsUp] = []

    async def open_line(url: str, headers: Any, timeout_s: float) -> HangsUp:
        opened.append(HangsUp(error, code, reason, refuses=refuses))
        return opened[-1]

    client = client_on(lines, clock, open_transport=open_line)
    changes = told(client, "connection.changed")

    connecting = asyncio.create_task(client.connect())
    await clock.advance(60)

    with pytest.raises(ConnectError) as caught:
        await connecting
    assert (caught.value.cause, len(opened)) == (cause, n_calls)
    assert words in str(caught.value)
    assert changes[-1].sentence == str(caught.value)
    assert not client.is_connected


async def test_a_session_that_breaks_at_once_is_followed_by_one_that_lasts(lines, clock):
    lines.broken = [HangsUp({}, 1011, "", refuses=False)]
    client = client_on(lines, clock)

    connecting = asyncio.create_task(client.connect())
    await clock.advance(1)

    assert (await connecting)["id"] == "sess_1"
    assert (await client.wait_for_session_created())["id"] == "sess_1"
    await lines.last.expect("session.update")
    await client.disconnect()


WANTS_BETA = {"error": {"code": "missing_beta_header", "message": "Send OpenAI-Beta."}}


@pytest.mark.parametrize("reconnect", [None, ReconnectPolicy()])
async def test_a_server_that_wants_beta_gets_it_at_once_and_when_it_is_called_again(
    lines, clock, reconnect
):
    seen: list[str | None] = []

    async def open_line(url: str, headers: dict[str, str], timeout_s: float) -> Any:
        seen.append(headers.get("OpenAI-Beta"))
        if seen[-1] is None:
            raise refused(400, WANTS_BETA)
        return await lines.open(url, headers, timeout_s)

    client = client_on(lines, clock, reconnect=reconnect, open_transport=open_line)

    await client.connect()

    update = await lines.last.expect("session.update")
    assert "modalities" in update["session"]
    assert seen == [None, "realtime=v1"]
    if reconnect is not None:
        lines.last.hang_up(1006)
        await restore(lines, clock)
        assert seen[2:] == ["realtime=v1"]
    await client.disconnect()


@pytest.mark.parametrize(("dialect", "n_calls"), [("auto", 2), ("ga", 1), ("beta", 1)])
async def test_beta_is_tried_once_and_only_where_nobody_has_chosen(lines, clock, dialect, n_calls):
    client = client_on(lines, clock, dialect=dialect)
    lines.refusals.extend([refused(400, WANTS_BETA)] * 9)

    with pytest.raises(ConnectError, match="asks for another version"):
        await client.connect()

    assert lines.n_calls == n_calls


class Stage:
    """A beginning whose configuration is the test's."""

    def __init__(self, lines: Lines, clock: ManualClock, configure: Configure) -> None:
        self.told: list[ConnectionChanged] = []
        self.beginning = Beginning(
            SessionLines(
                Server(Target(url="wss://server.test/v1", model="m"), lines.open),
                inbox=FakeInbox(),  # type: ignore[arg-type]  # all that is asked of it
                on_ended=lambda line, closed: None,
            ),
            policy=None,
            clock=clock,
            random_source=random.Random(1),
            tell=self.told.append,
            adopt=lambda line: {"id": line.session["id"]},
            configure=configure,
        )


async def test_who_asks_after_the_beginning_still_gets_the_session_it_led_to(lines, clock):
    configured: list[SessionLine] = []

    async def configure(line: SessionLine) -> None:
        configured.append(line)

    stage = Stage(lines, clock, configure)

    line = await stage.beginning.line(5)

    assert configured == [line]
    assert await stage.beginning.session() == {"id": "sess_1"}
    assert stage.told == [ConnectionChanged("connecting", "Connecting to server.test:443...", 1, 1)]
    await line.close()


async def test_a_beginning_that_is_given_up_while_the_session_is_configured_says_so(lines, clock):
    async def configure(line: SessionLine) -> None:
        stage.beginning.give_up()
        await line.close()

    stage = Stage(lines, clock, configure)

    with pytest.raises(ConnectError, match="given up"):
        await stage.beginning.line(5)


async def test_a_beginning_that_was_given_up_opens_nothing(lines, clock):
    async def configure(line: SessionLine) -> None:
        raise AssertionError("there is no session")

    stage = Stage(lines, clock, configure)
    stage.beginning.give_up()

    with pytest.raises(ConnectError, match="given up"):
        await stage.beginning.line(5)

    with pytest.raises(ConnectError, match="given up"):
        await stage.beginning.session()
    assert lines.n_calls == 0
