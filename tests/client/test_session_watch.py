"""What looks after an open session."""

import pytest

from console.client.happenings import RealtimeEvent, SessionExpiring
from console.client.session_watch import CHECK_SLEEP_S, LOOK_AGAIN_S, MOVE_AGAIN_S, SessionWatch
from console.realtime.events import Event
from console.signals import Signal
from tests.fakes import ManualClock, settle

HOUR_S = 3600.0


class Session:
    """A session that the test moves, or not."""

    def __init__(self, clock: ManualClock, *, is_movable: bool = True) -> None:
        self.clock = clock
        self.events: Signal[RealtimeEvent] = Signal("events")
        self.warnings: list[SessionExpiring] = []
        self.is_quiet = True
        self.is_answering = True
        self.moves: list[bool] = []
        """What the next moves end with."""
        self.moved_at_s: list[float] = []
        self.pings: list[float] = []
        self.n_dead = 0
        self.began_s = clock.now_s()
        self.watch = SessionWatch(
            clock=clock,
            events=self.events,
            on_expiring=self.warnings.append,
            is_quiet=lambda: self.is_quiet,
            move=self.move if is_movable else None,
            ping=self.ping,
            on_dead=self.died,
        )
        self.n_warned_before: list[int] = []
        """How many warnings had come when it was moved."""

    async def move(self) -> bool:
        self.moved_at_s.append(self.clock.now_s() - self.began_s)
        self.n_warned_before.append(len(self.warnings))
        return self.moves.pop(0) if self.moves else True

    async def ping(self, timeout_s: float) -> bool:
        self.pings.append(timeout_s)
        return self.is_answering

    def died(self) -> None:
        self.n_dead += 1

    def start(self, lasts_s: float | None) -> None:
        self.watch.start(None if lasts_s is None else self.clock.wall_s() + lasts_s)


@pytest.fixture
def session(clock: ManualClock) -> Session:
    return Session(clock)


async def test_a_session_warns_and_moves_after_five_sixths_and_warns_again_later(session, clock):
    session.is_quiet = False
    session.start(HOUR_S)
    await clock.advance(55 * 60)
    session.is_quiet = True
    await clock.advance(1)

    session.watch.stop()
    assert [each.in_s for each in session.warnings] == [600, 300]
    assert session.moved_at_s == [55 * 60 + 1]


@pytest.mark.parametrize(
    ("lasts_s", "moves_at_s", "first", "last"),
    [
        (HOUR_S, 3000, "10 minutes", "5 minutes"),
        (900, 750, "2 minutes", "a minute"),
        (60, 50, "10 seconds", "5 seconds"),
        (12, 10, "2 seconds", "a second"),
    ],
)
async def test_shorter_sessions_move_earlier_in_proportion(
    session, clock, lasts_s, moves_at_s, first, last
):
    session.start(lasts_s)
    await clock.advance(lasts_s - 1)

    session.watch.stop()
    assert session.moved_at_s == [moves_at_s]
    assert [each.sentence for each in session.warnings] == [
        f"The session ends in {first}; at the next pause it goes on in a new one.",
        f"The session ends in {last}.",
    ]


async def test_a_quiet_session_is_warned_before_it_moves(session, clock):
    session.start(HOUR_S)
    await clock.advance(51 * 60)

    session.watch.stop()
    assert session.n_warned_before == [1]
    assert session.moved_at_s == [3000]


async def test_quiet_is_looked_for_after_each_event(session, clock):
    session.is_quiet = False
    session.start(HOUR_S)
    await clock.advance(51 * 60)
    session.is_quiet = True

    session.events.emit(RealtimeEvent(0, "server", Event("response.done"), 1))
    await settle()

    session.watch.stop()
    assert session.moved_at_s == [51 * 60]


async def test_a_move_that_failed_is_tried_again_later(session, clock):
    session.moves = [False, True]
    session.start(HOUR_S)
    await clock.advance(51 * 60)

    session.watch.stop()
    assert session.moved_at_s == [3000, 3000 + MOVE_AGAIN_S]


async def test_a_session_that_is_not_to_be_moved_is_announced_all_the_same(clock):
    session = Session(clock, is_movable=False)
    session.start(HOUR_S)
    await clock.advance(HOUR_S)

    session.watch.stop()
    assert (session.moved_at_s, len(session.warnings)) == ([], 1)


@pytest.mark.parametrize("lasts_s", [None, 0, -60])
async def test_without_a_time_limit_that_makes_sense_nothing_is_done(session, clock, lasts_s):
    session.start(lasts_s)
    await clock.advance(2 * HOUR_S)

    session.watch.stop()
    assert (session.moved_at_s, session.warnings) == ([], [])


async def test_a_stopped_watch_does_nothing_any_more(session, clock):
    session.start(HOUR_S)
    await settle()

    session.watch.stop()
    clock.sleep_machine(60)
    await clock.advance(2 * HOUR_S)

    assert (session.moved_at_s, session.warnings, session.pings) == ([], [], [])


async def test_after_the_machine_slept_the_line_is_tried_with_little_patience(session, clock):
    session.start(None)
    await clock.advance(CHECK_SLEEP_S)
    assert session.pings == []

    clock.sleep_machine(11)
    await clock.advance(CHECK_SLEEP_S)

    session.watch.stop()
    assert (session.pings, session.n_dead) == ([3.0], 0)


async def test_a_line_that_is_dead_after_the_machine_slept_is_told_once(session, clock):
    session.is_answering = False
    session.start(None)
    await settle()

    clock.sleep_machine(HOUR_S)
    await clock.advance(60)

    assert session.n_dead == 1


async def test_a_wall_clock_that_was_set_a_little_is_no_sleep(session, clock):
    session.start(None)
    await settle()

    clock.sleep_machine(9)
    await clock.advance(CHECK_SLEEP_S)

    session.watch.stop()
    assert session.pings == []


@pytest.mark.parametrize("jump_s", [24 * HOUR_S, -24 * HOUR_S])
async def test_a_wall_clock_that_jumps_by_a_day_moves_no_session_and_warns_of_no_end(
    session, clock, jump_s
):
    session.start(HOUR_S)
    await settle()

    clock.sleep_machine(jump_s)
    await clock.advance(49 * 60)
    assert (session.moved_at_s, session.warnings, session.n_dead) == ([], [], 0)

    await clock.advance(6 * 60)
    session.watch.stop()
    assert session.moved_at_s == [3000]
    assert [each.in_s for each in session.warnings] == [600, 300]


async def test_what_the_machine_slept_through_counts_for_a_session_that_outlived_it(session, clock):
    session.start(HOUR_S)
    await settle()

    clock.sleep_machine(40 * 60)
    await clock.advance(10 * 60 + LOOK_AGAIN_S)

    session.watch.stop()
    assert session.moved_at_s == [10 * 60]
