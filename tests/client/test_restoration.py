"""The way back of a session whose line was lost: whether it is worth it, how often, how soon."""

import random

import pytest

from console.client.happenings import ConnectionChanged
from console.client.reconnection import ReconnectPolicy
from console.client.restoration import Restoration
from console.errors import ConnectError, NotConnectedError
from console.transport import Closed
from tests.client.conftest import QUOTA, HangsUp, refused, restore, told
from tests.fakes import ManualClock


@pytest.mark.parametrize("code", [1001, 1002, 1006, 1011, 1012, 1013])
async def test_a_close_that_speaks_of_the_servers_own_state_is_worth_another_attempt(
    lasting, lines, clock, code
):
    lines.last.hang_up(code)

    await restore(lines, clock)

    assert lasting.is_connected


@pytest.mark.parametrize(
    ("code", "reason", "cause", "sentence"),
    [
        (1000, "", "ended", "Session ended by the server."),
        (1008, "Not nice.", "policy", "server.test:443 ended the connection by its policy"),
        (3000, "", "key", "server.test:443 did not accept the API key ending in wxyz."),
        (4000, "invalid_request_error.invalid_model", "model", "does not offer the model"),
        (4000, "invalid_request_error.beta_api_shape_disabled", "beta", "switched the beta form"),
        (4000, "x.insufficient_quota", "quota", "is out of credit"),
    ],
)
async def test_a_close_that_would_come_again_ends_it_for_good(
    lasting, lines, clock, code, reason, cause, sentence
):
    changes, closes = told(lasting, "connection.changed"), told(lasting, "close")

    lines.last.hang_up(code, reason)
    await clock.advance(60)

    assert lines.n_calls == 1
    assert closes == [Closed(code, reason)]
    assert [(each.phase, each.cause) for each in changes] == [("closed", cause)]
    assert sentence in changes[0].sentence
    with pytest.raises(NotConnectedError, match="Connect first"):
        await lasting.create_response()


async def test_an_error_just_before_the_close_says_why(lasting, lines, clock):
    changes = told(lasting, "connection.changed")

    lines.last.deliver("error", error={"code": "insufficient_quota", "message": "Pay."})
    lines.last.hang_up(4000)
    await clock.advance(60)

    assert lines.n_calls == 1
    assert changes[-1].sentence == "The account at server.test:443 is out of credit (Pay)."


async def test_an_error_of_long_ago_is_not_why_a_line_ends(lasting, lines, clock):
    lines.last.deliver("error", error={"code": "invalid_model", "message": "No."})
    await clock.advance(20)

    lines.last.hang_up(1011)

    await restore(lines, clock)


async def test_after_five_attempts_in_vain_it_is_over_and_the_close_is_told_once(
    lasting, lines, clock
):
    changes, closes = told(lasting, "connection.changed"), told(lasting, "close")
    lines.refusals.extend(ConnectionRefusedError(111, "refused") for _ in range(9))

    lines.last.hang_up(1012, "restart")
    await clock.advance(0.5 + 1 + 2 + 4 + 8)

    assert lines.n_calls == 6
    assert closes == [Closed(1012, "restart")]
    tries = [each for each in changes if each.phase == "reconnecting"]
    assert [each.attempt for each in tries] == [1, 2, 3, 4, 5]
    for each, longest in zip(tries, [0.5, 1, 2, 4, 8], strict=True):
        assert longest / 2 <= each.delay_s <= longest
    assert changes[-1].phase == "closed"
    assert "Nothing answers at server.test:443" in changes[-1].sentence


async def test_a_refusal_that_would_come_again_ends_the_attempts(lasting, lines, clock):
    closes = told(lasting, "close")
    lines.refusals.append(refused(401))

    lines.last.hang_up(1006)
    await clock.advance(60)

    assert lines.n_calls == 2
    assert closes == [Closed(1006, "")]


async def test_sessions_that_break_again_and_again_are_not_restored_for_ever(lasting, lines, clock):
    closes = told(lasting, "close")

    for _ in range(5):
        lines.last.hang_up(1006)
        await clock.advance(9)
        await lines.last.expect("session.update")
    lines.last.hang_up(1006)
    await clock.advance(60)

    assert lines.n_calls == 6
    assert closes == [Closed(1006, "")]


async def test_a_session_that_has_lasted_gets_all_attempts_again(lasting, lines, clock):
    changes = told(lasting, "connection.changed")

    for _ in range(7):
        lines.last.hang_up(1006)
        await restore(lines, clock)
        await clock.advance(10)

    assert lasting.is_connected
    assert {each.attempt for each in changes if each.phase == "reconnecting"} == {1}


async def test_a_message_that_is_too_large_is_risked_once_more(lasting, lines, clock):
    closes = told(lasting, "close")

    lines.last.hang_up(1009)
    await restore(lines, clock)
    await clock.advance(60)
    lines.last.hang_up(1009)
    await clock.advance(60)

    assert lines.n_calls == 2
    assert closes == [Closed(1009, "")]


async def test_a_server_that_asks_to_wait_is_heeded_up_to_a_minute_and_three_times(
    lasting, lines, clock
):
    changes = told(lasting, "connection.changed")
    lines.refusals.extend([refused(429, Retry_After="7"), refused(429, Retry_After="900")])

    lines.last.hang_up(1006)
    await clock.advance(0.5)
    await clock.advance(6.9)
    assert lines.n_calls == 2
    await clock.advance(0.2)
    assert lines.n_calls == 3
    await clock.advance(59.8)
    assert lines.n_calls == 3
    await clock.advance(0.5)

    await lines.last.expect("session.update")
    waits = [each for each in changes if each.phase == "reconnecting"]
    assert [(each.attempt, each.max_attempts, each.cause) for each in waits] == [
        (1, 5, "lost"),
        (2, 3, "rate_limit"),
        (3, 3, "rate_limit"),
    ]
    assert [each.delay_s for each in waits[1:]] == [7, 60]
    assert waits[1].sentence == (
        "server.test:443 asks to slow down: too many requests (HTTP 429) - reconnecting (2/3)..."
    )


async def test_an_account_without_credit_is_not_asked_again(lasting, lines, clock):
    closes = told(lasting, "close")
    lines.refusals.append(refused(429, {"error": {"code": "insufficient_quota"}}))

    lines.last.hang_up(1006)
    await clock.advance(120)

    assert (lines.n_calls, len(closes)) == (2, 1)


async def test_a_session_that_is_refused_while_it_is_restored_says_why_and_is_not_tried_again(
    lasting, lines, clock
):
    changes = told(lasting, "connection.changed")
    lines.broken = [HangsUp(QUOTA, 1011, "", refuses=True)]

    lines.last.hang_up(1006)
    await clock.advance(60)

    assert lines.n_calls == 2
    assert changes[-1].sentence == "The account at server.test:443 is out of credit (Pay)."


# The row by itself


class Opening:
    """Opens lines, or does not; the session on each may break at once."""

    def __init__(self) -> None:
        self.errors: list[ConnectError] = []
        """What the next openings end with."""
        self.breaks: list[Closed] = []
        """How the next lines end before they are taken over."""
        self.n_opened = 0
        self.taken_over: list[str] = []

    async def open_held(self, timeout_s: float) -> "Opening":
        if self.errors:
            raise self.errors.pop(0)
        self.n_opened += 1
        return self

    async def take_over(self, line: "Opening", reason: str) -> None:
        if self.breaks:
            raise NotConnectedError("go on")
        self.taken_over.append(reason)

    async def wait_until_ended(self) -> Closed:
        return self.breaks.pop(0)

    def why(self, closed: Closed) -> ConnectError:
        return ConnectError(f"closed {closed.code}", cause="lost", retryable=closed.code == 1006)


class Row:
    """A restoration, and what it tells."""

    def __init__(self, clock: ManualClock) -> None:
        self.opening = Opening()
        self.changes: list[ConnectionChanged] = []
        self.restoration = Restoration(
            self.opening,  # type: ignore[arg-type]  # all that is asked of it
            ReconnectPolicy(max_attempts=3, first_delay_s=0, max_delay_s=0),
            clock=clock,
            random_source=random.Random(1),
            tell=self.changes.append,
            take_over=self.opening.take_over,  # type: ignore[arg-type]  # likewise
        )


LOST = ConnectError("It was lost.", cause="lost", retryable=True)
EXPIRED = ConnectError("It was too old.", cause="expired", retryable=True)
REFUSED = ConnectError("No such model.", cause="model")


@pytest.fixture
def row(clock: ManualClock) -> Row:
    return Row(clock)


@pytest.mark.parametrize(("error", "reason"), [(LOST, "lost"), (EXPIRED, "expired")])
async def test_a_line_that_opens_is_taken_over_for_the_reason_of_the_loss(row, error, reason):
    row.opening.errors = [LOST]

    assert await row.restoration.run(error) is None

    assert row.opening.taken_over == [reason]
    assert [(each.attempt, each.max_attempts) for each in row.changes] == [(1, 3), (2, 3)]


async def test_the_last_failure_is_why_it_is_given_up(row):
    row.opening.errors = [LOST, REFUSED]

    assert await row.restoration.run(LOST) is REFUSED

    assert row.opening.taken_over == []


async def test_a_line_that_ends_while_it_is_taken_over_is_one_attempt_of_the_row(row):
    row.opening.breaks = [Closed(1006, ""), Closed(1008, "")]

    failure = await row.restoration.run(LOST)

    assert str(failure) == "closed 1008"
    assert row.opening.n_opened == 2


async def test_a_row_goes_on_unless_the_session_has_lasted(row, clock):
    row.restoration.session_opened()
    for _ in range(3):
        assert row.restoration.is_worth_it(LOST)
        await row.restoration.run(LOST)
        row.restoration.session_opened()
    assert not row.restoration.is_worth_it(LOST)

    await clock.advance(ReconnectPolicy().stable_after_s)

    assert row.restoration.is_worth_it(LOST)


async def test_a_new_beginning_is_a_new_row(row):
    row.restoration.session_opened()
    for _ in range(3):
        await row.restoration.run(LOST)
    assert not row.restoration.is_worth_it(LOST)

    row.restoration.begin()

    assert row.restoration.is_worth_it(LOST)
    assert not row.restoration.is_worth_it(REFUSED)
