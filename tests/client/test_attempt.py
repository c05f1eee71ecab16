"""An attempt to begin a session: what it waits for, and how it says why there is none."""

import asyncio
from typing import Any

import pytest
import websockets

from console.client.attempt import Attempt
from console.client.credentials import Credentials
from console.client.refusals import Refusals
from console.errors import ConnectError, NotConnectedError
from console.realtime.events import Event
from console.transport import Closed
from tests.fakes import settle

SESSION = {"type": "realtime", "id": "sess_1"}
NO_MONEY = Event("error", None, {"error": {"code": "insufficient_quota", "message": "Pay first."}})


async def attempt() -> Attempt:
    return Attempt(Refusals("wss://server.test/v1", "m", Credentials()))


async def opened(timeout_s: float) -> None:
    """Open a line on which nothing comes."""


def failing(error: Exception) -> Any:
    async def fail(timeout_s: float) -> None:
        raise error

    return fail


async def test_it_returns_the_session_that_began_on_the_line():
    trying = await attempt()
    opened_within: list[float] = []

    async def open_line(timeout_s: float) -> None:
        opened_within.append(timeout_s)
        trying.began(SESSION)

    assert await trying.run(open_line, 5) == SESSION
    assert await trying.session() == SESSION
    assert opened_within == [5]


async def test_a_session_that_has_begun_outlives_its_line_and_another_beginning():
    trying = await attempt()
    trying.began(SESSION)

    trying.began({"id": "another"})
    trying.line_ended(Closed(1006, ""))

    assert await trying.session() == SESSION


async def test_without_a_word_of_the_server_it_is_a_timeout():
    trying = await attempt()

    with pytest.raises(
        ConnectError, match=r"did not begin a session in time \(0\.01 s\)"
    ) as caught:
        await trying.run(opened, 0.01)

    assert caught.value.cause == "timeout"


async def test_an_error_without_a_close_names_its_cause_when_the_time_is_over():
    trying = await attempt()
    trying.error_came(NO_MONEY)

    with pytest.raises(ConnectError, match="out of credit") as caught:
        await trying.run(opened, 0.01)

    assert caught.value.cause == "quota"


async def test_a_line_that_ends_first_is_told_and_when_it_is_given_up_to_all_who_wait():
    trying = await attempt()
    running = asyncio.create_task(trying.run(opened, 5))
    waiting = asyncio.create_task(trying.session())
    await settle()
    trying.error_came(NO_MONEY)

    trying.line_ended(Closed(3000, ""))

    with pytest.raises(ConnectError, match="Pay first") as caught:
        await running
    assert not waiting.done()
    trying.gave_up(caught.value)
    with pytest.raises(ConnectError, match="Pay first"):
        await waiting


async def test_who_waits_gets_the_session_of_a_later_line_and_not_the_error_of_an_earlier():
    trying = await attempt()
    waiting = asyncio.create_task(trying.session())
    first = asyncio.create_task(trying.run(opened, 5))
    await settle()
    trying.error_came(NO_MONEY)
    trying.line_ended(Closed(1006, ""))
    with pytest.raises(ConnectError, match="Pay first"):
        await first

    second = asyncio.create_task(trying.run(opened, 5))
    await settle()
    trying.line_ended(Closed(1006, ""))
    with pytest.raises(ConnectError, match="close code 1006"):
        await second
    third = asyncio.create_task(trying.run(opened, 5))
    await settle()
    trying.began(SESSION)

    assert await third == SESSION
    assert await waiting == SESSION


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ConnectionRefusedError(111, "refused"), "unreachable"),
        (websockets.InvalidMessage("did not receive a valid HTTP response"), "protocol"),
        (TimeoutError(), "timeout"),
    ],
)
async def test_a_line_that_cannot_be_opened_is_told_by_its_cause(error, cause):
    trying = await attempt()

    with pytest.raises(ConnectError) as caught:
        await trying.run(failing(error), 5)

    assert caught.value.cause == cause


async def test_a_fault_of_ours_while_opening_is_no_connect_error():
    trying = await attempt()

    with pytest.raises(KeyError):
        await trying.run(failing(KeyError("bug")), 5)


async def test_it_knows_whether_it_has_told_of_a_session():
    trying = await attempt()
    assert not trying.has_begun

    trying.began(SESSION)

    assert trying.has_begun


async def test_who_waits_is_told_why_an_attempt_failed():
    trying = await attempt()
    waiting = asyncio.create_task(trying.session())
    await settle()
    error = ConnectError("No.", cause="server", retryable=True)

    trying.gave_up(error)

    with pytest.raises(ConnectError) as caught:
        await waiting
    assert caught.value is error


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyError("bug")])
async def test_who_waits_for_an_attempt_that_was_given_up_hears_that_there_is_no_session(error):
    trying = await attempt()

    trying.gave_up(error)

    with pytest.raises(NotConnectedError, match="wait for the session"):
        await trying.session()


async def test_giving_up_after_the_session_began_takes_it_from_nobody():
    trying = await attempt()
    trying.began(SESSION)

    trying.gave_up(ConnectError("No.", cause="server", retryable=True))

    assert await trying.session() == SESSION


async def test_who_gives_up_waiting_leaves_the_attempt_to_others():
    trying = await attempt()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await trying.session()

    trying.began(SESSION)

    assert await trying.session() == SESSION
